"""Fixed questions: the agreed answers, what differs by chance, and when that is too much."""

from datetime import date, timedelta

import numpy as np
import pytest

from ops_model.analysis.canary import (
    Answer,
    Asked,
    alarm_limit,
    answers_of,
    chance_above,
    compare_answers,
    models_of,
)
from ops_model.domain.detection_served import CanaryQuestions
from tests.analysis.tables import at, table

FIRST = date(2013, 3, 1)
END = date(2013, 5, 1)
TODAY = date(2013, 7, 21)
SPAN = (FIRST, END)


def day(number):
    return FIRST + timedelta(days=number)


def answered(days, prompts=100, *, noise=0.0, changed=0, changed_on=None, seed=1):
    """So many days of answers: `noise` another by chance, `changed` for good from a day."""
    rng = np.random.default_rng(seed)
    return [
        Answer(
            day(n),
            f"q{p:03d}",
            ("b" if changed_on and day(n) >= changed_on and p < changed else "a")
            + ("x" if rng.random() < noise else ""),
        )
        for n in range(days)
        for p in range(prompts)
    ]


def compared(answers, *, today=TODAY, span=SPAN, unnamed=None):
    return compare_answers(Asked(tuple(answers), unnamed or {}), baseline=span, today=today)


@pytest.mark.parametrize(
    ("prompts", "noise", "after", "limit", "power"),
    [
        (20, 0.02, 0.10, 3, 0.13), (50, 0.02, 0.10, 5, 0.38), (100, 0.02, 0.10, 7, 0.79),
        (20, 0.05, 0.15, 5, 0.07), (50, 0.05, 0.15, 8, 0.33), (100, 0.05, 0.15, 13, 0.65),
        (20, 0.01, 0.30, 3, 0.89), (50, 0.01, 0.30, 4, 1.00), (100, 0.01, 0.30, 5, 1.00),
    ],
)  # fmt: skip
def test_the_limit_and_the_power_are_the_exact_ones(prompts, noise, after, limit, power):
    found = alarm_limit(prompts, noise)

    assert found == limit
    assert chance_above(prompts, found, after) == pytest.approx(power, abs=0.005)
    assert chance_above(prompts, found, noise) <= 0.001


def test_a_hundred_questions_see_another_model_on_the_first_day_with_a_chance_of_79_in_100():
    assert chance_above(100, alarm_limit(100, 0.02), 0.10) >= 0.79


def test_a_model_that_changed_behind_its_name_is_seen_and_since_when():
    found = compared(answered(143, noise=0.015, changed=14, changed_on=date(2013, 7, 9)))

    assert found.since == date(2013, 7, 9)
    assert found.canary.n == 100
    assert found.canary.value >= 0.14
    assert found.alarm_above == 7
    assert found.false_alarm.value <= 0.001
    assert found.noisy_days == 0


def test_nothing_is_seen_while_answers_differ_by_chance_alone():
    found = compared(answered(143, noise=0.02))

    assert found.since is None
    assert found.noise_floor.low <= 0.02 <= found.noise_floor.high
    assert found.noise_floor.n == 61 * 100


def test_unchanged_answers_raise_no_more_alarms_than_stated():
    # 182 days at no more than one chance in a thousand: two alarms are a chance in a hundred.
    runs = [compared(answered(161, noise=0.02, seed=s), today=day(160)) for s in (1, 2)]

    assert sum(len(run.days) for run in runs) == 182
    assert sum(d.differ > run.alarm_above for run in runs for d in run.days) <= 1


def test_an_answer_does_not_help_to_choose_what_it_is_compared_with():
    # Three of four say a: each a is compared with two a and one b, and agrees; the b does not.
    answers = [Answer(day(n), "q", said) for n, said in enumerate("aaab")]
    answers += [Answer(day(n), "p", "a") for n in range(10)]

    found = compared(answers)

    assert found.noise_floor.value == pytest.approx(1 / 14)


def test_an_answer_that_only_ties_with_another_differs_from_it():
    # Of two each, the other one is the most frequent of those that are left.
    answers = [Answer(day(n), "q", said) for n, said in enumerate("aabb")]

    assert compared(answers).noise_floor.value == 1.0


