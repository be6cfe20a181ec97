from datetime import timedelta

import pytest

from ops_model.domain.detection_served import ContractMeasurement, ExpectationResult
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF, exact
from tests.checks.judged import but, instead, judged, lacking
from tests.shown_signals import a_guardrail, a_rule_measurement, between, counted

RULE = AREAS["signals"]["rules"][0]
WARNS = {**RULE, "severity": "warn", "limit_share": "0.02"}
SCOPES = ("in_scope", "out_of_scope", "jailbreak")
ITEMS = "sha256:" + "e" * 64


def rules(**changes):
    return {"rules": [{**RULE, **changes}]}


def test_rul_01_passes_when_nothing_served_breaks_the_rule():
    finding = judged("RUL-01")

    assert finding.message == (
        "rule share-is-a-share (block): 0 of 1,000 rows break it, 0 % (n 1,000, exact); "
        "expected at most 0"
    )
    assert finding.valid_until == AS_OF + timedelta(days=8)


def test_rul_01_fails_when_one_output_broke_a_rule_that_blocks_and_says_whom_it_reached():
    broken = but(
        a_rule_measurement, violations=counted(0.001), users_exposed=exact(3, "users", 1000)
    )

    finding = judged("RUL-01", records=broken)

    assert finding.status == "failed"
    assert "1 of 1,000 rows break it, 0.1 % (n 1,000, exact), before 3 users" in finding.message
    assert "bo-li, who owns rule share-is-a-share" in finding.remedy


@pytest.mark.parametrize(
    ("share", "status", "reason"),
    [
        (counted(0.02), "passed", None),
        (counted(0.021), "failed", None),
        (between(0.021, 0.04), "failed", None),
        (between(0.01, 0.03), "unknown", "too_few"),
        (between(0.0, 0.02), "passed", None),
    ],
)
def test_rul_01_fails_above_the_limit_of_a_rule_that_warns(share, status, reason):
    finding = judged(
        "RUL-01", signals={"rules": [WARNS]}, records=but(a_rule_measurement, violations=share)
    )

    assert (finding.status, finding.reason) == (status, reason)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"limit_share": "0.001"}, "(block) may be broken by 0.001 of the outputs; expected at m"),
        ({"severity": "warn", "limit_share": "0.06"}, "(warn) may be broken by 0.06"),
    ],
)
def test_rul_01_fails_for_a_rule_that_allows_what_it_forbids(change, said):
    finding = judged("RUL-01", signals=rules(**change))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("change", "reason", "said"),
    [
        ({"error": "no column probability"}, "missing", "not be evaluated: no column probability"),
        ({"rows": 0}, "too_few", "log served has no row"),
        ({"bad_failed": 0}, "missing", "0 of 1 wrong ones break it"),
        ({"good_passed": 0}, "missing", "0 of 1 right examples keep to it"),
        ({"retro_scan": True}, "missing", "no such measurement"),
        ({"log": "landed"}, "missing", "no such measurement"),
        ({"rule": "another"}, "missing", "no such measurement"),
        ({"as_of": AS_OF - timedelta(days=9)}, "expired", "9 days old"),
    ],
)
def test_rul_01_is_unknown_when_the_rule_was_not_judged_on_what_is_served_now(
    change, reason, said
):
    finding = judged("RUL-01", records=but(a_rule_measurement, **change))

    assert (finding.status, finding.reason) == ("unknown", reason)
    assert said in finding.message


def test_rul_01_passes_although_a_look_back_found_old_violations():
    def records(system):
        back = a_rule_measurement(system, retro_scan=True, violations=counted(0.3))
        return (*lacking()(system), back)

    assert judged("RUL-01", records=records).status == "passed"


def test_rul_01_is_unknown_when_the_version_is_younger_than_the_measurement():
    version = {**AREAS["identity"]["version"], "in_production_since": "2013-07-22T08:00:00Z"}

    assert judged("RUL-01", identity={"version": version}).reason == "expired"


def test_rul_01_asks_every_active_rule_and_no_other():
    later = {**RULE, "id": "later", "active_from": "2013-07-23"}
    today = {**RULE, "id": "today", "active_from": "2013-07-22"}

    assert judged("RUL-01", signals={"rules": [RULE, later]}).status == "passed"
    only = but(a_rule_measurement)
    assert judged("RUL-01", signals={"rules": [RULE, today]}, records=only).reason == "missing"


def test_rul_01_is_unknown_without_a_rule_or_while_none_is_active():
    assert judged("RUL-01", signals={"rules": []}).reason == "missing"
    assert judged("RUL-01", signals=rules(active_from="2014-01-01")).message == (
        "no rule is active yet; the first is from 2014-01-01 on"
    )


