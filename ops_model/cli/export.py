"""`ops-model export`: what the workbook says, in the form that another tool reads."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from ops_model.cli.context import (
    as_of_option,
    find_workbook,
    json_option,
    judged_at,
    print_json,
    require_slug,
    workbook_option,
)  # fmt: skip

FORMATS: Mapping[str, str] = {
    "ical": "the rota as iCalendar (RFC 5545), for any calendar",
}
_TOLD = "; ".join(f"{name}: {what}" for name, what in FORMATS.items())


@click.command()
@click.argument("system_id", metavar="SYSTEM")
@click.option("--as", "form", required=True, type=click.Choice(list(FORMATS)), help=f"{_TOLD}.")
@click.option("--days", type=click.IntRange(1, 3660), default=91, show_default=True,
              help="How many days of the rota.")  # fmt: skip
@click.option("--names", is_flag=True, help="People by name; without it by id.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="Write to this file instead of standard output.")  # fmt: skip
@json_option
@workbook_option
@as_of_option
def command(
    *,
    system_id: str,
    form: str,
    days: int,
    names: bool,
    output: Path | None,
    as_json: bool,
    workbook_dir: Path | None,
    as_of: datetime | None,
) -> None:
    """What the workbook says about SYSTEM, in the form that another tool reads."""
    from ops_model.domain.values import iso_utc
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.export import rota_calendar
    from ops_model.workflow.open import known_system

    model = read_workbook(find_workbook(workbook_dir))
    system = known_system(model, require_slug(system_id, "system"))
    judged = judged_at(as_of, model.settings.as_of)
    data = rota_calendar(model, system, as_of=judged, days=days, names=names)
    if output is not None:
        output.write_bytes(data)
        click.echo(f"wrote {output}", err=True)
    if as_json:
        told = {"system": system.id, "as_of": iso_utc(judged), "format": form, "days": days}
        where = {"output": str(output)} if output is not None else {"text": data.decode()}
        print_json({**told, **where})
    elif output is None:
        click.echo(data, nl=False)
