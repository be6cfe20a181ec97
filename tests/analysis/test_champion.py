"""Better, no worse, worse or undecided; and what makes a comparison doubtful."""

from fractions import Fraction
from math import comb, sqrt

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import optimize, stats

from ops_model.analysis.looks import Looks
from ops_model.domain.trials import ChallengerResult
from tests.analysis.trials import compared, results, right_or_wrong, scores, without
from tests.shared_data import shared


def a_hundred(**more):
    return results(*right_or_wrong(both=60, won=8, lost=7, neither=25), **more)


def test_without_a_margin_nothing_is_no_worse():
    agree = results(*right_or_wrong(both=900, neither=100))

    assert compared(agree).verdict == "undecided"
    assert compared(agree, margin=0.02).verdict == "non_inferior"


def test_each_verdict_is_given_where_it_holds():
    won = results(*right_or_wrong(both=700, won=60, lost=20, neither=220))
    lost = results(*right_or_wrong(both=700, won=20, lost=60, neither=220))

    assert compared(won, margin=0.02).verdict == "better"
    assert compared(lost, margin=0.02).verdict == "worse"
    assert compared(a_hundred(), margin=0.02).verdict == "undecided"
    # Surely a little worse, and surely by less than what is allowed.
    assert compared(lost, margin=0.08).verdict == "non_inferior"


def test_less_is_better_turns_the_difference_and_leaves_the_means():
    seconds = results([2.0, 3.0] * 50, [1.5 + n / 1e4 for n in range(100)])
    found = compared(seconds, lower_is_better=True)

    assert (found.verdict, found.difference.value > 0) == ("better", True)
    assert (found.champion.value, found.challenger.value) == pytest.approx((2.5, 1.50495))


def test_repeats_of_a_case_are_no_more_cases():
    first, second = right_or_wrong(both=60, won=16, lost=7, neither=17)
    once = compared(results(first, second))
    ten = {
        name: [value for value in values for _ in range(10)]
        for name, values in results(first, second).items()
    } | {"repeat": list(range(10)) * 200}  # fmt: skip
    ten = compared(ten)

    assert (once.cases, ten.cases, ten.repeats) == (100, 100, 10)
    assert ten.difference.value == once.difference.value
    # 16 against 7 flips; taken for 160 against 70, they would be sure beyond doubt.
    assert ten.chances[0] > once.chances[0] > 0.09


def test_scores_between_right_and_wrong_are_compared_by_their_means():
    found = compared(results(*scores(200, shift=0.05)), margin=0.02)

    assert (found.verdict, found.difference.unit) == ("better", "score")
    assert found.beside.flips.value is None
    assert found.beside.flips.complete


def the_real_pairs(cases, *, both, won, lost):
    """Real questions of which the cheap model (champion) and the dear one are right so often.

    The first of each kind in the order of the file; on 23 % of them exactly one model is right, as
    on all of them.
    """
    rows = pq.read_table(shared("routellm_paired_correct.parquet")).to_pandas()
    rows = rows[rows.bench == "mmlu"].reset_index(drop=True)
    cheap, dear = rows.mixtral_8x7b, rows.gpt4_1106
    kinds = [(cheap & dear, both), (~cheap & dear, won), (cheap & ~dear, lost),
             (~cheap & ~dear, cases - both - won - lost)]  # fmt: skip
    taken = [n for kind, many in kinds for n in rows.index[kind][:many]]
    assert len(taken) == cases
    part = rows.loc[sorted(taken)]
    columns = results(part.mixtral_8x7b.tolist(), part.gpt4_1106.tolist())
    columns["case_id"] = [str(n) for n in part.index] * 2
    return columns


