from datetime import UTC, datetime, timedelta

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.exposure import WasItThere
from tests.builders import AS_OF, exact
from tests.checks.judged import judged, lacking
from tests.shown_running import a_review

STORM = {
    "id": "storm",
    "title": "told on time in a storm",
    "severity": "sev2",
    "state": "closed",
    "detected_by": "staff",
    "onset_earliest": "2013-06-08T11:00:00Z",
    "onset_latest": "2013-06-08T13:00:00Z",
    "detected_at": "2013-06-08T14:40:00Z",
    "acknowledged_at": "2013-06-08T14:46:00Z",
    "contained_at": "2013-06-08T15:05:00Z",
    "restored_at": "2013-06-09T14:00:00Z",
    "closed_at": "2013-06-18T20:00:00Z",
    "decisions_exposed": "293",
}
BEGAN = datetime(2013, 6, 8, 11, tzinfo=UTC)


def storm(**changes):
    return [{**STORM, **changes}]


def reviewed(**changes):
    """All records, each incident looked back at with these changes."""

    def records(system):
        others = lacking("incident_review")(system)
        return (*others, *(a_review(system, i, **changes) for i in system.incidents))

    return records


def test_inc_04_passes_when_decisions_customers_and_money_are_counted():
    finding = judged("INC-04", incidents=storm())

    assert finding.status == "passed"
    assert finding.message == (
        "incident storm: between 243 and 293 decisions (n 293), 180 customers (n 180, exact), "
        "6,300.00 USD (n 180, exact)"
    )
    assert [value.name for value in finding.values] == [
        "storm decisions", "storm customers", "storm money",
    ]  # fmt: skip


def test_inc_04_passes_with_the_reason_why_something_cannot_be_counted():
    why = "money: nobody was promised any"

    finding = judged("INC-04", incidents=storm(), records=reviewed(money=None, not_counted=why))

    assert finding.status == "passed"
    assert finding.message.endswith(why)


@pytest.mark.parametrize("why", ["", "n/a", "not known"])
def test_inc_04_fails_when_something_is_not_counted_and_nobody_says_why(why):
    records = reviewed(money=None, customers=None, not_counted=why)

    finding = judged("INC-04", incidents=storm(), records=records)

    assert finding.status == "failed"
    assert "customers and money not counted, and no reason is given" in finding.message


@pytest.mark.parametrize(("written", "status"), [("243", "passed"), ("242", "failed")])
def test_inc_04_fails_when_the_file_says_another_number_than_the_log(written, status):
    counts = Measured(value=293, unit="decisions", n=293, low=243, high=293)

    finding = judged(
        "INC-04", incidents=storm(decisions_exposed=written), records=reviewed(decisions=counts)
    )

    assert finding.status == status


@pytest.mark.parametrize(
    ("records", "reason", "said"),
    [
        (lacking("incident_review"), "missing", "was never looked back at from the logs"),
        (reviewed(text_digest="sha256:" + "0" * 64), "expired", "is written otherwise now"),
        (
            reviewed(decisions=None, not_counted="no log has a key"),
            "missing",
            "how many decisions it reached is not counted (no log has a key)",
        ),
    ],
)
def test_inc_04_is_unknown_when_nobody_counted_this_very_incident(records, reason, said):
    finding = judged("INC-04", incidents=storm(), records=records)

    assert (finding.status, finding.reason) == ("unknown", reason)
    assert said in finding.message
    assert (
        "`ops-model run 09_incident_postmortem flight-delay -p incident=storm`" in finding.remedy
    )


def test_inc_04_asks_for_every_incident_that_is_over():
    both = [*storm(), *storm(id="hail", detected_at="2013-06-20T08:00:00Z",
            onset_earliest=None, onset_latest=None, acknowledged_at=None, restored_at=None,
            contained_at="2013-06-20T09:00:00Z", closed_at=None, state="contained")]  # fmt: skip

    def first_only(system):
        others = lacking("incident_review")(system)
        return (*others, a_review(system, system.incidents[0]))

    finding = judged("INC-04", incidents=both, records=first_only)

    assert finding.status == "unknown"
    assert "incident hail was never looked back at" in finding.message


def test_inc_04_fails_when_no_decision_is_counted_and_the_file_does_not_say_that_there_was_none():
    none = reviewed(decisions=exact(0, "decisions", 0))

    unsaid = judged("INC-04", incidents=storm(decisions_exposed=None), records=none)
    said = judged("INC-04", incidents=storm(decisions_exposed="0"), records=none)

    assert unsaid.status == "failed"
    assert "the log counts no decision, and the file does not say" in unsaid.message
    assert said.status == "passed"


