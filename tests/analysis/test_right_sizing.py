"""Where a cheaper model is good enough: shown slice by slice, or not at all."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import optimize, stats

from ops_model.analysis.right_sizing import (
    Paired,
    benjamini_hochberg,
    p_not_inferior,
    pair_cases,
    right_size,
)
from tests.analysis.tables import table
from tests.shared_data import shared


def binary(cases, better, worse, *, name="a", weight=0.5):
    return Paired(name, cases, better - worse, better + worse, better, worse, binary=True,
                  weight=weight)  # fmt: skip


def scored(values, name="a"):
    values = np.asarray(values, dtype=float)
    return Paired(name, len(values), values.sum(), (values**2).sum(), weight=1.0)


def paired(**columns):
    asked = {"case": "case", "dear": "dear", "cheap": "cheap"}
    asked |= {"slice_by": "task"} if "task" in columns else {}
    asked |= {"share": "share"} if "share" in columns else {}
    return pair_cases(table(**columns), **asked)


def verdicts(*slices, margin=0.05):
    return {one.slice: one.verdict for one in right_size(slices, margin).slices}


def test_a_slice_of_few_cases_shows_nothing_although_both_models_agree_on_all():
    assert verdicts(binary(20, 0, 0)) == {"a": "not_shown"}
    assert verdicts(binary(200, 0, 0)) == {"a": "non_inferior"}


def test_a_cheaper_model_that_is_much_better_is_a_fault_of_the_data():
    sized = right_size([binary(200, 80, 5, name="odd"), binary(200, 0, 0, name="even")], 0.05)

    assert [one.verdict for one in sized.slices] == ["implausible", "non_inferior"]
    assert sized.movable.value == 0.5  # the odd slice is not booked


def test_nothing_is_booked_on_the_average_of_slices_that_show_nothing():
    sized = right_size([binary(40, 2, 2, name=str(n)) for n in range(10)], 0.05)

    assert sized.overall.low > -0.05  # over all 400 cases it would pass
    assert sized.movable.value == 0


def test_many_slices_are_harder_to_pass_than_one():
    one = binary(120, 1, 1, name="0")
    lost = [binary(120, 0, 40, name=str(n)) for n in range(1, 40)]

    assert verdicts(one)["0"] == "non_inferior"
    assert verdicts(one, *lost)["0"] == "not_shown"


def test_cases_asked_more_than_once_are_one_case_each():
    once = paired(case=["a", "b"], dear=[1, 0], cheap=[1, 1])
    thrice = paired(case=["a"] * 3 + ["b"] * 3, dear=[1] * 3 + [0] * 3, cheap=[1] * 6)

    assert once == thrice


def test_a_share_of_the_traffic_goes_before_the_number_of_cases():
    slices = paired(case=list("abc"), dear=[1, 1, 1], cheap=[1, 1, 1], task=["x", "x", "y"],
                    share=[0.1, 0.1, 0.3])  # fmt: skip
    sized = right_size(slices, 0.05)

    assert [one.traffic for one in sized.slices] == [0.1, 0.3]


def test_traffic_that_nobody_compared_is_not_moved_and_is_told():
    slices = paired(case=list(range(400)), dear=[1] * 400, cheap=[1] * 400,
                    task=["x", "y"] * 200, share=[0.2] * 400)  # fmt: skip
    movable = right_size(slices, 0.05).movable

    assert movable.value == pytest.approx(0.4)
    assert movable.no_interval.endswith("60% of the traffic is in no slice and not compared")


def test_shares_of_more_than_all_traffic_are_refused():
    with pytest.raises(ValueError, match=r"add up to 1\.4; expected parts of all traffic"):
        paired(case=list("ab"), dear=[1, 1], cheap=[1, 1], task=["x", "y"], share=[0.6, 0.8])


def test_cases_on_which_nobody_is_ever_right_show_a_fault_and_no_cheap_model():
    slices = paired(case=list(range(400)), dear=[0] * 400, cheap=[0] * 400)
    sized = right_size(slices, 0.05)

    assert (sized.slices[0].verdict, sized.movable.value) == ("implausible", 0)


def test_names_of_cases_that_differ_by_blanks_are_one_case():
    once = paired(case=["a", "b"], dear=[1, 0], cheap=[1, 1])

    assert paired(case=["a", " a", "b", "b "], dear=[1, 1, 0, 0], cheap=[1] * 4) == once


@pytest.mark.parametrize("gap", [None, float("nan")])
def test_a_case_that_the_cheap_model_did_not_answer_is_refused_and_not_left_out(gap):
    with pytest.raises(ValueError, match="1 rows lack a case, a score or a share"):
        paired(case=["a", "b"], dear=[1.0, 1.0], cheap=[1.0, gap])


@pytest.mark.parametrize("endless", [float("inf"), float("-inf"), 1e300])
def test_a_score_without_an_end_is_refused(endless):
    with pytest.raises(ValueError, match=r"1 rows lack .* as finite numbers"):
        paired(case=["a", "b"], dear=[1.0, 1.0], cheap=[1.0, endless])


def test_a_share_of_the_traffic_below_nothing_is_refused():
    with pytest.raises(ValueError, match=r"1 rows lack .* no share below 0"):
        paired(case=["a", "b"], dear=[1, 1], cheap=[1, 1], task=["x", "y"], share=[-0.25, 1.25])


def test_no_case_at_all_is_refused():
    with pytest.raises(ValueError, match="there is no case"):
        right_size([], 0.05)


def test_scores_of_any_kind_are_tested_as_scipy_tests_a_mean():
    values = np.random.default_rng(3).normal(0.01, 0.2, 80)
    expected = stats.ttest_1samp(values, -0.05, alternative="greater").pvalue

    assert p_not_inferior(scored(values), 0.05) == pytest.approx(expected)


def test_scores_that_do_not_vary_show_nothing():
    sized = right_size([scored([0.2] * 50)], 0.05)

    assert (sized.slices[0].verdict, sized.slices[0].difference.no_interval) == (
        "not_shown", "too few",
    )  # fmt: skip


@pytest.mark.parametrize(("cases", "better", "worse"), [(100, 7, 12), (300, 0, 3), (60, 20, 1)])
def test_the_score_test_is_that_of_the_likeliest_shares_at_the_margin(cases, better, worse):
    """Worked out anew: the share of cases only the dear model gets right, by its likelihood."""
    both = cases - better - worse

    def unlikely(q):
        return -(better * np.log(q - 0.05) + worse * np.log(q) + both * np.log(1.05 - 2 * q))

    found = optimize.minimize_scalar(unlikely, bounds=(0.05 + 1e-9, 0.525 - 1e-9),
                                     method="bounded", options={"xatol": 1e-12})  # fmt: skip
    z = (better - worse + 0.05 * cases) / np.sqrt(cases * (2 * found.x - 0.05 - 0.05**2))

    assert p_not_inferior(binary(cases, better, worse), 0.05) == pytest.approx(
        stats.norm.sf(z), rel=1e-3
    )


def test_chances_are_adjusted_as_scipy_adjusts_them():
    chances = np.random.default_rng(5).uniform(size=57) ** 2

    assert benjamini_hochberg(list(chances)) == pytest.approx(
        stats.false_discovery_control(chances)
    )


@pytest.mark.parametrize(("cases", "worse", "better"), [(80, 12, 8), (300, 50, 35), (60, 3, 0)])
def test_a_model_worse_by_just_the_margin_passes_about_one_time_in_twenty(cases, worse, better):
    """Planted at the margin; the score test holds its level where Wald's does not."""
    margin = (worse - better) / cases
    rng = np.random.default_rng(11)
    drawn = rng.multinomial(
        cases, [better / cases, worse / cases, 1 - (better + worse) / cases], size=2_000
    )
    passed = [p_not_inferior(binary(cases, b, w), margin) < 0.05 for b, w, _ in drawn.tolist()]

    assert np.mean(passed) < 0.07


def test_of_the_real_subjects_two_pass_and_one_of_them_is_too_good_to_be_true():
    rows = pq.read_table(shared("routellm_paired_correct.parquet")).to_pandas()
    rows = rows[rows.bench == "mmlu"]
    slices = paired(case=list(map(str, rows.index)), dear=rows.gpt4_1106.tolist(),
                    cheap=rows.mixtral_8x7b.tolist(), task=rows.task.tolist())  # fmt: skip
    sized = right_size(slices, 0.05)
    found = {one.verdict: one for one in sized.slices}
    shown = [one for one in sized.slices if one.verdict != "not_shown"]

    assert (len(sized.slices), len(shown)) == (57, 2)
    assert round(sum(one.traffic for one in shown), 3) == 0.031
    assert found["implausible"].slice == "high_school_mathematics"
    assert found["implausible"].difference.value > 0.24
    assert round(sized.movable.value, 3) == 0.012
    assert sized.overall.high < -0.05  # and on average it is worse by more than the margin
