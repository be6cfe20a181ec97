"""nbval over the two golden notebooks: a smoke run, and their verdicts compared."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

GOLDEN = Path(__file__).resolve().parent / "golden"


def nbval(folder):
    """Run nbval in a process of its own, away from this run's settings."""
    return subprocess.run(
        [
            sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-q",
            "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(folder), str(folder),
        ],
        check=False, cwd=folder, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.kernel
def test_the_golden_notebooks_still_give_their_stored_verdicts():
    finished = nbval(GOLDEN)

    assert finished.returncode == 0, finished.stdout
    assert "10 passed" in finished.stdout


@pytest.mark.kernel
def test_a_golden_notebook_with_another_stored_verdict_is_noticed(tmp_path):
    golden = GOLDEN / "flight-delay"
    notebook = nbformat.read(golden / "golden.ipynb", as_version=4)
    notebook.cells[-1].outputs[0].text = "READY\n"
    nbformat.write(notebook, tmp_path / "golden.ipynb")
    (tmp_path / "snapshot.json").write_bytes((golden / "snapshot.json").read_bytes())

    finished = nbval(tmp_path)

    assert finished.returncode == 1
    assert "1 failed, 4 passed" in finished.stdout


@pytest.mark.parametrize("system", ["flight-delay", "support-assistant"])
def test_a_golden_snapshot_holds_no_names_of_people(system):
    snapshot = json.loads((GOLDEN / system / "snapshot.json").read_text(encoding="utf-8"))

    assert all(p["name"] == p["id"] for p in snapshot["people"]["people"])
