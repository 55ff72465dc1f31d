"""Wires the worker: engine, intake, fold, Redis view and what follows the accounts; the one place that knows all.

It must not decide anything, and creates clients only when the worker starts.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from mode import Service

from schemas.dead_letters import DeadLetter
from schemas.policy import Policy
from streams.adapters.account_directory import AccountFollower, through_intake
from streams.adapters.app_registry import AppWatch
from streams.adapters.customer_keys import CustomerKeys
from streams.adapters.facets import Facets
from streams.adapters.redis_view import RedisView
from streams.adapters.unmatched import UnmatchedRetry, unmatched_headers
from streams.agents.fold import CustomerFold
from streams.agents.intake import Elsewhere, IntakeHandler
from streams.agents.refusal_limit import RefusalLimit
from streams.domain.lifecycle import FORMER
from streams.domain.plan import Plan
from streams.domain.state import State
from streams.engine.app import EngineApp
from streams.engine.forward import Append, SourceRecord
from streams.intake.companies import Directory, NoMatch
from streams.intake.intake import Intake, IntakeSettings, Unmatched
from streams.intake.refusals import Rejection
from streams.privacy.sealing import key_needed
from streams.reporters import IntakeReporter, ViewReporter
from streams.settings import SOURCES, Settings

# As much of a refused value as its letter keeps: all that Kafka takes by default.
LETTER_VALUE_BYTES = 1 << 20


class WorkerApp(EngineApp):
    """The engine with services beside it that start before it reads and end after it has finished."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._beside: list[Service] = []
        super().__init__(*args, **options)

    def beside(self, service: Service) -> None:
        """Start a service with the worker."""
        self._beside.append(service)

    async def on_start(self) -> None:
        """Called by Faust before its own services start."""
        for service in self._beside:
            await self.add_runtime_dependency(service)
        await super().on_start()


def create_app(
    settings: Settings,
    policy: Policy,
    *,
    intake: bool = True,
    fold: bool = True,
    go_live_ms: int = 0,
    aside: bool = False,
) -> WorkerApp:
    """A worker that takes records in, folds the log, or does both; nothing is connected before it starts.

    Args:
        settings: Addresses and names.
        policy: What decides.
        intake: Read the source topics.
        fold: Decide, and show the results.
        go_live_ms: Signals effective earlier are historical (epoch ms).
        aside: Decide without showing anything to anybody: signals and public states go to topics of the rebuild.
    """
    app = WorkerApp(
        settings.app,
        brokers=settings.brokers,
        prefix=settings.topic_prefix,
        session_timeout_s=float(settings.session_timeout_s),
    )
    keys = CustomerKeys(settings)
    app.beside(KeysService(keys))  # first to start, last to end
    if intake:
        app.beside(_add_intake(app, settings, policy, keys))
        app.beside(IntakeReporter(app, settings))
    if fold and aside:
        _add_fold(app, settings, policy, Plan(policy, go_live_ms), keys, None)
    elif fold:
        view = RedisView(settings, policy.policy_version, _playbooks(policy))
        _add_fold(app, settings, policy, Plan(policy, go_live_ms), keys, view)
        app.beside(ViewReporter(app, view, now_ms))
    app.beside(WatchService(AppWatch(settings, _hand_over)))
    return app


def now_ms() -> int:
    """The worker's clock, in epoch ms: it dates detection, never a decision."""
    return time.time_ns() // 1_000_000


class KeysService(Service):  # type: ignore[misc]
    """Follows the customers' keys while the worker runs."""

    def __init__(self, keys: CustomerKeys, **kwargs: Any) -> None:
        self._keys = keys
        super().__init__(**kwargs)

    async def on_start(self) -> None:
        """Know all keys before intake seals and the fold opens."""
        await self._keys.start()

    async def on_stop(self) -> None:
        """End following."""
        await self._keys.close()


class WatchService(Service):  # type: ignore[misc]
    """Ends the worker when another application has taken over."""

    def __init__(self, watch: AppWatch, **kwargs: Any) -> None:
        self._watch = watch
        super().__init__(**kwargs)

    async def on_start(self) -> None:
        """Look, and go on looking."""
        await self._watch.start()

    async def on_stop(self) -> None:
        """Look no longer."""
        await self._watch.close()


def _hand_over(other: str) -> None:
    """Finish in order, as if told to by a person: what has begun is committed; a new start is refused."""
    sys.stderr.write(f"kakuhan: worker {os.getpid()} stops: the app {other} takes over\n")
    os.kill(os.getpid(), signal.SIGTERM)


# ---------------------------------------------------------------- intake


