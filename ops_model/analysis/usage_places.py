"""Where a usage log has what the contract asks for: looked up by the names of its columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from ops_model.analysis.usage_adapters import (
    FORMATS,
    LABELS,
    REPORTED,
    TOKENS,
    Places,
    UsageAdapter,
)
from ops_model.domain.cost import UsageFormat

Kind = Literal["number", "label", "nested"]


@dataclass(frozen=True)
class Found:
    """A place that a log has: a column, and keys inside it."""

    column: str
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The place as it is written."""
        return "/".join((self.column, *self.keys))


@dataclass(frozen=True)
class UsageRows:
    """Where a log of tokens has what the contract asks for.

    Attributes:
        adapter: its format.
        names: every column of the log, with the kind that it holds.
        service, provider: those of rows that name none.
        includes_cache: whether input holds cached tokens, where that is not as the format has it.
        prefix: the column with the hashes of a prompt's blocks.
    """

    adapter: UsageAdapter
    names: Mapping[str, str]
    service: str = ""
    provider: str = ""
    includes_cache: bool | None = None
    prefix: str | None = None

    @classmethod
    def of(cls, written: UsageFormat, names: Mapping[str, str], **said: Any) -> "UsageRows":  # noqa: ANN401 - the fields above
        """Those of a log of this format with these columns."""
        return cls(FORMATS[written], names, **said)

    def places(self, name: str) -> tuple[Found, ...]:
        """Where a column of the contract is found."""
        own = () if name in TOKENS and self.adapter is not FORMATS["contract"] else (name,)
        return self.found((*own, *self.adapter.columns.get(name, ())))

    def found(self, places: Places, *, whole: bool = False) -> tuple[Found, ...]:
        """Those of some places that the log has; `whole` takes a list or a struct too."""
        seen = (self._spelled(found) for place in places for found in _spellings(place))
        return tuple(dict.fromkeys(found for found in seen if self._has(found, whole=whole)))

    def _spelled(self, found: Found) -> Found:
        """The same with the column's name as the log spells it: `Purpose` for `purpose`."""
        if found.column in self.names:
            return found
        return replace(found, column=self._by_lower.get(found.column.casefold(), found.column))

    @cached_property
    def _by_lower(self) -> Mapping[str, str]:
        return {name.casefold(): name for name in self.names}

    def _has(self, found: Found, *, whole: bool) -> bool:
        kind = self.names.get(found.column)
        if found.keys:
            return kind in {"other", "text"}
        return kind is not None and (whole or kind != "other")

    def first_place(self, name: str) -> str:
        """The name by which a column that is not there is asked for."""
        return self.adapter.columns.get(name, (name,))[0].replace("/", ".")

    def columns(self) -> dict[str, Kind]:
        """The columns of the log to read, and what each has to hold."""
        kinds: dict[str, Kind] = {}
        for kind, place in self.all_places():
            kinds[place.column] = "nested" if place.keys else kinds.get(place.column, kind)
        if self.prefix is not None:
            kinds[self.prefix] = "nested"
        return kinds

    def all_places(self) -> Iterator[tuple[Kind, Found]]:
        """Every place that is read, and what it has to hold; some more than once."""
        adapter = self.adapter
        for name in (*TOKENS, REPORTED):
            yield from (("number", place) for place in self.places(name))
        for places in (adapter.input_too, adapter.output_too, adapter.kept_long):
            yield from (("number", place) for place in self.found(places))
        for name in LABELS:
            yield from (("label", place) for place in self.places(name))
        for places in (adapter.reused, *([adapter.no_calls[0]] if adapter.no_calls else [])):
            yield from (("label", place) for place in self.found(places))
        for places in (adapter.error, adapter.tags):
            for place in self.found(places, whole=True):
                listed = self.names[place.column] == "other"
                yield ("nested" if listed else "label"), place


def _spellings(place: str) -> Iterator[Found]:
    column, *keys = place.split("/")
    yield Found(column, tuple(keys))
    for flat in (place.replace("/", "."), place.replace("/", "_").replace(".", "_")):
        if flat != column:
            yield Found(flat)
