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
    for second in range(102, 116):  # ten records are there from the first look on; none is decided
        found.take({"seen_at": str(second), "lag": "10", "applied:0": "90", "end:0": "100"}, float(second))
        assert found.level(second) == ("behind" if second - 102 >= BEHIND_S else "ok")
    found.take({"seen_at": "x", "lag": "3", "applied:0": "100", "end:0": "103"}, 116.0)
    assert found.level(116.0) == "ok"  # those of ten seconds ago are; that others have come since is life


def test_a_source_that_is_not_taken_in_is_told_too() -> None:
    found = health()
    for second in range(102, 114):
        offsets = {"read:topic:purchases:1": "4", "end:topic:purchases:1": "5", "applied:0": "9", "end:0": "9"}
        found.take({"seen_at": str(second), **offsets}, float(second))
    assert found.level(113.0) == "behind"


def test_a_busy_log_that_is_decided_in_time_is_not_behind() -> None:
    found = health()
    for second in range(102, 200):  # 50 records a second, always 40 of them on their way
        offsets = {"applied:3": str(50 * second - 40), "end:3": str(50 * second)}
        found.take({"seen_at": str(second), "lag": "40", **offsets}, float(second))
        assert found.level(second) == "ok"


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
            "end:topic:purchases:0": "44",
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
