"""Usage logs, of whichever format and engine, as tables with the columns of the usage contract."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.cost import CostPlan, UsageLog
from ops_model.domain.values import iso_utc
from ops_model.errors import Problem, WarehouseError
from ops_model.workflow.log_places import Placed, warehouse_of
from ops_model.workflow.usage_requests import (
    TIMESTAMP,
    UsagePlan,
    UsageSource,
    plan_of,
    source_of,
)

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.prefix_cache import Stage
    from ops_model.store.warehouse import CountedLog

__all__ = [
    "REPORTED_COST", "TIMESTAMP", "UsageSource", "counted_table", "counted_usage", "later_note",
    "stage_of",
    "usage_table", "usage_tables",
]  # fmt: skip

REPORTED_COST = ("x_reported_cost_usd", "cost")
"""Columns with the cost of a row, as the log itself reports it; the first is in USD."""


def usage_tables(book: Placed, cost: CostPlan) -> "dict[str, ibis.Table]":
    """Every usage log of a system by its id, in contract columns, up to the instant that judges.

    Raises:
        WarehouseError: with all problems of all logs: what `open_logs` says, or a log names a
            warehouse that is not declared.
    """
    return {name: log.table for name, log in counted_usage(book, cost).items()}


def counted_usage(book: Placed, cost: CostPlan) -> "dict[str, CountedLog]":
    """The same, with the number of rows of each log that are not in the table.

    Raises:
        WarehouseError: as above.
    """
    sources = {log.id: source_of(log, warehouse_of(book, log)) for log in cost.logs}
    return _opened(book.root, sources, book.as_of)


def usage_table(source: UsageSource, *, before: datetime) -> "ibis.Table":
    """One usage log without a workbook, in contract columns.

    Raises:
        WarehouseError: it cannot be read, or lacks what its format asks for.
    """
    return counted_table(source, before=before).table


def counted_table(source: UsageSource, *, before: datetime) -> "CountedLog":
    """The same, with the number of rows that are not in the table.

    Raises:
        WarehouseError: as above.
    """
    return _opened(None, {"usage": source}, before)["usage"]


def later_note(rows: int, before: datetime, log: str = "") -> Iterator[str]:
    """What is said of rows at or after the instant that judges, which are in no total."""
    if rows:
        of = f"{log}: " if log else ""
        yield (
            f"{of}{rows:,} rows are of {iso_utc(before)} or later and are in no total; where a "
            "clock or the unit of the timestamp is wrong, write it right"
        )


def stage_of(book: Placed, log: UsageLog) -> "Stage":
    """Where rows of a log are kept while they are read many times: a copy of text, else nowhere.

    Raises:
        WarehouseError: there is no such log.
    """
    from ops_model.store.staged import is_text, staged

    in_files = warehouse_of(book, log) is None
    return staged if in_files and is_text(book.root, log.address) else nullcontext


def _opened(
    root: Path | None, sources: Mapping[str, UsageSource], before: datetime
) -> "dict[str, CountedLog]":
    from ops_model.store.warehouse import open_counted

    plans, problems = {}, list[Problem]()
    for name, source in sources.items():
        try:
            plans[name] = plan_of(root, source, before)
        except WarehouseError as error:
            problems += error.problems
    if problems:
        raise WarehouseError(problems=problems)
    requests = {name: plan.request for name, plan in plans.items()}
    found = open_counted(root, requests)
    return {
        name: replace(found[name], table=_in_contract(found[name].table, plan))
        for name, plan in plans.items()
    }


def _in_contract(table: "ibis.Table", plan: UsagePlan) -> "ibis.Table":
    from ops_model.analysis.usage_contract import contract_of

    at = plan.request.timestamp or TIMESTAMP
    if plan.rows is not None:
        return contract_of(table, plan.rows, timestamp=at)
    table = table.rename({TIMESTAMP: at}) if at != TIMESTAMP else table
    for name, said in (
        ("service", plan.source.service), ("gen_ai_provider_name", plan.source.provider),
    ):  # fmt: skip
        if said:
            table = _with_default(table, name, said)
    return table


def _with_default(table: "ibis.Table", name: str, said: str) -> "ibis.Table":
    """The table with what is declared in the rows that name none."""
    from ops_model.analysis.usage_contract import label_or

    return table.mutate(**{name: label_or(table, name, said)})
