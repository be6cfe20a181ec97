"""What README says is true: its help is the program's, and each command in it runs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")
OPS_MODEL = Path(sys.executable).parent / "ops-model"


def commands(text: str) -> list[str]:
    """Every `ops-model ...` in a code span or a fenced block that can be run as it stands."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    lines = [line for block in blocks for line in block.splitlines()]
    found = [c for c in (*lines, *spans) if c.startswith("ops-model ")]
    # One that serves until it is stopped is tried by tests of its own.
    ends = [c for c in dict.fromkeys(found) if not c.startswith("ops-model serve")]
    return [c for c in ends if "..." not in c and "SYSTEM" not in c]


def test_the_help_block_is_the_programs_own():
    block = re.search(r"<!-- help -->\n```\n(.*?)```\n<!-- /help -->", README, re.DOTALL)[1]

    printed = subprocess.run(
        [OPS_MODEL, "--help"], capture_output=True, text=True,
        env={**os.environ, "COLUMNS": "80"}, check=True,
    ).stdout  # fmt: skip

    assert block == printed


def test_every_link_of_the_papers_leads_somewhere():
    for paper in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", paper.read_text(encoding="utf-8")):
            assert (paper.parent / target).exists(), f"{paper.name}: {target}"


def test_readme_names_a_command_for_each_of_the_five_questions():
    section = README.split("## The five questions")[1].split("##")[0]

    rows = [line for line in section.splitlines() if "`ops-model" in line and line[0] == "|"]

    assert len(rows) == 5


@pytest.mark.slow
@pytest.mark.kernel
def test_every_command_of_readme_and_guide_runs(demo_copy):
    refused = []

    for command in dict.fromkeys([*commands(README), *commands(GUIDE)]):
        # `init` starts this workbook; the commands after it are meant to be given inside.
        inside = "my-system" in command and "my-workbook" not in command
        finished = subprocess.run(
            [OPS_MODEL, *shlex.split(command, comments=True)[1:]],
            cwd=demo_copy / "my-workbook" if inside else demo_copy,
            capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"},
        )  # fmt: skip
        # 1 is an answer too: a blocking finding. A new system has nothing to rehearse against.
        answered = finished.returncode in {0, 1} or "has no target" in finished.stderr
        if not answered or "Traceback" in finished.stderr:
            refused.append((command, finished.returncode, finished.stderr[-400:]))

    assert refused == []
