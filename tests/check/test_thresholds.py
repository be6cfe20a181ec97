from typing import get_type_hints

import pytest

from ops_model.check.api import passed
from ops_model.check.judge import judge
from ops_model.check.thresholds import check_policy, thresholds_of
from ops_model.check.waivers import NEVER_SWITCHED_OFF
from ops_model.errors import PolicyError
from tests.builders import AS_OF, a_model, a_system, all_records, an_evidence
from tests.check.making import OWNER_FILE, a_check, passing
from tests.checks.judged import judged, nothing, shipped_catalogue

CHECKS = shipped_catalogue().checks


def policy(**content):
    return a_model(policy=content).policy


def problems_of(**content):
    with pytest.raises(PolicyError) as error:
        check_policy(CHECKS, policy(**content))
    return [str(p) for p in error.value.problems]


def values_of(tier, given):
    drilled = shipped_catalogue().check("RBK-02")
    return thresholds_of(drilled, policy(thresholds={"RBK-02": given}), tier)


def test_a_threshold_is_read_from_the_text_of_the_yaml():
    assert values_of("B", {"max_age_days": "30"}) == {"max_age_days": 30}


@pytest.mark.parametrize(("tier", "days"), [("A", {"max_age_days": 7}), ("B", {})])
def test_a_threshold_by_tier_holds_there_and_elsewhere_the_default_stays(tier, days):
    assert values_of(tier, {"max_age_days": {"A": "7"}}) == days


def test_a_threshold_changes_the_finding():
    strict = {"thresholds": {"RBK-02": {"max_age_days": {"B": "9"}}}}

    assert judged("RBK-02").status == "passed"
    assert judged("RBK-02", policy=strict).reason == "expired"


def test_a_word_where_a_number_belongs_is_refused_at_its_line():
    (problem,) = problems_of(thresholds={"RBK-02": {"max_age_days": "soon"}})

    assert problem.startswith("policy.yaml:3: RBK-02.max_age_days is 'soon'")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_limit_that_nothing_exceeds_is_refused(value):
    (problem,) = problems_of(thresholds={"CST-02": {"max_age_hours": value}})

    assert "CST-02.max_age_hours" in problem


def test_a_threshold_of_no_such_name_is_refused_with_the_nearest():
    (problem,) = problems_of(thresholds={"RBK-02": {"max_age_day": "30"}})

    assert problem == (
        "policy.yaml:3: RBK-02 has no threshold max_age_day; expected under_seconds or "
        "max_age_days or after_change_days\n  to fix: did you mean max_age_days?"
    )


def test_a_check_that_is_not_loaded_is_refused_with_the_nearest():
    (problem,) = problems_of(thresholds={"RKB-02": {}})

    assert problem.startswith("policy.yaml:2: RKB-02 is no check that is loaded")
    assert "did you mean RBK-02?" in problem


def test_a_tier_that_does_not_exist_is_refused():
    (problem,) = problems_of(thresholds={"RBK-02": {"max_age_days": {"D": "30"}}})

    assert "names the tier 'D'; expected A, B, C" in problem


def test_a_minimum_grade_of_no_check_or_group_is_refused():
    (problem,) = problems_of(minimum_grades={"RBX": {"A": "E3"}})

    assert "RBX is no check that is loaded" in problem


def test_a_minimum_grade_of_a_group_or_a_check_is_taken():
    check_policy(CHECKS, policy(minimum_grades={"SLO": {"A": "E1"}, "OWN-01": {"B": "E3"}}))


@pytest.mark.parametrize("check_id", sorted(NEVER_SWITCHED_OFF))
def test_what_cannot_be_switched_off_rests_on_no_less_than_ships(check_id):
    shipped = {tier: policy().minimum_grade(check_id, tier) for tier in "ABC"}
    above_a_word = [tier for tier, grade in shipped.items() if grade > "E1"]

    check_policy(CHECKS, policy(minimum_grades={check_id: shipped}))
    problems = problems_of(minimum_grades={check_id: dict.fromkeys("ABC", "E1")})

    assert [p.split(";")[0].split(": ")[1] for p in problems] == [
        f"{check_id} asks for E1 at tier {tier}" for tier in above_a_word
    ]
    assert f"expected at least {shipped['A']} for {check_id}: " in problems[0]
    assert problems[0].endswith(f"to fix: write {shipped['A']}")


