from datetime import date

import pyarrow as pa
import pyarrow.compute
import pytest

from ops_model.analysis.judged import LabelLog, count_apart, count_days, judged_rows
from ops_model.analysis.segments import count_segments
from ops_model.errors import WarehouseError
from tests.analysis.tables import at, table

SERVED = {
    "ts": [at(0), at(0), at(1), at(1), at(3)],
    "id": ["a", "b", "c", "d", "e"],
    "said": [1, 0, 1, 1, 0],
    "place": ["x", "y", "x", None, "x"],
}


def served(**columns):
    return table(**(SERVED | columns))


def label_log(ids=("a", "b", "c"), labels=(1, 1, 1), at_day=(5, 5, 5)):
    log = table(id=list(ids), late=list(labels), label_at=[at(day) for day in at_day])
    return LabelLog(log, key="id", timestamp="label_at", label="late")


def judged(labels=None, **columns):
    return judged_rows(
        served(**columns), timestamp="ts", label="late", prediction="said", key="id",
        labels=labels or label_log(), segments=("place",),
    )  # fmt: skip


def test_labels_that_arrive_apart_are_joined_by_key():
    # a said 1 and was 1; b said 0 and was 1; c said 1 and was 1; d and e have no label yet.
    counts = count_days(judged())

    assert counts.days == tuple(date(2013, 1, day) for day in (1, 2, 3, 4))
    assert counts.rows.tolist() == [2, 2, 0, 1]
    assert counts.labelled.tolist() == [2, 1, 0, 0]
    assert counts.total.tolist() == [1, 1, 0, 0]


def test_the_last_of_several_labels_counts_and_no_row_counts_twice():
    labels = label_log(("a", "a", "a"), (0, 1, 0), (4, 6, 5))

    counts = count_days(judged(labels))

    assert counts.rows.sum() == 5
    assert (counts.labelled.sum(), counts.total.sum()) == (1, 1)


def test_two_labels_of_one_instant_give_the_same_answer_every_time():
    labels = [label_log(("a", "a"), pair, (4, 4)) for pair in ((0, 1), (1, 0))]

    assert [int(count_days(judged(one)).total.sum()) for one in labels] == [1, 1]


def test_a_missing_label_is_no_label_and_a_missing_prediction_is_wrong():
    labels = label_log(("a", "b", "c"), pa.array([1.0, float("nan"), None]).tolist())

    counts = count_days(judged(labels, said=pa.array([None, 0, 1, 1, 0], pa.int64())))

    assert (counts.labelled.sum(), counts.total.sum()) == (1, 0)


def test_a_flag_and_a_number_can_be_compared():
    counts = count_days(judged(said=[True, False, True, True, False]))

    assert (counts.labelled.sum(), counts.total.sum()) == (3, 2)


def test_a_prediction_of_another_kind_than_the_label_is_refused():
    with pytest.raises(WarehouseError, match="prediction and label are string and int64"):
        judged(said=["1", "0", "1", "1", "0"])


def test_keys_of_different_kinds_are_refused():
    with pytest.raises(WarehouseError, match="keys of log and labels are int64 and string"):
        judged(id=[1, 2, 3, 4, 5])


def test_answers_that_were_judged_need_no_prediction():
    log = served(ok=[True, False, None, True, True])

    counts = count_days(judged_rows(log, timestamp="ts", label="ok"))

    assert counts.labelled.tolist() == [2, 1, 0, 1]
    assert counts.total.tolist() == [1, 1, 0, 1]


def test_a_judgement_that_is_not_true_or_false_is_refused():
    with pytest.raises(WarehouseError, match="expected true or false"):
        judged_rows(served(), timestamp="ts", label="said")


def test_segments_are_counted_on_both_sides_and_the_small_ones_left_out():
    log = judged(label_log(("a", "b", "c", "d", "e"), (1, 1, 0, 1, 0), (5,) * 5))

    found, left_out = count_segments(
        log, ("place",),
        window=(date(2013, 1, 2), date(2013, 1, 5)),
        baseline=(date(2013, 1, 1), date(2013, 1, 2)), min_n=1,
    )  # fmt: skip

    # x: a right in the baseline; c wrong, e right in the window. y and null lie on one side only.
    assert [(s.column, s.value) for s in found] == [("place", "x")]
    assert (found[0].total, found[0].labelled) == (1, 2)
    assert (found[0].baseline_total, found[0].baseline_labelled) == (1, 1)
    assert left_out == 2


