"""How a log that the claims declare is opened: its columns, up to the instant that judges."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ops_model.domain.condition import Condition, parse
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import Log
from ops_model.domain.values import Claim
from ops_model.errors import WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.declared import Opened

if TYPE_CHECKING:
    import ibis

    from ops_model.store.warehouse import LogRequest


def request_of(log: Log, columns: Iterable[str], book: Opened) -> "LogRequest":
    """What to open of a log: these columns, whatever scalar they hold, and all rows so far."""
    from ops_model.store.warehouse import LogRequest

    wanted = dict.fromkeys((c for c in columns if c != log.timestamp), "scalar")
    return LogRequest(
        log.address, wanted, timestamp=log.timestamp, before=book.as_of,  # type: ignore[arg-type]  # every kind is one
        warehouse=declared.warehouse_of(book, log),
    )  # fmt: skip


def open_declared(
    book: Opened, wanted: Mapping[str, tuple[Log, Iterable[str]]]
) -> "dict[str, ibis.Table]":
    """Several logs with their columns, by a name of the caller's choice, so that they join."""
    from ops_model.store.warehouse import open_logs

    requests = {name: request_of(log, columns, book) for name, (log, columns) in wanted.items()}
    return open_logs(book.root, requests)


def declared_log(signals: Signals, place: Claim, key: str, log_id: str) -> Log:
    """The log of this id.

    Raises:
        WarehouseError: it is not declared.
    """
    found = signals.log(log_id)
    if found is None:
        ids = ", ".join(log.id for log in signals.logs) or "none"
        declared.undeclared(
            place, key, f"{key} is {log_id!r}, which is no log; declared are: {ids}",
            "name a declared log, or declare this one under `logs:` in signals.yaml",
        )  # fmt: skip
    return found


def condition_over(table: "ibis.Table", condition: str, place: Claim, key: str) -> Any:  # noqa: ANN401 - an Ibis boolean, which has no type
    """A condition of the claims as a column of true, false and NULL.

    Raises:
        WarehouseError: the log lacks a column of it, or holds another kind there.
    """
    from ops_model.analysis.condition import boolean

    try:
        return boolean(table, parse(condition))
    except ValueError as error:
        raise WarehouseError(
            f"{key}: {error}",
            where=str(place.place_of(key)),
            remedy="name columns that the log has, and compare each with its own kind",
        ) from error


def columns_in(*conditions: str | None) -> tuple[str, ...]:
    """The columns that conditions name, each once."""
    read: list[Condition] = [parse(text) for text in conditions if text is not None]
    return tuple(dict.fromkeys(name for condition in read for name in condition.columns))
