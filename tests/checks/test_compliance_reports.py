from datetime import UTC, datetime, timedelta

import pytest

from ops_model.check.judge import judge
from ops_model.domain.resolvers import RESOLVERS
from ops_model.domain.schedules import Schedule
from ops_model.domain.walk_scene import Scene
from tests.builders import (
    AREAS,
    AS_OF,
    RUN,
    a_drift,
    a_model,
    a_spend,
    a_statement,
    a_system,
    all_records,
    an_access_drill,
    an_evidence,
    judging,
    people_but,
)  # fmt: skip
from tests.checks.judged import but, judged, lacking, nothing, shipped_catalogue
from tests.shown_model import a_report, a_reproduction

PILOT, LIVE = AREAS["identity"]["stage_history"]


def of_statements(check_id, change):
    """The finding where the statement of each record is changed as `change` says."""
    system = a_system()
    statements = [
        change(a_statement(record, seq)) for seq, record in enumerate(all_records(system), start=1)
    ]
    found = judge(
        shipped_catalogue(), a_model(system), system, an_evidence(*statements), as_of=AS_OF
    )
    return next(f for f in found if f.check == check_id)


def spoilt(kind, **origin):
    def change(statement):
        if statement.record.kind != kind:
            return statement
        changed = statement.origin.model_copy(update=origin) if origin else None
        return statement.model_copy(update={"origin": changed, "actor": "run:x"})

    return change


def test_evd_02_passes_when_every_record_comes_from_a_known_notebook_or_the_tool():
    finding = judged("EVD-02")

    assert finding.status == "passed"
    assert "each from the tool or from a notebook that is shipped or approved" in finding.message


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        (
            {"notebook_digest": "sha256:" + "f" * 64},
            "its notebook 05_drift_quality is neither shipped nor approved",
        ),
        ({"inputs_verified": False}, "what its run run-1 read could not be identified again"),
        ({}, "written by run:x, and by no run"),
    ],
)
def test_evd_02_fails_for_a_record_that_is_declared_only_and_says_why(origin, why):
    finding = of_statements("EVD-02", spoilt("spend", **origin))

    assert finding.status == "failed"
    assert finding.message.startswith("1 of ")
    assert f": {why}" in finding.message
    assert "`approved_notebooks`" in finding.remedy


def test_evd_02_passes_over_what_a_newer_record_of_the_same_has_superseded():
    system = a_system()
    records = list(all_records(system))
    old = a_statement(a_drift(system, as_of=AS_OF - timedelta(days=30)), len(records) + 1)
    statements = [a_statement(r, n) for n, r in enumerate(records, start=1)]
    bad = spoilt("drift", inputs_verified=False)(old)

    found = judge(
        shipped_catalogue(), a_model(system), system, an_evidence(*statements, bad), as_of=AS_OF
    )

    assert next(f for f in found if f.check == "EVD-02").status == "passed"


def test_evd_02_fails_for_a_rota_that_somebody_wrote_by_hand():
    finding = of_statements("EVD-02", spoilt("on_call_coverage"))

    assert finding.status == "failed"
    assert "on call coverage at ledger:" in finding.message


def test_evd_02_fails_where_rows_behind_a_real_system_are_made_up():
    finding = judged("EVD-02", records=but(a_spend, simulated=True))

    assert finding.status == "failed"
    assert finding.message == "the rows behind spend are made up, and the system is not"


def test_evd_02_passes_where_the_whole_system_is_said_to_be_simulated():
    said = {"simulated": "true"}

    finding = judged("EVD-02", records=but(a_spend, simulated=True), identity=said)

    assert finding.status == "passed"


def test_evd_02_takes_a_drill_of_access_for_somebodys_word_and_says_nothing_of_it():
    def tried(system):
        return [*all_records(system), an_access_drill(system, "ana-ruiz")]

    finding = judged("EVD-02", records=tried)

    assert finding.status == "passed"
    assert finding.message == judged("EVD-02").message


def test_evd_02_fails_for_a_drill_of_access_that_a_notebook_wrote():
    system = a_system()
    ours = [a_statement(r, n) for n, r in enumerate(all_records(system), start=1)]
    drill = a_statement(an_access_drill(system, "ana-ruiz"), len(ours) + 1, actor="run:x")

    found = judge(
        shipped_catalogue(), a_model(system), system, an_evidence(*ours, drill), as_of=AS_OF
    )

    finding = next(f for f in found if f.check == "EVD-02")
    assert finding.status == "failed"
    assert "access drill at ledger:" in finding.message


def test_evd_02_is_unknown_when_nothing_was_observed():
    assert judged("EVD-02", records=nothing).reason == "missing"


