"""The template's mark `# REPLACE`: it asks for what has been done once its line was replaced."""

import re
from difflib import SequenceMatcher

_MARK = re.compile(r"(?P<gap> +)# REPLACE[;:]?[ ]*(?P<rest>[^\n]*)")


def without_marks(before: str, after: str) -> str:
    """The text after a change without the marks of its replaced lines; other comments stay.

    What else the comment of a mark says stays behind the value.
    """
    if "# REPLACE" not in after:
        return after
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    compared = SequenceMatcher(None, old, new, autojunk=False)
    for how, _, _, start, end in compared.get_opcodes():
        if how == "replace":
            new[start:end] = [_MARK.sub(_rest_of_comment, line) for line in new[start:end]]
    return "".join(new)


def _rest_of_comment(found: re.Match[str]) -> str:
    return f"{found['gap']}# {found['rest']}" if found["rest"] else ""
