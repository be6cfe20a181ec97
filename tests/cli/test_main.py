"""`ops-model` as a process: whatever its output meets, an exit code and never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops_model.workflow.start import start_workbook

FULL = Path("/dev/full")


def ops_model_process(*arguments, **given):
    return subprocess.run(
        [sys.executable, "-m", "ops_model", *arguments],
        check=False, stderr=subprocess.PIPE, encoding="utf-8", **given,
    )  # fmt: skip


@pytest.mark.skipif(not FULL.exists(), reason="this machine has no /dev/full")
def test_a_full_disk_behind_the_output_is_said_once_and_exits_3():
    with FULL.open("w") as full:
        finished = ops_model_process("checks", "list", stdout=full)

    assert finished.returncode == 3
    assert "No space left on device\n  to fix: see that the disk has room" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert "Exception ignored" not in finished.stderr


def test_a_locale_without_the_marks_still_tells_yes_from_no(tmp_path):
    start_workbook(tmp_path / "book", "scorer")

    finished = ops_model_process(
        "check", "scorer", "--workbook", str(tmp_path / "book"),
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip

    assert "\\u2717 Who gets paged?" in finished.stdout
    assert (finished.returncode, finished.stderr) == (1, "")
