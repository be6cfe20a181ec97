"""The rota as it is written now: evidence to judge by before it is recorded."""

from collections.abc import Sequence
from datetime import datetime

from ops_model.check.grades import TOOL
from ops_model.domain.evidence import Statement
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.operating_model import OperatingModel, Snapshot, SystemClaims
from ops_model.domain.values import digest_of


def resolved_rota(
    model: OperatingModel,
    system: SystemClaims,
    statements: Sequence[Statement],
    *,
    as_of: datetime,
) -> CoverageMeasurement | None:
    """Where the rota fails or is weak, with who has drilled by `as_of`; None without a rota."""
    from ops_model.analysis.coverage import measure_coverage
    from ops_model.domain.familiarity import last_drilled

    if system.on_call is None:
        return None
    drilled = frozenset(last_drilled(statements, as_of=as_of))
    return measure_coverage(model, system, as_of=as_of, drilled=drilled)


def with_rota(snapshot: Snapshot, model: OperatingModel) -> Snapshot:
    """The snapshot with the rota resolved; nothing is recorded, and the ledger's size stays.

    The statement stands where `ops-model check` would append it next. What the ledger holds of
    the same instant already is not said twice.
    """
    record = resolved_rota(model, snapshot.system, snapshot.statements, as_of=snapshot.as_of)
    if record is None:
        return snapshot
    digest = digest_of(record)
    held = [s for s in snapshot.statements if s.record.kind == record.kind and s.actor == TOOL]
    if held and held[-1].digest == digest:
        return snapshot
    statement = Statement(
        seq=snapshot.ledger_size + 1,
        id=f"{record.kind}/{record.system}/{digest}",
        subject=record.system,
        as_of=record.as_of,
        recorded_at=record.as_of,
        digest=digest,
        actor=TOOL,
        record=record,
    )
    return snapshot.model_copy(update={"statements": (*snapshot.statements, statement)})
