"""`ops-model checks start`: a check of one's own, with its test."""

from pathlib import Path

import click

from ops_model.cli.context import find_workbook, workbook_option
from ops_model.domain.evidence import AREAS


@click.command("start", short_help="start a check of your own, with its test")
@click.argument("check_id", metavar="[ID]", required=False)
@click.option(
    "--area",
    type=click.Choice(AREAS),
    default="model",
    show_default=True,
    help="The area that it belongs to.",
)
@workbook_option
def command(*, check_id: str | None, area: str, workbook_dir: Path | None) -> None:
    """Write a check and its test into the workbook's checks/ folder; never over a file.

    ID is two to eight letters of your own, a hyphen and two digits, such as ACME-01; left out, it
    is the next that is free. Both files work as they are written: change the question.
    """
    from ops_model.workflow.start_check import FOUR_QUESTIONS, start_check

    root = find_workbook(workbook_dir)
    check, test = start_check(root, check_id.upper() if check_id else None, area=area)
    click.echo("Before you write it, answer four questions:")
    for number, question in enumerate(FOUR_QUESTIONS, 1):
        click.echo(f"  {number}. {question}")
    click.echo(f"Written: {check}")
    click.echo(f"Written: {test}")
    click.echo(f"Its test, in the workbook's folder: python -m pytest {test}")
    click.echo("A check file is code and runs with your rights: review it like code.")
