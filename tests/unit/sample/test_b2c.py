"""The made-up shop."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from streams.sample import b2c
from streams.sample.__main__ import main

END = datetime.fromisoformat("2026-11-01T00:00:00+09:00")


def test_intake_takes_everything_and_members_spread_over_the_segments(b2c_outcome: Any) -> None:
    assert not b2c_outcome.refused
    share = Counter(state["segment"] for state in b2c_outcome.states)
    assert len(b2c_outcome.states) == 600
    assert all(share[segment] / 600 > 0.02 for segment in ("retain", "nurture", "expand", "streamline"))
    assert share["streamline"] / 600 > 0.5


def test_every_rule_of_the_shop_speaks(b2c_outcome: Any) -> None:
    rules = {signal["rule"] for signal in b2c_outcome.signals}
    assert rules == {rule.id for rule in b2c_outcome.policy.rules} | {"segment", "lifecycle"}


def test_the_same_seed_gives_the_same_in_the_order_of_receipt() -> None:
    lines = list(b2c.history(5, END, members=40, months=6))
    assert lines == list(b2c.history(5, END, members=40, months=6))
    received = [datetime.fromisoformat(line["received_at"]) for line in lines]
    assert received == sorted(received)
    assert received[-1] < END


def test_sizes_out_of_range_are_refused() -> None:
    for members, months in ((0, 18), (50_001, 18), (10, 0)):
        with pytest.raises(ValueError, match="to"):
            b2c.history(1, END, members, months)


@pytest.mark.parametrize("kind", ["b2b", "b2c"])
def test_the_command_writes_one_object_a_line(kind: str) -> None:
    out = io.StringIO()
    count = {"b2b": "--accounts", "b2c": "--members"}[kind]
    assert main([kind, "--seed", "2", "--end", END.isoformat(), count, "15", "--months", "2"], out) == 0
    lines = [json.loads(text) for text in out.getvalue().splitlines()]
    assert len({line["value"]["customer_id"] for line in lines if line["topic"] == "accounts"}) == 15
    assert all({"topic", "received_at", "value"} <= line.keys() for line in lines)


@pytest.mark.parametrize(
    "arguments",
    [[], ["b2b"], ["b2b", "--end", "2026-11-01T00:00:00"], ["b2b", "--end", "soon"], ["b2x", "--end", END.isoformat()]],
)
def test_wrong_usage_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_accounts_out_of_range_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["b2b", "--end", END.isoformat(), "--accounts", "0"])
    assert ended.value.code == 2
    assert "accounts: 1 to 2000" in capsys.readouterr().err
