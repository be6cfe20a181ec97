"""How many rows of a log keep to a rule, and whether the rule's own examples do as they should.

A row of which nobody can tell, since a column that the rule names holds nothing there, counts as
breaking it, and is counted apart as well. The examples go through the same expression as the log,
in columns of the log's own types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops_model.analysis.condition import boolean
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.spread import wilson
from ops_model.domain.condition import Condition
from ops_model.domain.condition_holds import as_written
from ops_model.domain.evidence import Measured

if TYPE_CHECKING:
    import ibis
    import ibis.expr.datatypes as dt
    import pyarrow as pa

Example = Mapping[str, float | int | str]


@dataclass(frozen=True)
class RuleCounts:
    """What a rule makes of a log: its rows, those that break it, and those left undecided.

    `reached` counts the different keys among the rows that break it; None where none was named.
    """

    rows: int
    broken: int
    undecided: int
    reached: int | None

    @property
    def violations(self) -> Measured:
        """The share of rows that break it, with its Wilson interval."""
        return share_of(self.broken, self.rows)

    @property
    def users_exposed(self) -> Measured | None:
        """How many different requests, or users, were answered by rows that break it."""
        if self.reached is None:
            return None
        return Measured(
            value=float(self.reached), unit="requests", n=self.rows, no_interval="exact"
        )


def share_of(count: int, rows: int) -> Measured:
    """A share with its Wilson interval; without a value where there is no row."""
    if rows == 0:
        return Measured(value=None, unit="share", n=0, no_interval="too few")
    low, high = wilson(count, rows)
    # At both ends the interval touches the end, but for the last bit of a float.
    low, high = low if count else 0.0, high if count < rows else 1.0
    return Measured(
        value=repeatable(count / rows), unit="share", n=rows,
        low=repeatable(low), high=repeatable(high),
    )  # fmt: skip


def count_rule(table: "ibis.Table", condition: Condition, *, key: str | None = None) -> RuleCounts:
    """One pass over a log.

    Args:
        table: the rows to judge, bounded.
        condition: the rule; a row for which it is true keeps to it.
        key: the column that tells one request, or user, from another.

    Raises:
        ValueError: the log lacks a column of the rule, or holds another kind in it.
    """
    holds = boolean(table, condition)
    broken = ~holds.fill_null(False)  # noqa: FBT003 - the value that stands for NULL
    asked = {"rows": table.count(), "broken": broken.sum(), "undecided": holds.isnull().sum()}
    if key is not None:
        asked["reached"] = table[key].nunique(where=broken)
    found = table.aggregate(**asked).to_pyarrow().to_pylist()[0]
    return RuleCounts(
        rows=int(found["rows"]),
        broken=int(found["broken"] or 0),
        undecided=int(found["undecided"] or 0),
        reached=int(found["reached"]) if key is not None else None,
    )


def examples_that(
    table: "ibis.Table", condition: Condition, examples: Sequence[Example], *, holds: bool
) -> int:
    """How many examples keep to a rule (`holds`), or break it, in columns of the log's types.

    Raises:
        ValueError: an example holds another kind of value than the log's column.
    """
    if not examples:
        return 0
    import ibis

    rows = ibis.memtable(_as_rows(table, condition, examples))
    answers = rows.select(holds=boolean(rows, condition)).to_pyarrow()["holds"].to_pylist()
    return sum(answer is holds for answer in answers)


def _as_rows(table: "ibis.Table", condition: Condition, examples: Sequence[Example]) -> "pa.Table":
    import pyarrow as pa

    schema = table.schema()
    columns = {}
    for name in condition.columns:
        values = [as_written(condition, example).get(name) for example in examples]
        try:
            columns[name] = pa.array(values, _type_for(schema[name], values))
        except (pa.ArrowException, TypeError, OverflowError) as error:
            msg = f"an example has {name} {_first(values)}; column {name} is {schema[name]}"
            raise ValueError(msg) from error
    return pa.table(columns)


def _type_for(of: "dt.DataType", values: Sequence[object]) -> "pa.DataType":
    """The type of an example's column: the log's own, where that holds what the example says.

    The expression takes decimals for numbers with a point anyway, and a whole number cut out of
    one with a point would be another example.
    """
    import pyarrow as pa

    parts = any(isinstance(value, float) and not value.is_integer() for value in values)
    if of.is_decimal() or (of.is_integer() and parts):
        return pa.float64()
    return of.to_pyarrow()


def _first(values: Sequence[object]) -> str:
    return ", ".join(repr(value)[:40] for value in values if value is not None) or "nothing"
