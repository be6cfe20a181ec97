"""The smallest workbook with schedules, and what the ledger tells of its slots."""

from datetime import UTC, datetime

from ops_model.domain.evidence import LedgerEvent
from ops_model.store.workbook import read_workbook
from tests.notebook.builders import a_notebook
from tests.workflow.tiny import a_workbook, add_second_system

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)  # a Thursday
MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)
GOOD = '- {notebook: good, cron: "0 6 * * 1"}'


def a_scheduled(root, *lines, zone="UTC", more=""):
    """A workbook with two systems and these schedules; returns its folder."""
    a_workbook(root)
    add_second_system(root)
    a_notebook(root / "notebooks" / "all_of_them.ipynb", "1", parameters='as_of: str = ""  # when')
    schedule(root, *(lines or (GOOD,)), zone=zone, more=more)
    return root


def schedule(root, *lines, zone="UTC", more=""):
    """Write `ops-model.yaml` anew."""
    text = "".join(f"  {line}\n" for line in lines)
    (root / "ops-model.yaml").write_text(
        f"name: Test\nzone: {zone}\n{more}schedules:\n{text}", encoding="utf-8"
    )


def model_of(root):
    return read_workbook(root)


def told(kind, run_id="run-1", system="flight-delay", as_of=MONDAY, notebook="good", **data):
    """What a run tells the ledger."""
    return LedgerEvent(
        id=f"{run_id}/{kind}", type=f"run.{kind}", subject=system, as_of=as_of, recorded_at=NOW,
        actor="runner:ops-model", data={"run_id": run_id, "notebook": notebook, **data},
    )  # fmt: skip


def just_now(event):
    """The same, recorded now: a slot that failed is left for a day by the wall clock."""
    return event.model_copy(update={"recorded_at": datetime.now(UTC)})
