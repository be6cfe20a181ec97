from datetime import timedelta

import pytest

from ops_model.check.verdict import assess
from tests.builders import AREAS, AS_OF, PORTFOLIO, a_model, a_system, all_records, an_evidence
from tests.checks.judged import judged, shipped_catalogue

(SHIPPED,) = PORTFOLIO["pilots"]
PILOT, LIVE = AREAS["identity"]["stage_history"]
STILL_A_PILOT = {"stage_history": [PILOT]}


def pilots(*entries, **changes):
    return {**PORTFOLIO, "pilots": [{**SHIPPED, **entry} for entry in entries], **changes}


def a_pilot(**entry):
    """A pilot in a test environment that met its targets 50 days ago and is decided in a week."""
    return pilots(
        {
            "location": "test_env",
            "targets_met_on": "2013-06-02",
            "decide_by": "2013-07-29",
            **entry,
        }
    )


def of_pilot(check_id, **entry):
    return judged(check_id, identity=STILL_A_PILOT, portfolio=a_pilot(**entry))


def test_prt_02_passes_for_what_serves_users():
    assert judged("PRT-02").message == "SHIPPED: it serves users"


def test_prt_02_passes_for_a_pilot_that_waits_less_than_half_a_year():
    assert of_pilot("PRT-02").message.startswith("PASSED: ")


def test_prt_02_fails_for_a_stranded_pilot_and_names_what_would_ship_it():
    reason = {"code": "no_operators", "text": "nobody left", "starts": "2013-02-01"}
    finding = judged(
        "PRT-02",
        identity=STILL_A_PILOT,
        rollback=None,
        portfolio=a_pilot(
            targets_met_on="2013-01-23", stall_reasons=[reason], cost_to_close="48000.00 USD"
        ),
    )

    # 23 January is 180 days before 22 July.
    assert finding.message == (
        "STRANDED: it met its targets 180 days ago and serves nobody (no_operators); to close the "
        "gaps costs 48000.00 USD"
    )
    assert "RBK-01, RBK-02, RBK-03" in finding.remedy


def test_prt_02_passes_one_day_before_it_counts_as_stranded():
    assert of_pilot("PRT-02", targets_met_on="2013-01-24").status == "passed"


def test_prt_02_fails_for_a_pilot_that_failed_and_was_never_switched_off():
    finding = of_pilot("PRT-02", targets_met_on=None, ended_on="2013-05-01")

    assert finding.message.startswith("TECH_FAILED: it ended on 2013-05-01")


def test_prt_02_passes_for_a_pilot_that_failed_and_was_retired():
    retired = {"stage_history": [PILOT, {**LIVE, "stage": "retired"}]}

    finding = judged(
        "PRT-02", identity=retired, portfolio=a_pilot(targets_met_on=None, ended_on="2013-02-01")
    )

    assert finding.message == "TECH_FAILED: it did not meet its targets, and was retired"


@pytest.mark.parametrize("check_id", ["PRT-02", "PRT-03", "PRT-04"])
def test_what_serves_users_and_is_no_pilot_is_not_asked(check_id):
    for portfolio in (None, pilots()):
        assert judged(check_id, portfolio=portfolio).status == "not_applicable"


@pytest.mark.parametrize("check_id", ["PRT-02", "PRT-03", "PRT-04"])
def test_what_serves_nobody_and_is_in_no_portfolio_is_unknown(check_id):
    for portfolio in (None, pilots()):
        finding = judged(check_id, identity=STILL_A_PILOT, portfolio=portfolio)
        assert finding.reason == "missing"


def test_prt_03_passes_with_a_day_to_come():
    assert of_pilot("PRT-03").message == "PASSED, to be decided by 2013-07-29"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (None, "no day is set"),
        ("2013-07-21", "it was to be decided by 2013-07-21"),
        ("2014-01-19", "in 181 days; expected within 180"),
    ],
)
def test_prt_03_fails_for_a_pilot_that_nobody_decides_on(day, said):
    finding = of_pilot("PRT-03", decide_by=day)

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize("check_id", ["PRT-02", "PRT-03", "PRT-04"])
@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"targets_met_on": "2013-07-23"}, "targets_met_on 2013-07-23"),
        (
            {"stall_reasons": [{"code": "legal", "text": "asked", "starts": "2030-01-01"}]},
            "the start of legal 2030-01-01",
        ),
    ],
)
def test_a_pilot_s_entry_that_tells_of_the_future_fails(check_id, entry, said):
    finding = of_pilot(check_id, **entry)

    assert finding.status == "failed"
    assert finding.message == f"dated in the future: {said}"


