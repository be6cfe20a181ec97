"""What is asked of every engine: functions of the opened logs, whose answers are plain data."""

from dataclasses import asdict, is_dataclass
from datetime import timedelta

import numpy as np

from ops_model.analysis.canary import answers_of, models_of
from ops_model.analysis.capture import FieldColumn, count_captured, oldest_row
from ops_model.analysis.cells import Categories, Grid, Spec
from ops_model.analysis.condition import boolean
from ops_model.analysis.contract import read_day
from ops_model.analysis.decomposition import count_sides
from ops_model.analysis.exposure import count_served
from ops_model.analysis.freshness import minutes_with_rows, newest
from ops_model.analysis.guardrail import try_suite
from ops_model.analysis.importance import logged_weights, sampled
from ops_model.analysis.judged import LabelLog, count_apart, count_days, judged_rows
from ops_model.analysis.outcome import outcome_days
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from ops_model.analysis.reconstruction import draw, look_up
from ops_model.analysis.rules import count_rule, examples_that
from ops_model.analysis.segments import count_segments
from ops_model.analysis.slots import count_slots, whole_slots
from ops_model.analysis.usage import Splits, models_in, sum_usage
from ops_model.analysis.versions import count_versions
from ops_model.domain.condition import parse
from ops_model.domain.values import Window
from tests.engines.logs import BEFORE, ODD, START, TEXTS

SPEC = Spec(
    # The borders of the cells of `x` lie on values that it holds.
    (Grid("x", -20.0, 0.25), Grid("small", 0.0, 0.05), Grid("whole", -30.5, 1.0),
     Grid("money", -10.0, 3.7)),
    (Categories(ODD, tuple(t for t in TEXTS[:15] if t is not None), complete=False),
     Categories("many", ("v1", "v2", "v3"), complete=False),
     Categories("yes", ("true", "false"), complete=True)),
)  # fmt: skip
COLUMNS = ("x", "small", "whole", "money", ODD, "many", "yes")
CONDITIONS = (
    "x > 10", "x <= 10 or missing(x)", "not (x == 10)", "3 < x < 12.25", "whole in [1, 2, -3, 60]",
    "whole % 7 == 3", "whole / 7 > 1", "x * x < 1e10", "abs(x) > 5", "small < 0.5",
    "money >= 100.01", "money == 12.5", "yes", "not yes", "yes == True and whole > 0",
    "missing(yes)",
    f"column({ODD!r}) in ['a', 'A', \"O'Brien\", '😀', '']", f"length(column({ODD!r})) == 1",
    f"lower(column({ODD!r})) == 'a'", f"contains(column({ODD!r}), '%')",
    f"contains(column({ODD!r}), '_')", f"starts(column({ODD!r}), 'back\\\\\\\\')",
    f"column({ODD!r}) == 'é'", "many != 'v1'", "x + whole > 20", "x / (whole - 5) > 1",
    "1e308 * x > 0",
)  # fmt: skip
_MIDDLE = (START + timedelta(days=5)).date()
_ENDS = (START.date(), (START + timedelta(days=9)).date())
_SIDES = {"baseline": (_ENDS[0], _MIDDLE), "window": (_MIDDLE, _ENDS[1])}


def plain(value):
    """Dataclasses, arrays and tuples as dicts and lists, so that answers can be compared."""
    if is_dataclass(value):
        return plain(vars(value) if not hasattr(value, "__slots__") else asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in sorted(value.items(), key=str)}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def planned(logs):
    """The cells that a reference fixes."""
    return plan(logs["served"], COLUMNS).document


def profiled(logs):
    """Every count of every cell by day, the general way, and the sums that keep the tails."""
    found = profile(logs["served"], SPEC, timestamp="at", native=False)
    return {
        "days": found.days, "rows": found.rows, "categories": found.categories,
        "cells": {name: one.cells for name, one in found.numeric.items()},
        "sums": {name: one.table[:, -4:] for name, one in found.numeric.items()},
    }  # fmt: skip


def rules(logs):
    """How many rows keep to a rule, break it, and leave it open."""
    served = logs["served"]
    return [count_rule(served, parse(CONDITIONS[n]), key="key") for n in (1, 11, 15)]


def rows_by_condition(logs):
    """Which keys each condition holds for, not only how many."""
    served = logs["served"]
    asked = {f"c{n}": boolean(served, parse(text)) for n, text in enumerate(CONDITIONS)}
    rows = served.select(
        "at", "key", **{n: c.cast("int32").fill_null(-1) for n, c in asked.items()}
    )
    return rows.order_by("at", "key").to_pyarrow().drop_columns(["at"]).to_pydict()


def examples(logs):
    """The examples of a rule, in columns of the log's own types."""
    condition = parse("x > 10 and money < 100")
    rows = [{"x": 11, "money": 3}, {"x": 9, "money": 3}, {"x": 11, "money": 300}]
    return [examples_that(logs["served"], condition, rows, holds=h) for h in (True, False)]


def _judged(logs, **asked):
    return judged_rows(
        logs["served"], timestamp="at", key="key", segments=(ODD, "yes", "whole"),
        labels=LabelLog(logs["labels"], "key", "at", asked.get("score") or "label"), **asked,
    )  # fmt: skip


def accuracy(logs):
    """Rows, labels and right ones by day."""
    return count_days(_judged(logs, label="label", prediction="prediction"))


