"""Events for a watcher."""

from __future__ import annotations

from datetime import datetime
from itertools import islice, pairwise
from statistics import median
from typing import Any

import pytest

from streams.sample.companies import make_companies
from streams.sample.live import live

pytestmark = pytest.mark.timeout(600)  # the whole history is decided before, half a minute on a busy machine

START = datetime.fromisoformat("2026-11-02T10:00:00+09:00")


def first(count: int, *arguments: Any, **options: Any) -> list[dict[str, Any]]:
    return list(islice(live(*arguments, **options), count))


def test_the_same_seed_and_start_give_the_same() -> None:
    assert first(300, 1, START, accounts=50) == first(300, 1, START, accounts=50)
    assert first(300, 1, START, accounts=50) != first(300, 2, START, accounts=50)


def test_events_happen_one_after_the_other_at_the_pace_asked_for() -> None:
    lines = first(2000, 1, START, pace=4.0, accounts=50)
    moments = [datetime.fromisoformat(line["received_at"]) for line in lines]
    assert moments == sorted(moments)
    assert moments[0] >= START
    # 2000 exponential waits of 0.25 s last 500 s, give or take 3 times sqrt(2000) / 4 = 33.5 s
    assert (moments[-1] - START).total_seconds() == pytest.approx(500, abs=34)


def test_they_are_about_the_accounts_of_the_history() -> None:
    known = {company.customer_id for company in make_companies(1, 50)}
    lines = first(2000, 1, START, accounts=50)
    assert {line["value"].get("customer_id", "K-0001") for line in lines} <= known


def test_ids_of_another_start_are_others() -> None:
    later = datetime.fromisoformat("2026-11-02T10:00:01+09:00")
    ids = [{line["value"].get("event_id") for line in first(500, 1, start, accounts=50)} for start in (START, later)]
    assert ids[0] & ids[1] <= {None}


def test_one_customer_is_enough() -> None:
    assert len(first(500, 1, START, accounts=1)) == 500


def test_a_pace_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="pace"):
        live(1, START, pace=0.0)


def test_a_watcher_sees_a_signal_every_few_seconds(b2b_outcome: Any) -> None:
    assert set(b2b_outcome.refused) == {"ambiguous_company"}
    moments = sorted(datetime.fromisoformat(s["effective_at"]).timestamp() for s in b2b_outcome.live_signals)
    waits = [after - before for before, after in pairwise(moments)]
    assert median(waits) < 5
    assert max(waits) < 60
    assert len({signal["rule"] for signal in b2b_outcome.live_signals}) >= 9
    kinds = {signal["type"] for signal in b2b_outcome.live_signals}
    assert kinds == {"segment.changed", "lifecycle.changed", "buying_signal.detected", "churn_risk.detected"}
