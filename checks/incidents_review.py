"""An incident looked at afterwards: whom it reached, and what was there before it began."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    by_tier,
    check,
    failed,
    not_applicable,
    passed,
    said,
    short_of_words,
    unknown,
)
from ops_model.check.remedies import review_incident
from ops_model.check.reviews import reviewed
from ops_model.domain.evidence import Measured
from ops_model.domain.exposure import IncidentReview, WasItThere
from ops_model.domain.incidents import Incident
from ops_model.domain.values import iso_utc

Thing = Literal["owner", "runbook", "rollback_drill"]
FIRST_MINUTES: tuple[Thing, ...] = ("owner", "runbook", "rollback_drill")
"""What has to be there before the first incident, and is built after it where nobody planned."""


@check(
    "INC-04",
    question="Is it counted how many decisions, customers and how much money were exposed?",
    area="incidents",
    source=["S4.25"],
    revision=1,
)
def exposure_is_counted(
    ctx: Context,
    *,
    min_words: Annotated[int, Field(ge=2)] = 3,
    open_within_days: Annotated[int, Field(le=90)] = by_tier(7, 14, 28),
) -> Outcome:
    """A wrong answer costs once for every time that it was given before somebody noticed.

    An incident that goes on for longer than `open_within_days` is counted as far as it has come.
    """
    over = _over(ctx, open_within_days)
    if not over:
        return _nothing_over(ctx)
    return all_of([_counted(ctx, incident, min_words) for incident in over])


@check(
    "INC-06",
    question="Were owner, runbook and a rehearsed way back there before the first incident?",
    area="incidents",
    source=["S0.21"],
    revision=1,
)
def was_there_before(
    ctx: Context,
    *,
    look_back_days: Annotated[int, Field(ge=90)] = 365,
    open_within_days: Annotated[int, Field(le=90)] = by_tier(7, 14, 28),
) -> Outcome:
    """What is celebrated as a launch is built during its first incident, where nobody planned."""
    over = _over(ctx, open_within_days)
    since = ctx.as_of - timedelta(days=look_back_days)
    lately = [incident for incident in over if incident.detected_at >= since]
    if not over:
        return _nothing_over(ctx)
    if not lately:
        last = over[-1]
        return not_applicable(
            f"the last incident ({last.id}) is of {last.detected_at.date()}, more than "
            f"{look_back_days} days ago",
            looked_at=[last.where],
        )
    first = lately[0]
    found = reviewed(ctx, first)
    if isinstance(found, Outcome):
        return found
    return _stood_there(ctx, first, found)


def _over(ctx: Context, open_within_days: int) -> list[Incident]:
    """The incidents that can be looked back at, the first first.

    Those that are contained, and those that go on for so long that whoever never contains them
    would never have to count them.
    """
    since = ctx.as_of - timedelta(days=open_within_days)
    contained = [
        incident
        for incident in ctx.system.incidents
        if incident.detected_at <= ctx.as_of
        and (
            incident.contained_at is not None
            or incident.has_reached("contained")
            or incident.detected_at < since
        )
    ]
    return sorted(contained, key=lambda incident: incident.detected_at)


def _nothing_over(ctx: Context) -> Outcome:
    """The answer where no incident can be looked back at."""
    begun = [i for i in ctx.system.incidents if i.detected_at <= ctx.as_of]
    if not begun:
        return not_applicable("no incident is on record", looked_at=[ctx.system.where])
    return not_applicable(
        f"incident {begun[0].id} is not contained yet, so it cannot be looked back at",
        looked_at=[incident.place_of("state") for incident in begun],
    )


def _counted(ctx: Context, incident: Incident, min_words: int) -> Outcome:
    """Whether the exposure of one incident is counted, or says why it cannot be."""
    found = reviewed(ctx, incident)
    if isinstance(found, Outcome):
        return found
    review, looked_at = found.record, [incident.where, found.where]
    known = {
        "decisions": review.decisions, "customers": review.customers, "money": review.money,
    }  # fmt: skip
    counts = {what: m for what, m in known.items() if m is not None and m.value is not None}
    again = review_incident(ctx.system, incident.id)
    because = f" ({review.not_counted})" if review.not_counted else ""
    if "decisions" not in counts:
        return unknown(
            "missing",
            f"incident {incident.id}: how many decisions it reached is not counted{because}",
            looked_at=looked_at,
            remedy=f"the owner writes onset_earliest and onset_latest in {incident.where.path}, "
            "and the reliability owner declares the log of what was served in signals.yaml; then "
            f"{again}",
        )
    lacking = [what for what in known if what not in counts]
    if lacking and short_of_words(review.not_counted, min_words):
        return failed(
            f"incident {incident.id}: {' and '.join(lacking)} not counted, and no reason is given",
            looked_at=looked_at,
            remedy=f"the owner writes customers_affected and money_lost in {incident.where.path}, "
            f"or why they cannot be known; then {again}",
        )
    if why := _contradicted(incident, counts["decisions"]):
        return failed(
            f"incident {incident.id}: {why}",
            looked_at=[incident.place_of("decisions_exposed"), found.where],
            remedy=f"the owner writes decisions_exposed in {incident.where.path} as it was, or "
            f"puts its onset right; then {again}",
        )
    text = ", ".join(said(measured) for measured in counts.values())
    noted = f"; {review.not_counted}" if review.not_counted else ""
    return passed(
        f"incident {incident.id}: {text}{noted}",
        looked_at=looked_at,
        values={f"{incident.id} {what}": measured for what, measured in counts.items()},
    )


def _contradicted(incident: Incident, decisions: Measured) -> str:
    """Where the log counts other decisions than the incident's file; empty where it agrees.

    That nobody was reached is said by the file too: a log of another service counts none either.
    """
    written = incident.decisions_exposed
    if written is None and not (decisions.high or decisions.value):
        return "the log counts no decision, and the file does not say that it reached none"
    low = decisions.low if decisions.low is not None else decisions.value
    high = decisions.high if decisions.high is not None else decisions.value
    if written is None or low is None or high is None or low <= written <= high:
        return ""
    return f"decisions_exposed is {written:,}; the log counts {said(decisions)}"


def _stood_there(ctx: Context, incident: Incident, found: Recorded[IncidentReview]) -> Outcome:
    """Whether what the first minutes need stood there before an incident began."""
    began = incident.onset_earliest or incident.detected_at
    looked_at = [incident.where, found.where]
    seen = [one for one in found.record.before if one.thing in FIRST_MINUTES]
    looked_for = {one.thing for one in seen}
    unseen = [_name(thing) for thing in FIRST_MINUTES if thing not in looked_for]
    if unseen:
        return unknown(
            "missing",
            f"whether {', '.join(unseen)} stood there before incident {incident.id} was not "
            "looked at",
            looked_at=looked_at,
            remedy=review_incident(ctx.system, incident.id),
        )
    faults = list(dict.fromkeys(_absent(seen, began)))
    if faults:
        return failed(
            f"before incident {incident.id} began ({iso_utc(began)}): {'; '.join(faults)}",
            looked_at=looked_at,
            remedy="what is past cannot be made good: the owner writes under `post_mortem` of "
            f"{incident.where.path} what has changed since, and an executive may answer for "
            "INC-06 by a waiver in policy.yaml, with a compensating control",
        )
    since = "; ".join(f"{_name(one.thing)} since {one.since.date()}" for one in seen if one.since)
    return passed(
        f"all was there before incident {incident.id} began ({iso_utc(began)}): {since}",
        looked_at=looked_at,
    )


def _absent(things: list[WasItThere], began: datetime) -> Iterator[str]:
    """What was not there, or of which nothing on record shows that it was."""
    for one in things:
        if not one.there:
            yield f"no {_name(one.thing)} ({one.why})"
        elif one.since is None:
            yield f"nothing on record shows since when there is a {_name(one.thing)}"
        elif one.since > began:
            yield f"the {_name(one.thing)} is there only since {one.since.date()}"


def _name(thing: str) -> str:
    return thing.replace("_", " ")
