"""Sentences that checks wrote, as a page shows them: names for ids, commands as code."""

import re

from ops_model.domain.people import People
from ops_model.site.markup import Html, escape, tag


def prose(text: str, people: People) -> Html:
    """The text as HTML: what stands in backquotes as code, ids of people as their names.

    An id counts only where it stands alone, not as a part of a longer word or a path.
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:  # an odd backquote encloses nothing
        return Html(escape(_named(text, people)))
    return Html(
        "".join(
            tag("code", part) if place % 2 else escape(_named(part, people))
            for place, part in enumerate(parts)
        )
    )


def _named(text: str, people: People) -> str:
    labels = {p.id: p.name for p in people.people}
    if not labels:
        return text
    ids = "|".join(sorted(map(re.escape, labels), key=len, reverse=True))
    alone = rf"(?<![\w/.@-])(?:{ids})(?![\w/@-]|\.\w)"
    return re.sub(alone, lambda found: labels[found[0]], text)
