"""Which of a system's measurements rest on rows that are made up: every page says so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import Measurement, Record
from ops_model.domain.weekly import WeeklyReport
from ops_model.site import named, words
from ops_model.site.cost_looks import COST_LOOKS
from ops_model.site.site_input import GradedStatement, SiteInput, SiteSystem

_SUMS_UP = (Assessment, WeeklyReport)
"""Records that tell what other runs measured, so that they hold what is made up in those."""

MOST_NAMED = 4
"""So many systems are named in a line of a page; of more their number, and the names unfold."""


def is_simulated(system: SiteSystem) -> bool:
    """True when the whole system is declared simulated."""
    return system.claims.identity.simulated


def simulated_parts(system: SiteSystem) -> str:
    """Which measurements of a real system rest on simulated rows, such as `spend`."""
    return "" if is_simulated(system) else parts_made_up(_records(system.statements))


@dataclass(frozen=True)
class MadeUp:
    """What of all systems is made up: `said` in a sentence, `names` each of many, to unfold.

    `wholly` is true where each system is.
    """

    said: str = ""
    names: tuple[str, ...] = ()
    wholly: bool = False


def made_up_among(pages: SiteInput) -> MadeUp:
    """`A is made up; of B, the rows behind spend are made up`; empty where nothing is.

    Of many only their number is said, so that a page opens with what it is about.
    """
    whole = [s.claims.identity.name for s in pages.systems if is_simulated(s)]
    parts = [(s.claims.identity.name, simulated_parts(s)) for s in pages.systems]
    partly = [f"of {name}, the rows behind {of} are made up" for name, of in parts if of]
    said, names = [], []
    if len(whole) > MOST_NAMED:
        said.append(f"{len(whole):,} of {words.plural(len(pages.systems), 'system')} are made up")
        names += whole
    elif whole:
        said.append(f"{', '.join(whole)} {'is' if len(whole) == 1 else 'are'} made up")
    if len(partly) > MOST_NAMED:
        more = f"{len(partly):,} more" if whole else words.plural(len(partly), "system")
        said.append(f"of {more}, some rows are made up")
        names += partly
    else:
        said += partly
    return MadeUp("; ".join(said), tuple(names), wholly=len(whole) == len(pages.systems) > 0)


def run_made_up(system: SiteSystem, told_by: Iterable[GradedStatement]) -> tuple[str, bool]:
    """What of a run's records rests on simulated rows, and whether all of them do.

    A record that sums up others rests on what they rest on.
    """
    found = list(told_by)
    if any(isinstance(s.statement.record, _SUMS_UP) for s in found):
        return simulated_parts(system), False
    return parts_made_up(_records(found)), all_made_up(found)


def parts_made_up(records: Iterable[Record]) -> str:
    """Which of these measurements rest on simulated rows."""
    made_up = [r for r in records if isinstance(r, Measurement) and r.simulated]
    of_cost = {r.kind for r in made_up if type(r) in COST_LOOKS}
    kinds = {r.kind for r in made_up}
    if len(of_cost) > 1:
        # One usage log is behind them all, and eight names say no more than one.
        kinds -= of_cost
    names = [named.KINDS.get(kind, kind).lower() for kind in kinds]
    return ", ".join(sorted([*names, *(["all that is about cost"] if len(of_cost) > 1 else [])]))


def all_made_up(told_by: Iterable[GradedStatement]) -> bool:
    """True when each of these measurements rests on simulated rows."""
    return all(r.simulated for r in _records(told_by) if isinstance(r, Measurement))


def _records(told_by: Iterable[GradedStatement]) -> Iterator[Record]:
    return (s.statement.record for s in told_by)
