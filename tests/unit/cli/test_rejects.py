"""The file of refused lines: written before anything is loaded, never one of yesterday."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.cli.loading import write_rejects
from streams.errors import SettingsError
from streams.intake.lines import Reject

BAD = Reject("a.csv", 7, "invalid_event", "amount: found nothing")
LINE = b'{"path":"a.csv","line_no":7,"reason":"invalid_event","detail":"amount: found nothing"}\n'


def test_a_line_each(tmp_path: Path) -> None:
    write_rejects(tmp_path / "r", [BAD, BAD])
    assert (tmp_path / "r").read_bytes() == LINE * 2


def test_without_refusals_none_is_made_and_an_old_one_is_emptied(tmp_path: Path) -> None:
    write_rejects(tmp_path / "r", [])
    assert not (tmp_path / "r").exists()
    write_rejects(tmp_path / "r", [BAD])
    write_rejects(tmp_path / "r", [])
    assert (tmp_path / "r").read_bytes() == b""


def test_where_it_cannot_be_written_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written: No such file or directory; say where with --rejects"):
        write_rejects(tmp_path / "missing" / "r", [BAD])
