"""A finding as a part of a card: the same block wherever one is shown."""

from collections.abc import Iterable, Sequence

from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.people import People
from ops_model.domain.values import Where
from ops_model.site import words
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import chip, line, quiet
from ops_model.site.prose import prose
from ops_model.site.words import Look

_MOST_PLACES = 5


def finding_block(finding: Finding, people: People) -> Html:
    """One finding whole: state, question, what was found, its numbers, what to do, where."""
    graded = f"{words.grade(finding.grade)}, asked for {words.grade(finding.minimum_grade)}"
    said = [
        line(chip(words.look(finding)), " ", tag("strong", finding.check), f" {finding.question}")
    ]
    said.append(line(prose(finding.message, people), " ", quiet(f"({graded})")))
    said += [line(words.named(value)) for value in finding.values]
    return tag(
        "div", *said, *to_do(finding, people), line(places_read(finding.looked_at)),
        style="border-top:1px solid #8a8a8a;padding:6px 0 2px 0",
    )  # fmt: skip


def places_read(looked_at: Iterable[Where]) -> Html:
    """The first places that were looked at, each once, and how many more there are."""
    places = list(dict.fromkeys(str(place) for place in looked_at))
    more = len(places) - _MOST_PLACES
    rest = f" and {more} more" if more > 0 else ""
    return join([join([quiet(place) for place in places[:_MOST_PLACES]], ", "), quiet(rest)])


def to_do(finding: Finding, people: People) -> list[Html]:
    """What closes the gap and who does it; nothing where there is no gap."""
    if not finding.remedy:
        return []
    owner = tag("strong", people.label(finding.owner))
    return [
        line(tag("strong", "to do: "), prose(finding.remedy, people), " ", quiet("owner: "), owner)
    ]


def judged(assessment: Assessment, checks: Sequence[str], people: People) -> list[Html]:
    """The findings of these checks in this order; a check that is not loaded is left out."""
    by_check = {finding.check: finding for finding in assessment.findings}
    return [finding_block(by_check[c], people) for c in checks if c in by_check]


def overall(own: Look, assessment: Assessment, checks: Sequence[str]) -> Look:
    """How a card looks that shows these findings: as the first of them that stands in the way."""
    blocking = [f for f in assessment.findings if f.check in checks and f.blocks]
    return words.look(blocking[0]) if blocking and own.tone != "bad" else own
