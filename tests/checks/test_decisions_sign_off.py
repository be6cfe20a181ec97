from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ops_model.check.judge import judge
from ops_model.check.sign_off import policy_digest
from ops_model.domain.detection_served import ProviderIdentity
from ops_model.domain.evidence import Measured
from ops_model.domain.frameworks import Framework, Register, StatusChange
from ops_model.domain.policy import Policy
from ops_model.domain.sign_off import PackSeat
from ops_model.domain.values import digest_of
from tests.builders import (
    AREAS,
    AS_OF,
    a_drift,
    a_model,
    a_rollback_drill,
    a_statement,
    a_system,
    all_records,
    an_attestation,
    an_evidence,
    people_but,
)
from tests.checks.judged import judged, shipped_catalogue
from tests.shown_model import FROZEN, a_pack, a_sign_off, an_assessment, signed_anew

REVIEW = AREAS["decisions"]["review"]
VERSION = AREAS["identity"]["version"]
OLDER = AREAS["identity"]["other_versions"]
LATER = AS_OF - timedelta(days=2)
CONDITION = {"id": "two-drills", "text": "drill twice", "owner": "ana-ruiz", "due": "2013-08-01"}


def given(system, seat, **changes):
    """A pack with these changes, as far as it freezes them, and the sign-off of a seat on it."""
    frozen = {name: changes.pop(name) for name in FROZEN if name in changes}
    day = min(AS_OF - timedelta(days=10), changes.get("as_of", AS_OF))
    pack = a_pack(system, as_of=day, **frozen)
    return pack, a_sign_off(system, seat, pack=pack, **changes)


def signed(*, seat="product", **changes):
    """All records, the sign-off of one seat given with these changes, on a pack that has them."""

    def records(system):
        kept = [r for r in all_records(system) if getattr(r, "seat", "") != seat]
        return (*kept, *given(system, seat, **changes))

    return records


def also(*build):
    """All records, and these after them."""
    return lambda system: (*all_records(system), *(b(system) for b in build))


def word(seat="product", **changes):
    return lambda system: a_sign_off(system, seat, **changes)


def seating(system, seat, person):
    """A pack in which somebody has a seat, beside or instead of who had it."""
    pack = a_pack(system)
    function = next(held.function for held in pack.seats if held.seat == seat)
    held = PackSeat(seat=seat, person=person, function=function)
    return pack.model_copy(update={"seats": (*pack.seats, held)})


def of_another(seat, person, **changes):
    """What somebody decided who has the seat in a pack of their own."""

    def records(system):
        pack = seating(system, seat, person)
        return pack, a_sign_off(system, seat, pack=pack, person=person, **changes)

    return records


def without_sign_offs(system):
    return tuple(r for r in all_records(system) if r.kind != "sign_off")


def test_rev_05_passes_while_all_three_seats_stand_by_the_version_as_it_is():
    finding = judged("REV-05")

    assert finding.message == (
        "product: fay-product approved on 2013-07-13; reliability: bo-li approved on 2013-07-13; "
        "compliance: di-legal approved on 2013-07-13"
    )
    # At tier B a sign-off counts for 180 days, and these end by their own word after 100.
    assert finding.valid_until == AS_OF + timedelta(days=100)


def test_rev_05_passes_for_an_approval_with_conditions_that_are_not_due_yet():
    finding = judged(
        "REV-05",
        records=signed(decision="approve_with_conditions"),
        decisions={"review": {**REVIEW, "conditions": [CONDITION]}},
    )

    assert "fay-product approved with conditions" in finding.message
    # The condition is due by the end of the first of August.
    assert finding.valid_until == datetime(2013, 8, 2, tzinfo=UTC)


