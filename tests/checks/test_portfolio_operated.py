from datetime import date, timedelta

import pytest

from ops_model.domain.spend import DayCost
from tests.builders import (
    AREAS,
    AS_OF,
    PORTFOLIO,
    a_drift,
    a_spend,
    all_records,
    exact,
    people_but,
)
from tests.checks.judged import judged, lacking
from tests.checks.test_ownership_transition import LEAVING, accepted_by

HANDOFF = {
    "id": "ana-to-bo",
    "outgoing": "ana-ruiz",
    "incoming": "bo-li",
    "effective": "2013-08-01",
    "items": [{"topic": "runbook", "evidence": "walked through on 15 July"}],
}
PILOT, LIVE = AREAS["identity"]["stage_history"]
HALF_A_YEAR_AGO = {"stage_history": [PILOT, {**LIVE, "at": "2013-01-01T00:00:00Z"}]}
STILL_A_PILOT = {"stage_history": [PILOT]}


def test_prt_01_passes_with_a_strategy_and_an_operations_plan():
    finding = judged("PRT-01")

    assert finding.message == (
        "a strategy (1 promise), and an operations plan: its files are written, the five "
        "questions answered"
    )
    assert [(v.name, v.measured.value) for v in finding.values] == [
        ("strategy", 1.0),
        ("operations plan", 1.0),
    ]


def test_prt_01_fails_for_a_strategy_without_an_operations_plan():
    finding = judged("PRT-01", rollback=None)

    assert finding.status == "failed"
    assert finding.message.startswith(
        "a strategy (1 promise), and no operations plan; open: OM-01, RBK-01"
    )
    assert [v.measured.value for v in finding.values] == [1.0, 0.0]
    assert not finding.blocks


def test_prt_01_passes_where_operations_were_planned_without_a_paper():
    finding = judged("PRT-01", identity={"strategy": []})

    assert finding.status == "passed"
    assert finding.message.startswith("no strategy paper on record, and an operations plan")


def test_prt_05_passes_while_the_owner_is_here_to_stay():
    assert judged("PRT-05").message == "ana-ruiz owns it"


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ({"ownership": None}, "ORPHAN: there is no systems/flight-delay/ownership.yaml"),
        ({"ownership": {"accountable": "data-team"}}, "ORPHAN: accountable: data-team is a team"),
        (
            {"people": people_but("ana-ruiz", active_to="2013-07-21")},
            "ORPHAN: accountable: ana-ruiz left on 2013-07-21",
        ),
    ],
)
def test_prt_05_fails_for_a_system_that_nobody_owns(areas, said):
    finding = judged("PRT-05", **areas)

    assert finding.status == "failed"
    assert finding.message.startswith(said)


# 30 days after 22 July is 21 August.
@pytest.mark.parametrize(("last", "status"), [("2013-08-21", "failed"), ("2013-08-22", "passed")])
def test_prt_05_fails_for_an_owner_who_leaves_within_a_month_without_a_handoff(last, status):
    finding = judged("PRT-05", people=people_but("ana-ruiz", active_to=last))

    assert finding.status == status
    if status == "failed":
        assert finding.message.startswith("ORPHAN from 2013-08-21 on: ana-ruiz leaves, and")
        assert "handoff into ownership.yaml" in finding.remedy


def test_prt_05_passes_when_the_handoff_of_who_leaves_is_done():
    finding = judged(
        "PRT-05",
        people=LEAVING,
        ownership={"handoffs": [HANDOFF]},
        records=accepted_by("ana-ruiz", "bo-li"),
    )

    assert finding.status == "passed"
    assert "the handoff is done" in finding.message


def test_prt_05_does_not_arise_for_what_is_retired():
    over = [PILOT, LIVE, {"stage": "retired", "at": "2013-07-01T00:00:00Z", "by": "ana-ruiz"}]

    assert judged("PRT-05", identity={"stage_history": over}).status == "not_applicable"


