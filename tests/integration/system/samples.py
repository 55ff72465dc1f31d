"""Histories of made-up customers, as files; it must not know what they come to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from streams.sample import b2b, b2c
from tests.integration.system.lines import Line

END_BEFORE = timedelta(minutes=5)  # a history ends shortly before it is loaded


def companies(accounts: int, months: int, seed: int = 1) -> list[Line]:
    """The history of so many companies up to a few minutes ago."""
    return list(b2b.history(seed, _end(), accounts, months))


def members(count: int, months: int, seed: int = 1) -> list[Line]:
    """The history of so many members of a shop up to a few minutes ago."""
    return list(b2c.history(seed, _end(), count, months))


def _end() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - END_BEFORE


def read_lines(path: Path) -> list[Line]:
    """The objects of a file of lines."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def customers(lines: Iterable[Line]) -> set[str]:
    """Who is named in the lines."""
    return {line["value"]["customer_id"] for line in lines if line["value"] and "customer_id" in line["value"]}
