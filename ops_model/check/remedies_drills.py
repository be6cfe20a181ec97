"""How a drill of people or of the tool is made: the command, and what has to stand first."""

from collections.abc import Sequence

from ops_model.domain.change import ChangeRequest
from ops_model.domain.decisions import Action
from ops_model.domain.operating_model import SystemClaims


def walk_game_day(
    system: SystemClaims, scenario: str | None = None, mode: str | None = None
) -> str:
    """How a game day is walked: the scenario that a failure names, with those who would be called.

    A scenario walks the first failure that names it; another one has to be said.
    """
    modes = system.identity.failure_modes
    named = [(m.id, s) for m in modes for s in m.scenarios]
    if scenario is None and named:
        mode, scenario = named[0]
    if scenario is None:
        return (
            "the owner names under `scenarios` of a failure mode in system.yaml what rehearses it "
            f"(`ops-model drill game-day {system.id} --list` shows them), and walks it with "
            "whoever is on call"
        )
    first = next((m for m, s in named if s == scenario), mode)
    other = f" --failure-mode {mode}" if mode is not None and mode != first else ""
    return (
        "the owner calls together whoever would be called and runs `ops-model drill game-day "
        f"{system.id} --scenario {scenario}{other}`; whoever was there says so with the command "
        "that it prints"
    )


def read_logs(system: SystemClaims, person: str) -> str:
    """How somebody shows that they read the logs: by the declared query, or by their word."""
    signals = system.signals
    policy = signals.log_policy if signals is not None else None
    drill = f"{person} runs `{drill_access(system.id, person)}`"
    if policy is not None and policy.query:
        return drill
    return (
        "the reliability owner writes the command that looks up one request as "
        f"`log_policy.query` in signals.yaml, then {drill}; or {person} looks one up and says how "
        f"long that took: `ops-model attest {system.id} --topic access --action query_logs --as "
        f"{person} --seconds N --text '...'`"
    )


def use_right(system: SystemClaims, action: Action, people: Sequence[str]) -> str:
    """How whoever holds a right shows that they could use it: by its no-op, or by their word."""
    decisions = system.decisions
    right = decisions.right(action) if decisions is not None else None
    first, *others = people
    same = f", and the same for {', '.join(others)}" if others else ""
    drill = f"`{drill_access(system.id, first)}`{same}"
    if right is not None and right.no_op:
        return f"{action}: {drill}"
    return (
        f"{action}: the owner writes a command that changes nothing as `no_op` of the right in "
        f"decisions.yaml, then {drill}; or it is done in a test environment, and said: `ops-model "
        f"attest {system.id} --topic access --action {action} --as {first} --text '...'`{same}"
    )


def show_access(system: SystemClaims) -> str:
    """How access is shown again, by whoever is in the rota or holds a right."""
    return f"whoever is on call runs `{drill_access(system.id, 'PERSON')}`"


def drill_access(system_id: str, person: str) -> str:
    """The command by which somebody shows what their own access allows."""
    return f"ops-model drill access {system_id} --as {person}"


def observe_env(system: SystemClaims) -> str:
    """How it is recorded how a version was built: by the build itself, without a person."""
    return (
        f"the platform has the build of it run `ops-model observe env {system.id} --junit FILE "
        "--repository .`, which records its run, its tests and its commit; who read the pull "
        "request is a `Reviewed-by:` line of the commit, or is said with --reviewed-by"
    )


def build_again(system: SystemClaims) -> str:
    """How a second build is made and compared: by the declared command, in an empty folder."""
    run = f"runs `ops-model observe env {system.id} --rebuild`"
    change, version = system.change, system.identity.version
    lacking = []
    if change is None or change.build is None:
        lacking.append("`build` in change.yaml (`run` with {out} in it, and `artefact`)")
    if version.model_digest is None and version.image_digest is None:
        lacking.append("the `model_digest` of the version in system.yaml")
    if not lacking:
        return f"the platform {run}"
    return f"the platform writes {' and '.join(lacking)}, then {run}"


def compare_challenger(system: SystemClaims, request: ChangeRequest | None = None) -> str:
    """How a challenger is compared: by the results that its plan names."""
    run = f"runs `ops-model run 10_champion_challenger {system.id}`"
    requests = system.change.requests if system.change is not None else ()
    chosen = request or next((r for r in requests if r.challenger is not None), None)
    if chosen is None or chosen.challenger is None:
        return f"writes a request with a `challenger` and its `results` in change.yaml, then {run}"
    if chosen.challenger.results is None:
        return f"writes `results` of the challenger of {chosen.id} in change.yaml, then {run}"
    return run


def compare_again(system: SystemClaims) -> str:
    """How a comparison is made anew, by whoever asked for the change."""
    return f"whoever asked for the change {compare_challenger(system)}"


def rehearse_swap(system: SystemClaims, dependency: str | None = None) -> str:
    """How the exchange of a provider's model is rehearsed: a drill needs a client to switch."""
    plans = system.change.swaps if system.change is not None else ()
    planned = [plan.dependency for plan in plans]
    others = dependency is not None and planned[:1] != [dependency]
    named = f" --dependency {dependency}" if others and planned else ""
    drill = f"the primary on call runs `ops-model drill swap {system.id}{named}`"
    if planned and dependency in {None, *planned}:
        return drill
    of = f" of {dependency}" if dependency is not None else ""
    return (
        f"the reliability owner writes the exchange{of} under `swaps` in change.yaml (the model "
        f"that is to serve, and the client that is `rehearsed_on`) first, then {drill}"
    )
