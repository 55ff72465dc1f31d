"""Customers are erased while workers die, and what is sent again of their past does not bring them back."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.fault.bench import Bench, bench
from tests.fault.concluding import assert_exact_anew, settle_exact
from tests.fault.load import as_sent
from tests.integration.system.lines import buy, crm

TEST_S = 600
ERASED = ("K1", "K2", "K3")


@pytest.mark.timeout(TEST_S)
def test_erased_while_workers_die(stack: LocalStack, tmp_path: Path) -> None:
    rng = random.Random(15)
    with bench(stack, tmp_path, seed=15, workers=1, most=400) as run:
        run.decided(150)
        old = [as_sent(buy(name, "900000", before_s=60.0)) for name in ERASED]
        old += [as_sent(crm(name, "inquiry", text="全社展開", before_s=60.0)) for name in ERASED]
        for name in ERASED:
            run.crew.coming = [{"KAKUHAN_FAIL_AT": f"after-changelog:#{rng.randint(1, 4)}"}]
            run.crew.kill(run.crew.alive()[0])
            assert run.site.begin("erase", name, "--yes", "--wait-s", "1").wait() in (0, 1)
            run.wait(lambda: len(run.crew.alive()) == 1, "a worker that is alive")
        run.sender.close()  # what it goes on to send would be their new life
        run.recovered("erasures")
        _erase_again(run)
        run.sender.send(old)
        verdict = settle_exact(run)
        shown = {name for name in ERASED if run.site.redis.exists(run.site.key(f"customer:{name}"))}
        assert verdict.counts["customers"] == run.sender.maker.customers - len(ERASED)
        assert shown == set()
        assert_exact_anew(run)


def _erase_again(run: Bench) -> None:
    """Whoever was interrupted says it once more; what has come meanwhile goes, too."""
    for name in ERASED:
        said = run.site.ok("erase", name, "--yes", "--wait-s", "60")
        assert "have let go of it" in said
