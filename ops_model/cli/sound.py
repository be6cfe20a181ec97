"""Going on without the systems that cannot be read, and saying so at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ops_model.errors import WorkbookError, told

if TYPE_CHECKING:
    from ops_model.store.sound_part import SoundPart


@contextmanager
def sound_part_alone(sound: "SoundPart", named: str | None) -> Iterator[None]:
    """Do what is asked for the systems that can be read, then tell of the others.

    Whoever names one system hears of the others elsewhere.

    Args:
        sound: what was read.
        named: the one system that was asked for, or `portfolio`; None for all of them.

    Raises:
        WorkbookError: what was named cannot be read.
        Exit: 2, or what went wrong beside it, where systems were left out.
    """
    if named is not None:
        sound.require(named)
        yield
        return
    code = 0
    try:
        yield
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    if sound.problems:
        click.echo(told(sound.problems), err=True)
        code = max(code, WorkbookError.exit_code)
    if code:
        raise click.exceptions.Exit(code)


def left_out(sound: "SoundPart") -> dict[str, Any]:
    """For programs: what is wrong with systems that were left out."""
    wrong = [{"where": p.where, "what": p.message} for p in sound.problems]
    return {"problems": wrong} if wrong else {}
