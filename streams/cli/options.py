"""Options that several commands share; it must not know what they do with them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from streams.errors import SettingsError
from streams.settings import Settings

_F = TypeVar("_F", bound=Callable[..., Any])

_TOO_LATE_YEAR = 9_000  # as for records: what follows an instant must still have a date
_EPOCH = datetime.fromtimestamp(0, UTC)

_OPTIONS = {
    "brokers": ("--brokers", "HOST:PORT,…", "Kafka's addresses (KAKUHAN_BROKERS)."),
    "redis_url": ("--redis", "URL", "Redis's address (KAKUHAN_REDIS_URL)."),
    "app": ("--app", "NAME", "Name of the app: its consumer group and changelog (KAKUHAN_APP)."),
    "topic_prefix": ("--topic-prefix", "TEXT", "What all topic names begin with (KAKUHAN_TOPIC_PREFIX)."),
    "redis_prefix": ("--redis-prefix", "TEXT", "What all Redis keys begin with (KAKUHAN_REDIS_PREFIX)."),
    "policy": ("--policy", "FILE", "The policy (KAKUHAN_POLICY)."),
}


def settings_options(*names: str) -> Callable[[_F], _F]:
    """Add options that override settings; the command gets them by their setting's name."""

    def add(command: _F) -> _F:
        for name in reversed(names):
            flag, metavar, text = _OPTIONS[name]
            command = click.option(flag, name, metavar=metavar, help=text)(command)
        return command

    return add


def settings_of(**options: Any) -> Settings:
    """The settings of the environment with the options that were given."""
    policy = options.get("policy")
    return Settings.from_env(**options | ({"policy": Path(policy)} if policy else {}))


def refuse_pipe(file: Path) -> None:
    """Refuse what gives its content once only: files of the past are read several times, and in places.

    Raises:
        SettingsError: It is a pipe or a device.
    """
    if not file.is_file():
        raise SettingsError(
            f"{file} is a pipe or a device, expected a file on disk, as it is read more than once: write the content "
            "to a file first (zcat history.jsonl.gz > history.jsonl) and give that"
        )


def refuse_overwriting(file: Path, *written: Path | None) -> None:
    """Refuse to write over the file that is to be read.

    Raises:
        SettingsError: One of those to be written is the very file.
    """
    for path in written:
        if path is not None and path.exists() and path.samefile(file):
            raise SettingsError(f"{path} is the file that is read, and would be overwritten: write to another one")


class FiniteRange(click.FloatRange):
    """A number within bounds; `nan` and `inf`, which click lets through, are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a valid number.", param, ctx)
        return number


class Instant(click.ParamType):
    """An RFC 3339 instant with offset, as epoch ms."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Epoch ms, floored."""
        if isinstance(value, int):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no instant; write 2026-11-21T09:00:00+09:00", param, ctx)
        if moment.tzinfo is None:
            whole = moment.isoformat()  # a date alone, too
            self.fail(f"{value!r} has no offset; write {whole}+09:00 or {whole}Z", param, ctx)
        if moment.year >= _TOO_LATE_YEAR:
            self.fail(f"{value!r} is beyond all dates; write an instant before the year {_TOO_LATE_YEAR}", param, ctx)
        return (moment - _EPOCH) // timedelta(milliseconds=1)


INSTANT = Instant()
