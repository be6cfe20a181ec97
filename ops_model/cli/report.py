"""Writing the page that a command was asked for."""

from pathlib import Path

import click

from ops_model.errors import UsageError


def write_report(path: Path, page: str) -> None:
    """Write it, and say where on stderr.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the report cannot be written: {error.strerror}",
            where=str(path),
            remedy="name a file in a folder that exists and may be written",
        ) from error
    click.echo(f"wrote {path}", err=True)
