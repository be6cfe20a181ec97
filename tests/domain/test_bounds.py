import pytest

from ops_model.domain.bounds import above, at_least, at_most
from ops_model.domain.evidence import Measured


def between(low, high, n=100):
    return Measured(value=(low + high) / 2, unit="share", n=n, low=low, high=high)


def exactly(value, n=100):
    return Measured(value=value, unit="share", n=n, no_interval="exact")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.9, 0.98, True), (0.8, 0.89, False), (0.8, 0.9, None), (0.89, 0.98, None)],
)
def test_a_floor_is_reached_by_the_low_end_and_missed_by_the_high_end(low, high, expected):
    assert at_least(between(low, high), 0.9) is expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.01, 0.05, True), (0.06, 0.1, False), (0.05, 0.1, None), (0.01, 0.06, None)],
)
def test_a_ceiling_is_kept_by_the_high_end_and_broken_by_the_low_end(low, high, expected):
    assert at_most(between(low, high), 0.05) is expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.01, 0.2, True), (-0.2, 0.0, False), (0.0, 0.2, None), (-0.1, 0.1, None)],
)
def test_what_has_to_be_left_lies_above_nothing_and_not_at_it(low, high, expected):
    assert above(between(low, high), 0) is expected


def test_an_exact_count_is_its_own_interval():
    assert at_least(exactly(0.9), 0.9) is True
    assert at_least(exactly(0.899), 0.9) is False
    assert at_most(exactly(0.0), 0) is True
    assert above(exactly(0.0), 0) is False


@pytest.mark.parametrize(
    "measured",
    [
        exactly(1.0, n=0),
        exactly(None),
        Measured(value=1.0, unit="share", no_interval="exact"),
        Measured(value=1.0, unit="share", n=5, no_interval="too few"),
        Measured(value=1.0, unit="share", n=5),
        Measured(value=1.0, unit="share", n=5, low=0.9),
    ],
)
def test_a_number_that_rests_on_too_little_tells_nothing(measured):
    assert [at_least(measured, 0.5), at_most(measured, 2), above(measured, 0)] == [None] * 3
