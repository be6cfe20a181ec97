"""Take secrets and personal data out of text before it is kept, and count what was taken.

What was taken is replaced by its kind, such as `[redacted:github_token]`, and is named nowhere
else. It is a net, not a proof: a password that is a common word, and the name of a person, look
like any other word.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from ops_model.domain.personal_patterns import PERSONAL_RULES
from ops_model.domain.random_texts import LEAST_LENGTH, RANDOM, is_random
from ops_model.domain.secret_patterns import (
    PRIVATE_KEY,
    QUERY_RULE,
    SECRET_RULES,
    Rule,
    Span,
    held_by_name,
)

__all__ = [
    "PERSONAL", "PRIVATE_KEY", "SECRETS", "found_in", "redacted", "redacted_tree", "secrets_in",
]  # fmt: skip

WITHHELD = "withheld"
_NAMED = "named_secret"


def _random(found: re.Match[str]) -> Span | None:
    return found.span() if found["known"] is None and is_random(found[0]) else None


_RANDOM_RULE = Rule("random", RANDOM, _random)
_RULES = (*SECRET_RULES, *PERSONAL_RULES, _RANDOM_RULE, QUERY_RULE)
SECRETS = frozenset({rule.kind for rule in (*SECRET_RULES, _RANDOM_RULE)} | {WITHHELD})
"""The kinds of what opens a door."""
PERSONAL = frozenset(rule.kind for rule in PERSONAL_RULES)
"""The kinds of what reaches or identifies a person."""
_SHORTEST = 7  # of all that a rule finds
_REPEATED = 64  # names of fields and kinds of output are no longer, and come again and again


def redacted(text: str, *, withheld: Collection[str] = ()) -> tuple[str, Mapping[str, int]]:
    """The text with secrets and personal data taken out, and how many of each kind.

    Args:
        text: any text; markup and code around what is found stay as they are.
        withheld: values to take out wherever they stand, such as those of the environment.

    Returns:
        The text, and kind to count; only kinds that occurred. What was taken out before
        is not counted again.
    """
    counts: Counter[str] = Counter()
    for value in withheld:
        if number := text.count(value):
            text = text.replace(value, f"[redacted:{WITHHELD}]")
            counts[WITHHELD] += number
    text, found = _ruled_once(text) if len(text) <= _REPEATED else _ruled(text)
    counts.update(found)
    return text, dict(counts)


def _ruled(text: str) -> tuple[str, Mapping[str, int]]:
    counts: Counter[str] = Counter()
    if len(text) >= _SHORTEST:
        for rule in _RULES:
            text = _applied(rule, text, counts)
    return text, counts


_ruled_once = lru_cache(2048)(_ruled)


def _applied(rule: Rule, text: str, counts: Counter[str]) -> str:
    searched = _lowered(text) if rule.lowered else text
    if rule.hints and not any(hint in searched for hint in rule.hints):
        return text
    if rule is _RANDOM_RULE and len(text) < LEAST_LENGTH:
        return text
    kept, done = [], 0
    for found in rule.pattern.finditer(searched):
        if (span := rule.taken(found)) is None:
            continue
        kept += [text[done : span[0]], f"[redacted:{rule.kind}]"]
        done = span[1]
        counts[rule.kind] += 1
    return "".join([*kept, text[done:]]) if kept else text


def _lowered(text: str) -> str:
    """In lower case, every character at its place: a few letters would become two."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := c.lower()) == 1 else c for c in text)


def found_in(text: str) -> tuple[str, ...]:
    """The kinds of all that would be taken out of a text, in order; never the values."""
    return tuple(sorted(redacted(text)[1]))


def secrets_in(text: str) -> tuple[str, ...]:
    """The kinds of the secrets in a text, such as `aws_key`; never the values."""
    return tuple(kind for kind in found_in(text) if kind in SECRETS)


def redacted_tree(
    value: object, *, withheld: Collection[str] = ()
) -> tuple[Any, Mapping[str, int]]:
    """A JSON value with all its texts and keys redacted, and how many of each kind.

    What stands under a name such as `api_key` is taken out whatever it looks like. Numbers coded
    as base64, as plotly writes them, stay; what lies deeper than 64 levels does not.
    """
    counts: Counter[str] = Counter()
    return _tree(value, counts, withheld, _DEEPEST), dict(counts)


_DEEPEST = 64
_CODED_NUMBERS = "bdata"


def _tree(value: object, counts: Counter[str], withheld: Collection[str], depth: int) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        text, found = redacted(value, withheld=withheld)
        counts.update(found)
        return text
    if not isinstance(value, Mapping | list | tuple):
        return value
    if depth == 0:
        return "[nested too deep to be kept]"
    if isinstance(value, Mapping):
        return _mapping(value, counts, withheld, depth - 1)
    return [_tree(item, counts, withheld, depth - 1) for item in value]


def _mapping(
    value: Mapping[str, object], counts: Counter[str], withheld: Collection[str], depth: int
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, item in value.items():
        key = _tree(name, counts, withheld, depth)
        while key in kept:  # two names that became one
            key += "'"
        if isinstance(item, str) and held_by_name(str(name), item):
            kept[key] = f"[redacted:{_NAMED}]"
            counts[_NAMED] += 1
        elif name == _CODED_NUMBERS and "dtype" in value:
            kept[key] = item
        else:
            kept[key] = _tree(item, counts, withheld, depth)
    return kept
