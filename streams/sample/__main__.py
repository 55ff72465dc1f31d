"""`python -m streams.sample b2b|b2c`: sample history on standard output, one JSON object a line.

It must not know what the data are for.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TextIO

import msgspec

from streams.sample import b2b, b2c
from streams.sample.writer import Line


def main(arguments: Sequence[str] | None = None, out: TextIO = sys.stdout) -> int:
    """Writes the history asked for; 0, or 2 for arguments that cannot be used (by way of `SystemExit`)."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        lines = _lines(chosen)
    except ValueError as error:
        parser.error(str(error))
    write = out.write
    try:
        for line in lines:
            write(msgspec.json.encode(line).decode() + "\n")
    except BrokenPipeError:  # the reader, such as `head`, has enough
        sys.stderr.close()
    return 0


def _lines(chosen: argparse.Namespace) -> Iterator[Line]:
    if chosen.kind == "b2b":
        return b2b.history(chosen.seed, chosen.end, chosen.accounts, chosen.months)
    return b2c.history(chosen.seed, chosen.end, chosen.members, chosen.months)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m streams.sample", description="Sample history that is made up.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind, who, count in (("b2b", "accounts", b2b.ACCOUNTS), ("b2c", "members", b2c.MEMBERS)):
        command = kinds.add_parser(kind, help=f"about {count} {who} over {b2b.MONTHS} months")
        command.add_argument("--seed", type=int, default=1, help="the same seed gives the same data")
        command.add_argument("--end", type=_moment, required=True, help="e.g. 2026-11-01T00:00:00+09:00")
        command.add_argument(f"--{who}", type=int, default=count)
        command.add_argument("--months", type=int, default=b2b.MONTHS)
    return parser


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no offset; write 2026-11-01T00:00:00+09:00")
    return moment


if __name__ == "__main__":
    sys.exit(main())
