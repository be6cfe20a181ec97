"""The cards of service levels and of what the logs hold."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ops_model.domain.detection_served import (
    AnsweredQuestion,
    CaptureMeasurement,
    FreshnessMeasurement,
    Reconstruction,
)
from ops_model.domain.evidence import Measured
from ops_model.domain.service_levels import BurnRate, Objective, ServiceLevelMeasurement
from ops_model.site.cards import card
from ops_model.site.level_cards import side_by_side
from tests.builders import exact
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, people
from tests.site.test_cards import KEPT_STYLES, KEPT_TAGS

OF = {"system": "flight-delay", "as_of": AS_OF}


def text(html):
    return Reader(html).text


def shown(record):
    return text(card(record, people()))


def part(value, n=1000):
    return Measured(value=value, unit="share", n=n, low=max(value - 0.01, 0), high=value)


def a_level(long=0.5, short=0.2, **changes):
    burn = BurnRate(
        hours=6, rate=exact(long, "times", 240), limit=6, short_hours=0.5,
        short=exact(short, "times", 20),
    )  # fmt: skip
    given = {
        **OF, "objective": "fast-answers", "indicator": "latency", "target": 0.99, "burn": (burn,),
        "good": part(0.995), "budget_left": exact(0.5, "share", 1000), "rows": 1200,
        "undecided": 3, "silence": exact(2.0, "h", 1200),
        "longest_silence": exact(9.0, "h", 1200), "in_batch": part(0.9, 80),
        "outside_batch": part(0.999, 920),
    }  # fmt: skip
    return ServiceLevelMeasurement(**{**given, **changes})


def an_objective(name="fast-answers", indicator="latency"):
    return Objective(id=name, indicator=indicator, target=Decimal("0.99"), window_days=28)


def test_the_card_of_an_objective_says_what_is_left_and_what_it_rests_on():
    said = shown(a_level())

    assert "✓ budget left Objective fast-answers: latency" in said
    assert "99.5 %" in said
    assert "error budget left 50.0 % exact, n = 1,000" in said
    assert "budget burns, over 6 h 0.5 times; over the last 30 minutes 0.2 times (n = " in said
    assert "good while batch work runs 90.0 %" in said
    assert "1,200 rows read; 3 rows of which nobody can tell, taken as not good" in said
    assert "no row in the last 2 h (the longest silence before: 9 h)" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"long": 9.0, "short": 20.0}, "✖ burns too fast"),
        ({"long": 9.0, "short": 0.0}, "✓ budget left"),
        ({"budget_left": exact(-0.2, "share", 1000)}, "✖ budget spent"),
        ({"budget_left": Measured(value=None, unit="share", n=0, no_interval="too few")},
         "? unknown"),
    ],
)  # fmt: skip
def test_the_state_of_an_objective_stands_in_a_word(changes, said):
    assert said in shown(a_level(**changes))


def test_a_service_that_is_up_never_passes_for_one_that_is_right():
    alone = text(side_by_side([an_objective()], [a_level()], {}))
    with_quality = text(
        side_by_side([an_objective(), an_objective("right", "quality")], [a_level()],
                     {"right": "`monitor`"})
    )  # fmt: skip

    assert "up, fast and wrong" in alone
    assert "up, fast and wrong" not in with_quality
    assert "? not measured right quality 99.0 % unknown" in with_quality


def a_capture(**changes):
    given = {**OF, "log": "served", "rows": 900, "outcome_join": part(0.97),
             "fields": {"input": part(1.0), "output": part(1.0), "outcome": part(0.97)},
             "oldest_row": datetime(2013, 3, 1, tzinfo=UTC)}  # fmt: skip
    return CaptureMeasurement(**{**given, **changes})


def test_a_field_that_is_kept_nowhere_stands_on_the_card():
    said = shown(a_capture())

    assert "✖ not all is kept What log served holds" in said
    assert "Not kept at all: intent" in said
    assert "intent nowhere no column is named" in said
    assert "The oldest row that a query found: 1 Mar 2013, 00:00 UTC" in said


def a_reconstruction(purpose=1.0, ambiguous=0, query="SELECT 1"):
    questions = {"went_in": 1.0, "came_out": 1.0, "purpose": purpose, "got_what_we_wanted": 1.0}
    return Reconstruction(
        **OF, log="served", sampled=60, ambiguous=ambiguous,
        questions=tuple(
            AnsweredQuestion(question=q, answered=part(share, 60), query=query)
            for q, share in questions.items()
        ),
    )  # fmt: skip


def test_a_question_that_no_query_answers_is_said_to_be_not_answered():
    assert "✖ not answered" in shown(a_reconstruction(purpose=0.0))
    assert "No query answers What was it for?" in shown(a_reconstruction(purpose=0.0))
    assert "not answered" not in shown(a_reconstruction())
    assert "2 decisions could not be told from another" in shown(a_reconstruction(ambiguous=2))


def a_freshness(age=30.0, **changes):
    friday = datetime(2013, 7, 20, 2, tzinfo=UTC)
    given = {**OF, "feed": "weather", "newest_age": exact(age, "minutes", 900),
             "longest_gap": exact(200.0, "minutes", 600), "worst_notice_hours": 51.0,
             "limit_minutes": 120, "simulated_break": friday,
             "simulated_notice": friday + timedelta(hours=50.5)}  # fmt: skip
    return FreshnessMeasurement(**{**given, **changes})


def test_a_friday_that_did_not_happen_is_called_simulated():
    said = shown(a_freshness())

    assert "✓ arrives Feed weather" in said
    assert "Simulated: had it stopped late on a Friday evening (20 Jul 2013, 02:00 UTC)" in said
    assert "would have known 50.5 h later (22 Jul 2013, 04:30 UTC). Nothing was broken" in said
    assert "✖ too old" in shown(a_freshness(age=121.0))


@pytest.mark.parametrize(
    "html",
    [
        card(a_level(), people()),
        card(a_capture(), people()),
        card(a_reconstruction(query=str(HOSTILE)), people()),
        card(a_freshness(), people()),
        side_by_side([an_objective()], [a_level()], {}),
    ],
    ids=["level", "capture", "reconstruction", "freshness", "beside"],
)
def test_jupyterlab_keeps_these_cards_and_nothing_in_them_runs(html):
    read = Reader(html)
    styles = {
        part.split(":")[0].strip() for style in read.values("style") for part in style.split(";")
    }

    assert read.tags <= KEPT_TAGS
    assert styles <= KEPT_STYLES
    assert "<script" not in html
