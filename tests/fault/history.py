"""The past of customers who have no present yet, and a load of it that is killed half way and run again.

It must not know what comes of it.
"""

from __future__ import annotations

import random
import signal

from tests.fault.bench import Bench
from tests.integration.system.lines import DAY_S, Line, account, ago, buy, crm, see
from tests.integration.system.processes import wait_until

CUSTOMERS, MONTHS = 200, 3
LOOK_S = 0.005  # a load of that size takes some tenths of a second
LOADING_S = 240.0


def past_of(customers: int, name: str = "H") -> list[Line]:
    """Accounts, purchases, a page and a rating of each."""
    lines = []
    for n in range(customers):
        who = f"{name}{n}"
        lines += [_past(account(who, f"旧商店{name}{n}"), 200)]
        lines += [_past(buy(who, str(90_000 + 1_000 * n)), 30.0 * month + 5) for month in range(MONTHS)]
        lines += [_past(see(who, "/pricing"), 40), _past(crm(who, "nps_response", score=n % 11), 30)]
    return lines


def _past(line: Line, days: float) -> Line:
    return line | {"received_at": ago(days * DAY_S), "value": line["value"] | {"occurred_at": ago(days * DAY_S + 1)}}


def load_twice(bench: Bench, rng: random.Random, customers: int = CUSTOMERS) -> None:
    """A load dies half way; while it is run again all workers die, too."""
    name = f"H{rng.randrange(10**6)}x"
    file = bench.site.write(past_of(customers, name), f"{name}.jsonl")
    bench.sender.pause()  # so that what is written is the load's
    bench.recovered("a pause")
    before = _written(bench)
    loading = bench.site.begin("send", "--history", file)
    begun = wait_until(lambda: _written(bench) > before or loading.poll() is not None, LOADING_S, LOOK_S)
    assert begun, "the load did not begin"
    loading.send_signal(signal.SIGKILL)
    assert loading.wait() == -signal.SIGKILL, "the load was over before it could be killed"
    bench.sender.go_on()
    again = bench.site.begin("send", "--history", file)
    for worker in bench.crew.alive():
        bench.crew.kill(worker)
    bench.wait(lambda: again.poll() is not None, "the end of the second load")
    assert again.returncode == 0, (bench.site.folder / "others.log").read_text()[-1_000:]


def _written(bench: Bench) -> int:
    """Records in the log, committed or not."""
    return sum(bench.site.kafka.ends(bench.site.topic("events"), "read_uncommitted").values())
