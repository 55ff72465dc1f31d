from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from streams.engine.run import _execute


@pytest.mark.parametrize(("raised", "status"), [(0, 0), (None, 0), (1, 70), ("words", 70)])
def test_whatever_has_crashed_may_be_started_again(raised: Any, status: int) -> None:
    def leave() -> None:
        raise SystemExit(raised)

    assert _execute(SimpleNamespace(execute_from_commandline=leave)) == status  # type: ignore[arg-type]


def test_so_may_what_an_exception_has_ended(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError("the broker went away")

    assert _execute(SimpleNamespace(execute_from_commandline=fail)) == 70  # type: ignore[arg-type]
    assert "the broker went away" in caplog.text
