"""A person shows what their own access allows: the query of the logs, a no-op of each right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops_model.domain.access import rights_held
from ops_model.domain.evidence import AccessAction, Measured
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.trials import AccessAttempt, AccessDrill
from ops_model.errors import UsageError
from ops_model.workflow.attest_voice import require_person
from ops_model.workflow.watch_answers import Now

if TYPE_CHECKING:
    from ops_model.drill.access import Tried

SECONDS = 60.0
"""How long each command may take, where nobody says otherwise."""


@dataclass(frozen=True)
class Asked:
    """One thing that a person is asked to show, and the command that shows it."""

    action: AccessAction
    command: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """What a person can show by a command, and what no command is declared for."""

    asked: tuple[Asked, ...]
    undeclared: tuple[AccessAction, ...]


def listed(now: Now, system_id: str, person: str) -> Listed:
    """What a person is asked to show of a system, the query of the logs first.

    Raises:
        UsageError: the person does not work here, or nothing is declared that they could run.
    """
    system = now.book(system_id).system
    require_person(now.model, person, now.as_of)
    signals = system.signals
    policy = signals.log_policy if signals is not None else None
    held = [(right.action, right.no_op) for right in rights_held(system, person, now.as_of)]
    commands: list[tuple[AccessAction, tuple[str, ...]]] = [
        ("query_logs", policy.query if policy is not None else ()), *held
    ]  # fmt: skip
    asked = tuple(Asked(action, command) for action, command in commands if command)
    if not asked:
        raise _nothing_declared(system, person, [action for action, _ in held])
    return Listed(asked, tuple(action for action, command in commands if not command))


def access_drill(
    now: Now,
    system_id: str,
    person: str,
    asked: tuple[Asked, ...],
    *,
    environment: Mapping[str, str],
    seconds: float = SECONDS,
    keep: bool = False,
    told: Callable[[Asked, "Tried"], None],
) -> AccessDrill:
    """Run what was listed in the person's own environment, and note how each of it ended.

    It is the tool's own note: it saw the commands end, and was told whose access it was.

    Args:
        now: the workbook and the instants.
        system_id: the system whose logs and rights these are.
        person: whose access it is, an id of people.yaml.
        asked: what to run, as `listed` found it.
        environment: the person's own.
        seconds: the longest that each may take.
        keep: whether the beginning of what is printed is handed to `told`.
        told: called after each; what was printed goes there and nowhere else.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    from ops_model.drill.access import try_access

    attempts = []
    for one in asked:
        query = one.action == "query_logs"
        tried = try_access(
            one.command, root=now.root, environment=environment, seconds=seconds, prints=query,
            keep=keep,
        )  # fmt: skip
        told(one, tried)
        attempts.append(_attempt(one.action, tried, lines=tried.lines if query else None))
    # Without claim files: what a person could do is not undone by another line in one of them.
    drill = AccessDrill(
        system=system_id, as_of=now.as_of, person=person, attempts=tuple(attempts)
    )  # fmt: skip
    now.note(drill)
    return drill


def _attempt(action: AccessAction, tried: "Tried", *, lines: int | None) -> AccessAttempt:
    took = Measured(value=round(tried.seconds, 3), unit="s", n=1, no_interval="single timing")
    return AccessAttempt(
        action=action, seconds=took, ok=not tried.why, why=tried.why, lines=lines
    )  # fmt: skip


def _nothing_declared(system: SystemClaims, person: str, held: list[AccessAction]) -> UsageError:
    rights = f"; of the rights of {person} ({', '.join(held)}) none has a no_op" if held else (
        f"; {person} holds no right that could be shown"
    )  # fmt: skip
    place = system.signals.where if system.signals else system.missing_file("signals")
    return UsageError(
        f"no query of the logs is declared{rights}",
        where=str(place),
        remedy="write an argument list as `log_policy.query` in signals.yaml, such as [bin/one-"
        "request, newest], and as `no_op` of each right in decisions.yaml, such as [kubectl, "
        "auth, can-i, patch, deployment/model]",
    )
