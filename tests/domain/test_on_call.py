"""Who is paged: turns in civil time, over clock changes, with overrides."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ops_model.domain.on_call import Layer, OnCallRotation, Override
from ops_model.domain.values import zone

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]


def a_layer(**changes):
    return Layer.model_validate({
        "id": "weekly", "role": "primary", "zone": "UTC", "starts": "2026-01-05T09:00:00",
        "rule": "FREQ=WEEKLY;BYDAY=MO", "shift_hours": 168, "participants": ("ana", "ben"),
        **changes,
    })  # fmt: skip


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@settings(max_examples=80, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    weekly=st.booleans(),
    hour=st.integers(0, 23),
    minute=st.sampled_from([0, 15, 30, 45]),
    start=st.datetimes(datetime(2026, 1, 20), datetime(2027, 6, 1), timezones=st.just(UTC)),
)
def test_a_rota_covers_each_instant_exactly_once_over_clock_changes(
    zone, weekly, hour, minute, start
):
    rule, hours = ("FREQ=WEEKLY", 168) if weekly else ("FREQ=DAILY", 24)
    layer = a_layer(
        zone=zone, rule=rule, shift_hours=hours, starts=f"2026-01-05T{hour:02}:{minute:02}:00"
    )
    end = start + timedelta(days=30)

    shifts = list(layer.shifts(start, end))

    assert shifts[0].start <= start
    assert shifts[-1].end >= end
    assert all(one.end == next_.start for one, next_ in pairwise(shifts))
    assert all(one.person != next_.person for one, next_ in pairwise(shifts))


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2026, 1, 20), datetime(2027, 6, 1), timezones=st.just(UTC)),
)
def test_two_layers_of_twelve_hours_hand_over_at_the_same_instant(zone, start):
    day = a_layer(zone=zone, rule="FREQ=DAILY", shift_hours=12, starts="2026-01-05T08:00:00")
    night = a_layer(zone=zone, rule="FREQ=DAILY", shift_hours=12, starts="2026-01-05T20:00:00")
    end = start + timedelta(days=20)

    shifts = sorted([*day.shifts(start, end), *night.shifts(start, end)], key=lambda s: s.start)

    assert all(one.end == next_.start for one, next_ in pairwise(shifts))


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (datetime(2026, 3, 28), utc(2026, 3, 28, 8)),  # winter: 09:00 is 08:00Z
        (datetime(2026, 3, 29), utc(2026, 3, 29, 7)),  # clocks go forward in the night
        (datetime(2026, 10, 24), utc(2026, 10, 24, 7)),
        (datetime(2026, 10, 25), utc(2026, 10, 25, 8)),  # and back again
    ],
)
def test_a_shift_starts_at_nine_on_both_sides_of_a_clock_change(day, begins):
    layer = a_layer(zone="Europe/Berlin", rule="FREQ=DAILY", shift_hours=24)
    noon = day.replace(hour=12, tzinfo=UTC)

    (shift,) = layer.shifts(noon, noon + timedelta(seconds=1))

    assert shift.start == begins


def test_a_shift_ends_where_the_next_one_starts_even_when_it_is_declared_longer():
    layer = a_layer(rule="FREQ=DAILY", shift_hours=48)

    first, second = layer.shifts(utc(2026, 1, 5, 9), utc(2026, 1, 7, 9))

    assert first.end == second.start == utc(2026, 1, 6, 9)


def test_a_shift_shorter_than_its_turn_leaves_the_rest_to_nobody():
    rotation = OnCallRotation(layers=(a_layer(rule="FREQ=DAILY", shift_hours=8),))

    held = [rotation.paged("primary", utc(2026, 1, 5, h)) for h in (9, 16, 17)]

    assert held == ["ana", "ana", None]


def test_a_shift_that_a_clock_change_swallows_pages_nobody_and_breaks_nothing():
    # On 2026-03-29 Berlin has no 02:00 to 03:00, so this hour does not exist.
    layer = a_layer(
        zone="Europe/Berlin", rule="FREQ=DAILY", shift_hours=1, starts="2026-01-05T02:00:00"
    )

    shifts = list(layer.shifts(utc(2026, 3, 28), utc(2026, 3, 31)))

    assert [s.start for s in shifts] == [utc(2026, 3, 28, 1), utc(2026, 3, 30)]


def test_nobody_is_paged_before_the_first_shift_or_after_the_last():
    layer = a_layer(rule="FREQ=WEEKLY;BYDAY=MO;UNTIL=20260112T090000Z")
    rotation = OnCallRotation(layers=(layer,))

    held = [
        rotation.paged("primary", at)
        for at in (utc(2026, 1, 5, 8, 59), utc(2026, 1, 18), utc(2026, 1, 19, 9))
    ]

    # The second and last shift runs from 12 January for a week.
    assert held == [None, "ben", None]


def test_an_override_wins_over_the_layers_while_it_lasts():
    rotation = OnCallRotation(
        layers=(a_layer(),),
        overrides=(
            Override(role="primary", person="cem", start=utc(2026, 1, 7), end=utc(2026, 1, 7, 12)),
        ),
    )

    held = [rotation.paged("primary", utc(2026, 1, 7, h)) for h in (0, 11, 12)]

    assert held == ["cem", "cem", "ana"]


def test_the_first_layer_in_the_file_wins_and_the_next_fills_its_gaps():
    rotation = OnCallRotation(
        layers=(
            a_layer(rule="FREQ=WEEKLY;BYDAY=MO", shift_hours=12, participants=("cem",)),
            a_layer(),
        )
    )

    held = [rotation.paged("primary", utc(2026, 1, 12, h)) for h in (10, 22)]

    assert held == ["cem", "ben"]


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "FREQ=YEARLY"},
        {"starts": "0001-01-01T00:00:00"},
        {"starts": "2026-01-05T09:00:00Z"},
        {"starts": "5"},
        {"participants": ()},
        {"shift_hours": 0},
        {"zone": "Mars/Olympus"},
    ],
)
def test_a_layer_without_meaning_is_refused(changes):
    with pytest.raises(ValidationError):
        a_layer(**changes)


def test_an_override_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValidationError, match="is not after start"):
        Override(role="primary", person="cem", start=utc(2026, 1, 8), end=utc(2026, 1, 7))


# Two clock changes lie between any day of January 2026 and the one of 2027 in each zone that has
# them; Lord Howe's are of thirty minutes.
A_YEAR = (utc(2026, 1, 1), utc(2027, 1, 15))
DAY_NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@st.composite
def rules(draw):
    """A rule with the longest distance between two of its turns, in days."""
    interval = draw(st.integers(1, 4))
    if draw(st.booleans()):
        return f"FREQ=DAILY;INTERVAL={interval}", interval
    days = sorted(draw(st.sets(st.integers(0, 6), min_size=1)))
    names = ",".join(DAY_NAMES[day] for day in days)
    distances = [b - a for a, b in pairwise(days)] + [days[0] + 7 * interval - days[-1]]
    return f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={names}", max(distances)


@st.composite
def layers(draw, *, tiling):
    rule, distance = draw(rules())
    hours = distance * 24 if tiling else draw(st.integers(1, 24 * 31))
    day, hour, minute = (
        draw(st.integers(1, 14)),
        draw(st.integers(0, 23)),
        draw(st.integers(0, 59)),
    )
    return a_layer(
        zone=draw(st.sampled_from(ZONES)), rule=rule, shift_hours=hours,
        starts=f"2025-11-{day:02}T{hour:02}:{minute:02}:00", participants=("ana", "ben", "cem"),
    )  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(layer=layers(tiling=True))
def test_a_rule_whose_shifts_tile_the_week_has_one_shift_at_every_instant_of_a_year(layer):
    shifts = list(layer.shifts(*A_YEAR))

    assert shifts[0].start <= A_YEAR[0]
    assert shifts[-1].end >= A_YEAR[1]
    assert all(one.end == next_.start for one, next_ in pairwise(shifts))


@settings(max_examples=120, deadline=None)
@given(layer=layers(tiling=False))
def test_shifts_of_any_length_never_overlap_and_never_last_longer_than_declared(layer):
    shifts = list(layer.shifts(*A_YEAR))

    assert shifts
    assert all(one.end <= next_.start for one, next_ in pairwise(shifts))
    # Where the clocks go back a shift is an hour longer than its civil length.
    longest = timedelta(hours=layer.shift_hours + 1)
    assert all(timedelta() < shift.end - shift.start <= longest for shift in shifts)


@settings(max_examples=120, deadline=None)
@given(layer=layers(tiling=True))
def test_every_shift_begins_at_the_civil_time_of_its_rule_on_both_sides_of_a_clock_change(layer):
    local = zone(layer.zone)

    for shift in layer.shifts(*A_YEAR):
        day = shift.start.astimezone(local).date()
        # A civil time that does not exist on that day is read with the offset before it.
        civil = datetime.combine(day, layer.starts.time(), tzinfo=local)
        assert shift.start == civil.astimezone(UTC)


@st.composite
def rotations(draw):
    spans = st.tuples(st.integers(0, 60 * 24), st.integers(1, 10 * 24))
    overrides = [
        Override(
            role="primary", person=f"p{n}", start=A_YEAR[0] + timedelta(hours=start),
            end=A_YEAR[0] + timedelta(hours=start + length),
        )
        for n, (start, length) in enumerate(draw(st.lists(spans, max_size=6)))
    ]  # fmt: skip
    own = draw(st.lists(layers(tiling=False), min_size=1, max_size=3))
    return OnCallRotation(layers=tuple(own), overrides=tuple(overrides))


@settings(max_examples=80, deadline=None)
@given(rotation=rotations(), hours=st.lists(st.integers(0, 60 * 24), min_size=5, max_size=20))
def test_overrides_win_over_layers_and_the_first_of_each_wins_at_any_instant(rotation, hours):
    roster = rotation.roster("primary", A_YEAR[0], A_YEAR[0] + timedelta(days=61))

    for at in (A_YEAR[0] + timedelta(hours=h) for h in hours):
        swaps = [o.person for o in rotation.overrides if o.start <= at < o.end]
        turns = [
            s.person for layer in rotation.layers
            for s in layer.shifts(at, at + timedelta(hours=1))
            if s.start <= at < s.end
        ]  # fmt: skip
        found = roster.at(at)
        assert (found.person if found else None) == next(iter([*swaps, *turns]), None)


@settings(max_examples=80, deadline=None)
@given(rotation=rotations())
def test_the_resolved_shifts_of_a_role_are_in_order_and_no_two_at_once(rotation):
    shifts = rotation.roster("primary", A_YEAR[0], A_YEAR[0] + timedelta(days=61)).shifts

    assert all(one.end <= next_.start for one, next_ in pairwise(shifts))
    assert all(shift.start < shift.end for shift in shifts)


def test_a_shift_that_an_override_cuts_in_two_goes_on_after_it():
    rotation = OnCallRotation(
        layers=(a_layer(),),
        overrides=(
            Override(role="primary", person="cem", start=utc(2026, 1, 7), end=utc(2026, 1, 8)),
        ),
    )

    shifts = rotation.roster("primary", utc(2026, 1, 5, 9), utc(2026, 1, 12, 9)).shifts

    assert [(s.person, s.start, s.end) for s in shifts] == [
        ("ana", utc(2026, 1, 5, 9), utc(2026, 1, 7)),
        ("cem", utc(2026, 1, 7), utc(2026, 1, 8)),
        ("ana", utc(2026, 1, 8), utc(2026, 1, 12, 9)),
    ]
