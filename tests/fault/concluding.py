"""How a run ends: at rest and judged, then once more after everybody was replaced; it must not know the faults."""

from __future__ import annotations

from tests.fault.bench import Bench
from tests.fault.checker.verdict import Verdict


def assert_exact(run: Bench, *, cold: bool = True) -> Verdict:
    """Everything is as the log says; with `cold`, also after a restart from what is durable and one more event each."""
    verdict = settle_exact(run)
    if cold:
        return assert_exact_anew(run)
    run.crew.stop()
    return verdict


def settle_exact(run: Bench) -> Verdict:
    """Everything is as the log says, and may go on."""
    verdict = run.settle()
    assert verdict.ok, verdict.text() + "\n" + run.crew.told()
    return verdict


def assert_exact_anew(run: Bench) -> Verdict:
    """The same after everybody was replaced, and each customer has had one more event; then everybody leaves."""
    run.restart_cold()
    run.touch_all()
    verdict = settle_exact(run)
    run.crew.stop()
    return verdict


def wrong_in(run: Bench) -> set[str]:
    """What a twin has got wrong, after the same ending: before everybody was replaced, or after."""
    run.settle_s = TWIN_SETTLES_S
    before = run.settle()
    run.restart_cold()
    run.touch_all()
    after = run.settle()
    run.crew.stop()
    return {kind for verdict in (before, after) for kind, told in verdict.wrong.items() if told}


TWIN_SETTLES_S = 1.0  # it will not come to be right, however long one waits
