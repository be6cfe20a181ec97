from datetime import timedelta

import pytest

from ops_model.domain.evidence import OwnerKnowledge
from ops_model.domain.values import digest_of
from tests.builders import (
    AREAS,
    AS_OF,
    a_coverage,
    a_drift,
    a_quality,
    a_rollback_drill,
    a_statement,
    a_system,
    all_records,
    an_attestation,
    people_but,
)
from tests.checks.judged import but, judged, lacking
from tests.shown_model import a_knowledge, a_report, a_sign_off

CARE = AREAS["identity"]["care"]
PURPOSE = "It tells gate staff whether a flight comes late."
TRAINING = "On the flights of last winter."


def knowing(**changes):
    """All records, the owner's knowledge said with these changes."""

    def records(system):
        kept = [r for r in all_records(system) if getattr(r, "topic", "") != "knowledge"]
        return (*kept, a_knowledge(system, **changes))

    return records


def known(**changes):
    said = {"purpose": PURPOSE, "training": TRAINING, "failure_modes": ("wind-unlike-training",)}
    return OwnerKnowledge(**{**said, **changes})


def test_own_02_passes_for_an_owner_who_named_every_failure_mode_of_this_text():
    finding = judged("OWN-02")

    assert finding.status == "passed"
    assert finding.message == (
        "ana-ruiz said on 2013-07-17 what it is for, how it was trained, and all 1 way in which "
        "it fails"
    )
    # Half a year after it was said is later than the end that was given with it.
    assert finding.valid_until == AS_OF + timedelta(days=100)


@pytest.mark.parametrize(
    ("knowledge", "said"),
    [
        (known(failure_modes=()), "nothing of wind-unlike-training"),
        (known(purpose="flights"), "purpose says too little: it has 1 word; expected at least 4"),
        (known(purpose="a a a a"), "purpose says too little: it has 0 words"),
        (known(training="On data of the winter, TBD."), "training says 'TBD'"),
        (None, "neither purpose nor training nor failure modes are in it"),
    ],
)
def test_own_02_fails_for_an_owner_who_knows_too_little(knowledge, said):
    finding = judged("OWN-02", records=knowing(knowledge=knowledge))

    assert finding.status == "failed"
    assert said in finding.message
    assert finding.owner == "ana-ruiz"


def test_own_02_is_unknown_when_another_than_the_owner_said_it():
    finding = judged("OWN-02", records=knowing(person="bo-li"))

    assert finding.reason == "missing"
    assert "--topic knowledge --as ana-ruiz" in finding.remedy


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        # 181 days.
        ({"as_of": AS_OF - timedelta(days=181)}, "is 181 days old; expected at most 180"),
        ({"expires": AS_OF}, "what ana-ruiz said on 2013-07-17 ended on 2013-07-22"),
        ({"claims": ()}, "was about an earlier text of system.yaml"),
    ],
)
def test_own_02_is_unknown_once_the_word_has_ended_or_the_text_is_another(changes, said):
    finding = judged("OWN-02", records=knowing(**changes))

    assert finding.reason == "expired"
    assert said in finding.message


def test_own_02_is_unknown_where_no_failure_mode_is_written():
    finding = judged("OWN-02", identity={"failure_modes": []})

    assert finding.reason == "missing"
    assert "failure_modes" in finding.remedy


def test_own_02_fails_for_an_owner_who_left():
    finding = judged("OWN-02", people=people_but("ana-ruiz", active_to="2013-07-01"))

    assert "ana-ruiz left on 2013-07-01" in finding.message


def test_own_06_passes_with_the_day_on_which_each_was_done():
    finding = judged("OWN-06")

    assert finding.status == "passed"
    assert "retraining done on 2013-03-01, due each 180 days" in finding.message
    # Monitoring of today is due tomorrow.
    assert finding.valid_until == AS_OF + timedelta(days=1)


def test_own_06_fails_for_what_is_late_and_names_who_sees_to_it():
    def records(system):
        late = AS_OF - timedelta(days=30)
        kept = [r for r in all_records(system) if r.kind not in {"quality", "drift"}]
        return (*kept, a_quality(system, as_of=late), a_drift(system, as_of=late))

    finding = judged("OWN-06", records=records)

    # 30 days ago, due each day: 29 days late; each 28 days: 2 days late.
    assert finding.message == (
        "monitoring: ana-ruiz is 29 days late (last done on 2013-06-22, due each 1 day); "
        "evaluation: cy-data is 2 days late (last done on 2013-06-22, due each 28 days)"
    )
    assert "`ops-model run 05_drift_quality flight-delay` for monitoring (ana-ruiz)" in (
        finding.remedy
    )


def test_own_06_fails_for_care_that_was_never_taken_since_it_went_live():
    finding = judged("OWN-06", records=lacking("quality", "drift"))

    # Live since 1 March at midnight; due on 2 March, which is 142 days and 8 hours before.
    assert "ana-ruiz is 142 days late (never done, due each 1 day)" in finding.message


