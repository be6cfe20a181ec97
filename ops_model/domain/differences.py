"""Where two JSON values differ: the paths, as findings cite them."""

from collections.abc import Iterator, Mapping

MOST_TOLD = 3
"""So many paths are named; the others are counted."""


def differing_paths(before: object, after: object, path: str = "") -> Iterator[str]:
    """Every path at which two JSON values are not the same, such as `days[3].quality`.

    A number and the same number of another type differ: a digest tells them apart too.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            inner = f"{path}.{key}" if path else str(key) or "''"
            yield from _in_both(before, after, key, inner)
    elif isinstance(before, list) and isinstance(after, list):
        for number in range(max(len(before), len(after))):
            inner = f"{path}[{number}]"
            if number < min(len(before), len(after)):
                yield from differing_paths(before[number], after[number], inner)
            else:
                yield inner
    elif type(before) is not type(after) or before != after:
        yield path or "the whole value"


def _in_both(
    before: Mapping[str, object], after: Mapping[str, object], key: str, path: str
) -> Iterator[str]:
    if key in before and key in after:
        yield from differing_paths(before[key], after[key], path)
    else:
        yield path


def told_paths(before: object, after: object) -> str:
    """The paths in one line; empty where the two are the same."""
    paths = list(differing_paths(before, after))
    named, more = ", ".join(paths[:MOST_TOLD]), len(paths) - MOST_TOLD
    return f"{named} and {more} more" if more > 0 else named
