"""The page of whoever answers for all systems: had they a strategy, had they a plan, what to ask.

Classes follow from rules over claims, verdicts and sign-offs; nothing on the page is an opinion.
"""

from collections.abc import Mapping
from typing import Any

from ops_model.domain.evidence import Grade
from ops_model.domain.portfolio_status import (
    CLASSES,
    COMPLETE,
    QUESTIONS,
    PortfolioStatus,
    Standing,
    SystemClass,
)
from ops_model.site import cost_in_short, words
from ops_model.site.links import system_page
from ops_model.site.portfolio_cards import GATES_ARE, LOOKS, cost_bases, gate_look
from ops_model.site.prose import clauses
from ops_model.site.runs import run_rows
from ops_model.site.simulated import MOST_NAMED, made_up_among
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.unread import LOOK, Unread, not_counted, unread, unread_systems
from ops_model.site.words import Look

_MOST_RUNS = 12
_LONGEST = 160
"""So long is what is said of the sections that a plan lacks, and one clause at least."""
_BY = {"stall": "why nothing moved", "seat": "seat of a review", "team": "team of a seat"}
ALWAYS: tuple[SystemClass, ...] = (
    "STRANDED", "TECH_FAILED", "RECKLESS", "FRAGILE", "OPERATED",
)  # fmt: skip
"""The classes that are counted also where no system is of them: a zero is an answer."""


def executive(pages: SiteInput, status: PortfolioStatus) -> dict[str, Any]:
    """All that the template of the portfolio's page needs."""
    known = {system.claims.id: system for system in pages.systems}
    order = list(CLASSES)
    ranked = sorted(status.systems, key=lambda s: (order.index(s.outcome), -s.debt, s.system))
    present = {standing.outcome for standing in status.systems}
    apart, holds = unread_systems(pages), status.ceilings.holds
    return {
        "systems": len(status.systems),
        "had_strategy": status.had_strategy,
        "had_plan": status.had_plan,
        "board_answer": status.board_answer,
        "counts": [
            (LOOKS[outcome], len(status.of(outcome)), CLASSES[outcome])
            for outcome in (*ALWAYS, *(o for o in order if o in present and o not in ALWAYS))
        ],
        "unread": unread(pages),
        "apart": not_counted(pages),
        "unread_counts": [(LOOK, len(apart))] if apart else [],
        "rows": [
            *(_not_known(one) for one in apart),
            *(_row(standing, known.get(standing.system)) for standing in ranked),
        ],
        "debts": [
            _row(s, known.get(s.system))
            for s in sorted(status.systems, key=lambda s: (-s.debt, s.system))
        ],
        "asks": [
            {
                "amount": words.money(ask.amount),
                "systems": _names(ask.systems, known),
                "basis": cost_bases(status, ask),
                "grade": words.grade(Grade.DECLARED),
            }
            for ask in status.asks
        ],
        "costs": [_cost(system) for system in pages.systems if cost_in_short.measured(system)],
        "not_measured": (without := _not_measured(pages)),
        "many_not_measured": len(without) > MOST_NAMED,
        "not_costed": _names(status.not_costed, known),
        "gate": status.gate,
        **_gate(status, whole=not pages.broken),
        "exposed": [_row(s, known.get(s.system)) for s in _exposed(status)],
        "debt": status.debt,
        "gates_are": GATES_ARE,
        "ceilings": status.ceilings,
        "ceiling_look": _ceiling(None if pages.broken and holds else holds),
        "ceiling_total": words.money(status.ceilings.total) if status.ceilings.total else "",
        "ceiling_limit": words.money(status.ceilings.limit) if status.ceilings.limit else "",
        "left_out": ", ".join(
            filter(None, [_names(status.ceilings.left_out, known), *(one.name for one in apart)])
        ),
        "next_gaps": [
            {
                "what": gap.what,
                "checks": ", ".join(gap.checks),
                "systems": _names(gap.systems, known),
                "gaps": words.plural(gap.gaps, "gap"),
                "waits": gap.waits,
            }
            for gap in status.next_gaps
        ],
        "waiting": [
            (w.what.replace("_", " "), _BY[w.by], words.plural(w.days, "day"),
             words.plural(w.systems, "system"), _names(w.still, known) or "nobody any more")
            for w in status.waiting
        ],
        "runs": run_rows(pages.together, "")[:_MOST_RUNS],
        "made_up_among": made_up_among(pages),
    }  # fmt: skip


def _not_measured(pages: SiteInput) -> list[str]:
    """The systems of which nothing that they cost was ever measured."""
    return [s.claims.identity.name for s in pages.systems if not cost_in_short.measured(s)]


