"""What a check file needs: `@check`, `Context`, and the four answers a check may give.

A check reads claims and recorded evidence and answers its question. It opens nothing, measures
nothing and knows no clock. Its keyword-only arguments are thresholds that `policy.yaml` may set.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Generic, TypeVar
from unicodedata import east_asian_width

from ops_model.domain.evidence import (
    AREAS,
    Area,
    Attestation,
    ClaimRef,
    Finding,
    Grade,
    Measured,
    NamedValue,
    Record,
    Statement,
    Status,
    UnknownReason,
)  # fmt: skip
from ops_model.domain.frameworks import Register
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.system import Tier
from ops_model.domain.values import Where, zone

R = TypeVar("R", bound=Record)
ID_PATTERN = re.compile(r"^[A-Z]{2,8}-\d{2}$")

FIVE_QUESTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Who gets paged?", ("ONC-01", "ONC-03", "ONC-04")),
    (
        "What is the rollback, and was it tested in under ten minutes?",
        ("RBK-01", "RBK-02", "RBK-03", "RBK-05"),
    ),
    ("How do we know quality fell before customers do?", ("QLT-01", "QLT-03")),
    ("What is the cost ceiling, today?", ("CST-01", "CST-02")),
    ("What happens when the vendor is down?", ("FBK-01", "FBK-03")),
)
"""The five questions, and the checks that answer each."""


class CrashedError(Exception):
    """A check's answer rests on another check, and that one crashed.

    The judge takes it for a crash of the same kind, so that a fault in one check file is never
    counted as a gap of the system.
    """


@dataclass(frozen=True)
class PerTier:
    """A threshold's default that depends on the system's tier."""

    by_tier: tuple[Any, Any, Any]

    def at(self, tier: Tier) -> Any:  # noqa: ANN401 - the threshold's own type
        """The value at one tier."""
        return self.by_tier["ABC".index(tier)]

    def __str__(self) -> str:
        """`30 / 90 / 180 at tier A / B / C`."""
        return f"{' / '.join(map(str, self.by_tier))} at tier A / B / C"


@dataclass(frozen=True)
class AtLeast:
    """The least that a threshold may be set to at tiers A, B and C; it stands in `Annotated`.

    What holds at every tier is written as a `Field`, with `ge` and `le`.
    """

    by_tier: tuple[float, float, float]


def by_tier(a: Any, b: Any, c: Any) -> Any:  # noqa: ANN401 - stands where a value of the threshold's type stands
    """The default of a threshold at tiers A, B and C, such as 30, 90 and 180 days."""
    return PerTier((a, b, c))


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
    """The statements about one system that were made by `as_of`, oldest first.

    `signed` are the numbers of those whose signature is that of the person whose word they are,
    `held` those whose signature holds, though its key may be enrolled for nobody by now.
    """

    statements: tuple[Statement, ...] = ()
    approved_notebooks: frozenset[str] = frozenset()
    signed: frozenset[int] = frozenset()
    held: frozenset[int] = frozenset()

    def all(
        self, kind: type[R], *, matching: Callable[[R], bool] | None = None
    ) -> list[Recorded[R]]:
        """Every record of this class, oldest first."""
        found = self._of_kind(kind)
        return [e for e in found if matching is None or matching(e.record)]

    def _of_kind(self, kind: type[R]) -> list[Recorded[R]]:
        if kind not in self._by_kind:
            found = ((s.record, s) for s in self.statements)
            self._by_kind[kind] = [Recorded(r, s) for r, s in found if isinstance(r, kind)]
        return self._by_kind[kind]

    # A hundred checks ask for the same few kinds.
    @cached_property
    def _by_kind(self) -> dict[type[Record], list[Recorded[Any]]]:
        return {}

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
    valid_until: datetime | None = None
    through: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what would mislead: a pass over nothing, a gap without a remedy."""
        if self.status == "passed" and not self.looked_at:
            msg = "a check cannot pass without having looked at anything"
            raise ValueError(msg)
        if self.status in {"failed", "unknown"} and not self.remedy:
            msg = f"a check that answers {self.status} owes a remedy"
            raise ValueError(msg)
        if (self.status == "unknown") != (self.reason is not None):
            msg = "an unknown, and only an unknown, says why it is not known"
            raise ValueError(msg)
        if self.status == "errored" or not self.message:
            msg = "a check says passed, failed, unknown or not_applicable, and why"
            raise ValueError(msg)


