"""The `kakuhan` command; it must not import a subcommand before it is asked for."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from streams.errors import KakuhanError

_COMMANDS = {
    "demo": ("streams.cli.demo", "demo"),
    "local": ("streams.cli.local", "local"),
    "topics": ("streams.cli.topics", "topics"),
    "worker": ("streams.cli.worker", "worker"),
    "send": ("streams.cli.send", "send"),
    "backfill": ("streams.cli.backfill", "backfill"),
    "replay": ("streams.cli.replay", "replay"),
    "policy": ("streams.cli.policy", "policy"),
    "explain": ("streams.cli.explain", "explain"),
    "signals": ("streams.cli.signals", "signals"),
    "dashboard": ("streams.cli.dashboard", "dashboard"),
    "dead-letters": ("streams.cli.dead_letters", "dead_letters"),
    "erase": ("streams.cli.erase", "erase"),
    "export": ("streams.cli.export", "export"),
    "rebuild": ("streams.cli.rebuild", "rebuild"),
}
INTERRUPTED = 130


class Commands(click.Group):
    """Subcommands by name, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of use."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kakuhan")
def cli() -> None:
    """Kakuhan (拡販): which existing customers are worth growing, and why, the moment it shows."""


def main() -> None:
    """Run the command line: exit status 0 done, 1 failed, 2 wrong usage."""
    try:
        status = cli.main(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KakuhanError as error:
        click.echo(f"kakuhan: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
