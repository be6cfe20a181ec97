"""Spans of time as a finding says them, and how many words a text has.

Numbers and counts are said in one way by whoever says them (`domain.wording`).
"""

from datetime import timedelta
from unicodedata import east_asian_width

from ops_model.domain.phrases import has_a_word_of_its_own, says_nothing
from ops_model.domain.wording import counted, number, points, said


def aged(span: timedelta, unit: timedelta) -> str:
    """How many units a span has, as text: `8.4`, `4,850`."""
    return number(span / unit, "")


def old_as(span: timedelta) -> str:
    """A span in the unit that suits it, as text: `6 s`, `12 min`, `8.4 h`, `3 days`."""
    seconds = span.total_seconds()
    for below, per, unit in ((60, 1, "s"), (3600, 60, "min"), (172_800, 3600, "h")):
        if seconds < below:
            return f"{number(seconds / per, '')} {unit}"
    return f"{number(seconds / 86_400, '')} days"


def short_of_words(text: str | None, fewest: int) -> str:
    """Why a text says too little to be a sentence (`it has 1 word; ...`); empty when it is one.

    Dots and dashes are no words, one word said twice is one, and of single letters no more count
    than there are longer words; scripts that set no blanks between words count two signs for one.
    """
    found = {"".join(filter(str.isalnum, word)).casefold() for word in (text or "").split()}
    letters = sum(len(word) == 1 for word in found)
    longer = sum(len(word) > 1 for word in found)
    wide = sum(east_asian_width(c) in "WF" and c.isalpha() for c in text or "")
    words = max(longer + min(letters, longer), wide // 2)
    if words >= fewest:
        return ""
    return f"it has {counted(words, 'word')}; expected at least {fewest}"


def unsaid(text: str | None) -> str:
    """Why a text that is written tells nobody anything (`'none' says nothing`); else empty.

    It is one without a word of its own: `none`, `never`, `TBD`, or a single letter.
    """
    if text is None or has_a_word_of_its_own(text):
        return ""
    if not (says_nothing(text) or short_of_words(text, 1)):
        return ""
    return f"{text!r} says nothing"


__all__ = ["aged", "counted", "old_as", "points", "said", "short_of_words", "unsaid"]
