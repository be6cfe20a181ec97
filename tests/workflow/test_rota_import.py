"""A rota taken over from a calendar: layers where a rule says it, and the same people paged."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import recurring_ical_events
from icalendar import Calendar

from ops_model.domain.on_call import OnCallRotation
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.people import People, Person
from ops_model.domain.policy import Policy
from ops_model.domain.system import AISystem, VersionTuple
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import UsageError
from ops_model.workflow.export import rota_calendar
from ops_model.workflow.rota_import import import_rota, save_rota

ICAL = Path(__file__).parents[1] / "data" / "ical"
AS_OF = datetime(2026, 1, 7, 12, tzinfo=UTC)
NAMES = {"ana": "Ana Ruiz", "ben": "Ben Okoro", "cem": "Cem Demir"}


def a_model(names=NAMES, on_call=None):
    people = tuple(
        Person(id=p, name=name, function="platform", zone="UTC", active_from=date(2020, 1, 1))
        for p, name in names.items()
    )
    system = SystemClaims(
        id="scorer",
        identity=AISystem(
            name="Scorer", kind="predictive", tier="B", purpose="scores", users="clerks",
            customer_facing=False,
            version=VersionTuple(label="1", model_ref="m", in_production_since=AS_OF),
        ),
        on_call=on_call,
    )  # fmt: skip
    return OperatingModel(
        settings=WorkbookSettings(name="Ours", zone="Europe/Berlin"),
        people=People(people=people), policy=Policy(), systems=(system,),
    )  # fmt: skip


def imported(source, role="primary", mapped=(), model=None):
    path = ICAL / source if isinstance(source, str) else source
    return import_rota(model or a_model(), path, role, mapped, as_of=AS_OF)


def a_rota(found):
    return OnCallRotation(layers=found.layers, overrides=found.overrides)


def an_event(uid, start, rule="", summary="Ana Ruiz", days=7, more=""):
    begins = datetime.fromisoformat(start)
    ends = begins + timedelta(days=days)
    rule = f"RRULE:{rule}\n" if rule else ""
    return (
        f"BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{summary}\n"
        f"DTSTART;TZID=Europe/Berlin:{begins:%Y%m%dT%H%M%S}\n"
        f"DTEND;TZID=Europe/Berlin:{ends:%Y%m%dT%H%M%S}\n{rule}{more}END:VEVENT\n"
    )


def a_file(tmp_path, *events):
    path = tmp_path / "rota.ics"
    path.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{''.join(events)}END:VCALENDAR\n")
    return path


def random_instants(count=150, days=365):
    chance = random.Random(7)
    return [AS_OF + timedelta(seconds=chance.randrange(days * 86400)) for _ in range(count)]


def read_elsewhere(data, at):
    """Whom another reader of RFC 5545 finds at an instant, by first name."""
    events = recurring_ical_events.of(Calendar.from_ical(data)).at(at)
    texts = [str(event["SUMMARY"]).lower() for event in events]
    return {person for person in NAMES for text in texts if person in text}


def test_three_people_who_take_every_third_week_are_one_layer_in_their_order():
    (layer,) = imported("google.ics").layers

    assert layer.participants == ("ana", "ben", "cem")
    assert layer.rule == "FREQ=WEEKLY;BYDAY=MO;WKST=MO"
    assert (layer.zone, layer.shift_hours) == ("Europe/Berlin", 168)
    assert layer.starts == datetime(2025, 12, 1, 9)


def test_a_swap_in_the_calendar_is_an_override_and_wins():
    overrides = imported("google.ics").overrides

    # Ana takes Ben's turn of 19 January by an exception; Ben hers of 2 March by an event.
    assert [(o.person, o.start) for o in overrides] == [
        ("ana", datetime(2026, 1, 19, 8, tzinfo=UTC)),
        ("ben", datetime(2026, 3, 2, 8, tzinfo=UTC)),
    ]


def test_two_people_who_take_alternate_working_weeks_are_one_layer_of_ten_turns():
    (layer,) = imported("outlook.ics").layers

    assert layer.rule == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    assert layer.participants == ("ana",) * 5 + ("ben",) * 5


def test_a_turn_that_was_deleted_for_nobody_is_not_paged_through_a_layer():
    found = imported("outlook.ics")
    night = datetime(2026, 1, 31, 6, tzinfo=UTC)

    assert a_rota(found).paged("primary", night - timedelta(days=1)) == "cem"
    assert a_rota(found).paged("primary", night) is None
    assert found.written_out_until == AS_OF + timedelta(days=366)


def test_shifts_that_come_once_each_are_overrides():
    found = imported("pagerduty.ics")

    assert found.layers == ()
    assert [o.person for o in found.overrides] == ["ana", "ben", "cem", "ana", "ben"]
    assert found.written_out_until is None


@pytest.mark.parametrize("name", ["pagerduty.ics", "google.ics", "outlook.ics"])
def test_their_file_and_our_layers_name_the_same_person_at_any_instant(name):
    rota = a_rota(imported(name))
    data = (ICAL / name).read_bytes()

    for at in random_instants():
        told, ours = read_elsewhere(data, at), rota.paged("primary", at)
        assert ours in told if told else ours is None, at


def test_their_reader_finds_whom_our_rota_pages_in_what_we_export():
    rota = a_rota(imported("google.ics"))
    model = a_model(on_call=rota)

    data = rota_calendar(model, model.systems[0], as_of=AS_OF, days=300, names=False)

    for at in random_instants(days=300):
        assert read_elsewhere(data, at) == {rota.paged("primary", at)}, at


def test_what_we_export_can_be_taken_over_again(tmp_path):
    rota = a_rota(imported("google.ics"))
    model = a_model(on_call=rota)
    path = tmp_path / "rota.ics"
    path.write_bytes(rota_calendar(model, model.systems[0], as_of=AS_OF, days=200, names=True))

    again = a_rota(imported(path))

    for at in random_instants(days=200):
        assert again.paged("primary", at) == rota.paged("primary", at)
    # The file is about the primary alone, and says so.
    assert imported(path, role="secondary").overrides == ()


@pytest.mark.parametrize(
    "starts",
    [
        ["2025-12-01T09:00", "2025-12-08T09:00"],  # in turn
        ["2025-12-08T09:00", "2025-12-01T09:00"],  # the other way round
        ["2025-12-01T09:00", "2026-02-09T09:00"],  # one begins weeks later
        ["2025-12-01T09:00", "2025-12-01T09:00"],  # both in the same week
        ["2025-12-01T09:00", "2025-12-08T10:00"],  # at another hour
    ],
)
def test_two_people_are_paged_as_the_calendar_says_however_their_weeks_lie(tmp_path, starts):
    rule = "FREQ=WEEKLY;INTERVAL=2"
    path = a_file(
        tmp_path,
        an_event("1", starts[0], rule),
        an_event("2", starts[1], rule, summary="Ben Okoro"),
    )

    rota = a_rota(imported(path))

    for at in random_instants():
        told, ours = read_elsewhere(path.read_bytes(), at), rota.paged("primary", at)
        assert ours in told if told else ours is None, at


def test_two_people_of_two_weeks_each_are_one_layer_of_every_second_week(tmp_path):
    rule = "FREQ=WEEKLY;INTERVAL=4;BYDAY=MO"
    path = a_file(
        tmp_path,
        an_event("1", "2025-12-01T09:00", rule, days=14),
        an_event("2", "2025-12-15T09:00", rule, days=14, summary="Ben Okoro"),
    )

    (layer,) = imported(path).layers

    assert layer.rule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"
    assert layer.participants == ("ana", "ben")


def test_a_rule_with_an_end_stays_a_layer_with_that_end(tmp_path):
    rule = "FREQ=DAILY;UNTIL=20260301T080000Z"
    path = a_file(tmp_path, an_event("1", "2026-01-05T09:00", rule, days=1))

    (layer,) = imported(path).layers

    assert layer.rule == rule


def test_everybody_whom_the_file_names_and_nobody_knows_is_told_at_once(tmp_path):
    path = a_file(
        tmp_path,
        an_event("1", "2026-01-12T09:00", summary="Pikett Anna R."),
        an_event("2", "2026-01-19T09:00", summary="Pikett Anna R."),
        an_event("3", "2026-01-26T09:00", summary="Zoe"),
    )

    with pytest.raises(UsageError) as caught:
        imported(path)

    assert [p.message for p in caught.value.problems] == [
        "the event 'Pikett Anna R.' names nobody in people.yaml",
        "the event 'Zoe' names nobody in people.yaml",
    ]
    assert caught.value.problems[0].remedy == ("say who it is with --person 'Pikett Anna R.=ana'")


def test_a_text_that_was_mapped_names_the_person_and_the_longer_one_wins(tmp_path):
    path = a_file(tmp_path, an_event("1", "2026-01-12T09:00", summary="Pikett A. R. (Ersatz)"))

    found = imported(path, mapped=["a. r.=ana", "A. R. (Ersatz)=ben"])

    assert [o.person for o in found.overrides] == ["ben"]


def test_an_attendee_can_be_mapped_by_address(tmp_path):
    who = "ATTENDEE;CN=AR:mailto:a.ruiz@corp.example\n"
    path = a_file(tmp_path, an_event("1", "2026-01-12T09:00", summary="Shift", more=who))

    found = imported(path, mapped=["a.ruiz@corp.example=cem"])

    assert [o.person for o in found.overrides] == ["cem"]


def test_a_summary_that_names_two_people_is_not_guessed(tmp_path):
    path = a_file(tmp_path, an_event("1", "2026-01-12T09:00", summary="Ana for Ben"))

    with pytest.raises(UsageError, match="means ana and ben alike"):
        imported(path)


@pytest.mark.parametrize("mapped", ["ana", "=ana", "Ana R.=anna"])
def test_a_mapping_without_a_meaning_is_refused(mapped):
    with pytest.raises(UsageError, match="expected TEXT=ID"):
        imported("google.ics", mapped=[mapped])


def test_a_small_part_of_a_word_is_not_a_person(tmp_path):
    path = a_file(tmp_path, an_event("1", "2026-01-12T09:00", summary="Banana bread"))

    with pytest.raises(UsageError, match="names nobody"):
        imported(path)


def test_saving_replaces_the_role_and_keeps_the_other_role_and_the_comments(tmp_path):
    file = tmp_path / "systems/scorer/on_call.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(
        "# Who is paged?\nlayers:\n"
        "  - {id: first, role: primary, zone: UTC, starts: 2026-01-05T09:00:00,\n"
        "     rule: FREQ=DAILY, shift_hours: 24, participants: [cem]}\n"
        "  - {id: second, role: secondary, zone: UTC, starts: 2026-01-05T09:00:00,\n"
        "     rule: FREQ=DAILY, shift_hours: 24, participants: [ben]}\n"
        "runbook: docs/scorer.md  # on the shared drive too\n"
    )
    model = a_model()

    path = save_rota(tmp_path, model.systems[0], imported("google.ics"))

    from ops_model.store.claim_file import read_claim

    saved, problems = read_claim(tmp_path, path, OnCallRotation)
    assert problems == []
    assert [layer.id for layer in saved.layers] == ["second", "primary-calendar-1"]
    assert saved.overrides == imported("google.ics").overrides
    text = file.read_text()
    assert text.startswith("# Who is paged?\n")
    assert "# on the shared drive too" in text


def test_what_is_printed_reads_back_as_what_was_found(tmp_path):
    from ops_model.store.claim_file import read_claim

    found = imported("outlook.ics")
    (tmp_path / "on_call.yaml").write_text(found.yaml())

    read, problems = read_claim(tmp_path, "on_call.yaml", OnCallRotation)

    assert problems == []
    assert (read.layers, read.overrides) == (found.layers, found.overrides)
