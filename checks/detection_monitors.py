"""Whether the monitors that there are look ahead, and lead to something."""

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    counted,
    earliest,
    failed,
    no_file,
    not_applicable,
    passed,
    unknown,
    unsaid,
)
from ops_model.check.measured import CADENCE_DAYS
from ops_model.check.telling import told_until, why_nobody_is_told
from ops_model.domain.signals import RetrainPolicy, Signals
from ops_model.domain.signals_watched import Monitor, Signal
from ops_model.domain.system import Kind

LAGGING: tuple[Signal, ...] = ("output_quality", "outcome")


COMPARING: tuple[Signal, ...] = (
    "input_distribution", "confidence", "importance", "output_quality",
)  # fmt: skip
"""Signals that say nothing without something to compare with."""


@check(
    "DRF-01",
    question="Do monitors look ahead as well as back?",
    area="detection",
    source=["S1.29", "S1.30", "S4.3"],
    revision=2,
)
def leading_and_lagging(ctx: Context) -> Outcome:
    """Accuracy says how the model did; drift says how it is going to do next month."""
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    watched = {m.signal for m in signals.monitors}
    lacking = [" or ".join(any_of) for any_of in _ahead(ctx.system.identity.kind)
               if not watched & {*any_of}]  # fmt: skip
    if not watched & {*LAGGING}:
        lacking.append(f"{' or '.join(LAGGING)}, to look back")
    leading = [m for m in signals.monitors if m.leading or m.signal == "provider_identity"]
    lagging = [m for m in signals.monitors if m.signal in LAGGING]
    if lacking:
        return failed(
            f"{len(leading)} leading and {len(lagging)} lagging monitors; none watches "
            f"{'; none '.join(lacking)}",
            looked_at=[signals.place_of("monitors")],
            remedy=f"the reliability owner writes monitors of {', of '.join(lacking)}, into "
            "signals.yaml",
        )
    why = ""
    if ctx.system.identity.kind != "predictive":
        why = "; no importances: nobody can take those of a model that is called"
    return passed(
        f"leading: {', '.join(m.id for m in leading)}; lagging: "
        f"{', '.join(m.id for m in lagging)}{why}",
        looked_at=[m.where for m in (*leading, *lagging)],
    )


@check(
    "DRF-05",
    question="Is it settled who retrains when inputs shift, and what must pass first?",
    area="detection",
    source=["S1.3", "S4.3"],
    revision=2,
)
def retraining_is_settled(ctx: Context) -> Outcome:
    """When the monitor fires it is too late to ask who decides, and on what ground."""
    signals, kind = ctx.system.signals, ctx.system.identity.kind
    if signals is None:
        return no_file(ctx, "signals")
    policy = signals.retraining
    if policy is None and kind != "predictive":
        return not_applicable(
            f"kind {kind} and no retraining written: it calls a model that others train",
            looked_at=[signals.where],
        )
    if policy is None:
        return unknown(
            "missing",
            "signals.yaml does not say when the model is trained again, and who decides",
            looked_at=[signals.where],
            remedy="the owner writes `retraining` in signals.yaml: triggers, decider, doer, "
            "max_days and must_pass",
        )
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    right = decisions.right("retrain")
    looked_at = [policy.where, right.where if right else decisions.where]
    holders = {right.holder, right.backup} if right else set()
    faults = _retrain_faults(policy, signals)
    if policy.decider not in holders:
        holder = right.holder if right else "nobody"
        faults.append(f"{policy.decider} decides, but {holder} holds the right to retrain")
        looked_at.append(policy.place_of("decider"))
    if faults:
        return failed(
            f"retraining: {'; '.join(faults)}",
            looked_at=looked_at,
            remedy="the owner corrects `retraining` in signals.yaml, or the right in "
            "decisions.yaml",
        )
    return passed(
        f"{', '.join(policy.triggers)} asks for it, {policy.decider} decides, {policy.doer} does "
        f"it within {counted(policy.max_days, 'day')}, and it must pass: {policy.must_pass}",
        looked_at=looked_at,
    )


