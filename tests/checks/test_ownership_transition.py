from datetime import UTC, datetime, timedelta

import pytest

from ops_model.domain.ownership import Handoff
from tests.builders import (
    AREAS,
    AS_OF,
    a_fallback_drill,
    a_rollback_drill,
    all_records,
    an_attestation,
    people_but,
)
from tests.checks.judged import judged

HANDOFF = {
    "id": "ana-to-bo",
    "outgoing": "ana-ruiz",
    "incoming": "bo-li",
    "effective": "2013-08-01",
    "items": [{"topic": "runbook", "evidence": "walked through on 15 July"}],
}
LEAVING = people_but("ana-ruiz", active_to="2013-08-10")


def accepted_by(*people, drill=None, handoff=HANDOFF, **changes):
    """All records, the word of these people on the handoff, and a drill that bo-li led."""
    digest = Handoff.model_validate(handoff).digest()

    def records(system):
        led = drill or a_rollback_drill(system, performed_by="bo-li")
        words = (
            an_attestation(
                system, topic="handoff", person=p, of=digest, handoff=handoff["id"], claims=(),
                **changes,
            )
            for p in people
        )  # fmt: skip
        return (*all_records(system), led, *words)

    return records


def test_trn_01_passes_when_nobody_leaves_and_says_what_was_looked_at():
    finding = judged("TRN-01")

    assert finding.message == "no owner leaves within 30 days"
    assert finding.looked_at


def test_trn_01_passes_when_the_handoff_is_accepted_and_a_drill_was_led():
    finding = judged(
        "TRN-01",
        people=LEAVING,
        ownership={"handoffs": [HANDOFF]},
        records=accepted_by("ana-ruiz", "bo-li"),
    )

    assert finding.status == "passed"
    assert "bo-li follows ana-ruiz, accepted by ana-ruiz, bo-li" in finding.message


@pytest.mark.parametrize(("last", "owner"), [("2013-08-21", "ana-ruiz"), ("2013-07-01", "bo-li")])
def test_trn_01_fails_without_a_handoff_and_asks_an_owner_who_still_works_here(last, owner):
    finding = judged("TRN-01", people=people_but("ana-ruiz", active_to=last))

    assert finding.status == "failed"
    assert f"ana-ruiz's last day is {last}, and nobody takes over" in finding.message
    assert finding.owner == owner


def test_trn_01_passes_for_an_owner_who_leaves_later_than_that():
    assert judged("TRN-01", people=people_but("ana-ruiz", active_to="2013-08-22")).status == (
        "passed"
    )


def test_trn_01_fails_for_a_handoff_that_comes_after_the_last_day():
    handoff = {**HANDOFF, "effective": "2013-08-11"}

    finding = judged("TRN-01", people=LEAVING, ownership={"handoffs": [handoff]})

    assert "ana-to-bo takes effect only on 2013-08-11" in finding.message


def test_trn_01_is_unknown_while_one_of_them_has_not_accepted_and_gives_the_command():
    finding = judged(
        "TRN-01",
        people=LEAVING,
        ownership={"handoffs": [HANDOFF]},
        records=accepted_by("ana-ruiz"),
    )

    assert finding.reason == "missing"
    assert "not accepted by bo-li" in finding.message
    assert "--topic handoff --handoff ana-to-bo --as bo-li" in finding.remedy


def test_trn_01_is_unknown_while_the_newcomer_led_no_drill():
    def records(system):
        led = a_rollback_drill(system, performed_by="ana-ruiz")
        return accepted_by("ana-ruiz", "bo-li", drill=led)(system)

    finding = judged("TRN-01", people=LEAVING, ownership={"handoffs": [HANDOFF]}, records=records)

    assert finding.message.endswith("no passed rollback drill led by bo-li")


def test_trn_01_is_unknown_when_another_kind_of_drill_was_led_or_one_that_failed():
    def another(system):
        led = a_fallback_drill(system, performed_by="bo-li")
        return accepted_by("ana-ruiz", "bo-li", drill=led)(system)

    def not_passed(system):
        led = a_rollback_drill(system, performed_by="bo-li", passed=False)
        return accepted_by("ana-ruiz", "bo-li", drill=led)(system)

    for records in (another, not_passed):
        finding = judged(
            "TRN-01", people=LEAVING, ownership={"handoffs": [HANDOFF]}, records=records
        )
        assert finding.reason == "missing"