def test_rev_05_is_unknown_for_an_approval_with_conditions_that_stand_nowhere():
    """Never written or met by now: either way the seat has not approved what there is."""
    finding = judged("REV-05", records=signed(decision="approve_with_conditions"))

    assert finding.reason == "missing"
    assert finding.message == (
        "product: fay-product on 2013-07-13 approved with conditions, and decisions.yaml holds "
        "none"
    )
    assert "the owner writes the conditions under `review` in decisions.yaml" in finding.remedy
    anew = also(word(as_of=LATER))
    conditional = signed(decision="approve_with_conditions")
    assert judged(
        "REV-05", records=lambda s: (*conditional(s), a_sign_off(s, as_of=LATER))
    ).status == "passed"  # fmt: skip
    assert judged("REV-05", records=anew).status == "passed"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rests_on": ()}, "it names no statement that it rests on"),
        ({"assessment": "sha256:" + "d" * 64}, "the assessment that was signed is not on record"),
        (
            {"as_of": datetime(2013, 2, 10, tzinfo=UTC), "expires": AS_OF + timedelta(days=9)},
            "it was signed before the review was opened on 2013-02-11",
        ),
    ],
)
def test_rev_05_fails_for_a_sign_off_that_nobody_can_have_looked_for(changes, why):
    finding = judged("REV-05", records=signed(**changes))

    assert finding.status == "failed"
    assert why in finding.message


def test_rev_05_fails_where_it_is_not_written_when_the_review_was_opened():
    finding = judged("REV-05", decisions={"review": {**REVIEW, "opened_at": None}})

    assert "when the review was opened is not written" in finding.message
    assert "`opened_at` under `review` in decisions.yaml" in finding.remedy


def test_rev_05_fails_for_an_assessment_that_came_after_the_sign_off():
    def records(system):
        later = an_assessment(system, verdict="DEMO ONLY").model_copy(update={"as_of": LATER})
        return (*signed(assessment=digest_of(later))(system), later)

    assert "is not on record" in judged("REV-05", records=records).message


def test_rev_05_passes_no_longer_than_the_signer_works_here():
    people = people_but("fay-product", active_to="2013-07-31")

    assert judged("REV-05", people=people).valid_until == datetime(2013, 8, 1, tzinfo=UTC)


def test_rev_05_is_unknown_until_every_seat_has_signed():
    finding = judged("REV-05", records=without_sign_offs)

    assert finding.reason == "missing"
    assert finding.message == "product, reliability, compliance: no sign-off is on record"
    assert "`ops-model review flight-delay`" in finding.remedy
    assert "`--as reliability` or `--as compliance` there" in finding.remedy


def test_rev_05_is_unknown_where_nobody_is_seated():
    finding = judged("REV-05", decisions={"review": {**REVIEW, "seats": []}})

    assert finding.reason == "missing"
    assert "`review` in decisions.yaml" in finding.remedy


@pytest.mark.parametrize(
    ("changes", "tier", "said"),
    [
        ({"expires": AS_OF}, "B", "ended on 2013-07-22"),
        # 90 days at tier A and 180 at tier B, whatever the record says of its own end.
        ({"as_of": AS_OF - timedelta(days=91)}, "A", "ended on 2013-07-21"),
        ({"as_of": AS_OF - timedelta(days=181)}, "B", "ended on 2013-07-21"),
    ],
)
def test_rev_05_is_unknown_once_a_sign_off_has_ended(changes, tier, said):
    at = changes.get("as_of", AS_OF - timedelta(days=10))
    seen = an_assessment(a_system(tier=tier)).model_copy(update={"as_of": at})
    opened = {"review": {**REVIEW, "opened_at": "2013-01-01T00:00:00Z"}}
    shown = {"assessment": digest_of(seen)}

    finding = judged(
        "REV-05",
        tier=tier,
        decisions=opened,
        records=lambda s: (*signed(**changes, **shown)(s), seen),
    )

    assert finding.reason == "expired"
    assert said in finding.message


def test_rev_05_fails_for_a_seat_that_said_no():
    finding = judged("REV-05", records=signed(seat="reliability", decision="no_go"))

    assert finding.status == "failed"
    assert "reliability: bo-li on 2013-07-13 said no" in finding.message


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            ["A drill under ten minutes.", "A deputy is named."],
            "what would change the refusal of reliability: A drill under ten minutes; A deputy is "
            "named; whoever has the seat of reliability reads",
        ),
        (
            [],
            "the owner asks reliability what would change the refusal, and writes it as "
            "`would_change` under `review` in decisions.yaml",
        ),
    ],
)
def test_the_remedy_of_a_refusal_says_what_would_change_it(written, said):
    finding = judged(
        "REV-05",
        records=signed(seat="reliability", decision="no_go"),
        decisions={"review": {**REVIEW, "would_change": written}},
    )

    assert said in finding.remedy