def scores(logs):
    """Rows, scores and their spread by day."""
    return count_days(_judged(logs, label=None, score="score"))


def apart(logs):
    """Rows that say nothing, or might say a thing twice."""
    labels = LabelLog(logs["labels"], "key", "at", "score")
    return count_apart(
        _judged(logs, label=None, score="score"), logs["served"], key="key", labels=labels
    )


def segments(logs):
    """Each segment in window and baseline."""
    judged = _judged(logs, label="label", prediction="prediction")
    columns = (ODD, "yes", "whole")
    return count_segments(judged, columns, min_n=10, always=[(ODD, "😀")], **_SIDES)


def sides(logs):
    """Each segment by day."""
    judged = _judged(logs, label="label", prediction="prediction")
    return count_sides(judged, (ODD, "yes", "whole"), min_n=10, **_SIDES)


def outcomes(logs):
    """Outcomes by day, of a number and of true and false."""
    return [outcome_days(logs["served"], timestamp="at", value=c) for c in ("x", "money", "yes")]


def levels(logs):
    """Good and valid requests by quarter of an hour."""
    requests = logs["requests"]
    good, valid = parse("latency_ms < 300 and status < 500"), parse("status != 404")
    return count_slots(
        requests, timestamp="at", minutes=15, good=boolean(requests, good),
        valid=boolean(requests, valid),
        window=whole_slots(Window(start=START, end=BEFORE), 15),
    )  # fmt: skip


def captured(logs):
    """Served rows that hold each field, and those whose label is there."""
    fields = [
        FieldColumn("input", ODD), FieldColumn("output", "x"),
        FieldColumn("outcome", "label", logs["labels"], "key"),
    ]  # fmt: skip
    days = {"start": START, "end": START + timedelta(days=8)}
    found = count_captured(logs["served"], fields, timestamp="at", key="key", **days)
    return [found, oldest_row(logs["served"], "at")]


def reconstructed(logs):
    """The decisions that are drawn, and what a look-up of each finds."""
    window = Window(start=START, end=START + timedelta(days=3))
    drawn = draw(logs["served"], timestamp="at", key="key", window=window, sampled=6)
    fields = [FieldColumn("input", ODD), FieldColumn("outcome", "label", logs["labels"], "key")]
    return [drawn, look_up(logs["served"], drawn, fields, key="key")]


def fresh(logs):
    """The minutes in which rows were written, and the newest row."""
    return [minutes_with_rows(logs["served"], "at", since=START), newest(logs["served"], "at")]


def versions(logs):
    """Which versions served."""
    return count_versions(logs["served"], "version", timestamp="at", **_SIDES)


def guardrails(logs):
    """The last result of each item."""
    return try_suite(
        logs["trials"], suite="jailbreak", version=("version", "v1"), timestamp="at", items=None
    )


def canaries(logs):
    """The last answer to each question and day, and the models that answered."""
    named = {"timestamp": "at", "prompt": "prompt", "answer": "answer"}
    return [
        answers_of(logs["canaries"], **named), models_of(logs["canaries"], "gen_ai_response_model")
    ]  # fmt: skip


def usage(logs):
    """Tokens and hours by day, split where a price changes."""
    changes = [START + timedelta(days=2, hours=7, minutes=30)]
    return [
        sum_usage(logs["usage"].drop("request_id"), u, timestamp="at", changes=changes)
        for u in ("tokens", "hours")
    ]


def usage_by_slot(logs):
    """Tokens by ten minutes, split by price, length and time; a row that came twice once."""
    splits = Splits((START + timedelta(days=4, hours=3),), (90, 1000), (5, 100))
    found = sum_usage(
        logs["usage"], "tokens", timestamp="at", splits=splits, slot=timedelta(minutes=10),
    )  # fmt: skip
    assert found.contradicting
    assert sum(one.repeated for one in found.sums)
    return [found, models_in(logs["usage"])]


def busy_hours(logs):
    """Hours and the busy part of them, without users told apart."""
    return sum_usage(logs["usage"], "hours", timestamp="at", busy="busy", apart=())


def weights(logs):
    """The mean attribution of each feature by day."""
    return logged_weights(logs["served"], ["x", "small", "whole"], timestamp="at")


def sample(logs):
    """The sample that a model is asked on."""
    frame, days = sampled(logs["served"], ["small", "many"], timestamp="at", order=["key"])
    return [frame.to_dict("list"), days]


def contract_day(logs):
    """The day that a contract judges, of which every third row is taken."""
    day = read_day(
        logs["served"], timestamp="at", key="key", begin=START + timedelta(days=1),
        columns=["small", "many", "gone"], most=100,
    )  # fmt: skip
    return [{c: sorted(day.frame[c].tolist()) for c in day.frame}, day.rows_of_day]


def exposed(logs):
    """Rows served since an onset."""
    ends = (START + timedelta(days=2), START + timedelta(days=3, seconds=1), BEFORE)
    return count_served(logs["served"], log="served", timestamp="at", span=ends)


CASES = {
    case.__name__: case
    for case in (
        planned, profiled, rules, rows_by_condition, examples, accuracy, scores, apart, segments,
        sides, outcomes, levels, captured, reconstructed, fresh, versions, guardrails, canaries,
        usage, usage_by_slot, busy_hours, weights, sample, contract_day, exposed,
    )
}  # fmt: skip
