"""Thresholds: a check's keyword-only arguments, as `policy.yaml` may set them.

Claims arrive as text, so a number may be written `30`; `soon` is refused at its line.
"""

import difflib
import inspect
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from ops_model.check.lowered import lowered
from ops_model.check.question import AtLeast, Check, PerTier
from ops_model.check.waivers import NEVER_SWITCHED_OFF, NEVER_WAIVED
from ops_model.domain.canonical import MOST_WHOLE
from ops_model.domain.of_last import of_last
from ops_model.domain.policy import DEFAULT_MINIMUM_GRADES, Policy, SwitchOff
from ops_model.domain.system import Tier
from ops_model.errors import PolicyError, Problem

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_TIERS: tuple[str, ...] = get_args(Tier)
_LIMITS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
_LONGEST_SHOWN = 60
_CENTURY_DAYS = 36_525
_LONGEST = {
    "seconds": _CENTURY_DAYS * 24 * 60 * 60,
    "minutes": _CENTURY_DAYS * 24 * 60,
    "hours": _CENTURY_DAYS * 24,
    "days": _CENTURY_DAYS,
    "weeks": _CENTURY_DAYS // 7,
    "months": 100 * 12,
    "years": 100,
}
"""The longest time that a threshold may be set to, by the unit in its name.

No calendar goes further than the year 9999, so that a check which looks so far would crash; and
nobody means more than a hundred years.
"""
_EXPECTED = {
    "finite_number": "expected a finite number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": f"expected at most {MOST_WHOLE:,}",
    "int_from_float": "expected a whole number",
    "float_parsing": "expected a number",
    "bool_parsing": "expected true or false",
}
"""What was expected, by the kind of mistake, in our own words."""


def problem_of_signature(check: Check) -> str:
    """What is wrong with a check function's arguments, or an empty text.

    It takes one positional argument, the context; every other is keyword-only with a type and a
    default, so that a policy without thresholds judges too.
    """
    parameters = list(inspect.signature(check.function).parameters.values())
    thresholds = list(check.thresholds.values())
    others = [p.kind for p in parameters if p.name not in check.thresholds]
    if len(others) != 1 or others[0] not in _POSITIONAL:
        return "expected one positional argument (the context) and keyword-only thresholds"
    for parameter in thresholds:
        if parameter.annotation is inspect.Parameter.empty:
            return f"threshold {parameter.name} has no type"
        if parameter.default is inspect.Parameter.empty:
            return f"threshold {parameter.name} has no default"
    return ""


def thresholds_of(check: Check, policy: Policy, tier: Tier) -> dict[str, Any]:
    """The values that the policy sets for a check at a tier; other thresholds keep their default.

    Raises:
        ValidationError: a value has the wrong type; `check_policy` finds that beforehand.
    """
    given = policy.thresholds.get(check.id, {})
    if not given:
        return {}
    chosen = {name: _at_tier(value, tier) for name, value in given.items()}
    model = _model_of(check)
    values = model.model_validate({n: v for n, v in chosen.items() if v is not None})
    return {name: getattr(values, name) for name in values.model_fields_set}


@of_last
def check_policy(checks: Sequence[Check], policy: Policy) -> None:
    """Refuse a policy that names what does not exist, or sets what nothing can be judged by.

    Raises:
        PolicyError: with all problems, each at its line and with the nearest match.
    """
    by_id = {check.id: check for check in checks}
    groups = {check.group for check in checks} | set(DEFAULT_MINIMUM_GRADES)
    problems = [p for i, given in policy.thresholds.items() for p in _in(policy, by_id, i, given)]
    problems += [
        _unknown(policy, f"minimum_grades.{name}", name, [*by_id, *groups])
        for name in policy.minimum_grades
        if name not in by_id and name not in groups
    ]
    problems += lowered(policy, by_id)
    for waiver in policy.waivers:
        if waiver.check_id not in by_id:
            near = _nearest(waiver.check_id, by_id)
            where = str(waiver.place_of("check_id"))
            problems.append(Problem(f"{waiver.check_id} is no check that is loaded", where, near))
    problems += [p for switch in policy.switched_off for p in _of_switch(switch, by_id)]
    problems += _switched_off_twice(policy.switched_off)
    if problems:
        raise PolicyError(problems=problems)


def limits_of(check: Check, name: str) -> str:
    """What policy.yaml may set a threshold to, as text; empty where it may set anything."""
    hint = get_type_hints(check.function, include_extras=True)[name]
    said = []
    for mark in getattr(hint, "__metadata__", ()):
        if isinstance(mark, AtLeast):
            said.append(f"at least {PerTier(mark.by_tier)}")
        for limit in getattr(mark, "metadata", ()):
            said += [
                f"{words} {getattr(limit, key):g}"
                for key, words in _LIMITS.items()
                if getattr(limit, key, None) is not None
            ]
    return ", ".join(said)


