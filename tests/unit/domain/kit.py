"""A small policy to be changed at will, and the life of one customer told in local times; it must not decide anything.

`Life(value={"window_days": 7})` is a customer under the small policy with those keys changed. Every event is a method,
`at` says when it is received, `wait` lets time pass; all of them give the signals they caused, which `told` writes
short: "2026-03-31 00:00 expand>streamline window".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schemas.log import LogAccount, LogContact, LogEvent
from schemas.policy import Policy
from schemas.policy_events import SOURCE_TOPIC
from schemas.signals import Signal as PublishedSignal
from schemas.states import PublicState
from streams.domain.clock import advance
from streams.domain.plan import Plan
from streams.domain.public import public_state
from streams.domain.record import History, Record
from streams.domain.signals import Signal
from streams.domain.state import State
from streams.domain.step import step

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

BASE: dict[str, Any] = {
    "policy_format": 1,
    "version": "small",
    "timezone": "Asia/Tokyo",  # nine hours ahead of UTC, all year
    "currency": {"base": "JPY", "rates": {"USD": "150"}},
    "value": {"measure": "revenue", "window_days": 30, "high": {"enter": 1000, "leave": 500}},
    "rfm": {
        "window_days": 30,
        "recency_days": [10, 20, 30, 40],
        "frequency": [2, 4, 6, 8],
        "monetary": [100, 200, 300, 400],
    },
    "pages": {"pricing": ["/pricing", "/pricing/*"], "help": ["/help/*"]},
    "press_categories": {"funding": ["raises", "資金調達"], "alliance": ["joins forces"]},
    "potential": {"high": {"enter": 18, "leave": 12}, "points": [], "facts": []},
    "lifecycle": {
        "onboarding": {"audiences": ["welcome"], "severity": "low", "playbook": "welcome"},
        "active": {"audiences": ["care"], "severity": "low"},
        "former": {"audiences": ["care", "sales"], "severity": "high", "playbook": "goodbye"},
    },
    "segments": {
        "retain": {"label": "優良維持層", "audiences": ["care"], "severity": "medium", "playbook": "thank"},
        "nurture": {"label": "最重要育成層", "audiences": ["sales"], "severity": "high"},
        "expand": {"label": "機会発見層", "audiences": ["care"], "severity": "low"},
        "streamline": {"label": "効率化対象層", "audiences": ["mail"], "severity": "low"},
    },
    "playbooks": {
        name: {"title": name, "talk_track": name, "actions": []} for name in ("welcome", "goodbye", "thank", "offer")
    },
}


def policy(**changes: Any) -> Policy:
    """The small policy with keys changed; blocks are merged, lists replaced."""
    return Policy.model_validate(_merged(BASE, changes))


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(old)
    for key, value in new.items():
        if isinstance(value, Mapping) and isinstance(old.get(key), Mapping):
            value = _merged(old[key], value)
        found[key] = value
    return found


def points(id_: str, worth: object, **keys: Any) -> dict[str, Any]:
    """A point rule; `points("view", 5, event="page_view")`."""
    return {"id": id_, "label": f"label of {id_}", "points": worth, **keys}


def rule(id_: str, **keys: Any) -> dict[str, Any]:
    """A rule for everybody's ears, a buying signal unless said otherwise."""
    words = {"label": f"label of {id_}", "type": "buying_signal", "audiences": ["sales"], "severity": "medium"}
    return {"id": id_, **words, **keys}


def scoring(*rules: dict[str, Any], facts: Sequence[dict[str, Any]] = (), **keys: Any) -> dict[str, Any]:
    """The policy's block `potential`: `Life(potential=scoring(points(…), …))`."""
    return {"points": list(rules), "facts": list(facts), **keys}


