"""Who of the workbook's people is meant by what a calendar says."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Protocol, TypeVar

from ops_model.domain.calendar import Said
from ops_model.domain.people import People
from ops_model.errors import Problem, UsageError

_MOST_PROBLEMS = 50


class _Says(Protocol):
    @property
    def said(self) -> Said: ...


S = TypeVar("S", bound=_Says)


class WhoIsMeant:
    """Finds people by what `mapped` says, by attendee, or by the id or name in a summary.

    Whoever cannot be told is kept, so that all are refused at once.

    Raises:
        UsageError: a mapping is not written `TEXT=person-id`, or names nobody.
    """

    def __init__(self, people: People, mapped: Sequence[str]) -> None:
        self._ids = [person.id for person in people.people]
        self._words = {
            word: person.id for person in people.people for word in (person.id, _slug(person.name))
        }
        self._mapped = dict(self._pair(text) for text in mapped)
        self._unknown: dict[str, Problem] = {}

    def each(self, items: Iterable[S]) -> list[tuple[S, str]]:
        """Each item with the person it means, in order; without those who cannot be told."""
        found = ((item, self._person(item.said)) for item in items)
        return [(item, person) for item, person in found if person is not None]

    def known(self, person_id: str) -> str | None:
        """Whom an id means that was written with another workbook at hand; None for a stranger."""
        meant = self._by_mapping(Said(person_id)) or {person_id} & set(self._ids)
        return meant.pop() if len(meant) == 1 else None

    def refuse_unknown(self, where: str) -> None:
        """Refuse what could not be told so far.

        Raises:
            UsageError: holds one problem for each text.
        """
        problems = [Problem(p.message, where, p.remedy) for p in self._unknown.values()]
        if len(problems) > _MOST_PROBLEMS:
            more = len(problems) - _MOST_PROBLEMS
            problems = [*problems[:_MOST_PROBLEMS], Problem(f"and {more} more texts", where)]
        if problems:
            raise UsageError(problems=problems)

    def _pair(self, text: str) -> tuple[str, str]:
        said, _, person = text.rpartition("=")
        if said.strip() and person in self._ids:
            return said.strip().casefold(), person
        near = get_close_matches(person, self._ids, n=1)
        raise UsageError(
            f"--person is {text!r}; expected TEXT=ID with the id of somebody in people.yaml",
            remedy=f"did you mean {said or 'TEXT'}={near[0]}?"
            if near
            else "write it as 'Ana R.=ana-ruiz'",
        )

    def _person(self, said: Said) -> str | None:
        for meant in (self._by_mapping(said), self._by_attendee(said), self._by_summary(said)):
            if len(meant) == 1:
                return meant.pop()
            if meant:
                self._note(said, f"means {' and '.join(sorted(meant))} alike")
                return None
        self._note(said, "names nobody in people.yaml")
        return None

    def _by_mapping(self, said: Said) -> set[str]:
        texts = [text.casefold() for text in (said.summary, *said.attendees)]
        hits = [key for key in self._mapped if any(key in text for text in texts)]
        longest = max(map(len, hits), default=0)
        return {self._mapped[key] for key in hits if len(key) == longest}

    def _by_attendee(self, said: Said) -> set[str]:
        words = (_slug(attendee.split("@", 1)[0]) for attendee in said.attendees)
        return {self._words[word] for word in words if word in self._words}

    def _by_summary(self, said: Said) -> set[str]:
        text = f"-{_slug(said.summary)}-"
        return {person for word, person in self._words.items() if word and f"-{word}-" in text}

    def _note(self, said: Said, why: str) -> None:
        text = said.attendees[0] if said.attendees else said.summary
        near = self._nearest(said)
        self._unknown.setdefault(
            str(said),
            Problem(
                f"the event {said} {why}",
                remedy=f"say who it is with --person {text + '=' + near!r}"
                + ("" if near != "ID" else ", ID being one of people.yaml"),
            ),
        )

    def _nearest(self, said: Said) -> str:
        texts = [_slug(text.split("@", 1)[0]) for text in (*said.attendees, said.summary)]
        words = [word for text in texts for word in (text, *text.split("-")) if len(word) > 1]
        for word in words:
            parts = {
                part: known for w, known in self._words.items() for part in (w, *w.split("-"))
            }
            if near := get_close_matches(word[:80], list(parts), n=1, cutoff=0.75):
                return parts[near[0]]
        return "ID"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")
