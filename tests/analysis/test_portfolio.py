"""All systems together: classes by rule, debt that ages, waits, shared gaps, money, the gate."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ops_model.analysis.portfolio import Seen, measure_portfolio
from ops_model.domain.assessment import Assessment, Finding, FiveQuestion
from ops_model.domain.evidence import Grade, Statement
from ops_model.domain.portfolio import Portfolio
from ops_model.domain.sign_off import SignOff
from ops_model.domain.values import digest_of
from tests.builders import AS_OF, a_model, a_system

UTC_ZONE = ZoneInfo("UTC")
AREAS = {"RBK": "rollback", "REV": "decisions", "OM": "model", "CST": "cost", "PRT": "portfolio"}
IN_ORDER = ("OM-01", "REV-05", "RBK-02")


def a_finding(check, status, remedy="the owner mends it", **changes):
    reason = "missing" if status == "unknown" else None
    given = {
        "check": check, "slug": "s", "revision": 1, "area": AREAS[check.split("-")[0]],
        "question": f"Does {check} hold?", "status": status, "reason": reason,
        "grade": Grade.OBSERVED, "minimum_grade": Grade.DECLARED, "message": "said",
        "remedy": "" if status == "passed" else remedy,
    }  # fmt: skip
    return Finding(**{**given, **changes})


def an_assessment(system, *open_checks, as_of=AS_OF, answered=5, verdict=None, remedies=None):
    """A verdict in which these checks are open and the other known ones passed."""
    remedies = remedies or {}
    findings = [a_finding(c, "passed") for c in IN_ORDER if c not in open_checks]
    findings += [a_finding(c, "failed", remedies.get(c, "mend it")) for c in open_checks]
    questions = [
        FiveQuestion(question=f"Q{n}?", answered=n < answered, answer="so") for n in range(5)
    ]
    blocked = any(f.blocks for f in findings)
    said = verdict or ("NOT READY" if blocked else "READY")
    return Assessment(
        system=system, as_of=as_of, verdict=said, verdict_without_waivers=said, areas={},
        five_questions=tuple(questions), findings=tuple(findings), policy="sha256:" + "a" * 64,
        ledger_size=0,
    )  # fmt: skip


def a_statement(record, seq=0):
    return Statement(
        seq=seq, id=f"s{seq}", subject=record.system, as_of=record.as_of,
        recorded_at=record.as_of, digest=digest_of(record), actor="runner", record=record,
    )  # fmt: skip


def named(system_id, **areas):
    return a_system(**areas).model_copy(update={"id": system_id})


def seen(system_id="flight-delay", *open_checks, past=(), records=(), claims=None, **assessed):
    claims = claims if claims is not None else named(system_id)
    statements = [
        a_statement(an_assessment(system_id, *checks, as_of=at), seq)
        for seq, (at, checks) in enumerate(past)
    ]
    statements += [a_statement(record, 100 + n) for n, record in enumerate(records)]
    return Seen(claims, an_assessment(system_id, *open_checks, **assessed), tuple(statements))


def a_pilot(system="flight-delay", **changes):
    return {"system": system, "targets": ["fast"], "location": "sandbox", **changes}


def measured(*systems, portfolio=None, people=None, **more):
    claims = Portfolio.model_validate(portfolio) if portfolio is not None else None
    people = people if people is not None else a_model().people
    return measure_portfolio(systems, claims, people, as_of=AS_OF, tz=UTC_ZONE, **more)


def outcome(*arguments, **more):
    return measured(*arguments, **more).systems[0].outcome


IN_PILOT = {"stage_history": [{"stage": "pilot", "at": "2012-11-01T00:00:00Z", "by": "ana-ruiz"}]}


def piloted(*open_checks):
    return seen("flight-delay", *open_checks, claims=named("flight-delay", identity=IN_PILOT))


def test_a_system_that_serves_without_a_valid_sign_off_is_reckless_though_it_goes_back():
    (standing,) = measured(seen("flight-delay", "REV-05")).systems

    assert standing.outcome == "RECKLESS"
    assert (standing.signed, standing.goes_back) == (False, True)


def test_a_system_whose_sign_off_was_never_judged_is_reckless():
    one = seen()
    unjudged = tuple(f for f in one.assessment.findings if f.check != "REV-05")
    assessment = one.assessment.model_copy(update={"findings": unjudged})

    assert outcome(Seen(one.claims, assessment)) == "RECKLESS"


def test_a_signed_system_with_unmet_gates_is_fragile_while_going_back_works():
    assert outcome(seen("flight-delay", "CST-01")) == "FRAGILE"


def test_a_signed_system_with_unmet_gates_and_no_way_back_is_reckless():
    assert outcome(seen("flight-delay", "CST-01", "RBK-02")) == "RECKLESS"


@pytest.mark.parametrize("verdict", ["READY", "CONDITIONAL"])
def test_a_signed_system_with_nothing_in_its_way_is_operated(verdict):
    assert outcome(seen(verdict=verdict)) == "OPERATED"


@pytest.mark.parametrize(
    ("pilot", "expected"),
    [
        # 23 January to 22 July 2013 are 180 days.
        ({"targets_met_on": "2013-01-23"}, "STRANDED"),
        ({"targets_met_on": "2013-01-24"}, "PASSED"),
        ({"ended_on": "2013-02-01"}, "TECH_FAILED"),
        ({}, "PILOT"),
    ],
)
def test_a_pilot_that_serves_nobody_is_classed_by_its_dates(pilot, expected):
    assert outcome(piloted(), portfolio={"pilots": [a_pilot(**pilot)]}) == expected


def test_a_pilot_that_portfolio_yaml_calls_in_production_serves_users_whatever_its_stages_say():
    pilots = [a_pilot(location="production")]

    (standing,) = measured(piloted("REV-05"), portfolio={"pilots": pilots}).systems

    assert (standing.outcome, standing.in_production) == ("RECKLESS", True)


def test_a_system_that_serves_nobody_and_is_no_pilot_is_unknown_and_not_in_order():
    assert outcome(piloted(), portfolio={}) == "UNKNOWN"
    assert outcome(piloted()) == "UNKNOWN"


def test_a_retired_system_is_retired_though_its_pilot_once_failed():
    history = [
        {"stage": "live", "at": "2013-03-01T00:00:00Z", "by": "ana-ruiz"},
        {"stage": "retired", "at": "2013-05-30T00:00:00Z", "by": "ana-ruiz"},
    ]
    claims = named("flight-delay", identity={"stage_history": history})

    (standing,) = measured(
        seen(claims=claims), portfolio={"pilots": [a_pilot(ended_on="2013-02-01")]}
    ).systems

    assert standing.outcome == "RETIRED"
    # From 1 March to 30 May; the stage since then.
    assert (standing.tenure_days, standing.stage_days, standing.version_days) == (90, 53, None)


def test_a_pilot_that_no_folder_describes_is_shown_and_is_reckless_where_it_serves():
    pilots = [
        a_pilot("elsewhere", location="production"),
        a_pilot("parked", ended_on="2013-01-01"),
    ]

    status = measured(portfolio={"pilots": pilots})

    assert [(s.system, s.outcome, s.verdict) for s in status.systems] == [
        ("elsewhere", "RECKLESS", None), ("parked", "TECH_FAILED", None),
    ]  # fmt: skip


def test_tenure_counts_the_system_and_its_version_apart():
    (standing,) = measured(seen()).systems

    # Live since 1 March 2013, 00:00; on 22 July 08:00 that is 143 whole days.
    assert (standing.stage, standing.stage_days, standing.tenure_days) == ("live", 143, 143)
    assert (standing.version, standing.version_days) == ("v2", 143)


def test_an_operations_plan_has_every_section_and_answers_all_five_questions():
    whole, unanswered = seen(), seen("b", answered=4)
    incomplete = seen("c", "OM-01")

    status = measured(whole, unanswered, incomplete)

    assert [s.had_plan for s in status.systems] == [True, False, False]
    assert status.had_plan == 1


def test_a_strategy_paper_is_counted_and_is_no_plan():
    claims = named("flight-delay")
    without = named("b", identity={"strategy": []})

    status = measured(seen(claims=claims, answered=0), seen("b", claims=without))

    assert [s.had_strategy for s in status.systems] == [bool(claims.identity.strategy), False]


def days_ago(days):
    return AS_OF - timedelta(days=days)


def test_debt_adds_up_the_weighted_days_since_a_gap_was_first_on_record():
    # Tier B weighs 2. CST-01 stood 10 days ago too, RBK-02 is of today and counts as one day.
    one = seen("flight-delay", "CST-01", "RBK-02", past=[(days_ago(10), ["CST-01"])])

    status = measured(one)

    assert status.debt.value == 2 * 10 + 2 * 1
    assert status.debt.n == 2
    assert status.systems[0].oldest_gap == date(2013, 7, 12)


def test_a_gap_that_was_closed_in_between_is_as_old_as_its_last_return():
    past = [(days_ago(40), ["CST-01"]), (days_ago(20), []), (days_ago(5), ["CST-01"])]

    status = measured(seen("flight-delay", "CST-01", past=past))

    assert status.debt.value == 2 * 5


def test_a_verdict_dated_after_the_instant_ages_nothing():
    past = [(AS_OF + timedelta(days=1), [])]

    assert measured(seen("flight-delay", "CST-01", past=past)).debt.value == 2


def test_a_waiver_answers_for_a_gap_and_does_not_pay_its_debt():
    one = seen("flight-delay", "CST-01")
    waived = tuple(
        f.model_copy(update={"waived": True}) if f.blocks else f for f in one.assessment.findings
    )
    assessment = one.assessment.model_copy(update={"findings": waived, "verdict": "CONDITIONAL"})

    (standing,) = measured(Seen(one.claims, assessment)).systems

    assert (standing.outcome, standing.open_gaps, standing.debt) == ("OPERATED", 1, 2)


def test_what_the_portfolio_finds_is_no_gate():
    one = seen()
    findings = (*one.assessment.findings, a_finding("PRT-02", "failed"))
    assessment = one.assessment.model_copy(update={"findings": findings})

    (standing,) = measured(Seen(one.claims, assessment)).systems

    assert (standing.gates, standing.gates_met, standing.open_gaps) == (3, 3, 0)


def test_the_gap_in_most_systems_comes_first_and_shared_work_is_counted_once():
    remedies = {
        "CST-01": "the owner runs `ops-model drill rollback a`",
        "RBK-02": "the owner runs `ops-model drill rollback a`",
    }
    other = {"CST-01": "the owner runs `ops-model drill rollback b`"}
    first = seen("a", "CST-01", "RBK-02", "OM-01", remedies=remedies)
    second = seen("b", "CST-01", remedies=other)

    status = measured(first, second)

    shared, rest = status.next_gaps
    assert (shared.checks, shared.systems, shared.gaps) == (("CST-01", "RBK-02"), ("a", "b"), 3)
    assert shared.what == "the owner runs `ops-model drill rollback SYSTEM`"
    assert (rest.checks, rest.systems, rest.what) == (("OM-01",), ("a",), "mend it")


def test_of_two_rows_that_overlap_the_second_counts_and_names_only_what_is_left():
    same = {"CST-01": "observe SYSTEM", "RBK-02": "observe SYSTEM"}
    ready = {i: {c: r.replace("SYSTEM", i) for c, r in same.items()} for i in "abc"}
    # In c the check is open for a reason of its own, so that its row of remedies names all three.
    ready["c"]["CST-01"] = "write a ceiling"
    one, two, three = (seen(i, "CST-01", "RBK-02", remedies=ready[i]) for i in "abc")

    first, rest = measured(one, two, three).next_gaps

    assert (first.what, first.checks, first.systems, first.gaps) == (
        "observe SYSTEM", ("CST-01", "RBK-02"), ("a", "b", "c"), 5,
    )  # fmt: skip
    assert (rest.what, rest.checks, rest.systems, rest.gaps) == (
        "write a ceiling", ("CST-01",), ("c",), 1,
    )  # fmt: skip


def test_after_a_row_the_next_is_what_unblocks_most_of_what_is_left():
    drill = {i: {"CST-01": f"drill {i}"} for i in "ab"}
    systems = [
        seen("a", "CST-01", remedies=drill["a"]), seen("b", "CST-01", remedies=drill["b"]),
        seen("c", "CST-01", "OM-01", remedies={"CST-01": "write it", "OM-01": "write it"}),
    ]  # fmt: skip

    first, rest = measured(*systems).next_gaps

    assert (first.systems, first.gaps) == (("a", "b", "c"), 3)
    assert (rest.checks, rest.systems, rest.gaps) == (("OM-01",), ("c",), 1)


def test_a_command_for_several_systems_names_none_of_them():
    remedies = {i: {"CST-01": f"run `ops-model observe env {i}`"} for i in "ab"}
    first, second = (seen(i, "CST-01", remedies=remedies[i]) for i in "ab")
    third = seen("c", "CST-01", remedies={"CST-01": "write `build` for c"})

    (shared,) = measured(first, second, third).next_gaps

    assert shared.what == "a, b: run `ops-model observe env SYSTEM`; c: write `build` for c"


def test_a_check_that_is_open_in_two_systems_for_reasons_of_their_own_tells_what_to_do_in_each():
    first = seen("a", "CST-01", remedies={"CST-01": "write a ceiling"})
    second = seen("b", "CST-01", remedies={"CST-01": "measure the spend"})

    (shared,) = measured(first, second).next_gaps

    assert (shared.what, shared.gaps) == ("a: write a ceiling; b: measure the spend", 2)


def test_of_a_check_that_is_open_in_many_systems_two_remedies_are_told_and_the_rest_counted():
    systems = [seen(i, "CST-01", remedies={"CST-01": f"mend {i} this way {n}"})
               for n, i in enumerate("abcd")]  # fmt: skip

    shared = measured(*systems).next_gaps[0]

    assert shared.what == (
        "a: mend a this way 0; b: mend b this way 1; and 2 more, each on its own page"
    )


def test_what_waits_for_a_command_to_come_is_counted_in_no_thing_that_somebody_can_do():
    first = seen("a", "CST-01", "OM-01", remedies={"CST-01": "wait", "OM-01": "write it"})
    second = seen("b", "CST-01", remedies={"CST-01": "write a ceiling"})

    status = measured(first, second, waits=lambda finding: finding.remedy == "wait")

    assert [(g.what, g.systems, g.gaps, g.waits) for g in status.next_gaps] == [
        ("write a ceiling", ("b",), 1, False), ("write it", ("a",), 1, False),
        ("wait", ("a",), 1, True),
    ]  # fmt: skip


def test_what_no_command_can_record_yet_comes_last_and_says_so():
    first = seen("a", "CST-01", "OM-01", remedies={"CST-01": "wait", "OM-01": "write it"})
    second = seen("b", "CST-01", remedies={"CST-01": "wait"})

    status = measured(first, second, waits=lambda finding: finding.remedy == "wait")

    assert [(g.what, g.waits) for g in status.next_gaps] == [("write it", False), ("wait", True)]


def test_stall_reasons_are_counted_in_days_and_overlaps_once():
    pilots = [
        a_pilot("a", stall_reasons=[
            # 1 to 11 June and 6 to 21 June are 20 days together; the last begins tomorrow.
            {"code": "legal", "text": "asked", "starts": "2013-06-01", "ends": "2013-06-11"},
            {"code": "legal", "text": "again", "starts": "2013-06-06", "ends": "2013-06-21"},
            {"code": "budget", "text": "later", "starts": "2013-07-23"},
        ]),
        a_pilot("b", stall_reasons=[{"code": "legal", "text": "t", "starts": "2013-07-12"}]),
    ]  # fmt: skip

    (wait,) = measured(portfolio={"pilots": pilots}).waiting

    assert (wait.by, wait.what, wait.days, wait.systems) == ("stall", "legal", 30, 2)
    assert wait.still == ("b",)


REVIEW = {"opened_at": "2013-07-02T00:00:00Z", "seats": [{"seat": "product", "person": "m-ito"}]}


def a_sign_off(version, at):
    digest = "sha256:" + "b" * 64
    return SignOff(
        system="flight-delay", as_of=at, seat="product", person="m-ito", decision="approve",
        meaning="go", pack=digest, version=version, assessment=digest, policy=digest,
        frameworks=digest, expires=at + timedelta(days=90),
    )  # fmt: skip


def waited(*records):
    claims = named("flight-delay", decisions={"review": REVIEW})
    status = measured(seen(claims=claims, records=records))
    (wait,) = (w for w in status.waiting if w.by == "seat")
    return wait


def test_a_seat_that_has_not_signed_waits_until_now():
    assert (waited().days, waited().still) == (20, ("flight-delay",))


def test_a_seat_that_signed_this_version_waited_until_then():
    version = named("flight-delay").identity.version.digest()

    wait = waited(a_sign_off(version, datetime(2013, 7, 9, tzinfo=UTC)))

    assert (wait.days, wait.still) == (7, ())


def test_a_sign_off_of_another_version_or_of_before_the_review_does_not_end_the_wait():
    version = named("flight-delay").identity.version.digest()
    other = a_sign_off("sha256:" + "c" * 64, datetime(2013, 7, 9, tzinfo=UTC))
    early = a_sign_off(version, datetime(2013, 7, 1, tzinfo=UTC))

    assert waited(other, early).days == 20


def ceiling(amount, system_id):
    ceilings = [{"id": "day", "amount": amount, "hard_action": "stop", "owner": "bo-li"}]
    currency = amount.split()[1]
    return seen(
        system_id, claims=named(system_id, cost={"currency": currency, "ceilings": ceilings})
    )


@pytest.mark.parametrize(("limit", "holds"), [("30.00 USD", True), ("29.99 USD", False)])
def test_the_ceilings_add_up_against_that_of_the_portfolio(limit, holds):
    systems = ceiling("10.00 USD", "a"), ceiling("20.00 USD", "b")

    ceilings = measured(*systems, portfolio={"ceiling_per_day": limit}).ceilings

    assert (str(ceilings.total), ceilings.systems, ceilings.holds) == ("30.00 USD", 2, holds)


def test_a_ceiling_in_another_currency_is_left_out_and_then_nothing_is_sure_to_hold():
    systems = ceiling("10.00 USD", "a"), ceiling("20.00 EUR", "b")

    ceilings = measured(*systems, portfolio={"ceiling_per_day": "50.00 USD"}).ceilings

    assert (str(ceilings.total), ceilings.left_out, ceilings.holds) == ("10.00 USD", ("b",), None)


def test_a_system_in_production_without_a_ceiling_leaves_it_open_whether_the_sum_holds():
    bare = seen("b", claims=named("b", cost={"ceilings": []}))

    ceilings = measured(
        ceiling("10.00 USD", "a"), bare, portfolio={"ceiling_per_day": "50.00 USD"}
    ).ceilings

    assert (ceilings.left_out, ceilings.holds) == (("b",), None)


def test_the_ask_adds_up_the_stranded_pilots_by_currency_and_names_the_uncosted():
    long_ago = {"targets_met_on": "2013-01-01"}
    pilots = [
        a_pilot("a", cost_to_close="100.00 EUR", **long_ago),
        a_pilot("b", cost_to_close="50.50 EUR", **long_ago),
        a_pilot("c", cost_to_close="7.00 USD", **long_ago),
        a_pilot("d", **long_ago),
        a_pilot("e", cost_to_close="9.00 USD"),
    ]

    status = measured(portfolio={"pilots": pilots})

    assert [str(ask.amount) for ask in status.asks] == ["150.50 EUR", "7.00 USD"]
    assert status.not_costed == ("d",)


@pytest.mark.parametrize(
    ("limit", "operators", "refused"),
    [(1, "1.5", True), (2, "1.5", False), (2, "0", True)],
)
def test_pilot_number_ten_is_refused_while_too_many_are_stranded_or_nobody_operates(
    limit, operators, refused
):
    pilots = [a_pilot("a", targets_met_on="2013-01-01")]
    claims = {"pilots": pilots, "wip_limit": str(limit), "operators_fte": operators}

    gate = measured(portfolio=claims).gate

    assert (gate.refused, gate.stranded) == (refused, 1)


def test_a_number_of_operators_that_nobody_wrote_is_not_known_and_is_not_nobody():
    gate = measured(portfolio={"pilots": []}).gate

    assert (gate.refused, gate.operators_fte) == (True, None)
    assert gate.why == "operators_fte is not written in portfolio.yaml"


def test_without_portfolio_yaml_there_is_no_gate_to_pass():
    assert measured(seen()).gate is None


def test_the_order_of_the_systems_changes_no_number():
    one, two = seen("a", "CST-01"), seen("b", "CST-01", "OM-01")

    forth, back = measured(one, two), measured(two, one)

    assert {s.system: s for s in forth.systems} == {s.system: s for s in back.systems}
    assert (forth.debt, [g.checks for g in forth.next_gaps]) == (
        back.debt, [g.checks for g in back.next_gaps],
    )  # fmt: skip
