"""Profiles of a declared log, each file of it counted once and kept.

The profile of a span is the sum of those of its files. A new day is one new file, and costs that
file; a file whose rows changed is another file, and is counted again. The numbers are the same as
without anything kept, by test; a table in a warehouse has no files, and is counted each time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from ops_model.domain.signals_logged import Log
from ops_model.domain.values import Window, iso_utc
from ops_model.store.profiles import Key, StoredProfiles, digests_of
from ops_model.store.warehouse import EARLIEST, FILE, LATEST, LogRequest, open_logs, readable_logs
from ops_model.workflow.declared import Opened

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.cells import Spec
    from ops_model.analysis.extent import Extent
    from ops_model.analysis.profile import Profile
    from ops_model.store.warehouse import ColumnKind

_Read = TypeVar("_Read")
_PLAN = 2
"""Raised whenever the same reference would be planned otherwise."""


def planned(
    book: Opened, log: Log, span: Window, table: "ibis.Table", columns: Sequence[str]
) -> "Spec":
    """The cells for some columns, fixed on a span of a log.

    Args:
        book: the system and the instant.
        log: the log of the reference.
        span: of which its rows are.
        table: those rows.
        columns: which columns.
    """
    from ops_model.analysis.cells import spec_of
    from ops_model.analysis.plan import plan

    with readable_logs(log.address):
        if log.warehouse is not None:
            return plan(table, columns)
        files, ends = _Files.of(book, log), _Span.of(book, span)
        key: Key = {
            "plan": _PLAN,
            "files": [files.digests[name] for name in files.within(ends)],
            "columns": list(columns),
            "timestamp": log.timestamp,
            "span": ends.written,
        }
        kept = _sound(files.stored, key, spec_of)
        if kept is None:
            kept = plan(table, columns)
            files.stored.write(key, kept.document)
        return kept


def profiled(book: Opened, log: Log, span: Window, table: "ibis.Table", spec: "Spec") -> "Profile":
    """The counts of a span of a log by day.

    Args:
        book: the system and the instant; no row after it is counted.
        log: which log.
        span: from when to when.
        table: the rows of that span, for a log that lies in no files.
        spec: what `planned` fixed.
    """
    from ops_model.analysis.profile import added, profile
    from ops_model.analysis.window import days_between

    with readable_logs(log.address):
        if log.warehouse is not None:
            return profile(table, spec, timestamp=log.timestamp)
        files, ends = _Files.of(book, log), _Span.of(book, span)
        names = files.within(ends)
        # What lies within the span as a whole is kept for every span, the rest for this one.
        inside = [n for n in names if ends.whole_days or files.extents[n].inside(*ends.bounds)]
        rest = [name for name in names if name not in inside]
        parts = files.profiles(spec, inside, None) + files.profiles(spec, rest, ends)
        return days_between(added(spec, parts), *ends.days)


@dataclass(frozen=True)
class _Span:
    """From when to when rows are counted, never after the instant that judges."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, book: Opened, span: Window) -> "_Span":
        return cls(span.start.astimezone(UTC), min(span.end, book.as_of).astimezone(UTC))

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        return self.start, self.end

    @property
    def written(self) -> list[str]:
        return [iso_utc(at) for at in self.bounds]

    @property
    def whole_days(self) -> bool:
        return all(at.time() == time() for at in self.bounds)

    @property
    def days(self) -> tuple[date, date]:
        """The UTC days that are touched: the first, and the one after the last."""
        last = self.end - timedelta(microseconds=1)
        return self.start.date(), last.date() + timedelta(days=1)


