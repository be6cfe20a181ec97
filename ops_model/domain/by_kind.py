"""Statements by the class of their record: what is asked of them again and again."""

from collections.abc import Sequence

from ops_model.domain.evidence import Record, Statement
from ops_model.domain.superseded import order


class ByKind:
    """Statements about one system, and those of a kind, in the order in which they were given.

    One judgement asks for the same few kinds hundreds of times. They are sorted out once, so that
    whoever asks goes through those of a kind and not through all.
    """

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.all = tuple(statements)
        by_class: dict[type[Record], list[int]] = {}
        for position, statement in enumerate(self.all):
            by_class.setdefault(type(statement.record), []).append(position)
        self._positions: dict[type, list[int]] = {}
        for cls, positions in by_class.items():
            for base in cls.__mro__:
                self._positions.setdefault(base, []).extend(positions)
        self._found: dict[tuple[type[Record], ...], tuple[Statement, ...]] = {}
        self._newest_first: dict[type[Record], tuple[Statement, ...]] = {}

    def of(self, *kinds: type[Record]) -> tuple[Statement, ...]:
        """The statements whose record is of one of these classes."""
        if kinds not in self._found:
            found = {n for kind in kinds for n in self._positions.get(kind, ())}
            self._found[kinds] = tuple(self.all[n] for n in sorted(found))
        return self._found[kinds]

    def newest_first(self, kind: type[Record]) -> tuple[Statement, ...]:
        """The statements whose record is of this class, from the latest instant to the first."""
        if kind not in self._newest_first:
            found = sorted(self.of(kind), key=order, reverse=True)
            self._newest_first[kind] = tuple(found)
        return self._newest_first[kind]
