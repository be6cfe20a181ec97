from datetime import date, timedelta

import pytest

from ops_model.domain.on_call import RotaHole
from ops_model.domain.spend import DayCost
from tests.builders import AREAS, AS_OF, a_coverage, a_spend, exact, people_but
from tests.checks.judged import but, judged, lacking

PRIMARY, SECONDARY = AREAS["on_call"]["layers"]


def test_own_01_passes_with_a_person_who_works_here():
    assert judged("OWN-01").message == "ana-ruiz is accountable, deputy bo-li"


def test_own_01_fails_for_a_team_and_says_what_to_write():
    finding = judged("OWN-01", ownership={"accountable": "data-team"})

    assert finding.status == "failed"
    assert "data-team is a team, not a person" in finding.message
    assert "names another person" in finding.remedy
    assert str(finding.looked_at[0]) == "systems/flight-delay/ownership.yaml:1"


def test_own_01_fails_when_the_owner_left():
    finding = judged("OWN-01", people=people_but("ana-ruiz", active_to="2013-07-21"))

    assert finding.status == "failed"
    assert "ana-ruiz left on 2013-07-21" in finding.message


def test_own_01_fails_where_nobody_works_here_and_asks_for_people_first():
    gone = {"active_from": "2012-01-01", "active_to": "2012-01-01"}
    everybody = people_but("ana-ruiz", **gone)
    nobody = {**everybody, "people": [{**person, **gone} for person in everybody["people"]]}

    finding = judged("OWN-01", people=nobody)

    assert finding.remedy.startswith(
        "whoever leads the business side writes into people.yaml who works here"
    )


def test_own_01_passes_on_the_owner_s_last_day_in_their_own_zone():
    # 2013-07-22T08:00Z is still the 21st in Hawaii.
    people = people_but("ana-ruiz", active_to="2013-07-21", zone="Pacific/Honolulu")

    assert judged("OWN-01", people=people, as_of=AS_OF.replace(hour=9)).status == "passed"


def test_own_01_fails_when_owner_and_deputy_are_one():
    assert judged("OWN-01", ownership={"deputy": "ana-ruiz"}).status == "failed"


def test_own_01_fails_when_the_deputy_is_nobody():
    finding = judged("OWN-01", ownership={"deputy": "gone"})

    assert finding.status == "failed"
    assert finding.owner == "ana-ruiz"


def test_own_01_is_unknown_while_nobody_attested_the_ownership():
    finding = judged("OWN-01", records=lacking("attestation"))

    assert (finding.status, finding.reason) == ("unknown", "below_grade")
    assert "ops-model attest flight-delay --topic ownership" in finding.remedy


def test_own_04_passes_with_one_person_above_three():
    assert judged("OWN-04").status == "passed"


def test_own_04_fails_when_nobody_answers_for_cost():
    domains = {"reliability": "bo-li", "compliance": "di-legal"}

    finding = judged("OWN-04", ownership={"domains": domains})

    assert finding.status == "failed"
    assert "cost: nobody is named" in finding.message


def test_onc_01_passes_with_primaries_who_operate():
    assert judged("ONC-01").status == "passed"


def test_onc_01_fails_when_a_data_scientist_is_primary():
    layers = [{**PRIMARY, "participants": ["cy-data", "bo-li"]}, SECONDARY]

    finding = judged("ONC-01", on_call={"layers": layers})

    assert finding.status == "failed"
    assert "cy-data (data_science)" in finding.message
    assert finding.remedy.startswith(
        "the reliability owner replaces cy-data (data_science) in the primary layer"
    )
    assert finding.remedy.endswith("by somebody of platform or reliability who works here")


def test_onc_01_fails_for_a_primary_who_left():
    finding = judged("ONC-01", people=people_but("bo-li", active_to="2013-07-21"))

    assert finding.status == "failed"
    assert "bo-li (left on 2013-07-21)" in finding.message


