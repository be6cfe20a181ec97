"""Where the rota has holes: every instant of the next weeks, by boundaries and not by samples."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

from ops_model.domain.duty import Duty, window_from
from ops_model.domain.evidence import Measured
from ops_model.domain.on_call import ROLES, CoverageMeasurement, Role, RotaHole
from ops_model.domain.operating_model import OperatingModel, SystemClaims


def measure_coverage(
    model: OperatingModel, system: SystemClaims, *, as_of: datetime, days: int = 91
) -> CoverageMeasurement:
    """In which spans nobody who can answer would be paged, or nobody may roll back.

    Between two neighbouring boundaries (shifts, overrides, absences, people who come or go) no
    answer changes, so one look at each span is exact.

    Args:
        model: the workbook; its people say who is active.
        system: the system whose rota and decision rights are resolved.
        as_of: where the window starts.
        days: its length, in days of 24 hours.

    Returns:
        `holes` per role, `undecidable` spans of the rollback right, and the share of hours in
        which both roles can answer.

    Raises:
        UsageError: the window is none that a rota can be resolved for.
    """
    duty = Duty.of(model, system, window_from(as_of, days))
    instants = duty.instants()
    spans = list(pairwise(instants))
    by_role = {role: _holes(spans, role, partial(duty.hole, role)) for role in ROLES}
    covered = sum(
        (end - start for start, end in spans if not any(duty.hole(r, start) for r in ROLES)),
        timedelta(),
    )
    return CoverageMeasurement(
        system=system.id,
        as_of=as_of,
        claims=system.claim_refs("on_call", "decisions"),
        window=duty.window,
        days=days,
        covered_share=Measured(
            value=covered / timedelta(days=days), unit="share", n=24 * days, no_interval="exact"
        ),
        people=tuple(sorted(_people(duty, instants[:-1]))),
        holes=tuple(sorted((h for r in ROLES for h in by_role[r]), key=lambda h: h.start)),
        undecidable=_holes(
            spans, _rollback_role(system), lambda at: duty.decider("rollback", at).why_not
        ),
        primary_now=duty.paged("primary", as_of),
        secondary_now=duty.paged("secondary", as_of),
    )


def _holes(
    spans: list[tuple[datetime, datetime]], role: Role, why: Callable[[datetime], str]
) -> tuple[RotaHole, ...]:
    holes: list[RotaHole] = []
    for start, end in spans:
        reason = why(start)
        if reason and holes and holes[-1].end == start and holes[-1].why == reason:
            holes[-1] = RotaHole(start=holes[-1].start, end=end, role=role, why=reason)
        elif reason:
            holes.append(RotaHole(start=start, end=end, role=role, why=reason))
    return tuple(holes)


def _people(duty: Duty, instants: list[datetime]) -> set[str]:
    return {p for role in ROLES for at in instants if (p := duty.paged(role, at)) is not None}


def _rollback_role(system: SystemClaims) -> Role:
    right = system.decisions.right("rollback") if system.decisions is not None else None
    return "secondary" if right is not None and right.holder == "secondary" else "primary"