def test_the_remedy_of_what_nobody_refused_names_nothing_that_would_change_a_refusal():
    finding = judged("REV-05", records=signed(decision="abstain"))

    assert "refusal" not in finding.remedy


def test_rev_05_fails_for_an_abstention_where_nobody_else_decided():
    finding = judged("REV-05", records=signed(decision="abstain"))

    assert "fay-product on 2013-07-13 did not approve" in finding.message


def test_rev_05_is_unknown_for_a_sign_off_that_its_signer_did_not_give():
    """A record that names somebody is not theirs unless the ledger has it from them."""
    system = a_system()
    statements = [a_statement(r, n) for n, r in enumerate(all_records(system), start=1)]
    forged = [
        s.model_copy(update={"actor": "person:cy-data"})
        if getattr(s.record, "seat", "") == "product"
        else s
        for s in statements
    ]

    found = judge(shipped_catalogue(), a_model(system), system, an_evidence(*forged), as_of=AS_OF)
    finding = next(f for f in found if f.check == "REV-05")

    assert finding.reason == "missing"
    assert finding.message == "product: no sign-off is on record"


def test_rev_05_takes_the_last_word_of_a_person():
    assert judged("REV-05", records=also(word(decision="no_go", as_of=LATER))).status == "failed"
    assert judged(
        "REV-05", records=lambda s: (*signed(decision="no_go")(s), a_sign_off(s, as_of=LATER))
    ).status == "passed"  # fmt: skip


def test_a_refusal_does_not_go_away_with_the_person_who_gave_it():
    """Whoever takes the seat has to decide anew; to name another is no decision."""
    other = [
        {**seat, "person": "gus-desk"} if seat["seat"] == "product" else seat
        for seat in REVIEW["seats"]
    ]
    people = people_but("fay-product")
    gus = {**people["people"][3], "id": "gus-desk", "name": "Gus Desk"}
    people = {**people, "people": [*people["people"], gus]}
    areas = {"decisions": {"review": {**REVIEW, "seats": other}}, "people": people}

    refused = judged("REV-05", records=signed(decision="no_go"), **areas)
    decided = judged(
        "REV-05",
        records=lambda s: (*signed(decision="no_go")(s),
                           *of_another("product", "gus-desk", as_of=LATER)(s)),
        **areas,
    )  # fmt: skip
    never = judged("REV-05", **areas)

    assert "product: fay-product on 2013-07-13 said no" in refused.message
    assert decided.status == "passed"
    assert never.reason == "missing"
    assert "that of fay-product on 2013-07-13 does not count without the seat" in never.message


def test_rev_05_fails_for_another_version_and_names_the_member_that_differs():
    # v2 was signed, with other data; what it was stands under `other_versions` now.
    then = {**VERSION, "label": "v2-may"}
    now = {**VERSION, "data_snapshot_digest": "sha256:" + "9" * 64}
    old = a_system(identity={"version": then}).identity.version.digest()

    finding = judged(
        "REV-05",
        identity={"version": now, "other_versions": [*OLDER, then]},
        records=signed(version=old),
    )

    assert finding.status == "failed"
    assert "product: v2-may was signed, and v2 differs in data" in finding.message


def test_rev_05_fails_for_a_version_that_nobody_describes_any_more():
    finding = judged("REV-05", records=signed(version="sha256:" + "0" * 64))

    assert finding.message == (
        "product: what was signed is not v2, and system.yaml does not describe it"
    )


def test_rev_05_fails_when_the_policy_of_this_system_is_another():
    policy = {"thresholds": {"RBK-02": {"max_age_days": 30}}}

    assert "policy.yaml says of flight-delay what it did not say on 2013-07-12" in (
        judged("REV-05", policy=policy).message
    )


A_WAIVER = {
    "check_id": "CST-08",
    "system": "flight-delay",
    "reason": "agreed in June",
    "compensating_control": "a weekly look at the bill",
    "accepted_by": "flo-risk",
    "starts": "2013-07-01",
    "expires": "2013-07-20",
}


