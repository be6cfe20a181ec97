"""Which record classes exist, and how a stored record becomes one again."""

from collections.abc import Mapping
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Discriminator, TypeAdapter, ValidationError
from pydantic_core import from_json

from ops_model.domain.alerts import Alert, AlertAnswer
from ops_model.domain.assessment import Assessment, StoredFindings
from ops_model.domain.detection import (
    ChangeDecomposition,
    DriftMeasurement,
    ImportanceMeasurement,
    OutcomeMeasurement,
    QualityMeasurement,
    QualityOutcomeLink,
    SkewMeasurement,
)
from ops_model.domain.detection_served import (
    CaptureMeasurement,
    ContractMeasurement,
    FreshnessMeasurement,
    GuardrailMeasurement,
    ProviderIdentity,
    Reconstruction,
    RuleMeasurement,
)
from ops_model.domain.evidence import Attestation, Record, Statement, Verification
from ops_model.domain.exposure import IncidentReview
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.portfolio_status import PortfolioStatus
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.savings import (
    BillComparison,
    CacheOpportunity,
    ComputeCost,
    LoadMeasurement,
    RightSizing,
    SavingsMeasurement,
)
from ops_model.domain.service_levels import ServiceLevelMeasurement
from ops_model.domain.sign_off import ReviewPack, SignOff, SignOffRevoked
from ops_model.domain.spend import (
    BreachLog,
    CeilingAlert,
    CeilingAnswer,
    CeilingWatch,
    CostBridge,
    CostForecast,
    RouteTest,
    SpendMeasurement,
    UnitCost,
)
from ops_model.domain.transition import TransitionStatus
from ops_model.domain.trials import (
    AccessDrill,
    ChallengerResult,
    EnvironmentRecord,
    GameDayResult,
    Reproduction,
    SwapDrill,
)
from ops_model.domain.weekly import WeeklyReport
from ops_model.errors import IntegrityError

RECORDS: Mapping[str, type[Record]] = {
    str(record.model_fields["kind"].default): record
    for record in (
        AccessDrill, Alert, AlertAnswer, Assessment, Attestation, BillComparison, BreachLog,
        CacheOpportunity, CaptureMeasurement,
        CeilingAlert, CeilingAnswer, CeilingWatch, ChallengerResult, ComputeCost,
        LoadMeasurement, RightSizing, SavingsMeasurement,
        ContractMeasurement, FreshnessMeasurement, ChangeDecomposition, CostBridge, CostForecast,
        CoverageMeasurement,
        DriftMeasurement, EnvironmentRecord, FallbackDrill, GameDayResult, GuardrailMeasurement,
        ImportanceMeasurement, IncidentReview, OutcomeMeasurement, PortfolioStatus,
        ProviderIdentity, QualityMeasurement, QualityOutcomeLink, Reconstruction, Reproduction,
        ReviewPack, RollbackDrill, RouteTest, RuleMeasurement, ServiceLevelMeasurement, SignOff,
        SignOffRevoked, SkewMeasurement, SpendMeasurement, SwapDrill, TransitionStatus, UnitCost,
        Verification, WeeklyReport,
    )
}  # fmt: skip
"""Kind to class."""

# As canonical JSON writes a verdict: its first key, that before the findings, what is behind them.
_A_VERDICT = b'{"areas":'
_FINDINGS, _BEHIND_FINDINGS = b',"findings":', b'],"five_questions":'


def read_record(data: Mapping[str, Any]) -> Record:
    """The record that `data` holds.

    Raises:
        IntegrityError: the kind is unknown, or the content is not that of the kind.
    """
    record = RECORDS.get(str(data.get("kind")))
    if record is None:
        message = f"record kind {data.get('kind')!r} is not one of {', '.join(sorted(RECORDS))}"
        raise IntegrityError(message, remedy="read it with the version of ops-model that wrote it")
    try:
        return record.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"record of kind {data['kind']}: {place}: {first['msg']}"
        raise IntegrityError(
            message, remedy="read it with the version of ops-model that wrote it"
        ) from error


def read_stored_record(stored: bytes) -> Record:
    """The record that JSON bytes hold; read at once, which is twice as fast.

    Of a verdict the findings are left as bytes until somebody looks at them, and are read then.

    Raises:
        IntegrityError: the kind is unknown, the content is not that of the kind, or it is no JSON.
    """
    try:
        return _verdict_in(stored) or _any_record().validate_json(stored)
    except ValidationError:
        pass  # what is wrong is said as of any other record
    try:
        told = from_json(stored)
    except ValueError as error:
        raise IntegrityError(f"the record is no JSON: {error}") from error
    return read_record(told if isinstance(told, dict) else {})


def _verdict_in(stored: bytes) -> Assessment | None:
    """The verdict that canonical bytes hold, its findings unread; None of anything else.

    Quotes inside a text are escaped, so that what is looked for is a key. It is the verdict's own
    where the rest is a verdict without findings: no other part of one has such a key.
    """
    if not stored.startswith(_A_VERDICT):
        return None
    begin, end = stored.find(_FINDINGS) + len(_FINDINGS), stored.rfind(_BEHIND_FINDINGS)
    if not len(_FINDINGS) <= begin < end:
        return None
    try:
        rest = _any_record().validate_json(b"%b[]%b" % (stored[:begin], stored[end + 1 :]))
    except ValidationError:
        return None
    if not isinstance(rest, Assessment) or rest.findings:
        return None
    return rest.model_copy(update={"findings": StoredFindings(stored[begin : end + 1])})


@cache
def _any_record() -> TypeAdapter[Record]:
    kinds: Any = reduce(or_, RECORDS.values())
    return TypeAdapter(Annotated[kinds, Discriminator("kind")])


def read_statement(data: Mapping[str, Any]) -> Statement:
    """The statement that `data` holds, its record being of the class of its kind."""
    return Statement.model_validate({**data, "record": read_record(data["record"])})
