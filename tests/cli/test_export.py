"""`ops-model export`: the rota as a calendar."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from icalendar import Calendar

from ops_model.cli import ops_model

SETTINGS = "name: Ours\nzone: America/New_York\nas_of: 2026-01-07T12:00:00Z\n"
PEOPLE = """people:
  - {id: ana, name: Ana Ruiz, function: platform, zone: UTC, active_from: 2020-01-01}
  - {id: ben, name: Ben Okoro, function: reliability, zone: UTC, active_from: 2020-01-01}
"""
SYSTEM = """name: Scorer
kind: predictive
tier: B
purpose: scores claims
users: clerks
customer_facing: false
version: {label: "7", model_ref: models/7, in_production_since: 2026-01-01T00:00:00Z}
"""
ON_CALL = """layers:
  - {id: first, role: primary, zone: America/New_York, starts: 2026-01-05T09:00:00,
     rule: FREQ=WEEKLY;BYDAY=MO, shift_hours: 168, participants: [ana, ben]}
overrides:
  - {role: primary, person: ben, start: 2026-01-09T00:00:00Z, end: 2026-01-10T00:00:00Z}
"""


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "book"
    (folder / "systems/scorer").mkdir(parents=True)
    (folder / "ops-model.yaml").write_text(SETTINGS)
    (folder / "people.yaml").write_text(PEOPLE)
    (folder / "systems/scorer/system.yaml").write_text(SYSTEM)
    (folder / "systems/scorer/on_call.yaml").write_text(ON_CALL)
    return folder


def export(root, *arguments):
    said = ["export", "scorer", "--as", "ical", "--workbook", str(root), *arguments]
    result = CliRunner().invoke(ops_model, said)
    assert result.exit_code == 0, result.output
    return result


def events(data):
    return Calendar.from_ical(data).walk("VEVENT")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_each_shift_as_resolved_is_one_event_in_utc(root):
    found = events(export(root, "--days", "8").stdout_bytes)

    # Ana's week is cut by the day on which Ben takes over; New York is five hours behind UTC.
    assert [(str(e["SUMMARY"]), e.start, e.end) for e in found] == [
        ("scorer primary: ana", utc(2026, 1, 5, 14), utc(2026, 1, 9)),
        ("scorer primary: ben", utc(2026, 1, 9), utc(2026, 1, 10)),
        ("scorer primary: ana", utc(2026, 1, 10), utc(2026, 1, 12, 14)),
        ("scorer primary: ben", utc(2026, 1, 12, 14), utc(2026, 1, 19, 14)),
    ]
    assert {e["DTSTAMP"].dt for e in found} == {utc(2026, 1, 7, 12)}


def test_a_shift_keeps_its_id_when_the_calendar_is_exported_again_later(root):
    first = {str(e["UID"]) for e in events(export(root, "--days", "20").stdout_bytes)}
    later = export(root, "--days", "8", "--as-of", "2026-01-10T06:00:00Z").stdout_bytes

    assert {str(e["UID"]) for e in events(later)} <= first


def test_people_appear_by_id_and_by_name_only_when_that_is_asked_for(root):
    assert "Ana Ruiz" not in export(root).stdout
    assert "SUMMARY:scorer primary: Ana Ruiz" in export(root, "--names").stdout


def test_lines_end_and_fold_as_the_standard_asks(root):
    data = export(root).stdout_bytes

    assert data.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75


def test_the_calendar_can_be_written_to_a_file(root, tmp_path):
    path = tmp_path / "rota.ics"

    result = export(root, "--output", str(path))

    assert result.stdout == ""
    assert len(events(path.read_bytes())) > 10


def test_a_script_gets_the_calendar_as_one_object(root):
    told = json.loads(export(root, "--json").stdout)

    assert (told["system"], told["format"], told["days"]) == ("scorer", "ical", 91)
    assert len(events(told["text"])) > 10


def test_a_system_without_a_rota_gives_an_empty_calendar(root):
    (root / "systems/scorer/on_call.yaml").unlink()

    assert events(export(root).stdout_bytes) == []


def test_a_format_that_does_not_exist_is_wrong_use(root):
    said = ["export", "scorer", "--as", "paper", "--workbook", str(root)]

    assert CliRunner().invoke(ops_model, said).exit_code == 2
