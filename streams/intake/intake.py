"""What may enter the log: a source record becomes events, a refusal, or a release about nobody we know.

It must not know Kafka, clocks or files: the live intake, `send`, `replay` and CSV loads all come through here.

The checks, in their order, the first that fails giving the reason: `too_large`, `missing_key`, `invalid_json`,
`invalid_event`, `naive_timestamp`, `key_mismatch`, `unknown_currency`, `future_event`, `ambiguous_company`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from schemas.accounts import AccountRemoval
from schemas.events import SOURCE_EVENTS, event_models
from schemas.log import LogEvent
from schemas.releases import Company
from streams.intake.companies import Ambiguous, Directory, MatchedBy, Matches, NoMatch
from streams.intake.decoding import MAX_VALUE_BYTES, decode_object
from streams.intake.normalise import log_account, log_fields
from streams.intake.refusals import RefusedError, Rejection, fault, refusal_of

ACCOUNTS = "accounts"
PRESS_RELEASES = "press-releases"
SOURCE_TOPICS = tuple(SOURCE_EVENTS)
# CloudEvents 1.0, Kafka protocol binding, section 3.2 (binary content mode): attributes are headers ce_<name>.
_STAND_INS = {"ce_id": "event_id", "ce_time": "occurred_at"}
_MAX_CUSTOMERS_TOLD = 5
_VALIDATE = {topic: adapter.validate_python for topic, adapter in SOURCE_EVENTS.items()}


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """What intake needs of a policy: the tolerance for clocks ahead, and the currencies that have a rate."""

    max_future_s: int
    base_currency: str
    currencies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Raw:
    """A source record as it came; `topic` is without prefix, `received_ms` in epoch milliseconds."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    received_ms: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """What to append to the log: one event per customer, several only for a release."""

    events: list[LogEvent]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A release about nobody we know; `identifier`, in the form compared, decided."""

    event_id: str
    company: Company
    decided_by: MatchedBy
    identifier: str


Decision = Accepted | Rejection | Unmatched


class Intake:
    """Decides what a record is; its only state is the directory, which its owner keeps up to date."""

    def __init__(self, settings: IntakeSettings, directory: Directory):
        self._settings = settings
        self._max_future_ms = round(settings.max_future_s * 1000)
        self._currencies = settings.currencies | {settings.base_currency}
        self._directory = directory

    def take(self, raw: Raw) -> Decision:
        """The decision about a source record; never raises, whatever the bytes."""
        try:
            return self._take(raw)
        except RefusedError as refused:
            return refused.rejection

    def take_value(
        self,
        topic: str,
        value: dict[str, Any],
        received_ms: int,
        *,
        key: bytes | None = None,
        matched: Matches | None = None,
    ) -> Decision:
        """The decision about a value that was decoded already, its numbers int or Decimal; never raises.

        Without a `key` it is not compared. `matched` says whom a release was found to be about before: the
        directory is then not asked. A null in `value` must have been removed.
        """
        try:
            check_topic(topic)
            if key is not None and topic != PRESS_RELEASES:
                key = key or missing_key()
            return self._decide(topic, value, received_ms, key, matched)
        except RefusedError as refused:
            return refused.rejection

    def _take(self, raw: Raw) -> Accepted | Unmatched:
        topic, value = raw.topic, raw.value
        check_topic(topic)
        if value is not None:
            check_size(value)
        key = raw.key if topic == PRESS_RELEASES else raw.key or missing_key()
        if value is None:
            return self._remove(raw)
        fields = decode_object(value)
        if raw.headers:
            _stand_in(fields, raw.headers)
        return self._decide(topic, fields, raw.received_ms, key, None)

    def _decide(
        self, topic: str, value: dict[str, Any], received_ms: int, key: bytes | None, matched: Matches | None
    ) -> Accepted | Unmatched:
        fact = _validated(topic, value)
        if key is not None and topic != PRESS_RELEASES and key != fact.customer_id.encode():
            raise RefusedError("key_mismatch", fault("key", _readable(key), f"the customer_id {fact.customer_id!r}"))
        fields = _account_fields(fact) if topic == ACCOUNTS else log_fields(fact)
        if "currency" in fields:
            self._settle_currency(fields)
        self._settle_time(fields, received_ms, value.get("occurred_at"))
        if topic == PRESS_RELEASES:
            return self._about_customers(fields, matched)
        return Accepted([LogEvent(topic=topic, **fields)])

    def _remove(self, raw: Raw) -> Accepted:
        """A record without value: in `accounts` a tombstone, elsewhere nothing that can be read."""
        if raw.topic != ACCOUNTS:
            raise RefusedError("invalid_json", fault("value", None, "a JSON object"))
        value: dict[str, Any] = {"customer_id": _text("key", raw.key or b"")}
        _stand_in(value, raw.headers)
        fact = _removal(value)
        fields = {**fact.__dict__, "type": "account_removed"}
        self._settle_time(fields, raw.received_ms, value.get("occurred_at"))
        return Accepted([LogEvent(topic=ACCOUNTS, **fields)])

    def _settle_currency(self, fields: dict[str, Any]) -> None:
        """Leave the currency out where it is the base or there is nothing to convert; refuse one without a rate."""
        currency = fields["currency"]
        if currency is None:
            return
        if fields["amount"] is None or currency == self._settings.base_currency:
            fields["currency"] = None
        elif currency not in self._currencies:
            known = ", ".join(sorted(self._currencies))
            raise RefusedError("unknown_currency", fault("currency", currency, f"one of the policy's: {known}"))

    def _settle_time(self, fields: dict[str, Any], received_ms: int, written: object) -> None:
        """Take a clock slightly ahead as receipt, None in the log; refuse one further ahead."""
        occurred_ms = fields["occurred_ms"]
        if occurred_ms is None or occurred_ms <= received_ms:
            return
        if occurred_ms - received_ms > self._max_future_ms:
            ahead = f", which is {(occurred_ms - received_ms) / 1000:.3f} s after receipt"
            expected = f"at most {self._settings.max_future_s} s"
            raise RefusedError("future_event", fault("occurred_at", written, expected, ahead))
        fields["occurred_ms"] = None
        order_ms = fields.get("order_occurred_ms")
        if order_ms is not None and order_ms > received_ms:
            fields["order_occurred_ms"] = None  # the order is not later than the refund, which is now at receipt

    def _about_customers(self, fields: dict[str, Any], matched: Matches | None) -> Accepted | Unmatched:
        company: Company = fields.pop("company")
        found = matched or self._directory.resolve(company)
        if isinstance(found, NoMatch):
            return Unmatched(fields["event_id"], company, found.decided_by, found.identifier)
        if isinstance(found, Ambiguous):
            raise RefusedError("ambiguous_company", _ambiguity(found))
        return Accepted(
            [
                LogEvent(topic=PRESS_RELEASES, customer_id=customer_id, matched_by=found.matched_by, **fields)
                for customer_id in found.customer_ids
            ]
        )


