"""`ops-model oncall`: who is paged, who decides, and where the rota has holes."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.values import digest_of
from ops_model.errors import UsageError
from ops_model.store.ledger import Ledger
from ops_model.workflow.oncall import instant_of
from tests.builders import a_rollback_drill, a_system

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


SYSTEM = """name: Scorer
kind: predictive
tier: B
purpose: scores claims
users: clerks
customer_facing: false
version: {label: "7", model_ref: models/7, in_production_since: 2026-01-01T00:00:00Z}
"""


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "book"
    (folder / "systems/scorer").mkdir(parents=True)
    (folder / "systems/scorer/system.yaml").write_text(SYSTEM)
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


def test_a_step_that_reaches_nobody_says_which_role_nobody_has(root):
    text = oncall(root, "scorer", "--at", "2025-06-01T00:00:00Z").output
    steps = oncall_json(root, "--at", "2025-06-01T00:00:00Z")["escalation"]

    assert "escalation  at once        CANNOT ANSWER: nobody is primary\n" in text
    assert "nobody yet" not in text
    assert [s["why_not"] for s in steps] == ["nobody is primary", "nobody is secondary", ""]


def test_an_instant_beyond_the_calendar_is_refused_for_its_year_and_not_for_its_days(root):
    refused = oncall(root, "scorer", "--at", "9998-12-30T00:00:00Z", "--days", "30")

    said = str(refused.exception)
    assert "cannot be resolved from 9998-12-30T00:00:00+00:00 on; expected a year from" in said
    assert "days" not in said


def test_the_holes_of_the_days_ahead_are_listed_with_their_reason(root):
    answer = oncall_json(root, "--days", "14")

    # Ben is primary from Monday the 12th and away for the whole 15th, in UTC.
    assert [h for h in answer["holes"] if h["kind"] != "never_drilled"] == [{
        "from": "2026-01-15T00:00:00Z", "to": "2026-01-16T00:00:00Z",
        "role": "primary", "kind": "absent", "why": "ben is primary and is away",
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
    assert lines[3] == "            has never drilled this system"
    assert lines[4].startswith("next        Ben Okoro; on call until Mon 2026-01-12 09:00 EST")
    assert "            after  15 min  Cem Demir, 30 min to answer" in lines
    assert "decides     rollback         Ana Ruiz, alone" in lines
    assert "            override output  Ben Okoro, with Ana Ruiz" in lines
    assert "runbook     docs/scorer.md (MISSING below the workbook)" in lines


def drilled(root, person, day):
    drill = a_rollback_drill(
        a_system("scorer"), as_of=day, done_at=day, claims=(), performed_by=person
    )  # fmt: skip
    event = LedgerEvent(
        id=f"drill/{person}", type="evidence.published", subject="scorer", as_of=day,
        recorded_at=day, actor="tool:ops-model",
        data={"record": drill.model_dump(mode="json"), "digest": digest_of(drill), "origin": None},
    )  # fmt: skip
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        ledger.append(event)


def test_when_whoever_is_paged_last_drilled_is_read_from_the_ledger(root):
    drilled(root, "ana", datetime(2026, 1, 3, 9, tzinfo=UTC))
    drilled(root, "ben", datetime(2026, 1, 9, tzinfo=UTC))

    lines = oncall(root, "scorer").output.splitlines()
    answer = oncall_json(root)

    # It is judged as of 7 January; what Ben did on the 9th has not happened yet.
    assert lines[3] == "            last drilled 2026-01-03"
    assert lines[5] == "            has never drilled this system"
    assert answer["last_drilled"] == {"ana": "2026-01-03T09:00:00Z", "ben": None}


def test_a_ledger_that_cannot_be_read_hides_nobody_and_says_what_is_not_known(root):
    (root / "ledger.db").write_bytes(b"no database")

    result = oncall(root, "scorer", "--days", "14")

    assert result.exit_code == 0
    assert "paged       Ana Ruiz" in result.output
    assert "whether they drilled this system is not known: the ledger" in result.output
    assert "weak" not in result.output


def test_weak_spots_of_one_person_are_one_line_however_many_turns_they_are(root):
    drilled(root, "ana", datetime(2026, 1, 3, 9, tzinfo=UTC))

    lines = oncall(root, "scorer", "--days", "28").output.splitlines()

    # From Wednesday the 7th for four weeks: Ben is secondary in the weeks of the 5th, 19th and
    # 2 February, and primary in those of the 12th and 26th, the first cut in two by his absence.
    (weak,) = [line for line in lines if line.startswith("  weak")]
    assert weak == (
        "  weak      Ben Okoro, primary 3 times and secondary 3 times, has never drilled this "
        "system; first Wed 2026-01-07 07:00 EST to Mon 2026-01-12 09:00 EST"
    )


def test_many_holes_of_one_reason_are_counted_and_the_first_is_written_out(root):
    rota = (root / "systems/scorer/on_call.yaml").read_text()
    nights = rota.replace("FREQ=WEEKLY;BYDAY=MO, shift_hours: 168", "FREQ=DAILY, shift_hours: 12")
    (root / "systems/scorer/on_call.yaml").write_text(nights)

    output = oncall(root, "scorer", "--days", "10").output

    # Two hours before nine on the first day, and the ten nights that follow.
    assert (
        "  hole      11 spans: nobody is primary; the first is Wed 2026-01-07 07:00 EST to Wed "
        "2026-01-07 09:00 EST"
    ) in output


def test_without_a_rota_the_runbook_is_that_of_the_rollback_plan(root):
    (root / "systems/scorer/on_call.yaml").unlink()
    plan = "from_version: v2\nto_version: v1\nauthor: ana\nsteps: []\n"
    plan += "feature_spec_compatible: true\nrunbook: docs/back.md\n"
    (root / "systems/scorer/rollback.yaml").write_text(plan)

    assert "runbook     docs/back.md" in oncall(root, "scorer").output


def test_a_runbook_that_lies_there_is_said_to_be_there(root):
    (root / "docs").mkdir()
    (root / "docs/scorer.md").write_text("go back\n")

    assert "runbook     docs/scorer.md (it is there)" in oncall(root, "scorer").output
    assert oncall_json(root)["runbook_there"] is True


@pytest.mark.parametrize("runbook", ["https://wiki.example/rb.md", "ask Ana first", "RB-12"])
def test_a_runbook_that_is_no_path_is_only_printed(root, runbook):
    file = root / "systems/scorer/on_call.yaml"
    file.write_text(file.read_text().replace("docs/scorer.md", runbook))

    assert f"runbook     {runbook}\n" in oncall(root, "scorer").output


def test_a_runbook_outside_the_workbook_is_missing_below_it(root):
    (root.parent / "elsewhere.md").write_text("go back\n")
    file = root / "systems/scorer/on_call.yaml"
    file.write_text(file.read_text().replace("docs/scorer.md", "../elsewhere.md"))

    assert oncall_json(root)["runbook_there"] is False


def test_whoever_is_on_call_stays_so_only_until_an_override_takes_over(root):
    swap = (
        "overrides:\n  - {role: primary, person: cem, start: 2026-01-10T00:00:00Z,"
        " end: 2026-01-11T00:00:00Z}\n"
    )
    file = root / "systems/scorer/on_call.yaml"
    file.write_text(file.read_text() + swap)

    output = oncall(root, "scorer").output

    # 00:00Z is 19:00 in New York the evening before.
    assert "on call until Fri 2026-01-09 19:00 EST" in output


def test_a_system_without_a_rota_is_answered_with_nobody(root):
    (root / "systems/scorer/on_call.yaml").unlink()

    result = oncall(root, "scorer", "--days", "7")

    assert result.exit_code == 0
    assert "nobody is primary: there is no on_call.yaml" in result.output


@pytest.mark.parametrize(("at", "code"), [("Sat 02:00", 0), ("2026-01-15T12:00:00Z", 1)])
def test_the_gate_fails_only_when_somebody_is_missing(root, at, code):
    assert oncall(root, "scorer", "--at", at, "--gate").exit_code == code


def test_the_gate_fails_for_a_weak_spot_in_the_days_asked_for(root):
    decisions = root / "systems/scorer/decisions.yaml"
    decisions.write_text(
        decisions.read_text() + "  - {action: disable, holder: primary, autonomy: alone}\n"
    )
    drilled(root, "ana", datetime(2026, 1, 3, tzinfo=UTC))
    # Until Monday the 12th nobody is missing; Ben is secondary, and never drilled.
    weak = oncall(root, "scorer", "--days", "4", "--gate").exit_code
    drilled(root, "ben", datetime(2026, 1, 4, tzinfo=UTC))

    assert weak == 1
    assert oncall(root, "scorer", "--days", "4", "--gate").exit_code == 0


ICS = Path(__file__).parents[1] / "data/ical/google.ics"


def test_a_calendar_is_printed_as_layers_and_overrides_and_nothing_is_saved(root):
    before = (root / "systems/scorer/on_call.yaml").read_text()

    result = oncall(root, "scorer", "--from-ical", str(ICS), "--role", "primary")

    assert result.exit_code == 0
    assert result.stdout.startswith("layers:\n  - id: primary-calendar-1\n    role: primary\n")
    assert "    participants: [ana, ben, cem]\n" in result.stdout
    assert (root / "systems/scorer/on_call.yaml").read_text() == before


def test_a_calendar_that_was_saved_is_what_oncall_answers_from(root):
    saved = oncall(root, "scorer", "--from-ical", str(ICS), "--role", "primary", "--save")

    assert saved.exit_code == 0, saved.output
    assert saved.stderr == ("saving removes layer first\nsaved in systems/scorer/on_call.yaml\n")
    # Ana takes over Ben's week of 19 January; the secondary is still who it was.
    answer = oncall_json(root, "--at", "2026-01-21T12:00:00Z")
    assert (answer["primary"], answer["secondary"]) == ("ana", "ben")


def test_hours_are_told_in_words_and_what_is_not_all_never_reads_as_all():
    from ops_model.cli.oncall_text import _covered

    assert _covered(1, 2184) == "all 2,184 hours"
    assert _covered(0.983, 2184) == "98.3 % of 2,184 hours"
    assert _covered(0.9999, 2184) == "99.9 % of 2,184 hours"


def turns(path, count):
    """Ana and Ben by the week from 12 January 2026, 09:00 UTC, one event for each turn."""
    events = "".join(
        f"BEGIN:VEVENT\nUID:{n}\nSUMMARY:{('ana', 'ben')[n % 2]}\n"
        f"DTSTART:{day:%Y%m%d}T090000Z\nDTEND:{day + timedelta(days=7):%Y%m%d}T090000Z\n"
        "END:VEVENT\n"
        for n in range(count)
        for day in [date(2026, 1, 12) + timedelta(days=7 * n)]
    )
    path.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n")
    return path


def test_a_calendar_that_comes_to_an_end_says_before_saving_what_is_lost(root, tmp_path):
    path = turns(tmp_path / "two.ics", 2)

    saved = oncall(root, "scorer", "--from-ical", str(path), "--role", "primary", "--save")

    assert saved.stderr == (
        "saving removes layer first; after 2026-01-26T09:00:00Z nobody is primary\n"
        "saved in systems/scorer/on_call.yaml\n"
    )


def test_regular_turns_are_a_layer_and_where_the_calendar_ends_is_told(root, tmp_path):
    path = turns(tmp_path / "four.ics", 4)

    result = oncall(root, "scorer", "--from-ical", str(path), "--role", "primary")

    assert "    rule: FREQ=WEEKLY\n" in result.stdout
    assert result.stderr == (
        "read as a layer without an end; the calendar itself ends on 2026-02-09T09:00:00Z\n"
        "saving removes layer first\n"
    )


def test_what_saving_a_calendar_removes_is_in_the_json(root, tmp_path):
    path = turns(tmp_path / "two.ics", 2)

    result = oncall(root, "scorer", "--from-ical", str(path), "--role", "primary", "--json")
    told = json.loads(result.stdout)

    assert told["removes"] == {"layers": ["first"], "overrides": 0}
    assert (told["nobody_after"], told["calendar_ends"]) == ("2026-01-26T09:00:00Z", None)
    assert told["saved"] is None


def test_a_calendar_without_a_role_is_wrong_use(root):
    result = oncall(root, "scorer", "--from-ical", str(ICS))

    assert result.exit_code == 2
    assert "--role" in result.output


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
