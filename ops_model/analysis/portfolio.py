"""All systems together: the class of each by rule, what it owes, and what holds it up.

Pure arithmetic over claims, verdicts and what is recorded. Nothing is judged here: a gap is what
an assessment says that it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ops_model.analysis.portfolio_money import asks_of, ceilings_of, gate_of
from ops_model.analysis.portfolio_waits import shared_gaps, waiting_days
from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.evidence import ClaimRef, Measured, Statement
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.people import People
from ops_model.domain.portfolio import Pilot, PilotOutcome, Portfolio, outcome_of
from ops_model.domain.portfolio_status import (
    COMPLETE,
    PORTFOLIO,
    TIER_WEIGHTS,
    PortfolioStatus,
    Standing,
    SystemClass,
)
from ops_model.domain.system import IN_PRODUCTION, AISystem

SIGNED, GOES_BACK = "REV-05", "RBK-02"
"""The checks of a valid sign-off, and of a rollback that was rehearsed."""
_OF_PILOT: dict[PilotOutcome, SystemClass] = {
    "RUNNING": "PILOT", "PASSED": "PASSED", "STRANDED": "STRANDED", "TECH_FAILED": "TECH_FAILED",
    "SHIPPED": "RECKLESS",
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """One system: its claims, the verdict of now, and what had been recorded about it by then.

    `gaps` says since when each check has been open, waived or not: a waiver answers for a gap and
    does not close it.
    """

    claims: SystemClaims
    assessment: Assessment
    statements: tuple[Statement, ...] = ()
    gaps: Mapping[str, datetime] = field(default_factory=dict)

    def debt(self, as_of: datetime) -> dict[str, int]:
        """The weighted days of each gap; one that was first seen today counts as one day."""
        weight = TIER_WEIGHTS[self.claims.identity.tier]
        return {c: weight * max(1, (as_of - since).days) for c, since in self.gaps.items()}


def measure_portfolio(
    systems: Sequence[Seen],
    portfolio: Portfolio | None,
    people: People,
    *,
    as_of: datetime,
    tz: ZoneInfo,
    claims: tuple[ClaimRef, ...] = (),
    waits: Callable[[Finding], bool] = lambda _: False,
) -> PortfolioStatus:
    """Where the whole portfolio stands.

    Args:
        systems: every system of the workbook.
        portfolio: the file `portfolio.yaml`, where there is one.
        people: for the teams of those who sit in a review.
        as_of: the instant that judges; statements after it do not count.
        tz: the zone in which days are counted.
        claims: the digests of the files that this rests on.
        waits: true for a finding that no command of this release can close.

    Returns:
        Its record; every number is a count or a sum, hence exact.
    """
    dated = [aged(seen, as_of) for seen in systems]
    standings = [_standing(seen, portfolio, as_of) for seen in dated]
    standings += _without_folder(portfolio, {s.claims.id for s in systems}, as_of)
    asks, not_costed = asks_of(standings)
    gaps = sum(s.open_gaps for s in standings)
    debt = sum(s.debt for s in standings)
    return PortfolioStatus(
        system=PORTFOLIO,
        as_of=as_of,
        claims=claims,
        systems=tuple(standings),
        waiting=waiting_days(
            [(s.claims, s.statements) for s in systems], portfolio, people, as_of=as_of, tz=tz
        ),
        next_gaps=shared_gaps(
            [(s.claims.id, finding) for s in dated for finding in s.assessment.blocking],
            debts={s.claims.id: s.debt(as_of) for s in dated},
            waits=waits,
        ),
        debt=Measured(value=debt, unit="weighted gap days", n=gaps, no_interval="exact"),
        ceilings=ceilings_of([s.claims for s in systems], portfolio, as_of),
        asks=asks,
        not_costed=not_costed,
        gate=gate_of(portfolio, standings),
    )


def aged(seen: Seen, as_of: datetime) -> Seen:
    """The system with the instant since when each of its gaps has stood."""
    past = [s for s in seen.statements if isinstance(s.record, Assessment) and s.as_of <= as_of]
    past.sort(key=lambda s: (s.record.as_of, s.seq), reverse=True)
    open_ones = [f.check for f in seen.assessment.findings if f.blocks]
    return replace(seen, gaps={check: _since(check, past, as_of) for check in open_ones})


def _since(check: str, newest_first: Iterable[Statement], as_of: datetime) -> datetime:
    """The instant of the first verdict on record since when a check has been open throughout."""
    since = as_of
    for statement in newest_first:
        record = statement.record
        findings = record.findings if isinstance(record, Assessment) else ()
        if not any(f.check == check and f.blocks for f in findings):
            break
        since = record.as_of
    return since


def _standing(seen: Seen, portfolio: Portfolio | None, as_of: datetime) -> Standing:
    identity, assessment = seen.claims.identity, seen.assessment
    pilot = portfolio.pilot(seen.claims.id) if portfolio is not None else None
    applying = [
        f
        for f in assessment.findings
        if f.area != "portfolio" and f.status != "not_applicable" and not f.switched_off
    ]
    serves = _serves(identity, pilot, as_of)
    changed = max((c.at for c in identity.stage_history if c.at <= as_of), default=None)
    version = identity.version
    since = version.in_production_since
    return Standing(
        system=seen.claims.id,
        outcome=_class_of(seen, pilot, as_of),
        tier=identity.tier,
        stage=identity.stage_at(as_of),
        stage_days=(as_of - changed).days if changed else None,
        in_production=serves,
        tenure_days=_tenure(identity, as_of),
        version=version.label,
        version_days=(as_of - since).days if serves and since and since <= as_of else None,
        verdict=assessment.verdict,
        answered=sum(question.answered for question in assessment.five_questions),
        gates=len(applying),
        gates_met=sum(f.status == "passed" for f in applying),
        open_gaps=len(seen.gaps),
        had_strategy=bool(identity.strategy),
        had_plan=_has_plan(assessment),
        signed=_passed(assessment, SIGNED),
        goes_back=_passed(assessment, GOES_BACK),
        debt=sum(seen.debt(as_of).values()),
        oldest_gap=min(seen.gaps.values()).date() if seen.gaps else None,
        cost_to_close=pilot.cost_to_close if pilot is not None else None,
        cost_basis=pilot.cost_basis if pilot is not None else None,
        simulated=identity.simulated,
    )


def _class_of(seen: Seen, pilot: Pilot | None, as_of: datetime) -> SystemClass:
    identity, assessment = seen.claims.identity, seen.assessment
    if _serves(identity, pilot, as_of):
        if not _passed(assessment, SIGNED):
            return "RECKLESS"
        if assessment.verdict in {"READY", "CONDITIONAL"}:
            return "OPERATED"
        return "FRAGILE" if _passed(assessment, GOES_BACK) else "RECKLESS"
    if identity.stage_at(as_of) == "retired":
        return "RETIRED"
    return _OF_PILOT[outcome_of(pilot, identity, at=as_of)] if pilot is not None else "UNKNOWN"


def _serves(identity: AISystem, pilot: Pilot | None, as_of: datetime) -> bool:
    """True when it serves users, by its stages or by what portfolio.yaml says of its place."""
    return identity.in_production_at(as_of) or (
        pilot is not None and pilot.location == "production"
    )


def _has_plan(assessment: Assessment) -> bool:
    """True when the five questions are answered and every section is written, as PRT-01 says."""
    complete = {f.check for f in assessment.findings if f.status in {"passed", "not_applicable"}}
    questions = assessment.five_questions
    return bool(questions) and COMPLETE in complete and all(q.answered for q in questions)


def _passed(assessment: Assessment, check: str) -> bool:
    return any(f.check == check and f.status == "passed" for f in assessment.findings)


def _tenure(identity: AISystem, as_of: datetime) -> int | None:
    """How many days it has served users by now, spans in between left out; None when never."""
    changes = sorted((c for c in identity.stage_history if c.at <= as_of), key=lambda c: c.at)
    ends = [(change.stage, change.at) for change in changes]
    spans = [
        until - since
        for (stage, since), (_, until) in pairwise([*ends, ("retired", as_of)])
        if stage in IN_PRODUCTION
    ]
    return sum(spans, timedelta()).days if spans else None


def _without_folder(
    portfolio: Portfolio | None, known: set[str], as_of: datetime
) -> list[Standing]:
    """The pilots that no folder describes: they are somewhere, and somebody may use them."""
    pilots = portfolio.pilots if portfolio is not None else ()
    return [
        Standing(
            system=pilot.system,
            outcome="RECKLESS"
            if pilot.location == "production"
            else _OF_PILOT[outcome_of(pilot, None, at=as_of)],
            in_production=pilot.location == "production",
            cost_to_close=pilot.cost_to_close,
            cost_basis=pilot.cost_basis,
        )
        for pilot in pilots
        if pilot.system not in known
    ]
