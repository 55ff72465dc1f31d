"""The same history under two policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from streams.cli.replay import replay
from streams.errors import PolicyError

POLICY = Path(__file__).parents[3] / "policies" / "b2b.yaml"


def purchase(customer: str, amount: str) -> str:
    value = {"customer_id": customer, "type": "purchase", "amount": amount, "occurred_at": "2026-11-01T10:00:00+09:00"}
    return json.dumps({"topic": "purchases", "value": value | {"event_id": customer}}) + "\n"


def ran(folder: Path, *more: str) -> Any:
    history = folder / "history.jsonl"
    # at 1,200,000 a customer's value is high, of the other policy at 900,000
    history.write_text(purchase("C1", "1000000") + purchase("C2", "2000000") + purchase("C3", "500000"))
    given = [str(history), "--policy", str(POLICY), "--out", str(folder / "out"), *more]
    return CliRunner().invoke(replay, given)


def test_another_policy_is_set_beside(tmp_path: Path) -> None:
    lower = tmp_path / "lower.yaml"
    text = POLICY.read_text()
    band = '{enter: "1200000", leave: "1000000"}'
    assert text.count(band) == 1
    lower.write_text(text.replace(band, '{enter: "900000", leave: "800000"}'))
    said = ran(tmp_path, "--against", str(lower))
    assert said.exit_code == 0
    lines = [" ".join(line.split()) for line in said.output.splitlines()]
    assert "customers --against --policy" in lines
    assert "expand 2 1" in lines
    assert "streamline 1 2" in lines
    assert "1 customers stand elsewhere" in lines
    assert "expand → streamline: 1" in lines
    (written,) = map(json.loads, (tmp_path / "out" / "comparison.jsonl").read_text().splitlines())
    assert (written["customer_id"], written["before"]["place"], written["after"]["place"]) == (
        "C1",
        "expand",
        "streamline",
    )
    states = map(json.loads, (tmp_path / "out" / "states.jsonl").read_text().splitlines())
    assert {state["customer_id"]: state["segment"] for state in states} == {
        "C1": "streamline",
        "C2": "expand",
        "C3": "streamline",
    }


def test_both_policies_are_read_before_anything_is_decided(tmp_path: Path) -> None:
    said = ran(tmp_path, "--against", str(tmp_path / "nowhere.yaml"))
    assert isinstance(said.exception, PolicyError)
    assert not (tmp_path / "out").exists()
