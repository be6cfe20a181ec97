"""What a rollout in stages may do now: open, held by something, done, or later. No record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ops_model.domain.change import ChangeRequest, RolloutPlan, RolloutStage
from ops_model.domain.trials import ChallengerResult
from ops_model.domain.values import iso_utc

StageState = Literal["done", "open", "later", "held"]
OPENS = frozenset({"better", "non_inferior"})
"""The verdicts by which a first stage opens."""


@dataclass(frozen=True)
class StageSeen:
    """A stage, what it may do now, why, and each check that it needs with its status."""

    stage: RolloutStage
    state: StageState
    why: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Staged:
    """A request's rollout; `verdict` says what holds it, empty where nothing does."""

    request: ChangeRequest
    rollout: RolloutPlan
    verdict: tuple[str, ...]
    stages: tuple[StageSeen, ...]


def staged(
    request: ChangeRequest,
    rollout: RolloutPlan,
    result: ChallengerResult | None,
    *,
    statuses: Mapping[str, str],
    serves: bool,
    as_of: datetime,
) -> Staged:
    """Each stage of a rollout as it stands.

    Args:
        request: the change.
        rollout: its stages.
        result: the last verdict on these two versions as they are now.
        statuses: what each check says.
        serves: whether the version serves everybody already.
        as_of: the instant that judges.
    """
    hold = _why_held(request, result)
    stages: list[StageSeen] = []
    held_before = 0
    begins = rollout.starts_at
    for number, stage in enumerate(rollout.stages, start=1):
        lacking = [check for check in stage.needs if statuses.get(check) != "passed"]
        why = hold if number == 1 else ""
        if lacking and not why:
            why = f"held by {', '.join(lacking)}"
        if held_before and not why:
            why = f"stage {held_before} is held"
        ends = begins + timedelta(hours=stage.min_hours)
        state, why = _state(why, serves=serves, begins=begins, ends=ends, as_of=as_of)
        if state == "held":
            held_before = held_before or number
        needs = tuple(f"{check} ({statuses.get(check, 'no such check')})" for check in stage.needs)
        stages.append(StageSeen(stage, state, why, needs))
        begins = ends
    return Staged(request, rollout, (hold,) if hold else (), tuple(stages))


def _why_held(request: ChangeRequest, result: ChallengerResult | None) -> str:
    """Why the first stage may not open; empty where a verdict opens it."""
    pair = f"{request.from_version} against {request.to_version} as they are now"
    if result is None:
        return f"no verdict on {pair} is on record"
    if result.verdict in OPENS:
        return ""
    return f"the verdict on {pair} is {result.verdict}, of {result.as_of.date()}"


def _state(
    why: str, *, serves: bool, begins: datetime, ends: datetime, as_of: datetime
) -> tuple[StageState, str]:
    if serves:
        # What serves everybody is past its stages, whatever should have held it.
        return "done", f"though {why}" if why else ""
    if why:
        return "held", why
    if as_of < begins:
        return "later", f"not before {iso_utc(begins)}"
    return "open", "" if as_of < ends else f"its time was over on {iso_utc(ends)}"
