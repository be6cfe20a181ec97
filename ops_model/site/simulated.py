"""Which of a system's measurements rest on rows that are made up: every page says so."""

from collections.abc import Iterable

from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import Measurement
from ops_model.domain.weekly import WeeklyReport
from ops_model.site import named
from ops_model.site.cost_looks import COST_LOOKS
from ops_model.site.site_input import GradedStatement, SiteInput, SiteSystem

_SUMS_UP = (Assessment, WeeklyReport)
"""Records that tell what other runs measured, so that they hold what is made up in those."""


def is_simulated(system: SiteSystem) -> bool:
    """True when the whole system is declared simulated."""
    return system.claims.identity.simulated


def simulated_parts(system: SiteSystem) -> str:
    """Which measurements of a real system rest on simulated rows, such as `spend`."""
    return "" if is_simulated(system) else parts_made_up(system.statements)


def made_up_among(pages: SiteInput) -> str:
    """`A is made up; of B, the rows behind spend are made up`; empty where nothing is."""
    whole = [s.claims.identity.name for s in pages.systems if is_simulated(s)]
    partly = [(s.claims.identity.name, simulated_parts(s)) for s in pages.systems]
    said = [f"{', '.join(whole)} {'is' if len(whole) == 1 else 'are'} made up"] if whole else []
    said += [f"of {name}, the rows behind {parts} are made up" for name, parts in partly if parts]
    return "; ".join(said)


def run_made_up(system: SiteSystem, told_by: Iterable[GradedStatement]) -> tuple[str, bool]:
    """What of a run's records rests on simulated rows, and whether all of them do.

    A record that sums up others rests on what they rest on.
    """
    found = list(told_by)
    if any(isinstance(s.statement.record, _SUMS_UP) for s in found):
        return simulated_parts(system), False
    return parts_made_up(found), all_made_up(found)


def parts_made_up(told_by: Iterable[GradedStatement]) -> str:
    """Which of these measurements rest on simulated rows."""
    measured = (s.statement.record for s in told_by)
    made_up = [r for r in measured if isinstance(r, Measurement) and r.simulated]
    of_cost = {r.kind for r in made_up if type(r) in COST_LOOKS}
    kinds = {r.kind for r in made_up}
    if len(of_cost) > 1:
        # One usage log is behind them all, and eight names say no more than one.
        kinds -= of_cost
    names = [named.KINDS.get(kind, kind).lower() for kind in kinds]
    return ", ".join(sorted([*names, *(["all that is about cost"] if len(of_cost) > 1 else [])]))


def all_made_up(told_by: Iterable[GradedStatement]) -> bool:
    """True when each of these measurements rests on simulated rows."""
    measured = [s.statement.record for s in told_by]
    return all(r.simulated for r in measured if isinstance(r, Measurement))
