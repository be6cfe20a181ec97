"""One round of the watch: tell what was seen, and say outside that somebody looked."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ops_model.domain.alerts import Alert
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.spend import CeilingWatch
from ops_model.store.sound_part import Broken
from ops_model.workflow.concern_news import NOTHING_TOLD
from ops_model.workflow.ledgers import ledger_at
from ops_model.workflow.open import refuse_ahead, refuse_behind
from ops_model.workflow.watch import Told, tell
from ops_model.workflow.watch_look import Looked, look
from ops_model.workflow.watch_tell import Telling
from ops_model.workflow.watch_unread import NOTHING_BROKEN

WAIT_SECONDS = 120.0
"""So long a watch waits for another; a round over 500 systems takes half a minute."""


@dataclass(frozen=True)
class Round:
    """What one round told: of ceilings, and of everything else."""

    ceilings: tuple[Told, ...] = ()
    alerts: tuple[Alert, ...] = ()

    @property
    def whole(self) -> bool:
        """True where everybody got what they had to get."""
        taken = [not one.why_not for one in self.ceilings]
        return all(taken) and all(alert.delivered for alert in self.alerts)


def look_and_tell(
    telling: Telling,
    systems: Sequence[str],
    *,
    wait_seconds: float = WAIT_SECONDS,
    broken: Mapping[str, Broken] = NOTHING_BROKEN,
) -> tuple[Looked, Round]:
    """Look at everything and tell everybody who must know, while no other watch does.

    A second watch waits; then it reads what the first has told, and tells the rest.

    Args:
        telling: the workbook, the instants, and how alerts are sent.
        systems: the systems to look at.
        wait_seconds: how long to wait for another watch that tells.
        broken: those of them whose claims cannot be read.

    Raises:
        UsageError: the instant is ahead of the clock, or more than a day behind it.
        LedgerError: the ledger cannot be written, or another watch tells without end.
    """
    with _alone(telling, wait_seconds):
        looked = look(telling.root, telling.model, systems, as_of=telling.as_of, broken=broken)
        return looked, tell_round(looked, telling)


def tell_ceilings(
    telling: Telling, seen: Sequence[CeilingWatch], *, wait_seconds: float = WAIT_SECONDS
) -> tuple[Told, ...]:
    """Tell of ceilings alone, while no other watch tells; raises as `look_and_tell`."""
    with _alone(telling, wait_seconds):
        return _ceilings(telling, seen)


def tell_round(looked: Looked, telling: Telling) -> Round:
    """Tell everybody who must know of what was seen; `look_and_tell` does so alone.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    alerts = tuple(
        alert
        for system in looked.systems
        for alert in telling.of_system(
            system, looked.of_system(system, ceilings=False),
            looked.told.get(system, NOTHING_TOLD), looked=system not in looked.failed,
        )
    )  # fmt: skip
    return Round(_ceilings(telling, looked.ceilings), alerts)


def _ceilings(telling: Telling, seen: Sequence[CeilingWatch]) -> tuple[Told, ...]:
    return tuple(
        one
        for found in seen
        for one in tell(
            telling.root, telling.model, found, telling.post, recorded_at=telling.recorded_at,
            new_code=telling.new_code,
        )
    )  # fmt: skip


@contextmanager
def _alone(telling: Telling, wait_seconds: float) -> Iterator[None]:
    from ops_model.store.turn import turn_at

    model = telling.model
    refuse_ahead(telling.as_of, telling.recorded_at)
    refuse_behind(telling.as_of, telling.recorded_at, model)
    with turn_at(ledger_at(telling.root, model.settings), wait_seconds=wait_seconds):
        yield


def ping_outside(
    model: OperatingModel, looked: Looked, done: Round, variables: Mapping[str, str]
) -> str:
    """Say outside that the watch has looked at everything and told everybody; why not, if not.

    Without a ping the address outside alarms. So nothing is asked for where a system could not be
    looked at or somebody could not be told, nor where only some of the systems were looked at.

    Args:
        model: the workbook; `watch.ping_in` names the variable with the address.
        looked: what the round saw.
        done: what it told.
        variables: the environment.
    """
    from ops_model.alert import ping

    name = model.settings.watch.ping_in
    everything = {system.id for system in model.systems} <= set(looked.systems)
    if name is None or not everything or looked.failed or not done.whole:
        return ""
    address = variables.get(name, "").strip()
    why = ping(address) if address else f"the environment variable {name} is not set"
    return f"nobody outside was told that this watch ran: {why}" if why else ""
