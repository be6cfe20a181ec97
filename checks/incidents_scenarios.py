"""Each way of failing has a scenario, and each scenario was walked through by people."""

from collections.abc import Callable, Sequence
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
from ops_model.check.game_days import attended, counts, no_failure_mode, there, unattended
from ops_model.check.remedies import made_later
from ops_model.domain.system import FailureMode
from ops_model.domain.trials import GameDayResult


@check(
    "INC-07",
    question="Has each way of failing a scenario, and was each of them walked through lately?",
    area="incidents",
    source=["S1.16"],
    revision=1,
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
    walked = [
        _walked(ctx, mode, scenario, max_age_days, min_attended)
        for mode, scenario in named
        if (mode, scenario) not in never
    ]
    return all_of(
        [
            *(_without_scenario(mode) for mode in modes if not mode.scenarios),
            *([_never_walked(never)] if never else []),
            *walked,
        ]
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


def _of(mode: FailureMode, scenario: str) -> Callable[[GameDayResult], bool]:
    """Which game days walked a scenario for this failure, or for none in particular."""
    return lambda day: (
        counts(day) and day.scenario == scenario and day.failure_mode in {None, mode.id}
    )


def _never_walked(never: Sequence[tuple[FailureMode, str]]) -> Outcome:
    """One answer for all scenarios that nobody ever walked."""
    by_mode: dict[str, list[str]] = {}
    for mode, scenario in never:
        by_mode.setdefault(mode.id, []).append(scenario)
    said = "; ".join(f"{mode}: {', '.join(scenarios)}" for mode, scenarios in by_mode.items())
    return unknown(
        "missing",
        f"no such measurement: {counted(len(never), 'scenario')} never walked ({said})",
        looked_at=list(dict.fromkeys(mode.where for mode, _ in never)),
        remedy=made_later("game_day", "INC-07"),
    )


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
        remedy=made_later("game_day", "INC-07"),
        matching=_of(mode, scenario),
    )
    if isinstance(found, Outcome):
        return found
    if why := unattended(ctx, found, min_attended):
        return why
    return passed(
        f"{mode.id}: {scenario} walked on {found.record.as_of.date()}"
        f"{there(attended(ctx, found))}",
        looked_at=[mode.where, found.where],
        valid_until=valid_until(found, max_age_days=max_age_days),
    )
