"""The small values that every claim and record is made of, and the digests of what they say.

Money is `Decimal` with a currency and never converted silently. What a single field may hold
stands in `scalars`.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Self, TypeVar, get_args, get_type_hints
from zoneinfo import ZoneInfo

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    model_serializer,
    model_validator,
)

from ops_model.domain.canonical import canonical_json
from ops_model.domain.scalars import AwareTime, CurrencyCode, Slug


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


class _Read:
    """Where an object was read from, in the shape of pydantic's private values.

    A workbook of a fleet has very many; a dict takes three times the memory.
    """

    __slots__ = (_PLACES, _WHERE)

    def __init__(self, where: Where, places: Mapping[str, Where]) -> None:
        self.where, self.places = where, places

    def items(self) -> tuple[tuple[str, Any], ...]:
        """As of a dict, for copies and pickles; these hold one."""
        return ((_WHERE, self.where), (_PLACES, self.places))


@lru_cache(maxsize=4096)
def _shared_set(names: frozenset[str]) -> set[str]:
    return set(names)


class Value(BaseModel):
    """Base of all claims and records: frozen, unknown keys refused, compared by content."""

    # Canonical JSON knows neither NaN nor infinity, so no claim and no record may hold one.
    # What was refused may be a secret, so the error's own text leaves it out.
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False,
        hide_input_in_errors=True,
    )  # fmt: skip

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """As another process sent it; such objects share their sets of keys."""
        super().__setstate__(state)
        written = frozenset(self.__pydantic_fields_set__)
        object.__setattr__(self, "__pydantic_fields_set__", _shared_set(written))

    def __eq__(self, other: object) -> bool:
        """Equal content; the lines that it was read from do not count."""
        return type(other) is type(self) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        """Hash of the content."""
        return hash((type(self), canonical_bytes(self)))


class Claim(Value):
    """Base of all that people write in files: every node knows its file and line.

    Records know none. A ledger holds millions of their nodes, and asking each for its place took
    longer than reading it.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _keep_place(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - pydantic hands over anything
        value = handler(data)
        if isinstance(data, Located):
            # Not as declared private attributes: pydantic would copy their defaults deeply for
            # every object that it builds, and that took a third of the time of all validation.
            keep = object.__setattr__
            keep(value, "__pydantic_private__", _Read(data.where, data.places))
            # Thousands of objects were written with the same keys; frozen, they can share one set.
            written = frozenset(value.__pydantic_fields_set__)
            keep(value, "__pydantic_fields_set__", _shared_set(written))
        return value

    @property
    def where(self) -> Where:
        """Where this object was read from."""
        read: Any = self.__pydantic_private__
        if type(read) is _Read:
            return read.where
        return read[_WHERE] if read else NOWHERE

    @property
    def places(self) -> Mapping[str, Where]:
        """Where each key that was written stands."""
        read: Any = self.__pydantic_private__
        if type(read) is _Read:
            return read.places
        return read[_PLACES] if read else _NO_PLACES

    def place_of(self, key: str) -> Where:
        """Where the value of `key` stands, or the object's own place when it was not written."""
        return self.places.get(key, self.where)


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


class Declared(Claim):
    """Who wrote a file of claims, and when; stands where no version control says it."""

    by: Slug
    at: AwareTime


class ClaimFile(Claim):
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
