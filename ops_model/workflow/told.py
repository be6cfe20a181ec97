"""What the ledger says about one system, read once: to observe by, to judge by, and to show."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ops_model.domain.evidence import LedgerEvent, Statement
from ops_model.store.ledger_chain import StoredEvent, read_row
from ops_model.store.ledger_evidence import evidence_among
from ops_model.workflow.published import Published, roots_at

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger

_OF_RUNS = "run."


@dataclass(frozen=True)
class Told:
    """The statements about a system, and what else is read of its entries.

    Of what people said, `statements` hold commitments and no words. `published` is what entries
    say to come from runs; `runs` are the entries that tell how runs began and ended. `roots` are
    those that the ledger had when people signed, where they are known already.
    """

    statements: tuple[Statement, ...]
    published: Published
    runs: tuple[StoredEvent, ...]
    roots: Mapping[int, str] = field(default_factory=dict)


def told_of(ledger: "Ledger", system_id: str, *, until: int | None = None) -> Told:
    """Everything that the ledger says about a system, or said when it held `until` entries.

    Raises:
        ChainBrokenError: an entry about this system was changed.
        LedgerError, IntegrityError: the ledger, or what an entry holds, cannot be read.
    """
    published, runs = Published(), []
    with ledger.at_hand(system_id):
        for stored in ledger.events(subject=system_id, until=until):
            published.note_event(stored)
            if stored.event.type.startswith(_OF_RUNS):
                runs.append(stored)
        statements = ledger.statements(system_id, until=until, words=False)
    return Told(statements, published, tuple(runs))


def told_of_all(
    ledger: "Ledger",
    systems: Sequence[str],
    *,
    then: Callable[[Told], object] = lambda _: None,
) -> dict[str, Told]:
    """The same of many systems, in their order.

    What all their signers saw is looked for in one reading of the ledger.

    Args:
        ledger: the ledger.
        systems: their ids.
        then: called with what is told of each, as soon as it is read; the roots are not known yet.

    Raises: as `told_of`.
    """
    told = {}
    for system_id in systems:
        told[system_id] = told_of(ledger, system_id)
        then(told[system_id])
    roots = roots_at(ledger, [one.published.seen for one in told.values()])
    return {system_id: replace(one, roots=roots) for system_id, one in told.items()}


def told_since(
    ledger: "Ledger",
    known: Mapping[str, Told],
    appended: Sequence[LedgerEvent],
    *,
    since: int,
    until: int,
) -> dict[str, Told]:
    """What the ledger said with `until` entries, of systems that were read at `since` or later.

    Only what is new is read; of a system about which others wrote meanwhile, everything.

    Args:
        ledger: the ledger.
        known: by system, what was read.
        appended: what the tool itself has appended since.
        since: how many entries there were before anything of it was read.
        until: how many count.

    Raises: as `told_of`.
    """
    ours, added = {event.id for event in appended}, dict[str, list[StoredEvent]]()
    for row in ledger.rows(start=since, until=until):
        stored = read_row(row)
        added.setdefault(stored.event.subject, []).append(stored)
    return {
        system_id: _with(told, added.get(system_id, ()), ours)
        or told_of(ledger, system_id, until=until)
        for system_id, told in known.items()
    }


def _with(told: Told, new: Sequence[StoredEvent], ours: Collection[str]) -> Told | None:
    """What was told and what is new; None where that has to be read in one piece."""
    if any(stored.event.id not in ours for stored in new):
        return None
    return replace(told, statements=(*told.statements, *evidence_among(new))) if new else told
