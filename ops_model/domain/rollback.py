"""Going back to the previous version: the plan, and the record of a drill."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ops_model.domain.evidence import Measured, Record
from ops_model.domain.scalars import Digest, Flag, SampleValue, Slug, Text
from ops_model.domain.values import ClaimFile, Value

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


Command = Annotated[tuple[str, ...], Field(min_length=1)]
"""An argument list, run without a shell."""


class RollbackStep(Value):
    """One step; `seen_by` says how one sees that it worked. RBK-03 fails the kind `retrain`."""

    kind: StepKind
    text: Text
    role: Literal["primary", "secondary", "owner"] = "primary"
    expected_seconds: Annotated[int, Field(ge=0)]
    seen_by: Text | None = None


class HttpTarget(Value):
    """A server to rehearse against, started for the drill or running already.

    `start` is an argument list, run without a shell from the workbook's folder; the server prints
    its address as one JSON line `{"url": "http://127.0.0.1:PORT"}`. The first word `python` means
    the interpreter that runs ops-model. All paths are relative to that address.

    `reference` is another such list; `{version}` in it stands for a version. It gets the sample as
    JSON on standard input, and prints the JSON object that this version answers, worked out from
    the version's own file and not by the server. Each of its fields must come back in the server's
    answers, so a server that only says that it went back is found out. Without it a drill can
    believe the server's words alone, and says so.
    """

    environment: Environment
    start: Command
    reference: tuple[str, ...] = ()
    version_path: str = "/version"
    health_path: str = "/healthy"
    predict_path: str = "/predict"
    switch_path: str = "/admin/alias"
    records_path: str = "/admin/records"
    sample: Mapping[str, SampleValue]
    requests_per_second: Annotated[float, Field(gt=0, le=200)] = 20


class StateStore(Value):
    """Where records lie while a version changes, and how it is shown that none was lost."""

    name: Text
    protected_by: Text
    reconciled_by: Text | None = None


class RollbackPlan(ClaimFile):
    """The file `rollback.yaml`."""

    from_version: Text
    to_version: Text
    author: Slug
    steps: tuple[RollbackStep, ...]
    max_seconds: Annotated[int, Field(gt=0)] = 600
    feature_spec_compatible: Flag
    feature_spec_evidence: Text | None = None
    state_stores: tuple[StateStore, ...] = ()
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

    `seconds` runs from the decision to the last of `healthy_needed` answers in a row by the target
    version: going back counts as done when it has been seen, not when it was switched. `lost` are
    requests that were acknowledged and have no stored record, or records from before that are
    gone; `duplicated` are request ids stored more than once, and more often than before;
    `changed` are records from before whose content is another now. `from_digest` and `to_digest`
    say what the two versions were made of by `system.yaml`, where they are described there; drills
    of before this was kept hold neither.
    """

    kind: Literal["rollback_drill"] = "rollback_drill"
    environment: Environment
    performed_by: Slug | None = None
    from_version: str
    to_version: str
    from_digest: Digest | None = None
    to_digest: Digest | None = None
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
