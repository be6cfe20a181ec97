"""What is concluded from claims and evidence: findings, answers, and the verdict on a system."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, cast, overload

from pydantic import AwareDatetime, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, PydanticSerializationError, core_schema

from ops_model.domain.evidence import Area, Grade, Measured, Record
from ops_model.domain.scalars import CheckId, Digest, Slug
from ops_model.domain.values import Value, Where
from ops_model.errors import IntegrityError

Status = Literal["passed", "failed", "unknown", "not_applicable", "errored"]
UnknownReason = Literal["missing", "expired", "too_few", "below_grade"]
Verdict = Literal["READY", "CONDITIONAL", "NOT READY", "DEMO ONLY"]


class NamedValue(Value):
    """A number that a finding speaks of."""

    name: str
    measured: Measured


_IN_EVERY_VERDICT = ("check", "slug", "area", "question", "status", "message", "remedy")


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


class StoredFindings(Sequence[Finding]):
    """The findings of a verdict on the ledger, read from their bytes when first looked at.

    They are most of a ledger, and no verdict rests on those of an earlier one.

    Args:
        stored: a JSON list of them.
    """

    __slots__ = ("_read", "_stored")

    def __init__(self, stored: bytes) -> None:
        self._stored = stored
        self._read: tuple[Finding, ...] | None = None

    def all(self) -> tuple[Finding, ...]:
        """The findings.

        Raises:
            IntegrityError: the bytes hold something else.
        """
        if self._read is None:
            try:
                self._read = _stored_findings().validate_json(self._stored)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                place = ".".join(str(part) for part in ("findings", *first["loc"]))
                raise IntegrityError(
                    f"record of kind assessment: {place}: {first['msg']}",
                    where="ledger",
                    remedy="read it with the version of ops-model that wrote it",
                ) from error
            self._stored = b""
            # A fleet's verdicts repeat the texts of the first.
            for finding in self._read:
                held = finding.__dict__
                held.update((name, sys.intern(held[name])) for name in _IN_EVERY_VERDICT)
        return self._read

    def __len__(self) -> int:
        """How many there are."""
        return len(self.all())

    def __iter__(self) -> Iterator[Finding]:
        """Each of them."""
        return iter(self.all())

    @overload
    def __getitem__(self, place: int) -> Finding: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, place: int | slice) -> Finding | tuple[Finding, ...]:
        """One of them, or some."""
        return self.all()[place]

    def __eq__(self, other: object) -> bool:
        """Equal findings, in whatever they are kept."""
        if isinstance(other, StoredFindings):
            return self is other or self.all() == other.all()
        return self.all() == other

    def __hash__(self) -> int:
        """Hash of the findings."""
        return hash(self.all())


@cache
def _stored_findings() -> TypeAdapter[tuple[Finding, ...]]:
    return TypeAdapter(tuple[Finding, ...])


class _Findings:
    """Validated and written as a tuple of findings, in whatever they are kept."""

    @staticmethod
    def __get_pydantic_core_schema__(_: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(tuple[Finding, ...])
        written = core_schema.wrap_serializer_function_ser_schema(_as_tuple, schema=schema)
        return cast("CoreSchema", {**schema, "serialization": written})


def _as_tuple(
    findings: Sequence[Finding], handler: core_schema.SerializerFunctionWrapHandler
) -> Any:  # noqa: ANN401 - JSON or Python values
    return handler(tuple(findings))


BREACHED = "Breached: "
"""How an answer opens that is one, and tells of what is broken."""


class FiveQuestion(Value):
    """One of the five questions and its answer, generated from findings, never typed.

    An answer that holds while what it rests on shows a breach opens with `BREACHED` and what it
    is, so that whoever shows the answer shows that too.
    """

    question: str
    answered: bool
    answer: str
    evidence: tuple[Where, ...] = ()

    @property
    def breached(self) -> bool:
        """True when the answer opens with what is broken."""
        return self.answered and self.answer.startswith(BREACHED)

    @property
    def parted(self) -> tuple[str, str]:
        """What is broken, empty where nothing is, and the answer without it."""
        if not self.breached:
            return "", self.answer
        broken, _, rest = self.answer.removeprefix(BREACHED).partition(". ")
        return broken, rest


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
    findings: Annotated[Sequence[Finding], _Findings]
    policy: Digest
    frameworks: Digest | None = None
    open_conditions: tuple[Slug, ...] = ()
    ledger_size: int
    valid_until: AwareDatetime | None = None

    def __getstate__(self) -> dict[Any, Any]:
        """For another process: it gets the findings as bytes, and reads them if it looks."""
        state = super().__getstate__()
        held = state["__dict__"]
        if not isinstance(held["findings"], StoredFindings):
            try:
                stored = _stored_findings().dump_json(tuple(held["findings"]))
            except PydanticSerializationError:  # half of a character, say: they go as they are
                return state
            state["__dict__"] = {**held, "findings": StoredFindings(stored)}
        return state

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that stand in the way and are not waived."""
        return tuple(f for f in self.findings if f.blocks and not f.waived)
