"""`ops-model oncall`: who is paged, who decides, and where the rota has holes."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.errors import UsageError
from ops_model.workflow.oncall import instant_of
from ops_model.workflow.start import start_workbook

SETTINGS = "name: Ours\nzone: America/New_York\nas_of: 2026-01-07T12:00:00Z\n"  # a Wednesday
PEOPLE = """people:
  - {id: ana, name: Ana Ruiz, function: platform, zone: Europe/Berlin, active_from: 2020-01-01}
  - {id: ben, name: Ben Okoro, function: reliability, zone: America/New_York,
     active_from: 2020-01-01}
  - {id: cem, name: Cem Demir, function: product, zone: America/New_York, active_from: 2020-01-01}
"""
ON_CALL = """layers:
  - {id: first, role: primary, zone: America/New_York, starts: 2026-01-05T09:00:00,
     rule: FREQ=WEEKLY;BYDAY=MO, shift_hours: 168, participants: [ana, ben]}
  - {id: second, role: secondary, zone: America/New_York, starts: 2026-01-05T09:00:00,
     rule: FREQ=WEEKLY;BYDAY=MO, shift_hours: 168, participants: [ben, ana]}
absences:
  - {person: ben, start: 2026-01-15T00:00:00Z, end: 2026-01-16T00:00:00Z}
escalation:
  - {target: primary, ack_within_minutes: 10}
  - {target: secondary, ack_within_minutes: 5}
  - {target: cem, ack_within_minutes: 30}
runbook: docs/scorer.md
"""
DECISIONS = """rights:
  - {action: rollback, holder: primary, autonomy: alone}
  - {action: failover, holder: primary, autonomy: needs_approval, approvers: [cem]}
  - {action: override_output, holder: secondary, autonomy: consult_one}