def test_onc_01_fails_for_an_override_that_is_not_over():
    override = {"role": "primary", "person": "cy-data", "start": "2013-07-01T00:00:00Z"}

    running = judged(
        "ONC-01", on_call={"overrides": [{**override, "end": "2013-08-01T00:00:00Z"}]}
    )
    over = judged("ONC-01", on_call={"overrides": [{**override, "end": "2013-07-02T00:00:00Z"}]})

    assert (running.status, over.status) == ("failed", "passed")


def test_onc_01_fails_when_nobody_is_ever_primary():
    assert judged("ONC-01", on_call={"layers": [SECONDARY]}).status == "failed"


def test_onc_02_passes_when_others_trained_it():
    assert judged("ONC-02").status == "passed"


def test_onc_02_fails_when_a_primary_trained_it():
    version = {**AREAS["identity"]["version"], "trained_by": ["bo-li"]}

    finding = judged("ONC-02", identity={"version": version})

    assert finding.status == "failed"
    assert "bo-li: primary on call, and trained v2" in finding.message


def test_onc_02_is_unknown_when_nobody_is_said_to_have_trained_it():
    version = {**AREAS["identity"]["version"], "trained_by": []}

    assert judged("ONC-02", identity={"version": version}).reason == "missing"


def hole(role="primary"):
    return RotaHole(
        start=AS_OF + timedelta(days=5),
        end=AS_OF + timedelta(days=5, hours=8),
        role=role,
        why="nobody is primary",
    )


def test_onc_03_passes_and_names_who_is_paged_now():
    finding = judged("ONC-03")

    assert finding.status == "passed"
    assert "the page goes to ana-ruiz, then to bo-li" in finding.message


def test_onc_03_fails_with_a_hole_and_says_when():
    finding = judged("ONC-03", records=but(a_coverage, holes=(hole(),)))

    assert finding.status == "failed"
    assert "2013-07-27T08:00:00Z to 2013-07-27T16:00:00Z" in finding.message


def test_onc_03_counts_the_holes_that_one_person_leaves_and_names_the_first():
    weekly = tuple(
        hole().model_copy(update={"person": person, "why": f"{person} left", "start": AS_OF + at})
        for person in ("ana-ruiz", "bo-li")
        for at in (timedelta(days=1), timedelta(days=2))
    )

    message = judged("ONC-03", records=but(a_coverage, holes=weekly)).message

    assert "in 2 spans, the first 2013-07-23T08:00:00Z to" in message
    assert "(ana-ruiz left), 2 spans" in message
    assert message.count("left") == 2


def test_onc_03_passes_with_a_hole_in_the_second_line_only():
    assert judged("ONC-03", records=but(a_coverage, holes=(hole("secondary"),))).status == "passed"


def test_onc_03_is_unknown_without_a_resolved_rota():
    assert judged("ONC-03", records=lacking("on_call_coverage")).reason == "missing"


def test_onc_03_is_unknown_when_the_rota_was_resolved_too_long_ago():
    old = but(a_coverage, as_of=AS_OF - timedelta(days=8))

    assert judged("ONC-03", records=old).reason == "expired"


def test_onc_03_is_unknown_when_fewer_weeks_were_resolved():
    assert judged("ONC-03", records=but(a_coverage, days=30)).reason == "too_few"


def test_onc_04_passes_without_a_gap():
    assert judged("ONC-04").status == "passed"


def test_onc_04_fails_when_one_person_holds_a_layer():
    layers = [{**PRIMARY, "participants": ["bo-li", "bo-li"]}, SECONDARY]

    finding = judged("ONC-04", on_call={"layers": layers})

    assert finding.status == "failed"
    assert "layer primary has 1" in finding.message


def test_onc_04_fails_without_a_second_line():
    finding = judged("ONC-04", on_call={"layers": [PRIMARY]})

    assert finding.status == "failed"
    assert "no layer for secondary" in finding.message


def test_onc_04_fails_with_a_hole_in_the_second_line():
    finding = judged("ONC-04", records=but(a_coverage, holes=(hole("secondary"),)))

    assert finding.status == "failed"


