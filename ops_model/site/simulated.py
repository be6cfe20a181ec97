"""Which of a system's measurements rest on rows that are made up: every page says so."""

from collections.abc import Iterable

from ops_model.domain.evidence import Measurement
from ops_model.site import named
from ops_model.site.site_input import GradedStatement, SiteSystem


def is_simulated(system: SiteSystem) -> bool:
    """True when the whole system is declared simulated."""
    return system.claims.identity.simulated


def simulated_parts(system: SiteSystem) -> str:
    """Which measurements of a real system rest on simulated rows, such as `spend`."""
    return "" if is_simulated(system) else parts_made_up(system.statements)


def parts_made_up(told_by: Iterable[GradedStatement]) -> str:
    """Which of these measurements rest on simulated rows."""
    measured = (s.statement.record for s in told_by)
    kinds = {r.kind for r in measured if isinstance(r, Measurement) and r.simulated}
    return ", ".join(sorted(named.KINDS.get(kind, kind).lower() for kind in kinds))


def all_made_up(told_by: Iterable[GradedStatement]) -> bool:
    """True when each of these measurements rests on simulated rows."""
    measured = [s.statement.record for s in told_by]
    return all(r.simulated for r in measured if isinstance(r, Measurement))