def suite(scope, **changes):
    return {
        "id": scope.replace("_", "-"),
        "scope": scope,
        "items": f"suites/{scope}.json",
        "items_digest": ITEMS,
        "floor": "0.95",
        "min_n": "100",
        "judge": "rule",
        **changes,
    }


def guarded(*suites, kind="llm_app", **changes):
    """The finding about these suites (one of each scope, by default), each tried once."""
    given = suites or [suite(scope) for scope in SCOPES]
    tried = [
        lambda system, scope=scope: a_guardrail(system, scope, **changes)
        for scope in SCOPES
    ]  # fmt: skip
    return judged(
        "RUL-04",
        identity={"kind": kind},
        signals={"guardrails": list(given)},
        records=instead("guardrail", *tried),
    )


def test_rul_04_passes_when_the_version_that_serves_reaches_every_floor():
    finding = guarded()

    assert finding.status == "passed"
    assert finding.message.startswith(
        "suite in-scope (in_scope): v2 answered 97.5 % (n 200, 96 to 99 %) as it must; expected "
        "at least 0.95"
    )


@pytest.mark.parametrize("lacking_scope", SCOPES)
def test_rul_04_fails_when_one_scope_is_not_tried_at_all(lacking_scope):
    finding = guarded(*(suite(scope) for scope in SCOPES if scope != lacking_scope))

    assert finding.status == "failed"
    assert f"no suite is {lacking_scope}" in finding.message


def test_rul_04_fails_below_the_floor():
    finding = guarded(passed=between(0.8, 0.94, 200))

    assert finding.status == "failed"
    assert "answered 87 %" in finding.message


def test_rul_04_fails_for_a_floor_that_lets_through_what_it_forbids():
    finding = guarded(*(suite(scope, floor="0.5") for scope in SCOPES))

    assert finding.status == "failed"
    assert "has a floor of 0.5; expected at least 0.9" in finding.message


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"passed": between(0.94, 0.99, 200)}, "too_few"),
        ({"passed": between(0.96, 1.0, 99)}, "too_few"),
        ({"passed": Measured(value=1.0, unit="share", n=200, no_interval="too few")}, "too_few"),
        ({"items_digest": "sha256:" + "f" * 64}, "expired"),
        ({"items_digest": None}, "expired"),
        ({"as_of": AS_OF - timedelta(days=93)}, "expired"),
        ({"version": "v3"}, "missing"),
        ({"suite": "another"}, "missing"),
    ],
)
def test_rul_04_is_unknown_when_too_little_was_tried_on_the_version_that_serves(changes, reason):
    finding = guarded(**changes)

    assert (finding.status, finding.reason) == ("unknown", reason)


def test_rul_04_is_unknown_when_another_version_was_tried_and_names_it():
    assert "v2 was never tried on suite in-scope (tried were v3)" in guarded(version="v3").message


@pytest.mark.parametrize(
    ("change", "unsaid"),
    [
        ({"items": None}, "items"),
        ({"items_digest": None}, "items_digest"),
        ({"judge": "model"}, "calibration"),
    ],
)
def test_rul_04_is_unknown_when_a_suite_is_not_written_whole(change, unsaid):
    finding = guarded(*(suite(scope, **change) for scope in SCOPES))

    assert finding.reason == "missing"
    assert f"suite in-scope (in_scope) does not say {unsaid}" in finding.message


def test_rul_04_does_not_arise_for_a_model_that_nobody_can_ask_another_question():
    finding = judged("RUL-04")

    assert finding.status == "not_applicable"
    assert finding.message.startswith("kind predictive: it answers one question")


def test_rul_04_is_asked_of_the_suites_that_a_predictive_system_declares():
    assert guarded(suite("in_scope"), kind="predictive").status == "passed"
    below = guarded(suite("in_scope"), kind="predictive", passed=between(0.1, 0.2, 200))
    assert below.status == "failed"


def test_rul_04_is_unknown_without_a_file():
    assert judged("RUL-04", identity={"kind": "agent"}, signals=None).reason == "missing"


def test_rul_01_is_unknown_for_a_single_row():
    one = but(a_rule_measurement, rows=1, violations=counted(0.0, 1))

    finding = judged("RUL-01", records=one)

    assert finding.reason == "too_few"
    assert "expected at least 20 rows" in finding.message


def test_rul_01_fails_for_a_single_row_that_breaks_it():
    one = but(a_rule_measurement, rows=1, violations=counted(1.0, 1))

    assert judged("RUL-01", records=one).status == "failed"


def test_rul_01_is_unknown_when_the_days_that_were_looked_at_are_long_gone():
    gone = Window(start=AS_OF - timedelta(days=60), end=AS_OF - timedelta(days=50))

    assert judged("RUL-01", records=but(a_rule_measurement, window=gone)).reason == "expired"


