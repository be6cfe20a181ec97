"""Great Expectations on a day of a log: each way in which it lets something pass, closed.

The traps stand beside the guard: `plain` puts an expectation to the library as it is, and shows
that it would have passed, or told what no evidence may hold.
"""

import json
import logging
import sys
from datetime import timedelta

import pyarrow as pa
import pytest

from ops_model.analysis.contract import judge_day, read_day
from ops_model.analysis.contract_suite import read_suite
from tests.analysis.tables import UTC_TIME, at, table

SECRET = "ana.ruiz@example.org"
VALUES = "expect_column_values_to_"
ROWS = 50


@pytest.fixture(scope="module")
def log():
    """Fifty rows on the first of January and one on the second.

    `x` rises from 0 to 0.98 in steps of 0.02, without a value in every tenth row; `who` holds an
    address in the first row, and A or B in the others.
    """
    return table(
        at=[*(at(0, i % 24) for i in range(ROWS)), at(1)],
        x=pa.array([*(i / ROWS if i % 10 else None for i in range(ROWS)), 5.0], pa.float64()),
        who=[SECRET, *("AB"[i % 2] for i in range(ROWS))],
        empty=pa.array([None] * (ROWS + 1), pa.float64()),
        seen=pa.array([at(0)] * (ROWS + 1), UTC_TIME),
        n=list(range(ROWS + 1)),
    )


def asked(kind, severity="critical", **kwargs):
    return {"type": kind, "kwargs": kwargs, "severity": severity}


def judged(log, *expectations, begin=None, most=1_000_000):
    suite = read_suite(json.dumps({"name": "t", "expectations": expectations}).encode())
    begin = begin or at(0, 0)
    day = read_day(log, timestamp="at", key="n", begin=begin, columns=suite.columns, most=most)
    return judge_day(suite, day)


def plain(frame, kind, **kwargs):
    """What the library says when nobody guards it."""
    import great_expectations as gx
    import great_expectations.expectations as shipped

    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
    batch = asset.add_batch_definition_whole_dataframe("b").get_batch({"dataframe": frame})
    name = "".join(part.capitalize() for part in kind.split("_"))
    return batch.validate(getattr(shipped, name)(**kwargs)).to_json_dict()


def frame_of(log, *columns):
    return log.select(*columns).to_pyarrow().to_pandas()


@pytest.mark.parametrize(
    ("expectation", "state", "bad"),
    [
        (asked(f"{VALUES}be_between", column="x", min_value=0, max_value=1), "PASS", (0, 45)),
        # Above 0.5 lie 0.52 to 0.98, that is 24, of which 0.6 and 0.8 have no value.
        (asked(f"{VALUES}be_between", column="x", max_value=0.5), "FAIL", (22, 45)),
        (asked(f"{VALUES}be_between", column="x", max_value=0.5, mostly=0.5), "PASS", (22, 45)),
        (asked(f"{VALUES}be_between", column="x", max_value=0.5, mostly=0.6), "FAIL", (22, 45)),
        (asked(f"{VALUES}not_be_null", column="x"), "FAIL", (5, 50)),
        (asked(f"{VALUES}not_be_null", column="empty"), "FAIL", (50, 50)),
        (asked(f"{VALUES}be_null", column="empty"), "PASS", (0, 50)),
        (asked(f"{VALUES}be_in_set", column="who", value_set=["A", "B"]), "FAIL", (1, 50)),
        (asked(f"{VALUES}be_unique", column="n"), "PASS", (0, 50)),
        (asked(f"{VALUES}match_regex", column="who", regex="^[AB]$"), "FAIL", (1, 50)),
        (asked("expect_table_row_count_to_be_between", min_value=51), "FAIL", None),
        (asked("expect_table_row_count_to_equal", value=50), "PASS", None),
        (asked("expect_column_to_exist", column="gone"), "FAIL", None),
        (asked("expect_column_to_exist", column="x"), "PASS", None),
        (asked("expect_column_mean_to_be_between", column="n", max_value=24.5), "PASS", None),
        (asked("expect_column_mean_to_be_between", column="n", max_value=24.4), "FAIL", None),
        (
            asked("expect_column_distinct_values_to_be_in_set", column="who", value_set=["A"]),
            "FAIL",
            None,
        ),
    ],
)
def test_an_expectation_passes_or_fails_with_its_counts_and_without_a_value(
    log, expectation, state, bad
):
    result = judged(log, expectation)[0]

    assert (result.state, result.error) == (state, None)
    if bad is not None:
        assert (round(result.bad.value * result.bad.n), result.bad.n) == bad
    assert SECRET not in result.model_dump_json()


def test_an_unguarded_library_tells_the_values_that_break_an_expectation(log):
    said = plain(frame_of(log, "who"), f"{VALUES}be_in_set", column="who", value_set=["A", "B"])

    assert SECRET in json.dumps(said)


def test_a_day_without_a_row_is_no_pass_although_the_library_says_so(log):
    expectation = asked(f"{VALUES}be_between", column="x", min_value=0)

    none = frame_of(log, "x").iloc[:0]
    assert plain(none, f"{VALUES}be_between", column="x", min_value=0)["success"] is True
    with pytest.raises(ValueError, match="the day has no row"):
        judged(log, expectation, begin=at(9, 0))


def test_a_column_without_a_value_is_an_error_although_the_library_passes_it(log):
    said = plain(frame_of(log, "empty"), f"{VALUES}be_between", column="empty", min_value=0)

    assert said["success"] is True
    result = judged(log, asked(f"{VALUES}be_between", column="empty", min_value=0))[0]
    assert (result.state, result.error) == ("ERROR", "column 'empty' holds no value on that day")


