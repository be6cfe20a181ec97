"""What a check file needs: `@check`, `Context`, and the four answers a check may give.

A check reads claims and recorded evidence and answers its question. It opens nothing, measures
nothing and knows no clock. Its keyword-only arguments are thresholds that `policy.yaml` may set.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from ops_model.domain.evidence import (
    AREAS,
    Area,
    Attestation,
    Finding,
    Grade,
    Measured,
    NamedValue,
    Record,
    Statement,
    Status,
    UnknownReason,
)  # fmt: skip
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import Where

R = TypeVar("R", bound=Record)
ID_PATTERN = re.compile(r"^[A-Z]{2,8}-\d{2}$")


@dataclass(frozen=True)
class Recorded(Generic[R]):
    """A record with the ledger entry that carries it: what a check may look at."""

    record: R
    statement: Statement

    @property
    def where(self) -> Where:
        """The ledger entry."""
        return self.statement.place


@dataclass(frozen=True)
class Evidence:
    """The statements about one system that were made by `as_of`, oldest first."""

    statements: tuple[Statement, ...] = ()
    approved_notebooks: frozenset[str] = frozenset()

    def all(
        self, kind: type[R], *, matching: Callable[[R], bool] | None = None
    ) -> list[Recorded[R]]:
        """Every record of this class, oldest first."""
        return [
            Recorded(s.record, s)
            for s in self.statements
            if isinstance(s.record, kind) and (matching is None or matching(s.record))
        ]

    def latest(
        self, kind: type[R], *, matching: Callable[[R], bool] | None = None
    ) -> Recorded[R] | None:
        """The record of this class with the latest `as_of`, the later entry winning a tie."""
        found = self.all(kind, matching=matching)
        return max(found, key=lambda e: (e.record.as_of, e.statement.seq)) if found else None


@dataclass(frozen=True)
class Outcome:
    """What a check answers; built by `passed`, `failed`, `unknown` and `not_applicable` only."""

    status: Status
    message: str
    looked_at: tuple[Where, ...] = ()
    remedy: str = ""
    reason: UnknownReason | None = None
    values: tuple[NamedValue, ...] = ()
    owner: str | None = None


def _values(values: dict[str, Measured] | None) -> tuple[NamedValue, ...]:
    return tuple(NamedValue(name=n, measured=m) for n, m in (values or {}).items())


def passed(
    message: str, *, looked_at: Sequence[Where], values: dict[str, Measured] | None = None
) -> Outcome:
    """It holds. A pass that looked at nothing cannot be built."""
    if not looked_at:
        msg = "a check cannot pass without having looked at anything"
        raise ValueError(msg)
    return Outcome("passed", message, tuple(looked_at), values=_values(values))


def failed(
    message: str,
    *,
    looked_at: Sequence[Where],
    remedy: str,
    values: dict[str, Measured] | None = None,
    owner: str | None = None,
) -> Outcome:
    """It does not hold; `remedy` is one thing that a named role can do tomorrow."""
    if not remedy:
        msg = "a failed check owes a remedy"
        raise ValueError(msg)
    return Outcome(
        "failed", message, tuple(looked_at), remedy, values=_values(values), owner=owner
    )


def unknown(
    reason: UnknownReason,
    message: str,
    *,
    looked_at: Sequence[Where],
    remedy: str,
    values: dict[str, Measured] | None = None,
    owner: str | None = None,
) -> Outcome:
    """It cannot be answered from what is recorded; blocks like a failure."""
    if not remedy:
        msg = "an unknown check owes a remedy"
        raise ValueError(msg)
    return Outcome(
        "unknown", message, tuple(looked_at), remedy, reason, _values(values), owner=owner
    )


def not_applicable(message: str, *, looked_at: Sequence[Where] = ()) -> Outcome:
    """The question does not arise here, and why."""
    return Outcome("not_applicable", message, tuple(looked_at))


@dataclass(frozen=True)
class Context:
    """All that a check may look at.

    `finding_of` gives another check's finding about the same system (None when no such check is
    loaded); a circle of checks that ask each other is an error of those checks.
    """

    system: SystemClaims
    model: OperatingModel
    evidence: Evidence
    as_of: datetime
    finding_of: Callable[[str], Finding | None] = field(default=lambda _: None)


@dataclass(frozen=True)
class Check:
    """One question about one system, and the function that answers it."""

    id: str
    slug: str
    question: str
    area: Area
    source: tuple[str, ...]
    revision: int
    function: Callable[..., Outcome]

    @property
    def group(self) -> str:
        """The letters of the id."""
        return self.id.split("-")[0]

    @property
    def thresholds(self) -> dict[str, inspect.Parameter]:
        """The keyword-only arguments that `policy.yaml` may set."""
        parameters = inspect.signature(self.function).parameters
        return {n: p for n, p in parameters.items() if p.kind is p.KEYWORD_ONLY}

    def __call__(self, ctx: Context, **thresholds: Any) -> Outcome:  # noqa: ANN401 - thresholds have the types of the function
        """Answer the question."""
        return self.function(ctx, **thresholds)


def check(
    check_id: str, *, question: str, area: Area, source: Sequence[str], revision: int
) -> Callable[[Callable[..., Outcome]], Check]:
    """Turn a function into a `Check`; registers nothing.

    Raises:
        ValueError: the id has the wrong form, the area is unknown, or the reason (docstring) or a
            source row is missing.
    """

    def wrap(function: Callable[..., Outcome]) -> Check:
        if not ID_PATTERN.match(check_id):
            msg = f"check id {check_id!r}: expected letters, a hyphen and two digits, as RBK-02"
            raise ValueError(msg)
        if area not in AREAS:
            msg = f"check {check_id}: area {area!r} is not one of {', '.join(AREAS)}"
            raise ValueError(msg)
        if not function.__doc__ or not question or not source or revision < 1:
            msg = f"check {check_id}: needs a question, a reason (docstring), sources, a revision"
            raise ValueError(msg)
        return Check(
            check_id, function.__name__, question, area, tuple(source), revision, function
        )

    return wrap


__all__ = [
    "Attestation", "Check", "Context", "Evidence", "Grade", "Outcome", "Recorded",
    "check", "failed", "not_applicable", "passed", "unknown",
]  # fmt: skip
