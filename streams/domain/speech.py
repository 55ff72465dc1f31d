"""How a rule speaks: the signal of a rule that fires; it must not know when to ask."""

from __future__ import annotations

from streams.domain import rules
from streams.domain.plan import Plan, SignalRule
from streams.domain.signals import Cause, Signal, matches, signal
from streams.domain.state import Match, State


def speak(state: State, rule: SignalRule, match: Match, cause: Cause, plan: Plan) -> Signal:
    """The rule's signal, noted as emitted."""
    kept = rules.kept_of(state, rule)
    by_time, held_back = kept.by_time, kept.held_back
    voice = rules.voice_of(state, rule, cause.at_ms, plan)
    rules.spoken(state, rule, cause.at_ms, cause.event is None, plan)
    found = signal(
        state,
        plan,
        cause,
        type_=f"{rule.type}.detected",
        rule=rule.id,
        voice=voice,
        count=by_time,
        suppressed=held_back,
    )
    found["evidence"] = matches(rule.id, rule.label, rules.evidence(state, rule, match), cause)
    return found
