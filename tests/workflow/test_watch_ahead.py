"""What runs out soon, what has run out, and incidents that nobody took."""

from datetime import timedelta

import pytest

from ops_model.domain.schedules import Schedule
from ops_model.domain.values import Where
from ops_model.domain.workbook import WorkbookSettings
from ops_model.workflow.watch_ahead import Lives, finding_concerns, incident_concerns
from tests.builders import a_drift, a_model, a_rollback_drill, a_statement, a_system
from tests.site.samples import AS_OF, assessment, finding

DAY = timedelta(days=1)
FORTNIGHT = 14 * DAY
WEEKLY = Schedule(notebook="05_drift_quality", cron="0 6 * * 1")
INCIDENT = {
    "id": "gone-wrong", "title": "Answers are wrong", "severity": "sev1", "state": "detected",
    "detected_by": "staff", "detected_at": "2013-07-20T08:00:00Z",
}  # fmt: skip


def drilled(days_ago):
    """A rollback drill on record, as entry 6."""
    drill = a_rollback_drill(a_system(), as_of=AS_OF - days_ago * DAY)
    return a_statement(drill, 6, actor="tool:ops-model", origin=None)


def found(*statements, schedules=(), **changes):
    model = a_model(a_system())
    settings = WorkbookSettings(name="Test", zone="UTC", schedules=schedules)
    lives = Lives.of(statements, model.model_copy(update={"settings": settings}))
    judged = assessment().model_copy(update={"findings": (finding(**changes),)})
    return list(finding_concerns(judged, lives, within=FORTNIGHT))


@pytest.mark.parametrize(
    ("days_ago", "days_left", "told"),
    [
        (76, 14, True),
        (75, 15, False),  # a fortnight at most
        (21, 7, True),
        (20, 8, False),  # a quarter of its life of 28 days
        (30, 0, False),  # that has ended, and is told as expired
    ],
)
def test_what_runs_out_is_told_a_fortnight_before_or_a_quarter_of_its_life(
    days_ago, days_left, told
):
    concerns = found(drilled(days_ago), valid_until=AS_OF + days_left * DAY)

    assert [(c.kind, c.about, c.severity) for c in concerns] == (
        [("expiring", "RBK-02", "ticket")] if told else []
    )


def test_it_says_until_when_it_counts_and_how_to_show_it_again():
    (concern,) = found(drilled(40), valid_until=AS_OF + 2 * DAY)

    assert "What it rests on counts until" in concern.why
    assert "2.0 days from now" in concern.why
    assert "`ops-model checks explain RBK-02`" in concern.remedy
    assert concern.of == f"{AS_OF + 2 * DAY:%Y-%m-%d}"


def test_a_waiver_that_ends_is_told_as_one():
    (concern,) = found(status="failed", waived=True, remedy="drill", looked_at=(),
                       valid_until=AS_OF + 13 * DAY)  # fmt: skip

    assert "Its waiver counts until" in concern.why


def test_what_a_schedule_makes_again_is_not_told_before_it_ends():
    drift = a_statement(a_drift(a_system(), as_of=AS_OF - 7 * DAY), 6)
    ends = AS_OF + DAY / 2

    assert found(drift, valid_until=ends) != []
    assert found(drift, valid_until=ends, schedules=(WEEKLY,)) == []


def test_what_has_run_out_is_told_with_the_remedy_of_its_check():
    (concern,) = found(drilled(99), status="unknown", reason="expired", remedy="drill again",
                       message="the drill is 99 days old", owner="ben-okafor")  # fmt: skip

    assert (concern.kind, concern.why, concern.remedy, concern.owner) == (
        "expired", "the drill is 99 days old", "drill again", "ben-okafor"
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "unknown", "reason": "missing", "remedy": "drill"},
        {"status": "failed", "remedy": "drill"},
        {"status": "passed", "looked_at": (Where(path="x.yaml", line=1),)},
        {"status": "unknown", "reason": "expired", "remedy": "drill", "waived": True},
    ],
)
def test_gaps_that_the_verdict_tells_of_are_no_news_of_a_watch(changes):
    assert found(drilled(3), **changes) == []


@pytest.mark.parametrize(
    ("changes", "minutes", "told"),
    [
        ({}, 16, True),
        ({}, 14, False),
        ({"severity": "sev2"}, 600, False),
        ({"state": "acknowledged", "acknowledged_at": "2013-07-20T08:05:00Z"}, 600, False),
    ],
)
def test_a_gravest_incident_is_told_when_nobody_has_taken_it(changes, minutes, told):
    system = a_system(incidents=[INCIDENT | changes])
    at = system.incidents[0].detected_at + timedelta(minutes=minutes)

    concerns = list(incident_concerns(system, as_of=at))

    assert [(c.about, c.severity) for c in concerns] == ([("gone-wrong", "page")] if told else [])
