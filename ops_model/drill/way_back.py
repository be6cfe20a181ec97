"""The way back from a rollback drill: what was changed is undone, last first, each thing once.

What has been begun is noted in the journal before it is begun, and what has been undone after, so
that the journal alone says what is left to do, whoever died.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ops_model.domain.rollback import HttpTarget, RollbackPlan
from ops_model.drill.commands import run_command, shown
from ops_model.drill.plan_steps import by_target, seen_by_serving, step_name, undo_of
from ops_model.drill.record import Journal
from ops_model.drill.scene import LONGEST_WAIT_SECONDS, wait_until
from ops_model.drill.switch import answers_otherwise, unlike
from ops_model.drill.switches import TargetSwitch
from ops_model.drill.targets import START_SECONDS, Server

CHANGING, UNDOING, UNDONE = "changing", "undoing", "undone"


class WayBack:
    """Undoes what a drill changed, and sees the first version serve; nothing breaks that off.

    A step that the answers show is undone once they have shown it, and not when its command says
    so: until then it is left to do. Of any other step its command's word is all there is.

    Args:
        plan: the plan, whose first version is to serve again.
        target: its target.
        switch: the target's own switch.
        root: the workbook's folder.
        expected: what each answer of the first version holds.
        journal: the drill's journal.
        changed: the numbers of the steps that were begun and are not undone yet.
    """

    def __init__(
        self,
        plan: RollbackPlan,
        target: HttpTarget,
        switch: TargetSwitch,
        *,
        root: Path,
        expected: Mapping[str, Any],
        journal: Journal,
        changed: Sequence[int] = (),
    ) -> None:
        self._plan = plan
        self._target = target
        self._switch = switch
        self._root = root
        self._expected = expected
        self._journal = journal
        self._changed = list(changed)
        self._tried: set[int] = set()
        self._by_word: list[int] = []
        # A server sees a changed file, alias or deployment in its own time.
        self._patient = switch.follows or any(step.run for step in plan.steps)

    def begin(self, number: int) -> str:
        """Note that a step is about to change something; why it must not, empty when it may."""
        self._journal.write(CHANGING, step=number)
        if self._journal.failure:
            return f"the drill's journal cannot be written: {self._journal.failure}"
        self._changed.append(number)
        return ""

    def walk(self, server: Server, *, prefix: str, started_anew: bool) -> str:
        """Undo all, and see the first version serve; why that failed, empty when it did not.

        A target that was started anew says what it has stored; if that is the first version, it
        is left alone. One that has run on is switched in any case: what it says may not be what
        it has stored.
        """
        whys = [
            self._undo(number, server, started_anew) for number in tuple(reversed(self._changed))
        ]
        told = "; ".join(why for why in whys if why) or self._serves(server, prefix)
        if not told:
            for number in tuple(reversed(self._changed)):
                self._undone(number)
        return told

    def unseen(self) -> str:
        """Which steps are undone by the word of their command alone; empty where none is."""
        names = ", ".join(step_name(self._plan, number) for number in self._by_word)
        return f"undone by the word of its command alone: {names}" if names else ""

    def waits_for_server(self) -> bool:
        """True when another server than this one might do what is left."""
        left = [number for number in self._changed if number not in self._tried]
        steps = [self._plan.steps[number - 1] for number in left]
        return not steps or (self._switch.by == "http" and any(by_target(s) for s in steps))

    def by_hand(self) -> str:
        """What is left to do by hand, in the order in which it is to be done."""
        first = self._plan.from_version
        left = [self._left(number) for number in reversed(self._changed)]
        return f"let {first} serve by hand" + (f": {', then '.join(left)}" if left else "")

    def _left(self, number: int) -> str:
        step, first = self._plan.steps[number - 1], self._plan.from_version
        return self._switch.by_hand(first) if by_target(step) else shown(undo_of(step, first))

    def _undo(self, number: int, server: Server, started_anew: bool) -> str:  # noqa: FBT001 - handed on
        step, first = self._plan.steps[number - 1], self._plan.from_version
        self._journal.write(UNDOING, step=number)
        if not by_target(step):
            why = run_command(
                undo_of(step, first), root=self._root, check=_never,
                seconds=min(self._plan.max_seconds, LONGEST_WAIT_SECONDS),
            )  # fmt: skip
            why = f"{step_name(self._plan, number)} was not undone: {why}" if why else ""
        elif started_anew and not unlike(server, self._target, first):
            why = ""
        else:
            why = self._switch.to(first, _never)
        if why:
            return why
        self._tried.add(number)
        if not seen_by_serving(self._plan, number):
            self._by_word.append(number)
            self._undone(number)
        return ""

    def _undone(self, number: int) -> None:
        self._changed.remove(number)
        self._journal.write(UNDONE, step=number)

    def _serves(self, server: Server, prefix: str) -> str:
        first, said = self._plan.from_version, [""]

        def settled() -> bool:
            said[0] = unlike(server, self._target, first)
            return not said[0] or (server.ours and server.refuses())

        wait_until(settled, self._wait_seconds(server), time.monotonic, time.sleep)
        return said[0] or answers_otherwise(server, self._target, first, self._expected, prefix)

    def _wait_seconds(self, server: Server) -> float:
        if not self._patient:
            return 0
        longest = min(self._plan.max_seconds, LONGEST_WAIT_SECONDS)
        # One that hangs is better started anew than waited for; another's we can only wait for.
        return min(longest, START_SECONDS) if server.ours else longest


def _never() -> None:
    """Nothing breaks the way back off."""


def still_changed(plan: RollbackPlan, entries: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """The steps that a journal says were begun and not undone.

    One that names none was begun no further than the switch, if that far.
    """
    begun = [e["step"] for e in entries if e["event"] == CHANGING]
    undone = {e["step"] for e in entries if e["event"] == UNDONE}
    if not begun:
        begun = [n for n, step in enumerate(plan.steps, start=1) if by_target(step)]
    return tuple(n for n in dict.fromkeys(begun) if n not in undone)
