"""A writer that is killed while it saves a large notebook."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLS = 30
WRITE = """
import sys
from pathlib import Path
import nbformat
from ops_model.notebook.run import _write_whole
notebook = nbformat.v4.new_notebook()
text = "".join(f"{n} of many numbers" for n in range(200_000))
notebook.cells = [nbformat.v4.new_markdown_cell(text) for _ in range(8)]
print("ready", flush=True)
while True:
    _write_whole(notebook, Path(sys.argv[1]))
"""


@pytest.mark.faults
def test_a_notebook_is_there_whole_or_not_at_all_whenever_its_writer_is_killed(tmp_path):
    path, drawn = tmp_path / "executed.ipynb", random.Random(7)
    found = size = 0
    for _ in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITE, str(path)], cwd=ROOT, stdout=subprocess.PIPE
        )
        writer.stdout.readline()
        time.sleep(drawn.uniform(0.05, 1.5))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        if path.exists():
            found, size = found + 1, path.stat().st_size
            assert len(nbformat.read(path, as_version=4).cells) == 8
            path.unlink()

    print(f"\n{KILLS} kills while {size / 1e6:.0f} MB were saved: {found} whole, the others none")
    assert found
