"""The cards of a trial: what was planned before, and how the challenger did."""

from collections.abc import Mapping, Sequence

from ops_model.domain.change import ChallengerPlan, ChangeRequest
from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.trials import ChallengerResult, ChallengerVerdict, SliceResult
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import (
    Row,
    bare,
    chip,
    fact,
    frame,
    line,
    quiet,
    sentences,
    table,
    with_level,
)
from ops_model.site.words import AMBER, FAILED, GREEN, GREY, RED, Look, signed

VERDICTS: Mapping[ChallengerVerdict, Look] = {
    "better": Look("✓", "better", GREEN, "good"),
    "non_inferior": Look("✓", "no worse", GREEN, "good"),
    "worse": Look("✖", "worse", RED, "bad"),
    "undecided": Look("?", "undecided", AMBER, "warn"),
}
ORDER: Sequence[ChallengerVerdict] = ("worse", "undecided", "non_inferior", "better")
_PLANNED = Look("○", "planned", GREY, "quiet")
_IN_PRODUCTION = Look("✖", "in production", RED, "bad")
_SPENT = Look("●", "measured", GREY, "quiet")
_SERVES_NOBODY = ("challenger", "shadow")


def plan_card(request: ChangeRequest, plan: ChallengerPlan, people: People) -> Html:
    """What was settled before anybody tried: cases, repeats, margin, slices, looks."""
    times = "once" if plan.repeats == 1 else f"{plan.repeats:,} times"
    looks = "once, when all are there"
    if plan.look_every is not None:
        looks = f"each time {plan.look_every:,} cases came in, and it may be stopped then"
    rows: list[Row] = [
        ("what", f"{request.from_version} against {request.to_version}, by {plan.metric}"),
        ("cases", f"{plan.cases:,}, each asked {times}"),
        ("may be worse by", tag("strong", _margin(plan.margin))),
        ("taken apart by", ", ".join(plan.slices) or "nothing"),
        ("looked at", looks),
        ("is to cost", str(plan.estimated_cost or "nobody wrote it")),
    ]
    return bare(
        f"Trial {request.id}, in {plan.environment}",
        _IN_PRODUCTION if plan.environment == "production" else _PLANNED,
        line(f"Asked for by {people.label(request.requested_by)} on "
             f"{words.instant(request.requested_at)}: ", tag("q", request.why)),
        table((), rows),
    )  # fmt: skip


def _margin(margin: float | None) -> str:
    return "no margin is written" if margin is None else f"{words.number(margin)} of the metric"


def challenger(record: ChallengerResult, people: People) -> Html:
    """The verdict with its interval, what stands beside quality, and the slices."""
    del people
    return frame(
        f"{_of(record.to_version, 'challenger')} against "
        f"{_of(record.from_version, 'champion')} ({record.request}, {record.environment})",
        VERDICTS[record.verdict], record,
        line(tag("strong", headline(record))),
        *sentences("The results cannot decide", record.faults),
        table(("", "value", "rests on"), _facts(record)),
        *_slices(record),
        *sentences("Counted", record.notes),
        line(quiet(_how(record))),
        simulated=record.simulated,
    )  # fmt: skip


def _of(label: str | None, arm: str) -> str:
    return label if label is not None else f"the {arm}"


def headline(record: ChallengerResult) -> str:
    """The verdict in one sentence: the difference, its interval, and the margin beside it."""
    unit = signed(record.difference.unit)
    bound = (
        f"{words.value(record.difference, unit=unit)} "
        f"({words.interval(record.difference, unit=unit)})"
    )
    cases = words.plural(record.cases, "case")
    asked = f", each asked {record.repeats:,} times" if record.repeats > 1 else ""
    return f"A difference of {bound} on {cases}{asked}{_against(record)}."


def _against(record: ChallengerResult) -> str:
    """What the difference is held against, and how many more cases it takes."""
    if record.margin is None:
        return "; no margin was written, so nothing counts as no worse"
    told, size = "", words.points(record.difference.unit)
    if record.no_worse_than is not None and record.no_worse_than >= 0:
        told = "; it is surely no worse"
    elif record.no_worse_than is not None:
        worst, most = (words.amount(n, size) for n in (-record.no_worse_than, record.margin))
        told = f"; it may be up to {worst} worse, and less than {most} are allowed"
    if record.cases_needed is not None:
        more = max(record.cases_needed - record.cases, 1)
        told += f"; it takes {more:,} more cases to decide"
    return told


def _facts(record: ChallengerResult) -> list[Row]:
    pairs: list[tuple[str, Measured | None]] = [
        (f"the champion ({_of(record.from_version, 'champion')})", record.champion),
        (f"the challenger ({_of(record.to_version, 'challenger')})", record.challenger),
        ("cases that flip", record.flips),
        ("a case costs so many times as much", record.cost_multiplier),
        ("the trial of the challenger cost", record.cost),
        ("a case takes, champion", record.champion_seconds),
        ("a case takes, challenger", record.challenger_seconds),
    ]
    return [fact(name, measured) for name, measured in pairs if measured is not None]


def _slices(record: ChallengerResult) -> list[Html]:
    """The worst first; what cannot be right says why."""
    if not record.slices:
        return []
    ordered = sorted(record.slices, key=lambda s: (s.fault is None, ORDER.index(s.verdict)))
    head = ("", "slice", with_level("difference", ordered[0].difference), "")
    return [table(head, [_slice(one) for one in ordered])]


def _slice(one: SliceResult) -> Row:
    unit = signed(one.difference.unit)
    return (
        chip(VERDICTS[one.verdict]), one.name, words.brief(one.difference, unit=unit),
        one.fault or "",
    )  # fmt: skip


def _how(record: ChallengerResult) -> str:
    told = [record.method] if record.method else []
    if record.look_every is not None:
        told.append(f"looked at every {record.look_every:,} cases, {record.looks or 0:,} so far")
    if record.slices:
        told.append("the verdicts of the slices are corrected for their number")
    return f"How: {'; '.join(told) or 'not said'}. More is better in every difference."


def trial_cost_card(record: SpendMeasurement) -> Html:
    """What answers that serve nobody cost, by the usage logs."""
    rows = [
        fact(purpose, record.by_purpose[purpose])
        for purpose in _SERVES_NOBODY
        if purpose in record.by_purpose
    ]
    said = "Requests of a trial, by their purpose in the usage logs."
    if not rows:
        said = (
            "No usage log holds a request of a trial: none has the purpose challenger or shadow."
        )
    return frame(
        "Spent on trials", _SPENT, record, line(said),
        table(("", "value", "rests on"), [*rows, fact("all that was spent", record.total)]),
        simulated=record.simulated,
    )  # fmt: skip


def refused(text: str) -> Html:
    """A trial that is not read, and why."""
    return bare("Not read", FAILED, line(text))
