"""Whether a way on fits: what it carries, what it shares with what it replaces, whom it tells."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ops_model.domain.evidence import Measured
from ops_model.domain.fallback import FallbackDrill, FallbackPath, UserNotice
from ops_model.domain.system import Dependency
from ops_model.domain.values import digest_of

NO_TRAFFIC = frozenset({"human_queue", "off_gracefully"})
"""The ways on that are not asked to carry a part of the traffic: people, and nothing at all."""
TAKEN_OVER = frozenset({"second_provider", "smaller_model"})
"""The ways on by which somebody else answers, who is a dependency too."""


def full_traffic_hours(paths: Iterable[FallbackPath], outage: Decimal) -> Decimal:
    """How many hours of all the traffic these paths carry in an outage of so many hours."""
    return sum((share_of(p) * min(Decimal(p.max_hours or 0), outage) for p in paths), Decimal(0))


def carry_faults(
    paths: Sequence[FallbackPath], outage: Decimal, *, floor: Decimal, enough: Decimal
) -> list[str]:
    """Why the paths of one dependency do not carry an outage of so many hours.

    Each has to carry the part `floor` of the traffic, and all together `enough` of it.
    """
    faults = [
        f"path {p.id} carries {share_of(p)} of the traffic; expected at least {float(floor):g}"
        for p in paths
        if p.kind not in NO_TRAFFIC and share_of(p) < floor
    ]
    lasts = sum(p.max_hours or 0 for p in paths)
    if lasts < outage:
        faults.append(f"they last {lasts} h")
    if full_traffic_hours(paths, outage) < enough * outage:
        faults.append(f"expected at least {float(enough):g} of the traffic in that time")
    return faults


def notice_fault(drill: FallbackDrill, notice: UserNotice) -> str:
    """What was wrong with the drill, or an empty text."""
    seconds = drill.notice_seconds.value if drill.notice_seconds else None
    if not drill.notice_seen:
        return "no user saw a notice in the drill"
    if drill.notice_digest != digest_of(notice.text.encode()):
        return "users saw another text than the plan's"
    if drill.swap_noticed is False:
        return "users got answers of another model than was asked for, without a word"
    if seconds is None or seconds > notice.within_seconds:
        after = "an unknown time" if seconds is None else f"{seconds:.3g} s"
        return f"the notice came after {after}; expected within {notice.within_seconds} s"
    if not drill.passed:
        return f"the drill did not pass: {'; '.join(drill.problems) or 'no reason given'}"
    return ""


def served_less(path: FallbackPath, drill: FallbackDrill) -> tuple[str, Measured] | None:
    """The worst fault of a drill and what was served under it, where the path states more."""
    if path.kind in NO_TRAFFIC or path.capacity_share is None:
        return None
    less = [
        (Decimal(str(fault.served_share.value)), fault)
        for fault in drill.faults
        if fault.served_share.value is not None
    ]
    worst = min(less, key=lambda one: one[0], default=None)
    if worst is None or worst[0] >= path.capacity_share:
        return None
    return worst[1].fault, worst[1].served_share


def unsaid(path: FallbackPath) -> list[str]:
    """What a path does not say of what it carries; one that serves nobody says how long."""
    said_not = ["max_hours"]
    said_not += ["expected_quality_delta"] if path.kind != "off_gracefully" else []
    said_not += ["capacity_share"] if path.kind not in NO_TRAFFIC else []
    return [key for key in sorted(said_not) if getattr(path, key) is None]


def share_of(path: FallbackPath) -> Decimal:
    """The part of the traffic that a path carries: nothing where the feature is off."""
    off = path.kind == "off_gracefully"
    return Decimal(0) if off or path.capacity_share is None else path.capacity_share


def shared(path: FallbackPath, dependency: Dependency, provider: Dependency | None) -> list[str]:
    """Why the path goes down together with what it replaces."""
    faults = []
    if dependency.id in (*path.shares_failure_domain_with, path.provider):
        faults.append(f"it goes down together with {dependency.id}, which it replaces")
    elif provider is not None:
        common = sorted({*provider.failure_domains} & {*dependency.failure_domains})
        if common:
            faults.append(f"{provider.id} and {dependency.id} share {', '.join(common)}")
    return faults


def not_allowed(path: FallbackPath, provider: Dependency | None) -> list[str]:
    """Why the path gets data that it may not have."""
    faults = [] if path.data_allowed else ["the data may not go there"]
    if provider is not None and path.data_sent:
        beyond = [c for c in path.data_sent if c not in provider.data_allowed]
        if beyond:
            faults.append(f"{provider.id} gets {', '.join(beyond)} data, which it may not have")
    return faults


def unsaid_apart(
    path: FallbackPath, dependency: Dependency, provider: Dependency | None
) -> list[str]:
    """What nobody wrote of a path, without which it cannot be told whether it fails apart."""
    if path.provider is None:
        kind = path.kind.replace("_", " ")
        return (
            [f"a {kind} is somebody's, and no provider is named"]
            if path.kind in TAKEN_OVER
            else []
        )
    if provider is None:
        return [f"its provider {path.provider} is not described in system.yaml"]
    lacking = [f"{d.id} has no failure_domains" for d in (dependency, provider)
               if not d.failure_domains]  # fmt: skip
    return lacking + ([] if path.data_sent else ["data_sent is not written"])
