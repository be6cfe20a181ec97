"""Going back to the previous version: the plan, and the record of a drill."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from ops_model.domain.evidence import Measured, Record
from ops_model.domain.scalars import Digest, Flag, RelativePath, SampleValue, Slug, Text
from ops_model.domain.values import Claim, ClaimFile, Value

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


class RollbackStep(Claim):
    """One step; `seen_by` says how one sees that it worked. RBK-03 fails the kind `retrain`.

    `run` is an argument list that carries the step out, without a shell and from the workbook's
    folder; `{version}` in it stands for the version that is to serve. A drill can rehearse a step
    of any kind that has one. It returns by `undo`, or by `run` with the first version.
    """

    kind: StepKind
    text: Text
    role: Literal["primary", "secondary", "owner"] = "primary"
    expected_seconds: Annotated[int, Field(ge=0)]
    seen_by: Text | None = None
    run: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()


class CommandSwitch(Claim):
    """A command that makes a version serve: `{version}` in it stands for the version's label.

    It is run without a shell from the workbook's folder, and is killed after `seconds`.
    """

    kind: Literal["command"]
    run: Command
    seconds: Annotated[int, Field(gt=0, le=600)] = 60


class AliasSwitch(Claim):
    """An alias in a registry of MLflow that the server follows (extra `mlflow`).

    `registry` is a SQLite file below the workbook. `versions` says which version of the registered
    model each of our labels is.
    """

    kind: Literal["mlflow_alias"]
    registry: RelativePath
    model: Text
    alias: Text = "champion"
    versions: Mapping[str, Text]


SwitchedBy = Literal["http", "command", "mlflow_alias"]
Switch = Annotated[CommandSwitch | AliasSwitch, Field(discriminator="kind")]
"""How another version is made to serve, where the server itself has no admin endpoint for it."""


class HttpTarget(Claim):
    """A server to rehearse against, started for the drill or running already: one of the two.

    `start` is an argument list, run without a shell from the workbook's folder; the server prints
    its address as one JSON line `{"url": "http://127.0.0.1:PORT"}`. The first word `python` means
    the interpreter that runs ops-model. All paths are relative to that address. `url` is the
    address of a server that runs already: on this machine, or the near end of a tunnel to another
    (`ssh -L`, `kubectl port-forward`), so that no drill ever needs a credential.

    Without `switch` the server itself switches: `POST switch_path {"version": ...}`.

    `reference` is another such list; `{version}` in it stands for a version. It gets the sample as
    JSON on standard input, and prints the JSON object that this version answers, worked out from
    the version's own file and not by the server. Each of its fields must come back in the server's
    answers, so a server that only says that it went back is found out. Without it a drill can
    believe the server's words alone, and says so.
    """

    environment: Environment
    start: tuple[str, ...] = ()
    url: Text | None = None
    reference: tuple[str, ...] = ()
    switch: Switch | None = None
    version_path: str = "/version"
    health_path: str = "/healthy"
    predict_path: str = "/predict"
    switch_path: str = "/admin/alias"
    records_path: str = "/admin/records"
    sample: Mapping[str, SampleValue]
    requests_per_second: Annotated[float, Field(gt=0, le=200)] = 20

    @model_validator(mode="after")
    def _started_or_running(self) -> Self:
        if bool(self.start) == (self.url is not None):
            msg = "expected one of start and url: a server to start, or one that runs already"
            raise ValueError(msg)
        return self


class StateStore(Claim):
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

    @property
    def only_noted(self) -> bool:
        """True for a step that tells people, which a drill notes and does not do."""
        return only_noted(self.name)


def only_noted(step_name: str) -> bool:
    """True where a step of this name, such as `4. announce`, was noted and not done."""
    kind: StepKind = "announce"
    return step_name.endswith(f". {kind}")


class AbortPoint(Value):
    """Until when one may stop and nothing has changed: the first step that changes something.

    `seconds` runs from the decision until that step began.
    """

    step: str
    seconds: Measured


FeatureSpec = Literal["same", "changes_with_it", "differs", "unknown"]
"""What becomes of the features that a version reads: the same for both, switched with it and seen
to be the target's own, served with another than its own, or not described."""


RestsOn = Literal["reference", "digest", "word"]
"""By what a version was known: its answers are those that its own file gives; each answer named
the digest that `system.yaml` gives it; or the server said so."""


class RollbackDrill(Record):
    """The stopwatch, the health checks and the reconciliation of one rehearsal.

    `seconds` runs from the decision to the last of `healthy_needed` answers in a row by the target
    version: going back counts as done when it has been seen, not when it was switched. `lost` are
    requests that were acknowledged and have no stored record, or records from before that are
    gone; `duplicated` are request ids stored more than once, and more often than before;
    `changed` are records from before whose content is another now. `from_digest` and `to_digest`
    say what the two versions were made of by `system.yaml`, where they are described there; drills
    of before this was kept hold neither. `served_digest` is the digest of the model that the
    server named while the target version answered; `broke_off_at` the step that failed.
    `rests_on` says by what the target version was known; None in drills of before it was kept.
    """

    kind: Literal["rollback_drill"] = "rollback_drill"
    environment: Environment
    performed_by: Slug | None = None
    from_version: str
    to_version: str
    from_digest: Digest | None = None
    to_digest: Digest | None = None
    switched_by: SwitchedBy = "http"
    served_digest: Digest | None = None
    rests_on: RestsOn | None = None
    feature_spec: FeatureSpec = "unknown"
    abort_point: AbortPoint | None = None
    broke_off_at: str | None = None
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
