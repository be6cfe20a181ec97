"""How a change begins: asked for by somebody, tried elsewhere first, and decided in time."""

import re
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    counted,
    failed,
    no_file,
    not_applicable,
    passed,
    said,
)
from ops_model.check.compared import result_of
from ops_model.check.holders import holders_of
from ops_model.check.remedies_drills import compare_challenger
from ops_model.domain.change import ChangeCandidate, ChangeRequest
from ops_model.domain.decisions import DecisionRight

SHARES = frozenset({
    "accuracy", "share", "rate", "precision", "recall", "f1", "auc", "probability", "percentage",
})  # fmt: skip
"""The words by which a metric is known to run from 0 to 1."""


@check(
    "CCH-01",
    question="Is every challenger tried where no customer is?",
    area="change",
    source=["S3.27"],
    revision=1,
)
def challengers_run_in_test(ctx: Context) -> Outcome:
    """An experiment on customers is an incident that somebody planned."""
    change = ctx.system.change
    if change is None:
        return no_file(ctx, "change")
    plans = [(r, r.challenger) for r in change.requests if r.challenger is not None]
    if not plans:
        return not_applicable("no challenger is planned", looked_at=[change.where])
    looked_at = [plan.place_of("environment") for _, plan in plans]
    live = [request for request, plan in plans if plan.environment == "production"]
    if live:
        return failed(
            f"{', '.join(r.id for r in live)}: the challenger is to run in production; expected "
            "test or staging",
            looked_at=looked_at,
            remedy=f"{live[0].requested_by} plans the challenger of {live[0].id} on recorded "
            "cases in test, in change.yaml",
        )
    return passed(
        "; ".join(f"{r.id}: in {plan.environment}, {plan.cases:,} cases" for r, plan in plans),
        looked_at=looked_at,
    )


@check(
    "CCH-04",
    question="Is it written what a challenger must reach, and how often each case runs?",
    area="change",
    source=["S3.30"],
    revision=4,
)
def margin_and_repeats_written(
    ctx: Context,
    *,
    min_repeats: Annotated[int, Field(ge=2)] = 3,
    max_margin: Annotated[float, Field(gt=0, le=0.2)] = 0.1,
) -> Outcome:
    """A margin chosen after the result always fits; one answer of a model that varies is luck."""
    change = ctx.system.change
    if change is None:
        return no_file(ctx, "change")
    signals = ctx.system.signals
    tolerated = [
        float(monitor.tolerable_drop)
        for monitor in (signals.monitors if signals is not None else ())
        if monitor.signal == "output_quality"
        and monitor.tolerable_drop is not None
        and monitor.unit == "share"  # the margin of a share says nothing of minutes
    ]
    most = min([max_margin, *tolerated])
    requests = [r for r in change.requests if r.challenger is not None]
    if not requests:
        return not_applicable("no challenger is planned", looked_at=[change.where])
    return all_of(
        [
            _tried(_trial(ctx, request, min_repeats, most), ctx, request, min_repeats)
            for request in requests
        ]
    )


@check(
    "CCH-06",
    question="Does somebody decide what is worth adopting, and in time?",
    area="change",
    source=["S2.14"],
    revision=1,
)
def adoption_is_decided(ctx: Context, *, max_days: int = 180) -> Outcome:
    """What nobody decides about is adopted by whoever tries it first."""
    change, decisions = ctx.system.change, ctx.system.decisions
    if change is None:
        return no_file(ctx, "change")
    if decisions is None:
        return no_file(ctx, "decisions")
    right = decisions.right("adopt_change")
    why = "nobody holds it" if right is None else ctx.why_nobody(right.holder)
    if right is None or why:
        return failed(
            f"the right to adopt a change: {why}",
            looked_at=[decisions.where if right is None else right.where],
            remedy="the owner gives the right adopt_change to somebody in decisions.yaml",
        )
    held = passed(
        f"{right.holder} decides what is adopted",
        looked_at=[right.where],
        valid_until=ctx.until_gone(right.holder),
    )
    return all_of([held, *(_candidate(ctx, c, right, max_days) for c in change.candidates)])


def _trial(ctx: Context, request: ChangeRequest, min_repeats: int, max_margin: float) -> Outcome:
    """Whether one comparison is planned so that its result means something."""
    plan = request.challenger
    if plan is None:  # only for typing: requests without one were left out
        return not_applicable(f"{request.id} plans no challenger", looked_at=[request.where])
    varies = ctx.system.identity.kind != "predictive"
    faults = {} if plan.margin is not None else {"margin": "no margin is written"}
    wide = plan.margin is not None and plan.margin > max_margin
    share = _is_a_share(ctx, request) if wide else False
    if plan.margin is not None and share:
        faults["margin"] = (
            f"{plan.metric} may be worse by {plan.margin:g}; expected at most {max_margin:g}, and "
            "no more than the monitor of quality tolerates (tolerable_drop)"
        )
    if varies and plan.repeats < min_repeats:
        faults["repeats"] = (
            f"each case runs {counted(plan.repeats, 'time')}; expected at least {min_repeats}, "
            "since answers vary"
        )
    if faults:
        return failed(
            f"{request.id}: {'; '.join(faults.values())}",
            looked_at=[plan.place_of(key) for key in faults],
            remedy=f"{request.requested_by} writes {' and '.join(faults)} of the challenger of "
            f"{request.id} in change.yaml before the comparison runs",
        )
    repeats = f", each case {counted(plan.repeats, 'time')}" if varies else ""
    unsure = "" if share is not None else (
        f"; whether {plan.metric} runs from 0 to 1 is not known before it is compared"
    )  # fmt: skip
    return passed(
        f"{request.id}: {plan.metric} may be worse by less than {plan.margin:g}{repeats}{unsure}",
        looked_at=[plan.where],
    )


