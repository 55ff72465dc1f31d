"""The standing half of the demo: Kafka, Redis, worker, page and the loaded history.

It must not know what signals mean.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec
import redis

from schemas.policy import Policy
from streams.adapters.kafka_admin import consumer, partitions_of
from streams.adapters.topics import ensure_topics
from streams.cli.loading import digest_of, load_history
from streams.cli.local import download_progress
from streams.cli.progress import progress_bar
from streams.cli.supervisor import Supervisor
from streams.domain.state import FORMAT as STATE_FORMAT
from streams.engine import envelope, position
from streams.errors import KakuhanError
from streams.intake.lines import JsonLines
from streams.local import LocalStack, jars, ports
from streams.sample import b2b
from streams.settings import Settings, variable

PARTITIONS = 4
PAGE_PORT = 8765
DECIDED_WITHIN_S = 900.0  # a slow machine still does 100 records a second
LOOK_EVERY_S = 0.2
FORMATS = (STATE_FORMAT, envelope.VERSION, position.FORMAT)  # of what a worker stores


class Made(msgspec.Struct, frozen=True):
    """What the kept data was made from; anything else begins afresh."""

    seed: int
    accounts: int
    day: str
    policy_version: str
    formats: tuple[int, int, int]


class DemoSystem:
    """What `kakuhan demo` starts, in one folder; use `running`, then the rest inside."""

    def __init__(self, folder: Path, policy_file: Path, policy: Policy, made_with: tuple[int, int]) -> None:
        self.policy, self._folder, self._policy_file = policy, folder, policy_file.absolute()
        self.seed, self.accounts = made_with
        self._midnight = datetime.now(ZoneInfo(policy.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
        self._made = Made(self.seed, self.accounts, self._midnight.date().isoformat(), policy.policy_version, FORMATS)
        self._mark = folder / "made.json"
        self._began_s = time.monotonic()
        self._supervisors: list[Supervisor] = []
        self.settings, self.page = Settings(), ""

    @contextmanager
    def running(self, *, fresh: bool) -> Iterator[None]:
        """Kafka, Redis and the worker, until the block ends."""
        fresh = fresh or not self._is_made()
        with ExitStack() as stack:
            local = stack.enter_context(self._local_stack(fresh))
            self.settings = Settings(
                brokers=local.brokers, redis_url=local.redis_url, policy=self._policy_file, partitions=PARTITIONS
            )
            click.echo(f"Kafka {local.brokers} and Redis {local.redis_url} are up ({self._elapsed()}).")
            ensure_topics(self.settings)
            stack.enter_context(self._supervised("worker"))
            yield

    @contextmanager
    def showing(self, with_page: bool) -> Iterator[None]:
        """The page, until the block ends; after the worker has written what it reads at its start."""
        if not with_page:
            yield
            return
        port = PAGE_PORT if ports.is_free(PAGE_PORT) else ports.any_free()
        self.page = f"http://{ports.HOST}:{port}/"
        with self._supervised("dashboard", "--port", str(port)):
            yield

    def load_once(self) -> None:
        """Load the fictional history, unless an earlier run has, and wait until all of it is decided."""
        if not self._is_made():
            self._load()
            self._mark.write_bytes(msgspec.json.encode(self._made))
        self._await_decided()
        click.echo(f"All of the history is decided ({self._elapsed()}).")

    def look(self) -> None:
        """Start again what has died.

        Raises:
            KakuhanError: It cannot run; its log says why.
        """
        for supervisor in self._supervisors:
            if supervisor.look() is not None:
                log = self._folder / f"{supervisor.command[3]}.log"
                raise KakuhanError(f"the {supervisor.command[3]} refuses to run; its last words are in {log}")

    def client(self) -> redis.Redis:
        """A connection to the demo's Redis."""
        return redis.Redis.from_url(self.settings.redis_url)

    # -- parts

    @contextmanager
    def _local_stack(self, fresh: bool) -> Iterator[LocalStack]:
        with download_progress() as progress:
            jars.fetch(jars.default_folder(), jars.locked(), progress)
        with LocalStack(self._folder, fresh=fresh, or_any_port=True) as stack:
            if fresh:
                self._mark.unlink(missing_ok=True)
            yield stack

    @contextmanager
    def _supervised(self, *arguments: str) -> Iterator[None]:
        names = ("brokers", "redis_url", "policy", "app", "topic_prefix", "redis_prefix")
        environment = {variable(name): str(getattr(self.settings, name)) for name in names}
        command = [sys.executable, "-m", "streams.cli.main", *arguments]
        with (self._folder / f"{arguments[0]}.log").open("ab") as log:
            supervisor = Supervisor(command, 1, environment, log.fileno(), self._tell)
            supervisor.start()
            self._supervisors.append(supervisor)
            try:
                yield
            finally:
                self._supervisors.remove(supervisor)
                supervisor.stop()

    def _tell(self, line: str) -> None:
        click.echo(f"kakuhan: {line}", err=True)

    def _is_made(self) -> bool:
        try:
            return msgspec.json.decode(self._mark.read_bytes(), type=Made) == self._made
        except (OSError, msgspec.MsgspecError):
            return False

    def _load(self) -> None:
        history = self._folder / "history.jsonl"
        click.echo(f"Making up 18 months of {self.accounts} fictional companies …")
        lines = b2b.history(self.seed, self._midnight, self.accounts)
        history.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        rejects = self._folder / "history.rejects.jsonl"
        digest, sources = digest_of(history), [JsonLines(history)]
        load_history(self.settings, self.policy, sources, digest, again=True, rejects=rejects)

    def _await_decided(self) -> None:
        """Wait until the view has all that the log holds now, and time has been worked off."""
        until_s = time.monotonic() + DECIDED_WITHIN_S
        total = _log_size(self.settings)
        with self.client() as client, progress_bar("deciding", total) as advance:
            self._follow(client, total, until_s, advance)

    def _follow(self, client: redis.Redis, total: int, until_s: float, advance: Callable[[int], None]) -> None:
        done = 0
        while done < total:
            if time.monotonic() > until_s:
                raise KakuhanError(f"the worker has not decided the history within {DECIDED_WITHIN_S:.0f} s")
            self.look()
            summary: Any = client.hgetall(f"{self.settings.redis_prefix}summary")
            applied = sum(int(text) for name, text in summary.items() if name.startswith(b"applied:"))
            advance(applied - done)
            done = applied
            time.sleep(LOOK_EVERY_S)

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self._began_s:.0f} s"


def _log_size(settings: Settings) -> int:
    """The sum of the end offsets of the log's partitions."""
    with consumer(settings.brokers) as client:
        return sum(client.end_offsets(partitions_of(client, settings.events)).values())
