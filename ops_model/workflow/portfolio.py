"""Where the portfolio stands: every system judged, then all of them looked at together."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.check.grades import grade_of
from ops_model.check.remedies import waits
from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.evidence import ClaimRef, Grade, Statement
from ops_model.domain.operating_model import OperatingModel, PortfolioSnapshot
from ops_model.domain.portfolio_status import PortfolioStatus
from ops_model.domain.values import claim_digest, zone

if TYPE_CHECKING:
    from ops_model.analysis.portfolio import Seen


def portfolio_status(
    model: OperatingModel, systems: "Iterable[Seen]", *, as_of: datetime
) -> PortfolioStatus:
    """Where all systems stand together, from their claims, verdicts and statements.

    Args:
        model: people, portfolio and zone are read from it.
        systems: every system with its verdict of now and what was recorded about it.
        as_of: the instant that judges.
    """
    from ops_model.analysis.portfolio import measure_portfolio

    claims: tuple[ClaimRef, ...] = ()
    if model.portfolio is not None:
        claims = (ClaimRef(file="portfolio.yaml", digest=claim_digest(model.portfolio)),)
    return measure_portfolio(
        list(systems),
        model.portfolio,
        model.people,
        as_of=as_of,
        tz=zone(model.settings.zone),
        claims=claims,
        waits=_waits,
    )


def _waits(finding: Finding) -> bool:
    """True when no command of this release can record what would close a gap."""
    return waits(finding.remedy)


def counted(graded: Iterable[tuple[Statement, Grade]]) -> tuple[Statement, ...]:
    """What was recorded, without the assessments that nobody observed.

    A gap is as old as the first verdict on record says, so that a notebook that prints a verdict
    without it would make it young.
    """
    return tuple(
        statement
        for statement, grade in graded
        if not isinstance(statement.record, Assessment) or grade >= Grade.OBSERVED
    )


def judged_portfolio(snapshot: PortfolioSnapshot) -> PortfolioStatus:
    """Judge every system of a snapshot, as a kernel does, and look at them together.

    Raises:
        PolicyError, CatalogueError: the policy or a check file is wrong.
    """
    from ops_model.analysis.portfolio import Seen
    from ops_model.check.verdict import assess
    from ops_model.workflow.assess import catalogue_of, evidence_of

    catalogue = catalogue_of(Path(snapshot.workbook))
    told = snapshot.told_of()
    model = OperatingModel(
        settings=snapshot.settings, people=snapshot.people, policy=snapshot.policy,
        portfolio=snapshot.portfolio,
        signers=snapshot.signers, scenarios=snapshot.scenarios,
    )  # fmt: skip

    def judged(position: int) -> "Seen":
        system = snapshot.systems[position]
        statements = told[system.id]
        evidence = evidence_of(statements, snapshot.policy, snapshot.signers)
        verdict: Assessment = assess(
            catalogue,
            model.model_copy(update={"systems": (system,)}),
            system,
            evidence,
            as_of=snapshot.as_of,
            ledger_size=snapshot.ledger_size,
        )
        return Seen(system, verdict, counted((s, grade_of(s, evidence)) for s in statements))

    seen = [judged(position) for position in range(len(snapshot.systems))]
    return portfolio_status(model, seen, as_of=snapshot.as_of)
