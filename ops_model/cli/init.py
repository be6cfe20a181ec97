"""`ops-model init`: start a workbook."""

from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--system", "system_id", default="my-system", help="Id of the first system.")
def command(folder: Path, system_id: str) -> None:
    """Start a workbook in DIR, a new or an empty folder.

    The files explain each key, name two example people to replace, and claim nothing that is not
    known yet: `ops-model check` then says what is missing.
    """
    from ops_model.workflow.start import start_workbook

    written = start_workbook(folder, system_id)
    click.echo(f"wrote {len(written)} files to {folder}:")
    for path in written:
        if path.parts[0] != "schemas":
            click.echo(f"  {path}")
    click.echo("  schemas/  one for each kind of file: an editor completes keys by them")
    click.echo(
        f"\nnext:\n"
        f"  cd {folder}\n"
        f"  replace the two example people in people.yaml, and where they are named:\n"
        f"    grep -rn example- .\n"
        f"  fill in systems/{system_id}/, one file per area; each line says what it is for,\n"
        f"    or answer the questions of systems/{system_id}/fill_in.ipynb in JupyterLab\n"
        f"  ops-model check {system_id}              what is missing, where, and who mends it\n"
        f"  ops-model oncall {system_id} --at 'Sat 02:00'    who is paged\n"
        f"  ops-model new SYSTEM --kind predictive --tier B    another system\n"
        f"  commit the folder: YAML under version control is the one truth for claims"
    )