def days_of_spend(*costs, requests):
    """One service, a day each, the last being yesterday."""
    last = date(2013, 7, 21)
    return tuple(
        DayCost(
            day=last - timedelta(days=len(costs) - 1 - n),
            service="serving",
            cost=exact(cost, "USD", asked),
            requests=asked,
        )
        for n, (cost, asked) in enumerate(zip(costs, requests, strict=True))
    )


def test_prt_06_passes_with_how_drift_cost_and_use_went():
    # 28 days at 2 USD and 50 requests, after two days at 1 USD and 80 requests.
    days = days_of_spend(*[1] * 2, *[2] * 28, requests=[80] * 2 + [50] * 28)

    def records(system):
        kept = [r for r in all_records(system) if r.kind not in {"spend", "drift"}]
        before = a_drift(system, as_of=AS_OF - timedelta(days=90))
        (column,) = before.columns
        now = a_drift(system, columns=(column.model_copy(update={"drifted": True}),))
        return (*kept, before, now, a_spend(system, days=days))

    finding = judged("PRT-06", identity=HALF_A_YEAR_AGO, records=records)

    # From 1 January to 22 July are 202 days.
    assert finding.message == (
        "in production for 202 days: drift: 1 of 1 column moved, 0 of 1 on 2013-04-23; cost: "
        "2.00 USD a day, 1.00 before; use: 50 requests a day, 80 before; audit: "
        f"{judged('CMP-05').message}"
    )
    assert [v.measured.value for v in finding.values] == [2.0, 1.0, 50.0, 80.0]
    assert finding.valid_until == AS_OF + timedelta(days=30)


def test_prt_06_passes_without_a_slope_where_days_are_few():
    finding = judged("PRT-06", identity=HALF_A_YEAR_AGO, records=lambda s: (
        *(r for r in all_records(s) if r.kind != "spend"),
        a_spend(s, days=days_of_spend(1, 2, requests=[5, 6])),
    ))  # fmt: skip

    assert "cost and use: 2 days on record, so no slope" in finding.message


@pytest.mark.parametrize(
    ("records", "areas", "lacks"),
    [
        (lacking("drift"), {}, "drift, use"),
        (lacking("spend"), {}, "cost, use"),
        (all_records, {}, "use"),
        (all_records, {"compliance": None}, "use, audit questions"),
    ],
)
def test_prt_06_is_unknown_after_half_a_year_without_one_of_them_on_record(records, areas, lacks):
    finding = judged("PRT-06", identity=HALF_A_YEAR_AGO, records=records, **areas)

    assert finding.reason == "missing"
    assert f"of the last 30 days nothing is on record of {lacks}" in finding.message


def test_prt_06_does_not_arise_before_day_180():
    assert judged("PRT-06").message == "day 180 is 2013-08-28"
    assert judged("PRT-06", identity=STILL_A_PILOT).status == "not_applicable"


def test_prt_07_passes_for_what_the_three_seats_signed():
    finding = judged("PRT-07")

    assert finding.message.startswith("in production (live), and signed: product: fay-product")
    assert finding.valid_until == judged("REV-05").valid_until


def test_prt_07_fails_for_what_serves_without_a_sign_off_that_holds():
    finding = judged("PRT-07", records=lacking("sign_off"))

    assert finding.status == "failed"
    assert finding.message.startswith(
        "RECKLESS: in production (live) without a sign-off that holds: product, reliability, "
    )


def test_prt_07_fails_for_a_pilot_that_is_found_in_production():
    finding = judged("PRT-07", identity=STILL_A_PILOT, records=lacking("sign_off"))

    assert "RECKLESS: a pilot by its stages, and in production by portfolio.yaml" in (
        finding.message
    )
    assert "portfolio.yaml" in {place.path for place in finding.looked_at}


def test_prt_07_does_not_arise_for_a_pilot_that_serves_nobody():
    (pilot,) = PORTFOLIO["pilots"]
    portfolio = {**PORTFOLIO, "pilots": [{**pilot, "location": "test_env"}]}

    finding = judged("PRT-07", identity=STILL_A_PILOT, portfolio=portfolio)

    assert finding.status == "not_applicable"