def test_trn_01_is_unknown_for_a_handoff_that_is_past_and_not_accepted():
    handoff = {**HANDOFF, "effective": "2013-07-01"}

    assert judged("TRN-01", ownership={"handoffs": [handoff]}).reason == "missing"


def test_trn_01_is_unknown_when_the_handoff_was_edited_after_it_was_accepted():
    edited = {**HANDOFF, "items": []}

    finding = judged(
        "TRN-01",
        people=LEAVING,
        ownership={"handoffs": [edited]},
        records=accepted_by("ana-ruiz", "bo-li"),
    )

    assert "not accepted by ana-ruiz, bo-li" in finding.message


def test_trn_01_passes_for_an_old_handoff_whose_words_have_since_run_out():
    handoff = {**HANDOFF, "effective": "2013-07-18"}
    words = accepted_by(
        "ana-ruiz", "bo-li", handoff=handoff, expires=AS_OF - timedelta(days=1),
        as_of=AS_OF - timedelta(days=10),
    )  # fmt: skip

    finding = judged("TRN-01", ownership={"handoffs": [handoff]}, records=words)

    assert finding.status == "passed"


def transition(*steps, **changes):
    ladder = {
        "duty": "monitoring",
        "steps": [{"phase": phase, "starts": day, **more} for phase, day, more in steps],
    }
    return {"transition": {"partner_team": "helpers", "ladders": [ladder], **changes}}


TEAMS = people_but("bo-li")
WITH_PARTNER = {
    **TEAMS,
    "teams": [*TEAMS["teams"], {"id": "helpers", "name": "Helpers", "kind": "partner"}],
}
FORWARD = (("partner_led", "2013-03-01", {}), ("shared", "2013-06-01", {}))
BACK = (*FORWARD, ("partner_led", "2013-07-01", {}))


@pytest.mark.parametrize("person", ["bo-li", "fay-product"])
def test_trn_02_is_unknown_when_a_partner_holds_a_turn_or_a_duty_and_no_way_is_planned(person):
    finding = judged("TRN-02", people=people_but(person, employer="partner"))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert finding.message.startswith(f"{person} of a partner hold duties or turns")


@pytest.mark.parametrize(
    "areas",
    [
        {"ownership": {"deputy": "hal-help"}},
        {"ownership": {"lifecycle_owner": "hal-help"}},
        {"ownership": {"domains": {**AREAS["ownership"]["domains"], "cost": "hal-help"}}},
        {"ownership": {"seams": [
            {"from_team": "data-team", "to_team": "model-team", "owner": "hal-help"}
        ]}},
        {"identity": {"care": {"monitoring": {"every_days": "7", "owner": "hal-help"}}}},
        {"rollback": {"author": "hal-help"}},
        {"on_call": {"escalation": [{"target": "hal-help", "ack_within_minutes": "5"}]}},
    ],
)  # fmt: skip
@pytest.mark.parametrize("check_id", ["TRN-02", "TRN-04"])
def test_a_partner_who_answers_for_a_part_of_it_is_one_to_pass_it_on(check_id, areas):
    everybody = people_but("bo-li")
    helper = {**everybody["people"][0], "id": "hal-help", "employer": "partner"}
    people = {**everybody, "people": [*everybody["people"], helper]}

    finding = judged(check_id, people=people, **areas)

    assert finding.reason == "missing"
    assert finding.message.startswith("hal-help of a partner")


def test_trn_02_does_not_arise_where_a_partner_holds_neither():
    people = people_but("flo-risk", employer="partner")

    assert judged("TRN-02", people=people).status == "not_applicable"


def test_trn_02_fails_for_a_ladder_that_has_not_begun():
    later = transition(("shared", "2099-01-01", {}), ("own_led", "2099-02-01", {}))

    finding = judged("TRN-02", people=WITH_PARTNER, ownership=later)

    assert finding.status == "failed"
    assert finding.message == "monitoring: the first step begins only on 2099-01-01"