def test_83_against_81_percent_on_1000_real_questions_is_undecided_as_by_hand():
    """705 both, 125 the dear alone, 105 the cheap alone, 65 neither: 83 and 81 %.

    The difference is (125 - 105) / 1000 = 0.02, flips are 230 / 1000 = 0.23, the standard error
    sqrt((0.23 - 0.02^2) / 1000) = 0.015152: 1.96 of it are 0.0297, so -0.0097 to 0.0497 by Wald.
    A fair coin falls as unevenly as 105 to 125 in 2 x sum C(230, k) / 2^230 for k up to 105. It
    takes (1.95996 sqrt(0.23) + 0.84162 sqrt(0.2296))^2 / 0.02^2 = 4510.7 cases.
    """
    found = compared(the_real_pairs(1000, both=705, won=125, lost=105))
    coin = Fraction(2 * sum(comb(230, k) for k in range(106)), 2**230)

    assert (found.champion.value, found.challenger.value) == (0.81, 0.83)
    assert (found.verdict, found.difference.value) == ("undecided", 0.02)
    assert found.chances[0] == pytest.approx(float(coin))
    assert (found.difference.low, found.difference.high) == pytest.approx(
        (0.02 - 1.959964 * 0.015152, 0.02 + 1.959964 * 0.015152), abs=2e-4
    )
    assert found.difference.low == pytest.approx(the_likeliest_bound(1000, 125, 105, -1), abs=1e-6)
    assert found.difference.high == pytest.approx(the_likeliest_bound(1000, 125, 105, 1), abs=1e-6)
    assert (found.cases_needed, found.cases_more) == (4511, 3511)
    assert (found.beside.to_right, found.beside.to_wrong) == (125, 105)


def the_likeliest_bound(cases, better, worse, way):
    """Where the score test gives 1.96, its variance by maximising the likelihood."""
    both = cases - better - worse

    def z(d):
        def unlikely(q):
            return -(better * np.log(q + d) + worse * np.log(q) + both * np.log(1 - 2 * q - d))

        bounds = (max(0.0, -d) + 1e-9, (1 - d) / 2 - 1e-9)
        found = optimize.minimize_scalar(unlikely, bounds=bounds, method="bounded",
                                         options={"xatol": 1e-13})  # fmt: skip
        return (better - worse - cases * d) / sqrt(cases * (2 * found.x + d - d * d))

    seen = (better - worse) / cases
    return optimize.brentq(lambda d: z(d) + way * 1.959964, *sorted((seen, seen + way * 0.1)))


def test_the_same_two_points_on_7000_real_questions_are_enough():
    """735 against 875 in 1,610 flips: z = 140 / sqrt(1610) = 3.49."""
    found = compared(the_real_pairs(7000, both=4935, won=875, lost=735))

    assert (found.champion.value, found.challenger.value) == (0.81, 0.83)
    assert (found.verdict, found.cases_needed) == ("better", None)
    assert found.difference.low == pytest.approx(0.02 - 1.959964 * sqrt(0.2296 / 7000), abs=1e-4)


def test_of_all_real_questions_the_cheap_model_is_worse_by_twelve_points():
    rows = pq.read_table(shared("routellm_paired_correct.parquet")).to_pandas()
    rows = rows[rows.bench == "mmlu"]
    columns = results(rows.gpt4_1106.tolist(), rows.mixtral_8x7b.tolist(), task=rows.task.tolist())
    found = compared(columns, slices=("task",), margin=0.05)
    odd = [one for one in found.slices if one.fault]

    assert (found.verdict, round(found.difference.value, 3)) == ("worse", -0.125)
    assert [one.name for one in odd] == ["task = high_school_mathematics"]
    assert "too good to be true" in odd[0].fault
    assert {one.verdict for one in odd} == {"undecided"}


def test_as_many_cases_as_were_said_to_be_needed_mostly_decide():
    """Four of five of 300 trials at 83 against 81 % with flips of 10 %, so 1,960 cases."""
    rng, decided = np.random.default_rng(2), 0
    for won, lost, _ in rng.multinomial(1960, [0.06, 0.04, 0.9], size=300).tolist():
        better = stats.binomtest(won, won + lost).pvalue < 0.05
        decided += better

    assert 0.72 < decided / 300 < 0.86


