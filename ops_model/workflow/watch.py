"""Where every ceiling stands now, and telling whoever must know: once, and not each minute."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.evidence import Measured
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.routes import parts_of
from ops_model.domain.spend import (
    CeilingAlert,
    CeilingAnswer,
    CeilingLevel,
    CeilingState,
    CeilingWatch,
)
from ops_model.domain.values import iso_utc
from ops_model.errors import OpsModelError
from ops_model.workflow.alert_channels import not_taken
from ops_model.workflow.assess import told_by_tool
from ops_model.workflow.ceiling_news import (
    about_of,
    is_same_failure,
    share_of,
    who_has,
)
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.measure_ceilings import ceiling_watch_of, of_tool
from ops_model.workflow.open import (
    Book,
    known_system,
    refuse_ahead,
    refuse_behind,
    snapshot_now,
)
from ops_model.workflow.watch_code import code_digest
from ops_model.workflow.watch_who import OnDuty

if TYPE_CHECKING:
    from ops_model.alert import Grave, Message
    from ops_model.workflow.alert_channels import Post

_WAKING: frozenset[CeilingLevel] = frozenset({"page", "crossed"})
_ACT: frozenset[CeilingLevel] = frozenset({"crossed", "page", "unknown"})
_COLOUR: "dict[CeilingLevel, Grave]" = {"page": "failure", "crossed": "failure"}
_HAPPENED: dict[CeilingLevel, str] = {
    "crossed": "crossed",
    "page": "burns too fast",
    "ticket": "will be crossed today",
    "warned": "a warning is reached",
    "unknown": "how it stands is not known",
}


@dataclass(frozen=True)
class Told:
    """What was sent about one ceiling; `why_not` is empty when every channel took it."""

    state: CeilingState
    about: str
    why_not: str


def book_now(root: Path, model: OperatingModel, system_id: str, *, as_of: datetime) -> Book:
    """One system at an instant, from the workbook and its ledger.

    Raises:
        UsageError: there is no such system.
        LedgerError: the ledger cannot be read.
    """
    return Book(root, snapshot_now(root, model, system_id, as_of=as_of))


def watch(root: Path, model: OperatingModel, system_id: str, *, as_of: datetime) -> CeilingWatch:
    """Every ceiling of a system at an instant; nothing is recorded.

    Raises:
        UsageError: there is no such system.
        WarehouseError: no ceiling or no usage log is declared, or a log cannot be read.
    """
    return ceiling_watch_of(book_now(root, model, system_id, as_of=as_of))


@dataclass(frozen=True)
class Watched:
    """What was seen of several systems; `unwatched` says why nothing is watched of one.

    `failed` are those whose logs could not be read.
    """

    seen: tuple[CeilingWatch, ...]
    unwatched: Mapping[str, str]
    failed: Mapping[str, OpsModelError]

    @property
    def grave(self) -> bool:
        """True where somebody has to act, or where nobody knows whether they have to."""
        states = [ceiling for found in self.seen for ceiling in found.ceilings]
        return bool(self.unwatched or self.failed or any(map(_grave, states)))


def watch_each(
    root: Path, model: OperatingModel, systems: Sequence[str], *, as_of: datetime
) -> Watched:
    """Every ceiling of several systems; one that cannot be read does not hide the others.

    Raises:
        UsageError: there is no such system.
        OpsModelError: the only system that was asked for cannot be read.
    """
    seen, blind, failed = [], {}, {}
    for system in systems:
        if why := unwatched(model, system):
            blind[system] = why
            continue
        try:
            seen.append(watch(root, model, system, as_of=as_of))
        except OpsModelError as error:
            if len(systems) == 1:
                raise
            failed[system] = error
    return Watched(tuple(seen), blind, failed)


def unwatched(model: OperatingModel, system_id: str) -> str:
    """Why there is nothing to watch about a system; empty when there is.

    Raises:
        UsageError: there is no such system.
    """
    cost = known_system(model, system_id).cost
    if cost is None:
        return "it has no cost.yaml"
    missing = [name for name in ("ceilings", "logs") if not getattr(cost, name)]
    return f"its cost.yaml declares no {' and no '.join(missing)}" if missing else ""


def tell(
    root: Path,
    model: OperatingModel,
    seen: CeilingWatch,
    post: "Post",
    *,
    recorded_at: datetime,
    new_code: Callable[[], str],
) -> tuple[Told, ...]:
    """Send what somebody must know of a watch, and note on the ledger what was sent.

    A ceiling is told once for each day (or run), state and amount: a warning for each share, and
    nothing that is less grave than what was told of it already. One that was raised is told anew,
    and so is one at which somebody has to act, after a while, when nobody has answered, and at
    once to whoever a role has been handed to since.
    What did not get there is tried again, over the channels that did not take it.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        seen: how the ceilings stand.
        post: how alerts are sent.
        recorded_at: the wall clock.
        new_code: makes a code that nobody can guess, which an answer repeats.

    Raises:
        UsageError: the instant is ahead of the clock, or more than a day behind it.
        LedgerError: the ledger cannot be written.
    """
    refuse_ahead(seen.as_of, recorded_at)
    refuse_behind(seen.as_of, recorded_at, model)
    book = book_now(root, model, seen.system, as_of=seen.as_of)
    before = [e.record for e in of_tool(book, CeilingAlert)]
    answered = {e.record.code for e in of_tool(book, CeilingAnswer) if e.record.code}
    again = timedelta(hours=model.settings.watch.again_hours)

    @cache
    def on_duty(at: datetime) -> OnDuty:
        return OnDuty.of(model, seen.system, at=at)

    def meant(part: str, at: datetime) -> str | None:
        return on_duty(at).meant(parts_of(part)[0])

    post = post.when_on_duty(on_duty(seen.as_of).roles)
    found = []
    for state in (*seen.ceilings, *seen.also):
        about = about_of(state, seen.as_of)
        have = who_has(state, about, before, answered, meant, as_of=seen.as_of, again=again)
        if have is None:
            continue
        if state.route is None:
            found.append(Told(state, about, "cost.yaml gives it no alert_route"))
            continue
        code = new_code()
        outcome = post.over_each(
            state.route, _message(seen, state, code),
            but=have,
            # Nobody has to be woken for what is over.
            waking=state.state in _WAKING and not state.over,
        )  # fmt: skip
        if not outcome:
            # All that would be asked have it; and whoever would be woken was not told.
            continue
        taken = tuple(part for part, why in outcome.items() if not why)
        why_not = not_taken(outcome)
        found.append(Told(state, about, why_not))
        alert = CeilingAlert(
            system=seen.system,
            as_of=seen.as_of,
            claims=seen.claims,
            ceiling=state.ceiling,
            about=about,
            state=state.state,
            share=share_of(state),
            route=state.route,
            sent_at=seen.as_of,
            delivered=not why_not,
            why_not=why_not or None,
            code=code_digest(code) if taken else None,
            amount=state.amount,
            took=taken,
        )
        # Tried each minute, a channel that is down would fill the ledger.
        if not is_same_failure(alert, before):
            with open_ledger(root, model.settings, create=True) as ledger:
                ledger.append(told_by_tool(alert, ledger.size(), recorded_at))
    return tuple(found)


def _grave(state: CeilingState) -> bool:
    """True where somebody has to act, or where too little is known to say that nobody has to."""
    least = (state.spent.no_interval or "").startswith("lower bound")
    return state.state in _ACT or (state.state == "ticket" and least)


def _message(seen: CeilingWatch, state: CeilingState, code: str) -> "Message":
    from ops_model.alert import Message

    of = f" ({state.of})" if state.of else ""
    raising = ", ".join(state.may_raise) or "nobody"
    terms = f" ({state.raising})" if state.raising else ""
    when = f" on {state.day.isoformat()}" if state.day is not None else ""
    over = "; it is over" if state.over else ""
    lines = [
        f"{state.ceiling}{of} of {seen.system}: {_HAPPENED[state.state]}{when}{over}.",
        f"{_money(state.spent)} spent, of {_money(state.amount)} per {state.per}: {state.why}.",
        f"As of {iso_utc(seen.as_of)}; {_age(seen)}.",
        f"At the ceiling: {state.hard_action.replace('_', ' ')}. Owner {state.owner}; it may be "
        f"raised now by {raising}{terms}.",
        f"To say that you have it: ops-model watch --ack {code} --as YOU",
    ]
    if seen.simulated:
        lines.insert(0, "SIMULATED: this spend never happened.")
    title = f"{seen.system}: ceiling {state.ceiling} {_HAPPENED[state.state]}{when}"
    return Message(title, "\n".join(lines), _COLOUR.get(state.state, "warning"))


def _money(measured: Measured) -> str:
    if measured.value is None:
        return "an unknown amount"
    least = "at least " if (measured.no_interval or "").startswith("lower bound") else ""
    return f"{least}{measured.value:,.2f} {measured.unit}"


def _age(seen: CeilingWatch) -> str:
    if seen.newest_row is None:
        return "there is no row"
    return f"the newest row is {seen.data_age_minutes.value:,.0f} min old"
