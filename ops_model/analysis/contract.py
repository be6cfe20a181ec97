"""What Great Expectations says of a day of a log, with nothing passed that was not asked.

Only counts leave this module, never a value of a row, and no message of the library does either,
since it may quote one. What could not be evaluated is an ERROR and neither a pass nor a fail; the
verdict is counted here again from the rows that the library found to break an expectation.
"""

import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from ops_model.analysis.condition import kinds
from ops_model.analysis.contract_suite import TAKEN, Asked, Suite, unfit
from ops_model.analysis.rules import share_of
from ops_model.domain.condition_tree import Kind
from ops_model.domain.detection_served import ExpectationResult
from ops_model.domain.evidence import Measured

if TYPE_CHECKING:
    import ibis
    import pandas as pd

MOST_ROWS = 1_000_000
FEWEST_VALUES = 20
"""Of fewer values, where most are missing, an expectation says nothing of the day."""
_SHOWN = 60


@dataclass(frozen=True)
class Day:
    """One day of a log, as a frame: all its rows, or every so-manieth of them."""

    frame: "pd.DataFrame"
    kinds: Mapping[str, Kind]
    rows_of_day: int

    @property
    def whole(self) -> bool:
        """True when no row of the day was left out."""
        return len(self.frame) == self.rows_of_day


def library() -> str:
    """Which release of the library answers."""
    from importlib.metadata import version

    return f"great-expectations {version('great-expectations')}"


