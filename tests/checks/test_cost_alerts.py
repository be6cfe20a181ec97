from datetime import timedelta

import pytest

from ops_model.domain.evidence import Measured
from tests.builders import AREAS, AS_OF, a_statement, all_records, people_but
from tests.checks.judged import but, judged, lacking
from tests.shown_running import LAST_WEEK, a_route_test, a_watch

DAILY, TRAINING = AREAS["cost"]["ceilings"]


def timed(seconds):
    return Measured(value=seconds, unit="s", n=1, no_interval="single timing")


def test_cst_03_passes_when_each_route_was_tried_and_answered():
    finding = judged("CST-03")

    assert finding.status == "passed"
    assert "daily, training: the trial alert over “pager” of 2013-07-15" in finding.message
    assert "was acknowledged by ed-fin after 95 s" in finding.message
    assert finding.valid_until == LAST_WEEK + timedelta(days=90)


def test_cst_03_fails_for_a_ceiling_that_alerts_nobody():
    silent = {**TRAINING, "alert_route": None}

    finding = judged("CST-03", cost={"ceilings": [DAILY, silent]})

    assert finding.status == "failed"
    assert finding.message == "ceiling training alerts nobody (no alert_route)"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"delivered": False}, "it was not delivered"),
        ({"delivered": False, "why_not": "pager: no route"}, "not delivered (pager: no route)"),
        ({"acknowledged_by": None}, "nobody acknowledged it"),
        (
            {"acknowledged_by": "fay-product"},
            "acknowledged by fay-product, who answers neither for the ceiling nor for the system; "
            "expected ed-fin or whoever is on call",
        ),
        ({"seconds": timed(3720)}, "acknowledged after 62 min; expected at most 60"),
        ({"seconds": timed(1e7)}, "expected at most 60"),
    ],
)
def test_cst_03_fails_when_the_trial_reached_nobody(change, said):
    finding = judged("CST-03", records=but(a_route_test, **change))

    assert finding.status == "failed"
    assert said in finding.message


def test_cst_03_fails_by_the_last_trial_and_not_by_the_best():
    def since(system):
        again = a_route_test(system, as_of=AS_OF, delivered=False)
        return (*all_records(system), again)

    assert judged("CST-03", records=since).status == "failed"


def test_cst_03_is_unknown_for_a_route_that_was_never_tried():
    other = {**DAILY, "alert_route": "mail: ed-fin"}

    finding = judged("CST-03", cost={"ceilings": [other, TRAINING]}, records=all_but_mail)

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "no trial alert over “mail: ed-fin” (daily) is on record" in finding.message
    assert finding.remedy == (
        "the platform names “mail: ed-fin” and “pager” under `alert_routes` in ops-model.yaml, "
        "each with the environment variable that holds its address; then the cost owner runs "
        "`ops-model watch flight-delay --test-routes`, and whoever gets the message answers with "
        "`ops-model watch --ack CODE --as PERSON`"
    )


def test_cst_03_is_unknown_of_a_trial_that_a_notebook_wrote():
    def records(system):
        trial = a_statement(a_route_test(system, as_of=AS_OF), 999)
        run = trial.model_copy(update={"origin": a_statement(a_watch(system)).origin})
        return (*all_records(system), run)

    finding = judged("CST-03", records=records)

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "was written by a notebook, which sends nothing to anybody" in finding.message


def all_but_mail(system):
    return tuple(r for r in all_records(system) if getattr(r, "route", "") != "mail: ed-fin")


@pytest.mark.parametrize(("days", "status"), [(90, "passed"), (91, "unknown")])
def test_cst_03_is_unknown_when_the_trial_is_older_than_a_quarter(days, status):
    old = but(a_route_test, as_of=AS_OF - timedelta(days=days))

    assert judged("CST-03", records=old).status == status


def test_cst_03_is_unknown_when_whoever_answered_has_left():
    gone = people_but("ed-fin", active_to="2013-07-20")

    finding = judged("CST-03", people=gone)

    assert (finding.status, finding.reason) == ("unknown", "expired")
    assert "ed-fin left on 2013-07-20" in finding.message


@pytest.mark.parametrize("who", ["ed-fin", "ana-ruiz", "bo-li"])
def test_cst_03_passes_when_the_ceiling_s_owner_or_whoever_is_on_call_answers(who):
    assert judged("CST-03", records=but(a_route_test, acknowledged_by=who)).status == "passed"


def test_cst_03_passes_when_somebody_of_the_team_that_owns_the_ceiling_answers():
    ceilings = [{**ceiling, "owner": "model-team"} for ceiling in (DAILY, TRAINING)]

    finding = judged(
        "CST-03", cost={"ceilings": ceilings}, records=but(a_route_test, acknowledged_by="cy-data")
    )

    assert finding.status == "passed"


@pytest.mark.parametrize(
    ("sent_at", "day"),
    [(AS_OF - timedelta(days=91), "2013-04-22"), (AS_OF + timedelta(days=900), "2016-01-08")],
)
def test_cst_03_is_unknown_when_the_trial_was_sent_at_another_time_than_lately(sent_at, day):
    finding = judged("CST-03", records=but(a_route_test, sent_at=sent_at))

    assert (finding.status, finding.reason) == ("unknown", "expired")
    assert f"was sent on {day}; expected within the last 90 days" in finding.message


def test_cst_03_is_unknown_when_nobody_knows_how_soon_it_was_answered():
    finding = judged("CST-03", records=but(a_route_test, seconds=None))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "how soon is not on record" in finding.message


def test_cst_03_is_unknown_without_a_ceiling_or_a_trial():
    assert judged("CST-03", cost={"ceilings": []}).reason == "missing"
    assert judged("CST-03", records=lacking("route_test")).reason == "missing"
