"""A table made into a file of history, without Kafka."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from streams.cli.backfill import backfill
from streams.cli.replay import replay

POLICY = str(Path(__file__).parents[3] / "policies" / "b2b.yaml")
TABLE = '顧客,日付,金額\nC1,2026-11-01,"1,200"\nC2,2026-11-02,三千\nC1,2026-11-03,800\n'
COLUMNS = ["--map", "customer_id=顧客", "--map", "occurred_at=日付", "--map", "amount=金額"]


def made(folder: Path, *more: str) -> Result:
    (folder / "売上.csv").write_text(TABLE)
    given = [str(folder / "売上.csv"), "--topic", "purchases", *COLUMNS, "--policy", POLICY, *more]
    return CliRunner().invoke(backfill, given)


def test_a_table_becomes_lines_that_replay_takes(tmp_path: Path) -> None:
    said = made(tmp_path, "--to", str(tmp_path / "sales.jsonl"))
    assert said.exit_code == 1  # one row was refused
    assert f"2 events in {tmp_path / 'sales.jsonl'}" in said.output
    (refused,) = (tmp_path / "売上.csv.rejects.jsonl").read_text().splitlines()
    assert (json.loads(refused)["line_no"], "三千" in json.loads(refused)["detail"]) == (3, True)
    out = tmp_path / "out"
    again = CliRunner().invoke(replay, [str(tmp_path / "sales.jsonl"), "--policy", POLICY, "--out", str(out)])
    assert again.exit_code == 0
    (state,) = map(json.loads, (out / "states.jsonl").read_text().splitlines())
    assert (state["customer_id"], state["value"]["amount"]) == ("C1", "2000")


def test_where_the_lines_cannot_be_written_it_says_so(tmp_path: Path) -> None:
    said = made(tmp_path, "--to", str(tmp_path / "missing" / "x.jsonl"))
    assert said.exit_code == 1
    assert "cannot be written: No such file or directory; give another --to" in str(said.exception)


def test_the_table_itself_is_not_written_over(tmp_path: Path) -> None:
    for option in ("--to", "--rejects"):
        said = made(tmp_path, option, str(tmp_path / "." / "売上.csv"))
        assert said.exit_code == 1
        assert "is the file that is read" in str(said.exception)
    assert (tmp_path / "売上.csv").read_text() == TABLE
