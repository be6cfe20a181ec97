"""Letting another version serve: by the server itself, by a command, or by a registry's alias.

A new way is one class more with the four members of `TargetSwitch`, and a line in `switch_of`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ops_model.domain.rollback import (
    AliasSwitch,
    CommandSwitch,
    HttpTarget,
    RollbackPlan,
    SwitchedBy,
)
from ops_model.drill.alias import RegistryAlias
from ops_model.drill.commands import filled, run_command, shown
from ops_model.drill.targets import Server, TargetError


class TargetSwitch(Protocol):
    """What makes a version serve.

    `by` is its kind; `follows` is True where the server comes after it in its own time.
    """

    by: SwitchedBy
    follows: bool

    def ready(self, first: str) -> None:
        """See that it can be used, before anything is changed.

        Raises:
            DrillError: it cannot.
        """

    def to(self, version: str, check: Callable[[], None]) -> str:
        """Let a version serve; why that failed, empty when it did not.

        `check` is called while waiting; it may raise to break off.
        """

    def by_hand(self, version: str) -> str:
        """How somebody lets a version serve by hand, in words."""

    def close(self) -> None:
        """Let go of what it holds."""


def switch_of(
    plan: RollbackPlan,
    target: HttpTarget,
    server: Callable[[], Server],
    *,
    root: Path,
    drill_id: str,
) -> TargetSwitch:
    """The switch that a plan's target declares.

    Args:
        plan: the plan, which names the two versions.
        target: its target.
        server: the target's server as it is now; it may have been started anew.
        root: the workbook's folder.
        drill_id: by which the drill's processes are known.
    """
    if isinstance(target.switch, CommandSwitch):
        return ByCommand(target.switch, root=root)
    if isinstance(target.switch, AliasSwitch):
        labels = (plan.from_version, plan.to_version)
        return RegistryAlias(target.switch, labels, root=root, drill_id=drill_id)
    return ByServer(target.switch_path, server)


class ByServer:
    """The server switches itself when it is told to, and says whether it did."""

    by: SwitchedBy = "http"
    follows = False

    def __init__(self, path: str, server: Callable[[], Server]) -> None:
        self._path = path
        self._server = server

    def ready(self, first: str) -> None:
        """Nothing can be known of it beforehand."""

    def to(self, version: str, check: Callable[[], None]) -> str:
        """Let a version serve; why that failed, empty when it did not."""
        try:
            status, _ = self._server().post(self._path, {"version": version})
        except TargetError as error:
            return str(error)
        done = 200 <= status < 300
        return "" if done else f"POST {self._path} answered {status}; expected 200"

    def by_hand(self, version: str) -> str:
        """How somebody lets a version serve by hand, in words."""
        return f'POST {self._path} {{"version": "{version}"}}'

    def close(self) -> None:
        """It holds nothing."""


class ByCommand:
    """A command of the plan switches; the server sees it in its own time."""

    by: SwitchedBy = "command"
    follows = True

    def __init__(self, switch: CommandSwitch, *, root: Path) -> None:
        self._switch = switch
        self._root = root

    def ready(self, first: str) -> None:
        """Nothing can be known of it beforehand."""

    def to(self, version: str, check: Callable[[], None]) -> str:
        """Let a version serve; why that failed, empty when it did not."""
        return run_command(
            filled(self._switch.run, version), root=self._root, seconds=self._switch.seconds,
            check=check,
        )  # fmt: skip

    def by_hand(self, version: str) -> str:
        """How somebody lets a version serve by hand, in words."""
        return shown(filled(self._switch.run, version))

    def close(self) -> None:
        """It holds nothing."""
