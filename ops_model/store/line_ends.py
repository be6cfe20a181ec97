"""Line ends of a text that was changed: each line that stayed keeps its own."""

from difflib import SequenceMatcher


def with_ends_of(before: str, after: str) -> str:
    """The text `after` (its lines end in LF) with the line ends that `before` has.

    A new line ends as the one above it does.
    """
    if "\r\n" not in before:
        return after
    old, new = before.split("\n"), after.split("\n")
    plain = [line.removesuffix("\r") for line in old]
    ends = [line[len(kept) :] for line, kept in zip(old, plain, strict=True)]
    ends[-1] = ends[-2]  # a last line without an end would have had that of the one above
    if all(ends):
        return after.replace("\n", "\r\n")
    made: list[str] = []
    compared = SequenceMatcher(None, plain, new, autojunk=False)
    for _, first, last, start, end in compared.get_opcodes():
        own = ends[first:last]
        above = ends[max(first - 1, 0)]
        made += [*own[: end - start], *[own[-1] if own else above] * (end - start - len(own))]
    # What stands behind the last LF is no line with an end.
    lines = [line + end for line, end in zip(new[:-1], made[:-1], strict=True)]
    return "\n".join([*lines, new[-1]])
