"""What one field of a claim or record may hold: an id, a text, a time, a share, a path, a digest.

Conventions: ids follow RFC 1123; time is aware; a part of one is a `Share` and never a percentage.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    NaiveDatetime,
    StringConstraints,
)

from ops_model.domain.texts import route, without_password, words

_FIRST_YEAR, _LAST_YEAR = 1900, 9998
SLUG_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
# Windows cannot hold a folder of these names, and workbooks travel.
_DEVICE_NAMES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"com{n}" for n in range(10)} | {f"lpt{n}" for n in range(10)}
)


def _no_device_name(value: str) -> str:
    if value in _DEVICE_NAMES:
        msg = "is a device name on Windows; choose another"
        raise ValueError(msg)
    return value


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every IANA time zone that this machine knows; finding them out walks a folder."""
    return frozenset(available_timezones())


def _known_zone(value: str) -> str:
    if value not in zone_names():
        msg = "is no IANA time zone, such as Europe/Berlin"
        raise ValueError(msg)
    return value


def _iso_text(value: object) -> object:
    # pydantic reads a bare number as seconds since 1970; a date in a claim is always written out.
    if isinstance(value, str) and not re.match(r"^\d{4}-\d{2}-\d{2}", value):
        msg = "expected an ISO 8601 time with a zone, such as 2026-03-01T08:00:00Z"
        raise ValueError(msg)
    return value


def _within_reach(value: datetime) -> datetime:
    # At the ends of the calendar, no zone but its own can tell the instant, and no page show it.
    if not _FIRST_YEAR < value.year < _LAST_YEAR:
        try:
            year = value.astimezone(UTC).year
        except OverflowError:
            year = 0
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            msg = f"expected a time in the years {_FIRST_YEAR} to {_LAST_YEAR}"
            raise ValueError(msg)
    return value


def _iso_day(value: object) -> object:
    # As with times: pydantic would read 2026 as seconds since 1970.
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        msg = "expected a day, such as 2026-03-01"
        raise ValueError(msg)
    return value


def _civil_text(value: object) -> object:
    if isinstance(value, str) and not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", value):
        msg = "expected a civil time without a zone, such as 2026-03-02T09:00:00"
        raise ValueError(msg)
    return value


def _true_or_false(value: object) -> object:
    # Claims arrive as text; pydantic would also take yes, on and 1.
    if isinstance(value, str):
        if value not in {"true", "false"}:
            msg = "expected true or false"
            raise ValueError(msg)
        return value == "true"
    return value


def _days(value: object) -> object:
    # OpenSLO writes windows as 28d or 4w; a claim may too.
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,4})([dw])", value)):
        return int(match[1]) * (7 if match[2] == "w" else 1)
    return value


def _number_or_text(value: object) -> object:
    # Claims arrive as text; a feature written as a JSON number is a number, all else stays text.
    if isinstance(value, str) and re.fullmatch(r"-?(0|[1-9]\d{0,14})(\.\d+)?", value):
        return float(value) if "." in value else int(value)
    return without_password(value) if isinstance(value, str) else value


def _relative_path(value: str) -> str:
    value = without_password(value)
    if not value or not all(map(_is_plain_name, PurePosixPath(_as_seen(value)).parts)):
        msg = "expected a path below the workbook, without '..'"
        raise ValueError(msg)
    return value


def _as_seen(path: str) -> str:
    # A full-width slash is a slash to the reader, and to some file systems.
    return unicodedata.normalize("NFKC", path)


def _is_plain_name(part: str) -> bool:
    """True for a part of a path that names the same thing on every system, and leads nowhere."""
    odd = part in {"..", "~"} or part[-1] in ". /" or any(c in part for c in "\\:\0")
    device = part.partition(".")[0].rstrip().lower() in _DEVICE_NAMES
    return part.isprintable() and not odd and not device


def _by_key(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(sorted(value.items()))


ByKey = AfterValidator(_by_key)
"""For a mapping in a claim: two files that differ in the order of its keys say the same.

Their digests are equal, so that everything judged from them has to be equal too.
"""
Slug = Annotated[
    str, StringConstraints(pattern=SLUG_PATTERN, max_length=63), AfterValidator(_no_device_name)
]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000, strip_whitespace=True),
    AfterValidator(words),
]
Route = Annotated[Text, AfterValidator(route)]
"""The name of a way to tell somebody, such as `page: flight-delay primary`; never an address."""
ZoneName = Annotated[str, AfterValidator(_known_zone)]
AwareTime = Annotated[AwareDatetime, BeforeValidator(_iso_text), AfterValidator(_within_reach)]
Day = Annotated[date, BeforeValidator(_iso_day)]
CivilTime = Annotated[NaiveDatetime, BeforeValidator(_civil_text)]
Flag = Annotated[bool, BeforeValidator(_true_or_false)]
Share = Annotated[Decimal, Field(ge=0, le=1)]
_MOST = Decimal("1e100")
Score = Annotated[Decimal, Field(ge=-_MOST, le=_MOST)]
"""A value of whatever a monitor measures: a part of one where that is a share, else as it is."""
ScoreSize = Annotated[Decimal, Field(ge=0, le=_MOST)]
"""How far apart two such values are, in the same unit."""
Days = Annotated[int, Field(gt=0, le=3660), BeforeValidator(_days)]
"""A number of days, written `28`, or `28d` or `4w` as in OpenSLO."""
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
CheckId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}-\d{2}$")]
ScenarioId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,8}\d{2,3}$")]
SampleValue = Annotated[float | int | str, BeforeValidator(_number_or_text)]
"""One feature of a request or row that a claim gives as an example."""
RelativePath = Annotated[str, AfterValidator(_relative_path)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