def _add_intake(app: WorkerApp, settings: Settings, policy: Policy, keys: CustomerKeys) -> IntakeCompanions:
    directory = Directory()
    rates = frozenset(policy.currency.rates)
    intake = Intake(IntakeSettings(policy.max_future_s, policy.currency.base, rates), directory)
    companions = IntakeCompanions(settings, intake, directory)
    elsewhere = Elsewhere(refused=_refusal_to(settings.dead_letters), unmatched=_unmatched_to(settings))
    handler = IntakeHandler(
        intake,
        elsewhere,
        events=settings.events,
        prefix=settings.topic_prefix,
        ready=companions.ready.wait,
        broker_ms=lambda: app.ask_broker_ms(settings.events),
        steady_ms=lambda: time.monotonic_ns() // 1_000_000,
        seal=keys.seal,
        limit=RefusalLimit(settings.dead_letter_limit),
    )
    for source in SOURCES:
        app.forward(settings.topic(source), handler)
    return companions


def _refusal_to(topic: str) -> Any:
    """Letters of refused records; one from a source with a raised limit must not be too large for their topic."""

    def refused(record: SourceRecord, rejection: Rejection) -> Append:
        letter = DeadLetter(record.topic, record.partition, record.offset, rejection.reason, rejection.detail)
        kept = record.value and record.value[:LETTER_VALUE_BYTES]
        return Append(topic, record.key, kept, letter.headers(record.headers), _without_key(record))

    return refused


def _unmatched_to(settings: Settings) -> Any:
    def unmatched(record: SourceRecord, found: Unmatched) -> Append:
        headers = unmatched_headers(record.topic, record.partition, record.offset, record.headers)
        return Append(settings.unmatched_companies, record.key, record.value, headers, _without_key(record))

    return unmatched


def _without_key(record: SourceRecord) -> int | None:
    """A record without key has no partition of its own: the first one takes it."""
    return 0 if record.key is None else None


class IntakeCompanions(Service):  # type: ignore[misc]
    """Keeps the directory like the accounts topic, and tries unmatched releases again when it changes."""

    def __init__(self, settings: Settings, intake: Intake, directory: Directory, **kwargs: Any) -> None:
        self.ready = asyncio.Event()
        self._unmatched = UnmatchedRetry(settings, lambda company: not isinstance(directory.resolve(company), NoMatch))
        self._follower = AccountFollower(settings, directory, through_intake(intake), self._unmatched.look_again)
        super().__init__(**kwargs)

    async def on_start(self) -> None:
        """Know all accounts before intake asks for them."""
        await self._follower.start()
        self._unmatched.start()
        self.ready.set()

    async def on_stop(self) -> None:
        """End both."""
        await self._unmatched.close()
        await self._follower.close()


# ---------------------------------------------------------------- fold


def _add_fold(
    app: WorkerApp, settings: Settings, policy: Policy, plan: Plan, keys: CustomerKeys, view: RedisView | None
) -> None:
    """Fold for all to see, or without a view for the topics of the rebuild alone."""
    app.fold(
        settings.events,
        CustomerFold(plan, now_ms, make_facets, keys.open, tell_offsets=view is None),
        changelog=settings.changelog,
        outputs_topic=settings.signals if view else settings.rebuild_signals,
        states_topic=settings.customer_states if view else settings.rebuild_states,
        projection=view,
        decided_by=policy.policy_version,
        prepare=_having(keys),
    )


def _having(keys: CustomerKeys) -> Any:
    """Waits for the keys that a chunk of the log needs: they were durable before it, but come by another way."""

    async def prepare(records: Sequence[Any]) -> None:
        needed = [place for record in records if (place := key_needed(record.value or b"")) is not None]
        if needed:
            await keys.wait_for(needed)

    return prepare


def make_facets(state: State, public: dict[str, Any]) -> Facets:
    """By what the view lists and sums a customer; `public` is empty for one that was erased."""
    if not public:
        return Facets(state.customer_id, state.segment, False, 0.0, None, None, Decimal(0), state.erased_ms)
    transition = public["next_transition"]
    amount = public["rfm"]["monetary"] if public["value"]["measure"] == "rfm" else public["value"]["amount"]
    is_nurtured = state.segment == "nurture"
    return Facets(
        state.customer_id,
        state.segment,
        state.lifecycle == FORMER,
        public["potential"]["score"] if is_nurtured else float(public["value"]["amount"]),
        transition and _epoch_ms(transition["at"]),
        bytes(state.account_json) if state.account else None,
        Decimal(amount),
        state.erased_ms,
    )


def _epoch_ms(instant: str) -> int:
    return round(datetime.fromisoformat(instant).timestamp() * 1000)


def _playbooks(policy: Policy) -> dict[str, bytes]:
    return {name: msgspec.json.encode(playbook.model_dump(mode="json")) for name, playbook in policy.playbooks.items()}
