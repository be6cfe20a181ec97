"""A user's own checks as their worker process tells of them: what each asks, and what it answers.

Nothing of a user's runs in the process that judges. It holds a `Check` whose function asks the
worker (see `foreign_worker`), and builds every outcome itself, so that the rules of an outcome
hold whatever the worker says: no pass without a place, no gap without a remedy.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Protocol, get_type_hints

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from ops_model.check.context import Context
from ops_model.check.outcome import Outcome
from ops_model.check.question import Check, PerTier
from ops_model.check.thresholds import why_no_number
from ops_model.domain.assessment import NamedValue, UnknownReason
from ops_model.domain.evidence import Area
from ops_model.domain.overclaims import no_overclaim
from ops_model.domain.scalars import AwareTime, CheckId, Slug, Text
from ops_model.domain.texts import hidden_in
from ops_model.domain.values import Value, Where
from ops_model.errors import Problem

LONGEST_LINE = 1024 * 1024
"""How many bytes a worker may say at once."""
LONGEST_TEXT = 4000
"""How many characters a message or a remedy may have."""
_MOST_PLACES = 1000
_LONGEST_PATH = 300
_LAST_LINE = 10_000_000
_LAST_REVISION = 1_000_000
_LONGEST_DEFAULT = 200

ThresholdType = Literal["bool", "int", "float", "str"]
ThresholdValue = bool | int | float | str
TYPES: Mapping[str, type[ThresholdValue]] = {"bool": bool, "int": int, "float": float, "str": str}
"""The types that a threshold of a user's own check may have: those that travel as they are."""


def _visible(text: str) -> str:
    if hidden := hidden_in(text):
        msg = f"it holds {hidden}"
        raise ValueError(msg)
    return text


def _place(where: Where) -> Where:
    if not 0 < len(_visible(where.path)) <= _LONGEST_PATH:
        msg = f"a place has 1 to {_LONGEST_PATH} characters"
        raise ValueError(msg)
    if where.line is not None and not 1 <= where.line <= _LAST_LINE:
        msg = f"a line is 1 to {_LAST_LINE:,}"
        raise ValueError(msg)
    return where


def one_line(text: str) -> str:
    """The text with every run of white space as one blank: a break could forge a line of ours."""
    return " ".join(text.split())


Said = Annotated[
    str,
    StringConstraints(max_length=LONGEST_TEXT),
    AfterValidator(_visible),
    AfterValidator(one_line),
]
Claimed = Annotated[Said, AfterValidator(no_overclaim)]
Words = Annotated[
    Text, AfterValidator(_visible), AfterValidator(one_line), AfterValidator(no_overclaim)
]
Place = Annotated[Where, AfterValidator(_place)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_]\w*$", max_length=100)]


def _plainly_named(value: NamedValue) -> NamedValue:
    no_overclaim(value.name)
    return value


Named = Annotated[NamedValue, AfterValidator(_plainly_named)]


class Threshold(Value):
    """A keyword-only argument: `defaults` holds one value, or those at tiers A, B and C."""

    name: Identifier
    type: ThresholdType
    defaults: Annotated[tuple[ThresholdValue, ...], Field(min_length=1, max_length=3)]

    @property
    def parameter(self) -> inspect.Parameter:
        """The same as the argument of a function."""
        one = len(self.defaults) == 1
        a, b, c = self.defaults * 3 if one else self.defaults
        default = a if one else PerTier((a, b, c))
        return inspect.Parameter(
            self.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=default,
            annotation=TYPES[self.type],
        )


class Description(Value):
    """All that is told of a check without running it."""

    id: CheckId
    slug: Annotated[Identifier, AfterValidator(no_overclaim)]
    question: Words
    area: Area
    source: Annotated[tuple[Words, ...], Field(min_length=1)]
    revision: Annotated[int, Field(ge=1, le=_LAST_REVISION)]
    reason: Words
    place: Place
    thresholds: tuple[Threshold, ...] = ()


class Trouble(Value):
    """What stands in the way of loading, as a `Problem` travels."""

    message: Said
    place: Said = ""
    remedy: Said = ""


class Loaded(Value):
    """The worker's answer to the request to load: every check, or every problem."""

    loaded: tuple[Description, ...] = ()
    problems: tuple[Trouble, ...] = ()


