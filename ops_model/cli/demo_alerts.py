"""How the demo tells people of its ceilings: trial alerts, a watch, and who answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.cli.context import now
from ops_model.cli.demo_steps import Steps

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.example.alerts import Receiver
    from ops_model.workflow.alert_channels import Post
    from ops_model.workflow.watch_answers import Now

UNHEARD = "no alert arrived; behind a proxy, set NO_PROXY=127.0.0.1 and build anew"
"""What is said where this machine does not reach itself; the record says that nothing arrived."""


def tell_people(
    root: Path, model: "OperatingModel", steps: Steps, *, systems: Sequence[str], crossed: str,
    as_of: datetime,
) -> None:  # fmt: skip
    """Send what the ceilings owe people to this demo's receiver, and answer as they would.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        steps: told what begins.
        systems: those whose routes are tried, and that are watched as of `as_of`.
        crossed: the one of them that is also watched as of the day that went above a ceiling.
        as_of: the instant that judges.
    """
    from ops_model.example.alerts import CROSSED_AT, listening

    with listening() as receiver:
        telling = Telling(root, model, receiver)
        steps.begin(f"send trial alerts of {' and '.join(systems)} to this demo's receiver")
        trials = [telling.trials_answered(system) for system in systems]
        steps.begin(f"watch {' and '.join(systems)}, and tell that receiver")
        telling.tell(crossed, CROSSED_AT)
        heard = telling.crossing_answered(crossed) and all(trials)
        for system in systems:
            telling.tell(system, as_of)
    if not heard:
        steps.begin(UNHEARD)


def watch_everything(
    root: Path, model: "OperatingModel", steps: Steps, systems: Sequence[str], *, as_of: datetime
) -> None:
    """Look at all that somebody must know of, tell this demo's receiver, and answer a page."""
    from ops_model.example.alerts import listening

    steps.begin(f"watch {' and '.join(systems)} as a whole, and tell who must know")
    with listening() as receiver:
        heard = Telling(root, model, receiver).everything_told(systems, as_of)
    if not heard:
        steps.begin(UNHEARD)


@dataclass(frozen=True)
class Telling:
    """A workbook, and the receiver that stands for everybody's pager and mail."""

    root: Path
    model: "OperatingModel"
    receiver: "Receiver"

    def trials_answered(self, system: str) -> bool:
        """Try each route of a system; whoever got the code types it. False where nobody did."""
        from ops_model.cli.watch_round import new_code
        from ops_model.example.alerts import ANSWERS, TRIED_AT
        from ops_model.workflow.watch_answers import acknowledge, try_routes

        tried = try_routes(self._now(TRIED_AT), system, self._post, new_code=new_code)
        if not all(trial.delivered for trial in tried):
            return False
        for answer in ANSWERS[system]:
            code = self.receiver.code(answer.channel)
            if code is None:
                return False
            # The stopwatch of an answer is the wall clock, so each has a look of its own at it.
            acknowledge(self._now(TRIED_AT), system, code, answer.person)
        return True

    def crossing_answered(self, system: str) -> bool:
        """Its owner reads of the day above a ceiling, and accepts it the next; False if unread.

        What made it dear is known, and no customer is to be refused an answer for it.
        """
        from ops_model.example.alerts import ACCEPTED_AT, CROSSED, CROSSED_ON, OWNER, READ_AT, TOLD
        from ops_model.workflow.watch_answers import accept, acknowledge

        code = self.receiver.code("mail", about=TOLD)
        if code is None:
            return False
        acknowledge(self._now(READ_AT), system, code, OWNER)
        accept(self._now(ACCEPTED_AT), system, CROSSED, CROSSED_ON, OWNER)
        return True

    def tell(self, system: str, as_of: datetime) -> None:
        """Watch the ceilings of a system at an instant, and send what is new."""
        from ops_model.cli.watch_round import new_code
        from ops_model.workflow.watch import tell, watch

        seen = watch(self.root, self.model, system, as_of=as_of)
        tell(self.root, self.model, seen, self._post, recorded_at=now(), new_code=new_code)

    def everything_told(self, systems: Sequence[str], as_of: datetime) -> bool:
        """Watch all of these systems, tell the receiver, and have whoever is paged say so.

        False where a page did not arrive.
        """
        from ops_model.cli.watch_round import new_code
        from ops_model.workflow.watch_ack import answer
        from ops_model.workflow.watch_round import look_and_tell
        from ops_model.workflow.watch_tell import Telling as Round

        telling = Round(self.root, self.model, self._post, as_of, now(), new_code)
        _, done = look_and_tell(telling, systems)
        heard = True
        for alert in done.alerts:
            if alert.severity != "page" or alert.over or not alert.people:
                continue
            code = self.receiver.code("page", about=f"{alert.system}: ")
            heard = heard and code is not None
            if code is not None:
                answer(self._now(as_of), code, alert.people[0])
        return heard

    def _now(self, as_of: datetime) -> "Now":
        from ops_model.workflow.watch_answers import Now

        return Now(self.root, self.model, as_of, now())

    @property
    def _post(self) -> "Post":
        from ops_model.alert import send
        from ops_model.workflow.alert_channels import Post

        return Post(self.model.settings.alert_routes, self.receiver.variables, send)
