"""What has been shown: records, the statements that carry them, findings and verdicts.

A record is what a cell, a drill or a person says; a `Statement` is that record on the ledger with
its origin. A grade is derived from the origin, never a field of a record.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, SerializeAsAny

from ops_model.domain.canonical import MOST_WHOLE
from ops_model.domain.decisions import Action
from ops_model.domain.proof import Proof
from ops_model.domain.values import (
    CheckId,
    Digest,
    Slug,
    Text,
    Value,
    Where,
    Window,
    value_fields,
)

RECORD_MIME = "application/vnd.ops-model.record+json"
"""The output MIME type under which a notebook cell carries its machine-readable record."""

Area = Literal[
    "model", "ownership", "decisions", "rollback", "reliability", "detection",
    "cost", "compliance", "incidents", "change", "portfolio",
]  # fmt: skip
AREAS: tuple[Area, ...] = (
    "model", "ownership", "decisions", "rollback", "reliability", "detection",
    "cost", "compliance", "incidents", "change", "portfolio",
)  # fmt: skip


class Grade(StrEnum):
    """How well a thing has been shown; ordered, E0 weakest."""

    NONE = "E0"
    DECLARED = "E1"
    ATTESTED = "E2"
    OBSERVED = "E3"
    REPRODUCED = "E4"


class Measured(Value):
    """A number that says how much it rests on.

    `n` is the count of rows behind it. Either `low` and `high` bound it at `level`, or
    `no_interval` says why it has none (`exact`, `single timing`, `too few`). Both may be missing
    in a record that somebody wrote badly; EVD-06 finds that.
    """

    value: Annotated[float, Field(allow_inf_nan=False)] | None
    unit: str
    n: Annotated[int, Field(ge=0, le=MOST_WHOLE)] | None = None
    low: Annotated[float, Field(allow_inf_nan=False)] | None = None
    high: Annotated[float, Field(allow_inf_nan=False)] | None = None
    level: float = 0.95
    no_interval: str | None = None

    @property
    def between(self) -> tuple[float, float] | None:
        """The two bounds of a number of which no more is known; None for any other.

        They hold for certain (`level` 1), so that the value is one of many and no estimate.
        """
        low, high = self.low, self.high
        if self.value is None or low is None or high is None or self.level < 1 or low >= high:
            return None
        return low, high

    @property
    def complete(self) -> bool:
        """True when the number carries n, and an interval or the reason why it has none."""
        bounded = self.low is not None and self.high is not None
        return self.n is not None and (bounded or self.no_interval is not None)


class InputIdentity(Value):
    """What was read: an address, how much of it, and the digest that identifies it."""

    address: str
    kind: Literal["file", "folder", "table", "journal"]
    files: int
    bytes: int
    digest: Digest


class ClaimRef(Value):
    """A claim file of a system and the digest of its content, comments aside."""

    file: str
    digest: Digest


class Record(Value):
    """Base of all machine-readable results; `kind` tells the reader which class to build."""

    kind: str
    system: Slug
    as_of: AwareDatetime
    claims: tuple[ClaimRef, ...] = ()
    inputs: tuple[InputIdentity, ...] = ()

    def measured(self) -> Iterator[tuple[str, Measured]]:
        """Every number in the record with its path, such as `days[3].quality`."""
        yield from _walk(self, "")


def _walk(node: object, path: str) -> Iterator[tuple[str, Measured]]:
    if isinstance(node, Measured):
        yield path, node
    elif isinstance(node, Value):
        for name in value_fields(type(node)):
            yield from _walk(getattr(node, name), f"{path}.{name}" if path else name)
    elif isinstance(node, tuple):
        for position, item in enumerate(node):
            yield from _walk(item, f"{path}[{position}]")
    elif isinstance(node, Mapping):
        for key, item in node.items():
            yield from _walk(item, f"{path}[{key}]")


class Measurement(Record):
    """Base of what an analysis found in a window of recorded rows."""

    window: Window | None = None
    simulated: bool = False


AttestationTopic = Literal[
    "ownership", "decisions", "knowledge", "claims", "handoff", "attendance", "witness", "access"
]
AccessAction = Literal[Action, "query_logs"]
"""What somebody may show to be able to do: a decision that they may take, or reading the logs."""


class OwnerKnowledge(Value):
    """What an owner knows: what the system is for, how it was trained, how it fails (S1.21).

    `failure_modes` are ids of `system.yaml`.
    """

    purpose: Text
    training: Text
    failure_modes: tuple[Slug, ...]


class Attestation(Record):
    """A named person says this very thing; `claims` or `of` pins what it was said about.

    `of` is the digest of a record for `witness` and `attendance`, and that of the handoff's own
    text for `handoff`, so that no other edit of its file voids it. `action` was done by the person
    with their own access, in `seconds` where they timed it. On the ledger `text` is a commitment
    (`domain.words`).
    """

    kind: Literal["attestation"] = "attestation"
    topic: AttestationTopic
    person: Slug
    text: Text
    of: Digest | None = None
    handoff: Slug | None = None
    knowledge: OwnerKnowledge | None = None
    action: AccessAction | None = None
    seconds: Measured | None = None
    assurance: Literal["asserted", "signed"] = "asserted"
    expires: AwareDatetime


class VerifiedBundle(Value):
    """What comparing one sealed bundle with its manifest showed."""

    run_id: str
    manifest: Digest
    problems: tuple[str, ...] = ()


class Verification(Record):
    """The tool compared the sealed bundles of a system, and the ledger, with their digests."""

    kind: Literal["verification"] = "verification"
    ledger_size: int
    ledger_problems: tuple[str, ...] = ()
    bundles: tuple[VerifiedBundle, ...] = ()


Status = Literal["passed", "failed", "unknown", "not_applicable", "errored"]
UnknownReason = Literal["missing", "expired", "too_few", "below_grade"]
Verdict = Literal["READY", "CONDITIONAL", "NOT READY", "DEMO ONLY"]


class NamedValue(Value):
    """A number that a finding speaks of."""

    name: str
    measured: Measured


class Finding(Value):
    """One check's answer about one system, with what it looked at.

    `valid_until` is when a pass, a waiver or a switch-off ends by itself because something that it
    rests on expires; None when nothing does. `through` names the checks that alone leave a sum
    open; it is empty where the check found a gap of its own.
    """

    check: str
    slug: str
    revision: int
    area: Area
    question: str
    status: Status
    reason: UnknownReason | None = None
    grade: Grade
    minimum_grade: Grade
    message: str
    remedy: str = ""
    owner: Slug | None = None
    looked_at: tuple[Where, ...] = ()
    values: tuple[NamedValue, ...] = ()
    waived: bool = False
    switched_off: bool = False
    through: tuple[CheckId, ...] = ()
    valid_until: AwareDatetime | None = None

    @property
    def accepted(self) -> bool:
        """True when it is open and somebody answers for that: by a waiver, or a switch-off."""
        return self.open and self.area != "portfolio" and (self.waived or self.switched_off)

    @property
    def carries(self) -> bool:
        """True when the verdict rests on it.

        Not on the portfolio, which informs, nor on a pass of what the policy switched off.
        """
        return self.area != "portfolio" and (self.open or not self.switched_off)

    @property
    def blocks(self) -> bool:
        """True when it stands in the way, a waiver aside.

        The portfolio informs only, and so does a check that the policy switched off.
        """
        return self.area != "portfolio" and not self.switched_off and self.open

    @property
    def open(self) -> bool:
        """True when its question is not answered as it should be, whether that blocks or not."""
        return self.status in {"failed", "unknown", "errored"}


class FiveQuestion(Value):
    """One of the five questions and its answer, generated from findings, never typed."""

    question: str
    answered: bool
    answer: str
    evidence: tuple[Where, ...] = ()


AreaStatus = Literal["passed", "waived", "failed", "unknown", "errored", "not_applicable"]


class Assessment(Record):
    """The verdict on one system: a pure function of claims, evidence, policy and `as_of`.

    `frameworks` is the digest of the status of the frameworks that may speak to the system, and
    `open_conditions` are the conditions of the deploy review that stand in decisions.yaml still.
    """

    kind: Literal["assessment"] = "assessment"
    verdict: Verdict
    verdict_without_waivers: Verdict
    areas: Mapping[Area, AreaStatus]
    five_questions: tuple[FiveQuestion, ...]
    findings: tuple[Finding, ...]
    policy: Digest
    frameworks: Digest | None = None
    open_conditions: tuple[Slug, ...] = ()
    ledger_size: int
    valid_until: AwareDatetime | None = None

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that stand in the way and are not waived."""
        return tuple(f for f in self.findings if f.blocks and not f.waived)


