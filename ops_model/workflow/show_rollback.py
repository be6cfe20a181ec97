"""The verbs of the rollback notebook: rehearse going back, and who would be told of it."""

from datetime import datetime
from pathlib import Path

from ops_model.check.grades import grade_of
from ops_model.check.recorded import Evidence
from ops_model.domain.evidence import Grade
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.proven import Bound, bound, shows_going_back
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.trials import EnvironmentRecord
from ops_model.workflow.open import Book, snapshot_now
from ops_model.workflow.show import known_person
from ops_model.workflow.shown import Shown


def rehearse_rollback(book: Book, *, performed_by: str) -> Shown:
    """Go back to the previous version for real, against the plan's target, with a stopwatch.

    Raises:
        UsageError: nobody of this id is in `people.yaml`.
        DrillError: it could not be carried out; the first version is back, or the error says so.
    """
    person = known_person(book, performed_by)
    from ops_model.site.figures import figure
    from ops_model.site.rollback_cards import rollback
    from ops_model.workflow.drill import rollback_drill

    record = rollback_drill(book.root, book.system, as_of=book.as_of, performed_by=person)
    deployed = book.evidence.latest(EnvironmentRecord, matching=lambda r: r.lead_time is not None)
    card = rollback(
        record, book.people,
        shows=rollbacks_show(book.system, book.evidence, record),
        lead_time=deployed.record.lead_time if deployed is not None else None,
    )  # fmt: skip
    return Shown(record, card, figure(record))


def rollbacks_show(system: SystemClaims, evidence: Evidence, *new: RollbackDrill) -> Bound:
    """What all drills between the plan's versions as they are now show together.

    Counted are those that the tool observed, and that rest on more than the server's own word:
    whoever may write a notebook may write a pass.

    Args:
        system: the claims.
        evidence: what is on record.
        new: drills that are not on record yet.
    """
    plan = system.rollback
    if plan is None:
        return bound([])
    seen = [
        e.record
        for e in evidence.all(RollbackDrill)
        if grade_of(e.statement, evidence) >= Grade.OBSERVED
    ]
    drills = [d for d in (*seen, *new) if shows_going_back(d, plan, system.identity)]
    return bound([drill.passed for drill in drills])


def rollbacks_on_record(
    root: Path, model: OperatingModel, system_id: str, *, as_of: datetime
) -> Bound:
    """What the drills on the ledger show together, as of an instant.

    Raises:
        UsageError: there is no such system.
        LedgerError: the ledger cannot be read.
    """
    book = Book(root, snapshot_now(root, model, system_id, as_of=as_of))
    return rollbacks_show(book.system, book.evidence)


def informing(book: Book) -> Shown:
    """Who tells users in which words and by when, the clocks, and who may make it good."""
    from ops_model.domain.four_hours import four_hours
    from ops_model.site.informing_card import informing_card
    from ops_model.workflow.card import judged_by

    decisions = book.system.decisions
    walk = four_hours(
        book.model, book.system, at=book.as_of, judging=judged_by(book),
        statements=book.snapshot.statements,
    )  # fmt: skip
    paths = decisions.communication if decisions is not None else ()
    return Shown(None, informing_card(walk, paths, book.people))
