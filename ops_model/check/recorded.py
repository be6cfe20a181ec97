"""What a check may look at in the ledger: records with their entries, and how long they count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Generic, TypeVar

from ops_model.domain.by_kind import ByKind
from ops_model.domain.evidence import Record, Statement
from ops_model.domain.superseded import order, subject_of
from ops_model.domain.values import Where

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Recorded(Generic[R]):
    """A record with the ledger entry that carries it: what a check may look at."""

    record: R
    statement: Statement

    @property
    def where(self) -> Where:
        """The ledger entry."""
        return self.statement.place


@dataclass(frozen=True)
class Evidence:
    """The statements about one system that were made by `as_of`, oldest first.

    `signed` are the numbers of those whose signature is that of the person whose word they are,
    `held` those whose signature holds, though its key may be enrolled for nobody by now.
    `unheard` are the digests of words that are on the ledger and count as nobody's, each with why;
    `signing` is who signed something, these words too, and the number of their first such entry.
    """

    statements: tuple[Statement, ...] = ()
    approved_notebooks: frozenset[str] = frozenset()
    signed: frozenset[int] = frozenset()
    held: frozenset[int] = frozenset()
    unheard: tuple[tuple[str, str], ...] = ()
    signing: tuple[tuple[str, int], ...] = ()

    def all(
        self, kind: type[R], *, matching: Callable[[R], bool] | None = None
    ) -> list[Recorded[R]]:
        """Every record of this class, oldest first."""
        found = self._of_kind(kind)
        return [e for e in found if matching is None or matching(e.record)]

    def _of_kind(self, kind: type[R]) -> list[Recorded[R]]:
        if kind not in self._by_kind:
            self._by_kind[kind] = [Recorded(s.record, s) for s in self.told.of(kind)]
        return self._by_kind[kind]

    @cached_property
    def told(self) -> ByKind:
        """The statements by the class of their record."""
        return ByKind(self.statements)

    def entry(self, number: int | None) -> Statement | None:
        """The statement with this number of the ledger, if it is among these."""
        return self._by_number.get(number)

    @cached_property
    def _by_number(self) -> dict[int | None, Statement]:
        return {statement.seq: statement for statement in self.statements}

    # A hundred checks ask for the same few kinds.
    @cached_property
    def _by_kind(self) -> dict[type[Record], list[Recorded[Any]]]:
        return {}

    @cached_property
    def in_time(self) -> list[Recorded[Record]]:
        """Every record by the time that it speaks of; the later entry wins a tie."""
        return sorted(self.all(Record), key=lambda e: order(e.statement))

    @cached_property
    def by_subject(self) -> Mapping[tuple[object, ...], Recorded[Record]]:
        """The latest record about each subject."""
        return {subject_of(found.record): found for found in self.in_time}

    def latest(
        self, kind: type[R], *, matching: Callable[[R], bool] | None = None
    ) -> Recorded[R] | None:
        """The record of this class with the latest `as_of`, the later entry winning a tie."""
        for statement in self.told.newest_first(kind):
            found: Recorded[Any] = Recorded(statement.record, statement)
            if matching is None or matching(found.record):
                return found
        return None


def earliest(*ends: datetime | None) -> datetime | None:
    """The first of several ends; None where nothing ends."""
    return min((end for end in ends if end is not None), default=None)


def valid_until(found: Recorded[R], *, max_age_days: float) -> datetime:
    """When a record grows too old to count."""
    return found.record.as_of + timedelta(days=max_age_days)
