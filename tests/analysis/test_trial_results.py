"""Results as pairs: what is counted, and what is refused with its number."""

import math

import pytest

from ops_model.errors import WarehouseError
from tests.analysis.trials import results, trial, without


def small(**more):
    return results([1, 0, 1, 1], [1, 1, 0, 1], **more)


def test_a_case_is_the_mean_of_its_repeats_and_both_arms_are_paired_by_it():
    columns = {
        "case_id": ["a", "a", "b", "b", "a", "b"], "arm": ["old"] * 4 + ["new"] * 2,
        "repeat": [1, 2, 1, 2, 1, 1], "score": [1, 0, 1, 1, 0, 1],
    }  # fmt: skip
    found = trial(columns)

    assert (found.first.tolist(), found.second.tolist()) == ([0.5, 1.0], [0.0, 1.0])
    assert (found.repeats, found.uneven, found.binary) == (1, 2, True)


def test_true_and_false_are_right_and_wrong():
    columns = small()
    columns["score"] = [bool(score) for score in columns["score"]]

    assert trial(columns).first.tolist() == [1, 0, 1, 1]


def test_several_rows_of_a_case_without_a_number_are_its_repeats():
    columns = {"case_id": ["a"] * 4, "arm": ["old", "old", "new", "new"], "score": [1, 0, 1, 1]}

    assert (trial(columns).repeats, trial(columns).duplicated) == (2, 0)


def test_cases_of_one_arm_alone_are_counted_and_left_out():
    found = trial(without(small(), lambda n: n not in {0, 5, 6}))

    assert (found.cases, found.only_champion, found.only_challenger) == (1, 2, 1)


def test_no_case_of_both_arms_is_refused():
    columns = small()
    columns["case_id"] = [*"abcdefgh"]

    with pytest.raises(WarehouseError, match="no case has both arms: 4 cases of old, 4 of new"):
        trial(columns)


def test_a_row_that_was_written_twice_counts_once_and_one_that_contradicts_is_told_apart():
    columns = {
        "case_id": ["a", "a", "a", "b", "b", "a", "b"], "arm": ["old"] * 5 + ["new"] * 2,
        "repeat": [1, 1, 2, 1, 1, 1, 1], "score": [1, 1, 0, 1, 0, 1, 1],
    }  # fmt: skip
    found = trial(columns)

    assert (found.duplicated, found.contradicting) == (2, 1)
    assert found.first.tolist() == [0.5, 0.5]  # a: (1, 0); b: 1 and 0 of one repeat


@pytest.mark.parametrize("gap", [None, math.nan, math.inf, 1e300])
def test_a_row_without_a_score_is_refused_with_its_arm_and_case(gap):
    columns = small()
    columns["score"] = [1.0, 0.0, 1.0, 1.0, 1.0, gap, gap, 1.0]

    with pytest.raises(WarehouseError) as refused:
        trial(columns)

    assert "2 of new (such as case c000001)" in str(refused.value)
    assert "leaving out what one could not answer makes it look good" in str(refused.value)


@pytest.mark.parametrize("name", ["production", "Prod"])
def test_rows_that_say_they_were_answered_in_production_are_refused(name):
    columns = small(environment=["staging"] * 7 + [name])

    with pytest.raises(WarehouseError, match="1 rows say that they were answered in production"):
        trial(columns)
    assert trial(small(environment=["staging"] * 8)).cases == 4


def test_one_arm_only_is_refused_by_its_name():
    with pytest.raises(WarehouseError, match=r"holds one arm only: old \(4 rows\)"):
        trial(without(small(), lambda n: n < 4), champion=None, challenger=None)


def test_of_more_than_two_arms_the_two_have_to_be_named():
    columns = small()
    columns["arm"][3] = "other"

    with pytest.raises(WarehouseError, match="holds 3 arms and does not say which"):
        trial(columns, champion=None, challenger=None)
    assert trial(columns).only_challenger == 1


def test_of_two_arms_one_name_tells_both():
    assert trial(small(), challenger=None).challenger == "new"
    assert trial(small(), champion=None).champion == "old"


def test_arms_that_are_called_so_need_no_name():
    columns = small(names=("champion", "challenger"))
    found = trial(columns, champion=None, challenger=None)

    assert (found.champion, found.challenger) == ("champion", "challenger")


def test_an_arm_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(WarehouseError, match=r"has no arm 'nwe'.*(?s:.*)did you mean 'new'"):
        trial(small(), challenger="nwe")


@pytest.mark.parametrize(
    ("column", "asked"), [("cluster_id", {}), ("task", {"slices": ("task",)})]
)
def test_a_case_in_two_clusters_or_slices_is_refused(column, asked):
    columns = small(**{column: ["x", "x", "y", "y"]})
    columns[column][4] = "y"

    with pytest.raises(WarehouseError, match=rf"1 cases have two values of {column}, .*c000000"):
        trial(columns, **asked)


def test_a_column_with_a_value_for_every_case_is_no_slice():
    many = results([1] * 1001, [1] * 1001, task=[str(n) for n in range(1001)])

    with pytest.raises(WarehouseError, match="task has 1,001 values; expected at most 1,000"):
        trial(many, slices=("task",))


def test_a_case_that_names_no_cluster_is_one_of_its_own():
    found = trial(small(cluster_id=["x", "x", None, None]))

    assert len(set(found.clusters.tolist())) == 3


def test_a_cost_that_is_none_is_left_out_and_the_rows_that_have_one_are_counted():
    found = trial(small(cost_usd=[1.0, 2.0, 1.0, 1.0, 0.5, None, math.nan, -1.0]))

    assert (found.spent, found.priced, found.asked) == (0.5, 1, 4)


def test_models_and_judges_are_counted_by_arm():
    found = trial(small(judge_version=["j1"] * 4 + ["j2"] * 4, model_returned=["a"] * 8))

    assert found.judges == {"new": {"j2": 4}, "old": {"j1": 4}}
    assert found.answered == {"new": {"a": 4}, "old": {"a": 4}}
