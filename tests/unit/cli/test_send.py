"""Files that commands read: what is kept of them while they are sent, and which are refused."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from streams.cli import send as sending
from streams.cli.backfill import backfill
from streams.cli.replay import replay
from streams.errors import SettingsError

LINE = '{"topic": "web-behaviour", "key": "C1", "value": {}}\n'
POLICY = Path(__file__).parents[3] / "policies" / "b2b.yaml"


class Sent:
    """The future of one record."""

    def get(self, within_s: float) -> None:
        """Acknowledged at once."""


class Client:
    """A producer that knows how many futures of its records somebody still holds, at most."""

    def __init__(self) -> None:
        self.sent, self.most_held = 0, 0
        self._held: weakref.WeakSet[Sent] = weakref.WeakSet()

    def send(self, topic: str, **record: Any) -> Sent:
        future = Sent()
        self._held.add(future)
        self.sent, self.most_held = self.sent + 1, max(self.most_held, len(self._held))
        return future


def test_of_what_was_sent_only_the_records_in_flight_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()

    @contextmanager
    def producer(brokers: str) -> Iterator[Client]:
        yield client

    monkeypatch.setattr(sending, "producer", producer)
    monkeypatch.setattr(sending, "require_topics", lambda *_: None)
    monkeypatch.setattr(sending, "IN_FLIGHT", 10)
    file = tmp_path / "events.jsonl"
    file.write_text(LINE * 105)
    gc.collect()
    done = CliRunner().invoke(sending.send, [str(file)], catch_exceptions=False)
    assert (done.exit_code, done.output) == (0, "105 records sent\n")
    assert client.sent == 105
    assert client.most_held <= 11


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (sending.send, ["--history"]),
        (backfill, ["--topic", "purchases", "--map", "customer_id=A", "--map", "occurred_at=B"]),
        (replay, ["--policy", str(POLICY), "--out", "out"]),
    ],
)
def test_what_can_be_read_once_only_is_no_history(command: Any, options: list[str]) -> None:
    reads, writes = os.pipe()
    os.close(writes)
    pipe = f"/dev/fd/{reads}"  # as a shell gives for <(zcat history.jsonl.gz)
    with pytest.raises(SettingsError, match=f"{pipe} is a pipe or a device, expected a file on disk.*write"):
        CliRunner().invoke(command, [pipe, *options], catch_exceptions=False)
    os.close(reads)
