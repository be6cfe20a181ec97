"""What a verification comes to, and the finished runs that the ledger tells of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ops_model.domain.scalars import Digest, RelativePath, Slug
from ops_model.domain.values import Value
from ops_model.errors import IntegrityError, Problem
from ops_model.workflow.trust import CoveredBy

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger, StoredEvent


@dataclass(frozen=True)
class Verified:
    """What was compared, and everything that is not what was recorded.

    `size`, `head` and `root` are the ledger's, 0 and None where none was read. `compared` says in
    words what was compared with what, `told` what else a reader has to know, and `covered` which
    signed checkpoint vouches for the ledger. `rests` ends the last line: what "unchanged" does not
    say. `more` are further keys of the JSON.
    """

    compared: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    size: int = 0
    head: str | None = None
    root: str | None = None
    covered: CoveredBy | None = None
    told: tuple[str, ...] = ()
    rests: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True when nothing was changed."""
        return not self.problems

    @property
    def word(self) -> str:
        """How it ended, in one line: what no checkpoint covers may have been made up."""
        if not self.ok:
            count = len(self.problems)
            return f"changed: {count} problem{'s' if count != 1 else ''}"
        return f"unchanged{self._reach}{''.join(self.rests)}"

    @property
    def _reach(self) -> str:
        if self.covered is not None and self.covered.since:
            reach = f"the first {self.covered.size} of {self.size} entries"
            return f", as far as a checkpoint reaches: {reach}"
        if self.covered is None and self.head is not None:
            return " by its own hashes; no checkpoint covers it"
        return ""

    def as_json(self) -> dict[str, Any]:
        """The keys that `ops-model verify --json` prints."""
        return {
            "ok": self.ok,
            "size": self.size,
            "root": self.root,
            "checkpoint": self.covered.as_json() if self.covered else None,
            "problems": [{"where": p.where, "what": p.message} for p in self.problems],
            "compared": list(self.compared),
            "head": self.head,
            **self.more,
        }


class FinishedRun(Value):
    """A run as its `run.finished` event tells of it; `again` when it repeats another."""

    seq: int
    system: Slug
    as_of: datetime
    run_id: str
    bundle: RelativePath
    manifest: Digest
    again: bool = False


def finished_run(stored: "StoredEvent") -> FinishedRun:
    """The run that a `run.finished` event tells of.

    Raises:
        IntegrityError: the event names no bundle below the workbook, or no manifest.
    """
    event = stored.event
    keys = {k: event.data.get(k) for k in ("run_id", "bundle", "manifest")}
    try:
        return FinishedRun(
            seq=stored.seq, system=event.subject, as_of=event.as_of,
            again=event.data.get("reproduces") is not None, **keys,
        )  # fmt: skip
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise IntegrityError(
            f"tells of no run: {first['loc'][0]}: {first['msg']}",
            where=f"ledger:{stored.seq}",
            remedy="find out who wrote the entry; ops-model writes no such thing",
        ) from error


def finished_in(ledger: "Ledger", *, subject: str | None = None) -> Iterator["StoredEvent"]:
    """The ends of finished runs, in their order."""
    return (s for s in ledger.events(subject=subject) if s.event.type == "run.finished")