@pytest.mark.parametrize(
    ("begun", "moved", "status"),
    [
        ("2013-01-20", "2099-01-01", "failed"),
        ("2013-01-21", "2099-01-01", "passed"),
        ("2012-07-01", "2013-01-20", "failed"),
        ("2012-07-01", "2013-01-21", "passed"),
    ],
)
def test_trn_02_fails_when_nothing_passed_on_for_half_a_year(begun, moved, status):
    # 183 days before 22 July is 20 January.
    steps = transition(("partner_led", begun, {}), ("shared", moved, {}))

    finding = judged("TRN-02", people=WITH_PARTNER, ownership=steps)

    assert finding.status == status
    assert (
        "0 of 1 duties are led by our own people, and none has passed on since 2013-01-20"
        in finding.message
    ) == (status == "failed")


def test_trn_02_passes_for_a_way_that_was_gone_to_its_end_long_ago():
    done = transition(("shared", "2012-01-01", {}), ("own_led", "2012-06-01", {}))

    assert judged("TRN-02", people=WITH_PARTNER, ownership=done).status == "passed"


def test_trn_02_fails_for_a_step_back_that_one_word_explains():
    finding = judged(
        "TRN-02", people=WITH_PARTNER, ownership=transition(*BACK, exception="agreed")
    )

    assert finding.message == "exception explains nothing: it has 1 word; expected at least 4"


def test_trn_02_passes_on_the_way_forward():
    finding = judged("TRN-02", people=WITH_PARTNER, ownership=transition(*FORWARD))

    assert finding.message == "0 of 1 duties led by our own people"


def test_trn_02_fails_for_a_step_back_without_a_reason():
    finding = judged("TRN-02", people=WITH_PARTNER, ownership=transition(*BACK))

    assert finding.status == "failed"
    assert "monitoring went back from shared to partner_led on 2013-07-01" in finding.message


def test_trn_02_passes_with_a_step_back_that_is_explained_or_long_ago():
    explained = transition(*BACK, exception="two of three left in June")
    long_ago = transition(
        ("shared", "2013-01-01", {}),
        ("partner_led", "2013-02-01", {}),
        ("shared", "2013-06-01", {}),
    )

    assert "two of three" in judged("TRN-02", people=WITH_PARTNER, ownership=explained).message
    assert judged("TRN-02", people=WITH_PARTNER, ownership=long_ago).status == "passed"


def test_trn_02_fails_for_a_step_whose_condition_is_not_met():
    plan = transition(*FORWARD[:1], ("shared", "2013-06-01", {"exit_criteria": ["OWN-08"]}))
    plan["duties"] = {}

    finding = judged("TRN-02", people=WITH_PARTNER, ownership=plan)

    assert "monitoring is shared since 2013-06-01, and OWN-08 had to pass first" in finding.message


def test_trn_02_fails_for_a_partner_that_is_none_and_a_review_without_a_decision():
    plan = transition(*FORWARD, reviews=[{"due": "2013-07-01"}], partner_team="data-team")

    finding = judged("TRN-02", people=WITH_PARTNER, ownership=plan)

    assert finding.message == (
        "partner_team: data-team is a data team; expected a partner; the partnership's review of "
        "2013-07-01 has no decision"
    )


def test_trn_03_passes_with_two_people_for_each_skill():
    assert "ml: bo-li, cy-data" in judged("TRN-03").message


def test_trn_03_passes_until_a_skill_is_left_to_one_person():
    """Business operations are known by two, of whom one leaves; machine learning by two too."""
    people = people_but("ed-fin", active_to="2013-08-31")

    assert judged("TRN-03", people=people).valid_until == datetime(2013, 9, 1, tzinfo=UTC)


def test_trn_03_fails_when_one_person_alone_knows_security():
    finding = judged("TRN-03", people=people_but("bo-li", skills=["ml", "systems"]))

    assert finding.status == "failed"
    assert "security: ana-ruiz;" in finding.message


def test_trn_03_fails_when_one_of_two_has_left():
    finding = judged("TRN-03", people=people_but("cy-data", active_to="2013-07-01"))

    assert "ml: bo-li;" in finding.message
