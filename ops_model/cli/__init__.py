"""The command line: one file per command; each is imported when it is called."""

import os
import sys
from contextlib import ExitStack
from importlib import import_module
from io import TextIOWrapper

import click

from ops_model import __version__
from ops_model.errors import OpsModelError

COMMANDS = {
    "demo": "build the example workbook from real flight data, run it all, open the site",
    "init": "start a workbook",
    "new": "start a system and its fill-in notebook",
    "check": "gaps and verdict of a system",
    "run": "run a notebook for one system, or for all",
    "drill": "rehearse a rollback, a fallback, an exchange, access, a game day",
    "compare": "champion against challenger on any results, without a workbook",
    "oncall": "who is paged at an instant, and where the rota has holes",
    "review": "freeze what a deploy review decides on",
    "sign": "record what a seat of the review decides",
    "observe": "how what serves was built: its tests, its commit, a second build",
    "attest": "a named person says this very thing",
    "site": "build the evidence site",
    "serve": "show the evidence site to the browsers of this machine",
    "schedule": "when notebooks are due; text for cron, systemd, GitHub or Airflow",
    "watch": "what somebody must know of now, and telling them",
    "verify": "prove a bundle, a ledger or an export unchanged",
    "ledger": "make the ledger, bring it to this version, sign it",
    "erase": "forget what a person said; the entry stays and verifies",
    "export": "the rota as iCalendar; evidence for an auditor",
    "checks": "list, explain or start a check",
    "doctor": "what on this machine or in this workbook would stop a run or an alert",
    "drift": "drift between two logs, without a workbook",
    "quality": "daily quality of a log with labels, without a workbook",
    "cost": "daily cost of a usage log, without a workbook",
}

_WRONG_USE = 2
_REFUSED = "see that the disk has room, and that you may read and write what it names"


class _Commands(click.Group):
    """Knows every command's one line of help without importing the command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"ops_model.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            message = f"ops_model.cli.{cmd_name}.command is no click command"
            raise TypeError(message)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ops-model")
def ops_model() -> None:
    """Who operates your AI systems, shown with evidence.

    Exit codes: 0 ready or done, 1 a blocking finding or a failed drill, 2 wrong use or YAML that
    is no valid object, 3 could not run, 4 integrity broken.
    """


def main() -> None:
    """Run a command, say what it left to be said last, and exit."""
    _write_whatever_the_encoding()
    with ExitStack() as last:
        code = _code_of(last)
        if code == _WRONG_USE:
            last.pop_all()
    sys.exit(code)


def _code_of(last: ExitStack) -> int:
    """Run a command; the one place where an error becomes text and an exit code.

    Args:
        last: where the command leaves what is to be said after its answer or its error.
    """
    try:
        # Without its standalone mode click returns the code of `ctx.exit` instead of raising it.
        code = ops_model(standalone_mode=False, obj=last)
    except click.ClickException as error:
        error.show()
        return _WRONG_USE
    except click.Abort:
        click.echo("interrupted; nothing half-written was kept", err=True)
        return OpsModelError.exit_code
    except OpsModelError as error:
        click.echo(_visible(str(error)), err=True)
        return error.exit_code
    except OSError as error:
        click.echo(_visible(f"the machine refused: {error}\n  to fix: {_REFUSED}"), err=True)
        _drop_unwritten()
        return OpsModelError.exit_code
    return code if isinstance(code, int) else 0


def _visible(text: str) -> str:
    # What a file or a command line holds may be named in a message, and is no order to a terminal.
    from ops_model.domain.texts import HIDDEN

    return HIDDEN.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r", "\N{REPLACEMENT CHARACTER}"))


def _write_whatever_the_encoding() -> None:
    # A locale without ✓ gets \u2713: ugly, still told from ✗, and no reason to fall over.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_unwritten() -> None:
    # What a full disk did not take would be tried once more at exit, and fail with a traceback.
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no path of the user's
        os.dup2(nowhere.fileno(), 1)  # standard output, even where sys.stdout was closed
