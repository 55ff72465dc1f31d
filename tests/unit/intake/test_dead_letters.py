"""A dead letter tells where it came from and why, and gives the original back."""

from __future__ import annotations

import pytest

from schemas.dead_letters import DeadLetter, original_headers

LETTER = DeadLetter("test.purchases", 3, 41, "invalid_event", 'amount: found "高", expected a decimal number')
OWN = [("ce_id", b"h1"), ("trace", b"\xff\x00"), ("trace", b"again")]


def test_the_headers_are_the_record_s_own_and_then_ours_as_text() -> None:
    assert LETTER.headers(OWN) == [
        *OWN,
        ("kakuhan-dlq-topic", b"test.purchases"),
        ("kakuhan-dlq-partition", b"3"),
        ("kakuhan-dlq-offset", b"41"),
        ("kakuhan-dlq-reason", b"invalid_event"),
        ("kakuhan-dlq-detail", 'amount: found "高", expected a decimal number'.encode()),
    ]


def test_it_is_read_back_and_the_original_headers_restored() -> None:
    assert DeadLetter.from_headers(LETTER.headers(OWN)) == LETTER
    assert original_headers(LETTER.headers(OWN)) == OWN


def test_a_second_refusal_replaces_the_first() -> None:
    second = DeadLetter("test.purchases", 3, 99, "future_event", "again")
    assert DeadLetter.from_headers(second.headers(LETTER.headers(OWN))) == second
    assert original_headers(second.headers(LETTER.headers(OWN))) == OWN


def test_what_is_no_dead_letter_is_told_so() -> None:
    with pytest.raises(ValueError, match="kakuhan-dlq-topic"):
        DeadLetter.from_headers(OWN)
    with pytest.raises(ValueError, match="kakuhan-dlq-detail"):
        DeadLetter.from_headers(LETTER.headers(OWN)[:-1])
