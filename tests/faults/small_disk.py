"""A disk of its own for one process: a tmpfs that is small, or made read-only afterwards.

`run_on_small_disk(script)` runs Python in a mount namespace that ends with it, so nothing is left
mounted. The script finds the disk's path in `DISK`.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import require

ROOT = Path(__file__).resolve().parents[2]
_PRELUDE = """\
import json, subprocess, sys
from pathlib import Path
DISK = Path(sys.argv[1])
"""


def _can_mount(folder):
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(folder)],
        check=False, capture_output=True,
    )  # fmt: skip
    return tried.returncode == 0


def run_on_small_disk(script, folder, *, size="1m"):
    """What `script` printed last, as JSON."""
    require(_can_mount(folder), "a mount namespace (unshare)")
    mounted = f'mount -t tmpfs -o size={size} tmpfs "$1" && exec "$2" -c "$3" "$1"'
    finished = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mounted, "sh", str(folder), sys.executable,
         _PRELUDE + script],
        check=False, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])