def test_prt_04_passes_where_others_can_reach_it():
    assert of_pilot("PRT-04").message == "PASSED, in test env"


@pytest.mark.parametrize("location", ["laptop_notebook", "dark_flag", "sandbox"])
def test_prt_04_fails_for_a_pilot_that_worked_and_is_hidden(location):
    assert of_pilot("PRT-04", location=location).status == "failed"


def test_prt_04_passes_in_a_sandbox_while_the_targets_are_not_met():
    running = of_pilot("PRT-04", location="sandbox", targets_met_on=None, ended_on=None)

    assert running.message == "RUNNING, in sandbox"


def test_prt_04_fails_when_the_portfolio_and_the_stage_history_disagree():
    said_to_serve = of_pilot("PRT-04", location="production")
    serves = judged("PRT-04", portfolio=pilots({"location": "sandbox"}))

    assert "by the stage history nobody is served" in said_to_serve.message
    assert "by the stage history users are served" in serves.message


STRANDED = {"system": "one", "location": "sandbox", "targets_met_on": "2012-11-30"}
SERVING = {"system": "two", "location": "production", "targets_met_on": "2012-11-30"}


def test_prt_08_passes_while_there_is_room():
    finding = judged("PRT-08", identity=STILL_A_PILOT, portfolio=pilots(STRANDED, SERVING))

    assert finding.message == (
        "1 pilot stranded by the dates in portfolio.yaml (one), of 2; 2 operators"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wip_limit": "1"}, "1 pilot stranded by the dates in portfolio.yaml (one)"),
        ({"operators_fte": "0"}, "nobody operates AI systems"),
    ],
)
def test_prt_08_fails_when_nobody_can_operate_one_more(changes, said):
    finding = judged(
        "PRT-08", identity=STILL_A_PILOT, portfolio=pilots(STRANDED, SERVING, **changes)
    )

    assert finding.status == "failed"
    assert said in finding.message


def test_prt_08_is_unknown_while_nobody_wrote_how_many_operate():
    unwritten = pilots(STRANDED, operators_fte=None, wip_limit="2")

    finding = judged("PRT-08", identity=STILL_A_PILOT, portfolio=unwritten)

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert finding.message.startswith("operators_fte is not written; 1 pilot stranded")


def test_prt_08_fails_with_too_many_stranded_whoever_operates():
    unwritten = pilots(STRANDED, operators_fte=None, wip_limit="1")

    assert judged("PRT-08", identity=STILL_A_PILOT, portfolio=unwritten).status == "failed"


def test_prt_08_is_unknown_without_a_portfolio():
    assert judged("PRT-08", identity=STILL_A_PILOT, portfolio=None).reason == "missing"


def test_the_portfolio_informs_and_stands_in_no_system_s_way():
    system = a_system()
    assessments = [
        assess(
            shipped_catalogue(), a_model(system, portfolio=portfolio), system,
            an_evidence(*all_records(system)), as_of=AS_OF, ledger_size=9,
        )
        for portfolio in (PORTFOLIO, pilots({"location": "sandbox"}))
    ]  # fmt: skip

    assert [a.verdict for a in assessments] == ["READY", "READY"]
    assert [a.areas["portfolio"] for a in assessments] == ["passed", "failed"]
    assert all(a.blocking == () for a in assessments)


def test_a_day_of_the_portfolio_ends_no_verdict():
    system = a_system(identity=STILL_A_PILOT)
    evidence = an_evidence(*all_records(system))

    assessment = assess(
        shipped_catalogue(), a_model(system, portfolio=a_pilot(decide_by="2013-07-22")), system,
        evidence, as_of=AS_OF, ledger_size=9,
    )  # fmt: skip

    decided = next(f for f in assessment.findings if f.check == "PRT-03")
    assert decided.valid_until == AS_OF.replace(day=23, hour=0)
    assert assessment.valid_until > decided.valid_until + timedelta(hours=1)
