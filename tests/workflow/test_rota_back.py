"""A rota written as a calendar and read back: the same layers, or what becomes of it is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_model.domain.on_call import Layer, OnCallRotation, Override
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.people import People, Person
from ops_model.domain.policy import Policy
from ops_model.domain.system import AISystem, VersionTuple
from ops_model.domain.workbook import WorkbookSettings
from ops_model.workflow.export import rota_calendar
from ops_model.workflow.rota_import import import_rota

# 91 days from here hold the change of 25 October in Berlin, and that of 1 November in New York.
AS_OF = datetime(2026, 9, 1, 12, tzinfo=UTC)
CHANGE = datetime(2026, 10, 25, 1, tzinfo=UTC)
PEOPLE = ("ana", "ben", "cem")


def a_model(on_call=None, people=PEOPLE):
    persons = tuple(
        Person(id=p, name=p.title(), function="platform", zone="UTC", active_from=date(2020, 1, 1))
        for p in people
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
        people=People(people=persons), policy=Policy(), systems=(system,),
    )  # fmt: skip


def a_layer(
    rule="FREQ=WEEKLY", hours=168, participants=("ana", "ben"), role="primary", layer_id="weekly",
    starts=datetime(2026, 1, 5, 9), zone="Europe/Berlin",
):  # fmt: skip
    return Layer(
        id=layer_id, role=role, zone=zone, starts=starts, rule=rule, shift_hours=hours,
        participants=participants,
    )  # fmt: skip


OF_ANOTHER_ZONE = "office hours of another zone"
ROTAS = {
    "two people by the week": [a_layer()],
    "days beside nights": [
        a_layer("FREQ=DAILY", 12, layer_id="day"),
        a_layer("FREQ=DAILY", 12, ("cem",), layer_id="night", starts=datetime(2026, 1, 5, 21)),
    ],
    "working days beside weekends": [
        a_layer("FREQ=WEEKLY;BYDAY=MO", 120, layer_id="week"),
        a_layer("FREQ=WEEKLY;BYDAY=SA", 48, ("cem", "ana"), layer_id="end",
                starts=datetime(2026, 1, 3, 9)),
    ],
    OF_ANOTHER_ZONE: [
        a_layer("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", 9, ("ana", "ben", "cem"),
                zone="America/New_York"),
    ],
    "until a day": [a_layer("FREQ=WEEKLY;UNTIL=20261201T090000Z")],
    "both roles": [
        a_layer("FREQ=DAILY;INTERVAL=3", 72, PEOPLE),
        a_layer(participants=("cem", "ana"), role="secondary", layer_id="second"),
    ],
}  # fmt: skip


def exported(path, rota, *, as_of=AS_OF, names=False, layers=True):
    model = a_model(rota)
    data = rota_calendar(model, model.systems[0], as_of=as_of, days=91, names=names)
    if not layers:
        # As any other tool would keep it: the events alone.
        lines = data.decode().replace("\r\n ", "").split("\r\n")
        kept = [line for line in lines if not line.startswith("X-OPS-MODEL-LAYER")]
        data = "\r\n".join(kept).encode()
    path.write_bytes(data)
    return path


def read_back(path, role="primary", *, as_of=AS_OF, mapped=(), people=PEOPLE):
    return import_rota(a_model(people=people), path, role, mapped, as_of=as_of)


def a_rota(*layers, overrides=()):
    return OnCallRotation(layers=tuple(layers), overrides=tuple(overrides))


def pages_alike(ours, theirs, *, days=91):
    start, end = AS_OF, AS_OF + timedelta(days=days)
    return ours.roster("primary", start, end) == theirs.roster("primary", start, end)


@pytest.mark.parametrize("name", ROTAS)
@pytest.mark.parametrize("names", [False, True])
def test_a_plain_rota_that_was_exported_is_read_back_as_the_layers_it_was(tmp_path, name, names):
    path = exported(tmp_path / "rota.ics", a_rota(*ROTAS[name]), names=names)

    for role in ("primary", "secondary"):
        found = read_back(path, role)
        assert found.layers == tuple(layer for layer in ROTAS[name] if layer.role == role)
        assert found.overrides == ()
        assert found.calendar_ends is None


@st.composite
def rotas(draw):
    rule = draw(st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,TH"]))
    step = draw(st.integers(1, 3))
    return a_layer(
        f"{rule};INTERVAL={step}" if step > 1 else rule,
        draw(st.integers(1, 200)),
        tuple(draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5))),
        starts=datetime(2026, 1, 5) + timedelta(hours=draw(st.integers(0, 400))),
        zone=draw(st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"])),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(layer=rotas(), days=st.integers(0, 60))
def test_export_then_import_is_the_identity_for_any_plain_rota(tmp_path, layer, days):
    as_of = AS_OF + timedelta(days=days)

    path = exported(tmp_path / "rota.ics", a_rota(layer), as_of=as_of)
    found = read_back(path, as_of=as_of)

    assert (found.layers, found.overrides) == ((layer,), ())


@pytest.mark.parametrize("name", [n for n in ROTAS if n != OF_ANOTHER_ZONE])
def test_events_alone_that_are_regular_are_read_as_layers_which_page_the_same(tmp_path, name):
    rota = a_rota(*ROTAS[name])
    path = exported(tmp_path / "rota.ics", rota, layers=False)

    found = read_back(path)

    assert found.overrides == ()
    assert pages_alike(a_rota(*found.layers), rota)
    # The events end with the last shift that begins within the 91 days.
    roster = rota.roster("primary", AS_OF - timedelta(days=31), AS_OF + timedelta(days=122))
    last = max(s.end for s in roster.shifts if s.start < AS_OF + timedelta(days=91))
    assert found.calendar_ends == last


def test_regular_events_in_utc_are_told_in_the_zone_in_which_they_keep_their_hour(tmp_path):
    path = exported(tmp_path / "rota.ics", a_rota(a_layer()), layers=False)

    (layer,) = read_back(path).layers

    # Monday 09:00 in Berlin is 07:00 UTC before 25 October and 08:00 after.
    assert (layer.zone, layer.rule, layer.shift_hours) == ("Europe/Berlin", "FREQ=WEEKLY", 168)
    assert layer.starts == datetime(2026, 8, 31, 9)
    assert sorted(layer.participants) == ["ana", "ben"]


def test_events_of_one_calendars_own_zone_are_told_in_it(tmp_path):
    events = "".join(
        f"BEGIN:VEVENT\nUID:{n}\nSUMMARY:{('Ana', 'Ben')[n % 2]}\n"
        f"DTSTART;TZID=America/New_York:{day:%Y%m%d}T090000\n"
        f"DTEND;TZID=America/New_York:{day + timedelta(days=7):%Y%m%d}T090000\nEND:VEVENT\n"
        for n in range(4)
        for day in [date(2026, 10, 19) + timedelta(days=7 * n)]
    )
    path = tmp_path / "rota.ics"
    path.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n")

    (layer,) = read_back(path).layers

    assert (layer.zone, layer.starts) == ("America/New_York", datetime(2026, 10, 19, 9))
    assert layer.participants == ("ana", "ben")


def test_events_in_utc_whose_hour_moves_with_a_clock_that_nobody_named_stay_overrides(tmp_path):
    path = exported(tmp_path / "rota.ics", a_rota(*ROTAS[OF_ANOTHER_ZONE]), layers=False)

    # Written in UTC, for a workbook in Berlin, nothing says that New York's clock is meant.
    assert read_back(path).layers == ()
    # The layer that is there does say it.
    (layer,) = import_rota(
        a_model(), path, "primary", (), as_of=AS_OF, zones=["America/New_York"]
    ).layers
    assert (layer.zone, layer.rule) == ("America/New_York", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")


@pytest.mark.parametrize(
    ("people", "turns"),
    [
        (("ana", "ben"), 3),  # the second has had one turn
        (("ana", "ben", "cem"), 5),
        (("ana",), 3),  # one person three times is no rhythm yet
        (("ana", "ben", "ben", "cem", "ana", "cem"), 6),  # no order repeats
    ],
)
def test_turns_that_did_not_come_round_twice_stay_overrides(tmp_path, people, turns):
    layer = a_layer(participants=people, starts=datetime(2026, 9, 7, 9))
    until = layer.starts + timedelta(days=7 * (turns - 1))
    ending = layer.model_copy(update={"rule": f"FREQ=WEEKLY;UNTIL={until:%Y%m%dT%H%M%S}"})
    path = exported(tmp_path / "rota.ics", a_rota(ending), layers=False)

    found = read_back(path)

    assert found.layers == ()
    assert len(found.overrides) == turns
    # 7 September 09:00 in Berlin and `turns` weeks: within summer time, so 07:00 UTC.
    assert found.nobody_after == datetime(2026, 9, 7, 7, tzinfo=UTC) + timedelta(days=7 * turns)


def test_an_override_is_read_back_beside_the_layer_that_it_changes(tmp_path):
    # Ana and Ben by the week; on 25 October Cem takes the night of the clock change.
    swap = Override(role="primary", person="cem", start=CHANGE, end=CHANGE + timedelta(hours=8))
    rota = a_rota(a_layer(), overrides=[swap])

    found = read_back(exported(tmp_path / "rota.ics", rota))

    assert found.layers == (a_layer(),)
    assert found.overrides == (swap,)


def test_an_event_that_was_taken_out_leaves_nobody_and_so_the_layer_is_not_believed(tmp_path):
    path = exported(tmp_path / "rota.ics", a_rota(a_layer()))
    head, *events, tail = path.read_bytes().split(b"BEGIN:VEVENT")
    del events[5]
    path.write_bytes(b"BEGIN:VEVENT".join([head, *events, tail]))

    found = read_back(path)

    gone = AS_OF + timedelta(days=7 * 5)
    assert found.layers == ()
    assert a_rota(overrides=found.overrides).paged("primary", gone) is None


def test_the_carried_layer_names_whom_the_mapping_means(tmp_path):
    path = exported(tmp_path / "rota.ics", a_rota(a_layer()))

    found = read_back(path, mapped=["ana=cem", "ben=ben"])

    assert found.layers[0].participants == ("cem", "ben")
    assert found.overrides == ()


def test_a_line_that_carries_no_layer_is_refused_with_its_name(tmp_path):
    from ops_model.errors import UsageError

    path = exported(tmp_path / "rota.ics", a_rota(a_layer()))
    path.write_bytes(path.read_bytes().replace(b"FREQ=WEEKLY", b"FREQ=YEARLY"))

    with pytest.raises(UsageError, match="X-OPS-MODEL-LAYER that is no layer"):
        read_back(path)


def test_what_saving_would_remove_is_known_before(tmp_path):
    past = Override(role="primary", person="cem", start=AS_OF - timedelta(days=9), end=CHANGE)
    other = a_layer(role="secondary", layer_id="second")
    system = a_model(a_rota(a_layer(layer_id="old"), other, overrides=[past])).systems[0]

    found = read_back(exported(tmp_path / "rota.ics", a_rota(a_layer())))

    assert found.removes(system) == (("old",), 1)
    assert found.removes(a_model(a_rota(a_layer())).systems[0]) == ((), 0)
    assert found.nobody_after is None


def test_a_layer_with_an_end_names_nobody_after_its_last_shift(tmp_path):
    # Mondays until 30 November 2026, 09:00 in Berlin; the last week ends on 7 December, 08:00 UTC.
    layer = a_layer("FREQ=WEEKLY;UNTIL=20261201T090000Z")

    found = read_back(exported(tmp_path / "rota.ics", a_rota(layer)))

    assert found.nobody_after == datetime(2026, 12, 7, 8, tzinfo=UTC)
