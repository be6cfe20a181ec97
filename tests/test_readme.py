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
    """Every `ops-model ...` in code spans and blocks that can be run as it stands."""
    found = re.findall(r"^ops-model [^\n`]+$|(?<=`)ops-model [^`]+(?=`)", text, re.MULTILINE)
    return [" ".join(c.split()) for c in dict.fromkeys(found)]


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
    answers = {0, 1}  # 1 is an answer too: a blocking finding
    refused = []

    for command in [*commands(README), *commands(GUIDE)]:
        if "..." in command or "SYSTEM" in command:
            continue
        finished = subprocess.run(
            [OPS_MODEL, *shlex.split(command)[1:]],
            cwd=demo_copy, capture_output=True, text=True,
            env={**os.environ, "COLUMNS": "80"},
        )  # fmt: skip
        if finished.returncode not in answers or "Traceback" in finished.stderr:
            refused.append((command, finished.returncode, finished.stderr[-400:]))

    assert refused == []
