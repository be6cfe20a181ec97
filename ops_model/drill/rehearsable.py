"""Which rollback plans can be rehearsed as they stand."""

from collections.abc import Iterator

from ops_model.domain.rollback import AliasSwitch, HttpTarget, RollbackPlan, RollbackStep
from ops_model.drill.plan_steps import by_target, changes, switches, undo_of
from ops_model.errors import DrillError, Problem

CARRIED_OUT = ("switch_alias", "drain", "verify", "announce")
"""The kinds of step that a drill carries out by itself; any other needs a command of its own."""


def refuse_unrehearsable(plan: RollbackPlan) -> HttpTarget:
    """The target of a plan that can be rehearsed as it stands.

    Raises:
        DrillError: there is no target, or the plan has a step that a drill cannot carry out, or
            could not undo.
    """
    if plan.target is None:
        raise DrillError(
            "declared, never rehearsable: rollback.yaml has no target",
            where=str(plan.where),
            remedy="name under `target` the command that starts a server to rehearse against",
        )
    problems = [
        problem
        for number, step in enumerate(plan.steps, start=1)
        for problem in _unfit(number, step, plan.from_version)
    ]
    if not problems and not any(switches(step) for step in plan.steps):
        problems = [
            Problem(
                "no step switches anything; expected a step of kind switch_alias, or a redeploy "
                "with `run`",
                str(plan.place_of("steps")),
                "write the step that makes the previous version serve",
            )
        ]
    problems += _unknown_labels(plan, plan.target)
    if problems:
        raise DrillError(problems=problems)
    return plan.target


def _unfit(number: int, step: RollbackStep, first: str) -> Iterator[Problem]:
    place = str(step.where)
    if step.kind == "retrain":
        yield Problem(
            f"step {number} is retrain, which is no rollback step and is refused", place,
            "keep the previous version deployable, and switch to it",
        )  # fmt: skip
    elif not step.run and step.kind not in CARRIED_OUT:
        yield Problem(
            f"step {number} is {step.kind}; a drill can do {', '.join(CARRIED_OUT)} by itself, "
            "and any other by a command",
            place,
            "write under `run` the argument list that carries it out, and under `undo` the one "
            "that takes it back",
        )
    elif step.undo and not step.run:
        yield Problem(
            f"step {number} ({step.kind}) has `undo` without `run`; expected both or none", place,
            "write under `run` what `undo` takes back, or take `undo` out",
        )  # fmt: skip
    elif changes(step) and not by_target(step) and not undo_of(step, first):
        yield Problem(
            f"step {number} ({step.kind}) could not be undone: its `run` names no {{version}}, "
            "and there is no `undo`",
            place,
            "write under `undo` the argument list that takes it back",
        )


def _unknown_labels(plan: RollbackPlan, target: HttpTarget) -> list[Problem]:
    """What an alias does not say; a step that runs a command of its own has no need of it."""
    switch = target.switch
    if not isinstance(switch, AliasSwitch) or not any(by_target(step) for step in plan.steps):
        return []
    return [
        Problem(
            f"switch.versions does not say which version of {switch.model} our {label} is",
            str(switch.where),
            f"write `{label}` with its number in the registry under `versions`",
        )
        for label in (plan.from_version, plan.to_version)
        if label not in switch.versions
    ]
