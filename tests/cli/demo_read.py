"""What tests read out of a demo: its verdicts and its records."""

import json
import subprocess
import sys

from ops_model.store.workbook import read_workbook
from ops_model.workflow.ledgers import open_ledger

OPEN = {"failed", "unknown", "errored"}


def ops_model(*arguments, cwd, before=""):
    """Run the command line in a process of its own; `before` is run first in that process."""
    code = f"{before}\nfrom ops_model.cli import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        check=False,
        cwd=cwd,
        capture_output=True,
        text=True,
    )


def verdict_of(system, root):
    """The exit code of `check`, and what it says."""
    finished = ops_model("check", system, "--workbook", root, "--json", cwd=root)
    return finished.returncode, json.loads(finished.stdout)


def statements(root, kind, system):
    """Every statement of a kind about a system, oldest first."""
    model = read_workbook(root)
    with open_ledger(root, model.settings, readonly=True) as ledger:
        return [s for s in ledger.statements(system) if isinstance(s.record, kind)]


def records(root, kind, system):
    """Every record of a kind about a system, oldest first."""
    return [s.record for s in statements(root, kind, system)]
