"""Rules: what they remember of a customer, and when they speak; it must not know how a signal reads.

Spans are ms: "within" means 0 <= t - x < span.
"""

from __future__ import annotations

from streams.domain import lifecycle
from streams.domain.plan import Plan, SignalRule, Voice
from streams.domain.state import Match, RuleState, State
from streams.domain.taken import Taken
from streams.domain.zone import NEVER_MS


def hear(state: State, rule: SignalRule, taken: Taken, is_new_department: bool, plan: Plan) -> bool:
    """Note an event that meets the rule's conditions, as far as the rule needs it later; does it make the rule fire?"""
    if rule.silent_ms is not None:
        _await_silence(state, rule, rule.silent_ms, taken)
        return False
    if rule.within_ms is not None:
        match = match_of(rule, taken, plan)
        if match is None:
            return False
        _count(kept_of(state, rule), match, rule)
        if not _enough(state, rule, rule.within_ms, taken.occurred_ms):
            return False
    return is_new_department or not rule.new_department


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
    """The events behind a signal, newest first: the one that matched, and the newest that were counted with it."""
    if rule.within_ms is None:
        return [match]
    kept = kept_of(state, rule).matches
    if any(counted.event_id == match.event_id and counted.occurred_ms == match.occurred_ms for counted in kept):
        return kept
    others = [counted for counted in kept if match.unit is None or counted.unit != match.unit]
    # it came late: there are newer ones enough, or a newer one of its day or contact
    return sorted([match, *others[: rule.at_least - 1]], key=lambda found: -found.occurred_ms)


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


def _await_silence(state: State, rule: SignalRule, silent_ms: int, taken: Taken) -> None:
    kept = kept_of(state, rule)
    if kept.newest is None or taken.occurred_ms >= kept.newest.occurred_ms:
        kept.newest = Match(taken.occurred_ms, taken.event_id)
        deadline_ms = taken.occurred_ms + silent_ms
        kept.deadline_ms = deadline_ms if deadline_ms > state.as_of_ms else None
        state.silence_ms = next_deadline(state)


def match_of(rule: SignalRule, taken: Taken, plan: Plan) -> Match | None:
    """The event as the rule counts it; None where contacts are counted and it names none."""
    if rule.distinct == "day":
        return Match(taken.occurred_ms, taken.event_id, plan.zone.day(taken.occurred_ms))
    if rule.distinct == "contact":
        contact = taken.event.contact
        return None if contact is None else Match(taken.occurred_ms, taken.event_id, contact.id)
    return Match(taken.occurred_ms, taken.event_id)


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
