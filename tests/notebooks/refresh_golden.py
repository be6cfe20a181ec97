"""Write the two golden notebooks anew, with the outputs that they have today.

Run it after a change that is meant to show in them, and read the difference before committing:
`python tests/notebooks/refresh_golden.py`. Each folder holds the demo's claims as a snapshot, so
that the notebook needs neither data nor a ledger.
"""

import json
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from ops_model.domain.snapshot import SNAPSHOT_FILE, snapshot_as_json
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook
from ops_model.workflow.open import take_snapshot

GOLDEN = Path(__file__).resolve().parent / "golden"
OPEN = "from ops_model import workflow\n\nbook = workflow.open(system=system, as_of=as_of)"
VERDICT = """# NBVAL_CHECK_OUTPUT
record = workflow.assessment(book).record
print(record.verdict)
print([q.answered for q in record.five_questions])"""
SHOWN = {
    "flight-delay": ["workflow.five_questions(book)", "workflow.coverage(book)"],
    "support-assistant": ["workflow.eight_items(book)", 'workflow.area(book, "rollback")'],
}


def golden(system_id: str) -> None:
    """Write snapshot and notebook of one system, and store the notebook's outputs."""
    model = read_workbook(shipped("templates") / "workbook")
    folder = GOLDEN / system_id
    folder.mkdir(parents=True, exist_ok=True)
    as_of = model.settings.as_of
    snapshot = take_snapshot(Path(), model, system_id, as_of=as_of, ledger=None)
    text = json.dumps(snapshot_as_json(snapshot), ensure_ascii=False, separators=(",", ":"))
    (folder / SNAPSHOT_FILE).write_text(text + "\n", encoding="utf-8")
    notebook = nbformat.v4.new_notebook()
    declared = f'system: str = "{system_id}"  # the system\nas_of: str = ""  # as the snapshot'
    for number, source in enumerate([declared, OPEN, *SHOWN[system_id], VERDICT]):
        cell = nbformat.v4.new_code_cell(source, id=f"golden-{number}")
        notebook.cells.append(cell)
    notebook.metadata["kernelspec"] = {
        "name": "python3", "display_name": "Python 3", "language": "python",
    }  # fmt: skip
    NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    ).execute()  # fmt: skip
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, folder / "golden.ipynb")


if __name__ == "__main__":
    for system in SHOWN:
        golden(system)
