"""Rules: what they remember of a customer, and when they speak; it must not know how a signal reads.

Spans are ms: "within" means 0 <= t - x < span.
"""

from __future__ import annotations

from schemas.log import LogEvent
from streams.domain import lifecycle
from streams.domain.plan import Plan, SignalRule, Voice
from streams.domain.state import Match, RuleState, State
from streams.domain.zone import NEVER_MS


def remember(state: State, rule: SignalRule, event: LogEvent, occurred_ms: int, event_id: str, plan: Plan) -> None:
    """Note an event that meets the rule's conditions, as far as the rule needs it later."""
    if rule.silent_ms is not None:
        _await_silence(kept_of(state, rule), rule.silent_ms, Match(occurred_ms, event_id), state.as_of_ms)
        state.silence_ms = next_deadline(state)
    elif rule.within_ms is not None and (match := _match(rule, event, occurred_ms, event_id, plan)):
        _count(kept_of(state, rule), match, rule)


def fires(state: State, rule: SignalRule, event: LogEvent, occurred_ms: int, is_new_department: bool) -> bool:
    """Does a matching event make the rule speak, on the state after it?"""
    if rule.silent_ms is not None or (rule.new_department and not is_new_department):
        return False
    if rule.distinct == "contact" and event.contact is None:
        return False
    return rule.within_ms is None or _enough(state, rule, rule.within_ms, occurred_ms)


def speaks(state: State, rule: SignalRule, at_ms: int) -> bool:
    """May the rule speak now? A repeat within its cooldown is counted and held back."""
    if state.lifecycle == lifecycle.FORMER or state.segment not in rule.segments:
        return False
    kept = kept_of(state, rule)
    if kept.emitted_ms is not None and 0 <= at_ms - kept.emitted_ms < rule.cooldown_ms:
        kept.held_back += 1
        return False
    return True


def voice_of(state: State, rule: SignalRule, at_ms: int, plan: Plan) -> Voice:
    """Who hears the rule: its own audiences, or those of the segment's guard against over-selling."""
    guard = plan.segments[state.segment].guard if rule.is_offer else None
    if guard is None:
        return rule.voice
    recent = sum(0 <= at_ms - emitted_ms < guard.within_ms for emitted_ms in state.buying_signals)
    if recent < guard.buying_signals:
        return rule.voice
    return Voice(guard.audiences, rule.voice.severity, rule.voice.playbook)


def spoken(state: State, rule: SignalRule, at_ms: int, by_time: bool, plan: Plan) -> None:
    """Note that the rule's signal was emitted."""
    kept = kept_of(state, rule)
    kept.emitted_ms, kept.held_back = at_ms, 0
    kept.by_time += by_time
    if rule.is_offer and plan.buying_signals_kept:
        state.buying_signals.append(at_ms)
        del state.buying_signals[: -plan.buying_signals_kept]


def evidence(state: State, rule: SignalRule, match: Match) -> list[Match]:
    """The events behind a signal: those counted, or the one that matched."""
    return kept_of(state, rule).matches if rule.within_ms is not None else [match]


def kept_of(state: State, rule: SignalRule) -> RuleState:
    """What the rule remembers of the customer, made where there is nothing yet."""
    kept = state.rules.get(rule.position)
    if kept is None:
        kept = state.rules[rule.position] = RuleState()
    return kept


def next_deadline(state: State) -> int:
    """When the next silence rule would speak; `NEVER_MS` without any."""
    found = NEVER_MS
    for kept in state.rules.values():
        if kept.deadline_ms is not None and kept.deadline_ms < found:
            found = kept.deadline_ms
    return found


def _await_silence(kept: RuleState, silent_ms: int, match: Match, as_of_ms: int) -> None:
    if kept.newest is None or match.occurred_ms >= kept.newest.occurred_ms:
        kept.newest = match
        deadline_ms = match.occurred_ms + silent_ms
        kept.deadline_ms = deadline_ms if deadline_ms > as_of_ms else None


def _match(rule: SignalRule, event: LogEvent, occurred_ms: int, event_id: str, plan: Plan) -> Match | None:
    """The event as the rule counts it; None where contacts are counted and it names none."""
    if rule.distinct == "day":
        return Match(occurred_ms, event_id, plan.zone.day(occurred_ms))
    if rule.distinct == "contact":
        return Match(occurred_ms, event_id, event.contact.id) if event.contact else None
    return Match(occurred_ms, event_id)


def _count(kept: RuleState, match: Match, rule: SignalRule) -> None:
    """Keep the newest `at_least` matches, of different units where the rule says so."""
    if match.unit is not None:
        same = next((other for other in kept.matches if other.unit == match.unit), None)
        if same is not None and same.occurred_ms > match.occurred_ms:
            return
        kept.matches = [other for other in kept.matches if other.unit != match.unit]
    newer = sum(other.occurred_ms > match.occurred_ms for other in kept.matches)
    kept.matches.insert(newer, match)
    del kept.matches[rule.at_least :]


def _enough(state: State, rule: SignalRule, within_ms: int, occurred_ms: int) -> bool:
    kept, now = kept_of(state, rule), state.as_of_ms
    if now - occurred_ms >= within_ms or len(kept.matches) < rule.at_least:
        return False
    return now - kept.matches[rule.at_least - 1].occurred_ms < within_ms