"""


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "book"
    start_workbook(folder, "scorer")
    (folder / "ops-model.yaml").write_text(SETTINGS)
    (folder / "people.yaml").write_text(PEOPLE)
    (folder / "systems/scorer/on_call.yaml").write_text(ON_CALL)
    (folder / "systems/scorer/decisions.yaml").write_text(DECISIONS)
    return folder


def oncall(root, *arguments):
    return CliRunner().invoke(ops_model, ["oncall", *arguments, "--workbook", str(root)])


def oncall_json(root, *arguments):
    result = oncall(root, "scorer", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_saturday_at_two_is_the_next_one_in_the_zone_of_the_workbook(root):
    answer = oncall_json(root, "--at", "Sat 02:00")

    assert answer["at"] == "2026-01-10T07:00:00Z"
    assert answer["at_local"] == "2026-01-10T02:00:00-05:00"
    assert (answer["primary"], answer["secondary"]) == ("ana", "ben")
    assert answer["names"]["ana"] == "Ana Ruiz"


def test_who_decides_alone_is_named_and_why_nobody_else_does(root):
    answer = oncall_json(root, "--at", "Sat 02:00")

    assert answer["decides"] == {
        "rollback": "ana", "failover": None, "override_output": None, "disable": None,
    }  # fmt: skip
    assert answer["rights"]["failover"]["why_not"] == (
        "primary must have the approval of cem, who is not on call"
    )
    assert answer["rights"]["override_output"] == {
        "person": "ben", "consult": "ana", "why_not": "",
    }  # fmt: skip
    assert (
        answer["rights"]["disable"]["why_not"] == "decisions.yaml gives nobody the right disable"
    )


def test_the_escalation_adds_up_the_windows_to_answer(root):
    steps = oncall_json(root)["escalation"]

    assert [(s["person"], s["after_minutes"], s["ack_within_minutes"]) for s in steps] == [
        ("ana", 0, 10), ("ben", 10, 5), ("cem", 15, 30),
    ]  # fmt: skip


def test_the_holes_of_the_days_ahead_are_listed_with_their_reason(root):
    answer = oncall_json(root, "--days", "14")

    # Ben is primary from Monday the 12th and away for the whole 15th, in UTC.
    assert answer["holes"] == [{
        "from": "2026-01-15T00:00:00Z", "to": "2026-01-16T00:00:00Z",
        "role": "primary", "why": "ben is primary and is away",
    }]  # fmt: skip
    assert answer["covered_share"] == 13 / 14


def test_a_person_who_is_away_is_still_named_and_said_to_be_unreachable(root):
    answer = oncall_json(root, "--at", "2026-01-15T12:00:00Z")

    assert answer["primary"] == "ben"
    assert answer["why_not"] == {"primary": "ben is primary and is away"}
    assert answer["decides"]["rollback"] is None


def test_the_terminal_shows_names_local_times_and_the_runbook(root):
    lines = oncall(root, "scorer", "--at", "Sat 02:00", "--days", "14").output.splitlines()

    assert lines[0] == "scorer, Sat 2026-01-10 02:00 EST (America/New_York)"
    assert lines[2].startswith("paged       Ana Ruiz, where it is Sat 2026-01-10 08:00 CET")
    assert lines[3].startswith("next        Ben Okoro; on call until Mon 2026-01-12 09:00 EST")
    assert "            after  15 min  Cem Demir, 30 min to answer" in lines
    assert "decides     rollback         Ana Ruiz, alone" in lines
    assert "            override output  Ben Okoro, with Ana Ruiz" in lines
    assert "runbook     docs/scorer.md" in lines


def test_a_system_without_a_rota_is_answered_with_nobody(root):
    (root / "systems/scorer/on_call.yaml").unlink()

    result = oncall(root, "scorer", "--days", "7")

    assert result.exit_code == 0
    assert "nobody is primary: there is no on_call.yaml" in result.output


@pytest.mark.parametrize(("at", "code"), [("Sat 02:00", 0), ("2026-01-15T12:00:00Z", 1)])
def test_the_gate_fails_only_when_somebody_is_missing(root, at, code):
    assert oncall(root, "scorer", "--at", at, "--gate").exit_code == code


def test_an_unknown_system_exits_with_two_and_names_the_nearest(root):
    finished = subprocess.run(
        [sys.executable, "-m", "ops_model", "oncall", "scoer", "--workbook", str(root)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert finished.returncode == 2
    assert "did you mean scorer?" in finished.stderr
    assert finished.stdout == ""


@pytest.mark.parametrize("system", ["../scorer", "Scorer", "scorer\n", ""])
def test_a_name_that_cannot_be_an_id_is_refused(root, system):
    assert isinstance(oncall(root, system).exception, UsageError)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Sat 02:00", datetime(2026, 10, 24, 0, tzinfo=UTC)),
        ("saturday 2:00", datetime(2026, 10, 24, 0, tzinfo=UTC)),
        ("18:30", datetime(2026, 10, 21, 16, 30, tzinfo=UTC)),
        ("09:00", datetime(2026, 10, 22, 7, tzinfo=UTC)),
        # 02:30 comes twice on Sunday the 25th; the first is in summer time.
        ("Sun 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-24T02:00:00Z", datetime(2026, 10, 24, 2, tzinfo=UTC)),
        ("2026-10-24T02:00", datetime(2026, 10, 24, 0, tzinfo=UTC)),
        ("2026-10-24T02:00:00-05:00", datetime(2026, 10, 24, 7, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_the_zone_of_the_workbook(text, instant):
    wednesday_noon = datetime(2026, 10, 21, 12, tzinfo=UTC)

    assert instant_of(text, zone_name="Europe/Berlin", as_of=wednesday_noon) == instant


def test_the_present_minute_is_the_next_one():
    now = datetime(2026, 10, 24, 0, tzinfo=UTC)

    assert instant_of("Sat 02:00", zone_name="Europe/Berlin", as_of=now) == now


def test_after_the_first_of_two_equal_civil_times_the_second_is_the_next():
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)

    found = instant_of("Sun 02:30", zone_name="Europe/Berlin", as_of=between)

    assert found == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_civil_time_that_a_clock_change_skips_comes_a_week_later():
    # Berlin has no 02:30 on Sunday 2026-03-29; on 5 April it is 00:30Z.
    found = instant_of(
        "Sun 02:30", zone_name="Europe/Berlin", as_of=datetime(2026, 3, 28, tzinfo=UTC)
    )

    assert found == datetime(2026, 4, 5, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "Sat 25:00", "Sax 02:00", "2am", "0001-01-01T00:00"])
def test_a_text_that_names_no_instant_is_refused(text):
    with pytest.raises(UsageError, match="expected an instant"):
        instant_of(text, zone_name="Europe/Berlin", as_of=datetime(2026, 3, 28, tzinfo=UTC))


@pytest.mark.parametrize("at", ["9999-12-31T23:00:00Z", "1900-01-01T00:00:00Z"])
def test_an_instant_beyond_the_calendar_of_a_rota_is_refused(root, at):
    assert isinstance(oncall(root, "scorer", "--at", at).exception, UsageError)