def test_the_segment_that_fell_most_comes_first():
    log = table(
        ts=[at(0)] * 4 + [at(1)] * 4, ok=[True] * 4 + [True, True, True, False],
        place=["good", "good", "bad", "bad"] * 2,
    )  # fmt: skip
    rows = judged_rows(log, timestamp="ts", label="ok", segments=("place",))

    found, _ = count_segments(
        rows, ("place",),
        window=(date(2013, 1, 2), date(2013, 1, 3)),
        baseline=(date(2013, 1, 1), date(2013, 1, 2)), min_n=2,
    )  # fmt: skip

    assert [s.value for s in found] == ["bad", "good"]


def test_no_segment_column_is_no_question():
    assert count_segments(
        judged(), (), window=(date(2013, 1, 1),) * 2, baseline=(date(2013, 1, 1),) * 2, min_n=1
    ) == ((), 0)


def test_a_label_from_before_the_row_that_it_judges_says_nothing_and_is_counted():
    # b and c were served on days 0 and 1; their labels are of the day before.
    labels = label_log(("a", "b", "c"), (1, 1, 1), (5, -1, 0))
    rows = judged(labels)

    counts = count_days(rows)

    assert (counts.labelled.sum(), counts.total.sum()) == (1, 1)
    assert apart(rows, labels)["labels_early"] == 2


def apart(rows, labels=None):
    return count_apart(rows, served(), key="id", labels=labels)


def test_a_later_label_puts_an_early_one_right():
    labels = label_log(("b", "b"), (1, 0), (-1, 5))

    rows = judged(labels)

    assert count_days(rows).total.sum() == 1
    assert apart(rows, labels)["labels_early"] == 0


def test_rows_and_labels_that_repeat_are_counted():
    labels = label_log(("a", "a", "b"), (1, 1, 1), (4, 5, 5))
    twice = table(**{k: [*v, v[0]] for k, v in SERVED.items()})

    found = count_apart(judged(labels), twice, key="id", labels=labels)

    assert (found["labels_repeated"], found["served_repeated"]) == (1, 1)


def test_a_log_without_its_key_repeats_nothing_that_anybody_knows():
    assert count_apart(judged(), served(), key="gone", labels=None)["served_repeated"] == 0
    assert count_apart(judged(), served(), key=None, labels=None)["served_repeated"] == 0


def test_a_score_is_summed_per_day_and_what_is_no_number_is_counted_apart():
    stars = [4.0, 2.0, float("nan"), float("inf"), 1e308]
    rows = judged_rows(served(stars=stars), timestamp="ts", label=None, score="stars")

    counts = count_days(rows)

    # Day 0 holds 4 and 2: their mean is 3, and they lie 1 from it each.
    assert counts.labelled.tolist() == [2, 0, 0, 0]
    assert counts.total.tolist() == [6.0, 0.0, 0.0, 0.0]
    assert counts.within.tolist() == [2.0, 0.0, 0.0, 0.0]
    assert apart(rows)["not_numbers"] == 3


def test_a_score_that_is_missing_is_no_label_and_nothing_odd():
    rows = judged_rows(
        served(stars=pa.array([1.0, None, None, None, None])), timestamp="ts", label=None,
        score="stars",
    )  # fmt: skip

    assert count_days(rows).labelled.sum() == 1
    assert apart(rows)["not_numbers"] == 0


def test_a_score_that_arrives_apart_is_joined_by_key():
    labels = label_log(("a", "b"), (3.5, float("nan")), (5, 5))

    rows = judged_rows(
        served(), timestamp="ts", label=None, score="late", key="id", labels=labels
    )  # fmt: skip

    assert count_days(rows).total[0] == 3.5
    assert apart(rows, labels)["not_numbers"] == 1


def test_a_score_that_is_text_is_refused():
    with pytest.raises(WarehouseError, match="score 'place' is string; expected a number"):
        judged_rows(served(), timestamp="ts", label=None, score="place")


def test_rows_of_mixed_time_zones_fall_on_their_utc_day():
    import ibis

    # 23:30 in New York on 1 January is 04:30 UTC on the 2nd.
    local = pa.array(["2013-01-01T23:30:00"]).cast(pa.timestamp("us"))
    at_home = pa.compute.assume_timezone(local, "America/New_York")
    rows = ibis.memtable(pa.table({"ts": at_home, "ok": [True]}))

    counts = count_days(judged_rows(rows, timestamp="ts", label="ok"))

    assert counts.days == (date(2013, 1, 2),)


def test_a_segment_that_is_asked_for_comes_back_however_small():
    found, left_out = count_segments(
        judged(), ("place",), window=(date(2013, 1, 1), date(2013, 1, 5)),
        baseline=(date(2013, 1, 1), date(2013, 1, 1)), min_n=100, always=(("place", "y"),),
    )  # fmt: skip

    assert [(s.value, s.labelled) for s in found] == [("y", 1)]
    assert left_out == 1