def test_a_group_that_lowers_a_check_that_cannot_be_switched_off_is_refused_at_its_line():
    """Of RBK, the first three and the fifth answer one of the five questions."""
    (problem,) = problems_of(minimum_grades={"RBK": {"A": "E4", "B": "E2"}})

    assert problem == (
        "policy.yaml:4: RBK asks for E2 at tier B; expected at least E3 for RBK-01, RBK-02, "
        "RBK-03, RBK-05: what cannot be switched off rests on no less than ships\n"
        "  to fix: write E3, or name the checks that may rest on less one by one"
    )


def test_a_group_may_rest_on_less_where_the_checks_that_must_hold_stand_beside_it():
    held = {f"RBK-{n}": {"B": "E3"} for n in ("01", "02", "03", "05")}

    check_policy(CHECKS, policy(minimum_grades={"RBK": {"B": "E1"}, **held}))


def test_a_check_of_one_s_own_may_rest_on_a_word():
    check_policy([passing("ACME-01")], policy(minimum_grades={"ACME": {"A": "E1"}}))


def test_a_waiver_of_no_such_check_is_refused():
    waiver = {
        "check_id": "DFR-02",
        "system": "flight-delay",
        "reason": "x",
        "compensating_control": "y",
        "accepted_by": "flo-risk",
        "starts": "2013-07-01",
        "expires": "2013-08-01",
    }

    (problem,) = problems_of(waivers=[waiver])

    assert "DFR-02 is no check that is loaded" in problem
    assert "did you mean DRF-02?" in problem


def test_all_problems_of_a_policy_are_said_at_once():
    wrong = {"RBK-02": {"max_age_days": "soon", "days": "3"}, "NO-01": {}}

    assert len(problems_of(thresholds=wrong)) == 3


def test_a_wrong_policy_stops_the_judgement():
    with pytest.raises(PolicyError):
        judged("OWN-01", policy={"thresholds": {"RBK-02": {"max_age_days": "soon"}}})


@pytest.mark.parametrize(
    ("check_id", "given"),
    [("QLT-03", {"max_age_days": "-1"}), ("ONC-04", {"max_age_days": -1})],
)
def test_a_limit_below_zero_is_refused(check_id, given):
    (problem,) = problems_of(thresholds={check_id: given})

    assert "expected zero or more" in problem


@pytest.mark.parametrize(
    ("check_id", "name", "value"),
    [
        ("RBK-02", "under_seconds", "1000000"),
        ("RUL-01", "max_limit_share", "1"),
        ("QLT-08", "min_periods", "0"),
        ("OBS-03", "min_share", "0"),
        ("QLT-05", "max_rest_share", "1"),
        ("INC-06", "look_back_days", "0"),
        ("FBK-05", "window_days", "0"),
        ("FBK-05", "hours_per_outage", "0"),
        ("FBK-05", "most_drills", "0"),
        ("CST-06", "within_days", "0"),
        ("OBS-05", "days_ahead", "0"),
        ("PRT-05", "leaves_within_days", "0"),
        ("TRN-01", "leaves_within_days", "0"),
        ("TRN-02", "months", "0"),
        ("TRN-02", "stall_months", "0"),
        ("TRN-04", "months", "0"),
    ],
)
def test_a_threshold_that_asks_for_nothing_is_refused_at_its_line(check_id, name, value):
    (problem,) = problems_of(thresholds={check_id: {name: value}})

    assert problem.startswith(f"policy.yaml:3: {check_id}.{name} is '{value}'; Input should be ")


LIMITED = [
    (check, name)
    for check in CHECKS
    for name in check.thresholds
    if name.startswith("min_") or "share" in name or name in {"under_seconds", "within_seconds"}
]


@pytest.mark.parametrize(("check", "name"), LIMITED, ids=lambda one: getattr(one, "id", one))
def test_every_share_and_every_least_number_has_bounds_that_its_default_keeps(check, name):
    loose = "0" if name.startswith(("min_", "enough_")) else "1000000"
    default = check.thresholds[name].default
    values = dict(zip("ABC", default.by_tier, strict=True)) if hasattr(default, "at") else default

    assert len(problems_of(thresholds={check.id: {name: loose}})) == 1
    check_policy(CHECKS, policy(thresholds={check.id: {name: values}}))


@pytest.mark.parametrize("check_id", ["INC-01", "INC-07"])
def test_nobody_at_a_game_day_is_enough_at_the_lowest_tier_alone(check_id):
    check_policy(CHECKS, policy(thresholds={check_id: {"min_attended": {"C": "0"}}}))
    (problem,) = problems_of(thresholds={check_id: {"min_attended": {"A": "0"}}})
    (for_all,) = problems_of(thresholds={check_id: {"min_attended": "0"}})

    assert "min_attended is '0'; expected at least 1 at tier A" in problem
    assert "expected at least 1 at tier A, 1 at tier B" in for_all


