"""Whatever comes in, intake answers; what it accepts says exactly what was written."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from schemas.dead_letters import REASONS, DeadLetter
from schemas.events import SOURCE_EVENTS, event_models
from schemas.fields import decimal_text, parse_instant, parse_money
from schemas.log import LogAccount, decode_event, encode_event
from streams.intake.companies import Directory
from streams.intake.company_names import company_name
from streams.intake.intake import Accepted, Intake, IntakeSettings, Raw, Unmatched
from streams.intake.lines import parse_line
from streams.intake.refusals import RefusedError, Rejection

# The machine may be busy, and the first domain reads the public suffix list: time is no property here.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ample = settings(patient, max_examples=400)
NOW_MS = 1_794_193_200_000
TOPICS = st.sampled_from([*SOURCE_EVENTS, "events"])
TEXT = st.text(max_size=12) | st.sampled_from(
    ["C1", "高", "2026-11-09", "2026-11-09T12:00:00+09:00", "JPY", "USD", "1.5"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
FIELDS = sorted(
    {
        field.alias or name
        for t in SOURCE_EVENTS
        for m in event_models(t).values()
        for name, field in m.model_fields.items()
    }
)


def intake() -> Intake:
    directory = Directory()
    directory.put("C1", LogAccount(name="Alpha", corporate_number="1000000000001", domains=["alpha.example"]))
    directory.put("C2", LogAccount(name="Beta", domains=["alpha.example"]))
    return Intake(IntakeSettings(300, "JPY", frozenset({"USD"})), directory)


def answers(topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    """Invariant: a decision, never an exception; what it says can be written to Kafka."""
    decision = intake().take(Raw(topic, key, value, headers, NOW_MS))
    if isinstance(decision, Rejection):
        assert decision.reason in REASONS
        letter = DeadLetter(topic, 0, 0, decision.reason, decision.detail)
        assert DeadLetter.from_headers(letter.headers(headers)) == letter
    elif isinstance(decision, Accepted):
        assert decision.events
        assert [decode_event(encode_event(event)) for event in decision.events] == decision.events
    else:
        assert isinstance(decision, Unmatched)


HEADERS = st.lists(st.tuples(st.sampled_from(["ce_id", "ce_time", "x"]), st.binary(max_size=8)), max_size=3)


@patient
@given(TOPICS, st.none() | st.binary(max_size=6), st.none() | st.binary(max_size=60), HEADERS)
@example("purchases", b"C1", b'{"a":"\\ud800","a":1}', [])
@example("purchases", b"C1", b'{"\\ud800":1,"\\ud800":1}', [])
@example("purchases", b"C1", b"-", [])
@example("purchases", b"C1", b'{"type":"\\u0000"}', [])
def test_intake_answers_arbitrary_bytes(
    topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    answers(topic, key, value, headers)


@patient
@given(TOPICS, JSON, st.booleans(), HEADERS)
def test_intake_answers_arbitrary_json(
    topic: str, value: Any, ascii_only: bool, headers: list[tuple[str, bytes]]
) -> None:
    answers(topic, b"C1", json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"), headers)


# Valid for every type at once, since unknown fields are ignored.
EVERYTHING: dict[str, Any] = {
    **{"event_id": "e", "occurred_at": "2026-11-09T12:00:00+09:00", "customer_id": "C1", "amount": "12.50"},
    **{"from_plan": "a", "to_plan": "b", "direction": "upgrade", "path": "/", "document": "d", "title": "t"},
    **{"attended": True, "form": "f", "action": "a", "metric": "m", "value": 1.5, "text": "t", "score": 10},
    **{"contact": {"id": "p1"}, "rating": "高", "signal_id": "s", "outcome": "later", "headline": "h", "open_count": 3},
    **{"company": {"corporate_number": "1000000000001"}, "name": "Alpha", "kind": "b2b", "currency": "USD"},
    **{"period_from": "2026-01-01", "period_to": "2026-12-31", "order_occurred_at": "2026-11-01T00:00:00Z"},
}
CHANGES = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from([*EVERYTHING.values()]) | JSON, max_size=2)
OF_TYPE = st.sampled_from([(topic, kind) for topic in SOURCE_EVENTS for kind in event_models(topic)])


@ample
@given(OF_TYPE, CHANGES)
def test_intake_answers_what_is_nearly_an_event(of_type: tuple[str, str], changes: dict[str, Any]) -> None:
    topic, kind = of_type
    answers(topic, b"C1", json.dumps({**EVERYTHING, "type": kind, **changes}).encode(), [])


@patient
@given(st.text(max_size=80))
@example("1" * 5000)
def test_any_text_as_any_identifier_is_answered(text: str) -> None:
    for name in ("name", "domain", "corporate_number"):
        company = {"company": {name: text}, "type": "job_postings", "open_count": 1}
        value = {"event_id": "e", "occurred_at": "2026-11-09T12:00:00+09:00", **company}
        answers("press-releases", None, json.dumps(value).encode(), [])
    account = {"customer_id": "C1", "name": text, "kind": "b2c", "domains": [text], "aliases": [text]}
    answers("accounts", b"C1", json.dumps(account).encode(), [])


@patient
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps({"topic": "accounts", "value": value}).encode()))
def test_a_line_is_read_or_refused(text: bytes) -> None:
    with contextlib.suppress(RefusedError):
        assert parse_line(text).topic is not None


@patient
@given(st.integers(0, 10**21 - 1), st.integers(0, 6))
def test_money_is_exact_however_it_is_written(digits: int, places: int) -> None:
    """Oracle: a ratio of integers. Text, JSON number and exponent form are the same amount."""
    if digits >= 10 ** (15 + places):
        digits //= 10 ** (6 - places)
    exact = Fraction(digits, 10**places)
    plain = str(digits).rjust(places + 1, "0")
    written = f"{plain[: len(plain) - places]}.{plain[len(plain) - places :]}" if places else plain
    for number in (f'"{written}"', written, f"{digits}e-{places}"):
        value = json.loads(
            '{"event_id":"e","occurred_at":"2026-11-09T12:00:00+09:00","type":"purchase","customer_id":"C1"}'
        )
        text = json.dumps(value)[:-1] + f', "amount": {number}}}'
        decision = intake().take(Raw("purchases", b"C1", text.encode(), [], NOW_MS))
        assert isinstance(decision, Accepted), (text, decision)
        amount = decision.events[0].amount
        assert amount is not None
        assert Fraction(amount) == exact
        assert amount == "0" or not (amount.startswith("00") or "e" in amount.lower())
        assert "." not in amount or not amount.endswith(("0", "."))


@patient
@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_a_number_is_read_exactly_or_refused(number: Decimal) -> None:
    with contextlib.suppress(PydanticCustomError):
        amount = parse_money(number)
        assert Fraction(decimal_text(amount)) == Fraction(number)


@patient
@given(st.datetimes(), st.integers(-1439, 1439), st.integers(0, 9))
def test_an_instant_is_floored_to_the_millisecond(local: Any, offset_min: int, fraction_digits: int) -> None:
    """Oracle: integers only, days by the proleptic Gregorian ordinal."""
    if local.year < 1001:
        local = local.replace(year=local.year + 1000, day=min(local.day, 28))
    fraction = f"{local.microsecond:06}"[:fraction_digits].ljust(fraction_digits, "0")
    sign = "-" if offset_min < 0 else "+"
    offset = f"{sign}{abs(offset_min) // 60:02}:{abs(offset_min) % 60:02}"
    text = f"{local:%H:%M:%S}" + (f".{fraction}" if fraction else "") + offset
    seconds = (local.toordinal() - 719_163) * 86_400 + local.hour * 3600 + local.minute * 60 + local.second
    milliseconds = int(fraction.ljust(3, "0")[:3]) if fraction else 0
    expected = (seconds - offset_min * 60) * 1000 + milliseconds
    assert parse_instant(f"{local.year:04}-{local.month:02}-{local.day:02}T{text}") == expected


@patient
@given(st.text(max_size=40))
def test_a_compared_name_stays_itself_in_any_case_and_spacing(text: str) -> None:
    """Invariant: spaces around, and width of the letters, never change which name it is."""
    assert company_name(f"  {text}　") == company_name(text)
    assert " " not in company_name(text)


@patient
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.none() | st.sampled_from(["x", "y", "z"])), max_size=12))
def test_a_directory_after_any_changes_is_one_built_from_what_is_left(changes: list[tuple[str, str | None]]) -> None:
    """Oracle: a fresh directory of the accounts that stand at the end."""
    changed, standing = Directory(), dict[str, LogAccount]()
    for customer_id, name in changes:
        if name is None:
            changed.remove(customer_id)
            standing.pop(customer_id, None)
        else:
            standing[customer_id] = LogAccount(name=name, domains=[f"{name}.example"], aliases=["w"])
            changed.put(customer_id, standing[customer_id])
    fresh = Directory()
    for customer_id, account in standing.items():
        fresh.put(customer_id, account)
    for name in "wxyz":
        company = LogCompany(name, None, None)
        assert changed.resolve(company) == fresh.resolve(company)
        company = LogCompany(None, None, f"www.{name}.example")
        assert changed.resolve(company) == fresh.resolve(company)


class LogCompany:
    """A company by plain attributes."""

    def __init__(self, name: str | None, corporate_number: str | None, domain: str | None):
        self.name, self.corporate_number, self.domain = name, corporate_number, domain
