"""The next four hours after a page, walked through before they come: no gap, and rehearsed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from ops_model.check.api import (
    AtLeast,
    Context,
    Outcome,
    aged,
    all_of,
    by_tier,
    check,
    counted,
    failed,
    passed,
    unknown,
)
from ops_model.check.enough import judging_by
from ops_model.check.game_days import Walked, attended, counts, no_failure_mode, there, unattended
from ops_model.check.remedies import rehearse_fallback, rehearse_rollback
from ops_model.check.remedies_drills import walk_game_day
from ops_model.domain.four_hours import next_night, steps_of_each
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.trials import GameDayResult
from ops_model.domain.values import Where, zone
from ops_model.domain.walk import WalkStep

SHOWN_FIRST = 4
"""How many open steps a remedy speaks of at once; who closes those reads on in the card."""
CLOSED_BY: Mapping[int, str] = {
    0: "the reliability owner gives each failure mode a monitor in signals.yaml that runs by "
    "itself, alerts somebody, has a `detect_within_hours` of a day at most, and is measured: by "
    "an objective of service_levels.yaml with a log, the log of its feed or outcome, a rule",
    5: "the reliability owner closes the hole of the rota in on_call.yaml, with an escalation",
    10: "whoever is paged then runs the declared query, `ops-model drill access {system} --as "
    "PERSON`, or opens the log and says so: `ops-model attest {system} --topic access --action "
    "query_logs`",
    12: "the owner gives each right to stop the harm (rollback, failover, disable, and what "
    "answers the failure) to somebody on call, alone, in decisions.yaml",
    15: "the reliability owner writes the steps: in rollback.yaml, in fallback.yaml, or in a "
    "playbook of signals.yaml",
    25: "whoever may do it by hand runs its no-op, `ops-model drill access {system} --as PERSON`, "
    "or tries it in test and says so: `ops-model attest {system} --topic access --action "
    "override_output` (or disable)",
    30: "the owner writes the `text` for users under `communication` in decisions.yaml, and what "
    "a fallback tells them is seen in its drill, `ops-model drill fallback {system}`",
    45: "the reliability owner gives the logs of signals.yaml a `key` and a log of outcomes, and "
    "the cost owner writes the `value` of a unit in cost.yaml",
    60: "the owner gives notify_users to somebody on call in decisions.yaml, and describes "
    "`support` in system.yaml",
    90: "the compliance owner writes role, risk class and jurisdictions under `legal` in "
    "compliance.yaml",
    120: "the owner gives a right of decisions.yaml a `money_limit`",
    180: "the owner gives restore to somebody on call in decisions.yaml, and writes what must be "
    "true by then (`retraining.must_pass` in signals.yaml, or a quality objective)",
    240: "the owner gives the duty improvement to somebody in ownership.yaml",
}
"""What closes a step of the walk, by its minute, where no drill does."""


@check(
    "INC-01",
    question="Do the next four hours after a page have no gap, on paper and in a game day?",
    area="incidents",
    source=["S1.35", "S1.36"],
    revision=4,
)
def four_hours_have_no_gap(
    ctx: Context,
    *,
    max_age_days: int = by_tier(90, 180, 365),
    min_attended: Annotated[int, AtLeast((1, 1, 0))] = by_tier(2, 1, 0),
) -> Outcome:
    """Whoever has to look up the owner, or find out how to read the log, has no plan."""
    modes = ctx.system.identity.failure_modes
    if not modes:
        return no_failure_mode(ctx)
    at = next_night(ctx.model, as_of=ctx.as_of)
    walks = steps_of_each(
        ctx.model, ctx.system, at=at, told=ctx.evidence.told, judging=judging_by(ctx)
    )
    if any(_gaps(walk) for walk in walks):
        return _open_steps(ctx, walks, at)
    steps = [step for walk in walks for step in walk]
    night = at.astimezone(zone(ctx.model.settings.zone))
    answered = passed(
        f"every step of the four hours after {night:%a %Y-%m-%d %H:%M %Z} is answered, for "
        f"{counted(len(modes), 'failure mode')}",
        looked_at=_places(steps),
    )
    return all_of([answered, _rehearsed(ctx, max_age_days, min_attended)])


def _gaps(walk: Sequence[WalkStep]) -> list[WalkStep]:
    return [step for step in walk if not step.ok]


def _open_steps(ctx: Context, walks: Sequence[Sequence[WalkStep]], at: datetime) -> Outcome:
    """What the objects leave without an answer, each gap once with the failures that meet it."""
    modes = ctx.system.identity.failure_modes
    met: dict[tuple[int, str, str], list[str]] = {}
    for mode, walk in zip(modes, walks, strict=True):
        for step in _gaps(walk):
            key = (step.minute, step.answer, step.check)
            met.setdefault(key, []).append(mode.id)
    said = [
        f"T+{minute} {answer} ({check_id}"
        + (")" if len(ids) == len(walks) else f"; {', '.join(ids)})")
        for (minute, answer, check_id), ids in sorted(met.items())
    ]
    minutes = sorted({minute for minute, _, _ in met})
    found = [_closed_by(ctx.system, minute, check_id) for minute, _, check_id in sorted(met)]
    closed = list(dict.fromkeys(found))
    card = f"then `ops-model oncall {ctx.system.id} --card` shows the other steps"
    rest = [card] if len(closed) > SHOWN_FIRST else []
    night = at.astimezone(zone(ctx.model.settings.zone))
    return failed(
        f"{counted(len(minutes), 'step')} of the four hours after {night:%a %Y-%m-%d %H:%M %Z} "
        f"{'has' if len(minutes) == 1 else 'have'} no answer: {'; '.join(said)}",
        looked_at=[
            *(m.where for m, w in zip(modes, walks, strict=True) if _gaps(w)),
            *_places([step for walk in walks for step in _gaps(walk)]),
        ],
        remedy="; ".join([*closed[:SHOWN_FIRST], *rest]),
    )


def _closed_by(system: SystemClaims, minute: int, check_id: str) -> str:
    """What closes an open step: a drill where one shows it, else what is written or said."""
    if minute == 8:
        return rehearse_rollback(system, "whoever is paged then")
    if minute == 25 and check_id.startswith("RBK"):
        return rehearse_rollback(system)
    if minute == 25 and check_id.startswith("FBK"):
        return rehearse_fallback(system)
    return CLOSED_BY[minute].format(system=system.id)


def _places(steps: Sequence[WalkStep]) -> list[Where]:
    return list(dict.fromkeys(place for step in steps for place in step.looked_at))


def _rehearsed(ctx: Context, max_age_days: int, min_attended: int) -> Outcome:
    """Whether a game day of the present text is on record that found no gap, with people there."""
    last = _last_of_each(ctx, max_age_days)
    if not last:
        return _never_or_long_ago(ctx, max_age_days)
    texts = {file: ref.digest for file, ref in ctx.texts.items()}
    present = [day for day in last if _of_present_text(texts, day)]
    broken_off = [day for day in present if day.record.gaps]
    if broken_off:
        return failed(
            "; ".join(_gaps_of(day) for day in broken_off),
            looked_at=[day.where for day in broken_off],
            remedy=f"the owner closes what the game day found in the files of {ctx.system.id} "
            "(system.yaml first); then "
            f"{walk_game_day(ctx.system, broken_off[0].record.scenario)}",
        )
    if not present:
        newest = max(last, key=lambda day: day.record.as_of)
        return unknown(
            "expired",
            f"the game day of {newest.record.as_of.date()} walked through an earlier text of the "
            "claim files",
            looked_at=[ctx.system.where, newest.where],
            remedy=walk_game_day(ctx.system, newest.record.scenario, newest.record.failure_mode),
        )
    best = max(present, key=lambda day: (min(attended(ctx, day), min_attended), day.record.as_of))
    if why := unattended(ctx, best, min_attended):
        return why
    return passed(
        f"scenario {best.record.scenario} was walked on {best.record.as_of.date()} without a gap"
        f"{there(attended(ctx, best))}",
        looked_at=[best.where],
        valid_until=best.record.as_of + timedelta(days=max_age_days),
    )


def _gaps_of(day: Walked) -> str:
    gaps = [f"T+{gap.minute} {gap.question} ({gap.check})" for gap in day.record.gaps]
    return f"scenario {day.record.scenario} of {day.record.as_of.date()}: {'; '.join(gaps)}"


def _last_of_each(ctx: Context, max_age_days: int) -> list[Walked]:
    """The last game day of each scenario, as far as it is in date."""
    last: dict[str, Walked] = {}
    for day in ctx.evidence.all(GameDayResult, matching=counts):
        before = last.get(day.record.scenario)
        if before is None or before.record.as_of <= day.record.as_of:
            last[day.record.scenario] = day
    limit = ctx.as_of - timedelta(days=max_age_days)
    return [day for day in last.values() if day.record.as_of >= limit]


def _never_or_long_ago(ctx: Context, max_age_days: int) -> Outcome:
    found = ctx.evidence.latest(GameDayResult, matching=counts)
    if found is None:
        return unknown(
            "missing",
            "no such measurement: no game day is on record, so nobody has walked it",
            looked_at=[ctx.system.where],
            remedy=walk_game_day(ctx.system),
        )
    age = aged(ctx.as_of - found.record.as_of, timedelta(days=1))
    return unknown(
        "expired",
        f"the last game day is {age} days old; expected at most {max_age_days}",
        looked_at=[ctx.system.where, found.where],
        remedy=walk_game_day(ctx.system),
    )


def _of_present_text(texts: Mapping[str, str], day: Walked) -> bool:
    """True when the files that a game day walked through read as they did then."""
    used = day.record.claims
    return bool(used) and all(texts.get(ref.file) == ref.digest for ref in used)