def test_how_old_a_thing_may_be_is_for_the_company_to_say():
    check_policy(CHECKS, policy(thresholds={"RBK-02": {"max_age_days": "400"}}))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("nan", "RBK-02.max_age_days is 'nan'; expected a "),
        ("soon", "RBK-02.max_age_days is 'soon'; expected a "),
        ("9" * 30, f"is '{'9' * 30}'; expected at most 9,007,199,254,740,991"),
        ("9" * 6000, f"is '{'9' * 59}...; expected at most 9,007,199,254,740,991"),
    ],
)
def test_what_no_threshold_can_be_is_said_in_our_own_words(value, said):
    (problem,) = problems_of(thresholds={"RBK-02": {"max_age_days": value}})

    assert said in problem
    assert "Input" not in problem


@pytest.mark.parametrize(
    ("check_id", "name", "most", "said"),
    [
        ("RBK-02", "max_age_days", 36525, "36,525 days"),
        ("CST-02", "max_age_hours", 876600, "876,600 hours"),
        ("DEC-03", "max_impact_minutes", 52596000, "52,596,000 minutes"),
        ("TRN-02", "stall_months", 1200, "1,200 months"),
    ],
)
def test_no_time_is_longer_than_a_hundred_years_whatever_its_unit(check_id, name, most, said):
    """A hundred years are 36,525 days with their 25 leap days."""
    check_policy(CHECKS, policy(thresholds={check_id: {name: str(most)}}))
    (problem,) = problems_of(thresholds={check_id: {name: str(most + 1)}})

    assert problem.startswith(
        f"policy.yaml:3: {check_id}.{name} is '{most + 1}'; expected at most {said}"
    )


def test_a_time_of_one_s_own_check_is_no_longer_than_a_hundred_years_either():
    def asked(ctx, *, grace_days: int = 3, most_rows: int = 3):
        return passed(f"{grace_days} of {most_rows}", looked_at=[OWNER_FILE])

    given = {"ACME-01": {"grace_days": "36526", "most_rows": "36526"}}

    with pytest.raises(PolicyError) as error:
        check_policy([a_check("ACME-01", asked)], policy(thresholds=given))

    (problem,) = error.value.problems
    assert problem.message.startswith("ACME-01.grace_days is '36526'")


def test_a_threshold_that_holds_no_value_is_refused_at_its_line():
    (problem,) = problems_of(thresholds={"CST-02": {"max_age_hours": {}}})

    assert problem == (
        "policy.yaml:3: CST-02.max_age_hours is empty; expected one value, or one per tier\n"
        "  to fix: write a value such as 24"
    )


FARTHEST = [0, 5e-324, 1, 100, 1200, 36525, 876600, 52596000, 3155760000, 2**53 - 1, 1e308]
"""Nothing, the least above it, a hundred years in each unit, and the most that is a number."""


def accepted(check, name):
    """What of the farthest values, and of the bounds that it declares, a policy may set."""
    hint = get_type_hints(check.function, include_extras=True)[name]
    marks = [
        m for field in getattr(hint, "__metadata__", ()) for m in getattr(field, "metadata", ())
    ]
    bounds = [getattr(m, key) for m in marks for key in ("ge", "le") if hasattr(m, key)]
    return [value for value in (*FARTHEST, *bounds) if taken(check, name, value)]


def taken(check, name, value):
    try:
        check_policy([check], policy(thresholds={check.id: {name: str(value)}}))
    except PolicyError:
        return False
    return True


@pytest.mark.parametrize("records", [all_records, nothing], ids=["shown", "not shown"])
@pytest.mark.parametrize("end", [min, max], ids=["least", "most"])
@pytest.mark.parametrize("nth", range(max(len(check.thresholds) for check in CHECKS)))
def test_no_check_crashes_at_either_end_of_what_a_policy_may_set(nth, end, records):
    """One threshold of each check at a time; the others keep their defaults."""
    named = [(c, name) for c in CHECKS for name in list(c.thresholds)[nth : nth + 1]]
    set_to = {check.id: {name: str(end(accepted(check, name)))} for check, name in named}
    system = a_system()
    model = a_model(system, policy={"thresholds": set_to})

    findings = judge(
        shipped_catalogue(), model, system, an_evidence(*records(system)), as_of=AS_OF
    )

    assert set_to
    assert [(f.check, f.message) for f in findings if f.status == "errored"] == []
