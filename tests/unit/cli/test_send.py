"""Files that commands read: which of them are refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from streams.cli import send as sending
from streams.cli.backfill import backfill
from streams.cli.replay import replay
from streams.errors import SettingsError

POLICY = Path(__file__).parents[3] / "policies" / "b2b.yaml"


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (sending.send, ["--history"]),
        (backfill, ["--topic", "purchases", "--map", "customer_id=A", "--map", "occurred_at=B"]),
        (replay, ["--policy", str(POLICY), "--out", "out"]),
    ],
)
def test_what_can_be_read_once_only_is_no_history(tmp_path: Path, command: Any, options: list[str]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(SettingsError, match=f"{pipe} is a pipe or a device, expected a file on disk.*write"):
        CliRunner().invoke(command, [str(pipe), *options], catch_exceptions=False)