def test_own_06_passes_where_a_candidate_was_decided_on_in_time():
    """To look at something new and leave it as it is counts as care for the training."""
    often = {"care": {**CARE, "retraining": {"every_days": "60", "owner": "cy-data"}}}
    decided = {
        **AREAS["change"]["candidates"][0],
        "decision": "reject",
        "decided_by": "ana-ruiz",
        "decided_on": "2013-06-15",
    }

    assert judged("OWN-06", identity=often).status == "failed"
    assert judged("OWN-06", identity=often, change={"candidates": [decided]}).status == "passed"


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"every_days": "400", "owner": "di-legal"}, "planned every 400 days; expected every 366"),
        ({"every_days": "90", "owner": "zoe-gone"}, "zoe-gone is nobody in people.yaml"),
    ],
)
def test_own_06_fails_for_a_plan_that_never_comes_due_or_is_nobodys(plan, said):
    finding = judged("OWN-06", identity={"care": {**CARE, "governance": plan}})

    assert finding.status == "failed"
    assert said in finding.message


def test_own_06_is_unknown_where_a_kind_of_care_is_not_planned():
    finding = judged("OWN-06", identity={"care": {**CARE, "retraining": None}})

    assert finding.reason == "missing"
    assert "`care` in system.yaml" in finding.remedy


def test_own_06_asks_for_no_retraining_of_what_is_only_prompted():
    finding = judged("OWN-06", identity={"kind": "llm_app", "care": {**CARE, "retraining": None}})

    assert finding.status == "passed"


def test_own_06_does_not_arise_while_nobody_is_served():
    assert judged("OWN-06", identity={"stage_history": []}).status == "not_applicable"


def test_own_07_passes_with_the_ways_that_lead_to_the_owner():
    assert judged("OWN-07").message == (
        "ana-ruiz, or bo-li: the page goes to primary; the page goes to secondary; told by "
        "primary within 30 minutes"
    )


def elsewhere():
    """A rota of others, and nobody whose task it is to tell the owner."""
    layers = [{**layer, "participants": ["cy-data", "ed-fin"]} for layer in
              AREAS["on_call"]["layers"]]  # fmt: skip
    told = [p for p in AREAS["decisions"]["communication"] if p["audience"] != "owner"]
    return {"on_call": {"layers": layers}, "decisions": {"communication": told}}


def test_own_07_fails_when_neither_page_nor_message_leads_to_the_owner():
    finding = judged("OWN-07", **elsewhere())

    assert (
        "no page, and no message within 120 minutes, leads to ana-ruiz or bo-li" in finding.message
    )
    assert "on_call.yaml" in finding.remedy


@pytest.mark.parametrize(("minutes", "status"), [("120", "passed"), ("121", "failed")])
def test_own_07_fails_when_the_message_to_the_owner_may_come_late(minutes, status):
    """Tier B; whoever is told within 99,999 minutes was searched for."""
    path = {"audience": "owner", "owner": "primary", "channel": "pager", "within_minutes": minutes}
    areas = elsewhere()
    areas["decisions"] = {**areas.get("decisions", {}), "communication": [path]}

    assert judged("OWN-07", **areas).status == status


def test_own_07_passes_when_the_last_step_of_the_escalation_is_the_owner():
    areas = elsewhere()
    areas["on_call"]["escalation"] = [
        {"target": "primary", "ack_within_minutes": "10"},
        {"target": "ana-ruiz", "ack_within_minutes": "10"},
    ]

    assert judged("OWN-07", **areas).message == "ana-ruiz, or bo-li: the page goes to ana-ruiz"


@pytest.mark.parametrize(
    ("ownership", "said"),
    [
        ({"deputy": None}, "deputy: nobody is named"),
        ({"deputy": "ana-ruiz"}, "ana-ruiz is accountable and deputy at once"),
        ({"accountable": "data-team"}, "accountable: data-team is a team, not a person"),
    ],
)
def test_own_07_fails_for_an_owner_or_a_deputy_who_would_have_to_be_looked_up(ownership, said):
    finding = judged("OWN-07", ownership=ownership)

    assert finding.status == "failed"
    assert said in finding.message


def test_onc_05_passes_with_the_drill_of_each_primary():
    finding = judged("ONC-05")

    assert finding.message.startswith("each primary of 91 days drilled it: ana-ruiz on 2013-07-1")
    assert finding.message.endswith("bo-li on 2013-07-12")
    # The rota was resolved today and counts for a week.
    assert finding.valid_until == AS_OF + timedelta(days=7)


def test_onc_05_fails_for_a_primary_who_never_drilled_this_system():
    def records(system):
        return tuple(r for r in all_records(system) if getattr(r, "topic", "") != "attendance")

    finding = judged("ONC-05", records=records)

    assert finding.message == (
        "bo-li has never drilled it; expected a drill within 180 days from each primary"
    )
    assert "bo-li" in finding.remedy
    assert "rollback.yaml" in finding.remedy