def test_slices_are_harder_to_win_the_more_there_are():
    first, second = right_or_wrong(both=70, won=14, lost=3, neither=13)
    alone = compared(results(first, second, task=["x"] * 100), slices=("task",))
    others = right_or_wrong(both=1900)
    among = results(first + others[0], second + others[1],
                    task=["x"] * 100 + [f"y{n % 19}" for n in range(1900)])  # fmt: skip

    assert [one.verdict for one in alone.slices] == ["better"]
    found = {one.name: one for one in compared(among, slices=("task",)).slices}
    assert found["task = x"].verdict == "undecided"
    assert found["task = x"].p_corrected == pytest.approx(20 * alone.slices[0].p_corrected)


def test_two_versions_of_a_judge_decide_nothing():
    first, second = right_or_wrong(both=700, won=60, lost=20, neither=220)
    columns = results(first, second, judge_version=["j1"] * 1000 + ["j2"] * 1000)
    found = compared(columns)

    assert (found.verdict, found.cases_needed) == ("undecided", None)
    assert found.faults == (
        "2 versions of the judge are mixed: old by j1 (1,000 rows); new by j2 (1,000 rows)",
    )


def test_a_judge_of_one_arm_alone_decides_nothing():
    first, second = right_or_wrong(both=700, won=60, lost=20, neither=220)
    found = compared(results(first, second, judge_version=["j1"] * 1000 + [""] * 1000))

    assert found.verdict == "undecided"
    assert found.faults == (
        "2 versions of the judge are mixed: old by j1 (1,000 rows); new by nobody named "
        "(1,000 rows)",
    )


def test_no_slice_is_decided_by_results_that_decide_nothing():
    first, second = right_or_wrong(both=700, won=60, lost=20, neither=220)
    columns = results(first, second, judge_version=["j1"] * 1000 + ["j2"] * 1000,
                      task=["a", "b"] * 500)  # fmt: skip
    one_judge = columns | {"judge_version": ["j1"] * 2000}

    assert {one.verdict for one in compared(one_judge, slices=("task",)).slices} == {"better"}
    assert {one.verdict for one in compared(columns, slices=("task",)).slices} == {"undecided"}


def test_the_interval_holds_the_difference_though_rows_contradict_each_other():
    """200 cases of which the champion is said to be right and wrong: a mean of a half each."""
    columns = {
        "case_id": [str(n) for n in range(200)] * 3, "arm": ["old"] * 400 + ["new"] * 200,
        "repeat": [1] * 600, "score": [1] * 200 + [0] * 200 + [1] * 200,
    }  # fmt: skip
    difference = compared(columns).difference

    assert difference.low <= difference.value == 0.5 <= difference.high


def test_rows_without_a_number_say_that_they_were_taken_for_repeats():
    columns = {"case_id": ["a"] * 4, "arm": ["old", "old", "new", "new"], "score": [1, 0, 1, 1]}
    told = "rows of a case were taken as its repeats, since no column `repeat` tells them apart"

    assert told in compared(columns).notes
    assert told not in compared(columns | {"repeat": [1, 2, 1, 2]}).notes


def test_rows_that_contradict_each_other_decide_nothing():
    first, second = right_or_wrong(both=700, won=60, lost=20, neither=220)
    columns = results(first, second, repeat=[1] * 1000)
    for name, value in {"case_id": "c000000", "arm": "new", "score": 0, "repeat": 1}.items():
        columns[name].append(value)

    assert compared(columns).verdict == "undecided"
    assert "1 rows repeat a case, arm and repeat with another score" in compared(columns).faults[0]


def test_cases_that_the_challenger_left_out_may_not_be_what_makes_it_pass():
    """Of 40 that it has no answer to, failing them all is 40 / 1000 more than the margin."""
    columns = results(*right_or_wrong(both=1000))
    few = without(columns, lambda n: n < 1998)
    many = without(columns, lambda n: n < 1960)

    assert compared(few, margin=0.02).verdict == "non_inferior"
    assert compared(few, margin=0.02).unpaired == 2
    assert compared(many, margin=0.02).verdict == "undecided"
    assert "40 cases have no row of new" in compared(many, margin=0.02).faults[0]


