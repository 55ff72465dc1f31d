from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.engine.origins import Origins


def test_a_lower_origin_is_a_copy_an_equal_one_only_for_a_key_already_reached() -> None:
    origins = Origins()
    assert origins.admit(b"t 0 5", b"A")
    assert not origins.admit(b"t 0 5", b"A")
    assert origins.admit(b"t 0 5", b"B"), "one source record may reach several keys"
    assert not origins.admit(b"t 0 5", b"B")
    assert not origins.admit(b"t 0 4", b"C")
    assert origins.admit(b"t 0 7", b"A")
    assert not origins.admit(b"t 0 5", b"C")


def test_source_partitions_do_not_know_each_other() -> None:
    origins = Origins()
    assert origins.admit(b"t 0 5", b"A")
    assert origins.admit(b"t 1 3", b"A")
    assert origins.admit(b"u 0 3", b"A")


@given(
    st.lists(st.sampled_from("AB") | st.just("AB"), min_size=1, max_size=12),
    st.lists(st.integers(0, 11), max_size=6),
    st.randoms(use_true_random=False),
)
def test_an_intake_that_begins_again_anywhere_makes_copies_only(
    reach: list[str], restarts: list[int], rng: object
) -> None:
    """Each restart sends everything again from an offset not beyond what was sent; any save may be in between."""
    origins, counted, sent = Origins(), list[tuple[int, str]](), 0
    for begin in [*restarts, 0]:
        stop = len(reach) if begin == 0 else min(begin + 3, len(reach))
        for offset in range(min(begin, sent), stop):
            counted += [(offset, k) for k in reach[offset] if origins.admit(b"t 0 %d" % offset, k.encode())]
            sent = max(sent, offset + 1)
            if rng.random() < 0.3:  # type: ignore[attr-defined]
                origins = Origins(origins.dump())
    assert counted == [(offset, key) for offset, keys in enumerate(reach) for key in keys]
