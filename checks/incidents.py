"""When it goes wrong: each way of failing has an answer, and each incident taught something."""

from collections.abc import Iterator, Mapping

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    by_tier,
    check,
    failed,
    no_file,
    passed,
    unknown,
    unsaid,
)
from ops_model.check.telling import means_nobody, told_until, why_nobody_is_told
from ops_model.domain.decisions import Action
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.system import FailureMode, Response

RIGHT_FOR: Mapping[Response, Action] = {
    "rollback": "rollback",
    "fallback": "failover",
    "override_output": "override_output",
    "disable": "disable",
    "rule": "edge_case",
    "retrain": "retrain",
}
"""The decision that each response to a failure takes."""


@check(
    "INC-02",
    question="Is each way of failing noticed, answered, and the answer somebody's to give?",
    area="incidents",
    source=["S1.37"],
    revision=2,
)
def failure_modes_are_covered(ctx: Context) -> Outcome:
    """'We know what to do' holds for the failures that somebody thought of, with names beside."""
    identity = ctx.system.identity
    if not identity.failure_modes:
        return unknown(
            "missing",
            "system.yaml names no way in which the system fails, and every system has one",
            looked_at=[identity.where],
            remedy="the owner writes `failure_modes` in system.yaml: what happens, which monitor "
            "sees it, what is done",
        )
    return all_of([_covered(ctx, mode) for mode in identity.failure_modes])


@check(
    "INC-05",
    question="Is it settled who tells users, support and the public, and how soon?",
    area="incidents",
    source=["S3.20"],
    revision=2,
)
def telling_is_settled(
    ctx: Context,
    *,
    users_minutes: int = by_tier(60, 120, 240),
    public_minutes: int = by_tier(120, 240, 480),
) -> Outcome:
    """When the screenshot is public, whoever has to ask who speaks has lost the first hour."""
    decisions, identity = ctx.system.decisions, ctx.system.identity
    if decisions is None:
        return no_file(ctx, "decisions")
    owed = ["users", "support", "owner", *(["public"] if identity.customer_facing else [])]
    paths = {path.audience: path for path in decisions.communication}
    problems = [f"nobody tells {audience}" for audience in owed if audience not in paths]
    lacking = [decisions.place_of("communication")] if problems else []
    told = [paths[audience] for audience in owed if audience in paths]
    problems += [
        f"who tells {path.audience}: {why}" for path in told if (why := ctx.why_nobody(path.owner))
    ]
    problems += [
        f"{path.audience}: {key} {why}"
        for path in told
        for key, said in (("channel", path.channel), ("text", path.text))
        if (why := unsaid(said))
    ]
    most = {path: public_minutes if path.audience == "public" else users_minutes for path in told}
    problems += [
        f"{path.audience}: told within {path.within_minutes} minutes; expected at most {minutes}"
        for path, minutes in most.items()
        if path.within_minutes > minutes
    ]
    if problems:
        return failed(
            "; ".join(problems),
            looked_at=[*lacking, *(path.where for path in told)],
            remedy="the owner writes who tells each audience under `communication` in "
            "decisions.yaml, with an owner, a channel and within_minutes",
        )
    return passed(
        "; ".join(
            f"{p.audience}: {p.owner}, {p.channel}, within {p.within_minutes} min" for p in told
        ),
        looked_at=[path.where for path in told],
        valid_until=ctx.until_gone(*(path.owner for path in told)),
    )


def _covered(ctx: Context, mode: FailureMode) -> Outcome:
    """Whether one way of failing is seen and has an answer."""
    system = ctx.system
    monitors = {m.id: m for m in system.signals.monitors} if system.signals else {}
    seen = [monitors[m] for m in mode.detect_by if m in monitors]
    faults = [] if mode.detect_by else ["no monitor sees it"]
    faults += [f"{m} is no monitor" for m in mode.detect_by if m not in monitors]
    telling = [m for m in seen if m.automated and not why_nobody_is_told(ctx, m.alert_route)]
    if seen and not telling:
        faults.append(f"none of {', '.join(mode.detect_by)} runs by itself and tells somebody")
        faults += [why for m in seen if (why := means_nobody(ctx, m.alert_route))]
    faults += [] if mode.respond_by else ["nothing is done about it"]
    faults += [f for response in mode.respond_by for f in _unanswered(system, response)]
    looked_at = [mode.where, *(m.where for m in seen)]
    if faults:
        return failed(
            f"{mode.id}: {'; '.join(faults)}",
            looked_at=looked_at,
            remedy=f"the owner gives failure mode {mode.id} a monitor (detect_by) and a response "
            "(respond_by) in system.yaml, and whatever a response lacks: a right in "
            "decisions.yaml, a plan",
        )
    answers = ", then ".join(r.replace("_", " ") for r in mode.respond_by)
    return passed(
        f"{mode.id}: seen by {', '.join(mode.detect_by)}; then {answers}",
        looked_at=looked_at,
        valid_until=told_until(ctx, *(monitor.alert_route for monitor in telling)),
    )


def _unanswered(system: SystemClaims, response: Response) -> Iterator[str]:
    """What one response lacks to be given at night: somebody who may, and a plan."""
    right = RIGHT_FOR[response]
    if system.decisions is None or system.decisions.right(right) is None:
        yield f"nobody holds the right to {right.replace('_', ' ')}"
    signals = system.signals
    plans: Mapping[Response, tuple[bool, str]] = {
        "rollback": (
            bool(system.rollback and system.rollback.steps),
            "rollback.yaml has no step" if system.rollback else "there is no rollback.yaml",
        ),
        "fallback": (
            bool(system.fallback and system.fallback.paths),
            "fallback.yaml has no path" if system.fallback else "there is no fallback.yaml",
        ),
        "rule": (bool(signals and signals.rules), "signals.yaml has no rule"),
        "retrain": (
            bool(signals and signals.retraining),
            "signals.yaml does not say how one retrains",
        ),
    }
    there, lacking = plans.get(response, (True, ""))
    if not there:
        yield lacking