def _tried(planned: Outcome, ctx: Context, request: ChangeRequest, min_repeats: int) -> Outcome:
    """The same, and whether it was tried as it is written, where a result is on record."""
    found, plan = result_of(ctx, request), request.challenger
    if found is None or plan is None or planned.status != "passed":
        return planned
    result, faults = found.record, []
    if result.margin != plan.margin:
        then = "none" if result.margin is None else f"{result.margin:g}"
        faults.append(f"the margin was {then} when it was compared; {plan.margin:g} is written")
    if ctx.system.identity.kind != "predictive" and result.repeats < min_repeats:
        faults.append(
            f"each case ran {counted(result.repeats, 'time')}; expected at least {min_repeats}, "
            "since answers vary"
        )
    looked_at = [plan.where, found.where]
    if faults:
        return failed(
            f"{request.id}, as compared on {result.as_of.date()}: {'; '.join(faults)}",
            looked_at=looked_at,
            remedy=f"{request.requested_by} asks for it anew in change.yaml, with new cases, and "
            f"{compare_challenger(ctx.system, request)}",
        )
    told = f", and {said(result.flips)} of the cases flipped" if result.flips.value else ""
    return passed(f"{planned.message}{told}", looked_at=looked_at, values={"flips": result.flips})


def _is_a_share(ctx: Context, request: ChangeRequest) -> bool | None:
    """True for a metric from 0 to 1, in which a margin of a tenth is much; None if not known.

    It is one by its name, by the unit of the outcome of that name, or where both versions were
    measured to lie there.
    """
    metric, signals = _metric(request), ctx.system.signals
    outcomes = signals.outcomes if signals is not None else ()
    named = [metric, *(o.unit for o in outcomes if metric in {o.id, o.name})]
    if set(re.findall(r"[a-z0-9]+", " ".join(named).lower())) & SHARES:
        return True
    found = result_of(ctx, request)
    if found is None or found.record.metric != metric:
        return None
    arms = (found.record.champion, found.record.challenger)
    values = [arm.value for arm in arms if arm is not None and arm.value is not None]
    return all(0 <= value <= 1 for value in values) if len(values) == len(arms) else None


def _metric(request: ChangeRequest) -> str:
    return request.challenger.metric if request.challenger is not None else ""


def _candidate(
    ctx: Context, candidate: ChangeCandidate, right: DecisionRight, max_days: int
) -> Outcome:
    """Whether one candidate is decided, or still has time."""
    holder, today = right.holder, ctx.today
    if why := _not_a_decision(ctx, candidate, right, today, max_days):
        return failed(
            f"{candidate.id}: {why}",
            looked_at=[candidate.where],
            remedy=f"{holder} decides about candidate {candidate.id} within {max_days} days of "
            "finding it, and writes decided_by and decided_on in change.yaml",
        )
    if candidate.decision is None and candidate.decide_by < today:
        return failed(
            f"{candidate.id} should have been decided by {candidate.decide_by}",
            looked_at=[candidate.where],
            remedy=f"{holder} decides adopt, reject or later for candidate {candidate.id}, and "
            "writes it in change.yaml",
        )
    if candidate.decision is None:
        return passed(
            f"{candidate.id} is open until {candidate.decide_by}",
            looked_at=[candidate.where],
            valid_until=ctx.end_of(candidate.decide_by),
        )
    return passed(
        f"{candidate.id}: {candidate.decision} ({candidate.decided_by})",
        looked_at=[candidate.where],
    )


def _not_a_decision(
    ctx: Context, candidate: ChangeCandidate, right: DecisionRight, today: date, max_days: int
) -> str:
    """Why what is written of a candidate decides nothing; empty when it does, or may still."""
    if candidate.found_on > ctx.last_day:
        return f"found_on {candidate.found_on} is still to come"
    if candidate.decision is None:
        runs = candidate.decide_by - candidate.found_on
        late = f"decide_by is {runs.days} days after it was found; expected at most {max_days}"
        return late if runs > timedelta(days=max_days) else ""
    return _no_decider(ctx, candidate, right, today)


def _no_decider(
    ctx: Context, candidate: ChangeCandidate, right: DecisionRight, today: date
) -> str:
    """Why a decision is nobody's who may make it, or of no day; empty when it is neither."""
    decision, day = candidate.decision, candidate.decided_on
    if candidate.decided_by is None:
        return f"{decision}, decided by nobody who is named"
    if day is None:
        return f"{decision}, decided on no day that is written"
    if day > ctx.last_day:
        return f"decided_on {day} is still to come"
    if candidate.decided_by in holders_of(ctx, right):
        return ""
    names = " or ".join(name for name in (right.holder, right.backup) if name is not None)
    return f"{decision}, decided by {candidate.decided_by}; expected {names}"
