"""What `ops-model export openslo` writes, reads and says."""

from pathlib import Path

import click

from ops_model.cli.context import print_json


def write(root: Path, system_id: str, into: Path | None, *, as_json: bool) -> None:
    """Write the objectives of a system as OpenSLO documents."""
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.export_openslo import openslo_of
    from ops_model.workflow.open import known_system

    model = read_workbook(root)
    text, left_out = openslo_of(model, known_system(model, system_id))
    if into is not None:
        into.write_text(text, encoding="utf-8")
        click.echo(f"wrote {into}", err=True)
    if left_out:
        click.echo(f"OpenSLO has no place for {' and '.join(left_out)}: left out", err=True)
    if as_json:
        where = {"output": str(into)} if into is not None else {"text": text}
        print_json(
            {"system": system_id, "format": "openslo/v1", "left_out": list(left_out), **where}
        )
    elif into is None:
        click.echo(text, nl=False)


def read_and_show(root: Path, system_id: str, file: Path, *, save: bool, as_json: bool) -> None:
    """Show the objectives that a file says, and save them where that was asked."""
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.export_openslo import save_objectives, take_over
    from ops_model.workflow.open import known_system

    model = read_workbook(root)
    system = known_system(model, system_id)
    taken = take_over(model, file)
    for left in taken.left_out:
        click.echo(f"left out: {left}", err=True)
    there = system.service_levels.objectives if system.service_levels is not None else ()
    read = {objective.id for objective in taken.objectives}
    gone = [objective.id for objective in there if objective.id not in read]
    if gone:
        removed = "removes" if save else "--save would remove"
        click.echo(f"{removed} what the file does not hold: {', '.join(gone)}", err=True)
    written = save_objectives(root, system, taken) if save else None
    if written is not None:
        click.echo(f"wrote {written}", err=True)
    if as_json:
        print_json({
            "system": system_id,
            "objectives": [o.model_dump(mode="json") for o in taken.objectives],
            "left_out": [str(problem) for problem in taken.left_out],
            "removes": gone, "written": written,
        })  # fmt: skip
    else:
        click.echo(taken.yaml(), nl=False)
