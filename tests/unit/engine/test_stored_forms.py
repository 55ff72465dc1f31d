from __future__ import annotations

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.batches import BATCH_BYTES, pack
from streams.engine.envelope import (
    NOT_DUE_MS,
    Row,
    outbox_of,
    restamp,
    seal,
    state_of,
    unseal,
    with_outbox,
    without_outbox,
)
from streams.engine.fold import Output
from streams.engine.position import Position, check_position, decode_position, encode_position
from streams.errors import TopicsError

outputs = st.lists(
    st.builds(Output, st.binary(), st.binary(), st.lists(st.tuples(st.text(), st.binary()), max_size=3)), max_size=4
)


@given(st.integers(1, 2**31), st.integers(-1, 2**60), st.none() | st.integers(0, 2**60), st.binary(), outputs)
def test_a_sealed_state_gives_back_all_its_parts(
    epoch: int, applied: int, due_ms: int | None, state: bytes, outbox: list[Output]
) -> None:
    bare = seal(epoch, applied, due_ms, 77, state)
    value = with_outbox(bare, outbox)
    assert unseal(value) == Row(epoch, applied, NOT_DUE_MS if due_ms is None else due_ms, 77)
    assert state_of(value) == state
    assert outbox_of(value) == outbox
    assert without_outbox(value) == bare
    assert unseal(restamp(value, epoch + 1)).epoch == epoch + 1
    assert outbox_of(restamp(value, epoch + 1)) == outbox


def test_a_state_of_another_version_is_refused_and_the_way_named() -> None:
    with pytest.raises(TopicsError, match=r"version 9.*new app name"):
        unseal(b"\x09" + seal(1, 1, None, 1, b"x")[1:])


POSITION = Position(
    decided_by="p@1",
    partitions=8,
    epoch=3,
    next_offset=100,
    newest_ms=5,
    loads=["l"],
    seen=[("purchases", 0, 7, [b"C1"])],
    published=40,
    projected=(3, 90),
)


def test_a_position_gives_back_all_its_parts() -> None:
    assert decode_position(encode_position(POSITION)) == POSITION


def test_a_position_of_another_format_is_refused() -> None:
    other = encode_position(POSITION).replace(b"\x01", b"\x02", 1)
    with pytest.raises(TopicsError, match="format 2"):
        decode_position(other)


@pytest.mark.parametrize(
    ("decided_by", "partitions", "begin", "end", "said"),
    [
        ("p@2", 8, 0, 100, "decided by 'p@1', this worker decides by 'p@2'"),
        ("p@1", 9, 0, 100, "had 8 partitions when its state was written and has 9 now"),
        ("p@1", 8, 0, 99, "ends at offset 99, the state has seen it up to 100"),
        ("p@1", 8, 101, 200, "begins at offset 101, the state has seen it only up to 100"),
    ],
)
def test_a_position_that_does_not_go_with_worker_or_log_is_refused(
    decided_by: str, partitions: int, begin: int, end: int, said: str
) -> None:
    with pytest.raises(TopicsError, match=said):
        check_position(POSITION, decided_by, partitions, begin, end)
    check_position(POSITION, "p@1", 8, 0, 100)
    check_position(POSITION, "p@1", 8, 100, 100)


class _Batches:
    """The one method of aiokafka's producer that makes batches, with its real batches."""

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(BATCH_BYTES, 0)


@given(st.lists(st.integers(0, 300_000), max_size=12), st.integers(1, 60_000))
def test_the_tail_lies_whole_in_the_last_batch_and_nothing_is_lost(sizes: list[int], tail: int) -> None:
    items = [(b"k%d" % i, bytes(size), []) for i, size in enumerate(sizes)]
    batches = pack(_Batches(), items, [(b"\xffposition", bytes(tail), [])])
    assert sum(b.record_count() for b in batches) == len(sizes) + 1
    assert batches[-1].append(timestamp=None, key=b"x", value=b"", headers=[]) or batches[-1].record_count() >= 1
    assert all(b.record_count() > 0 for b in batches)


def test_a_tail_that_fits_goes_with_the_states() -> None:
    (batch,) = pack(_Batches(), [(b"k", bytes(1_000), [])] * 100, [(b"t", bytes(1_000), [])])
    assert batch.record_count() == 101


def test_a_tail_that_does_not_fit_any_more_gets_a_batch_of_its_own() -> None:
    first, last = pack(_Batches(), [(b"k", bytes(BATCH_BYTES - 200), [])], [(b"t", bytes(1_000), [])])
    assert (first.record_count(), last.record_count()) == (1, 1)


def test_nothing_makes_no_batch() -> None:
    assert pack(_Batches(), []) == []
