"""The small values that every claim and record is made of.

Conventions: ids follow RFC 1123; time is aware; money is `Decimal` with a currency and never
converted silently; a part of one is a `Share` and never a percentage.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import PurePosixPath
from typing import Annotated, Any, Self, TypeVar, get_args, get_type_hints
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    NaiveDatetime,
    StringConstraints,
    model_serializer,
    model_validator,
)

from ops_model.domain.canonical import canonical_json
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
Days = Annotated[int, Field(gt=0, le=3660), BeforeValidator(_days)]
"""A number of days, written `28`, or `28d` or `4w` as in OpenSLO."""
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
CheckId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}-\d{2}$")]
ScenarioId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,8}\d{2,3}$")]
SampleValue = Annotated[float | int | str, BeforeValidator(_number_or_text)]
"""One feature of a request or row that a claim gives as an example."""
RelativePath = Annotated[str, AfterValidator(_relative_path)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Where:
    """A place that a reader can open: a file and line of the workbook, or a ledger entry.

    Every object of a workbook holds one, so it is a small dataclass and no model.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    path: str
    line: int | None = None

    def __str__(self) -> str:
        """`systems/x/cost.yaml:7`, or `ledger:41` for an entry of the ledger."""
        return f"{self.path}:{self.line}" if self.line is not None else self.path


NOWHERE = Where(path="(not from a file)")
_NO_PLACES: Mapping[str, Where] = {}
_WHERE, _PLACES = "where", "places"


class Located(dict[str, Any]):
    """A mapping read from a file; the store fills `where` and the place of each key."""

    where: Where = NOWHERE
    places: Mapping[str, Where] = _NO_PLACES


@lru_cache(maxsize=4096)
def _shared_set(names: frozenset[str]) -> set[str]:
    return set(names)


class Value(BaseModel):
    """Base of all claims: frozen, unknown keys refused, every node knows its file and line."""

    # Canonical JSON knows neither NaN nor infinity, so no claim and no record may hold one.
    # What was refused may be a secret, so the error's own text leaves it out.
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False,
        hide_input_in_errors=True,
    )  # fmt: skip

    @model_validator(mode="wrap")
    @classmethod
    def _keep_place(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - pydantic hands over anything
        value = handler(data)
        if isinstance(data, Located):
            # Not as declared private attributes: pydantic would copy their defaults deeply for
            # every object that it builds, and that took a third of the time of all validation.
            keep = object.__setattr__
            keep(value, "__pydantic_private__", {_WHERE: data.where, _PLACES: data.places})
            # Thousands of objects were written with the same keys; frozen, they can share one set.
            written = frozenset(value.__pydantic_fields_set__)
            keep(value, "__pydantic_fields_set__", _shared_set(written))
        return value

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """As another process sent it; such objects share their sets of keys too."""
        super().__setstate__(state)
        written = frozenset(self.__pydantic_fields_set__)
        object.__setattr__(self, "__pydantic_fields_set__", _shared_set(written))

    @property
    def where(self) -> Where:
        """Where this object was read from."""
        private = self.__pydantic_private__
        return private[_WHERE] if private else NOWHERE

    @property
    def places(self) -> Mapping[str, Where]:
        """Where each key that was written stands."""
        private = self.__pydantic_private__
        return private[_PLACES] if private else _NO_PLACES

    def place_of(self, key: str) -> Where:
        """Where the value of `key` stands, or the object's own place when it was not written."""
        return self.places.get(key, self.where)

    def __eq__(self, other: object) -> bool:
        """Equal content; the lines that it was read from do not count."""
        return type(other) is type(self) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        """Hash of the content."""
        return hash((type(self), canonical_bytes(self)))


class Money(Value):
    """An amount in one currency, written `12.50 USD`."""

    amount: Decimal
    currency: CurrencyCode

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic hands over anything
        if isinstance(data, str):
            match = re.fullmatch(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})", data.strip())
            if match is None:
                msg = "expected an amount and a currency, such as 12.50 USD"
                raise ValueError(msg)
            return {"amount": match[1], "currency": match[2]}
        return data

    @model_serializer
    def _to_text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        """`12.50 USD`, as claims write it."""
        return f"{self.amount} {self.currency}"

    @property
    def told(self) -> str:
        """`10,000.00 USD`, as pages and cards write it: to the cent, or finer where it is."""
        exponent = self.amount.as_tuple().exponent
        places = max(2, -exponent if isinstance(exponent, int) else 2)
        return f"{self.amount:,.{places}f} {self.currency}"


class Declared(Value):
    """Who wrote a file of claims, and when; stands where no version control says it."""

    by: Slug
    at: AwareTime


class ClaimFile(Value):
    """Base of all objects that are a whole file of the workbook."""

    declared: Declared | None = None


class Window(Value):
    """A span of time, `start` included, `end` not."""

    start: AwareDatetime
    end: AwareDatetime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            msg = f"ends {self.end.isoformat()} before it starts {self.start.isoformat()}"
            raise ValueError(msg)
        return self


T = TypeVar("T", bound=BaseModel)


def canonical_bytes(value: BaseModel | Mapping[str, Any] | list[Any]) -> bytes:
    """RFC 8785 bytes of a value; equal content gives equal bytes on every machine.

    Decimals, dates and money travel as text. NaN, infinities and integers of 2**53 or more are
    refused by the library with a `CanonicalizationError`.
    """
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return canonical_json(plain)


@cache
def value_fields(cls: type[Value]) -> tuple[str, ...]:
    """The fields of a value that may hold further values; most hold a text or a number."""
    hints = get_type_hints(cls)
    return tuple(name for name in cls.model_fields if _may_hold_values(hints[name]))


def _may_hold_values(hint: Any) -> bool:  # noqa: ANN401 - a type hint may be anything
    if hint is Any or (isinstance(hint, type) and issubclass(hint, Value)):
        return True
    return any(_may_hold_values(part) for part in get_args(hint))


def digest_of(value: BaseModel | Mapping[str, Any] | list[Any] | bytes) -> str:
    """`sha256:` and the hex digest of bytes, or of a value's canonical bytes."""
    data = value if isinstance(value, bytes) else canonical_bytes(value)
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def claim_digest(claim: Value) -> str:
    """The digest of what a claim says, by which evidence and people refer to it.

    A key that holds its default says nothing more than one that is left out, so a key that a
    later version of ops-model adds voids no evidence.
    """
    return digest_of(claim.model_dump(mode="json", exclude_defaults=True))


def zone(name: str) -> ZoneInfo:
    """The zone of a `ZoneName`."""
    return ZoneInfo(name)


def iso_utc(instant: datetime) -> str:
    """An instant as text in UTC, such as `2013-07-22T08:00:00Z`."""
    return instant.astimezone(ZoneInfo("UTC")).isoformat().replace("+00:00", "Z")
