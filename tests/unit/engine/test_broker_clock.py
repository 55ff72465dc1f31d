from __future__ import annotations

from types import SimpleNamespace

from streams.engine.broker_clock import BrokerClock

APPENDED, CREATED = 1, 0


class Passing:
    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


def ack(timestamp: int, kind: int = APPENDED) -> SimpleNamespace:
    return SimpleNamespace(timestamp=timestamp, timestamp_type=kind)


def test_nobody_knows_what_time_it_is_until_the_broker_has_told() -> None:
    clock = BrokerClock(Passing())
    assert clock.now_ms() is None
    clock.note(ack(1_000_000, CREATED))  # a date that a sender has written
    assert clock.now_ms() is None
    clock.note(ack(1_000_000))
    assert clock.now_ms() == 1_000_000


def test_what_passes_here_is_added_and_a_later_word_counts() -> None:
    passing = Passing()
    clock = BrokerClock(passing)
    clock.note(ack(1_000_000))
    passing.now_s += 2.5
    assert clock.now_ms() == 1_002_500
    clock.note(ack(1_002_900))
    assert clock.now_ms() == 1_002_900


def test_an_acknowledgement_that_took_long_sets_nothing_back() -> None:
    passing = Passing()
    clock = BrokerClock(passing)
    clock.note(ack(1_000_000))
    passing.now_s += 10.0
    clock.note(ack(1_003_000))
    assert clock.now_ms() == 1_010_000


def test_a_failed_append_tells_nothing() -> None:
    clock = BrokerClock(Passing())
    failed = SimpleNamespace(cancelled=lambda: False, exception=lambda: OSError("gone"))
    clock.note_done(failed)
    clock.note_done(SimpleNamespace(cancelled=lambda: True))
    assert clock.now_ms() is None
