from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from streams.engine.app import EngineApp
from streams.engine.run import _execute, run
from streams.errors import BrokerError


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


@pytest.mark.parametrize("error", [KafkaConnectionError("no broker"), ConnectionResetError("cut")])
def test_a_broker_that_goes_away_while_topics_are_checked_is_told_from_a_refusal(error: Exception) -> None:
    async def check() -> None:
        raise error

    with pytest.raises(BrokerError, match="Kafka went away while the topics were checked"):
        run(SimpleNamespace(check=check))  # type: ignore[arg-type]


@pytest.mark.parametrize("session_s", [6.0, 10.0, 91.0, 300.0])
def test_requests_may_take_longer_than_a_session(session_s: float) -> None:
    conf = EngineApp("app", brokers="127.0.0.1:9092", session_timeout_s=session_s).conf
    assert conf.broker_session_timeout == session_s
    assert conf.broker_request_timeout > session_s, "Faust refuses to start otherwise"