class RunOrigin(Value):
    """Where the runner found a record: the run, its notebook and the cell."""

    run_id: str
    notebook: str
    notebook_digest: Digest
    cell: int
    inputs_verified: bool


class Statement(Value):
    """A record on the ledger. `seq` orders, `as_of` judges, `recorded_at` is only noted.

    `digest` is that of the record as it is stored, with commitments in the place of words;
    `commitment` is the one that stands there, where this record holds the words themselves.
    `clock` is the latest wall clock that the ledger had seen by then, of all its systems, where
    `recorded_at` is before it: the clock had been set back.
    """

    seq: int
    id: str
    subject: Slug
    as_of: AwareDatetime
    recorded_at: AwareDatetime
    digest: Digest
    actor: str
    origin: RunOrigin | None = None
    proof: Proof | None = None
    commitment: Digest | None = None
    clock: AwareDatetime | None = None
    record: SerializeAsAny[Record]

    @property
    def place(self) -> Where:
        """The ledger entry, as findings cite it."""
        return Where(path="ledger", line=self.seq)


class LedgerEvent(Value):
    """What is appended to the ledger; the ledger adds `seq` and the hash chain.

    `id` makes an append idempotent: appending an id that is there already changes nothing.
    `data` holds digests, records and counts; never a name, a prompt or a secret.
    """

    id: Annotated[str, Field(min_length=1, max_length=300)]
    type: Literal[
        "run.started", "run.finished", "run.failed", "run.abandoned",
        "run.claimed", "evidence.published", "attestation.given", "signoff.given",
        "signoff.revoked", "payload.erased", "clock.regressed", "ledger.migrated",
    ]  # fmt: skip
    subject: Slug
    as_of: AwareDatetime
    recorded_at: AwareDatetime
    actor: str
    data: Mapping[str, Any]