def _values(values: dict[str, Measured] | None) -> tuple[NamedValue, ...]:
    return tuple(NamedValue(name=n, measured=m) for n, m in (values or {}).items())


def passed(
    message: str,
    *,
    looked_at: Sequence[Where],
    values: dict[str, Measured] | None = None,
    valid_until: datetime | None = None,
) -> Outcome:
    """It holds, at most until `valid_until`. A pass that looked at nothing cannot be built."""
    return Outcome(
        "passed", message, tuple(looked_at), values=_values(values), valid_until=valid_until
    )


def failed(
    message: str,
    *,
    looked_at: Sequence[Where],
    remedy: str,
    values: dict[str, Measured] | None = None,
    owner: str | None = None,
    through: Sequence[str] = (),
) -> Outcome:
    """It does not hold; `remedy` is one thing that a named role can do tomorrow.

    `through` are the checks that alone leave a sum of others open, so that whoever answers for
    each of them answers for the sum.
    """
    return Outcome(
        "failed",
        message,
        tuple(looked_at),
        remedy,
        values=_values(values),
        owner=owner,
        through=tuple(through),
    )


def unknown(
    reason: UnknownReason,
    message: str,
    *,
    looked_at: Sequence[Where],
    remedy: str,
    values: dict[str, Measured] | None = None,
    owner: str | None = None,
    through: Sequence[str] = (),
) -> Outcome:
    """It cannot be answered from what is recorded; blocks like a failure."""
    return Outcome(
        "unknown",
        message,
        tuple(looked_at),
        remedy,
        reason,
        _values(values),
        owner=owner,
        through=tuple(through),
    )


def not_applicable(message: str, *, looked_at: Sequence[Where] = ()) -> Outcome:
    """The question does not arise here, and why."""
    return Outcome("not_applicable", message, tuple(looked_at))


def all_of(outcomes: Sequence[Outcome]) -> Outcome:
    """One answer for several: as good as the worst of them; the empty "all" is refused.

    A failure says all failures, an unknown all unknowns; a pass says and shows everything, and
    lasts as long as the first of them to expire.
    """
    if not outcomes:
        msg = "all of nothing is no answer; say not_applicable or unknown"
        raise ValueError(msg)
    worst = next(s for s in _WORST_FIRST if any(o.status == s for o in outcomes))
    same = [o for o in outcomes if o.status == worst]
    expiries = [o.valid_until for o in same if o.valid_until]
    return Outcome(
        worst,
        "; ".join(dict.fromkeys(o.message for o in same)),
        tuple(dict.fromkeys(place for o in same for place in o.looked_at)),
        "; ".join(dict.fromkeys(o.remedy for o in same if o.remedy)),
        next((o.reason for o in same if o.reason), None),
        tuple(value for o in same for value in o.values),
        next((o.owner for o in same if o.owner), None),
        min(expiries, default=None),
    )


_WORST_FIRST: tuple[Status, ...] = ("failed", "unknown", "passed", "not_applicable")


def said(measured: Measured) -> str:
    """A number as text with its unit, n and interval: `81.2 % (n 1,204, 78.9 to 83.4 %)`.

    One that is only known between two bounds is said as that: `between 147 and 293 decisions
    (n 293)`.
    """
    unit = measured.unit
    rests_on = [] if measured.n is None else [f"n {measured.n:,}"]
    if measured.between is not None:
        low, high = measured.between
        span = f"between {_number(low, unit)} and {_number(high, unit)} {_UNITS.get(unit, unit)}"
        return span + (f" ({rests_on[0]})" if rests_on else "")
    if measured.low is not None and measured.high is not None:
        percent = " %" if unit == "share" else ""
        rests_on.append(
            f"{_number(measured.low, unit)} to {_number(measured.high, unit)}{percent}"
        )
    elif measured.no_interval:
        rests_on.append(measured.no_interval)
    value = "not known"
    if measured.value is not None:
        value = f"{_number(measured.value, unit)} {_UNITS.get(unit, unit)}"
    return value + (f" ({', '.join(rests_on)})" if rests_on else "")


