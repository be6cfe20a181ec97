from datetime import date

import pyarrow as pa
import pytest

from ops_model.analysis.judged import LabelLog, count_days, count_segments, judged_rows
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
    assert counts.right.tolist() == [1, 1, 0, 0]


def test_the_last_of_several_labels_counts_and_no_row_counts_twice():
    labels = label_log(("a", "a", "a"), (0, 1, 0), (4, 6, 5))

    counts = count_days(judged(labels))

    assert counts.rows.sum() == 5
    assert (counts.labelled.sum(), counts.right.sum()) == (1, 1)


def test_two_labels_of_one_instant_give_the_same_answer_every_time():
    labels = [label_log(("a", "a"), pair, (4, 4)) for pair in ((0, 1), (1, 0))]

    assert [int(count_days(judged(one)).right.sum()) for one in labels] == [1, 1]


def test_a_missing_label_is_no_label_and_a_missing_prediction_is_wrong():
    labels = label_log(("a", "b", "c"), pa.array([1.0, float("nan"), None]).tolist())

    counts = count_days(judged(labels, said=pa.array([None, 0, 1, 1, 0], pa.int64())))

    assert (counts.labelled.sum(), counts.right.sum()) == (1, 0)


def test_a_flag_and_a_number_can_be_compared():
    counts = count_days(judged(said=[True, False, True, True, False]))

    assert (counts.labelled.sum(), counts.right.sum()) == (3, 2)


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
    assert counts.right.tolist() == [1, 1, 0, 1]


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
    assert (found[0].right, found[0].labelled) == (1, 2)
    assert (found[0].baseline_right, found[0].baseline_labelled) == (1, 1)
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
