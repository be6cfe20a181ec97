"""What neither an own check nor a register of controls may say: that the law is kept.

Recorded evidence supports a control, partly or not at all; what follows from that is for others
to say, so no page of ours says it, in nobody's words.
"""

import re

from ops_model.domain.texts import as_read

# The last letter stands in brackets since none of these words may stand in our sources either. A
# capital behind it begins another word, as in the name of an exception.
_OVERCLAIM = re.compile(
    r"(?<![a-z])(?i:(?:non|in|un|de)?(?:complian[t]|certifie[d]|guarantee[d]))(?![a-z])"
)
_INSTEAD = "say supports, partly supports or not covered"


def no_overclaim(text: str) -> str:
    """The text, where it claims no more than evidence can show.

    Raises:
        ValueError: it does; says which word, by its number, and what may be said instead.
    """
    read = as_read(text)
    if found := _OVERCLAIM.search(read):
        number = len(read[: found.start()].split()) + (not _in_a_word(read, found.start()))
        msg = f"word {number} claims more than evidence can show; {_INSTEAD}"
        raise ValueError(msg)
    return text


def without_overclaims(text: str) -> str:
    """The text to show of what cannot be refused any more, such as the name of an exception."""
    return _OVERCLAIM.sub("...", as_read(text))


def _in_a_word(text: str, start: int) -> bool:
    return start > 0 and not text[start - 1].isspace()
