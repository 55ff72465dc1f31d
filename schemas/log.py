"""What one entry of the `events` log says: a valid, resolved fact in its compact form.

It must not know how an entry was received, checked or stored; the Kafka headers beside it
(origin, history) belong to the engine.

The value of a record in `events` is the JSON object of one `LogEvent`, written once by intake and read by every
fold. Fields that are missing are left out. Instants are integer milliseconds since 1970-01-01T00:00:00Z
(`_ms`), amounts are decimal strings in their original currency, dates are ISO 8601.
"""

from __future__ import annotations

from typing import Any

import msgspec


class LogContact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person at a customer, as an event or an account names them."""

    id: str
    department: str | None = None
    title: str | None = None
    name: str | None = None
    email: str | None = None


class LogAccount(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The account master of one customer, whole."""

    name: str
    aliases: list[str] = []
    corporate_number: str | None = None
    domains: list[str] = []
    external_ids: dict[str, str] = {}
    kind: str = "b2b"
    industry: str | None = None
    industry_growth: str | None = None  # decimal string, 0.12 = 12 % a year
    employees: int | None = None
    departments: list[str] = []
    contacts: list[LogContact] = []
    plan: str | None = None
    contract_end: str | None = None  # ISO date
    sales_owner: str | None = None
    cs_owner: str | None = None


class LogEvent(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One fact about one customer.

    `topic` is the source topic without prefix. `type` is the event type of the contract, or `account`,
    `account_removed` (a tombstone), `erase`. `event_id` is None only for account records that brought none;
    `occurred_ms` is None only where receipt is meant (accounts without `occurred_at`, events dated within
    the tolerated future).
    """

    topic: str
    type: str
    customer_id: str
    event_id: str | None = None
    occurred_ms: int | None = None
    # purchases
    amount: str | None = None  # decimal string in `currency`
    currency: str | None = None  # None: the policy's base currency
    order_id: str | None = None
    contract_id: str | None = None
    period_from: str | None = None  # ISO local dates, both or none, inclusive
    period_to: str | None = None
    items: list[dict[str, Any]] | None = None
    order_occurred_ms: int | None = None
    full_refund: bool = False
    from_plan: str | None = None
    to_plan: str | None = None
    direction: str | None = None
    effective_on: str | None = None  # ISO local date
    scope: str | None = None  # "all" | "contract"
    reason: str | None = None
    # web behaviour, CRM
    contact: LogContact | None = None
    text: str | None = None
    author: str | None = None
    path: str | None = None
    title: str | None = None
    document: str | None = None
    attended: bool | None = None
    form: str | None = None
    action: str | None = None
    item: str | None = None
    metric: str | None = None
    value: str | None = None  # usage: decimal string
    licensed: str | None = None  # usage: decimal string
    new_title: str | None = None
    new_department: str | None = None
    rating: str | None = None  # "high" | "medium" | "low"
    score: int | None = None  # NPS, 0..10
    deal_id: str | None = None
    signal_id: str | None = None
    outcome: str | None = None
    # press releases
    headline: str | None = None
    body: str | None = None
    categories: list[str] = []  # the release's own; the policy's phrases add theirs when it is folded
    url: str | None = None
    matched_by: str | None = None  # "corporate_number" | "domain" | "name"
    open_count: int | None = None
    previous_count: int | None = None
    # accounts
    account: LogAccount | None = None
    # what is personal in the fields above, encrypted; they are then missing (see streams/privacy/sealing.py)
    sealed: str | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LogEvent)


def encode_event(event: LogEvent) -> bytes:
    """The value of the event's record in `events`."""
    return _encoder.encode(event)


def decode_event(value: bytes) -> LogEvent:
    """The event of a record's value.

    Raises:
        msgspec.DecodeError: The value was not written by `encode_event`.
    """
    return _decoder.decode(value)
