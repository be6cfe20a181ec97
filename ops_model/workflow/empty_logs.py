"""A log without a row: what asks it is unknown, and what asks other logs goes on."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ops_model.domain.evidence import Record
from ops_model.domain.signals_logged import Log
from ops_model.errors import WarehouseError
from ops_model.workflow import log_places
from ops_model.workflow.declared import Opened
from ops_model.workflow.show import nothing, recorded
from ops_model.workflow.shown import Shown

if TYPE_CHECKING:
    from ops_model.workflow.open import Book


def measured_or_empty(book: "Book", what: str, measure: Callable[[], Record]) -> Shown:
    """What was measured; a line that says `unknown` where the log behind it holds no row.

    Nothing is recorded then, so that a check finds no measurement, or one that runs out.

    Args:
        book: the system and the instant.
        what: is measured, as the line begins, such as `Monitor inputs`.
        measure: measures it.

    Raises:
        WarehouseError: it cannot be measured for any other reason.
    """
    try:
        return recorded(measure(), book)
    except WarehouseError as error:
        if why := no_rows(book, error):
            return nothing(f"{what} is unknown: {why}.")
        raise


def no_rows(book: Opened, error: WarehouseError) -> str:
    """Which logs hold no row, as `no rows in log`; empty where anything else is behind an error.

    Args:
        book: the system and the instant; rows from that instant on do not count.
        error: why something could not be measured.
    """
    signals = book.system.signals
    empty = [log for log in (signals.logs if signals else ()) if _is_named(log, error)]
    empty = [log for log in empty if _is_empty(book, log)]
    if any(not any(_lies_in(p.where, log) for log in empty) for p in error.problems):
        return ""
    return f"no rows in {', '.join(dict.fromkeys(log_places.address_of(log) for log in empty))}"


def _is_named(log: Log, error: WarehouseError) -> bool:
    return any(_lies_in(problem.where, log) for problem in error.problems)


def _lies_in(where: str, log: Log) -> bool:
    """True of a log's address, and of a file below it."""
    place = log_places.address_of(log)
    return where in {place, log.address} or where.startswith(f"{place}/")


def _is_empty(book: Opened, log: Log) -> bool:
    """True when a log has files without a byte, or is whole and has no row so far."""
    from ops_model.store.warehouse import LogRequest, open_logs, readable_logs

    try:
        found = log_places.identities_of(book, [log])[0]
        if found.files and not found.bytes:
            return True
        request = LogRequest(
            log.address, {}, timestamp=log.timestamp, before=book.as_of, may_be_empty=True,
            warehouse=log_places.warehouse_of(book, log),
        )  # fmt: skip
        table = open_logs(book.root, {"log": request})["log"]
        with readable_logs(log.address):
            return not table.limit(1).count().to_pyarrow().as_py()
    except WarehouseError:
        return False