def under(*waivers):
    """Every seat signed under a policy with these waivers, which it still has."""
    policy = {"waivers": list(waivers)}
    digest = policy_digest(Policy.model_validate(policy), "flight-delay")

    return {
        "policy": policy,
        "records": lambda system: signed_anew(system, all_records(system), policy=digest),
    }


def test_rev_05_fails_when_a_waiver_that_it_was_given_under_has_ended():
    finding = judged("REV-05", **under(A_WAIVER))

    assert "the waiver of CST-08 in force then ended on 2013-07-20" in finding.message


def test_rev_05_passes_until_such_a_waiver_ends():
    finding = judged("REV-05", **under({**A_WAIVER, "expires": "2013-08-20"}))

    # It counts up to the end of the day before, in the workbook's zone.
    assert finding.status == "passed"
    assert finding.valid_until.isoformat() == "2013-08-20T00:00:00+00:00"


def test_what_is_waived_for_another_system_voids_nothing_here():
    before = Policy()
    elsewhere = Policy.model_validate({"waivers": [{**A_WAIVER, "system": "shelf-ranker"}]})
    here = Policy.model_validate({"waivers": [A_WAIVER]})

    assert policy_digest(elsewhere, "flight-delay") == policy_digest(before, "flight-delay")
    assert policy_digest(here, "flight-delay") != policy_digest(before, "flight-delay")


ANNOUNCED = StatusChange(on="2013-01-01", status="announced", certainty="sure")
IN_FORCE = StatusChange(on="2013-07-20", status="in_force", certainty="sure")
OF_OLD = StatusChange(on="2012-01-01", status="in_force", certainty="sure")


def an_act(*changes):
    return Framework(
        key="delay-act-2013",
        title="An act on delays",
        changes=changes,
        binding=True,
        reviewed_by="di-legal",
        reviewed_on="2013-07-01",
        source="the gazette",
    )


def signed_by_the_frameworks_of(then, now):
    """What REV-05 says by one act, where the pack was frozen on 12 July by another text of it."""
    system = a_system()
    day = (AS_OF - timedelta(days=10)).date()
    frameworks = Register(frameworks=(then,)).digest_on(day, system)
    shown = signed_anew(system, all_records(system), frameworks=frameworks)
    catalogue = replace(shipped_catalogue(), register=Register(frameworks=(now,)))

    found = judge(catalogue, a_model(system), system, an_evidence(*shown), as_of=AS_OF)
    return next(f for f in found if f.check == "REV-05")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((ANNOUNCED, IN_FORCE), "delay-act-2013 from announced to in_force"),
        (
            (OF_OLD, IN_FORCE.model_copy(update={"articles": "Art 5"})),
            "Art 5 of delay-act-2013 from announced to in_force",
        ),
    ],
)
def test_rev_05_names_the_framework_or_its_part_that_came_into_force_since(changes, said):
    """In force since 20 July; when the pack was frozen, on 12 July, it was announced."""
    act = an_act(*changes)

    finding = signed_by_the_frameworks_of(act, act)

    assert finding.status == "failed"
    assert f"the frameworks changed since 2013-07-12: {said}" in finding.message
    assert "another set of them" not in finding.message


def test_rev_05_says_where_other_frameworks_may_speak_to_the_system_than_then():
    here = an_act(OF_OLD)

    finding = signed_by_the_frameworks_of(here.model_copy(update={"key": "other-act"}), here)

    assert "since 2013-07-12: another set of them may speak to the system" in finding.message


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (people_but("fay-product", active_to="2013-07-20"), "fay-product left on 2013-07-20"),
        (people_but("fay-product", function="finance"), "fay-product works in finance"),
        (people_but("fay-product", team="model-team"), "fay-product is among those who built it"),
    ],
)
def test_rev_05_fails_for_a_signer_who_may_not_sit_there_any_more(people, said):
    finding = judged("REV-05", people=people)

    assert finding.status == "failed"
    assert said in finding.message


def test_rev_05_fails_for_one_person_in_two_seats():
    seats = [{**seat, "person": "fay-product"} for seat in REVIEW["seats"][:2]]
    seats.append(REVIEW["seats"][2])
    finding = judged(
        "REV-05",
        decisions={"review": {**REVIEW, "seats": seats}},
        people=people_but("fay-product", function="product"),
        records=lambda s: (*all_records(s), *of_another("reliability", "fay-product")(s)),
    )

    assert finding.status == "failed"
    assert "reliability: fay-product" in finding.message