def points(share: float) -> str:
    """A difference of shares as text: `7.5 points`, of a hundred."""
    said_so = _number(share, "share")
    return f"{said_so} point{'' if said_so == '1' else 's'}"


def aged(span: timedelta, unit: timedelta) -> str:
    """How many units a span has, as text: `8.4`, `4,850`."""
    return _number(span / unit, "")


def old_as(span: timedelta) -> str:
    """A span in the unit that suits it, as text: `6 s`, `12 min`, `8.4 h`, `3 days`."""
    seconds = span.total_seconds()
    for below, per, unit in ((60, 1, "s"), (3600, 60, "min"), (172_800, 3600, "h")):
        if seconds < below:
            return f"{_number(seconds / per, '')} {unit}"
    return f"{_number(seconds / 86_400, '')} days"


def counted(count: int, noun: str) -> str:
    """`1 column`, `3 columns`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def short_of_words(text: str | None, fewest: int) -> str:
    """Why a text says too little to be a sentence (`it has 1 word; ...`); empty when it is one.

    Dots and dashes are no words, one word said twice is one, and of single letters no more count
    than there are longer words; scripts that set no blanks between words count two signs for one.
    """
    found = {"".join(filter(str.isalnum, word)).casefold() for word in (text or "").split()}
    letters = sum(len(word) == 1 for word in found)
    longer = sum(len(word) > 1 for word in found)
    wide = sum(east_asian_width(c) in "WF" and c.isalpha() for c in text or "")
    words = max(longer + min(letters, longer), wide // 2)
    if words >= fewest:
        return ""
    return f"it has {counted(words, 'word')}; expected at least {fewest}"


_UNITS = {"share": "%", "sd": "standard deviations", "tv": "of total variation"}


def _number(value: float, unit: str) -> str:
    if re.fullmatch("[A-Z]{3}", unit):  # money, to the cent; one answer costs less than that
        return f"{value:.2g}" if 0 < abs(value) < 0.1 else f"{value:,.2f}"
    value = value * 100 if unit == "share" else value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def no_file(ctx: "Context", attribute: str) -> Outcome:
    """The answer where the claim file that a check reads is not there."""
    where = ctx.system.missing_file(attribute)
    return unknown(
        "missing",
        f"there is no {where}",
        looked_at=[where],
        remedy=f"the owner starts it with `ops-model new {ctx.system.id} --refresh`, and answers "
        "its questions in the fill-in notebook",
    )


def latest_in_date(
    ctx: "Context",
    kind: type[R],
    *,
    max_age_days: float,
    missing: str,
    claim: Where,
    remedy: str,
    matching: Callable[[R], bool] | None = None,
) -> Recorded[R] | Outcome:
    """The latest record of a kind, or the answer where there is none or it is too old to count.

    Args:
        ctx: the check's context.
        kind: the class of the record.
        max_age_days: how old it may be at `as_of`.
        missing: what to say where there is none.
        claim: the claim that the record would show, looked at where there is none.
        remedy: what makes a new one.
        matching: which records count.
    """
    found = ctx.evidence.latest(kind, matching=matching)
    if found is None:
        return unknown("missing", missing, looked_at=[claim], remedy=remedy)
    age = ctx.as_of - found.record.as_of
    if age <= timedelta(days=max_age_days):
        return found
    name = found.record.kind.replace("_", " ")
    return unknown(
        "expired",
        f"the {name} of {found.record.as_of.date()} is {aged(age, timedelta(days=1))} days old; "
        f"expected at most {max_age_days:g}",
        looked_at=[claim, found.where],
        remedy=remedy,
    )


def earliest(*ends: datetime | None) -> datetime | None:
    """The first of several ends; None where nothing ends."""
    return min((end for end in ends if end is not None), default=None)


def valid_until(found: Recorded[R], *, max_age_days: float) -> datetime:
    """When a record grows too old to count."""
    return found.record.as_of + timedelta(days=max_age_days)


@dataclass(frozen=True)
class Context:
    """All that a check may look at.

    `finding_of` gives another check's finding about the same system (None when no such check is
    loaded); a circle of checks that ask each other is an error of those checks. `register` holds
    the frameworks and their controls; `refs` are the digests of the system's files, for whoever
    has worked them out already.
    """

    system: SystemClaims
    model: OperatingModel
    evidence: Evidence
    as_of: datetime
    finding_of: Callable[[str], Finding | None] = field(default=lambda _: None)
    register: Register = field(default_factory=Register)
    refs: tuple[ClaimRef, ...] | None = None

    @cached_property
    def texts(self) -> Mapping[str, ClaimRef]:
        """The system's claim files as they are now, with their digests, by name."""
        refs = self.refs if self.refs is not None else self.system.claim_refs()
        return {ref.file: ref for ref in refs}

    @property
    def known_until(self) -> datetime:
        """The last instant that the workbook can tell of; what it dates later has not happened.

        A replay may be judged as on an earlier day than the one that it is pinned to.
        """
        return max(self.as_of, self.model.settings.as_of or self.as_of)

    @property
    def today(self) -> date:
        """The day of `as_of`, where the organisation is: whatever offset it was written with."""
        return self.as_of.astimezone(zone(self.model.settings.zone)).date()

    def end_of(self, day: date) -> datetime:
        """The instant at which a day is over, where the organisation is."""
        after = day + timedelta(days=1)
        return datetime.combine(after, time(), zone(self.model.settings.zone))

    @property
    def last_day(self) -> date:
        """The day of that instant, where the organisation is."""
        return self.known_until.astimezone(zone(self.model.settings.zone)).date()

    def why_not_active(self, person_id: str | None) -> str:
        """Why this id is nobody who can answer for anything at `as_of`; empty when it is."""
        people = self.model.people
        person = people.person(person_id)
        if person_id is None:
            return "nobody is named"
        if person is None:
            team = people.team(person_id) is not None
            return f"{person_id} is {'a team, not a person' if team else 'nobody in people.yaml'}"
        day = self.as_of.astimezone(zone(person.zone)).date()
        if day < person.active_from:
            return f"{person_id} works here only from {person.active_from}"
        return "" if person.active_on(day) else f"{person_id} left on {person.active_to}"

    def until_gone(self, *names: str | None) -> datetime | None:
        """When the first of these people is gone; None where nobody's last day is written.

        A pass that rests on somebody who works here ends then. Teams and roles stay.
        """
        people = [self.model.people.person(name) for name in names]
        return earliest(*(p.gone_at for p in people if p is not None))

    def why_nobody(self, name: str | None) -> str:
        """Why this person, team or role of the rota can see to nothing; empty when it can."""
        known = name in {"primary", "secondary"} or self.model.people.team(name) is not None
        return "" if known else self.why_not_active(name)


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

    @cached_property
    def thresholds(self) -> dict[str, inspect.Parameter]:
        """The keyword-only arguments that `policy.yaml` may set."""
        parameters = inspect.signature(self.function).parameters
        return {n: p for n, p in parameters.items() if p.kind is p.KEYWORD_ONLY}

    def __call__(self, ctx: Context, **thresholds: Any) -> Outcome:  # noqa: ANN401 - thresholds have the types of the function
        """Answer the question; a default that depends on the tier takes the system's."""
        tier = ctx.system.identity.tier
        defaults = {
            name: parameter.default.at(tier)
            for name, parameter in self.thresholds.items()
            if isinstance(parameter.default, PerTier)
        }
        return self.function(ctx, **{**defaults, **thresholds})


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
    "FIVE_QUESTIONS", "AtLeast", "Attestation", "Check", "Context", "CrashedError", "Evidence",
    "Grade", "Outcome", "PerTier", "Recorded", "aged", "all_of", "by_tier", "check", "counted",
    "earliest", "failed", "latest_in_date", "no_file", "not_applicable", "old_as", "passed",
    "points", "said", "short_of_words", "unknown", "valid_until",
]  # fmt: skip
