"""Whether what entries say to come from a run is what that run sealed, and what signers saw.

An entry can be appended in the name of a run that ended long ago; the run's bundle tells. And a
decision that was signed over another ledger says so itself: it names the root that was seen.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops_model.domain.values import digest_of
from ops_model.errors import Problem

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger, StoredEvent

Seen = Mapping[int, Sequence[tuple[int, str]]]
"""By the size of the ledger that signers saw, their entries and the root that each of them saw."""
NO_ROOTS: Mapping[int, str] = {}
"""When no root was computed yet."""

RECORDS_FILE = "records.json"
NO_RECORDS = b"[]"
_FIRST, _BETWEEN, _LAST = b"[", b"},", b"}]"
# How an item begins in the canonical list of the records and their cells.
_ITEM = re.compile(rb'\{"cell":(0|[1-9][0-9]*),"record":')


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
        if kind == "evidence.published":
            self._note_origin(seq, subject, data.get("origin"), _digest(record))
        self._note_root(seq, record if isinstance(record, Mapping) else {})

    def note_event(self, stored: "StoredEvent") -> None:
        """The same, of an entry of a ledger that can be opened."""
        event = stored.event
        if event.type == "evidence.published":
            self._note_origin(
                stored.seq, event.subject, event.data.get("origin"), stored.digest or None
            )
        if event.type == "signoff.given":
            self._note_root(stored.seq, stored.told())

    def _note_origin(self, seq: int, subject: object, origin: object, digest: str | None) -> None:
        if isinstance(origin, Mapping):
            of = (str(subject), str(origin.get("run_id")))
            self.of_run.setdefault(of, []).append((seq, _key(origin.get("cell"), digest)))

    def _note_root(self, seq: int, said: Mapping[str, Any]) -> None:
        size, root = said.get("ledger_size"), said.get("ledger_root")
        if said.get("kind") == "sign_off" and root and isinstance(size, int):
            self.seen.setdefault(size, []).append((seq, str(root)))

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
        noted = self.of_run.get((system, run_id), [])
        in_time = all(seq < end for seq, _ in noted)
        if in_time and not again and _as_sealed(records) == Counter(key for _, key in noted):
            return []
        try:
            sealed = Counter(_key(r["cell"], _digest(r["record"])) for r in json.loads(records))
        except (ValueError, LookupError, TypeError, RecursionError):
            return [(f"{RECORDS_FILE} is no list of records", None)]
        found: list[tuple[str, int | None]] = []
        for seq, key in noted:
            if seq > end:
                found.append((f"was added to {run_id} after that run had ended", seq))
            elif not sealed[key]:
                found.append((f"says to come from {run_id}, whose bundle has no such record", seq))
            else:
                sealed[key] -= 1
        if left := 0 if again else sealed.total():
            found.append((f"{left} of its records are not on the ledger", None))
        return found


def _as_sealed(records: bytes) -> Counter[str] | None:
    """The records of a bundle as they stand in its file, none of them read.

    Where it is cut may be wrong, and then what is cut out is no record of the ledger: only by the
    digests of whole records, one behind the other, is it the same. None where it cannot be cut.
    """
    found: Counter[str] = Counter()
    if records == NO_RECORDS:
        return found
    begins = list(_ITEM.finditer(records))
    first, *others = [item.start() for item in begins] or [0]
    if first != len(_FIRST) or not (records.startswith(_FIRST) and records.endswith(_LAST)):
        return None
    if any(not records.endswith(_BETWEEN, 0, start) for start in others):
        return None
    ends = [*(start - len(_BETWEEN) for start in others), len(records) - len(_LAST)]
    for item, end in zip(begins, ends, strict=True):
        found[_key(item[1].decode(), digest_of(records[item.end() : end]))] += 1
    return found


def _key(cell: object, digest: str | None) -> str:
    """One record of a cell, by content; of what cannot be a record, something no bundle has."""
    return "none" if digest is None else f"{cell} {digest}"


def _digest(record: object) -> str | None:
    try:
        return digest_of(record) if isinstance(record, Mapping) else None
    except (ValueError, TypeError, RecursionError):
        return None


def of_bundle(found: Iterable[tuple[str, int | None]], bundle: str) -> list[Problem]:
    """The sentences as problems: of their entry, or else of the bundle."""
    return [Problem(what, bundle if seq is None else f"ledger:{seq}") for what, seq in found]


def not_seen(seen: Seen, size: int, root: str) -> list[Problem]:
    """Whose signers saw another ledger, of those that saw one of this size."""
    what = f"the signer saw another ledger of {size} entries"
    return [Problem(what, f"ledger:{seq}") for seq, saw in seen.get(size, ()) if saw != root]


def saw_another(
    ledger: "Ledger", seen: Seen, known: Mapping[int, str] = NO_ROOTS
) -> list[Problem]:
    """Decisions that were signed on another ledger than this.

    Args:
        ledger: the ledger.
        seen: the entries with the roots that were seen, by the size of the ledger then.
        known: the roots that this ledger had, for whoever asks about several systems.

    Raises:
        LedgerError: it cannot be read.
    """
    if not seen:
        return []
    until = _last(seen)
    roots = known or roots_at(ledger, [seen])
    # Each signer saw a ledger that their own entry came after.
    had = {size: roots[size] for size in seen if size <= until and size in roots}
    sizes = [*sorted(had), *sorted(seen.keys() - had)]
    return [p for size in sizes for p in not_seen(seen, size, had.get(size, ""))]


def roots_at(ledger: "Ledger", seen: Collection[Seen]) -> dict[int, str]:
    """The roots that the ledger had at the sizes that signers saw, as far as it had them.

    Raises:
        LedgerError: it cannot be read.
    """
    from ops_model.store.merkle import Frontier, leaf_hash

    wanted = {size for one in seen for size in one}
    if not wanted:
        return {}
    tree = Frontier()
    found = {0: tree.root().hex()}
    until = max(map(_last, filter(None, seen)))
    for size, row in enumerate(ledger.rows(until=until), start=1):
        tree.append(leaf_hash(row.body))
        if size in wanted:
            found[size] = tree.root().hex()
    return found


def _last(seen: Seen) -> int:
    """The last entry that says which ledger its signer saw."""
    return max(seq for saw in seen.values() for seq, _ in saw)