def test_onc_04_names_the_holes_of_three_people_and_counts_the_rest():
    holes = tuple(hole().model_copy(update={"person": f"person-{n}"}) for n in (1, 2, 3, 4, 4))

    finding = judged("ONC-04", records=but(a_coverage, holes=holes))

    assert finding.message.count(" to ") == 3
    assert "and 2 more; expected no hole" in finding.message


def test_onc_04_fails_for_somebody_who_is_primary_for_too_long():
    tired = hole().model_copy(update={"kind": "too_long", "why": "bo-li has no break"})

    finding = judged("ONC-04", records=but(a_coverage, weak=(tired,)))

    assert finding.status == "failed"
    assert "(bo-li has no break); expected a break after 14 days" in finding.message


@pytest.mark.parametrize(
    ("tier", "days", "status"),
    [("A", "14", "passed"), ("A", "15", "failed"), ("B", "21", "passed"), ("B", "22", "failed"),
     ("C", "28", "passed"), ("C", "29", "failed")],
)  # fmt: skip
def test_onc_04_fails_for_a_rota_that_allows_somebody_to_be_primary_for_too_long(
    tier, days, status
):
    finding = judged("ONC-04", tier=tier, on_call={"max_consecutive_days": days})

    assert finding.status == status
    assert (f"one person may be primary for {days} days" in finding.message) == (
        status == "failed"
    )


@pytest.mark.parametrize(
    ("role", "people", "said"),
    [
        ("primary", ("bo-li",), "primary is bo-li for half"),
        ("secondary", (), "secondary is nobody"),
    ],
)
def test_onc_04_fails_when_overrides_leave_a_role_to_one_person(role, people, said):
    by_role = {"primary": ("ana-ruiz", "bo-li"), "secondary": ("ana-ruiz", "bo-li"), role: people}

    finding = judged("ONC-04", records=but(a_coverage, people_by_role=by_role))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize("change", [{"days": 30}, {"people_by_role": {}}])
def test_onc_04_is_unknown_when_it_was_not_worked_out_who_really_answers_for_long_enough(change):
    assert judged("ONC-04", records=but(a_coverage, **change)).reason == "too_few"


def test_onc_04_passes_with_a_primary_who_never_drilled_which_is_another_question():
    green = hole().model_copy(update={"kind": "never_drilled"})

    assert judged("ONC-04", records=but(a_coverage, weak=(green,))).status == "passed"


def test_onc_06_passes_and_adds_the_waits_up():
    assert judged("ONC-06").message == (
        "primary (10 min), then secondary (10 min): 20 minutes in all, of 30"
    )


@pytest.mark.parametrize(("tier", "status"), [("A", "failed"), ("B", "passed"), ("C", "passed")])
def test_onc_06_fails_when_the_waits_are_longer_than_the_tier_allows(tier, status):
    assert judged("ONC-06", tier=tier).status == status


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], "0 of at least 2 steps are written"),
        (["primary"], "1 of at least 2 steps are written"),
        (["primary", "data-team"], "data-team is a team, not a person"),
        (["primary", "zoe-gone"], "zoe-gone is nobody in people.yaml"),
        (["primary", "primary"], "primary is asked 2 times"),
        (["primary", "flo-risk", "flo-risk"], "flo-risk is asked 2 times"),
        (["secondary", "primary"], "the page goes to secondary first"),
        (["flo-risk", "secondary"], "the page goes to flo-risk first"),
        (["primary", "ana-ruiz", "bo-li"], "nobody but those who are primary is asked"),
        (["primary", "secondary", "cy-data"], "cy-data trained v2"),
    ],
)
def test_onc_06_fails_for_a_page_that_reaches_nobody(steps, said):
    escalation = [{"target": step, "ack_within_minutes": "5"} for step in steps]

    finding = judged("ONC-06", on_call={"escalation": escalation})

    assert finding.status == "failed"
    assert said in finding.message


