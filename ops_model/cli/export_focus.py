"""What `ops-model export focus` writes and says."""

from datetime import datetime
from pathlib import Path

import click

from ops_model.cli.context import judged_at, print_json
from ops_model.domain.values import iso_utc


def write(
    root: Path, system_id: str, into: Path, as_of: datetime | None, *, as_json: bool
) -> None:
    """Write what the usage of a system costs, and say what is not in it."""
    from ops_model.store.workbook import read_for
    from ops_model.workflow.export_focus import export_focus
    from ops_model.workflow.open import known_system
    from ops_model.workflow.watch import book_now

    model = read_for(root, system_id)
    system = known_system(model, system_id)
    judged = judged_at(as_of, model.settings.as_of)
    done = export_focus(book_now(root, model, system.id, as_of=judged), into)
    click.echo(
        f"wrote {into}: {done.rows:,} rows of FOCUS {done.version}, {done.total} {done.currency} "
        f"up to {iso_utc(judged)}; an estimate from the usage logs, no invoice",
        err=True,
    )
    if done.unpriced_rows:
        click.echo(
            f"{done.unpriced_rows:,} rows of the logs have no price, and are left out", err=True
        )
    if as_json:
        print_json({
            "system": system.id, "as_of": iso_utc(judged), "format": f"focus/{done.version}",
            "output": str(into), "rows": done.rows, "currency": done.currency,
            "total": done.total, "unpriced_rows": done.unpriced_rows,
        })  # fmt: skip
