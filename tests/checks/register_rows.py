"""The rows of `checks/register.csv`, and whether what delivers one is there."""

import csv
import json
import re
from dataclasses import dataclass
from functools import cache

import click

from ops_model.cli import ops_model
from ops_model.shipped import shipped
from tests.checks.judged import shipped_catalogue

ASIDE = frozenset({"frame", "footer"})
"""What a row may be instead of a capability."""
CHECK = re.compile(r"[A-Z]{2,3}-\d\d")
NOTEBOOK = re.compile(r"N(\d\d)(?: (.+))?")


@dataclass(frozen=True)
class Row:
    """A row: what it asks in our words, what delivers that now, and what will deliver the rest."""

    row: str
    asks: str
    deliverers: tuple[str, ...]
    waits_for: tuple[str, ...]

    @property
    def checks(self) -> set[str]:
        return {name for name in self.deliverers if CHECK.fullmatch(name)}


@cache
def rows() -> tuple[Row, ...]:
    text = (shipped("checks") / "register.csv").read_text(encoding="utf-8")
    return tuple(
        Row(r["row"], r["asks"], _names(r["deliverers"]), _names(r["waits_for"]))
        for r in csv.DictReader(text.splitlines(), strict=True)
    )


def _names(cell: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in cell.split(";") if name.strip())


def is_there(name: str) -> bool:
    """True when a deliverer exists.

    It is a check id, `N05 Quality` (a heading of that notebook that holds these words), `page
    owner` (a template of the site), `command drill`, or `export ical`.
    """
    if name in ASIDE:
        return True
    if CHECK.fullmatch(name):
        return shipped_catalogue().check(name) is not None
    if (match := NOTEBOOK.fullmatch(name)) is not None:
        return _in_notebook(match[1], match[2] or "")
    kind, _, rest = name.partition(" ")
    return {"page": _page, "command": _command, "export": _export}[kind](rest)


def is_awaited(name: str) -> bool:
    """True when what a row waits for is not there."""
    return not is_there(name)


def _in_notebook(number: str, words: str) -> bool:
    return any(words.casefold() in heading.casefold() for heading in headings(number))


@cache
def headings(number: str) -> tuple[str, ...]:
    """The headings of a notebook; none where there is no such notebook."""
    found = []
    for path in shipped("notebooks").glob(f"{number}_*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            lines = "".join(cell["source"]).splitlines() if cell["cell_type"] == "markdown" else []
            found += [line.lstrip("# ") for line in lines if line.startswith("#")]
    return tuple(found)


def _page(name: str) -> bool:
    return (shipped("templates") / "site" / f"{name}.html").is_file()


def _command(name: str) -> bool:
    return ops_model.get_command(click.Context(ops_model), name) is not None


def _export(name: str) -> bool:
    export = ops_model.get_command(click.Context(ops_model), "export")
    (kinds,) = [
        p.type for p in export.commands["system"].params if p.name == "form" or "--as" in p.opts
    ]
    return name in kinds.choices