def test_onc_06_passes_with_somebody_else_in_the_place_of_a_secondary():
    steps = [{"target": step, "ack_within_minutes": "5"} for step in ("primary", "flo-risk")]

    assert judged("ONC-06", on_call={"escalation": steps}).status == "passed"


def test_onc_06_fails_for_a_role_that_nobody_ever_has():
    finding = judged("ONC-06", on_call={"layers": [PRIMARY]})

    assert finding.message == "nobody is ever secondary"


def of_secondary(*people):
    return {"layers": [PRIMARY, {**SECONDARY, "participants": list(people)}]}


def test_onc_06_fails_for_a_role_that_only_people_have_who_are_gone():
    left = people_but("flo-risk", active_to="2013-07-01")

    finding = judged("ONC-06", people=left, on_call=of_secondary("flo-risk", "zoe-gone"))

    assert finding.status == "failed"
    assert finding.message == (
        "nobody who is secondary works here: flo-risk left on 2013-07-01, zoe-gone is nobody in "
        "people.yaml"
    )
    assert "under `layers` only people who work here" in finding.remedy


def test_onc_06_passes_where_one_of_a_role_is_left_and_until_the_last_is_gone():
    left = people_but("flo-risk", active_to="2013-07-01")
    leaves = people_but("flo-risk", active_to="2013-07-31")

    rest = judged("ONC-06", people=left, on_call=of_secondary("flo-risk", "bo-li"))
    alone = judged("ONC-06", people=leaves, on_call=of_secondary("flo-risk"))
    both = judged("ONC-06", people=leaves, on_call=of_secondary("flo-risk", "bo-li"))

    assert {f.status for f in (rest, alone, both)} == {"passed"}
    assert str(alone.valid_until.date()) == "2013-08-01"
    # The others end with the word on the file, three months later.
    assert rest.valid_until == both.valid_until > alone.valid_until


def test_own_03_passes_with_an_owner_for_each_seam():
    assert "gate-team to desk-team: fay-product" in judged("OWN-03").message


SEAMS = AREAS["ownership"]["seams"]


def test_own_03_fails_for_a_seam_that_nobody_owns():
    finding = judged("OWN-03", ownership={"seams": SEAMS[:2]})

    assert finding.status == "failed"
    assert finding.message == "nobody owns the seam between gate-team and desk-team"


def test_own_03_fails_for_a_team_that_owns_a_seam_and_without_a_lifecycle_owner():
    seams = [*SEAMS[:2], {**SEAMS[2], "owner": "gate-team"}]

    finding = judged("OWN-03", ownership={"seams": seams, "lifecycle_owner": None})

    assert finding.message == (
        "lifecycle_owner: nobody is named; seam between gate-team and desk-team: gate-team is a "
        "team, not a person"
    )


def test_own_03_fails_for_teams_that_are_not_named():
    finding = judged("OWN-03", identity={"teams": {"build": "model-team"}})

    assert "teams.data: no team is named" in finding.message


def test_own_03_passes_with_the_seam_written_from_the_other_side():
    turned = {"from_team": "desk-team", "to_team": "gate-team", "owner": "fay-product"}

    assert judged("OWN-03", ownership={"seams": [*SEAMS[:2], turned]}).status == "passed"


def test_own_03_passes_without_a_seam_inside_one_team():
    teams = {**AREAS["identity"]["teams"], "customer": "gate-team"}

    finding = judged("OWN-03", identity={"teams": teams}, ownership={"seams": SEAMS[:2]})

    assert finding.status == "passed"


@pytest.mark.parametrize(("owner", "status"), [("bo-li", "failed"), ("ed-fin", "passed")])
def test_own_03_fails_for_one_team_on_all_sides_and_an_owner_from_elsewhere(owner, status):
    people = people_but("ed-fin", team="gate-team")

    finding = judged(
        "OWN-03",
        identity={"teams": dict.fromkeys(AREAS["identity"]["teams"], "gate-team")},
        ownership={"seams": [], "lifecycle_owner": owner},
        people=people,
    )

    assert finding.status == status
    assert finding.message == (
        "all four teams are gate-team, and bo-li, who owns the whole way, is not of it"
        if status == "failed"
        else "ed-fin owns the whole way; all four teams are gate-team, so that there is no seam"
    )


