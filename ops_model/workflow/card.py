"""The 2am card: the four hours after a page, for one system, from the objects alone (S1.35)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ops_model.check.enough import judging_of
from ops_model.domain.evidence import Statement
from ops_model.domain.four_hours import four_hours, next_night
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.walk import FourHours
from ops_model.domain.walk_scene import Judging
from ops_model.workflow.ledgers import has_ledger, open_ledger
from ops_model.workflow.open import Book, known_system
from ops_model.workflow.shown import Shown


@dataclass(frozen=True)
class CardRow:
    """A step of the walk as a terminal shows it: names for ids, nothing invisible."""

    minute: str
    ok: bool
    question: str
    answer: str
    details: tuple[str, ...]
    who: str
    check: str


@dataclass(frozen=True)
class TwoAmCard:
    """The card of one system: the walk by ids, and its texts with names for people to read."""

    name: str
    zone: str
    walk: FourHours
    sentence: str
    happened: str
    runbook: str
    rows: tuple[CardRow, ...]


def asked_at(model: OperatingModel, at: str | None, *, as_of: datetime) -> datetime:
    """The instant that `at` names; without it the next Saturday at two in the morning.

    Raises:
        UsageError: `at` names no instant.
    """
    from ops_model.workflow.oncall import instant_of

    if not at:
        return next_night(model, as_of=as_of)
    return instant_of(at, zone_name=model.settings.zone, as_of=as_of)


def two_am_card(
    root: Path,
    model: OperatingModel,
    system_id: str,
    *,
    at: datetime,
    as_of: datetime,
    statements: Sequence[Statement] | None = None,
    failure_mode: str | None = None,
) -> TwoAmCard:
    """Walk one system through the four hours after `at`.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        system_id: the system that made the mistake.
        at: the instant of the page.
        as_of: the instant that judges; what was shown later is ignored.
        statements: what has been shown; None reads the workbook's ledger, if there is one.
        failure_mode: the failure to walk through; by default as `four_hours` chooses.

    Raises:
        UsageError: there is no such system or failure mode.
        LedgerError: the ledger cannot be read.
    """
    from ops_model.site.markup import clean
    from ops_model.site.prose import named
    from ops_model.workflow.assess import evidence_of

    system = known_system(model, system_id)
    told = statements if statements is not None else _on_record(root, model, system.id)
    known = tuple(s for s in told if s.as_of <= as_of)
    evidence = evidence_of(known, model.policy, model.signers)
    walk = four_hours(
        model,
        system,
        at=at,
        judging=judging_of(model, system, evidence, as_of=as_of),
        statements=known,
        failure_mode=failure_mode,
    )

    def text(said: str) -> str:
        return clean(" ".join(named(said, model.people).split()))

    return TwoAmCard(
        name=clean(system.identity.name),
        zone=model.settings.zone,
        walk=walk,
        sentence=text(walk.sentence),
        happened=text(walk.happened),
        runbook=clean(walk.runbook),
        rows=tuple(
            CardRow(
                minute=f"T+{step.minute}",
                ok=step.ok,
                question=step.question,
                answer=text(step.answer),
                details=tuple(text(line) for line in step.details),
                who=clean(model.people.label(step.who)) if step.who else "",
                check=step.check,
            )
            for step in walk.steps
        ),
    )


def _on_record(root: Path, model: OperatingModel, system_id: str) -> Sequence[Statement]:
    if not has_ledger(root, model.settings):
        return ()

    with open_ledger(root, model.settings, readonly=True) as ledger:
        return ledger.statements(system_id)


def judged_by(book: Book) -> Judging:
    """How a walk weighs what a book holds: as the checks do at its instant."""
    return judging_of(book.model, book.system, book.evidence, as_of=book.as_of)


def two_am(book: Book, at: str = "") -> Shown:
    """The 2am card of the system, by ids; `at` is an instant, by default the next Saturday 02:00.

    Raises:
        UsageError: `at` names no instant.
    """
    from ops_model.site.four_hours_card import four_hours_card

    zone_name = book.model.settings.zone
    instant = asked_at(book.model, at, as_of=book.as_of)
    walk = four_hours(
        book.model, book.system, at=instant, judging=judged_by(book),
        statements=book.snapshot.statements,
    )  # fmt: skip
    return Shown(None, four_hours_card(walk, book.people, zone_name=zone_name))