OPEN = {"state": "acknowledged", "contained_at": None, "restored_at": None, "closed_at": None}
# Noticed 13 and 15 days before 22 July; at tier B it may go on for 14 before it is looked at.
LATELY, LONG_AGO = (
    storm(**OPEN, onset_earliest=None, onset_latest=None, acknowledged_at=None, detected_at=at)
    for at in ("2013-07-09T08:00:00Z", "2013-07-07T08:00:00Z")
)


@pytest.mark.parametrize("check_id", ["INC-04", "INC-06"])
@pytest.mark.parametrize("incidents", [[], LATELY], ids=["none", "not contained"])
def test_there_is_nothing_to_look_back_at_before_an_incident_is_over(check_id, incidents):
    assert judged(check_id, incidents=incidents).status == "not_applicable"


@pytest.mark.parametrize("check_id", ["INC-04", "INC-06"])
def test_an_incident_that_nobody_ever_contains_is_looked_at_all_the_same(check_id):
    finding = judged(check_id, incidents=LONG_AGO, records=lacking("incident_review"))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "-p incident=storm`" in finding.remedy


def stood(**since):
    """What was there before, by days before the incident; None is not there."""
    days = {"owner": 90, "runbook": 20, "rollback_drill": 5, **since}
    return tuple(
        WasItThere(thing=thing, there=n is not None, why="as the ledger has it",
                   since=None if n is None else BEGAN - timedelta(days=n))
        for thing, n in days.items()
    )  # fmt: skip


def test_inc_06_passes_when_all_was_there_before_the_first_incident():
    finding = judged("INC-06", incidents=storm())

    assert finding.status == "passed"
    assert finding.message == (
        "all was there before incident storm began (2013-06-08T11:00:00Z): owner since "
        "2013-03-10; runbook since 2013-05-19; rollback drill since 2013-06-03"
    )


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ({"owner": None}, "no owner (as the ledger has it)"),
        ({"rollback_drill": None}, "no rollback drill"),
        ({"runbook": -1}, "the runbook is there only since 2013-06-09"),
    ],
)
def test_inc_06_fails_for_what_was_built_during_the_incident(since, said):
    finding = judged("INC-06", incidents=storm(), records=reviewed(before=stood(**since)))

    assert finding.status == "failed"
    assert said in finding.message
    assert "what is past cannot be made good" in finding.remedy


def test_inc_06_fails_when_a_thing_is_listed_twice_and_once_as_not_there():
    before = (*stood(owner=None), *stood())

    finding = judged("INC-06", incidents=storm(), records=reviewed(before=before))

    assert finding.status == "failed"
    assert finding.message.endswith(": no owner (as the ledger has it)")


def test_inc_06_fails_when_nothing_shows_since_when_it_was_there():
    before = tuple(one.model_copy(update={"since": None}) for one in stood())

    finding = judged("INC-06", incidents=storm(), records=reviewed(before=before))

    assert finding.status == "failed"
    assert "nothing on record shows since when there is a runbook" in finding.message


def test_inc_06_is_unknown_when_nobody_looked_for_the_runbook():
    before = tuple(one for one in stood() if one.thing != "runbook")

    finding = judged("INC-06", incidents=storm(), records=reviewed(before=before))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "whether runbook stood there" in finding.message


def test_inc_06_asks_of_the_first_incident_and_not_of_the_last():
    later = storm(id="hail", onset_earliest="2013-06-20T07:00:00Z", onset_latest=None,
                  detected_at="2013-06-20T08:00:00Z", acknowledged_at=None, restored_at=None,
                  contained_at="2013-06-20T09:00:00Z", closed_at=None,
                  state="contained")  # fmt: skip

    finding = judged("INC-06", incidents=[*later, *storm()])

    assert "before incident storm began" in finding.message


def test_inc_06_does_not_ask_of_an_incident_of_more_than_a_year_ago():
    policy = {"thresholds": {"INC-06": {"look_back_days": "90"}}}
    # 8 June and 104 days
    later = AS_OF + timedelta(days=60)

    assert judged("INC-06", incidents=storm(), as_of=later).status == "passed"
    assert judged("INC-06", incidents=storm(), policy=policy, as_of=later).status == (
        "not_applicable"
    )


def test_inc_06_is_unknown_without_a_look_back():
    assert judged("INC-06", incidents=storm(), records=lacking("incident_review")).reason == (
        "missing"
    )


def test_counted_customers_are_said_with_what_they_rest_on():
    stated = exact(1870, "customers", 1870)

    assert (
        "1,870 customers"
        in judged("INC-04", incidents=storm(), records=reviewed(customers=stated)).message
    )
