from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from streams.engine.run import _execute


def worker(ends: Callable[[], None], told_early: bool = False) -> Any:
    return SimpleNamespace(execute_from_commandline=ends, told_early=told_early)


@pytest.mark.parametrize(("raised", "status"), [(0, 0), (None, 0), (1, 70), ("words", 70)])
def test_whatever_has_crashed_may_be_started_again(raised: Any, status: int) -> None:
    def leave() -> None:
        raise SystemExit(raised)

    assert _execute(worker(leave)) == status
    assert _execute(worker(leave, told_early=True)) == 0, "nothing had begun"


def test_so_may_what_an_exception_has_ended(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError("the broker went away")

    assert _execute(worker(fail)) == 70
    assert "the broker went away" in caplog.text
