"""Tables for a terminal; what comes from data is shown as text, never as markup or control."""

from collections.abc import Sequence

import click

from ops_model.cli.context import colour_allowed


def print_table(title: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a line that says it all, rows of text below it, and an empty line."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for header in headers:
        table.add_column(Text(header), overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    click.echo(visible(title))
    Console(no_color=not colour_allowed(), highlight=False).print(table)
    click.echo()


def visible(text: str) -> str:
    """The text on one line, without what a terminal would obey."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def number(value: float | None, digits: int = 3) -> str:
    """A number with so many significant digits, or a dash."""
    return "-" if value is None else f"{value:.{digits}g}"


def share(value: float | None) -> str:
    """A share as per cent, or a dash."""
    return "-" if value is None else f"{value * 100:.1f} %"


def points(value: float | None) -> str:
    """A difference of two shares in percentage points, or a dash."""
    if value is None:
        return "-"
    text = f"{value * 100:.1f}"
    return f"{'0.0' if not float(text) else text} points"
