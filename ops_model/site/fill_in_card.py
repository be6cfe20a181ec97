"""The cards of the fill-in notebook: what became of an answer, what stands in the way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import AREAS, Area
from ops_model.domain.people import People
from ops_model.errors import Problem
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import bare, chip, line, quiet, sentences, table
from ops_model.site.prose import prose
from ops_model.site.verdicts import by_weight
from ops_model.site.words import Look, plural

State = Literal["saved", "saved, but", "unchanged", "not saved", "ready", "open", "none open"]
_LOOKS: dict[State, Look] = {
    "saved": Look("✓", "saved", words.GREEN, "good"),
    "saved, but": Look("▲", "saved, but", words.AMBER, "warn"),
    "unchanged": Look("–", "unchanged", words.GREY, "quiet"),  # noqa: RUF001 - a dash as glyph
    "not saved": Look("✖", "not saved", words.RED, "bad"),
    "ready": Look("✓", "ready", words.GREEN, "good"),
    "open": Look("✖", "open", words.RED, "bad"),
    "none open": Look("✓", "none open", words.GREEN, "good"),
}
_MOST = 3


@dataclass(frozen=True)
class Standing:
    """What is judged of the system now.

    `about` are those of the findings that concern the answer of a cell, from any area; `broken`
    are files that keep the system from being judged.
    """

    people: People | None = None
    findings: tuple[Finding, ...] = ()
    about: tuple[Finding, ...] = ()
    broken: tuple[Problem, ...] = ()
    verdict: str = ""


@dataclass(frozen=True)
class Difference:
    """What a cell would write, what the file says, and what the cell was filled from."""

    yours: str
    on_disk: str


@dataclass(frozen=True)
class Answer:
    """What became of one answer."""

    state: State
    key: str
    question: str
    expected: str = ""
    wrote: str = ""
    problems: tuple[Problem, ...] = ()
    difference: Difference | None = None
    area: Area | None = None
    keys: tuple[tuple[str, str, str], ...] = ()


def answer_card(answer: Answer, standing: Standing) -> Html:
    """The card below a cell."""
    said: list[Html] = [line(quiet(answer.key))] if answer.question != answer.key else []
    if answer.state == "not saved":
        said += _refused(answer)
    elif answer.expected:
        said.append(line(quiet("expected: "), answer.expected))
    said += _keys(answer)
    if answer.area is not None:
        said += _in_the_way(answer.area, standing)
    said += _broken(standing)
    return bare(answer.question, _LOOKS[answer.state], *said)


def _refused(answer: Answer) -> list[Html]:
    said = [line(tag("strong", "you wrote: "), tag("code", answer.wrote))] if answer.wrote else []
    if answer.expected and not any(answer.expected in p.message for p in answer.problems):
        said.append(line(tag("strong", "expected: "), answer.expected))
    said += [_problem(problem) for problem in answer.problems]
    if answer.difference is not None:
        rows = [
            ("your cell", tag("code", answer.difference.yours)),
            ("the file now", tag("code", answer.difference.on_disk)),
        ]
        said.append(table(("", "value"), rows))
    return said


def _problem(problem: Problem) -> Html:
    where = [" ", quiet(f"({problem.where})")] if problem.where else []
    # Not as prose: a remedy says how to write a day, and must not show it as one reads it.
    parts = problem.remedy.split("`")
    remedy = [tag("code", p) if place % 2 else p for place, p in enumerate(parts)]
    fix = [tag("div", tag("strong", "to fix: "), *remedy)] if problem.remedy else []
    return line(problem.message, *where, *fix)


def _keys(answer: Answer) -> list[Html]:
    if not answer.keys:
        return []
    rows = [(tag("code", name), needed, said) for name, needed, said in answer.keys]
    return [
        tag(
            "details",
            tag("summary", "which keys it may have"),
            table(("key", "", "what may stand there"), rows),
            style="margin:4px 0",
        )
    ]


def _in_the_way(area: Area, standing: Standing) -> list[Html]:
    """What is open about the answer itself; of the rest of its area, how many there are.

    The same findings below each cell would hide the one that the cell is about.
    """
    if standing.people is None:
        return []
    mine = _mendable_first(standing.about)
    rest = [f for f in standing.findings if f.area == area and f not in mine]
    if not mine and not rest:
        return [line(tag("strong", f"Nothing stands in the way in area {area}."))]
    items = [_finding(finding, standing.people) for finding in mine[:_MOST]]
    more = [f"{len(mine) - _MOST} more about it"] if len(mine) > _MOST else []
    others = plural(len(rest), "other check" if mine else "check")
    more += [f"{others} of area {area} still in the way"] if rest else []
    last = [line(quiet(f"{' and '.join(more)}; the last cell shows all"))] if more else []
    return [*sentences("What is still open about this answer:", items), *last]


def _mendable_first(findings: Iterable[Finding]) -> list[Finding]:
    """What an answer can mend before what a run has to show."""
    return sorted(by_weight(findings), key=lambda finding: finding.status != "failed")


def _finding(finding: Finding, people: People) -> Html:
    """The check, what it found, what to do, and who."""
    to_do = line(
        tag("strong", "do next: "), prose(finding.remedy, people), " ",
        quiet("who: "), tag("strong", people.label(finding.owner)),
    )  # fmt: skip
    return tag(
        "div",
        chip(words.look(finding)), " ", tag("strong", finding.check), " ",
        prose(finding.message, people), *([to_do] if finding.remedy else []),
    )  # fmt: skip


def _broken(standing: Standing) -> list[Html]:
    if not standing.broken:
        return []
    items = [_problem(problem) for problem in standing.broken[:_MOST]]
    count = plural(len(standing.broken), "problem")
    title = f"The workbook cannot be judged yet: {count} in its files"
    return sentences(title, items)


def start_card(system_id: str, questions: int, standing: Standing) -> Html:
    """The card of the first cell."""
    said = [line(f"{questions} questions about {system_id}. Run a cell to check and save it.")]
    if standing.people is not None:
        count = plural(len(standing.findings), "check")
        said.append(line(f"{count} still in the way; the verdict now: {standing.verdict}."))
    return bare(f"Fill in {system_id}", _LOOKS["ready"], *said, *_broken(standing))


def trouble_card(title: str, problems: Sequence[Problem]) -> Html:
    """What stands where a page cannot be opened."""
    return bare(title, _LOOKS["not saved"], *[_problem(problem) for problem in problems])


def gaps_card(system_id: str, standing: Standing) -> Html:
    """Every open gap of the system, by area, and how many there are in each."""
    if standing.people is None:
        return bare(f"Gaps of {system_id}", _LOOKS["open"], *_broken(standing))
    areas = {
        area: found
        for area in AREAS
        if (found := _mendable_first(f for f in standing.findings if f.area == area))
    }
    told = ", ".join(f"{area} {len(found)}" for area, found in areas.items())
    parts = [
        _area(area, found, standing.people, unfolded=place == 0)
        for place, (area, found) in enumerate(areas.items())
    ]
    return bare(
        f"{plural(len(standing.findings), 'gap')} of {system_id}; the verdict now: "
        f"{standing.verdict}",
        _LOOKS["open" if parts else "none open"],
        *([line(f"By area: {told}.")] if told else []),
        *parts,
    )


def _area(area: Area, found: Sequence[Finding], people: People, *, unfolded: bool) -> Html:
    title = tag("summary", tag("strong", area), f": {plural(len(found), 'gap')}")
    items = [tag("li", _finding(f, people), style="margin:6px 0") for f in found]
    shown = {"open": "open"} if unfolded else {}
    return tag("details", title, tag("ul", *items), style="margin:6px 0", **shown)