def test_the_most_frequent_answer_is_left_out_too_when_it_is_compared():
    # Without the one that is compared, each a is one of two, and so is the b.
    answers = [Answer(day(n), "q", said) for n, said in enumerate("aab")]

    assert compared(answers).noise_floor.value == 1.0


def test_a_question_with_a_single_answer_says_nothing_of_chance():
    answers = [Answer(day(n), "q", "a") for n in range(10)] + [Answer(day(0), "p", "a")]

    found = compared(answers)

    assert (found.noise_floor.value, found.noise_floor.n) == (0.0, 10)
    assert found.questions.pinned == 2


def test_too_short_a_baseline_has_a_noise_without_an_interval_and_raises_no_alarm():
    answers = answered(5) + [Answer(TODAY, f"q{p:03d}", "other") for p in range(100)]

    found = compared(answers, span=(FIRST, day(5)))

    assert found.noise_floor.no_interval == "too few: 5 blocks of time"
    assert (found.alarm_above, found.since) == (None, None)
    assert found.canary.value == 1.0


def test_a_day_on_which_nothing_was_asked_is_unknown_and_all_its_questions_are_missing():
    found = compared(answered(100))

    assert found.canary.value is None
    assert (found.canary.n, found.canary.no_interval) == (0, "too few")
    assert found.questions == CanaryQuestions(pinned=100, missing=100)
    assert found.since is None


def test_what_says_less_is_counted_apart():
    answers = [a for a in answered(143) if a.day != TODAY or a.question > "q001"]
    answers = [
        Answer(a.day, a.question, None) if (a.day, a.question) == (TODAY, "q002") else a
        for a in answers
    ]
    answers += [Answer(TODAY, "never seen", "a", asked=3)]

    found = compared(answers, unnamed={TODAY: 4, day(0): 9})

    assert found.questions == CanaryQuestions(
        pinned=100, missing=2, new=1, unanswered=1, repeated=2, unnamed=4
    )
    assert (found.canary.n, found.canary.value) == (97, 0.0)


@pytest.mark.parametrize("silent", [[], [Answer(date(2013, 7, 15), "q000", None)]])
def test_a_day_without_answers_does_not_end_a_row_of_days(silent):
    answers = answered(143, changed=20, changed_on=date(2013, 7, 9))
    answers = [a for a in answers if a.day != date(2013, 7, 15)] + silent

    assert compared(answers).since == date(2013, 7, 9)


def test_no_answer_in_the_baseline_agrees_on_nothing():
    assert compared([Answer(TODAY, "q", "a")]) is None
    assert compared([Answer(day(0), "q", None)]) is None


def test_the_last_answer_of_a_day_counts_and_nothing_is_no_answer():
    log = table(
        at=[at(0, 5), at(0, 6), at(0, 5), at(1, 5), at(1, 6), at(1, 7)],
        q=["one", "one", "two", "one", None, ""],
        a=["x", "y", " ", "x", "x", "x"],
    )

    found = answers_of(log, timestamp="at", prompt="q", answer="a")

    assert found.answers == (
        Answer(date(2013, 1, 1), "one", "y", asked=2),
        Answer(date(2013, 1, 1), "two", None),
        Answer(date(2013, 1, 2), "one", "x"),
    )
    assert found.unnamed == {date(2013, 1, 2): 2}


def test_an_answer_after_an_empty_one_is_the_last_that_came():
    log = table(at=[at(0, 5), at(0, 6)], q=["one", "one"], a=["x", None])

    (found,) = answers_of(log, timestamp="at", prompt="q", answer="a").answers

    assert found.answer == "x"


def test_numbers_and_flags_are_answers_too():
    log = table(at=[at(0), at(0)], q=[1, 2], a=[0.5, float("nan")])

    found = answers_of(log, timestamp="at", prompt="q", answer="a").answers

    assert [(a.question, a.answer) for a in found] == [("1", "0.5"), ("2", None)]


def test_models_are_counted_by_their_own_account_and_silence_apart():
    log = table(model=["large-1", "large-1", "large-2", None, ""])

    assert models_of(log, "model") == ({"large-1": 2, "large-2": 1}, 2)