class Life:
    """One customer's log as it grows, under one policy."""

    def __init__(self, customer: str = "C1", go_live: str | None = None, **changes: Any) -> None:
        self.policy = policy(**changes)
        self.zone = ZoneInfo(self.policy.timezone)
        self.plan = Plan(self.policy, 0 if go_live is None else self.ms(go_live))
        self.state = State(customer)
        self.signals: list[Signal] = []
        self._now_ms = 0
        self._events = 0

    # ------------------------------------------------------------ time

    def ms(self, when: str | int) -> int:
        """Epoch ms of a local time such as `2026-03-01`, `2026-03-01 09:30` or `2026-03-01 09:30:00.001`."""
        if isinstance(when, int):
            return when
        return (datetime.fromisoformat(when).replace(tzinfo=self.zone) - _EPOCH) // _MS

    def ms_of(self, instant: str) -> int:
        """Epoch ms of an instant as signals write it."""
        return (datetime.fromisoformat(instant) - _EPOCH) // _MS

    def local(self, ms: int) -> str:
        """The local time of an instant, as short as it can be."""
        text = (_EPOCH + ms * _MS).astimezone(self.zone).replace(tzinfo=None).isoformat(" ", "milliseconds")
        return text.removesuffix(".000").removesuffix(":00")

    def at(self, when: str | int) -> Life:
        """From now on records are received at this time."""
        self._now_ms = self.ms(when)
        return self

    def wait(self, until: str | int) -> list[Signal]:
        """Let time pass up to and including `until`; what time caused."""
        found = advance(self.state, self.ms(until), self.plan)
        return self._heard(found)

    # ------------------------------------------------------------ events

    def apply(
        self, type_: str, occurred: str | int | None = None, id_: str | None = None, **fields: Any
    ) -> list[Signal]:
        """One event of that type, occurred on receipt unless said otherwise."""
        self._events += 1
        event = LogEvent(
            topic=SOURCE_TOPIC[type_],
            type=type_,
            customer_id=self.state.customer_id,
            event_id=id_ or f"e{self._events}",
            occurred_ms=self._now_ms if occurred is None else self.ms(occurred),
            **fields,
        )
        return self.take(Record(event, self._now_ms, self._now_ms))

    def load(self, type_: str, received: str, go_live: str, load: str = "file-1", **fields: Any) -> list[Signal]:
        """One event of loaded history, appended now; it occurred when it was received unless said otherwise."""
        self._events += 1
        fields = {"event_id": f"e{self._events}", "occurred_ms": self.ms(received), **fields}
        event = LogEvent(topic=SOURCE_TOPIC[type_], type=type_, customer_id=self.state.customer_id, **fields)
        return self.take(Record(event, self.ms(received), self._now_ms, History(load, self.ms(go_live))))

    def take(self, record: Record) -> list[Signal]:
        self.state, found = step(self.state, record, self.plan)
        return self._heard(found)

    def buy(self, amount: object, occurred: str | None = None, **fields: Any) -> list[Signal]:
        return self.apply("purchase", occurred, amount=str(amount), **fields)

    def renew(self, amount: object, occurred: str | None = None, **fields: Any) -> list[Signal]:
        return self.apply("renewal", occurred, amount=str(amount), **fields)

    def refund(self, amount: object, order: str | None = None, full: bool = False, **fields: Any) -> list[Signal]:
        order_ms = None if order is None else self.ms(order)
        return self.apply("refund", amount=str(amount), order_occurred_ms=order_ms, full_refund=full, **fields)

    def cancel(self, on: str | None = None, contract: str | None = None, **fields: Any) -> list[Signal]:
        scope = "all" if contract is None else "contract"
        return self.apply("cancellation", effective_on=on, scope=scope, contract_id=contract, **fields)

    def view(self, path: str = "/pricing", occurred: str | None = None, **fields: Any) -> list[Signal]:
        return self.apply("page_view", occurred, path=path, **fields)

    def download(self, by: str | None = None, of: str | None = None, **fields: Any) -> list[Signal]:
        contact = LogContact(id=by or "p1", department=of) if by or of else None
        return self.apply("download", document="guide.pdf", contact=contact, **fields)

    def rate(self, rating: str, occurred: str | None = None, **fields: Any) -> list[Signal]:
        return self.apply("sales_rating", occurred, rating=rating, **fields)

    def account(self, id_: str | None = None, **fields: Any) -> list[Signal]:
        """The account as it stands from now on; without an event id unless one is given."""
        return self._account("account", id_, LogAccount(name="Example Works", **fields))

    def remove_account(self) -> list[Signal]:
        return self._account("account_removed", None, None)

    def erase(self) -> list[Signal]:
        event = LogEvent(topic="events", type="erase", customer_id=self.state.customer_id)
        return self.take(Record(event, self._now_ms, self._now_ms))

    def _account(self, type_: str, id_: str | None, account: LogAccount | None) -> list[Signal]:
        customer = self.state.customer_id
        event = LogEvent(topic="accounts", type=type_, customer_id=customer, event_id=id_, account=account)
        return self.take(Record(event, self._now_ms, self._now_ms))

    # ------------------------------------------------------------ what it came to

    def told(self, found: list[Signal] | None = None) -> list[str]:
        """Signals in short, `local time, change or rule, kind of cause`; all so far unless some are given."""
        return [self._short(signal) for signal in (self.signals if found is None else found)]

    def public(self, at: str | None = None) -> dict[str, Any]:
        """The public state, as readers get it."""
        found = public_state(self.state, self.plan, None if at is None else self.ms(at))
        PublicState.model_validate(found, extra="ignore")
        return found

    def score(self, at: str | int | None = None) -> float:
        shown = public_state(self.state, self.plan, None if at is None else self.ms(at))
        return float(shown["potential"]["score"])

    def amount(self, at: str | None = None) -> str:
        return str(self.public(at)["value"]["amount"])

    def next(self) -> str | None:
        """The next transition in short: `local time, to, because`."""
        found = self.public()["next_transition"]
        return found and f"{self._instant(found['at'])} {found['to']} {found['because']}"

    def _heard(self, found: list[Signal]) -> list[Signal]:
        for signal in found:
            PublishedSignal.model_validate(signal, extra="ignore")
        self.signals += found
        return found

    def _short(self, signal: Signal) -> str:
        change = signal.get("change")
        news = f"{change['from']}>{change['to']}" if change else signal["rule"]
        return f"{self._instant(signal['effective_at'])} {news} {signal['cause']['kind']}"

    def _instant(self, text: str) -> str:
        return self.local(self.ms_of(text))
