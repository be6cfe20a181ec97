"""The business outcome by days, and how quality and outcome move together."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from ops_model.analysis.judged import DayCounts
from ops_model.analysis.outcome import correlate, link, measure_outcome, outcome_days
from ops_model.analysis.quality_plan import QualityPlan
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from tests.analysis.tables import at, every_day, table

START = date(2013, 1, 1)


def plan(as_of_day, *, lag=0, better="higher", window_days=7, baseline_days=14):
    begin = datetime(2013, 1, 1, tzinfo=UTC)
    return QualityPlan(
        as_of=begin + timedelta(days=as_of_day, hours=8),
        baseline=Window(start=begin, end=begin + timedelta(days=baseline_days)),
        window_days=window_days,
        late_days=lag,
        better=better,
    )


def counts(shares, n=1000):
    """Days of so many outcomes each, of which this share was reached."""
    days = tuple(START + timedelta(days=k) for k in range(len(shares)))
    total = np.array([round(share * n) for share in shares], np.int64)
    rows = np.full(len(shares), n, np.int64)
    return DayCounts(days, rows, rows, total)


def wave(level, days, spread=0.01):
    return [level + (spread if k % 2 else -spread) for k in range(days)]


def test_a_share_that_rises_moved_in_the_wanted_sense():
    found = measure_outcome(counts(wave(0.2, 14) + wave(0.3, 14)), plan(28), unit="answers")

    assert found.baseline.value == pytest.approx(0.2)
    assert found.change.value == pytest.approx(0.1, abs=0.003)
    assert 0.05 < found.change.low < found.change.value < found.change.high
    assert found.change.unit == found.current.unit == "share"


def test_an_outcome_that_is_wanted_to_fall_moves_as_wanted_when_it_falls():
    found = measure_outcome(
        counts(wave(0.3, 14) + wave(0.2, 14)), plan(28, better="lower"), unit="answers"
    )

    assert found.change.value == pytest.approx(0.1, abs=0.003)


def test_only_days_count_whose_outcome_is_known():
    # The last two days are bad, and not known yet.
    shares = wave(0.2, 14) + wave(0.3, 12) + [0.0, 0.0]

    known = measure_outcome(counts(shares), plan(28, lag=2), unit="answers")
    rash = measure_outcome(counts(shares), plan(28), unit="answers")

    assert known.current.value == pytest.approx(0.3, abs=0.01)
    assert rash.current.value < 0.25


def test_days_and_not_rows_are_the_unit_of_the_interval():
    # The same rows, once spread evenly over the days and once all or nothing.
    even = measure_outcome(counts([0.5] * 28), plan(28), unit="answers")
    lumpy = measure_outcome(counts([0.0, 1.0] * 14), plan(28), unit="answers")

    assert lumpy.baseline.value == even.baseline.value == 0.5
    wide, narrow = (r.baseline.high - r.baseline.low for r in (lumpy, even))
    assert wide > 10 * narrow


def test_too_few_rows_say_nothing_aloud():
    found = measure_outcome(counts(wave(0.2, 14), n=100), plan(28), unit="answers")

    assert (found.current.value, found.current.no_interval) == (None, "too few")
    assert found.change.no_interval == "too few"


def test_a_baseline_without_an_outcome_is_an_error_that_says_what_to_do():
    late = DayCounts(
        (date(2013, 1, 20),), np.array([50]), np.array([50]), np.array([10])
    )  # fmt: skip

    with pytest.raises(WarehouseError, match="no outcome lies in the baseline 2013-01-01"):
        measure_outcome(late, plan(28), unit="answers", where="data/outcomes")


def test_true_and_false_make_a_share_and_numbers_a_mean():
    flags = table(ts=[at(0), at(0), at(1)], won=[True, False, None])
    money = table(ts=[at(0), at(0), at(1)], won=[1.5, float("inf"), 4.0])

    of_flags, none_odd = outcome_days(flags, timestamp="ts", value="won")
    of_money, odd = outcome_days(money, timestamp="ts", value="won")

    assert of_flags.total.tolist() == [1, 0]
    assert of_flags.labelled.tolist() == [2, 0]
    assert (of_money.total.tolist(), of_money.labelled.tolist()) == ([1.5, 4.0], [1, 1])
    assert (none_odd.not_numbers, odd.not_numbers) == (0, 1)


def test_a_mean_is_said_in_the_outcome_s_own_unit():
    ts = every_day(28, 30)
    values = [10.0 + (k % 3) + (5.0 if k >= 14 * 30 else 0.0) for k in range(len(ts))]
    days, _ = outcome_days(table(ts=ts, won=values), timestamp="ts", value="won")

    found = measure_outcome(days, plan(28), unit="dollars")

    assert found.change.value == pytest.approx(5.0)
    assert found.change.unit == found.current.unit == found.baseline.unit == "dollars"


def test_a_column_of_texts_is_no_outcome():
    texts = table(ts=[at(0)], won=["yes"])

    with pytest.raises(WarehouseError, match="expected a number"):
        outcome_days(texts, timestamp="ts", value="won", where="data/outcomes")


def linked(quality, outcome, **changes):
    end = START + timedelta(days=len(quality))
    given = {"settled": end, "known_until": end, "period_days": 7, **changes}
    return link(counts(quality), counts(outcome), **given)


def together(weeks, *, seed=1, sign=1.0):
    """Weeks of quality and an outcome that follows it, both without a memory."""
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.uniform(-0.1, 0.1, weeks), 7)
    return (0.7 + level).tolist(), (0.3 + sign * 0.5 * level).tolist()


def test_quality_and_an_outcome_that_follows_it_go_together():
    found = linked(*together(20))

    assert found.correlation.n == 20
    assert found.correlation.value > 0.95
    assert found.correlation.low > 0.8
    assert len(found.periods) == 20
    assert found.periods[0].start == START


def test_where_less_is_better_the_sign_turns():
    quality, outcome = together(20, sign=-1.0)

    assert linked(quality, outcome).correlation.value < -0.95
    assert linked(quality, outcome, sign=-1.0).correlation.value > 0.95


def test_eleven_periods_are_too_few_and_twelve_are_enough():
    eleven, twelve = linked(*together(11)), linked(*together(12))

    assert (eleven.correlation.value, eleven.correlation.n) == (None, 11)
    assert eleven.correlation.no_interval == "too few"
    assert twelve.correlation.low is not None


def test_days_that_are_not_settled_or_known_belong_to_no_period():
    quality, outcome = together(20)
    end = START + timedelta(days=140)

    by_labels = linked(quality, outcome, settled=end - timedelta(days=3))
    by_outcomes = linked(quality, outcome, known_until=end - timedelta(days=3))

    assert by_labels.correlation.n == by_outcomes.correlation.n == 19
    assert by_labels.periods[-1].start == by_outcomes.periods[-1].start == date(2013, 5, 11)


def test_a_period_of_hardly_any_row_is_left_out_and_counted():
    quality, outcome = together(20)
    thin = counts(outcome)
    thin.labelled[7:14] = 2
    thin.total[7:14] = 1
    end = START + timedelta(days=140)

    found = link(
        counts(quality), thin, settled=end, known_until=end, period_days=7
    )  # fmt: skip

    assert (found.correlation.n, found.periods_left_out) == (19, 1)


def test_nothing_in_common_is_too_few_and_no_error():
    nothing = DayCounts((), *(np.zeros(0, np.int64) for _ in range(3)))

    found = link(nothing, counts([0.5] * 20), settled=START, known_until=START, period_days=7)

    assert (found.correlation.n, found.correlation.no_interval) == (0, "too few")


def test_a_series_that_never_moves_has_no_correlation():
    found = linked([0.7] * 140, together(20)[1])

    assert found.correlation.no_interval == "one of the two never moves"


@pytest.mark.parametrize(("periods", "memory"), [(12, 0.0), (20, 0.5), (20, 0.8), (52, 0.8)])
def test_series_that_have_nothing_to_do_with_each_other_are_linked_as_rarely_as_stated(
    periods, memory
):
    # An interval at 95 %: one in twenty holds no 0, also where each series resembles its past.
    rng = np.random.default_rng(7)
    runs = 500
    noise = rng.normal(size=(2, runs, periods + 40))
    series = np.zeros_like(noise)
    for step in range(1, periods + 40):
        series[..., step] = memory * series[..., step - 1] + noise[..., step]
    found = [correlate(*series[:, run, 40:])[0] for run in range(runs)]

    wrong = sum(m.low is not None and not m.low <= 0 <= m.high for m in found) / runs

    assert wrong <= 0.08