def test_a_win_of_a_much_cheaper_model_is_not_believed():
    first, second = right_or_wrong(both=40, won=50, lost=2, neither=8)
    cheaper = results(first, second, cost_usd=[0.1] * 100 + [0.01] * 100)
    dearer = results(first, second, cost_usd=[0.01] * 100 + [0.1] * 100)

    assert compared(cheaper).verdict == "undecided"
    assert "too good to be true" in compared(cheaper).faults[0]
    assert compared(dearer).verdict == "better"


def test_cost_and_seconds_stand_beside_the_verdict_with_their_intervals():
    rng = np.random.default_rng(3)
    cost = np.concatenate([rng.uniform(1, 3, 400), rng.uniform(2, 6, 400)])
    seconds = np.concatenate([rng.exponential(1.0, 400), rng.exponential(2.0, 400)])
    columns = results(*right_or_wrong(both=400), cost_usd=cost, latency_s=seconds)
    beside = compared(columns).beside

    assert beside.cost_multiplier.value == pytest.approx(cost[400:].sum() / cost[:400].sum())
    assert beside.cost_multiplier.low < 2 < beside.cost_multiplier.high
    assert beside.cost.value == pytest.approx(cost[400:].sum())
    assert beside.challenger_seconds.value == pytest.approx(np.median(seconds[400:]))
    assert beside.challenger_seconds.low > beside.champion_seconds.high


def test_before_the_first_look_nothing_is_decided():
    won = results(*right_or_wrong(both=20, won=25, neither=5))

    assert compared(won).verdict == "better"
    early = compared(won, looks=Looks(100))
    assert (early.verdict, early.looks) == ("undecided", 0)
    assert early.cases_needed == 100
    assert "the first look comes after 100 cases" in early.notes[-1]


def test_looks_ask_for_whole_looks_more():
    found = compared(results(*right_or_wrong(both=705, won=125, lost=105, neither=65)),
                     looks=Looks(100))  # fmt: skip

    assert (found.verdict, found.looks) == ("undecided", 10)
    assert found.cases_needed > 4511
    assert found.cases_needed % 100 == 0
    assert "confidence sequence" in found.method


def test_what_was_found_fits_the_record_of_a_challenger():
    columns = results(*right_or_wrong(both=70, won=14, lost=3, neither=13), task=["x"] * 100,
                      cost_usd=[0.1] * 100, latency_s=[1.0] * 100)  # fmt: skip
    found = compared(columns, slices=("task",), margin=0.05)
    record = ChallengerResult(
        system="s", as_of="2026-01-01T00:00:00Z", request="r", environment="test",
        from_digest="sha256:" + "a" * 64, to_digest="sha256:" + "b" * 64, metric="accuracy",
        margin=0.05, **found.recorded(),
    )  # fmt: skip

    assert record.verdict == "better"
    assert record.flips.value == 0.17
    assert all(number.complete for _, number in record.measured())


def test_the_order_of_the_rows_changes_nothing():
    columns = a_hundred(
        task=[f"t{n % 3}" for n in range(100)], cost_usd=[n / 7 for n in range(100)]
    )
    order = np.random.default_rng(1).permutation(200)
    mixed = {name: [values[n] for n in order] for name, values in columns.items()}

    assert compared(columns, slices=("task",)) == compared(mixed, slices=("task",))


def test_fewer_clusters_than_cases_make_it_less_sure():
    first, second = right_or_wrong(both=700, won=60, lost=20, neither=220)
    order = np.random.default_rng(4).permutation(1000)
    in_rows = results(np.array(first)[order].tolist(), np.array(second)[order].tolist(),
                      cluster_id=[f"k{n // 25}" for n in range(1000)])  # fmt: skip
    together = results(first, second, cluster_id=[f"k{n // 25}" for n in range(1000)])

    assert compared(in_rows).verdict == "better"
    assert compared(together).verdict == "undecided"
    assert "40 clusters" in compared(together).method
