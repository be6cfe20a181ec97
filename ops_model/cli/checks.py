"""`ops-model checks`: list the checks, explain one, or start one of your own."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.checks_start import command as start
from ops_model.cli.context import (
    find_workbook,
    json_option,
    print_json,
    workbook_option,
)  # fmt: skip
from ops_model.errors import UsageError, WorkbookError

if TYPE_CHECKING:
    from ops_model.check.catalogue import Catalogue
    from ops_model.check.question import Check


@click.group()
def command() -> None:
    """List the checks, explain one, or start one of your own."""


command.add_command(start)


@command.command("list", short_help="every check that judges here")
@click.option("--markdown", is_flag=True, help="As one page, each check explained.")
@json_option
@workbook_option
def list_checks(*, markdown: bool, as_json: bool, workbook_dir: Path | None) -> None:
    """List every check that judges: ours, and those of the workbook here."""
    catalogue = _catalogue(workbook_dir)
    if as_json:
        print_json({"checks": [_keys(c, catalogue) for c in catalogue.checks]})
        return
    if markdown:
        from ops_model.check.explained import markdown as page

        click.echo(page(catalogue), nl=False)
        return
    area = ""
    for check in sorted(catalogue.checks, key=lambda c: (c.area, c.id)):
        if check.area != area:
            area = check.area
            click.echo(f"{area}")
        click.echo(f"  {check.id}  {check.question}")
    click.echo(f"{len(catalogue.checks)} checks; `ops-model checks explain ID` says more")


@command.command(short_help="what a check asks, why, and its thresholds")
@click.argument("check_id", metavar="ID")
@json_option
@workbook_option
def explain(*, check_id: str, as_json: bool, workbook_dir: Path | None) -> None:
    """Say what check ID asks, why, what it can be set to, and where it stands."""
    catalogue = _catalogue(workbook_dir)
    found = catalogue.check(check_id.upper())
    if found is None:
        near = difflib.get_close_matches(check_id.upper(), [c.id for c in catalogue.checks], n=1)
        raise UsageError(
            f"there is no check {check_id}",
            remedy=f"did you mean {near[0]}?" if near else "see `ops-model checks list`",
        )
    if as_json:
        print_json(_keys(found, catalogue))
        return
    from ops_model.check.explained import lines

    for line in lines(found, catalogue):
        click.echo(line)


def _catalogue(workbook_dir: Path | None) -> "Catalogue":
    from ops_model.workflow.assess import catalogue_of

    try:
        root = find_workbook(workbook_dir)
    except WorkbookError:
        if workbook_dir is not None:
            raise
        root = None  # outside a workbook there are ours
    return catalogue_of(root)


def _keys(check: "Check", catalogue: "Catalogue") -> dict[str, Any]:
    """The keys that scripts rely on."""
    from ops_model.check.explained import controls, reason

    return {
        "id": check.id,
        "slug": check.slug,
        "area": check.area,
        "question": check.question,
        "revision": check.revision,
        "seed_rows": list(check.source),
        "controls": controls(check, catalogue),
        "from": str(catalogue.origins[check.id]),
        "reason": reason(check),
        "thresholds": {name: str(p.default) for name, p in check.thresholds.items()},
    }
