"""Which departments of a customer have been named; it must not know why that matters."""

from __future__ import annotations

from schemas.log import LogAccount, LogEvent
from streams.domain.state import MOST_DEPARTMENTS, State
from streams.domain.text import department_name


def known(state: State) -> list[str]:
    """All departments named so far, by events and by the account, sorted."""
    of_account = state.account.departments if state.account else []  # sorted
    return sorted({*state.named_departments, *of_account}) if state.named_departments else of_account


def named_by(event: LogEvent) -> list[str]:
    """The departments that an event names: its contact's, or those of an account."""
    if event.account is not None:
        return of_account(event.account)
    if event.contact is None and event.new_department is None:
        return []
    found = [event.contact.department if event.contact else None, event.new_department]
    return [name for text in found if text and (name := department_name(text))]


def of_account(account: LogAccount) -> list[str]:
    """The departments that an account names, by itself and through its contacts."""
    texts = [*account.departments, *(contact.department for contact in account.contacts)]
    return sorted({name for text in texts if text and (name := department_name(text))})[:MOST_DEPARTMENTS]


def first_new(state: State, names: list[str]) -> str | None:
    """A name that was not known, the first in order of text, where at least one was known."""
    if not names or all(name in state.named_departments for name in names):
        return None
    before = known(state)
    return min((name for name in names if name not in before), default=None) if before else None


def remember(state: State, names: list[str]) -> None:
    """Keep the names; at most `MOST_DEPARTMENTS`."""
    for name in names:
        if name not in state.named_departments and len(state.named_departments) < MOST_DEPARTMENTS:
            state.named_departments.append(name)
