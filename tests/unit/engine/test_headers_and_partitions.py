from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.fold import Loaded, Origin
from streams.engine.headers import log_headers, parse_headers
from streams.engine.partitioner import partition_of

# Hashes from Kafka's own test of its partitioner: org.apache.kafka.common.utils.UtilsTest.testMurmur2
MURMUR2 = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


@pytest.mark.parametrize("key", MURMUR2)
@pytest.mark.parametrize("partitions", [1, 2, 8, 13, 100])
def test_a_key_lies_where_a_java_producer_puts_it(key: str, partitions: int) -> None:
    assert partition_of(key.encode(), partitions) == (MURMUR2[key] & 0x7FFFFFFF) % partitions


def test_headers_of_a_fact_are_short_and_plain() -> None:
    assert log_headers() == []
    assert log_headers(origin=Origin("purchases", 3, 17)) == [("kakuhan-origin", b"purchases 3 17")]
    assert log_headers("load_end", loaded=Loaded("d1", 5, 6)) == [
        ("kakuhan-kind", b"load_end"),
        ("kakuhan-loaded", b"d1 5 6"),
    ]


names = st.text(st.characters(categories=("Ll", "Nd"), include_characters="-._"), min_size=1)
numbers = st.integers(0, 2**53)


@given(
    st.sampled_from(["fact", "clock", "erase", "load_end"]),
    st.none() | st.builds(Origin, names, numbers, numbers),
    st.none() | st.builds(Loaded, names, numbers, numbers),
)
def test_what_is_written_is_read(kind: str, origin: Origin | None, loaded: Loaded | None) -> None:
    foreign = [("traceparent", b"00-1")]
    assert parse_headers(foreign + log_headers(kind, origin, loaded)) == (kind, origin, loaded)


@pytest.mark.parametrize("value", [b"", b"purchases 3", b"purchases 3 x", b"a b 3 17"])
def test_a_malformed_header_is_an_error(value: bytes) -> None:
    with pytest.raises(ValueError):
        parse_headers([("kakuhan-origin", value)])