def test_rul_04_is_unknown_for_one_question_whatever_the_suite_asks_for():
    easy = [suite(scope, min_n="1") for scope in SCOPES]

    finding = guarded(*easy, passed=exact(1.0, "share", 1))

    assert finding.reason == "too_few"
    assert "of at least 20 questions" in finding.message


def test_rul_01_passes_where_none_of_many_rows_breaks_a_rule_whatever_the_interval():
    none = Measured(value=0.0, unit="share", n=1000, low=0.0, high=0.0038)

    assert judged("RUL-01", records=but(a_rule_measurement, violations=none)).status == "passed"


def test_rul_01_fails_where_one_of_many_rows_breaks_it_whatever_the_interval():
    one = Measured(value=0.001, unit="share", n=1000, low=0.0002, high=0.006)

    assert judged("RUL-01", records=but(a_rule_measurement, violations=one)).status == "failed"


CONTRACT = {"id": "rows", "log": "served", "suite": "some_rows", "owner": "bo-li"}
CRITICAL = ExpectationResult(
    type="expect_column_values_to_not_be_null", column="p", severity="critical", state="PASS",
    bad=counted(0.0),
)  # fmt: skip


def a_contract(system, *results, **changes):
    values = {
        "system": system.id,
        "as_of": AS_OF,
        "claims": system.claim_refs("signals"),
        "contract": "rows",
        "log": "served",
        "suite": ITEMS,
        "library": "great-expectations 1.24.1",
        "rows": 1000,
        "rows_of_day": 1000,
        "results": results or (CRITICAL,),
    }
    return ContractMeasurement(**{**values, **changes})


def contracted(*results, claim=CONTRACT, **changes):
    def records(system):
        return (*lacking("contract")(system), a_contract(system, *results, **changes))

    return judged("RUL-01", signals={"contracts": [claim]}, records=records)


def result(state, severity="critical", **changes):
    return CRITICAL.model_copy(update={"state": state, "severity": severity, **changes})


def test_rul_01_passes_when_the_contract_of_what_is_served_holds_too():
    assert contracted().status == "passed"
    assert contracted(result("FAIL", "warning"), CRITICAL).status == "passed"


def test_rul_01_fails_for_a_critical_fail_and_says_how_many_rows_break_it():
    finding = contracted(CRITICAL, result("FAIL", bad=between(0.01, 0.03)))

    assert finding.status == "failed"
    assert "expect_column_values_to_not_be_null(p) FAIL (2 % (n 1,000, 1 to 3 %)" in (
        finding.message
    )
    assert "bo-li, who owns contract rows" in finding.remedy


@pytest.mark.parametrize(
    ("results", "changes", "said"),
    [
        ([result("ERROR", error="no value")], {}, "ERROR (no value)"),
        ([CRITICAL], {"error": "an empty suite"}, "could not be judged: an empty suite"),
        ([result("PASS", "warning")], {}, "none of its expectations is critical"),
        ([CRITICAL], {"rows": 0, "rows_of_day": 0}, "no row of that day"),
        ([CRITICAL], {"as_of": AS_OF - timedelta(days=9)}, "9 days old"),
        ([CRITICAL], {"contract": "another"}, "is on no record"),
    ],
)
def test_rul_01_is_unknown_where_a_contract_was_not_judged(results, changes, said):
    finding = contracted(*results, **changes)

    assert finding.status == "unknown"
    assert said in finding.message


def test_rul_01_asks_no_contract_of_what_is_not_served():
    assert contracted(claim={**CONTRACT, "log": "landed"}, error="broken").status == "passed"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"good": [{"score": "1.7"}]}, "good[0] breaks it"),
        ({"bad": [{"score": "0.7"}]}, "bad[0] keeps to it"),
        ({"bad": [{"other": "0.7"}]}, "bad[0] leaves it open, since a value is missing"),
        ({"good": [{"score": "much"}]}, "good[0] cannot be held against it: expected a number"),
    ],
)
def test_rul_02_fails_when_an_example_is_not_what_it_says_to_be(changes, said):
    sound = {"expr": "0 <= score <= 1", "good": [{"score": "0.4"}], "bad": [{"score": "1.7"}]}

    assert judged("RUL-02", signals=rules(**sound)).status == "passed"
    finding = judged("RUL-02", signals=rules(**{**sound, **changes}))
    assert finding.status == "failed"
    assert said in finding.message


def test_rul_04_is_unknown_when_what_was_tried_long_ago_is_counted_again_today():
    ago = Window(start=AS_OF - timedelta(days=95), end=AS_OF - timedelta(days=93))

    assert guarded(window=ago).reason == "expired"


def test_rul_04_is_unknown_while_questions_of_the_suite_were_never_tried():
    finding = guarded(passed=between(0.5, 0.6, 200), untried=80)

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert "80 questions of it v2 was never tried on" in finding.message
