"""What people report back about a signal, on its way to the source topic; it must not know Kafka or HTTP."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from streams.dashboard.records import OutcomeRecord
from streams.domain.zone import iso_instant
from streams.errors import SettingsError

# Outcomes remembered until the customer's state shows them: a day of a busy team.
REMEMBERED = 2_000
LONGEST_TEXT = 2_000
# A person who has clicked waits that long at most before being told that it did not work.
SEND_WITHIN_S = 10.0

_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Outcome(BaseModel):
    """What a page sends."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer_id: _Id
    signal_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    outcome: Literal["acknowledged", "worked", "no_interest", "later", "wrong"]
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT, strip_whitespace=True)] | None = None


class OutcomeWriter(Protocol):
    """Puts an event into the source topic of CRM activities."""

    async def write(self, customer_id: str, event: dict[str, Any]) -> None:
        """Return once the event is stored, or raise a `KakuhanError`."""


def parsed(body: bytes) -> Outcome:
    """The outcome that a page sent.

    Raises:
        SettingsError: The body is no outcome; the message names the field.
    """
    try:
        return Outcome.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise SettingsError(f"{where}: {first['msg']}") from None


class Outcomes:
    """Writes outcomes and remembers them, newest last, until the states tell of them."""

    def __init__(self, writer: OutcomeWriter, now_ms: Callable[[], int]) -> None:
        self._writer, self._now_ms = writer, now_ms
        self._own: OrderedDict[str, tuple[str, OutcomeRecord]] = OrderedDict()

    async def report(self, outcome: Outcome, author: str | None) -> OutcomeRecord:
        """Send it; what a page may show at once.

        Raises:
            KakuhanError: It was not stored.
            TimeoutError: Nobody said within `SEND_WITHIN_S` whether it was stored.
        """
        occurred_at = iso_instant(self._now_ms())
        event = event_of(outcome, f"outcome-{secrets.token_hex(12)}", occurred_at, author)
        async with asyncio.timeout(SEND_WITHIN_S):
            await self._writer.write(outcome.customer_id, event)
        record = OutcomeRecord(outcome.signal_id, outcome.outcome, occurred_at, author)
        self._own[outcome.signal_id] = (outcome.customer_id, record)
        self._own.move_to_end(outcome.signal_id)
        while len(self._own) > REMEMBERED:
            self._own.popitem(last=False)
        return record

    def of(self, signal_id: str) -> OutcomeRecord | None:
        """What was reported from here of a signal, last."""
        found = self._own.get(signal_id)
        return found and found[1]

    def by_customer(self) -> dict[str, list[OutcomeRecord]]:
        """Everything reported from here."""
        found: dict[str, list[OutcomeRecord]] = {}
        for customer_id, record in self._own.values():
            found.setdefault(customer_id, []).append(record)
        return found


def event_of(outcome: Outcome, event_id: str, occurred_at: str, author: str | None) -> dict[str, Any]:
    """The event `signal_outcome` as the source topic takes it."""
    event = {
        "event_id": event_id,
        "occurred_at": occurred_at,
        "type": "signal_outcome",
        "customer_id": outcome.customer_id,
        "signal_id": outcome.signal_id,
        "outcome": outcome.outcome,
        "author": author,
        "text": outcome.text or None,
    }
    return {name: value for name, value in event.items() if value is not None}
