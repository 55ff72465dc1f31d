"""When the page calls its data stale, and why."""

from __future__ import annotations

from streams.dashboard.health import BEHIND_S, WORKER_SILENT_S, Health

MINE = "2026-11@00000000"


def health(**summary: str) -> Health:
    found = Health(MINE)
    found.redis_is_back()
    found.loaded()
    found.take({"seen_at": "a", "lag": "0"} | summary, 100.0)
    found.take({"seen_at": "b", "lag": "0"} | summary, 101.0)
    return found


def test_a_report_that_changes_is_a_worker_that_lives() -> None:
    found = health()
    assert found.level(101.0) == "ok"
    assert found.level(101.0 + WORKER_SILENT_S) == "ok"
    assert found.level(101.1 + WORKER_SILENT_S) == "stopped"
    found.take({"seen_at": "c", "lag": "0"}, 110.0)
    assert found.level(110.0) == "ok"


def test_an_old_report_found_at_the_start_proves_nothing() -> None:
    found = Health(MINE)
    found.redis_is_back()
    found.loaded()
    found.take({"seen_at": "a", "lag": "0"}, 100.0)
    found.trust(age_s=3600.0, now_s=100.0)
    assert found.level(100.0) == "stopped"
    found.trust(age_s=1.0, now_s=100.5)
    assert found.level(100.5) == "ok"


def test_no_report_at_all_is_a_worker_that_does_not_run() -> None:
    found = Health(MINE)
    found.redis_is_back()
    found.loaded()
    found.take({}, 100.0)
    assert found.level(100.0) == "stopped"


def test_records_that_wait_too_long_are_told() -> None:
    found = health()
    for second in range(102, 115):
        found.take({"seen_at": str(second), "lag": "7"}, float(second))
        assert found.level(second) == ("behind" if second - 101 > BEHIND_S else "ok")
    found.take({"seen_at": "x", "lag": "0"}, 115.0)
    assert found.level(115.0) == "ok"


def test_the_gravest_is_told() -> None:
    found = health()
    found.redis_is_away("connection refused")
    assert found.level(200.0) == "away"
    found.redis_is_back()
    found.loading(5, 10)
    assert found.level(200.0) == "loading"


def test_a_report_is_what_pages_need() -> None:
    found = health(
        **{
            "policy_version": "other@00000000",
            "customers:retain": "3",
            "revenue:retain": "12.5",
            "lag:0": "2",
            "lag:10": "1",
            "lag:topic:purchases": "4",
            "dead_letters": "6",
            "newest_event": "2026-11-20T12:00:00.000Z",
        }
    )
    report = found.report(101.0)
    assert report["policy_matches"] is False
    assert report["segments"]["retain"] == {"customers": 3, "revenue": "12.5"}
    assert report["segments"]["former"] == {"customers": 0, "revenue": "0"}
    assert report["partitions"] == {"0": 2, "10": 1}
    assert report["topics"] == {"purchases": 4}
    assert report["dead_letters"] == 6
