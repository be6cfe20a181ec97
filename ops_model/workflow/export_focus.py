"""What a system's usage costs as rows of FOCUS 1.2, for whoever collects bills of vendors."""

from dataclasses import dataclass
from pathlib import Path

from ops_model.workflow.declared import Opened


@dataclass(frozen=True)
class WrittenFocus:
    """What was written: rows, their sum, and the rows of the logs that have no price."""

    version: str
    rows: int
    currency: str
    total: str
    unpriced_rows: int


def export_focus(book: Opened, into: Path) -> WrittenFocus:
    """Write the spend of a system, day by day, into a file of CSV or Parquet.

    Raises:
        WarehouseError: no usage log is declared, or a log cannot be read as declared.
        UsageError: the file's name ends in something else, or it cannot be written.
    """
    from ops_model.analysis.focus_out import COLUMNS, VERSION, focus_rows
    from ops_model.domain.cents import whole_cents
    from ops_model.store.focus_file import refuse_other_form, write_focus
    from ops_model.workflow.priced import priced_logs_of

    refuse_other_form(into)
    logs = priced_logs_of(book)
    rows = focus_rows(logs.sums, account=book.system.id, currency=logs.currency)
    written = write_focus(into, COLUMNS, rows)
    total = sum((one.cost for one in logs.sums if one.cost is not None), start=0)
    return WrittenFocus(
        version=VERSION,
        rows=written,
        currency=logs.currency,
        total=str(whole_cents(total)),
        unpriced_rows=sum(one.usage.rows for one in logs.sums if one.cost is None),
    )