def test_rev_05_fails_when_a_drill_that_it_rests_on_was_repeated_and_failed():
    def failed_since(system):
        return a_rollback_drill(system, passed=False, as_of=LATER)

    finding = judged("REV-05", records=also(failed_since))

    assert "is worse than the one that it rests on" in finding.message


def test_new_passing_evidence_voids_nothing():
    finding = judged("REV-05", records=also(lambda s: a_rollback_drill(s, as_of=LATER)))

    assert finding.status == "passed"


def test_rev_05_fails_when_drift_appears_where_there_was_none():
    def records(system):
        before = a_drift(system, as_of=AS_OF - timedelta(days=10))
        (column,) = before.columns
        moved = column.model_copy(update={"drifted": True, "reason": "moved"})
        kept = [r for r in signed(rests_on=(digest_of(before),))(system) if r.kind != "drift"]
        return (*kept, before, a_drift(system, as_of=LATER, columns=(moved,)))

    assert "the drift at ledger:" in judged("REV-05", records=records).message


def test_rev_05_fails_when_what_it_rests_on_is_not_on_record():
    finding = judged("REV-05", records=signed(rests_on=("sha256:" + "7" * 64,)))

    assert "what it rests on is not on record: sha256:777777777777..." in finding.message


def test_rev_05_fails_when_a_word_that_it_rests_on_has_ended_and_was_not_renewed():
    def told(system, **changes):
        return an_attestation(
            system, topic="decisions", text="We decided so.", expires=LATER, **changes
        )

    def records(system, *more):
        return (*signed(rests_on=(digest_of(told(system)),))(system), told(system), *more)

    def renewed(system):
        later = told(system, as_of=LATER).model_copy(update={"expires": AS_OF + timedelta(days=9)})
        return records(system, later)

    assert "ended on 2013-07-20" in judged("REV-05", records=records).message
    assert judged("REV-05", records=renewed).status == "passed"


def test_rev_05_fails_when_another_model_answers_since():
    def swapped(system):
        return ProviderIdentity(
            system=system.id, as_of=LATER, dependency="weather-feed", pinned="m-1",
            seen=(), changed=True, canary=Measured(value=0.2, unit="share", n=50),
        )  # fmt: skip

    assert "weather-feed answers with another model by ledger:" in (
        judged("REV-05", records=also(swapped)).message
    )


AN_INCIDENT = {
    "id": "storm",
    "title": "Wrong in a storm",
    "severity": "sev1",
    "state": "contained",
    "detected_by": "staff",
    "detected_at": "2013-07-21T08:00:00Z",
}


def test_rev_05_fails_while_an_incident_of_the_worst_kind_is_open():
    finding = judged("REV-05", incidents=[AN_INCIDENT])

    assert finding.message == "incident storm (sev1) is open"
    assert judged("REV-05", incidents=[{**AN_INCIDENT, "severity": "sev2"}]).status == "passed"


def test_rev_05_fails_for_a_condition_that_was_due():
    late = {"id": "tell-desks", "text": "tell them", "owner": "bo-li", "due": "2013-07-20"}

    finding = judged("REV-05", decisions={"review": {**REVIEW, "conditions": [late]}})

    assert "condition tell-desks was due on 2013-07-20 and still stands" in finding.message


def test_two_people_in_a_seat_need_one_approval_and_no_refusal():
    second = {**REVIEW["seats"][2], "person": "hal-legal"}
    people = people_but("di-legal")
    hal = {**people["people"][4], "id": "hal-legal", "name": "Hal Legal", "function": "legal"}
    areas = {
        "decisions": {"review": {**REVIEW, "seats": [*REVIEW["seats"], second]}},
        "people": {**people, "people": [*people["people"], hal]},
    }
    no = of_another("compliance", "hal-legal", decision="no_go")

    assert judged("REV-05", **areas).status == "passed"
    refused = judged("REV-05", records=lambda s: (*all_records(s), *no(s)), **areas)
    assert "hal-legal on 2013-07-13 said no" in refused.message