def of_age(days):
    def records(system):
        at = AS_OF - timedelta(days=days)
        kept = [r for r in all_records(system) if not r.kind.endswith("_drill")]
        kept = [r for r in kept if getattr(r, "topic", "") != "attendance"]
        people = ("ana-ruiz", "bo-li")
        return (*kept, *(a_rollback_drill(system, performed_by=p, as_of=at) for p in people))

    return records


# A half a year at most, a quarter of a year at tier A.
@pytest.mark.parametrize(
    ("tier", "days", "status"),
    [("B", 180, "passed"), ("B", 181, "failed"), ("A", 90, "passed"), ("A", 91, "failed")],
)
def test_onc_05_fails_for_a_drill_of_too_long_ago(tier, days, status):
    finding = judged("ONC-05", tier=tier, records=of_age(days))

    assert finding.status == status
    if status == "failed":
        day = (AS_OF - timedelta(days=days)).date()
        assert f"ana-ruiz drilled it last on {day}; bo-li" in finding.message


def test_onc_05_asks_those_too_who_are_primary_for_some_hours_only():
    weak = {
        "start": AS_OF,
        "end": AS_OF + timedelta(hours=2),
        "role": "primary",
        "why": "cy-data is primary and has never drilled this system",
        "kind": "never_drilled",
        "person": "cy-data",
    }

    finding = judged("ONC-05", records=but(a_coverage, weak=(weak,)))

    assert "cy-data has never drilled it" in finding.message


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"days": 30}, "too_few"),
        ({"people_by_role": {}, "primary_now": None}, "too_few"),
        ({"as_of": AS_OF - timedelta(days=8)}, "expired"),
    ],
)
def test_onc_05_is_unknown_without_a_rota_resolved_lately_for_long_enough(changes, reason):
    assert judged("ONC-05", records=but(a_coverage, **changes)).reason == reason


def test_onc_05_cites_the_drill_that_was_attended_and_not_the_word_alone():
    finding = judged("ONC-05")
    kinds = [r.kind for r in all_records(a_system())]

    cited = {kinds[w.line - 1] for w in finding.looked_at if w.path == "ledger"}

    assert cited >= {"on_call_coverage", "rollback_drill"}
    assert "attestation" not in cited


def test_a_word_of_having_been_there_counts_after_it_has_expired():
    """That it happened does not end; how long ago it was is judged by its day."""

    def records(system):
        kept = [r for r in all_records(system) if getattr(r, "topic", "") != "attendance"]
        return (*kept, an_attestation(system, topic="attendance", person="bo-li", claims=(),
                                      of=digest_of(a_rollback_drill(system)),
                                      expires=AS_OF))  # fmt: skip

    assert judged("ONC-05", records=records).status == "passed"


def test_a_word_of_having_been_at_something_that_was_no_drill_shows_no_practice():
    def records(system):
        kept = [r for r in all_records(system) if getattr(r, "topic", "") != "attendance"]
        return (*kept, an_attestation(system, topic="attendance", person="bo-li", claims=(),
                                      of="sha256:" + "9" * 64))  # fmt: skip

    finding = judged("ONC-05", records=records)

    assert "bo-li has never drilled it" in finding.message


def test_own_06_counts_no_decision_that_nobody_signed():
    """The latest act of governance is the sign-off of ten days ago, not what somebody forged."""
    forged = judged(
        "OWN-06",
        records=lambda s: (*all_records(s), a_sign_off(s, as_of=AS_OF, assurance="asserted")),
    )

    assert "governance done on 2013-07-21" in judged("OWN-06").message
    assert "governance done on 2013-07-21" in forged.message


def test_own_06_counts_no_assessment_of_a_notebook_that_is_neither_shipped_nor_approved():
    def records(system):
        report = a_statement(a_report(system, as_of=AS_OF), 99)
        unknown = report.origin.model_copy(update={"notebook_digest": "sha256:" + "f" * 64})
        return (*all_records(system), report.model_copy(update={"origin": unknown}))

    assert "governance done on 2013-07-21" in judged("OWN-06", records=records).message


def test_own_06_counts_no_drift_of_a_notebook_that_is_neither_shipped_nor_approved():
    def records(system):
        found = []
        for seq, record in enumerate(all_records(system), start=1):
            entry = a_statement(record, seq)
            if record.kind in {"quality", "drift"}:
                unknown = {"notebook_digest": "sha256:" + "f" * 64}
                origin = entry.origin.model_copy(update=unknown)
                entry = entry.model_copy(update={"origin": origin})
            found.append(entry)
        return tuple(found)

    finding = judged("OWN-06", records=records)

    assert "monitoring: ana-ruiz is 142 days late (never done" in finding.message
