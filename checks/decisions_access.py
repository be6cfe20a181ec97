"""Who may take an urgent step, and has shown with their own access that they can."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_model.check.answers import own_access
from ops_model.check.api import (
    Context,
    Outcome,
    check,
    failed,
    no_file,
    passed,
    unknown,
)
from ops_model.check.remedies_drills import use_right
from ops_model.domain.access import people_behind
from ops_model.domain.decisions import URGENT, Action, Decisions
from ops_model.domain.duty import urgent_actions
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.values import Where

SHOWN: frozenset[Action] = frozenset({"rollback", "failover", "disable"})
"""What whoever may decide it has to have done themselves; an output is overridden in many ways."""

Step = tuple[Action, str]
"""An urgent action, and a person who may take it."""


@dataclass(frozen=True)
class Shown:
    """When a person last showed a step, or tried it in vain (`why_not`), and where that stands."""

    as_of: datetime
    where: Where
    why_not: str = ""


@check(
    "DEC-04",
    question="Has each holder of an urgent right shown that they can carry it out?",
    area="decisions",
    source=["S1.33"],
    revision=2,
)
def holder_can_execute(ctx: Context, *, max_age_days: int = 90) -> Outcome:
    """A right without access is a title; a board without authority can only be informed."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    holders = {
        a: people_behind(ctx.system, right, ctx.as_of)
        for a in URGENT
        if (right := decisions.right(a))
    }
    if not holders.get("rollback"):
        return unknown(
            "missing",
            "nobody can be named who may roll back",
            looked_at=[decisions.place_of("rights")],
            remedy="the owner gives the right rollback to primary in decisions.yaml, and the "
            "reliability owner fills the rota in on_call.yaml",
        )
    powerless = {p: why for p in _all(holders) if (why := ctx.model.people.why_powerless(p))}
    if powerless:
        return failed(
            f"{'; '.join(powerless.values())}; expected people who may act",
            looked_at=[r.where for a in holders if (r := decisions.right(a)) is not None],
            remedy="the owner gives the urgent rights to whoever is on call, in decisions.yaml",
        )
    asked = {a: holders[a] for a in urgent_actions(ctx.system) if a in SHOWN and a in holders}
    words = {(a, person): _shown(ctx, a, person) for a, held in asked.items() for person in held}
    in_vain = {step: word for step, word in words.items() if word is not None and word.why_not}
    if in_vain:
        return _could_not(ctx, in_vain)
    limit = ctx.as_of - timedelta(days=max_age_days)
    silent = [step for step, word in words.items() if word is None]
    stale = [s for s, word in words.items() if word is not None and word.as_of < limit]
    if silent or stale:
        return _not_shown(ctx, decisions, silent, stale, max_age_days)
    shown = [word for word in words.values() if word is not None]
    did = "; ".join(f"{action}: {', '.join(people)}" for action, people in asked.items())
    return passed(
        f"each showed it with their own access within {max_age_days} days ({did})",
        looked_at=[
            *(r.where for action in asked if (r := decisions.right(action)) is not None),
            *(word.where for word in shown),
        ],
        valid_until=min(w.as_of for w in shown) + timedelta(days=max_age_days),
    )


def _all(holders: Mapping[Action, Sequence[str]]) -> Iterator[str]:
    yield from dict.fromkeys(person for people in holders.values() for person in people)


def _shown(ctx: Context, action: Action, person: str) -> Shown | None:
    """The last of a person: their word, their drill of access, or the drill that they led."""
    found = []
    word = own_access(ctx, person, action)
    if word is not None:
        found.append(Shown(word.as_of, word.statement.place, "" if word.ok else word.why))
    if action == "rollback":
        back = ctx.evidence.latest(
            RollbackDrill, matching=lambda d: d.passed and d.performed_by == person
        )
        found += [Shown(back.record.as_of, back.where)] if back is not None else []
    elif action == "failover":
        over = ctx.evidence.latest(
            FallbackDrill, matching=lambda d: d.passed and d.performed_by == person
        )
        found += [Shown(over.record.as_of, over.where)] if over is not None else []
    return max(found, key=lambda one: one.as_of, default=None)


def _could_not(ctx: Context, in_vain: Mapping[Step, Shown]) -> Outcome:
    """The answer where somebody's last attempt did not work, whatever they could do before."""
    tried = [
        f"{person} tried {action} on {shown.as_of.date()}, in vain: {shown.why_not}"
        for (action, person), shown in in_vain.items()
    ]
    again = [use_right(ctx.system, action, people) for action, people in _who(list(in_vain))]
    return failed(
        "; ".join(tried),
        looked_at=[shown.where for shown in in_vain.values()],
        remedy="the platform gives them the access that is lacking, or the owner corrects `no_op` "
        f"in decisions.yaml; then {'; '.join(again)}",
    )


def _not_shown(
    ctx: Context, decisions: Decisions, silent: Sequence[Step], stale: Sequence[Step], days: int
) -> Outcome:
    said = [f"{', '.join(people)} never showed {action}" for action, people in _who(silent)]
    said += [
        f"{', '.join(people)} showed {action} more than {days} days ago"
        for action, people in _who(stale)
    ]
    open_ones = [*silent, *stale]
    actions = dict.fromkeys(action for action, _ in open_ones)
    return unknown(
        "missing" if silent else "expired",
        "who may take an urgent step has to have shown it with their own access; "
        f"{'; '.join(said)}",
        looked_at=[r.where for action in actions if (r := decisions.right(action)) is not None],
        remedy="; ".join(use_right(ctx.system, a, people) for a, people in _who(open_ones)),
    )


def _who(steps: Sequence[Step]) -> Iterator[tuple[Action, list[str]]]:
    """The people of each action."""
    for action in dict.fromkeys(action for action, _ in steps):
        yield action, [person for step, person in steps if step == action]
