"""Keys in memory: several per customer, destroyed ones that leave late, and erasures."""

from __future__ import annotations

from types import SimpleNamespace

from streams.adapters.customer_keys import key_record, take_record
from streams.privacy.keys import Key, KeyRing

FIRST = Key("aa" * 8, b"1" * 32, 1_000, 0, 7)
SECOND = Key("bb" * 8, b"2" * 32, 2_000, 1, 0)


def ring(*keys: Key) -> KeyRing:
    made = KeyRing()
    for key in keys:
        made.put("C1", key)
    return made


def test_a_key_is_found_with_all_that_was_known_of_it() -> None:
    assert ring(FIRST, SECOND).find("C1", FIRST.id) == FIRST
    assert ring(FIRST).find("C2", FIRST.id) is None
    assert ring(FIRST).find("C1", SECOND.id) is None


def test_taking_a_key_twice_keeps_one() -> None:
    assert list(ring(FIRST, FIRST).of("C1")) == [FIRST]


def test_the_newest_key_seals_and_every_key_opens() -> None:
    both = ring(SECOND, FIRST)
    assert both.newest("C1") == SECOND
    assert both.find("C1", FIRST.id) == FIRST


def test_a_key_made_before_an_erasure_seals_no_longer() -> None:
    kept = ring(FIRST, SECOND)
    kept.mark_erased("C1", 1_000)
    assert kept.newest("C1") == SECOND
    kept.mark_erased("C1", 2_000)
    assert kept.newest("C1") is None
    kept.mark_erased("C1", 500)  # read again: the later one stands
    assert kept.erased_ms("C1") == 2_000


def test_a_destroyed_key_opens_for_ten_minutes_more_for_who_lags_and_never_seals() -> None:
    kept = ring(FIRST, SECOND)
    kept.drop("C1", SECOND.id, now_s=100.0)
    assert kept.newest("C1") == FIRST
    assert kept.find("C1", SECOND.id, now_s=699.9) == SECOND
    assert kept.find("C1", SECOND.id, now_s=700.0) is None
    assert kept.find("C1", SECOND.id) is None
    kept.drop("C1", FIRST.id, now_s=800.0)
    assert len(kept) == 0


def test_a_key_does_not_show_its_secret() -> None:
    assert "1" * 32 not in repr(FIRST)
    assert FIRST.name == "aaaaaaaaaaaaaaaa.0.7"


def stored(key: bytes | None, value: bytes | None, offset: int = 7) -> SimpleNamespace:
    return SimpleNamespace(key=key, value=value, timestamp=1_000, partition=0, offset=offset)


def test_records_of_the_topic_become_keys_ends_of_keys_and_erasures() -> None:
    kept = KeyRing()
    take_record(kept, stored(key_record(FIRST.id, "a customer id"), b"1" * 32), 0.0)
    assert list(kept.of("a customer id")) == [FIRST]
    take_record(kept, stored(b"erased a customer id", b"1234"), 0.0)
    assert kept.erased_ms("a customer id") == 1234
    take_record(kept, stored(key_record(FIRST.id, "a customer id"), None), 0.0)
    assert list(kept.of("a customer id")) == []


def test_what_somebody_else_wrote_there_is_passed_over() -> None:
    kept = KeyRing()
    for record in (stored(None, b"x"), stored(b"", None), stored(b"erased C1", b"soon"), stored(b"zz C1", b"1" * 32)):
        take_record(kept, record, 0.0)
    take_record(kept, stored(b"\xff" * 16 + b" C1", b"1" * 32), 0.0)
    take_record(kept, stored(b"z" * 16 + b" C1", b"1" * 32), 0.0)
    assert len(kept) == 0
