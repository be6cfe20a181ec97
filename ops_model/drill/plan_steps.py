"""The steps of a rollback plan: which change something, which switch, and how each is undone."""

from ops_model.domain.rollback import RollbackPlan, RollbackStep
from ops_model.drill.commands import filled


def by_target(step: RollbackStep) -> bool:
    """True for the step that the target's own switch takes."""
    return step.kind == "switch_alias" and not step.run


def switches(step: RollbackStep) -> bool:
    """True for a step after which another version may serve."""
    return step.kind == "switch_alias" or (step.kind in {"redeploy", "flag_off"} and _runs(step))


def changes(step: RollbackStep) -> bool:
    """True for a step that has to be undone: it switches, or runs a command that is no test."""
    return by_target(step) or (_runs(step) and step.kind not in {"verify", "announce"})


def undo_of(step: RollbackStep, first: str) -> tuple[str, ...]:
    """The command that undoes a step that runs one; empty where it names none."""
    if step.undo:
        return filled(step.undo, first)
    return filled(step.run, first) if any("{version}" in part for part in step.run) else ()


def step_name(plan: RollbackPlan, number: int) -> str:
    """How a step is called in the journal and the record, such as `1. switch_alias`."""
    return f"{number}. {plan.steps[number - 1].kind}"


def serving_at(plan: RollbackPlan, number: int) -> tuple[str, ...]:
    """The versions of which one is to serve after so many steps of the plan.

    Both between the first step that may switch and the last that does: who deploys a version may
    send it users only later, and a flag is a switch where no other step is one.
    """
    switching = [n for n, step in enumerate(plan.steps, start=1) if switches(step)]
    sure = [n for n in switching if plan.steps[n - 1].kind != "flag_off"] or switching
    if number >= sure[-1]:
        return (plan.to_version,)
    if number < switching[0]:
        return (plan.from_version,)
    return (plan.from_version, plan.to_version)


def seen_by_serving(plan: RollbackPlan, number: int) -> bool:
    """True for a step that the answers show, done or undone.

    Of any other its command's word is all that a drill has.
    """
    steps = [step for step in plan.steps if switches(step)]
    step = plan.steps[number - 1]
    flags_alone = all(step.kind == "flag_off" for step in steps)
    return switches(step) and (flags_alone or step.kind != "flag_off")


def _runs(step: RollbackStep) -> bool:
    return bool(step.run)
