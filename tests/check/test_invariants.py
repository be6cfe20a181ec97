"""What must hold for any checks, evidence, waivers and instants."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.check.api import FIVE_QUESTIONS
from ops_model.check.verdict import assess
from tests.builders import (
    AREAS,
    AS_OF,
    PEOPLE,
    a_model,
    a_rollback_drill,
    a_system,
    all_records,
    an_attestation,
    an_evidence,
)
from tests.check.making import (
    a_catalogue,
    crashing,
    failing,
    not_known,
    observed,
    what_a_run_saw,
)
from tests.checks.judged import shipped_catalogue

ORDER = ["READY", "CONDITIONAL", "NOT READY", "DEMO ONLY"]
MAKERS = [observed, failing, not_known, crashing]
FIVE = [check for _, checks in FIVE_QUESTIONS for check in checks]
# What each check answers, as a position in MAKERS: mostly passes, so that every verdict occurs.
kinds = st.sampled_from([0] * 12 + [1, 2, 3])
SYSTEM = a_system(tier="C")
SEEN = what_a_run_saw(SYSTEM)


def catalogue(five, others):
    named = [*zip(FIVE, five, strict=True), *((f"ACME-{n:02}", k) for n, k in enumerate(others))]
    return [MAKERS[kind](check_id) for check_id, kind in named]


def verdict(checks, waived=(), as_of=AS_OF):
    loaded = {c.id for c in checks}
    waivers = [
        {
            "check_id": check_id,
            "system": SYSTEM.id,
            "reason": "agreed",
            "compensating_control": "weekly look",
            "accepted_by": "flo-risk",
            "starts": "2013-07-01",
            "expires": "2013-08-01",
        }
        for check_id in waived
        if check_id in loaded
    ]
    model = a_model(SYSTEM, policy={"waivers": waivers})
    return assess(a_catalogue(*checks), model, SYSTEM, SEEN, as_of=as_of, ledger_size=0)


five = st.lists(kinds, min_size=len(FIVE), max_size=len(FIVE))
others = st.lists(kinds, max_size=4)
waived = st.sets(st.sampled_from([*FIVE, "ACME-00", "ACME-01", "ACME-02", "ACME-03"]))


@given(five, others, waived, st.sampled_from([1, 2, 3]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_adding_a_check_that_blocks_never_improves_a_verdict(five, others, waived, kind, waive):
    before = catalogue(five, others)
    added = MAKERS[kind]("ACME-99")
    waivers = {*waived, "ACME-99"} if waive else waived

    one = verdict(before, waived)
    other = verdict([*before, added], waivers)

    assert ORDER.index(other.verdict) >= ORDER.index(one.verdict)
    assert ORDER.index(other.verdict_without_waivers) >= ORDER.index(one.verdict_without_waivers)


@given(five, others, waived)
@settings(max_examples=60, deadline=None)
def test_a_waiver_never_makes_a_verdict_worse_and_never_makes_it_ready(five, others, waived):
    checks = catalogue(five, others)

    with_waivers = verdict(checks, waived)
    without = verdict(checks)

    assert ORDER.index(with_waivers.verdict) <= ORDER.index(without.verdict)
    assert with_waivers.verdict_without_waivers == without.verdict
    assert (with_waivers.verdict == "READY") == (without.verdict == "READY")


@given(five, others, waived, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_checks_changes_nothing(five, others, waived, random):
    checks = catalogue(five, others)
    turned = random.sample(checks, len(checks))

    one, other = verdict(checks, waived), verdict(turned, waived)

    assert one.verdict == other.verdict
    assert [(f.check, f.status) for f in one.findings] == [
        (f.check, f.status) for f in other.findings
    ]


@given(five, others, waived, st.integers(0, 400), st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_an_expired_waiver_stays_expired(five, others, waived, first, more):
    expiry = AS_OF.replace(month=8, day=1, hour=0)
    checks = catalogue(five, others)

    later = verdict(checks, waived, as_of=expiry + timedelta(hours=first + more))

    assert not any(f.waived for f in later.findings)
    assert later.verdict == later.verdict_without_waivers


def shipped(evidence, as_of, system=None, *others, people=None):
    system = system or a_system()
    model = a_model(system, *others, people=people)
    return assess(shipped_catalogue(), model, system, evidence, as_of=as_of, ledger_size=0)


def passing_ids(assessment):
    return {f.check for f in assessment.findings if f.status == "passed"}


@given(st.integers(0, 120), st.integers(0, 120))
@settings(max_examples=30, deadline=None)
def test_moving_the_instant_forward_never_revives_evidence(first, more):
    """Once everything is on record, time alone takes passes away and gives none back."""
    system = a_system()
    evidence = an_evidence(*all_records(system))

    sooner = shipped(evidence, AS_OF + timedelta(days=first))
    later = shipped(evidence, AS_OF + timedelta(days=first + more))

    assert passing_ids(later) <= passing_ids(sooner)
    assert ORDER.index(later.verdict) >= ORDER.index(sooner.verdict)


LOOKS_AHEAD = {"INC-01"}
"""It walks the next Saturday night, so that it fails up to a week before a drill that it cites is
too old; when that is, RBK-02 says, which bounds every verdict."""


@given(st.integers(1, 2000))
@settings(max_examples=30, deadline=None)
def test_a_pass_holds_until_the_instant_that_it_names_and_not_beyond(hours):
    evidence = an_evidence(*all_records(a_system()))
    now = shipped(evidence, AS_OF)
    then = AS_OF + timedelta(hours=hours)

    later = shipped(evidence, then)

    ended = {f.check for f in now.findings if f.valid_until and f.valid_until < then}
    lasting = {
        f.check for f in now.findings
        if f.status == "passed" and not (f.valid_until and f.valid_until <= then)
    }  # fmt: skip
    assert not ended & passing_ids(later)
    assert lasting - LOOKS_AHEAD <= passing_ids(later)


LAST_DAYS = {
    "ana-ruiz": "2013-09-20",
    "bo-li": "2013-09-01",
    "cy-data": "2013-08-04",
    "di-legal": "2013-08-25",
    "ed-fin": "2013-08-11",
    "fay-product": "2013-08-18",
    "flo-risk": "2013-07-31",
}


def hurried():
    """A system in order whose people leave one by one, with a condition and decisions due soon."""
    decisions, change = AREAS["decisions"], AREAS["change"]
    condition = {"id": "desk", "text": "tell it", "owner": "gus-desk", "due": "2013-08-09"}
    review = {
        **decisions["review"],
        "opened_at": "2013-07-12T08:00:00Z",
        "conditions": [condition],
    }
    system = a_system(
        decisions={"review": review},
        change={"candidates": [{**change["candidates"][0], "decide_by": "2013-08-14"}]},
    )
    people = [{**p, "active_to": LAST_DAYS[p["id"]]} for p in PEOPLE["people"]]
    gus = {**PEOPLE["people"][3], "id": "gus-desk", "name": "Gus Desk", "active_to": "2013-08-07"}
    return system, {**PEOPLE, "people": [*people, gus]}


@given(st.integers(1, 2000), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_a_pass_holds_until_it_says_though_people_leave_and_conditions_fall_due(hours, start):
    system, people = hurried()
    evidence = an_evidence(*all_records(system))
    since = AS_OF + timedelta(hours=start)
    then = since + timedelta(hours=hours)

    now = shipped(evidence, since, system, people=people)
    later = shipped(evidence, then, system, people=people)

    lasting = {
        f.check
        for f in now.findings
        if f.status == "passed" and not (f.valid_until and f.valid_until <= then)
    }
    assert lasting - LOOKS_AHEAD <= passing_ids(later)
    if now.valid_until is None or then < now.valid_until:
        assert later.verdict == now.verdict


def test_the_hurried_system_is_conditional_while_everybody_is_there():
    system, people = hurried()

    now = shipped(an_evidence(*all_records(system)), AS_OF, system, people=people)

    assert (now.verdict, now.open_conditions) == ("CONDITIONAL", ("desk",))
    # The operations budget and the retraining are in the hands of those who leave first.
    assert now.valid_until <= AS_OF + timedelta(days=14)


@given(st.permutations(range(len(all_records(SYSTEM)))))
@settings(max_examples=20, deadline=None)
def test_the_order_of_evidence_changes_nothing(order):
    evidence = an_evidence(*all_records(a_system()))
    turned = replace(evidence, statements=tuple(evidence.statements[i] for i in order))

    assert shipped(turned, AS_OF) == shipped(evidence, AS_OF)


def test_one_system_s_verdict_depends_on_no_other_and_on_no_order():
    mine, bad, worse = (
        a_system(),
        a_system("bad", ownership=None),
        a_system("worse", rollback=None),
    )
    evidence = an_evidence(*all_records(mine), *all_records(bad), *all_records(worse))
    alone = shipped(an_evidence(*all_records(mine)), AS_OF, mine)

    for others in permutations([bad, worse]):
        assert shipped(evidence, AS_OF, mine, *others).findings == alone.findings


def test_a_later_bad_drill_takes_the_place_of_an_earlier_good_one():
    system = a_system()
    bad = a_rollback_drill(system, as_of=AS_OF, healthy=False, passed=False)

    assessment = shipped(an_evidence(*all_records(system), bad), AS_OF)

    assert assessment.verdict == "DEMO ONLY"


@given(st.sets(st.integers(0, len(all_records(SYSTEM)) - 1)))
@settings(max_examples=40, deadline=None)
def test_less_evidence_never_gives_more_passes(gone):
    system = a_system()
    records = all_records(system)
    fewer = tuple(r for i, r in enumerate(records) if i not in gone)

    less, more = shipped(an_evidence(*fewer), AS_OF), shipped(an_evidence(*records), AS_OF)

    # Without a run, EVD-01 has nothing to compare; without its number, EVD-06 judges the others.
    assert passing_ids(less) <= passing_ids(more)
    assert ORDER.index(less.verdict) >= ORDER.index(more.verdict)


def test_an_attestation_of_the_future_counts_for_nothing_today():
    system = a_system()
    records = tuple(r for r in all_records(system) if r.kind != "attestation")
    future = an_attestation(system, as_of=AS_OF + timedelta(days=1))

    assert "OWN-01" not in passing_ids(shipped(an_evidence(*records, future), AS_OF))
