"""Which instants a claim, and what a user's own check says, may name."""

import pytest
from pydantic import TypeAdapter, ValidationError

from ops_model.domain.scalars import AwareTime
from ops_model.domain.values import iso_utc

TIME = TypeAdapter(AwareTime)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"),
        ("1899-12-31T23:00:00-14:00", "1900-01-01T13:00:00Z"),
        ("9998-12-31T23:59:59Z", "9998-12-31T23:59:59Z"),
        ("2013-07-22T10:00:00+02:00", "2013-07-22T08:00:00Z"),
    ],
)
def test_a_time_that_every_zone_can_tell_is_taken(written, utc):
    assert iso_utc(TIME.validate_python(written)) == utc


@pytest.mark.parametrize(
    "written",
    [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T11:00:00Z",
        "1900-01-01T00:00:00+14:00",
        "9998-12-31T23:59:59-14:00",
        "9999-12-31T23:59:00-14:00",
    ],
)
def test_a_time_at_the_ends_of_the_calendar_is_refused(written):
    with pytest.raises(ValidationError, match="expected a time in the years 1900 to 9998"):
        TIME.validate_python(written)
