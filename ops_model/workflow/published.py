"""Whether what entries say to come from a run is what that run sealed, and what signers saw.

An entry can be appended in the name of a run that ended long ago; the run's bundle tells. And a
decision that was signed over another ledger says so itself: it names the root that was seen.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops_model.domain.values import digest_of
from ops_model.errors import Problem

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger, StoredEvent

RECORDS_FILE = "records.json"


@dataclass
class Published:
    """What the entries say, taken in their order: records of runs, and roots that were seen.

    `of_run` has the entry and the record of each run by system and run, `seen` the entries with
    the roots that their signers say to have seen, by the size of the ledger then.
    """

    of_run: dict[tuple[str, str], list[tuple[int, str]]] = field(default_factory=dict)
    seen: dict[int, list[tuple[int, str]]] = field(default_factory=dict)

    def note(self, seq: int, kind: object, subject: object, data: Mapping[str, Any]) -> None:
        """Take what matters from the next entry; what is no such thing is passed over."""
        record = data.get("record")
        said = record if isinstance(record, Mapping) else {}
        origin = data.get("origin")
        if kind == "evidence.published" and isinstance(origin, Mapping):
            of = (str(subject), str(origin.get("run_id")))
            self.of_run.setdefault(of, []).append((seq, _key(origin.get("cell"), record)))
        size, root = said.get("ledger_size"), said.get("ledger_root")
        if said.get("kind") == "sign_off" and root and isinstance(size, int):
            self.seen.setdefault(size, []).append((seq, str(root)))

    def note_event(self, stored: "StoredEvent") -> None:
        """The same, of an entry of a ledger that can be opened."""
        event = stored.event
        self.note(stored.seq, event.type, event.subject, event.data)

    def problems(
        self, system: str, run_id: str, end: int, records: bytes, *, again: bool
    ) -> list[tuple[str, int | None]]:
        """What the ledger has of a run and its bundle has not, and the other way round.

        Args:
            system: the run's system.
            run_id: the run.
            end: the entry that says that it finished; its records stand before it.
            records: the bundle's `records.json`.
            again: the run repeats another: then its records are compared and not published.

        Returns:
            Sentences, with the number of the entry where there is one.
        """
        try:
            sealed = Counter(_key(r["cell"], r["record"]) for r in json.loads(records))
        except (ValueError, LookupError, TypeError, RecursionError):
            return [(f"{RECORDS_FILE} is no list of records", None)]
        found: list[tuple[str, int | None]] = []
        for seq, key in self.of_run.get((system, run_id), ()):
            if seq > end:
                found.append((f"was added to {run_id} after that run had ended", seq))
            elif not sealed[key]:
                found.append((f"says to come from {run_id}, whose bundle has no such record", seq))
            else:
                sealed[key] -= 1
        if left := 0 if again else sealed.total():
            found.append((f"{left} of its records are not on the ledger", None))
        return found


def _key(cell: object, record: object) -> str:
    """One record of a cell, by content; of what cannot be a record, something no bundle has."""
    try:
        return f"{cell} {digest_of(record)}" if isinstance(record, Mapping) else "none"
    except (ValueError, TypeError, RecursionError):
        return "none"


def of_bundle(found: Iterable[tuple[str, int | None]], bundle: str) -> list[Problem]:
    """The sentences as problems: of their entry, or else of the bundle."""
    return [Problem(what, bundle if seq is None else f"ledger:{seq}") for what, seq in found]


def not_seen(seen: Mapping[int, Iterable[tuple[int, str]]], size: int, root: str) -> list[Problem]:
    """Whose signers saw another ledger, of those that saw one of this size."""
    what = f"the signer saw another ledger of {size} entries"
    return [Problem(what, f"ledger:{seq}") for seq, saw in seen.get(size, ()) if saw != root]


def saw_another(ledger: "Ledger", seen: Mapping[int, Iterable[tuple[int, str]]]) -> list[Problem]:
    """Decisions that were signed on another ledger than this.

    Raises:
        LedgerError: it cannot be read.
    """
    from ops_model.store.merkle import Frontier, leaf_hash

    if not seen:
        return []
    tree, size = Frontier(), 0
    found = not_seen(seen, 0, tree.root().hex())
    # Each signer saw a ledger that their own entry came after.
    for row in ledger.rows(until=max(seq for saw in seen.values() for seq, _ in saw)):
        tree.append(leaf_hash(row.body))
        size += 1
        if size in seen:
            found += not_seen(seen, size, tree.root().hex())
    beyond = sorted(n for n in seen if not 0 <= n <= size)
    return [*found, *(p for n in beyond for p in not_seen(seen, n, ""))]