def read_day(
    table: "ibis.Table",
    *,
    timestamp: str,
    key: str | None,
    begin: datetime,
    columns: Sequence[str],
    most: int = MOST_ROWS,
) -> Day:
    """The columns of one UTC day that a suite names and the log has.

    Of more rows than `most` every so-manieth is taken, in the order of their time and key, so that
    another run reads the same ones.
    """
    import ibis

    at = table[timestamp]
    day = table.filter((at >= begin) & (at < begin + timedelta(days=1)))
    total = int(day.count().to_pyarrow().as_py())
    there = [column for column in columns if column in table.columns]
    if total > most:
        order = [day[timestamp], *([day[key]] if key else [])]
        step = -(-total // most)
        number = ibis.row_number().over(order_by=order)
        day = day.mutate(nth_row_of_day=number).filter(lambda t: t.nth_row_of_day % step == 0)
    # A day without a named column still has rows to count.
    taken = day.select(*(there or [timestamp]))
    return Day(_plain_frame(taken), kinds(table, there), total)


def _plain_frame(table: "ibis.Table") -> "pd.DataFrame":
    """A frame of what the library judges: decimals as numbers, NaN and null as missing."""
    decimals = [name for name, of in table.schema().items() if of.is_decimal()]
    if decimals:
        table = table.mutate(**{name: table[name].cast("float64") for name in decimals})
    frame: pd.DataFrame = table.to_pyarrow().to_pandas()
    return frame


def judge_day(suite: Suite, day: Day) -> tuple[ExpectationResult, ...]:
    """The answer to each expectation of a suite, one for one, in its order.

    Raises:
        ValueError: the day has no row, of which the library would pass everything.
    """
    if day.frame.empty:
        msg = "the day has no row, and of no row everything holds"
        raise ValueError(msg)
    with _quiet():
        batch = _batch(day.frame)
        return tuple(_answer(asked, day, batch) for asked in suite.asked)


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither the library's log nor its warnings reach a cell, where they may quote values."""
    log = logging.getLogger("great_expectations")
    was, nowhere = log.propagate, logging.NullHandler()
    # Its many loggers pass what they say on to this one, which passes it on to nobody.
    log.propagate = False
    log.addHandler(nowhere)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.propagate = was
        log.removeHandler(nowhere)


def _batch(frame: "pd.DataFrame") -> Any:  # noqa: ANN401 - the library's own
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # By default it makes a folder for pages that nobody asked for, and leaves it behind.
    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    config = DataContextConfig(store_backend_defaults=stores, data_docs_sites={})
    context = gx.get_context(mode="ephemeral", project_config=config)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.enable_analytics(enable=False)
    asset = context.data_sources.add_pandas("day").add_dataframe_asset("rows")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    return whole.get_batch({"dataframe": frame})


def _answer(asked: Asked, day: Day, batch: Any) -> ExpectationResult:  # noqa: ANN401 - the library's own
    if fault := asked.fault or _fault(asked, day):
        return _result(asked, "ERROR", error=fault)
    if asked.type == "expect_column_to_exist":
        there = asked.columns[0] in day.kinds
        return _result(asked, "PASS" if there else "FAIL")
    try:
        answer = batch.validate(
            _expectation(asked), result_format={"result_format": "BASIC",
            "partial_unexpected_count": 0},
        ).to_json_dict()  # fmt: skip
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no pass
        return _result(asked, "ERROR", error=f"the library could not ask it: {_name(error)}")
    return _judged(asked, answer)


def _fault(asked: Asked, day: Day) -> str:
    """Why what the library says of it would mean nothing; empty when it does not."""
    if not day.whole and TAKEN[asked.type].whole:
        return (
            f"needs every row of the day, of whose {day.rows_of_day:,} only {len(day.frame):,} "
            "were read"
        )
    if asked.type == "expect_column_to_exist":
        return ""
    for column in asked.columns:
        if column not in day.kinds:
            return _lacking(column, list(day.kinds))
    if why := unfit(asked, day.kinds):
        return why
    return _hardly_filled(asked, day) if TAKEN[asked.type].values else ""


def _hardly_filled(asked: Asked, day: Day) -> str:
    """That a column holds no value, or a handful where most are missing, which passes unseen."""
    for column in asked.columns:
        held = int(day.frame[column].notna().sum())
        if held < FEWEST_VALUES and held < len(day.frame) / 2:
            many = f"{held:,} of {len(day.frame):,} values" if held else "no value"
            return f"column {column[:_SHOWN]!r} holds {many} on that day"
    return ""


def _lacking(column: str, known: Sequence[str]) -> str:
    near = get_close_matches(column[:_SHOWN], list(known), n=1)
    return f"the log has no column {column[:_SHOWN]!r}" + (
        f"; did you mean {near[0]!r}?" if near else ""
    )


def _expectation(asked: Asked) -> Any:  # noqa: ANN401 - the library's own
    import great_expectations.expectations as shipped

    name = "".join(part.capitalize() for part in asked.type.split("_"))
    return getattr(shipped, name)(**asked.given)


def _judged(asked: Asked, answer: Mapping[str, Any]) -> ExpectationResult:
    """The verdict from the library's own counts, and an ERROR where the two do not agree."""
    result, success = answer.get("result"), answer.get("success")
    if raised := _raised(answer.get("exception_info")):
        return _result(asked, "ERROR", error=f"could not be evaluated: {raised}")
    if not isinstance(result, Mapping) or not result or not isinstance(success, bool):
        return _result(asked, "ERROR", error="the library evaluated nothing")
    if "unexpected_count" not in result or "element_count" not in result:
        observed = _observed(result.get("observed_value"))
        return _result(asked, "PASS" if success else "FAIL", observed=observed)
    rows = int(result.get("element_count") or 0) - int(result.get("missing_count") or 0)
    bad = int(result["unexpected_count"] or 0)
    if rows <= 0:
        return _result(asked, "ERROR", error="no row was asked")
    mostly = float(asked.given.get("mostly", 1))
    kept = (rows - bad) / rows >= mostly
    if kept is not success:
        return _result(
            asked, "ERROR", bad=share_of(bad, rows),
            error=f"the library says {success}, and {bad:,} of {rows:,} rows break it",
        )  # fmt: skip
    return _result(asked, "PASS" if kept else "FAIL", bad=share_of(bad, rows))


def _raised(info: object) -> str:
    """The kind of what went wrong, in either shape that the library tells it; empty when nothing.

    The message may quote a value, the name of the error does not.
    """
    if not isinstance(info, Mapping):
        return ""
    several = [info, *(part for part in info.values() if isinstance(part, Mapping))]
    for one in several:
        if one.get("raised_exception"):
            found = re.findall(r"^(?:\w+\.)*(\w+(?:Error|Exception))\b", str(
                one.get("exception_traceback")), re.MULTILINE)  # fmt: skip
            return found[-1] if found else "an error of the library"
    return ""


def _observed(value: object) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.9g}"
    return f"{len(value):,} values" if isinstance(value, list) else None


def _name(error: Exception) -> str:
    return type(error).__name__


def _result(
    asked: Asked,
    state: Any,  # noqa: ANN401 - PASS, FAIL or ERROR; pydantic looks
    *,
    bad: Measured | None = None,
    observed: str | None = None,
    error: str | None = None,
) -> ExpectationResult:
    named = ", ".join(asked.columns)[:500]
    return ExpectationResult(
        type=asked.type, column=named or None, severity=asked.severity, state=state,
        bad=bad, observed=observed, error=error,
    )  # fmt: skip
