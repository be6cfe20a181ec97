"""The clock, the environment and the options that commands share; nothing else reads them."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from ops_model.errors import UsageError, WorkbookError

F = TypeVar("F", bound=Callable[..., Any])
WORKBOOK_FILE = "ops-model.yaml"
CHECKPOINT_KEY = "OPS_MODEL_CHECKPOINT_KEY"
"""The variable that names the file of the private key that signs checkpoints."""
_IDS_IN = {"system": "the folders under systems/", "person": "people.yaml"}


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def environment() -> Mapping[str, str]:
    """The process environment."""
    return dict(os.environ)


def checkpoint_key_file() -> tuple[Path | None, bool]:
    """Where the private key lies that signs checkpoints, and whether somebody named it.

    `OPS_MODEL_CHECKPOINT_KEY` names it; otherwise it is `~/.config/ops-model/checkpoint.key`,
    where there is one.
    """
    variables = environment()
    if named := variables.get(CHECKPOINT_KEY):
        return Path(named), True
    home = variables.get("HOME")
    usual = Path(home, ".config", "ops-model", "checkpoint.key") if home else None
    return (usual, False) if usual is not None and usual.is_file() else (None, False)


# Those that a rota can be resolved for; its module would be imported before any answer.
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


class _AwareTime(click.ParamType[datetime]):
    name = "ISO-8601"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            parsed = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no ISO 8601 time, such as 2013-07-22T08:00:00Z", param, ctx)
        if parsed.tzinfo is None:
            self.fail(f"{value!r} has no zone; write 2013-07-22T08:00:00Z", param, ctx)
        if not _FIRST_YEAR <= parsed.year <= _LAST_YEAR:
            message = f"{value!r} is in no year that can be judged; {_FIRST_YEAR} to {_LAST_YEAR}"
            self.fail(message, param, ctx)
        return parsed


AWARE_TIME = _AwareTime()


def workbook_option(function: F) -> F:
    """`--workbook DIR`: default is the nearest folder upwards with an `ops-model.yaml`."""
    return click.option(
        "--workbook",
        "workbook_dir",
        type=click.Path(path_type=Path, file_okay=False),
        default=None,
        help="Folder of the workbook (default: the nearest one upwards).",
    )(function)


def as_of_option(function: F) -> F:
    """`--as-of`: the instant that judges; default is the workbook's pinned one, or now."""
    return instant_option("the workbook's pinned one, or now")(function)


def instant_option(default: str) -> Callable[[F], F]:
    """`--as-of` where no workbook pins an instant; `default` says which one judges without it."""
    return click.option(
        "--as-of",
        type=AWARE_TIME,
        default=None,
        help=f"The instant that judges (default: {default}).",
    )


def json_option(function: F) -> F:
    """`--json`: one object on standard output."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")(
        function
    )


def find_workbook(given: Path | None) -> Path:
    """The folder of the workbook.

    Raises:
        WorkbookError: there is none.
    """
    if given is not None:
        if not (given / WORKBOOK_FILE).is_file():
            raise WorkbookError(
                f"no {WORKBOOK_FILE} in this folder",
                where=str(given),
                remedy="name the folder of a workbook, or start one with `ops-model init`",
            )
        return given.resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / WORKBOOK_FILE).is_file():
            return folder
    raise WorkbookError(
        f"no {WORKBOOK_FILE} here or in a folder above",
        where=str(here),
        remedy="go to a workbook, name it with --workbook, or start one with `ops-model init`",
    )


def judged_at(given: datetime | None, pinned: datetime | None) -> datetime:
    """The instant that judges: the option, else the workbook's pinned one, else this second."""
    return given or pinned or now().replace(microsecond=0)


def print_json(value: Mapping[str, Any]) -> None:
    """One object on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False, default=str))


def colour_allowed() -> bool:
    """False when the output is no terminal or NO_COLOR is set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def require_slug(value: str, what: Literal["system", "person"]) -> str:
    """A system or person id from the command line.

    Raises:
        UsageError: it cannot be an id, for example because it holds `..`.
    """
    import re

    from ops_model.domain.scalars import SLUG_PATTERN

    if not re.fullmatch(SLUG_PATTERN, value):
        raise UsageError(
            f"{what} {value!r} cannot be an id; expected lowercase letters, digits and hyphens",
            remedy=f"look for the {what}'s id in {_IDS_IN[what]}",
        )
    return value
