"""The `kakuhan` command; it must not import a subcommand before it is asked for."""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module

import click

from streams.cli.plain_text import plain
from streams.errors import KakuhanError

# What the list of commands says of each, so that none has to be imported for it.
_COMMANDS = {
    "demo": "The whole system on this machine, with a made-up company.",
    "local": "Run Apache Kafka and Redis on this machine, without Docker.",
    "topics": "Create missing topics, and report what differs.",
    "worker": "Take events in, decide, emit signals, fill Redis.",
    "send": "Send events of a file, as of now or as history.",
    "backfill": "Load history from a CSV export, all or nothing.",
    "replay": "Decide files of events without Kafka: what would have been?",
    "policy": "Check a policy file.",
    "explain": "Why a customer is where it is, and what comes next.",
    "signals": "Print the signals, one readable line each.",
    "dashboard": "The page: customers, signals and what to do, live.",
    "dead-letters": "Look at refused records, send them again, delete them.",
    "erase": "Forget all of a customer.",
    "export": "Write all that is held about a customer.",
    "rebuild": "Decide anew under another policy, compare, switch over.",
}
INTERRUPTED = 130
NEW_LINE = "\n"  # some messages quote the last lines of a log


class Commands(click.Group):
    """Subcommands by name, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of use."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"streams.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """All of them, a line each."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kakuhan")
def cli() -> None:
    """Kakuhan (拡販): which existing customers are worth growing, and why, the moment it shows."""


def main() -> None:
    """Run the command line: exit status 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    # Clients complain of a broker that is away on their own; we say it once, with what to do.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    try:
        sys.exit(_run(sys.argv[1:]))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("\nAborted.", err=True)
        sys.exit(INTERRUPTED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # who read our output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KakuhanError as error:
        click.echo(f"kakuhan: {plain(str(error), keep=NEW_LINE)}", err=True)
        sys.exit(1)


def _run(arguments: list[str]) -> int:
    """As click's own `main`, which takes a broken pipe for a failure; the exit status."""
    try:
        with cli.make_context("kakuhan", arguments) as context:
            status = cli.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    sys.stdout.flush()
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    main()
