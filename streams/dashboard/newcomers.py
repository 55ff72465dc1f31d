"""Which department a signal of a new department is about; it must not know what is said of it.

A signal does not say it, and the public state has all departments in the order of their names. So it is the one by
which the state that follows the signal has more than the one before. Where this process saw neither, or several came
at once, it is not known: a fallback is better than the name of another department.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from schemas.policy import Policy
from streams.dashboard.instants import epoch_ms
from streams.dashboard.records import SignalRecord

# Signals remembered: those of weeks, as the rule is a rare one.
REMEMBERED = 2_000


class Newcomers:
    """The department of each signal of a rule with `new_department`, where it is known."""

    def __init__(self, policy: Policy) -> None:
        self._rules = {rule.id for rule in policy.rules if rule.new_department}
        self._open: OrderedDict[str, SignalRecord] = OrderedDict()  # by customer: the state is still to come
        self._found: OrderedDict[str, str] = OrderedDict()

    def hear(self, signal: SignalRecord) -> None:
        """Take one signal."""
        if signal.rule in self._rules and signal.signal_id not in self._found:
            self._open[signal.customer_id] = signal
            _shorten(self._open)

    def forget(self, customers: Iterable[str]) -> None:
        """Wait for no state of these any more: they were erased."""
        for customer_id in customers:
            self._open.pop(customer_id, None)

    def take(self, customer_id: str, as_of: str, added: Sequence[str]) -> None:
        """A customer's state as of then has these departments more than the one before."""
        signal = self._open.get(customer_id)
        if signal is None or (epoch_ms(as_of) or 0) < (epoch_ms(signal.effective_at) or 0):
            return
        del self._open[customer_id]
        if len(added) == 1:
            self._found[signal.signal_id] = added[0]
            _shorten(self._found)

    def of(self, signal_id: str) -> list[str]:
        """The department, or nothing."""
        return [self._found[signal_id]] if signal_id in self._found else []


def _shorten(found: OrderedDict[str, SignalRecord] | OrderedDict[str, str]) -> None:
    while len(found) > REMEMBERED:
        found.popitem(last=False)