def check_size(value: bytes) -> None:
    """Refuse a value over the limit, before anything is read of it."""
    if len(value) > MAX_VALUE_BYTES:
        raise RefusedError("too_large", f"value: found {len(value):,} bytes, expected at most {MAX_VALUE_BYTES:,}")


def check_topic(topic: str) -> None:
    """Refuse what is none of the five source topics."""
    if topic not in SOURCE_EVENTS:
        raise RefusedError("invalid_event", fault("topic", topic, "one of " + ", ".join(SOURCE_TOPICS)))


def missing_key() -> bytes:
    """Refuse a record without a key."""
    raise RefusedError("missing_key", fault("key", None, "the customer_id"))


def _stand_in(value: dict[str, Any], headers: Sequence[tuple[str, bytes]]) -> None:
    """Fill in what the value lacks from the headers; of a repeated header the last counts."""
    for name, text in reversed(headers):
        field = _STAND_INS.get(name)
        if field is not None and field not in value and text is not None:
            value[field] = _text(f"header {name}", text)


def _text(where: str, found: bytes) -> str:
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("invalid_event", fault(where, _readable(found), "UTF-8")) from None


def _readable(text: bytes) -> str:
    """Bytes as text for a person; what is not UTF-8 shows as escapes, so it equals no text that was accepted."""
    return text.decode("utf-8", "backslashreplace")


def _validated(topic: str, value: dict[str, Any]) -> Any:
    try:
        return _VALIDATE[topic](value)
    except ValidationError as error:
        raise RefusedError.of(refusal_of(error, event_models(topic))) from None


def _removal(value: dict[str, Any]) -> AccountRemoval:
    models: dict[str, type[BaseModel]] = {"account_removed": AccountRemoval}
    try:
        return AccountRemoval.model_validate(value)
    except ValidationError as error:
        raise RefusedError.of(refusal_of(error, models)) from None


def _account_fields(account: Any) -> dict[str, Any]:
    return {
        "type": account.type,
        "customer_id": account.customer_id,
        "event_id": account.event_id,
        "occurred_ms": account.occurred_ms,
        "account": log_account(account),
    }


def _ambiguity(found: Ambiguous) -> str:
    told = ", ".join(found.customer_ids[:_MAX_CUSTOMERS_TOLD])
    more = len(found.customer_ids) - _MAX_CUSTOMERS_TOLD
    fits = f", which fits {told}" + (f" and {more} more" if more > 0 else "")
    return fault(f"company.{found.matched_by}", found.identifier, "a company that is one customer", fits)