BUDGET = AREAS["cost"]["run_budget"]


def test_own_05_passes_until_the_budget_ends():
    finding = judged("OWN-05")

    assert "until 2014-03-01, approved by ed-fin" in finding.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"months": "11"}, "covers 11 months; expected at least 12"),
        ({"starts": "2012-07-22"}, "the budget for running it ended on 2013-07-22"),
        ({"starts": "2013-08-01"}, "the budget begins only on 2013-08-01"),
        ({"amount": "-1.00 USD"}, "running it is -1.00 USD; expected more than nothing"),
        ({"amount": "0.00 USD"}, "running it is 0.00 USD; expected more than nothing"),
        ({"approved_by": "cy-data"}, "approved_by: cy-data built the system"),
        ({"approved_by": "zoe-gone"}, "approved_by: zoe-gone is nobody in people.yaml"),
    ],
)
def test_own_05_fails_for_a_budget_that_does_not_cover_today(change, said):
    finding = judged("OWN-05", cost={"run_budget": {**BUDGET, **change}})

    assert finding.status == "failed"
    assert said in finding.message


def test_own_05_passes_when_a_budget_ends_on_a_day_that_its_month_lacks():
    # Thirteen months from 31 August 2012 end with September 2013, which has 30 days.
    budget = {**BUDGET, "starts": "2012-08-31", "months": "13"}

    assert "until 2013-09-30" in judged("OWN-05", cost={"run_budget": budget}).message


def paid_by(amount):
    return {"run_budget": {**BUDGET, "amount": amount}}


# 40.00 USD were spent on the last whole day; 365 such days are 14,600.00 USD.
@pytest.mark.parametrize(
    ("amount", "status"), [("14600.00 USD", "passed"), ("14599.99 USD", "failed")]
)
def test_own_05_fails_for_a_budget_that_what_is_spent_would_use_up(amount, status):
    finding = judged("OWN-05", cost=paid_by(amount))

    assert finding.status == status
    assert (
        f"40.00 USD a day were spent, 14,600.00 USD in the 365 days of the budget of {amount}"
    ) in finding.message


def test_own_05_takes_the_mean_of_the_last_whole_days():
    # 30 and 60 with a silent day between; what is older or not over yet counts for nothing.
    costs = {"2013-06-01": 999, "2013-07-19": 30, "2013-07-21": 60, "2013-07-22": 999}
    days = tuple(
        DayCost(day=date.fromisoformat(day), service="s", cost=exact(cost, "USD"), requests=1)
        for day, cost in costs.items()
    )

    finding = judged("OWN-05", records=but(a_spend, days=days))

    assert "30.00 USD a day were spent" in finding.message


# 100.00 USD may be spent a day; 365 such days are 36,500.00 USD.
@pytest.mark.parametrize(
    ("amount", "status"), [("36500.00 USD", "passed"), ("36499.99 USD", "failed")]
)
@pytest.mark.parametrize("age", [None, 32])
def test_own_05_holds_a_budget_against_the_ceiling_where_no_spend_is_known(age, amount, status):
    old = None if age is None else AS_OF - timedelta(days=age)
    records = but(a_spend, as_of=old) if old else lacking("spend")

    finding = judged("OWN-05", cost=paid_by(amount), records=records)

    assert finding.status == status
    assert "100.00 USD a day may be spent, 36,500.00 USD in the 365 days" in finding.message


def test_own_05_passes_until_the_spend_is_too_old_where_the_ceiling_would_be_too_much():
    finding = judged("OWN-05", cost=paid_by("14600.00 USD"))

    assert finding.valid_until == AS_OF + timedelta(days=31)
    assert judged("OWN-05").valid_until > AS_OF + timedelta(days=31)