def test_evd_04_passes_with_the_report_of_this_week():
    finding = judged("EVD-04")

    assert finding.message == (
        "the weekly report of 2013-07-21 is there; the next is due by 2013-07-29"
    )
    # A week and a day of grace after the last.
    assert finding.valid_until == AS_OF + timedelta(days=7)


def test_evd_04_fails_for_a_report_that_stopped_arriving_and_names_who_had_to_miss_it():
    old = AS_OF - timedelta(days=29)

    finding = judged("EVD-04", records=but(a_report, as_of=old))

    # Due eight days after 23 June, which was 21 days ago: G23.
    assert finding.message == (
        "the last is of 2013-06-23, and the next was due by 2013-07-01, 21 days ago; ana-ruiz had "
        "to miss it"
    )
    assert finding.owner == "ana-ruiz"
    assert "`ops-model run 07_weekly_ops_report flight-delay`" in finding.remedy


@pytest.mark.parametrize(
    "origin", [{"notebook_digest": "sha256:" + "f" * 64}, {"inputs_verified": False}]
)
def test_evd_04_fails_for_a_report_of_a_notebook_that_only_has_the_name(origin):
    finding = of_statements("EVD-04", spoilt("assessment", **origin))

    assert finding.status == "failed"
    assert "none ever arrived" in finding.message


def test_evd_02_fails_for_an_assessment_of_a_notebook_that_nobody_knows():
    forged = {"notebook_digest": "sha256:" + "f" * 64}
    finding = of_statements("EVD-02", spoilt("assessment", **forged))

    assert finding.status == "failed"
    assert "07_weekly_ops_report is neither shipped nor approved" in finding.message


@pytest.mark.parametrize(("days", "status"), [(8, "passed"), (9, "failed")])
def test_evd_04_fails_only_after_the_day_of_grace(days, status):
    late = but(a_report, as_of=AS_OF - timedelta(days=days))

    assert judged("EVD-04", records=late).status == status


def test_evd_04_fails_when_no_report_ever_arrived():
    finding = judged(
        "EVD-04",
        records=lacking("assessment"),
        people=people_but("ana-ruiz", active_to="2013-07-01"),
    )

    assert finding.message.startswith("none ever arrived")
    assert finding.owner == "bo-li"


def test_evd_04_does_not_arise_before_the_first_report_is_due():
    young = [PILOT, {**LIVE, "at": "2013-07-18T00:00:00Z"}]

    fresh = judged("EVD-04", identity={"stage_history": young}, records=lacking("assessment"))
    pilot = judged("EVD-04", identity={"stage_history": [PILOT]})

    assert fresh.message == "live since 2013-07-18; the first report is due by 2013-07-26"
    assert pilot.status == "not_applicable"


def scheduled_book(report_age, zone="UTC", **line):
    """A workbook that schedules the report, its system and what was shown; None is no report."""
    line = {"notebook": "07_weekly_ops_report", "cron": "0 6 * * 1", **line}
    system = a_system()
    model = a_model(system, zone=zone)
    settings = model.settings.model_copy(update={"schedules": (Schedule(**line),)})
    change = lacking("assessment")
    if report_age is not None:
        change = but(a_report, as_of=AS_OF - report_age)
    statements = [a_statement(r, n) for n, r in enumerate(change(system), start=1)]
    return model.model_copy(update={"settings": settings}), system, statements


def scheduled(report_age, *, now=AS_OF, **line):
    """The finding of EVD-04 there."""
    model, system, statements = scheduled_book(report_age, **line)
    found = judge(shipped_catalogue(), model, system, an_evidence(*statements), as_of=now)
    return next(f for f in found if f.check == "EVD-04")


# AS_OF is Monday 22 July 2013 at 08:00, two hours after the slot at 06:00.
@pytest.mark.parametrize(
    ("age", "grace_hours", "status"),
    [
        # That of last Monday at 06:00: today's slot waits for its grace.
        (timedelta(days=7, hours=2), 24, "passed"),
        (timedelta(days=7, hours=2), 1, "failed"),
        (timedelta(days=7, hours=2), 2, "passed"),
        # One by hand on Thursday came before today's slot.
        (timedelta(days=4), 1, "failed"),
        # Today's.
        (timedelta(hours=2), 1, "passed"),
    ],
)
def test_evd_04_takes_from_the_schedule_when_the_report_is_due(age, grace_hours, status):
    assert scheduled(age, grace_hours=grace_hours).status == status


@pytest.mark.parametrize("grace_hours", [1, 24])
@pytest.mark.parametrize("days", [0, 4, 8])
def test_a_game_day_and_evd_04_say_the_same_of_a_report_that_the_schedule_wants(days, grace_hours):
    age = timedelta(days=days)
    model, system, statements = scheduled_book(age, grace_hours=grace_hours)
    weighed = judging(model, system, statements)
    scene = Scene.of(
        model, system, at=AS_OF, statements=statements, judging=weighed, failure_mode=None
    )

    answer = RESOLVERS["report-missed"](scene)

    late = scheduled(age, grace_hours=grace_hours).status == "failed"
    assert (answer.check == "EVD-04") == late


