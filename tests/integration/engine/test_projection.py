"""The projection follows, is away for a while, comes back empty or old; folding goes on meanwhile."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import redis

from streams.local import LocalStack
from tests.integration.engine.kit import Bed, assert_exact
from tests.integration.engine.topics import wait_until


class View:
    """What the toy projection holds."""

    def __init__(self, url: str, prefix: str) -> None:
        self.redis = redis.Redis.from_url(url)
        self.prefix = prefix

    def rows(self) -> dict[str, dict[str, Any]]:
        found: Any = self.redis.hgetall(f"{self.prefix}rows")
        rows = {k.decode(): json.loads(v) for k, v in found.items()}
        return {k: {f: v[f] for f in ("n", "total", "digest")} for k, v in rows.items()}

    def equals(self, bed: Bed) -> bool:
        return self.rows() == bed.states()

    def offsets(self, bed: Bed) -> list[int]:
        """How far each partition is said to be shown."""
        found: list[Any] = [self.redis.hget(f"{self.prefix}own:{p}", "next") for p in range(bed.partitions)]
        return [int(text or -1) for text in found]


@pytest.fixture
def view(stack: LocalStack, names: Any, bed: Bed) -> Any:
    bed.env = {"TOY_REDIS": stack.redis_url, "TOY_REDIS_PREFIX": names.redis_prefix}
    made = View(stack.redis_url, names.redis_prefix)
    yield made
    for key in made.redis.scan_iter(f"{names.redis_prefix}*"):
        made.redis.delete(key)
    made.redis.close()


def test_the_projection_equals_the_states_and_an_emptied_one_is_filled_again(bed: Bed, view: View) -> None:
    bed.facts(400)
    bed.worker()
    bed.wait_caught_up()
    wait_until(lambda: view.equals(bed), 10)
    assert view.equals(bed)
    view.redis.delete(f"{view.prefix}rows", f"{view.prefix}own:0", f"{view.prefix}own:1")
    wait_until(lambda: view.equals(bed), 15)
    assert view.equals(bed), "although no fact has arrived since"
    assert_exact(bed)


def test_readers_hear_that_a_partition_is_at_its_end_although_its_last_records_changed_no_view(
    bed: Bed, view: View
) -> None:
    bed.facts(40)
    for partition in range(bed.partitions):
        bed.send("events", None, b"", partition, headers=[("kakuhan-kind", b"clock")])
    bed.flush()
    bed.worker()
    bed.wait_caught_up()
    _assert_at_the_end(bed, view)
    bed.send("events", None, b"", 0, headers=[("kakuhan-kind", b"clock")])
    bed.flush()
    _assert_at_the_end(bed, view)
    bed.workers[0].kill()  # whoever comes next knows from the changelog that the projection goes with it
    bed.bury()
    second = bed.worker()
    bed.wait_caught_up()
    _assert_at_the_end(bed, view)
    assert "views are written again" not in second.text()


def _assert_at_the_end(bed: Bed, view: View) -> None:
    ends = [end for _, end in sorted(bed.ends("events").items())]
    assert wait_until(lambda: view.offsets(bed) == ends, 10), (view.offsets(bed), ends)


def test_a_worker_killed_while_it_fills_an_emptied_projection_leaves_the_rest_to_the_next(bed: Bed, view: View) -> None:
    bed.facts(3_000, keys=3_000)  # more than one turn fills
    bed.worker()
    bed.wait_caught_up()
    assert wait_until(lambda: view.equals(bed), 20)
    assert bed.workers[0].stop() == 0
    view.redis.delete(f"{view.prefix}rows", f"{view.prefix}own:0", f"{view.prefix}own:1")
    bed.worker(KAKUHAN_FAIL_AT="after-projection:1").exit()
    assert 0 < len(view.rows()) < 3_000
    bed.bury()
    bed.worker()
    assert wait_until(lambda: view.equals(bed), 20), len(view.rows())


def test_keys_touched_by_a_chunk_that_was_killed_before_the_projection_are_shown_by_the_next(
    bed: Bed, view: View
) -> None:
    bed.facts(100)
    bed.worker()
    bed.wait_caught_up()
    bed.workers[0].stop()
    bed.facts(100, begin=100)
    killed = bed.worker(KAKUHAN_FAIL_AT="after-signals:1")
    killed.exit()
    bed.bury()
    last = bed.worker()
    bed.wait_caught_up()
    wait_until(lambda: view.equals(bed), 10)
    assert view.equals(bed)
    assert "views are written again" not in last.text(), "only those that were missing"
    assert_exact(bed)


def test_an_outage_of_the_projection_stops_nothing_and_loses_nothing(
    own_stack: LocalStack, names: Any, create_topics_at: Any, tmp_path: Any
) -> None:
    bed = Bed(own_stack.brokers, names.prefix, names.app, tmp_path)
    bed.create("events", "changelog", "signals", "states")
    bed.env = {"TOY_REDIS": own_stack.redis_url, "TOY_REDIS_PREFIX": names.redis_prefix}
    view = View(own_stack.redis_url, names.redis_prefix)
    try:
        bed.facts(200)
        bed.worker()
        bed.wait_caught_up()
        wait_until(lambda: view.equals(bed), 10)
        own_stack.redis.stop()
        bed.facts(200, begin=200)
        bed.wait_caught_up()
        assert_exact(bed)
        assert "the projection is away" in bed.workers[0].text()
        own_stack.redis.start()
        wait_until(lambda: view.equals(bed), 20)
        assert view.equals(bed)
        assert "views are written again" not in bed.workers[0].text(), "it kept its data: only what it missed"
        own_stack.redis.stop()
        bed.facts(200, begin=400)
        bed.wait_caught_up()
        bed.workers[0].stop()
        own_stack.redis.start()
        bed.worker()
        wait_until(lambda: view.equals(bed), 20)
        assert view.equals(bed), "what was missed before a restart"
        own_stack.redis.freeze()
        bed.facts(200, begin=600)
        bed.wait_caught_up()
        assert_exact(bed)
        own_stack.redis.thaw()
        wait_until(lambda: view.equals(bed), 20)
        assert view.equals(bed), "a store that hangs is as good as away"
    finally:
        bed.close()
        view.redis.close()


def test_a_newer_owner_of_the_projection_ends_the_worker(bed: Bed, view: View) -> None:
    bed.facts(20)
    worker = bed.worker()
    bed.wait_caught_up()
    wait_until(lambda: view.equals(bed), 10)
    for partition in (0, 1):
        view.redis.hset(f"{view.prefix}own:{partition}", "epoch", 99)
    bed.facts(20, begin=20)
    assert worker.exit() == 70
    assert "epoch 1 is old" in worker.text()
    time.sleep(0)
