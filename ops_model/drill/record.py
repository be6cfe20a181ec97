"""What a drill writes down: the journal, the timings, and the reconciliation of records."""

import json
import math
import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops_model.domain.evidence import Measured

_Z95 = 1.959964  # two-sided 95 % of the normal distribution


class Journal:
    """The steps of one drill as JSON lines; each is on the disk before the next begins.

    A line is `{"t": seconds since the drill began, "event": ..., ...}`. A disk that refuses a line
    is noted in `failure` and never raised, because restoring must go on without it.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path, stopwatch: Callable[[], float]) -> None:
        self.path = path
        self.failure = ""
        self._stopwatch = stopwatch
        self._began = stopwatch()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def write(self, event: str, **facts: object) -> None:
        """Add one line, synced; see `failure`."""
        entry = {"t": round(self._stopwatch() - self._began, 4), "event": event, **facts}
        # A line that a kill tore in two ends here, and is left out when the journal is read.
        start = "" if _ends_whole(self.path) else "\n"
        line = (start + json.dumps(entry, ensure_ascii=False) + "\n").encode()
        try:
            while line:
                line = line[os.write(self._file, line) :]
            os.fsync(self._file)
        except OSError as error:
            self.failure = self.failure or error.strerror or "the disk refuses"

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if not size:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def read_journal(path: Path) -> list[dict[str, Any]]:
    """Every whole line of a journal, in order."""
    entries = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and isinstance(entry.get("event"), str):
            entries.append(entry)
    return entries


def last_of(entries: Sequence[Mapping[str, Any]], event: str) -> Mapping[str, Any] | None:
    """The last entry of this event, or None."""
    return next((e for e in reversed(entries) if e["event"] == event), None)


def single_timing(seconds: float | None) -> Measured:
    """One timing of the stopwatch; None when it never happened."""
    value = None if seconds is None else round(seconds, 3)
    n = 0 if seconds is None else 1
    return Measured(value=value, unit="s", n=n, no_interval="single timing")


def share(count: int, of: int) -> Measured:
    """`count` of `of` as a share with its 95 % Wilson interval; nothing of nothing is no share.

    Source: Wilson 1927; it stays inside 0 to 1 and says something when `count` equals `of`.
    """
    # As `analysis.spread.wilson`, which would load numpy into the supervisor for one line.
    if of == 0:
        return Measured(value=None, unit="share", n=0, no_interval="too few")
    p, z2 = count / of, _Z95**2
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z95 / (1 + z2 / of) * math.sqrt(p * (1 - p) / of + z2 / (4 * of**2))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Measured(value=p, unit="share", n=of, low=round(low, 6), high=round(high, 6))


def p95_seconds(seconds: Sequence[float]) -> Measured:
    """The 95th percentile by nearest rank: 95 of 100 requests took no longer; exact for these."""
    if not seconds:
        return Measured(value=None, unit="s", n=0, no_interval="too few")
    rank = math.ceil(0.95 * len(seconds))
    value = round(sorted(seconds)[rank - 1], 4)
    return Measured(value=value, unit="s", n=len(seconds), no_interval="exact")


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record of the target's store: the request's id and the digest of the content."""

    id: str
    digest: str


@dataclass(frozen=True)
class Reconciliation:
    """The ids of lost, duplicated and changed records, and how many were stored."""

    before: int
    after: int
    lost: tuple[str, ...]
    duplicated: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """True when nothing was lost, duplicated or changed."""
        return not (self.lost or self.duplicated or self.changed)

    def __str__(self) -> str:
        """`3 lost, 0 duplicated, 0 changed`."""
        return (
            f"{len(self.lost)} lost, {len(self.duplicated)} duplicated, "
            f"{len(self.changed)} changed"
        )


def reconcile(
    before: Sequence[StoredRecord],
    after: Sequence[StoredRecord],
    acknowledged: Collection[str],
) -> Reconciliation:
    """What became of every record from before, and of every acknowledged request.

    Args:
        before: the store before the decision.
        after: the store now.
        acknowledged: requests that had their answer before `after` was read.
    """
    counted_before = Counter(record.id for record in before)
    counted_after = Counter(record.id for record in after)
    contents: dict[str, set[str]] = {}
    for record in after:
        contents.setdefault(record.id, set()).add(record.digest)
    owed = set(counted_before) | set(acknowledged)
    changed = {r.id for r in before if r.id in contents and r.digest not in contents[r.id]}
    return Reconciliation(
        before=len(before),
        after=len(after),
        lost=tuple(sorted(owed - set(counted_after))),
        duplicated=tuple(
            sorted(i for i, n in counted_after.items() if n > max(1, counted_before[i]))
        ),
        changed=tuple(sorted(changed)),
    )
