import pytest

from ops_model.check.thresholds import check_policy, thresholds_of
from ops_model.errors import PolicyError
from tests.builders import a_model
from tests.checks.judged import judged, shipped_catalogue

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
    check_policy(CHECKS, policy(minimum_grades={"RBK": {"A": "E3"}, "OWN-01": {"B": "E1"}}))


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


def test_a_minimum_grade_that_anything_meets_is_refused():
    (problem,) = problems_of(minimum_grades={"RBK": {"A": "E0"}})

    assert problem.startswith("policy.yaml:")
    assert "RBK asks for E0 at tier A" in problem


@pytest.mark.parametrize(
    ("check_id", "name", "value"),
    [
        ("RBK-02", "under_seconds", "1000000"),
        ("RUL-01", "max_limit_share", "1"),
        ("QLT-08", "min_periods", "0"),
        ("OBS-03", "min_share", "0"),
        ("QLT-05", "max_rest_share", "1"),
        ("INC-06", "look_back_days", "0"),
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