def test_texts_that_a_number_is_not_are_an_error_although_the_library_passes_them(log):
    said = plain(frame_of(log, "n"), f"{VALUES}not_be_in_set", column="n", value_set=["7"])

    assert said["success"] is True
    result = judged(log, asked(f"{VALUES}not_be_in_set", column="n", value_set=["7"]))[0]
    assert (result.state, result.error) == ("ERROR", "column 'n' holds number; expected text")


def test_what_could_not_be_evaluated_is_an_error_and_no_fail_as_the_library_has_it(log):
    frame = frame_of(log, "x", "who")
    kind = f"{VALUES}be_between"
    assert plain(frame, kind, column="gone", min_value=0)["success"] is False
    assert plain(frame, kind, column="who", min_value=0)["success"] is False

    found = judged(
        log,
        asked(kind, column="gone", min_value=0),
        asked(kind, column="who", min_value=0),
        asked(kind, column="seen", min_value=0),
        asked(f"{VALUES}match_regex", column="who", regex="^[A"),
    )

    assert [r.state for r in found] == ["ERROR"] * 4
    assert found[0].error == "the log has no column 'gone'"
    assert "holds text; expected number" in found[1].error
    assert "holds time; expected number" in found[2].error
    assert found[3].error.startswith("could not be evaluated")
    assert SECRET not in "".join(r.model_dump_json() for r in found)


def test_one_error_spoils_no_other_and_every_expectation_has_its_answer_in_its_place(log):
    found = judged(
        log,
        asked(f"{VALUES}be_betwen", column="x", min_value=0),
        asked(f"{VALUES}be_between", column="gone", min_value=0),
        asked(f"{VALUES}be_between", "warning", column="x", max_value=0.1),
        asked(f"{VALUES}be_between", column="x", min_value=0),
    )

    assert [r.state for r in found] == ["ERROR", "ERROR", "FAIL", "PASS"]
    assert [r.severity for r in found] == ["critical", "critical", "warning", "critical"]


def test_of_a_part_of_a_day_nothing_is_said_that_needs_the_whole_of_it(log):
    found = judged(
        log,
        asked("expect_table_row_count_to_be_between", min_value=1),
        asked(f"{VALUES}be_unique", column="n"),
        asked(f"{VALUES}be_between", column="n", min_value=0),
        most=20,
    )

    assert [r.state for r in found] == ["ERROR", "ERROR", "PASS"]
    assert "of whose 50 only 17 were read" in found[0].error
    assert found[2].bad.n == 17


def test_of_a_day_that_is_too_long_every_so_manieth_row_is_read_and_again_the_same(log):
    read = [
        read_day(log, timestamp="at", key="n", begin=at(0, 0), columns=["n"], most=20)
        for _ in range(2)
    ]

    assert (len(read[0].frame), read[0].rows_of_day, read[0].whole) == (17, 50, False)
    assert sorted(read[0].frame["n"]) == sorted(read[1].frame["n"])


def test_a_day_ends_where_the_next_begins(log):
    day = read_day(
        log, timestamp="at", key=None, begin=at(0, 0) + timedelta(days=1), columns=["x", "gone"]
    )

    assert list(day.frame["x"]) == [5.0]
    assert day.whole


WATCHED: list[str] = []
"""What the interpreter did that leaves this process, while a test listens; see `listening`."""


@pytest.fixture
def listening():
    """Every connection and every file opened for writing; a hook cannot be taken away again."""
    on = [True]

    def hook(event, arguments):
        if on[0] and event in {"socket.connect", "socket.getaddrinfo", "os.mkdir"}:
            WATCHED.append(f"{event} {arguments}")
        if on[0] and event == "open" and any(c in str(arguments[1]) for c in "wax+"):
            WATCHED.append(f"{event} {arguments}")

    sys.addaudithook(hook)
    WATCHED.clear()
    yield WATCHED
    on[0] = False


def test_nothing_is_sent_written_or_printed(log, capfd, listening):
    listening.clear()  # pytest opens files of its own to capture what is printed

    found = judged(
        log,
        asked(f"{VALUES}be_between", column="x", min_value=0),
        asked(f"{VALUES}match_regex", column="who", regex="^[A"),
    )

    assert [r.state for r in found] == ["PASS", "ERROR"]
    assert [what for what in listening if "__pycache__" not in what] == []
    assert capfd.readouterr() == ("", "")


def test_what_the_library_logs_reaches_nobody_since_it_may_quote_a_value(log, caplog):
    caplog.set_level(logging.DEBUG)

    judged(log, asked(f"{VALUES}match_regex", column="who", regex="^[A"))
    kept = [r for r in caplog.records if r.name.startswith("great_expectations")]
    plain(frame_of(log, "who"), f"{VALUES}match_regex", column="who", regex="^[A")

    assert kept == []
    # Unguarded, it does log.
    assert any(r.name.startswith("great_expectations") for r in caplog.records)


def test_a_handful_of_values_among_missing_ones_is_no_answer_of_the_day():
    mostly_empty = table(at=[at(0)] * ROWS, n=list(range(ROWS)), x=pa.array(
        [0.5] * 19 + [None] * 31, pa.float64()))  # fmt: skip
    expectation = asked(f"{VALUES}be_between", column="x", min_value=0, max_value=1)

    (result,) = judged(mostly_empty, expectation)

    assert (result.state, result.error) == (
        "ERROR",
        "column 'x' holds 19 of 50 values on that day",
    )
