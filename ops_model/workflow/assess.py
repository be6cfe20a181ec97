"""Judge one system: observe what needs no notebook, then read the ledger and give the verdict."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.check.api import Evidence
from ops_model.check.catalogue import Catalogue
from ops_model.check.grades import TOOL
from ops_model.check.verdict import assess
from ops_model.domain.evidence import Assessment, LedgerEvent, Record, Statement
from ops_model.domain.operating_model import OperatingModel, Snapshot, SystemClaims
from ops_model.domain.policy import Policy
from ops_model.domain.values import digest_of
from ops_model.shipped import shipped_notebook_digests
from ops_model.workflow.open import known_system
from ops_model.workflow.own_checks import catalogue_of
from ops_model.workflow.own_guard import unchanged

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger, LedgerVerification
    from ops_model.workflow.own_worker import Patience

__all__ = [
    "assess_all", "assess_snapshot", "assess_system", "catalogue_of", "evidence_of", "observe",
]  # fmt: skip


def evidence_of(statements: tuple[Statement, ...], policy: Policy) -> Evidence:
    """The statements with the notebooks whose word counts as observed."""
    approved = shipped_notebook_digests() | frozenset(policy.approved_notebooks)
    return Evidence(statements, approved)


def observe(
    root: Path,
    model: OperatingModel,
    system_id: str,
    ledger: "Ledger",
    *,
    as_of: datetime,
    recorded_at: datetime,
    checked: "LedgerVerification | None" = None,
) -> None:
    """Record what the tool sees by itself: whole bundles, and the rota resolved.

    An observation that says what the latest of its kind says is not appended again.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        system_id: the system to look at.
        ledger: where it is recorded.
        as_of: the instant that judges.
        recorded_at: the wall clock.
        checked: the ledger verified just now, where that was done for several systems at once.

    Raises:
        UsageError: there is no such system.
        LedgerError: the ledger cannot be written.
    """
    from ops_model.workflow.rota_now import resolved_rota
    from ops_model.workflow.verify import observe_integrity

    system = known_system(model, system_id)
    whole = observe_integrity(root, system.id, ledger, as_of=as_of, checked=checked)
    seen: list[Record] = [whole]
    statements = ledger.statements(system.id)
    if (rota := resolved_rota(model, system, statements, as_of=as_of)) is not None:
        seen.append(rota)
    told = {
        (s.record.kind, s.as_of): s.digest
        for s in statements
        if s.origin is None and s.actor == TOOL
    }
    for record in seen:
        # With the latest and not with any: what changed and changed back is news each time.
        if told.get((record.kind, record.as_of)) != digest_of(record):
            _publish(ledger, record, recorded_at)


def assess_system(
    root: Path,
    model: OperatingModel,
    system_id: str,
    *,
    as_of: datetime,
    recorded_at: datetime,
    patience: "Patience | None" = None,
) -> Assessment:
    """Observe, then judge from the ledger.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        system_id: the system to judge.
        as_of: the instant that judges.
        recorded_at: the wall clock, noted with what is appended.
        patience: how long a user's own checks may take.

    Raises:
        UsageError: there is no such system.
        PolicyError, CatalogueError: the policy or a check file is wrong.
        LedgerError: the ledger cannot be read or written.
        OpsModelError: the ledger or a claim changed while checks of a user's own judged.
    """
    from ops_model.store.ledger import Ledger

    system = known_system(model, system_id)
    catalogue = catalogue_of(root, patience=patience)
    with Ledger.open(root / model.settings.ledger, create=True) as ledger:
        observe(root, model, system.id, ledger, as_of=as_of, recorded_at=recorded_at)
        with unchanged(root, model, system, catalogue):
            return _judged(ledger, catalogue, model, system, as_of)


def assess_all(
    root: Path, model: OperatingModel, *, as_of: datetime, recorded_at: datetime
) -> tuple[Assessment, ...]:
    """Observe and judge every system; the ledger is verified once, whatever their number.

    Raises:
        PolicyError, CatalogueError: the policy or a check file is wrong.
        LedgerError: the ledger cannot be read or written.
        OpsModelError: the ledger or a claim changed while checks of a user's own judged.
    """
    from ops_model.store.ledger import Ledger

    catalogue = catalogue_of(root)
    with Ledger.open(root / model.settings.ledger, create=True) as ledger:
        checked = ledger.verify()
        for system in model.systems:
            observe(
                root, model, system.id, ledger,
                as_of=as_of, recorded_at=recorded_at, checked=checked,
            )  # fmt: skip
        found = []
        for system in model.systems:
            with unchanged(root, model, system, catalogue):
                found.append(_judged(ledger, catalogue, model, system, as_of))
        return tuple(found)


def _judged(
    ledger: "Ledger",
    catalogue: Catalogue,
    model: OperatingModel,
    system: SystemClaims,
    as_of: datetime,
) -> Assessment:
    size = ledger.size()
    evidence = evidence_of(ledger.statements(system.id, until=size), model.policy)
    return assess(catalogue, model, system, evidence, as_of=as_of, ledger_size=size)


def assess_snapshot(snapshot: Snapshot, *, patience: "Patience | None" = None) -> Assessment:
    """Judge from a snapshot, as a kernel does: the same verdict, without the ledger.

    Raises:
        PolicyError, CatalogueError: the policy or a check file is wrong.
    """
    model = OperatingModel(
        settings=snapshot.settings,
        people=snapshot.people,
        policy=snapshot.policy,
        portfolio=snapshot.portfolio,
        signers=snapshot.signers,
        systems=(snapshot.system,),
    )
    return assess(
        catalogue_of(Path(snapshot.workbook), patience=patience),
        model,
        snapshot.system,
        evidence_of(snapshot.statements, snapshot.policy),
        as_of=snapshot.as_of,
        ledger_size=snapshot.ledger_size,
    )


def _publish(ledger: "Ledger", record: Record, recorded_at: datetime) -> None:
    digest = digest_of(record)
    ledger.append(
        LedgerEvent(
            # Two that observe the same at once meet the same id, and one entry is made.
            id=f"{record.kind}/{record.system}/{digest}@{ledger.size()}",
            type="evidence.published",
            subject=record.system,
            as_of=record.as_of,
            recorded_at=recorded_at,
            actor=TOOL,
            data={"record": record.model_dump(mode="json"), "digest": digest, "origin": None},
        )
    )
