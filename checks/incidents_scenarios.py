"""Each way of failing has a scenario, and each scenario was walked through by people."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated

from ops_model.check.api import (
    AtLeast,
    Context,
    Outcome,
    all_of,
    by_tier,
    check,
    counted,
    failed,
    latest_in_date,
    passed,
    unknown,
    valid_until,
)
from ops_model.check.game_days import (
    Walked,
    attended,
    counts,
    no_failure_mode,
    there,
    unattended,
)
from ops_model.check.remedies_drills import walk_game_day
from ops_model.domain.assessment import NamedValue
from ops_model.domain.evidence import Measured
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.system import FailureMode
from ops_model.domain.trials import GameDayResult
from ops_model.domain.values import claim_digest


@check(
    "INC-07",
    question="Has each way of failing a scenario, and was each of them walked through lately?",
    area="incidents",
    source=["S1.16"],
    revision=2,
)
def scenarios_are_walked(
    ctx: Context,
    *,
    max_age_days: int = by_tier(90, 180, 365),
    min_attended: Annotated[int, AtLeast((1, 1, 0))] = by_tier(2, 1, 0),
) -> Outcome:
    """A failure that was only ever described is met for the first time when it happens."""
    modes = ctx.system.identity.failure_modes
    if not modes:
        return no_failure_mode(ctx)
    named = [(mode, scenario) for mode in modes for scenario in mode.scenarios]
    never = [(mode, scenario) for mode, scenario in named if not _ever(ctx, mode, scenario)]
    replaced = tuple(dict.fromkeys(s for mode, s in never if _with_fewer(ctx, mode, s)))
    walked = [
        _walked(ctx, mode, scenario, max_age_days, min_attended)
        for mode, scenario in named
        if (mode, scenario) not in never
    ]
    found = all_of(
        [
            *(_without_scenario(mode) for mode in modes if not mode.scenarios),
            *([_never_walked(ctx.system, never, replaced)] if never else []),
            *walked,
        ]
    )
    return replace(found, values=_coverage(modes, named, never))


def _coverage(
    modes: Sequence[FailureMode],
    named: Sequence[tuple[FailureMode, str]],
    never: Sequence[tuple[FailureMode, str]],
) -> tuple[NamedValue, ...]:
    """How many failures have a scenario, and how many of the scenarios were ever walked."""
    with_one = sum(bool(mode.scenarios) for mode in modes)
    parts = {"failures with a scenario": (with_one, len(modes))}
    if named:
        parts["scenarios ever walked"] = (len(named) - len(never), len(named))
    return tuple(
        NamedValue(
            name=name,
            measured=Measured(value=part / whole, unit="share", n=whole, no_interval="exact"),
        )
        for name, (part, whole) in parts.items()
    )


def _without_scenario(mode: FailureMode) -> Outcome:
    return failed(
        f"failure mode {mode.id} names no scenario",
        looked_at=[mode.where],
        remedy=f"the owner names under `scenarios` of failure mode {mode.id} in system.yaml "
        "the scenario that rehearses it, such as G01",
    )


def _ever(ctx: Context, mode: FailureMode, scenario: str) -> bool:
    return ctx.evidence.latest(GameDayResult, matching=_of(mode, scenario)) is not None


def _of(
    mode: FailureMode, scenario: str, *, fewer: bool = False
) -> Callable[[GameDayResult], bool]:
    """Which game days walked a scenario for this failure, or for none in particular.

    One that a workbook put in the place of ours, with fewer questions, counts as its own alone.
    """
    return lambda day: (
        counts(day)
        and day.scenario == scenario
        and day.failure_mode in {None, mode.id}
        and bool(day.left_out) == fewer
    )


def _with_fewer(ctx: Context, mode: FailureMode, scenario: str) -> bool:
    matching = _of(mode, scenario, fewer=True)
    return ctx.evidence.latest(GameDayResult, matching=matching) is not None


def _never_walked(
    system: SystemClaims, never: Sequence[tuple[FailureMode, str]], replaced: Sequence[str]
) -> Outcome:
    """One answer for all scenarios that nobody ever walked; some were replaced by less."""
    by_mode: dict[str, list[str]] = {}
    for mode, scenario in never:
        by_mode.setdefault(mode.id, []).append(scenario)
    said = "; ".join(f"{mode}: {', '.join(scenarios)}" for mode, scenarios in by_mode.items())
    fewer = f"; replaced by fewer questions: {', '.join(replaced)}" if replaced else ""
    return unknown(
        "missing",
        f"no such measurement: {counted(len(never), 'scenario')} never walked ({said}){fewer}",
        looked_at=list(dict.fromkeys(mode.where for mode, _ in never)),
        remedy=_whole_again(replaced) + _walk_those(system, never),
    )


def _whole_again(replaced: Sequence[str]) -> str:
    """What is written first, where a scenario of the workbook asks less than ours did."""
    if not replaced:
        return ""
    files = ", ".join(f"scenarios/{scenario}.yaml" for scenario in replaced)
    return f"the owner adds the questions of ours to {files}, or gives it another id; then "


def _walk_those(system: SystemClaims, never: Sequence[tuple[FailureMode, str]]) -> str:
    """The command that walks the first, and how the others are walked."""
    mode, scenario = never[0]
    first = walk_game_day(system, scenario, mode.id)
    others = f"; `ops-model drill game-day {system.id} --all` walks each that a failure names"
    return first + (others if len(never) > 1 else "")


def _walked(
    ctx: Context, mode: FailureMode, scenario: str, max_age_days: int, min_attended: int
) -> Outcome:
    """Whether one scenario was walked for a failure mode, in date and attended."""
    found = latest_in_date(
        ctx,
        GameDayResult,
        max_age_days=max_age_days,
        missing=f"scenario {scenario} of failure mode {mode.id} was never walked through",
        claim=mode.where,
        remedy=walk_game_day(ctx.system, scenario, mode.id),
        matching=_of(mode, scenario),
    )
    if isinstance(found, Outcome):
        return found
    if why := _of_another_text(ctx, mode, found) or unattended(ctx, found, min_attended):
        return why
    return passed(
        f"{mode.id}: {scenario} walked on {found.record.as_of.date()}"
        f"{there(attended(ctx, found))}",
        looked_at=[mode.where, found.where],
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _of_another_text(ctx: Context, mode: FailureMode, day: Walked) -> Outcome | None:
    """The answer where a workbook's own scenario reads otherwise than when it was walked."""
    known = {one.id: one for one in ctx.model.scenarios}
    own, walked = known.get(day.record.scenario), day.record.scenario_digest
    if own is None or walked in {None, claim_digest(own)}:
        return None
    return unknown(
        "expired",
        f"scenario {own.id} of failure mode {mode.id} reads otherwise than on "
        f"{day.record.as_of.date()}, when it was walked",
        looked_at=[own.where, day.where],
        remedy=walk_game_day(ctx.system, own.id, mode.id),
    )
