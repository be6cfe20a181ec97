"""What the ledger of an export tells of, gathered while its entries go by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ops_model.workflow.published import Published
from ops_model.workflow.verified import FinishedRun, finished_run

if TYPE_CHECKING:
    from ops_model.store.ledger_export import ExportedEntry


@dataclass
class ToldByLedger:
    """What the ledger of an export tells of.

    `worded` are the systems about which somebody decided or signed, `published` what entries say
    to come from runs, and `until` is when the last entry was recorded that a checkpoint covers.
    """

    runs: list[FinishedRun] = field(default_factory=list)
    subjects: set[str] = field(default_factory=set)
    worded: set[str] = field(default_factory=set)
    published: Published = field(default_factory=Published)
    until: datetime | None = None

    def note(self, entry: "ExportedEntry", covered: int) -> None:
        """Take what matters from the next entry.

        Raises:
            IntegrityError: it tells of a run, and names none.
            LedgerError: another version of ops-model wrote it.
        """
        subject, data = str(entry.body["subject"]), entry.data
        self.subjects.add(subject)
        if entry.body["type"] == "run.finished":
            self.runs.append(finished_run(entry.stored()))
        record = data.get("record")
        said = record if isinstance(record, Mapping) else {}
        if said.get("kind") == "review_pack" or data.get("proof") is not None:
            self.worded.add(subject)
        self.published.note(entry.row.seq, entry.body["type"], subject, data)
        if entry.row.seq == covered - 1:
            self.until = entry.stored().event.recorded_at
