"""Sums of usage: what belongs together, what came twice, and what makes no sense."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.analysis.usage import (
    CACHE_READ,
    CACHE_WRITE,
    INPUT,
    MODEL,
    OUTPUT,
    Splits,
    models_in,
    purpose_notes,
    sum_usage,
)  # fmt: skip
from tests.analysis.tables import START, at, table

TEXT = pa.string()


def log(rows, **more):
    """A log of so many rows of ten input and one output token, but for what is given."""
    columns = {
        "timestamp": [at(1)] * rows, "service": ["chat"] * rows, MODEL: ["large"] * rows,
        INPUT: [10] * rows, OUTPUT: [1] * rows,
    }  # fmt: skip
    return table(**(columns | more))


def sums(rows, **asked):
    return sum_usage(rows, "tokens", timestamp="timestamp", **asked)


def told(found):
    """What is wrong with how many rows; '' where nothing is."""
    return {one.wrong: one.rows for one in found.sums}


def test_input_is_told_apart_into_fresh_read_and_written_tokens():
    rows = log(2, **{INPUT: [100, 50], CACHE_READ: [60, None], CACHE_WRITE: [30, 5]})

    (found,) = sums(rows).sums

    assert found.amounts == (10 + 45, 60, 35, 2)
    assert sum(found.amounts) == 150 + 2


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        (MODEL, None, "no model"),
        (MODEL, "", "no model"),
        (INPUT, None, "no input tokens"),
        (INPUT, float("nan"), "no input tokens"),
        (INPUT, float("inf"), "no input tokens"),
        (OUTPUT, None, "no output tokens"),
        (INPUT, -1, "negative tokens"),
        (OUTPUT, -1, "negative tokens"),
        (CACHE_READ, -1, "negative tokens"),
        (CACHE_WRITE, -1, "negative tokens"),
        (CACHE_READ, 11, "more cached than input"),
        (CACHE_READ, float("inf"), "no number of cached tokens"),
        (CACHE_WRITE, float("nan"), "no number of cached tokens"),
    ],
)
def test_a_row_that_makes_no_sense_is_apart_and_says_why(column, value, why):
    kind = TEXT if column == MODEL else None
    rows = log(2, **{column: pa.array([{MODEL: "large"}.get(column, 1), value], kind)})

    found = sums(rows)

    assert told(found) == {"": 1, why: 1}
    assert [one.valid for one in found.sums] == [not one.wrong for one in found.sums]


@pytest.mark.parametrize("kind", [pa.uint8(), pa.uint32(), pa.uint64(), pa.int16(), pa.int64()])
def test_numbers_of_every_kind_can_be_taken_from_each_other(kind):
    rows = log(2, **{INPUT: pa.array([10, 100], kind), CACHE_READ: pa.array([90, 90], kind)})

    assert told(sums(rows)) == {"": 1, "more cached than input": 1}


def test_more_tokens_than_there_can_be_are_none():
    rows = log(4, **{INPUT: [2**63 - 1, -(2**63), 9, 9], CACHE_READ: [-(2**63), 1, 2**63 - 1, 1]})

    found = sums(rows)

    assert told(found) == {"": 1, "no input tokens": 2, "no number of cached tokens": 1}


def test_reads_and_writes_together_may_not_exceed_the_input():
    rows = log(2, **{CACHE_READ: [5, 6], CACHE_WRITE: [5, 5]})

    assert told(sums(rows)) == {"": 1, "more cached than input": 1}


def test_a_row_that_came_twice_counts_once():
    rows = log(4, request_id=["a", "a", "b", "a"])

    (found,) = sums(rows).sums

    assert (found.rows, found.repeated, found.amounts[0]) == (2, 2, 20)


def test_rows_without_a_request_id_may_be_alike():
    rows = log(6, request_id=pa.array([None, None, "", "", "a", "a"], TEXT))

    (found,) = sums(rows).sums

    assert (found.rows, found.repeated) == (5, 1)


def test_senseless_rows_of_one_id_are_one_row_but_without_an_id_each_counts():
    rows = log(4, request_id=pa.array(["a", "a", None, None], TEXT),
               **{INPUT: [0] * 4, CACHE_READ: [1, 1, 1, 1], OUTPUT: [1, 0, 0, 0]})  # fmt: skip

    (found,) = sums(rows).sums

    assert (found.wrong, found.rows, found.repeated) == ("more cached than input", 3, 1)


def test_a_retry_that_keeps_its_id_costs_again_and_is_told():
    rows = log(3, request_id=["a", "a", "b"], timestamp=[at(1, 8), at(1, 9), at(1, 9)])

    found = sums(rows)

    assert sum(one.rows for one in found.sums) == 3
    assert found.contradicting == 1


def test_failures_are_counted_and_still_used_tokens():
    rows = log(4, status=pa.array(["ok", "error", None, "429"], TEXT))

    (found,) = sums(rows).sums

    assert (found.rows, found.failed, found.amounts[0]) == (4, 2, 40)


def test_purposes_users_and_runs_are_told_apart():
    rows = log(
        3, purpose=pa.array(["shadow", None, ""], TEXT), user_group=["a", "a", "b"],
        run_id=["r1", "r1", "r1"], gen_ai_provider_name=pa.array([None, "openai", "openai"], TEXT),
    )  # fmt: skip

    found = sums(rows).sums

    assert sorted((f.purpose, f.user_group, f.run, f.provider) for f in found) == [
        ("prod", "a", "r1", "openai"), ("prod", "b", "r1", "openai"), ("shadow", "a", "r1", ""),
    ]  # fmt: skip


def test_users_are_put_together_where_nobody_asks_for_them():
    rows = log(2, user_group=["a", "b"])

    (found,) = sums(rows, apart=()).sums

    assert (found.user_group, found.rows) == ("", 2)


def test_a_slot_begins_at_a_full_multiple_of_its_length():
    rows = log(3, timestamp=[at(1, 0), at(1, 0, 9), at(1, 23, 59)])

    found = sums(rows, slot=timedelta(minutes=10)).sums

    assert [(one.at, one.rows) for one in found] == [(at(1, 0), 2), (at(1, 23, 50), 1)]


@pytest.mark.parametrize("minutes", [0, 7, 0.5, 2880])
def test_slots_that_do_not_divide_a_day_are_refused(minutes):
    with pytest.raises(ValueError, match="divide a day"):
        sums(log(1), slot=timedelta(minutes=minutes))


def test_a_day_is_a_day_of_utc_when_clocks_change():
    # In New York this day has 23 hours, from 05:00 to 04:00 UTC.
    begin = datetime(2013, 3, 10, tzinfo=UTC)
    instants = [begin + timedelta(hours=hour) for hour in range(24)]
    zoned = pa.array(instants, pa.timestamp("us", "UTC")).cast(
        pa.timestamp("us", "America/New_York")
    )

    (found,) = sums(log(24, timestamp=zoned)).sums

    assert (found.at, found.rows) == (begin, 24)


def test_a_price_may_hold_for_some_hours_of_the_day_and_above_some_length():
    rows = log(4, timestamp=[at(1, 0), at(1, 1), at(1, 2), at(1, 1)], **{INPUT: [5, 5, 6, 9]})
    splits = Splits((at(1, 1),), minutes=(120,), lengths=(5, 8))

    found = sums(rows, splits=splits).sums

    assert [(one.since, one.minute, one.longer_than, one.rows) for one in found] == [
        (None, 0, 0, 1), (at(1, 1), 0, 0, 1), (at(1, 1), 0, 8, 1), (at(1, 1), 120, 5, 1),
    ]  # fmt: skip


def test_both_the_model_asked_for_and_the_one_that_answered_are_in_use():
    rows = log(2, gen_ai_response_model=pa.array(["large-2013", None], TEXT))

    assert models_in(rows) == (("", "large"), ("", "large-2013"))


def test_a_resource_cannot_be_busier_than_it_is_there():
    hours = table(
        timestamp=[at(1)] * 3, service=["web"] * 3, resource=["gpu"] * 3, hours=[2.0, 2.0, -1.0],
        used=[1.0, 3.0, 0.0],
    )  # fmt: skip

    found = sum_usage(hours, "hours", timestamp="timestamp", busy="used")

    assert told(found) == {"": 1, "more busy hours than hours": 1, "negative hours": 1}
    assert next(one.amounts for one in found.sums if one.valid) == (2, 1)


def test_a_row_has_no_more_hours_than_a_row_can_have_and_busy_is_a_number():
    hours = table(
        timestamp=[at(1)] * 3, service=["web"] * 3, resource=["gpu"] * 3, hours=[2.0, 1e25, 2.0],
        used=[1.0, 1.0, float("nan")],
    )  # fmt: skip

    found = sum_usage(hours, "hours", timestamp="timestamp", busy="used")

    assert told(found) == {
        "": 1,
        "more hours than a row can have": 1,
        "no number of busy hours": 1,
    }
    assert next(one.amounts for one in found.sums if one.valid) == (2, 1)


ROWS = st.lists(
    st.tuples(
        st.integers(0, 3 * 1440 - 1), st.sampled_from(["a", "b"]), st.integers(-1, 30),
        st.integers(0, 20), st.integers(0, 9), st.sampled_from([None, "r1", "r2"]),
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(ROWS, st.sampled_from([10, 60, 1440]))
def test_every_row_is_in_one_sum_whatever_the_slots(rows, minutes):
    minute, model, given_, read, out, ids = zip(*rows, strict=True)
    usage = table(
        timestamp=[START + timedelta(minutes=m) for m in minute], service=["s"] * len(rows),
        request_id=pa.array(ids, TEXT),
        **{MODEL: list(model), INPUT: list(given_), CACHE_READ: list(read), OUTPUT: list(out)},
    )  # fmt: skip
    # What makes no sense has no amounts, so two such rows of one id do not differ in any.
    sound = [row[2] >= 0 and row[3] <= row[2] for row in rows]
    alike = [row if ok else (*row[:2], row[2] < 0, 0, 0, row[5])
             for row, ok in zip(rows, sound, strict=True)]  # fmt: skip
    once = {row for row in alike if row[-1]}
    kept = [*once, *(row for row in alike if row[-1] is None)]

    found = sums(usage, slot=timedelta(minutes=minutes), splits=Splits((at(1, 7),), (95,), (4, 9)))

    assert sum(one.rows for one in found.sums) == len(kept)
    assert sum(one.rows + one.repeated for one in found.sums) == len(rows)
    tokens = sum((sum(one.amounts, Decimal(0)) for one in found.sums if one.valid), Decimal(0))
    whole = {row for row, ok in zip(rows, sound, strict=True) if ok and row[-1]}
    each = [row for row, ok in zip(rows, sound, strict=True) if ok and row[-1] is None]
    assert tokens == sum(row[2] + row[4] for row in (*whole, *each))


def test_rows_of_no_token_that_did_not_fail_are_counted_as_empty():
    rows = log(4, status=["ok", "error", "ok", "ok"], **{INPUT: [10, 0, 0, 0],
                                                         OUTPUT: [1, 0, 0, 0]})  # fmt: skip

    (found,) = sums(rows).sums

    assert (found.rows, found.failed, found.empty) == (4, 1, 2)


def test_an_empty_row_that_came_twice_is_empty_once():
    rows = log(2, request_id=["a", "a"], **{INPUT: [0, 0], OUTPUT: [0, 0]})

    (found,) = sums(rows).sums

    assert (found.rows, found.repeated, found.empty) == (1, 1, 1)


def test_an_answer_that_was_kept_is_not_empty_for_whoever_asked_got_it():
    rows = log(2, x_reused=[True, None], **{INPUT: [0, 0], OUTPUT: [0, 0]})

    (found,) = sums(rows).sums

    assert found.empty == 1


def test_a_purpose_is_one_in_whatever_case_and_an_unknown_one_is_said():
    rows = log(5, purpose=["SHADOW", " shadow ", None, "  ", "Foo"])

    found = sums(rows, name="calls")

    assert {one.purpose: one.rows for one in found.sums} == {"shadow": 2, "prod": 2, "foo": 1}
    [note] = purpose_notes([found])
    assert note.startswith("calls: 1 rows have a purpose that is none of prod, shadow,")
    assert "such as 'foo'; they count as asked for by somebody" in note