class Answer(Value):
    """What a check said, on its way from the worker."""

    status: Literal["passed", "failed", "unknown", "not_applicable"]
    message: Claimed
    looked_at: Annotated[tuple[Place, ...], Field(max_length=_MOST_PLACES)] = ()
    remedy: Claimed = ""
    reason: UnknownReason | None = None
    values: Annotated[tuple[Named, ...], Field(max_length=_MOST_PLACES)] = ()
    owner: Slug | None = None
    valid_until: AwareTime | None = None

    @property
    def outcome(self) -> Outcome:
        """The outcome, built here.

        Raises:
            NoOutcomeError: it would mislead: a pass over nothing, a gap without a remedy.
        """
        return Outcome(
            self.status,
            self.message,
            self.looked_at,
            self.remedy,
            self.reason,
            self.values,
            self.owner,
            self.valid_until,
        )


class UnansweredError(Exception):
    """A check of a user's own gave no answer: why, and where it stood if that is known."""

    def __init__(self, message: str, place: Where | None = None) -> None:
        super().__init__(message)
        self.place = place


class Answering(Protocol):
    """Whoever puts a check's question to the worker."""

    def answer(
        self, check_id: str, ctx: Context, thresholds: Mapping[str, ThresholdValue]
    ) -> Outcome:
        """The outcome of a check about one system.

        Raises:
            UnansweredError: there is none.
        """


def described(check: Check, place: Where) -> Description | Problem:
    """What the worker tells of a check, or what stands against telling it."""
    try:
        return Description(
            id=check.id,
            slug=check.slug,
            question=check.question,
            area=check.area,
            source=check.source,
            revision=check.revision,
            reason=inspect.getdoc(check.function) or "",
            place=place,
            thresholds=_thresholds(check),
        )
    except ValidationError as error:
        return Problem(f"{check.id}: {first_mistake(error)}", str(place), "correct the check")
    except _BadDefaultError as error:
        remedy = "write a default that may stand in policy.yaml"
        return Problem(f"{check.id}: {error}", str(place), remedy)
    except TypeError as error:
        known = ", ".join(TYPES)
        return Problem(f"{check.id}: {error}", str(place), f"use one of {known}, without more")


def first_mistake(error: ValidationError) -> str:
    """The first thing that is wrong with what was said, and in which part of it."""
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")


def _thresholds(check: Check) -> tuple[Threshold, ...]:
    hints = get_type_hints(check.function, include_extras=True)
    return tuple(
        _threshold(name, hints[name], parameter.default)
        for name, parameter in check.thresholds.items()
    )


def _threshold(name: str, hint: object, default: object) -> Threshold:
    known = next((word for word, kind in TYPES.items() if kind is hint), None)
    if known is None:
        msg = f"threshold {name} has a type that policy.yaml cannot be checked against"
        raise TypeError(msg)
    defaults = default.by_tier if isinstance(default, PerTier) else (default,)
    # A whole number may stand where a fraction may; true is no number.
    fits = (float, int) if known == "float" else (TYPES[known],)
    if any(type(value) not in fits for value in defaults):
        msg = f"the default of threshold {name} is no {known}"
        raise TypeError(msg)
    if why := next(filter(None, map(_why_no_default, defaults)), ""):
        raise _BadDefaultError(f"threshold {name}: {why}")
    return Threshold.model_validate({"name": name, "type": known, "defaults": defaults})


class _BadDefaultError(Exception):
    """A default of the right type that cannot travel."""


def _why_no_default(value: ThresholdValue) -> str:
    if isinstance(value, str):
        hidden = hidden_in(value)
        if hidden or len(value) > _LONGEST_DEFAULT:
            got = hidden or f"{len(value):,} characters"
            return f"{got}; expected visible text of up to {_LONGEST_DEFAULT} characters"
        return ""
    return why_no_number(value)


def as_check(told: Description, answering: Answering) -> Check:
    """A check like any other, whose function asks the worker."""

    def function(ctx: Context, **thresholds: ThresholdValue) -> Outcome:
        return answering.answer(told.id, ctx, thresholds)

    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_ONLY, annotation=Context)
    parameters = [threshold.parameter for threshold in told.thresholds]
    annotations: dict[str, Any] = {p.name: p.annotation for p in parameters}
    asks: Callable[..., Outcome] = function
    asks.__doc__, asks.__name__, asks.__annotations__ = told.reason, told.slug, annotations
    # `inspect.signature` reads this, so thresholds are listed and checked as those of ours are.
    asks.__signature__ = inspect.Signature([context, *parameters])  # type: ignore[attr-defined]  # known to `inspect` only
    return Check(
        told.id, told.slug, told.question, told.area, told.source, told.revision, function
    )