@check(
    "DRF-07",
    question="Has every monitor a pinned baseline, a playbook and somebody it tells?",
    area="detection",
    source=["S2.10", "S4.3"],
    revision=2,
)
def monitors_are_complete(ctx: Context, *, under_days: int = 90) -> Outcome:
    """A monitor that compares with whatever lies there tells what changed in the comparison."""
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    monitors = [m for m in signals.monitors if m.automated]
    if not monitors:
        by_hand = ", ".join(m.id for m in signals.monitors)
        return unknown(
            "missing",
            "no monitor runs by itself",
            looked_at=[signals.where],
            remedy="the reliability owner writes monitors into signals.yaml"
            if not by_hand
            else f"the reliability owner schedules {by_hand} (`automated: true` in signals.yaml)",
        )
    return all_of([_complete(ctx, signals, monitor, under_days) for monitor in monitors])


def _ahead(kind: Kind) -> tuple[tuple[Signal, ...], ...]:
    """What has to be watched to look ahead: of each group one (invariant 29).

    The importances of a model that is only called cannot be taken, and few such models say how
    sure they are: canary answers against the agreed model stand in for both.
    """
    if kind == "predictive":
        return ("input_distribution",), ("confidence",), ("importance",)
    return ("input_distribution",), ("provider_identity", "confidence")


def _retrain_faults(policy: RetrainPolicy, signals: Signals) -> list[str]:
    """What the policy lacks, the decider aside."""
    monitors = {m.id for m in signals.monitors}
    faults = [] if policy.triggers else ["no monitor asks for it"]
    faults += [f"{t} is no monitor" for t in policy.triggers if t not in monitors]
    why = unsaid(policy.must_pass) if policy.must_pass else "is not written"
    return faults + ([f"what it must pass (must_pass) {why}"] if why else [])


def _complete(ctx: Context, signals: Signals, monitor: Monitor, under_days: int) -> Outcome:
    """Whether one monitor has all that it needs to be worth waking up for."""
    baseline = signals.baseline(monitor.baseline)
    looked_at = [monitor.where, *([baseline.where] if baseline else [])]
    days = CADENCE_DAYS[monitor.cadence]
    untold = why_nobody_is_told(ctx, monitor.alert_route)
    faults = [
        fault
        for holds, fault in (
            (bool(untold), untold),
            (
                monitor.playbook not in {p.id for p in signals.playbooks},
                f"has no playbook{f' {monitor.playbook}' if monitor.playbook else ''}",
            ),
            (days >= under_days, f"looks every {days} days; expected less than {under_days}"),
            *_baseline_faults(ctx, signals, monitor),
        )
        if holds
    ]
    if faults:
        return failed(
            f"monitor {monitor.id}: {'; '.join(faults)}",
            looked_at=looked_at,
            remedy=f"the reliability owner completes monitor {monitor.id} in signals.yaml, and "
            "has somebody who answers for it approve the baseline",
        )
    against = f" against {baseline.id}" if baseline else ""
    return passed(
        f"monitor {monitor.id} ({monitor.cadence}{against}): {monitor.playbook}, tells "
        f"{monitor.alert_route}",
        looked_at=looked_at,
        valid_until=earliest(
            ctx.until_gone(baseline.approved_by) if baseline else None,
            told_until(ctx, monitor.alert_route),
        ),
    )


def _baseline_faults(
    ctx: Context, signals: Signals, monitor: Monitor
) -> tuple[tuple[bool, str], ...]:
    baseline = signals.baseline(monitor.baseline)
    if baseline is None:
        compares = monitor.signal in COMPARING or monitor.baseline is not None
        return ((compares, "has no baseline to compare with"),)
    name = f"baseline {baseline.id}"
    why = ctx.why_not_active(baseline.approved_by)
    return (
        (baseline.digest is None, f"{name} is not pinned by a digest"),
        (bool(why), f"{name} is approved by nobody who can answer for it: {why}"),
        (
            baseline.approved_by in ctx.model.builders(ctx.system),
            f"{name} is approved by {baseline.approved_by}, who built the version",
        ),
    )
