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


class _Export(click.Group):
    """`export evidence` and the like by their name; everything else is a system to export."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["system", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Export)
def command() -> None:
    """What others read.

    `ops-model export SYSTEM --as ical` gives what the workbook says about SYSTEM in the form that
    another tool reads; the commands below give evidence to an auditor.
    """


@command.command("evidence", short_help="All that an auditor needs, in one file.")
@click.argument("system_id", metavar="[SYSTEM]", required=False)
@click.option("--into", required=True, type=click.Path(path_type=Path, dir_okay=False),
              help="The zip to write.")  # fmt: skip
@json_option
@workbook_option
def evidence(
    *, system_id: str | None, into: Path, as_json: bool, workbook_dir: Path | None
) -> None:
    """Everything that an auditor needs to verify without us, in one file.

    The whole ledger without the words of people, its checkpoints and their public keys, the keys
    of those who sign, and every sealed bundle (of SYSTEM, or of all). `ops-model verify FILE.zip
    --key KEY` reads it on any machine.
    """
    from ops_model.cli.checkpoints import signing_key
    from ops_model.workflow.checkpoints import checkpoint
    from ops_model.workflow.export_evidence import export_evidence
    from ops_model.workflow.ledgers import settings_of

    root = find_workbook(workbook_dir)
    system = require_slug(system_id, "system") if system_id is not None else None
    settings, key = settings_of(root), signing_key(root)
    checkpoint(root, settings, key)
    done = export_evidence(root, settings, into, system=system, key=key)
    if as_json:
        print_json({
            "output": str(into), "system": system, "size": done.size, "root": done.root,
            "bundles": done.bundles, "signed": done.signed,
        })  # fmt: skip
    signed = "signed" if done.signed else "not signed, since no checkpoint key is at hand"
    click.echo(
        f"wrote {into}: {done.size} entries, {done.bundles} bundles; its index is {signed}",
        err=as_json,
    )


@command.command("bundle", short_help="The sealed bundle of one run, as a zip.")
@click.argument("run_id", metavar="RUN_ID")
@click.option("--into", required=True, type=click.Path(path_type=Path, dir_okay=False),
              help="The zip to write.")  # fmt: skip
@json_option
@workbook_option
def bundle(*, run_id: str, into: Path, as_json: bool, workbook_dir: Path | None) -> None:
    """The sealed bundle of one run, as a zip that is verified where it lies.

    `ops-model verify FILE.zip` compares it with its own manifest, and with `--key` with the key
    that signed it. Nothing has to be unpacked.
    """
    from ops_model.workflow.export_bundle import export_bundle
    from ops_model.workflow.ledgers import settings_of

    root = find_workbook(workbook_dir)
    run = export_bundle(root, settings_of(root), run_id, into)
    if as_json:
        print_json({"output": str(into), "run_id": run.run_id, "manifest": run.manifest})
    click.echo(f"wrote {into}: {run.bundle}, manifest {run.manifest}", err=as_json)


@command.command("openslo", short_help="Objectives as OpenSLO v1, both ways.")
@click.argument("system_id", metavar="SYSTEM")
@click.option("--into", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="Write to this file instead of standard output.")  # fmt: skip
@click.option("--from", "imported", default=None, metavar="FILE",
              type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="Read this OpenSLO file instead, and print it as our objectives.")  # fmt: skip
@click.option("--save", is_flag=True,
              help="Write what was imported into service_levels.yaml.")  # fmt: skip
@json_option
@workbook_option
def openslo(
    *,
    system_id: str,
    into: Path | None,
    imported: Path | None,
    save: bool,
    as_json: bool,
    workbook_dir: Path | None,
) -> None:
    """The objectives of SYSTEM as OpenSLO v1 documents, or the objectives that a file of it says.

    `--from FILE` reads the documents of others: what we have no place for is said with its line,
    what would mean something else is refused, and nothing is saved without `--save`.
    """
    from ops_model.cli.export_openslo import read_and_show, write

    if imported is None and save:
        raise click.UsageError("--save needs --from FILE: there is nothing to save")
    if imported is not None and into is not None:
        raise click.UsageError("--from reads a file and --into writes one; give one of the two")
    root, system = find_workbook(workbook_dir), require_slug(system_id, "system")
    if imported is None:
        write(root, system, into, as_json=as_json)
    else:
        read_and_show(root, system, imported, save=save, as_json=as_json)


@command.command("focus", short_help="What usage costs, as rows of FOCUS 1.2.")
@click.argument("system_id", metavar="SYSTEM")
@click.option("--into", required=True, type=click.Path(path_type=Path, dir_okay=False),
              help="The file to write, .csv or .parquet.")  # fmt: skip
@json_option
@workbook_option
@as_of_option
def focus(
    *,
    system_id: str,
    into: Path,
    as_json: bool,
    workbook_dir: Path | None,
    as_of: datetime | None,
) -> None:
    """What the usage of SYSTEM costs, day by day, in the columns of FOCUS 1.2.

    It is an estimate from the usage logs and no invoice; the costs add up to the spend. Rows
    without a price are left out, and counted.
    """
    from ops_model.cli.export_focus import write

    root, system = find_workbook(workbook_dir), require_slug(system_id, "system")
    write(root, system, into, as_of, as_json=as_json)


@command.command("system", hidden=True)
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
def of_system(
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
    from ops_model.store.workbook import read_for
    from ops_model.workflow.export import rota_calendar
    from ops_model.workflow.open import known_system

    model = read_for(find_workbook(workbook_dir), require_slug(system_id, "system"))
    system = known_system(model, system_id)
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