def _exposed(status: PortfolioStatus) -> list[Standing]:
    """Who serves people without a plan, a sign-off, a way back or its gates; owes most first."""
    bad = {"RECKLESS", "FRAGILE"}
    serving = [
        s for s in status.systems if s.in_production and (s.outcome in bad or not s.had_plan)
    ]
    return sorted(serving, key=lambda s: (-s.debt, s.system))


def _row(standing: Standing, system: SiteSystem | None) -> dict[str, Any]:
    simulated = system is not None and system.claims.identity.simulated
    return {
        "look": LOOKS[standing.outcome],
        "name": system.claims.identity.name if system is not None else standing.system,
        "href": system_page(system) if system is not None else "",
        "simulated": simulated,
        "why": standing.why,
        "verdict": words.VERDICTS[standing.verdict] if standing.verdict is not None else None,
        "tier": standing.tier or "",
        "stage": _stage(standing),
        "answered": standing.answered,
        "gates": f"{standing.gates_met} of {standing.gates}" if standing.gates else "none judged",
        "debt": f"{standing.debt:,}",
        "oldest": words.day(standing.oldest_gap) if standing.oldest_gap is not None else "",
        "served": words.plural(standing.tenure_days, "day") if standing.tenure_days else "",
        "ask": words.money(standing.cost_to_close) if standing.cost_to_close is not None else "",
        "strategy": "yes" if standing.had_strategy else "none on record",
        "has_plan": _has_plan(standing),
        "plan": _plan(standing, system),
    }


def _plan(standing: Standing, system: SiteSystem | None) -> str:
    """Whether there is an operations plan; where not, the questions and the sections it lacks."""
    if standing.had_plan:
        return "yes"
    said = f"no, {standing.answered} of {QUESTIONS} questions answered"
    found = system.assessment.findings if system is not None else ()
    sections = next((f for f in found if f.check == COMPLETE and f.open), None)
    if sections is None:
        return f"{said}, and {COMPLETE} is open" if standing.sections_open else said
    status = words.STATUSES[sections.status].word
    return f"{said}, and {COMPLETE} {status}: {clauses(sections.message, _LONGEST)}"


def _has_plan(standing: Standing) -> str:
    if standing.sections_open:
        return f"no, {COMPLETE} is open"
    return "yes" if standing.had_plan else "no"


def _not_known(one: Unread) -> dict[str, Any]:
    """The row of a system of which nothing could be read but that it is there."""
    return {
        "look": LOOK, "name": one.name, "href": one.href, "simulated": False, "verdict": None,
        "why": "its files could not be read", "tier": "", "strategy": "not known",
        "plan": "not known", "stage": "not known", "ask": "",
    }  # fmt: skip


def _cost(system: SiteSystem) -> dict[str, Any]:
    """What a system costs today, when a ceiling is reached, and what one success costs."""
    return {
        "look": cost_in_short.state(system),
        "name": system.claims.identity.name,
        "href": system_page(system),
        "simulated": cost_in_short.simulated(system),
        "today": cost_in_short.today(system),
        "next": cost_in_short.next_ceiling(system),
        "successes": cost_in_short.successes(system),
        "grew": cost_in_short.grew(system),
    }


def _stage(standing: Standing) -> str:
    if standing.stage is None:
        return "no stage is written"
    days = standing.stage_days
    since = f" for {words.plural(days, 'day')}" if days is not None else ""
    return f"{standing.stage.replace('_', ' ')}{since}"


def _names(ids: tuple[str, ...], known: Mapping[str, SiteSystem]) -> str:
    return ", ".join(known[i].claims.identity.name if i in known else i for i in ids)


def _gate(status: PortfolioStatus, *, whole: bool) -> dict[str, Any]:
    """How the gate looks, and why; open only where the `whole` workbook could be read."""
    if status.gate is None:
        return {"gate_look": None, "gate_why": ""}
    look, why = gate_look(status.gate), status.gate.why
    if status.gate.refused:
        refused = Look("✖", "no new pilot", words.RED, "bad")
        return {"gate_look": look if look is words.UNKNOWN else refused, "gate_why": why}
    if not whole:
        said = f"{why}, as far as systems could be read; one that could not may be stranded"
        return {"gate_look": words.UNKNOWN, "gate_why": said}
    return {
        "gate_look": Look("✓", "one more pilot may begin", words.GREEN, "good"), "gate_why": why,
    }  # fmt: skip


def _ceiling(holds: bool | None) -> Look:  # noqa: FBT001 - the one thing that it is about
    if holds is None:
        return words.UNKNOWN
    if holds:
        return Look("✓", "within the limit", words.GREEN, "good")
    return Look("✖", "above the limit", words.RED, "bad")
