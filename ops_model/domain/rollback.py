"""Going back to the previous version: the plan, and the record of a drill."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ops_model.domain.evidence import Measured, Record
from ops_model.domain.values import Flag, Slug, Text, Value

StepKind = Literal[
    "switch_alias",
    "redeploy",
    "flag_off",
    "drain",
    "restore_data",
    "verify",
    "announce",
    "retrain",
]
Environment = Literal["prod", "prod_like", "test"]


class RollbackStep(Value):
    """One step. `retrain` can be written down, and RBK-03 fails it."""

    kind: StepKind
    text: Text
    role: Literal["primary", "secondary", "owner"] = "primary"
    expected_seconds: Annotated[int, Field(ge=0)]


class HttpTarget(Value):
    """A server to rehearse against, started for the drill or running already.

    `start` is an argument list, run without a shell from the workbook's folder; the server prints
    its address as one JSON line `{"url": "http://127.0.0.1:PORT"}`. The first word `python` means
    the interpreter that runs ops-model. All paths are relative to that address.
    """

    environment: Environment
    start: tuple[str, ...]
    version_path: str = "/version"
    health_path: str = "/healthy"
    predict_path: str = "/predict"
    switch_path: str = "/admin/alias"
    records_path: str = "/admin/records"
    sample: Mapping[str, float | int | str]
    requests_per_second: Annotated[float, Field(gt=0, le=200)] = 20


class RollbackPlan(Value):
    """The file `rollback.yaml`."""

    from_version: Text
    to_version: Text
    author: Slug
    steps: tuple[RollbackStep, ...]
    max_seconds: Annotated[int, Field(gt=0)] = 600
    feature_spec_compatible: Flag
    feature_spec_evidence: Text | None = None
    irreversible_effects: tuple[Text, ...] = ()
    runbook: Text | None = None
    target: HttpTarget | None = None


class DrillStep(Value):
    """One step as it was carried out."""

    name: str
    seconds: Measured
    ok: bool
    detail: str = ""


class RollbackDrill(Record):
    """The stopwatch, the health checks and the reconciliation of one rehearsal.

    `seconds` runs from the decision to the first of `healthy_needed` answers in a row by the
    target version. `lost` are requests that were acknowledged and have no stored record, or
    records from before that are gone; `duplicated` are request ids stored more than once;
    `changed` are records from before whose content is another now.
    """

    kind: Literal["rollback_drill"] = "rollback_drill"
    environment: Environment
    performed_by: Slug | None = None
    from_version: str
    to_version: str
    done_at: AwareDatetime
    seconds: Measured
    healthy: bool
    healthy_needed: int
    requests: int
    failed_requests: int
    records_before: int
    records_after: int
    lost: int
    duplicated: int
    changed: int
    restored: bool
    steps: tuple[DrillStep, ...]
    problems: tuple[str, ...] = ()
    passed: bool
