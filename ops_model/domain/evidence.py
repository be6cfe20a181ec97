"""What has been shown: records, and the statements that carry them.

A record is what a cell, a drill or a person says; a `Statement` is that record on the ledger with
its origin. A grade is derived from the origin, never a field of a record. What is concluded from
them, findings and verdicts, stands in `assessment`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_type_hints

from pydantic import AwareDatetime, Field, SerializeAsAny

from ops_model.domain.canonical import MOST_WHOLE
from ops_model.domain.decisions import Action
from ops_model.domain.proof import Proof
from ops_model.domain.scalars import Digest, Slug, Text
from ops_model.domain.values import Value, Where, Window, value_fields

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


AskedGrade = Literal[Grade.DECLARED, Grade.ATTESTED, Grade.OBSERVED, Grade.REPRODUCED]
"""What a pass may be asked to rest on: E0 is what was not shown, and anything would meet it."""


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
    """What was read: an address, how much of it, and the digest that identifies it.

    A table of a warehouse has `rows` in place of files and bytes: those that the instant bounds.
    """

    address: str
    kind: Literal["file", "folder", "table", "journal"]
    files: int
    bytes: int
    digest: Digest
    rows: int | None = None

    @property
    def extent(self) -> str:
        """How much was read, in words."""
        return f"{self.bytes} bytes" if self.rows is None else f"{self.rows} rows"


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
        found: list[tuple[str, Measured]] = []
        _collect(self, "", found)
        yield from found


def _collect(node: object, path: str, found: list[tuple[str, Measured]]) -> None:
    # Asking whether something is one of our classes costs the most, so a tuple is told first.
    if isinstance(node, tuple):
        for position, item in enumerate(node):
            _collect(item, f"{path}[{position}]", found)
    elif isinstance(node, Measured):
        found.append((path.removeprefix("."), node))
    elif isinstance(node, Value):
        for name in _measured_fields(type(node)):
            _collect(getattr(node, name), f"{path}.{name}", found)
    else:
        for key, item in _items(node):
            _collect(item, f"{path}[{key}]", found)


def _items(node: object) -> Iterable[tuple[object, object]]:
    if isinstance(node, Mapping):
        return node.items()
    # What is read only now, and of which each item is one of our classes.
    return enumerate(node) if isinstance(node, Sequence) and not isinstance(node, str) else ()


@cache
def _measured_fields(cls: type[Value]) -> tuple[str, ...]:
    """The fields in which a number that says what it rests on may stand, however deep."""
    hints = get_type_hints(cls)
    return tuple(name for name in value_fields(cls) if _may_hold_numbers(hints[name], ()))


def _may_hold_numbers(hint: Any, above: tuple[Any, ...]) -> bool:  # noqa: ANN401 - a type hint may be anything
    """Whether a value of this type may hold one; `above` are the types that hold this one."""
    if hint in above:
        return False
    parts = list(get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Value):
        # A field of a base may hold any of the classes made from it.
        if hint is Measured or hint.__subclasses__():
            return True
        hints = get_type_hints(hint)
        parts = [hints[name] for name in value_fields(hint)]
    return hint is Any or any(_may_hold_numbers(part, (*above, hint)) for part in parts)


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
