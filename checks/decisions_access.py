"""Who may take an urgent step, and has shown with their own access that they can."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from ops_model.check.answers import own_access
from ops_model.check.api import (
    Attestation,
    Context,
    Outcome,
    Recorded,
    check,
    failed,
    no_file,
    passed,
    unknown,
)
from ops_model.domain.decisions import URGENT, Action, DecisionRight, Decisions
from ops_model.domain.duty import urgent_actions
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.on_call import ROLES
from ops_model.domain.people import People
from ops_model.domain.rollback import RollbackDrill

SHOWN: frozenset[Action] = frozenset({"rollback", "failover", "disable"})
"""What whoever may decide it has to have done themselves; an output is overridden in many ways."""

Step = tuple[Action, str]
"""An urgent action, and a person who may take it."""
Shown = Recorded[Attestation] | Recorded[RollbackDrill] | Recorded[FallbackDrill]


@check(
    "DEC-04",
    question="Has each holder of an urgent right shown that they can carry it out?",
    area="decisions",
    source=["S1.33"],
    revision=1,
)
def holder_can_execute(ctx: Context, *, max_age_days: int = 90) -> Outcome:
    """A right without access is a title; a board without authority can only be informed."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    holders = {a: _holders(ctx, right) for a in URGENT if (right := decisions.right(a))}
    if not holders.get("rollback"):
        return unknown(
            "missing",
            "nobody can be named who may roll back",
            looked_at=[decisions.place_of("rights")],
            remedy="the owner gives the right rollback to primary in decisions.yaml, and the "
            "reliability owner fills the rota in on_call.yaml",
        )
    powerless = {p: why for p in _all(holders) if (why := _why_powerless(ctx.model.people, p))}
    if powerless:
        return failed(
            f"{'; '.join(powerless.values())}; expected people who may act",
            looked_at=[r.where for a in holders if (r := decisions.right(a)) is not None],
            remedy="the owner gives the urgent rights to whoever is on call, in decisions.yaml",
        )
    asked = {a: holders[a] for a in urgent_actions(ctx.system) if a in SHOWN and a in holders}
    words = {(a, person): _shown(ctx, a, person) for a, held in asked.items() for person in held}
    limit = ctx.as_of - timedelta(days=max_age_days)
    silent = [step for step, word in words.items() if word is None]
    stale = [s for s, word in words.items() if word is not None and word.record.as_of < limit]
    if silent or stale:
        return _not_shown(ctx, decisions, silent, stale, max_age_days)
    shown = [word for word in words.values() if word is not None]
    did = "; ".join(f"{action}: {', '.join(people)}" for action, people in asked.items())
    return passed(
        f"each did it with their own access within {max_age_days} days ({did})",
        looked_at=[
            *(r.where for action in asked if (r := decisions.right(action)) is not None),
            *(word.where for word in shown),
        ],
        valid_until=min(w.record.as_of for w in shown) + timedelta(days=max_age_days),
    )


def _holders(ctx: Context, right: DecisionRight) -> tuple[str, ...]:
    """The people behind a right: those of the rota where it names a role, and the backup's too."""
    return tuple(
        dict.fromkeys(
            person
            for name in (right.holder, right.backup)
            if name is not None
            for person in _behind(ctx, name)
        )
    )


def _behind(ctx: Context, name: str) -> tuple[str, ...]:
    role = next((role for role in ROLES if role == name), None)
    if role is None:
        return (name,)
    rota = ctx.system.on_call
    return rota.rostered(role, ctx.as_of) if rota is not None else ()


def _all(holders: Mapping[Action, Sequence[str]]) -> Iterator[str]:
    yield from dict.fromkeys(person for people in holders.values() for person in people)


def _why_powerless(people: People, name: str) -> str:
    person = people.person(name)
    if person is None:
        return f"{name} is a team" if people.team(name) else f"{name} is nobody in people.yaml"
    team = people.team(person.team)
    if team is None:
        return ""
    if team.kind == "advisory":
        return f"{name} is of {team.id}, which only advises"
    return "" if team.has_authority else f"{name} is of {team.id}, which has no authority"


def _shown(ctx: Context, action: Action, person: str) -> Shown | None:
    """The last word of a person that they did it with their own access, or the drill they led."""
    word = own_access(ctx, person, action)
    led: Shown | None = None
    if action == "rollback":
        led = ctx.evidence.latest(
            RollbackDrill, matching=lambda d: d.passed and d.performed_by == person
        )
    elif action == "failover":
        led = ctx.evidence.latest(
            FallbackDrill, matching=lambda d: d.passed and d.performed_by == person
        )
    found = [one for one in (word, led) if one is not None]
    return max(found, key=lambda one: one.record.as_of, default=None)


def _not_shown(
    ctx: Context, decisions: Decisions, silent: Sequence[Step], stale: Sequence[Step], days: int
) -> Outcome:
    said = [f"{people} never said so of {action}" for action, people in _by_action(silent)]
    said += [
        f"{people} said so of {action} more than {days} days ago"
        for action, people in _by_action(stale)
    ]
    open_ones = [*silent, *stale]
    commands = [
        f"`ops-model attest {ctx.system.id} --topic access --action {action} --as {person} "
        "--text '...'`"
        for action, person in open_ones
    ]
    actions = dict.fromkeys(action for action, _ in open_ones)
    return unknown(
        "missing" if silent else "expired",
        "who may take an urgent step has to have done it with their own access; "
        f"{'; '.join(said)}",
        looked_at=[r.where for action in actions if (r := decisions.right(action)) is not None],
        remedy=f"{', '.join(dict.fromkeys(person for _, person in open_ones))}: do it in a test "
        f"environment, and say so with {', '.join(commands)}",
    )


def _by_action(steps: Sequence[Step]) -> Iterator[tuple[Action, str]]:
    for action in dict.fromkeys(action for action, _ in steps):
        yield action, ", ".join(person for step, person in steps if step == action)
