"""The cards of the model behind a provider, of the outcome, and of the two together."""

from datetime import date, timedelta

import pytest

from ops_model.domain.detection import LinkPeriod, OutcomeMeasurement, QualityOutcomeLink
from ops_model.domain.detection_served import (
    CanaryDay,
    CanaryQuestions,
    ModelSeen,
    ProviderIdentity,
)
from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.domain.values import Window
from ops_model.site.cards import card
from tests.site.samples import AS_OF, FLIGHT, SCRIPT

PINNED = "model-2013-06-01"
COMMON = {"system": FLIGHT, "as_of": AS_OF}


def shown(record):
    return card(record, People(people=(), teams=()))


def share(value, low, high, n=100, unit="share"):
    return Measured(value=value, unit=unit, n=n, low=low, high=high)


def chance(value):
    return Measured(value=value, unit="share", n=100, no_interval="exact")


def identity(**changes):
    values = {
        "dependency": "vendor",
        "pinned": PINNED,
        "seen": (ModelSeen(model=PINNED, requests=900),),
        "canary": share(0.01, 0.002, 0.05),
        "noise_floor": share(0.014, 0.011, 0.017, n=6100),
        "changed": False,
        "canaries": "fixed",
        "canary_day": date(2013, 7, 21),
        "alarm_above": 7,
        "false_alarm": chance(0.00033),
        "power": chance(0.794),
        "questions": CanaryQuestions(pinned=100),
        "days": tuple(
            CanaryDay(day=date(2013, 7, n), answered=100, differ=n) for n in range(1, 22)
        ),
    }
    return ProviderIdentity(**COMMON, **{**values, **changes})


def test_an_agreed_model_says_by_what_and_that_nothing_is_to_do():
    html = shown(identity())

    assert "✓ as agreed" in html
    assert "Nothing to do." in html
    assert "900 of 900 requests of the last seven days" in html
    assert "more than 7 of 100" in html
    assert "by chance on 0.33 of 1,000 days" in html
    assert "a tenth otherwise on 79.4 of 100" in html
    assert "<img" in html


def test_answers_that_changed_behind_the_name_say_since_when_and_what_to_do():
    html = shown(identity(changed=True, since=date(2013, 7, 9)))

    assert "✖ changed" in html
    assert "The name is the agreed one, the answers are not" in html
    assert "since 9 Jul 2013" in html
    assert "Ask the provider what it serves since then" in html


def test_another_name_is_said_to_be_another_model():
    other = (ModelSeen(model=PINNED, requests=899), ModelSeen(model=SCRIPT, requests=1))

    html = shown(identity(changed=True, seen=other))

    assert f"Another model than {PINNED} answers, by its own account" in html
    assert "&lt;script&gt;" in html
    assert "<script" not in html


@pytest.mark.parametrize(
    "changes",
    [
        {"alarm_above": None, "false_alarm": None, "power": None},
        {"canary": None, "noise_floor": None, "canary_day": None, "alarm_above": None},
    ],
)
def test_the_word_of_a_provider_alone_is_no_pass(changes):
    html = shown(identity(**changes))

    assert "? as agreed by its word alone" in html
    assert "✓" not in html


def test_what_says_less_is_told_and_what_is_not_there_is_not():
    html = shown(identity(
        unsaid_requests=12, noisy_days=1,
        questions=CanaryQuestions(pinned=100, missing=3, unanswered=2),
    ))  # fmt: skip

    assert "3 not asked that day, of 100 questions with an agreed answer" in html
    assert "2 asked and not answered" in html
    assert "requests that do not say" in html
    assert "On 1 day of the span that pins the answers too many differed, too." in html
    assert "have no agreed answer" not in html


def outcome(change, **changes):
    values = {
        "outcome": "settled",
        "current": share(0.21, 0.2, 0.22, n=900),
        "baseline": share(0.18, 0.17, 0.19, n=900),
        "change": change,
        "target": 0.33,
        "window": Window(start=AS_OF - timedelta(days=28), end=AS_OF),
    }
    return OutcomeMeasurement(**COMMON, **{**values, **changes})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (share(0.03, 0.02, 0.04), "✓ moves as wanted"),
        (share(-0.03, -0.04, -0.02), "✖ moves the wrong way"),
        (share(0.01, -0.01, 0.03), "? not shown to move"),
        (Measured(value=None, unit="share", n=3, no_interval="too few"), "? not shown to move"),
    ],
)
def test_an_outcome_is_judged_by_all_of_its_interval(change, says):
    assert says in shown(outcome(change))


def test_an_outcome_shows_its_numbers_its_target_and_its_days():
    html = shown(outcome(share(0.03, 0.02, 0.04)))

    assert "33.0 %" in html
    assert "+3.0 points" in html
    assert "from 24 Jun 2013 to 22 Jul 2013, the last not included" in html


def linked(correlation, **changes):
    values = {
        "monitor": "judged", "outcome": "settled", "correlation": correlation, "period_days": 7,
        "effective_periods": 7.3,
        "periods": tuple(
            LinkPeriod(start=date(2013, 3, n), quality=n / 100, outcome=n / 50)
            for n in range(1, 20)
        ),
    }  # fmt: skip
    return QualityOutcomeLink(**COMMON, **{**values, **changes})


@pytest.mark.parametrize(
    ("low", "high", "direction", "says"),
    [
        (0.2, 0.8, "up", "✓ go together"),
        (-0.8, -0.2, "up", "✖ go against each other"),
        (-0.8, -0.2, "down", "✓ go together"),
        (-0.9, 0.1, "up", "? not shown to go together"),
        (-0.1, 0.9, "down", "? not shown to go together"),
    ],
)
def test_a_link_is_judged_by_all_of_its_interval_in_the_wanted_sense(low, high, direction, says):
    middle = (low + high) / 2

    html = shown(linked(share(middle, low, high, n=20, unit="r"), direction=direction))

    assert says in html
    assert "7.3" in html
    assert html.count("<img") == 2


def test_too_few_periods_say_so_and_draw_nothing():
    few = Measured(value=None, unit="r", n=11, no_interval="too few")

    html = shown(linked(few, effective_periods=None, periods=(), periods_left_out=2))

    assert "too few" in html
    assert "2 periods had too few rows" in html
    assert "<img" not in html