def _of_switch(switch: SwitchOff, by_id: Mapping[str, Check]) -> list[Problem]:
    where = str(switch.place_of("check_id"))
    if switch.check_id not in by_id:
        near = _nearest(switch.check_id, by_id)
        return [Problem(f"{switch.check_id} is no check that is loaded", where, near)]
    if switch.check_id in NEVER_SWITCHED_OFF:
        why = ", as it cannot be waived" if switch.check_id in NEVER_WAIVED else ""
        instead = "" if why else ", or is answered for by a waiver"
        return [
            Problem(
                f"{switch.check_id} cannot be switched off{why}",
                where,
                f"take the entry out; what the check asks has to be answered{instead}",
            )
        ]
    return []


def _switched_off_twice(switches: Sequence[SwitchOff]) -> list[Problem]:
    first: dict[str, SwitchOff] = {}
    return [
        Problem(
            f"{switch.check_id} is switched off twice, at {before.where} and here",
            str(switch.place_of("check_id")),
            "take one of the two entries out",
        )
        for switch in switches
        if (before := first.setdefault(switch.check_id, switch)) is not switch
    ]


# A fleet asks for the same few models once for each system.
@lru_cache(maxsize=512)
def _model_of(check: Check) -> type[BaseModel]:
    hints = get_type_hints(check.function, include_extras=True)
    # A field's default is never read: only what the policy sets is taken from the model.
    unset = Field(default=None)
    fields: dict[str, Any] = {name: (hints[name], unset) for name in check.thresholds}
    # NaN compares false with everything, so a limit of NaN would let anything pass.
    config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    return create_model(f"{check.slug}_thresholds", __config__=config, **fields)


def _at_tier(value: object, tier: str) -> object:
    return value.get(tier) if isinstance(value, Mapping) else value


def _in(
    policy: Policy, by_id: Mapping[str, Check], check_id: str, given: Mapping[str, Any]
) -> list[Problem]:
    if check_id not in by_id:
        return [_unknown(policy, f"thresholds.{check_id}", check_id, by_id)]
    check = by_id[check_id]
    problems = []
    for name, value in given.items():
        key = f"thresholds.{check_id}.{name}"
        if name not in check.thresholds:
            names = " or ".join(check.thresholds) or "none at all"
            problems.append(
                Problem(
                    f"{check_id} has no threshold {name}; expected {names}",
                    str(policy.place_of(key)),
                    _nearest(name, check.thresholds),
                )
            )
            continue
        problems += _wrong_values(policy, check, key, name, value)
    return problems


def _wrong_values(
    policy: Policy, check: Check, key: str, name: str, value: object
) -> list[Problem]:
    if value == {}:
        message = f"{check.id}.{name} is empty; expected one value, or one per tier"
        return [Problem(message, str(policy.place_of(key)), _such_as(check, name))]
    problems = []
    model = _model_of(check)
    for tier, one in (value if isinstance(value, Mapping) else {None: value}).items():
        place = str(policy.place_of(f"{key}.{tier}" if tier else key))
        if tier is not None and tier not in _TIERS:
            message = f"{check.id}.{name} names the tier {tier!r}; expected {', '.join(_TIERS)}"
            problems.append(Problem(message, place, "write one value, or one per tier"))
            continue
        why = _why_wrong(model, name, one) or _too_little(check, name, one, tier)
        if why:
            message = f"{check.id}.{name} is {_shown(one)}; {why}"
            problems.append(Problem(message, place, _such_as(check, name)))
    return problems


def _such_as(check: Check, name: str) -> str:
    return f"write a value such as {check.thresholds[name].default}"


def why_no_number(value: float) -> str:
    """Why a number can be no limit, or an empty text."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value}; expected a finite number"
    if isinstance(value, int) and abs(value) > MOST_WHOLE:
        return f"too large a number; expected at most {MOST_WHOLE:,}"
    return ""


def _why_wrong(model: type[BaseModel], name: str, value: object) -> str:
    """Why a threshold cannot have this value, or an empty text."""
    try:
        read = getattr(model.model_validate({name: value}), name)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return _EXPECTED.get(first["type"], str(first["msg"]))
    if isinstance(read, int) and abs(read) > MOST_WHOLE:
        return f"expected at most {MOST_WHOLE:,}"
    unit = next((word for word in name.split("_") if word in _LONGEST), None)
    if unit is not None and isinstance(read, int | float) and read > _LONGEST[unit]:
        return f"expected at most {_LONGEST[unit]:,} {unit}, which are a hundred years"
    # A minimum below zero is none, and every age is above such a maximum.
    below = isinstance(read, int | float) and read < 0
    return "expected zero or more" if below else ""


def _too_little(check: Check, name: str, value: object, tier: str | None) -> str:
    """Why a value is less than a tier asks for, or an empty text; one value is set for all."""
    hint = get_type_hints(check.function, include_extras=True)[name]
    least = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, AtLeast)), None)
    if least is None:
        return ""
    asked = {t: m for t, m in zip(_TIERS, least.by_tier, strict=True) if tier in {None, t}}
    short = [f"{m:g} at tier {t}" for t, m in asked.items() if float(str(value)) < m]
    return f"expected at least {', '.join(short)}" if short else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _unknown(policy: Policy, key: str, name: str, known: Iterable[str]) -> Problem:
    return Problem(
        f"{name} is no check that is loaded", str(policy.place_of(key)), _nearest(name, known)
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else "see `ops-model checks list` for what there is"