@dataclass(frozen=True)
class _Files:
    """The files of a log: their digests, and from when to when each reaches."""

    book: Opened
    log: Log
    stored: StoredProfiles
    digests: Mapping[str, str]
    extents: "Mapping[str, Extent]"

    @classmethod
    def of(cls, book: Opened, log: Log) -> "_Files":
        stored = StoredProfiles(book.root, log.address, book.as_of)
        digests = digests_of(book.root, log.address)
        return cls(book, log, stored, digests, _extents(book, log, stored, digests))

    def within(self, span: _Span) -> list[str]:
        """The files that may hold rows of a span, in their order."""
        return [name for name, extent in self.extents.items() if extent.meets(*span.bounds)]

    def profiles(self, spec: "Spec", names: Sequence[str], span: _Span | None) -> "list[Profile]":
        """One profile a file, of its rows in the span, or of all; only new ones are counted."""
        from ops_model.analysis.profile_json import document_of, profile_of

        keys = {name: self._key(spec, name, span) for name in names}
        found = {
            name: _sound(self.stored, key, lambda document: profile_of(document, spec))
            for name, key in keys.items()
        }
        new = [name for name, kept in found.items() if kept is None]
        for name, counted in self._counted(spec, new, span).items():
            self.stored.write(keys[name], document_of(counted))
            found[name] = counted
        if new:
            self.stored.prune(self.digests.values())
        return [kept for kept in found.values() if kept is not None]

    def _key(self, spec: "Spec", name: str, span: _Span | None) -> Key:
        return {
            "profile": spec.digest,
            "files": [self.digests[name]],
            "timestamp": self.log.timestamp,
            "span": None if span is None else span.written,
        }

    def _counted(
        self, spec: "Spec", names: Sequence[str], span: _Span | None
    ) -> "dict[str, Profile]":
        """The files counted in two queries; in two more those that hold more than one day."""
        single = [n for n in names if span is None and self.extents[n].day is not None]
        found = self._in_one_day(spec, single)
        rest = [name for name in names if name not in found]
        return found | self._by_day(spec, rest, span)

    def _in_one_day(self, spec: "Spec", names: Sequence[str]) -> "dict[str, Profile]":
        """Files of one day: no timestamp has to be read, which is half of the cost."""
        from dataclasses import replace

        from ops_model.analysis.profile import profiles_by_file

        if not names:
            return {}
        table = _table(self.book, self.log, spec.names, names)
        counted = profiles_by_file(table, spec, file=FILE, timestamp=None)
        return {
            names[number]: replace(one, days=(day,))
            for number, one in counted.items()
            if (day := self.extents[names[number]].day) is not None
        }

    def _by_day(
        self, spec: "Spec", names: Sequence[str], span: _Span | None
    ) -> "dict[str, Profile]":
        from ops_model.analysis.extent import rows_between
        from ops_model.analysis.profile import profiles_by_file

        if not names:
            return {}
        start, end = (EARLIEST, LATEST) if span is None else span.bounds
        table = _table(self.book, self.log, spec.names, names)
        table = rows_between(table, self.log.timestamp, start, end)
        counted = profiles_by_file(table, spec, file=FILE, timestamp=self.log.timestamp)
        return {names[number]: one for number, one in counted.items()}


def _extents(
    book: Opened, log: Log, stored: StoredProfiles, digests: Mapping[str, str]
) -> "dict[str, Extent]":
    from ops_model.analysis.extent import Extent, extent_of, extents_by_file

    keys: dict[str, Key] = {
        name: {"extent": log.timestamp, "files": [digest]} for name, digest in digests.items()
    }
    found = {name: _sound(stored, key, extent_of) for name, key in keys.items()}
    new = [name for name, kept in found.items() if kept is None]
    if new:
        table = _table(book, log, (), new)
        seen = extents_by_file(
            table, file=FILE, timestamp=log.timestamp, earliest=EARLIEST, latest=LATEST
        )
        for number, name in enumerate(new):
            extent = seen.get(number, Extent(None, None, whole=True))
            stored.write(keys[name], extent.document)
            found[name] = extent
    return {name: kept for name, kept in found.items() if kept is not None}


def _table(book: Opened, log: Log, columns: Sequence[str], files: Sequence[str]) -> "ibis.Table":
    kinds: dict[str, ColumnKind] = dict.fromkeys(columns, "scalar")
    kinds[log.timestamp] = "time"
    request = LogRequest(log.address, kinds, files=tuple(files))
    return open_logs(book.root, {"log": request})["log"]


def _sound(stored: StoredProfiles, key: Key, read: Callable[[Any], _Read]) -> _Read | None:
    """What is kept under a key, or None where it is nothing that can be read."""
    document = stored.read(key)
    if document is None:
        return None
    try:
        return read(document)
    except (ValueError, TypeError, OverflowError):
        return None
