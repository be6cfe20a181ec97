"""Sentences that checks wrote, as a page shows them: names for ids, days in words."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache

from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.markup import Html, escape, tag

_MOMENT = re.compile(
    r"(?<![\w/.:-])\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?"
    r"(?![\w/-]|[.:]\w)",
    re.ASCII,
)
_BETWEEN_CLAUSES = re.compile(r"(?<=[.!?…]) (?=[A-Z“`])|(?<=;) ")
_BRACKET = re.compile(r"[()]")


def prose(text: str, people: People) -> Html:
    """The text as HTML: what stands in backquotes as code, ids of people as names, days as words.

    An id or a day counts only where it stands alone, not as a part of a longer word or a path.
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:  # an odd backquote encloses nothing
        return Html(escape(plain(text, people)))
    return Html(
        "".join(
            tag("code", part) if place % 2 else escape(plain(part, people))
            for place, part in enumerate(parts)
        )
    )


def sentence(text: str, people: People) -> Html:
    """The text as `prose`, with a capital at its start and a full stop at its end.

    A name at the start, such as `input_tokens` or `prompt-7`, keeps its letters.
    """
    first = text.split(" ", 1)[0].rstrip(",:;")
    capital = text[:1].upper() + text[1:] if first.isalpha() else text
    stop = "" if not text or text[-1] in ".!?…" else "."
    return Html(prose(capital, people) + stop)


def plain(text: str, people: People) -> str:
    """The text as `prose` reads it, without HTML: for a terminal.

    What stands in backquotes stays as it is, since a command with a name in it does not run.
    """
    parts = text.split("`")
    code = len(parts) % 2  # an odd backquote encloses nothing
    return "`".join(
        part if place % 2 and code else _MOMENT.sub(_moment, named(part, people))
        for place, part in enumerate(parts)
    )


def _moment(found: re.Match[str]) -> str:
    try:
        if "T" not in found[0]:
            return words.day(date.fromisoformat(found[0]))
        return words.instant(datetime.fromisoformat(found[0]).astimezone(UTC))
    except (ValueError, OverflowError):  # looks like a day and is none
        return found[0]


def named(text: str, people: People) -> str:
    """The text with names for ids of people, as plain text."""
    labels = {p.id: p.name for p in people.people}
    if not labels:
        return text
    return _standing_alone(tuple(labels)).sub(lambda found: labels[found[0]], text)


@lru_cache(maxsize=16)
def _standing_alone(ids: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the ids where it is no part of a longer word or a path."""
    longest_first = "|".join(sorted(map(re.escape, ids), key=len, reverse=True))
    return re.compile(rf"(?<![\w/.@-])(?:{longest_first})(?![\w/@-]|\.\w)")


def clauses(text: str, longest: int) -> str:
    """The first sentences and clauses that fit, one at least, with a sign where it goes on.

    None is cut in its middle, so that what is left out never turns what is said.
    """
    ends = [*_clause_ends(text), len(text)]
    end = max((end for end in ends if end <= longest), default=ends[0])
    return text if end == len(text) else f"{text[:end].rstrip('.;')} …"


def _clause_ends(text: str) -> Iterator[int]:
    """Where a sentence or a clause ends, but not inside of brackets: the next one would close."""
    bracket = _BRACKET.search(text)
    for between in _BETWEEN_CLAUSES.finditer(text):
        while bracket is not None and bracket.start() < between.start():
            bracket = _BRACKET.search(text, bracket.end())
        if bracket is None or bracket[0] == "(":
            yield between.start()