def test_evd_04_says_by_when_the_schedule_wants_the_next():
    finding = scheduled(timedelta(hours=2), grace_hours=30)

    # Monday 29 July at 06:00, and thirty hours.
    assert finding.valid_until == datetime(2013, 7, 30, 12, tzinfo=UTC)


def test_evd_04_waits_for_a_week_of_the_schedule_whose_clocks_were_set_back():
    # From Monday 28 October 2013 at 06:00 in New York to 4 November at 06:00 are 7 days, 1 hour.
    last, now = datetime(2013, 10, 28, 10, tzinfo=UTC), datetime(2013, 11, 5, 10, tzinfo=UTC)

    finding = scheduled(AS_OF - last, now=now, zone="America/New_York", grace_hours=24)

    assert finding.status == "passed"


@pytest.mark.parametrize(
    "line",
    [
        {"cron": "0 6 1 * *"},  # each month
        {"since": "2013-08-01T00:00:00Z"},  # not begun
        {"systems": ("another",)},
        {"notebook": "05_drift_quality"},
    ],
)
def test_evd_04_keeps_to_the_policy_where_no_line_is_as_frequent(line):
    """Nine days are too long for the policy, and every one of these would wait on."""
    assert scheduled(timedelta(days=9), **line, grace_hours=600).status == "failed"
    assert scheduled(timedelta(days=8), **line, grace_hours=1).status == "passed"


def test_evd_04_counts_no_slot_before_the_line_began():
    young = scheduled(None, since="2013-07-22T00:00:00Z", grace_hours=24)
    late = scheduled(None, since="2013-07-22T00:00:00Z", grace_hours=1)

    assert young.status == "not_applicable"
    assert young.message.endswith("the first report is due by 2013-07-23")
    assert late.status == "failed"


def test_evd_05_passes_when_a_run_came_out_the_same_again():
    finding = judged("EVD-05")

    assert finding.message == "run run-1 (05_drift_quality) came out the same: 12 records"
    # A year from three days ago.
    assert finding.valid_until == AS_OF + timedelta(days=363)


# A quarter at tier A, a year at the others.
@pytest.mark.parametrize(
    ("tier", "days", "status"),
    [("A", 92, "passed"), ("A", 93, "unknown"), ("B", 366, "passed"), ("C", 367, "unknown")],
)
def test_evd_05_is_unknown_once_that_was_too_long_ago(tier, days, status):
    old = but(a_reproduction, as_of=AS_OF - timedelta(days=days))

    assert judged("EVD-05", tier=tier, records=old).status == status


def test_evd_05_fails_for_records_that_came_out_differently():
    finding = judged("EVD-05", records=but(a_reproduction, differing=("days[3].quality",)))

    assert finding.message == (
        "run run-1 (05_drift_quality) executed again: 1 of 12 records differ: days[3].quality"
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"records": 0}, "too_few"),
        ({"run_id": "run-of-nobody"}, "missing"),
        ({"again": RUN}, "missing"),
    ],
)
def test_evd_05_is_unknown_for_a_run_that_shows_nothing(changes, reason):
    assert judged("EVD-05", records=but(a_reproduction, **changes)).reason == reason


@pytest.mark.parametrize(
    "origin", [{"notebook_digest": "sha256:" + "f" * 64}, {"inputs_verified": False}]
)
def test_evd_05_is_unknown_for_a_run_of_which_one_record_is_declared_only(origin):
    finding = of_statements("EVD-05", spoilt("spend", **origin))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "no run of a shipped or approved notebook" in finding.message


def test_evd_05_names_the_run_of_the_last_measurement_to_execute_again():
    finding = judged("EVD-05", records=lacking("reproduction"))

    assert finding.status == "unknown"
    assert finding.remedy == (
        "the owner runs `ops-model run 05_drift_quality flight-delay --reproduce run-1`"
    )


def test_evd_05_has_something_measured_first_where_nothing_was_ever_run():
    finding = judged("EVD-05", records=nothing)

    assert "--reproduce RUN_ID" in finding.remedy
    assert "`ops-model run 05_drift_quality flight-delay`" in finding.remedy


def test_evd_05_has_a_notebook_that_differs_run_anew_before_it_is_compared_again():
    finding = judged("EVD-05", records=but(a_reproduction, differing=("days[3].quality",)))

    assert "runs it anew; then the owner runs `ops-model run 05_drift_quality" in finding.remedy
