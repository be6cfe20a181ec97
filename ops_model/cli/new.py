"""`ops-model new`: start a system and its fill-in notebook."""

from pathlib import Path
from typing import get_args

import click

from ops_model.cli.context import find_workbook, workbook_option
from ops_model.domain.system import Kind, Tier
from ops_model.errors import UsageError


@click.command("new")
@click.argument("system")
@click.option("--kind", type=click.Choice(get_args(Kind)), help="What kind of system it is.")
@click.option(
    "--tier", type=click.Choice(get_args(Tier)), help="How much harm a failure does, A the most."
)
@click.option("--name", help="What people call it; the id when left out.")
@click.option(
    "--refresh",
    is_flag=True,
    help="Start the files that SYSTEM lacks, and write its notebook anew from the YAML.",
)
@workbook_option
def command(
    system: str,
    kind: Kind | None,
    tier: Tier | None,
    name: str | None,
    refresh: bool,  # noqa: FBT001 - click passes options by name
    workbook_dir: Path | None,
) -> None:
    """Start SYSTEM: one file for each area, and a notebook that asks what belongs in them.

    The files claim nothing that is not known yet. The notebook holds no answers: it shows those
    of the files, and saves new ones there.
    """
    from ops_model.workflow.start import (
        CHOOSE_AN_ID,
        LOOK_FOR_THE_ID,
        refresh_system,
        refuse_bad_id,
        start_system,
    )

    root = find_workbook(workbook_dir)
    # Whatever else is wrong too, a remedy that repeats an id which is none would not work.
    refuse_bad_id(system, LOOK_FOR_THE_ID if refresh else CHOOSE_AN_ID)
    if refresh:
        if kind or tier or name:
            raise UsageError(
                "--refresh goes with no other option; kind, tier and name stand in system.yaml",
                remedy=f"ops-model new {system} --refresh",
            )
        *started, notebook = refresh_system(root, system)
        for path in started:
            click.echo(f"started {path}")
        click.echo(f"wrote {notebook} from the present YAML")
        return
    if kind is None or tier is None:
        missing = [o for o, v in (("--kind", kind), ("--tier", tier)) if v is None]
        are = "is" if len(missing) == 1 else "are"
        raise UsageError(
            f"{' and '.join(missing)} {are} missing; expected --kind one of "
            f"{', '.join(get_args(Kind))}, and --tier A, B or C",
            remedy=f"ops-model new {system} --kind predictive --tier B",
        )
    written = start_system(root, system, kind=kind, tier=tier, name=name)
    click.echo(f"wrote {len(written)} files to systems/{system}:")
    for path in written:
        click.echo(f"  {path}")
    click.echo(
        f"\nnext:\n"
        f"  jupyter lab systems/{system}/fill_in.ipynb    answer the questions\n"
        f"  ops-model check {system}    what is missing, where, and who mends it"
    )