def test_own_05_converts_no_money():
    finding = judged("OWN-05", cost=paid_by("0.01 EUR"))

    assert finding.status == "passed"
    assert finding.message.endswith("nothing that a day costs is in EUR")


def test_own_05_is_unknown_without_a_budget_for_running_it():
    finding = judged("OWN-05", cost={"run_budget": None})

    assert finding.reason == "missing"
    assert "run_budget" in finding.remedy


def test_own_05_fails_when_the_owner_is_gone_after_the_launch():
    finding = judged("OWN-05", people=people_but("ana-ruiz", active_to="2013-05-01"))

    assert finding.message == "accountable: ana-ruiz left on 2013-05-01"


DUTIES = AREAS["ownership"]["duties"]


def test_own_08_passes_with_six_duties():
    assert judged("OWN-08").message.count("deputy") == 6


@pytest.mark.parametrize(
    ("duty", "said"),
    [
        (None, "feeding: nobody does it"),
        ({"primary": "bo-li"}, "feeding: deputy: nobody is named"),
        ({"primary": "bo-li", "deputy": "bo-li"}, "feeding: bo-li is primary and deputy at once"),
        (
            {"primary": "data-team", "deputy": "bo-li"},
            "feeding: data-team is a team, not a person",
        ),
    ],
)
def test_own_08_fails_for_a_duty_that_nobody_does(duty, said):
    duties = {k: v for k, v in {**DUTIES, "feeding": duty}.items() if v is not None}

    finding = judged("OWN-08", ownership={"duties": duties})

    assert (finding.status, finding.message) == ("failed", said)


def partners(*names):
    """The people of the tests, some of them a partner's."""
    people = people_but("bo-li")
    return {
        **people,
        "people": [
            {**p, **({"employer": "partner"} if p["id"] in names else {})}
            for p in people["people"]
        ],
    }


LED_BY = {"partner_team": "helpers"}


@pytest.mark.parametrize(
    ("names", "phase", "status"),
    [
        (("bo-li",), "shared", "passed"),
        (("bo-li", "ana-ruiz"), "shared", "failed"),
        (("bo-li", "ana-ruiz"), "partner_led", "passed"),
    ],
)
def test_own_08_fails_for_a_duty_that_is_a_partner_s_alone_and_not_said_to_be(
    names, phase, status
):
    ladders = [
        {"duty": duty, "steps": [{"phase": phase, "starts": "2013-03-01"}]}
        for duty in ("feeding", "monitoring")
    ]

    finding = judged(
        "OWN-08",
        people=partners(*names),
        ownership={"transition": {"partner_team": "helpers", "ladders": ladders}},
    )

    assert finding.status == status
    assert ("bo-li and ana-ruiz are a partner's; expected one" in finding.message) == (
        status == "failed"
    )


def test_own_01_fails_for_an_id_that_is_nobody_and_names_both_ways_and_the_one_meant():
    finding = judged("OWN-01", ownership={"accountable": "ana-ruis"})

    assert finding.remedy == (
        "whoever leads the business side adds ana-ruis to people.yaml, or names another person "
        "as `accountable` in ownership.yaml: did you mean ana-ruiz?"
    )


def test_own_03_fails_and_asks_only_for_the_seam_that_is_missing():
    seams = AREAS["ownership"]["seams"]

    finding = judged("OWN-03", ownership={"seams": seams[:1] + seams[2:]})

    assert finding.message == "nobody owns the seam between model-team and gate-team"
    assert finding.remedy == (
        "ana-ruiz names a person for the seam between model-team and gate-team under `seams` in "
        "ownership.yaml"
    )


def test_own_03_fails_and_asks_only_for_the_team_that_is_missing():
    teams = {**AREAS["identity"]["teams"], "customer": None}

    finding = judged("OWN-03", identity={"teams": teams})

    assert finding.remedy == "ana-ruiz names a team for customer under `teams` in system.yaml"
