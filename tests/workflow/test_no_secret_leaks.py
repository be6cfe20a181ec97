"""A secret that a run meets is in nothing that is kept or printed: real runs, and the site."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest

from ops_model.shipped import notebook_digest, shipped
from ops_model.store.ledger import Ledger
from tests.domain.redaction_corpus import Maker
from tests.site.pages_reader import Reader
from tests.store.ledger_events import as_appended

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[2]
SYSTEM = "support-assistant"
CANARY = Maker(2).github_token()
"""In every place but the environment."""
OF_THE_RUNNER = "horse" + "-7-blue-nine"
"""In the environment of the runner; nothing about it looks like a secret but its name."""
EMAIL = "ada" + "@" + "lovelace.example"

CELLS = [
    f"canary = {CANARY!r}",
    "import logging, os, sys, warnings\nimport pandas as pd",
    'seen = pd.read_csv(book.root / "data/seen.csv")\nseen.assign(**{canary: 1})',
    'print(f"GET https://store.example/a?key={canary}&page=2")',
    'print(canary[:12], end="", flush=True)\nprint("noise", file=sys.stderr)\nprint(canary[12:])',
    'print(canary, file=sys.stderr)\nlogging.warning(canary)\nwarnings.warn(canary)\n'
    'os.write(1, canary.encode())\nos.write(2, canary.encode())',
    "import base64\nprint(base64.b64encode(canary.encode()).decode())",
    'with open(f"/proc/{os.getppid()}/environ") as around:\n    print(around.read()[:100_000])\n'
    "dict(os.environ)",
    "from IPython.display import HTML, JSON, Markdown, display\n"
    'display(HTML(f"<p title=\'{canary}\'>{canary}</p>"), JSON({canary: {"x": [canary]}}),\n'
    "        Markdown(canary), metadata={'about': canary})",
]  # fmt: skip
FAILING = [
    "%xmode Verbose",
    f"def rate(passenger, key):\n    local = [key]\n    raise ValueError('no rate for ' + key)\n"
    f"rate({EMAIL!r}, {CANARY!r})",
]


def command(root, *arguments):
    """A command of ours as its user calls it, with a secret in the environment."""
    return subprocess.run(
        [sys.executable, "-m", "ops_model", *arguments, "--workbook", str(root)],
        check=False, cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "OPS_DB_PASSWORD": OF_THE_RUNNER},
    )  # fmt: skip


def a_copy(root, name, cells):
    """A user's copy of the gap map with cells of their own."""
    notebook = nbformat.read(shipped("notebooks") / "00_gap_map.ipynb", as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in cells]
    notebook.metadata["authors"] = [{"email": EMAIL}]
    (root / "notebooks").mkdir(exist_ok=True)
    nbformat.write(notebook, root / f"notebooks/{name}.ipynb")
    return root / f"notebooks/{name}.ipynb"


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    """The starter with an approved notebook that shows secrets, one that fails, and a log."""
    root = tmp_path_factory.mktemp("leaks") / "workbook"
    shutil.copytree(shipped("templates") / "workbook", root)
    (root / "data").mkdir(exist_ok=True)
    (root / "data/seen.csv").write_text(f"contact\n{EMAIL}\n", encoding="utf-8")
    digest = notebook_digest(a_copy(root, "leaking", CELLS))
    a_copy(root, "failing", FAILING)
    with (root / "policy.yaml").open("a", encoding="utf-8") as policy:
        policy.write(f"\napproved_notebooks: [{digest!r}]\n")
    return root


@pytest.fixture(scope="module")
def told(workbook):
    """What the commands printed, by their names; then the site was built."""
    return {
        "leaking": command(workbook, "run", "leaking", SYSTEM),
        "failing": command(workbook, "run", "failing", SYSTEM, "--json"),
        "parameter": command(workbook, "run", "leaking", SYSTEM, "-p", f"note={CANARY}"),
        "site": command(workbook, "site"),
    }


@pytest.fixture(scope="module")
def executed(workbook, told):
    assert told["leaking"].returncode == 0, told["leaking"].stdout + told["leaking"].stderr
    (path,) = workbook.glob(f"runs/{SYSTEM}/leaking/*/executed.ipynb")
    return path


def written(secret):
    """Every way in which a secret may have been written down."""
    raw = secret.encode()
    yield from (raw, raw.hex().encode(), quote(secret, safe="").encode(), raw[len(raw) // 3 :])
    yield secret.encode("utf-16-le")
    for shift in range(3):  # base64 of a text that holds it, wherever it begins
        coded = base64.b64encode(b"x" * shift + raw)
        yield coded[4 : len(coded) // 4 * 4 - 4]


def kept(root):
    """Everything in a workbook that a command wrote: bundles, pages, the ledger's own bytes."""
    ours = {root / "notebooks/leaking.ipynb", root / "notebooks/failing.ipynb"}
    for path in root.rglob("*"):
        if path.is_file() and path not in ours and path.name != "seen.csv":
            yield path, path.read_bytes()


@pytest.mark.parametrize("secret", [CANARY, OF_THE_RUNNER, EMAIL], ids=["canary", "env", "email"])
def test_no_secret_is_in_a_bundle_a_page_or_the_ledger(workbook, executed, secret):
    forms = set(written(secret))
    hits = [path.name for path, content in kept(workbook) if any(f in content for f in forms)]

    assert len(list(kept(workbook))) > 20
    assert hits == []


@pytest.mark.parametrize("secret", [CANARY, OF_THE_RUNNER, EMAIL], ids=["canary", "env", "email"])
def test_no_secret_is_printed(told, secret):
    printed = "".join(done.stdout + done.stderr for done in told.values()).encode()

    assert not any(form in printed for form in written(secret))


def test_the_ledger_says_no_secret_in_any_event(workbook, told):
    with Ledger.open(workbook / "ledger.db") as ledger:
        events = [as_appended(stored).model_dump_json() for stored in ledger.events()]

    assert any("run.failed" in event for event in events)
    assert not [e for e in events for s in (CANARY, OF_THE_RUNNER, EMAIL) if s in e]


def test_every_cell_did_show_its_secret_before_it_was_taken_out(executed):
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"][-len(CELLS) :]
    shown = ["[redacted:" in json.dumps(cell) for cell in cells]

    # The imports show nothing, and what started the kernel holds none of the runner's environment.
    assert shown == [True, False, *[True] * 5, False, True]
    assert "PLOTLY_RENDERER" in json.dumps(cells[7])
    assert OF_THE_RUNNER not in json.dumps(cells[7])


def test_what_the_notebook_shows_besides_stays(executed):
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"][: -len(CELLS)]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    text = Reader("".join("".join(o["data"]["text/html"]) for o in outputs)).text

    assert f"Sections of {SYSTEM}" in text
    assert "redacted" not in text


def test_a_failure_is_told_with_its_place_and_without_values(told):
    run = json.loads(told["failing"].stdout)["runs"][0]

    assert told["failing"].returncode == 3
    assert "ValueError: no rate for [redacted:github_token]" in run["error"]
    assert "Traceback" not in told["failing"].stderr


def test_a_secret_as_a_parameter_starts_nothing(workbook, told):
    assert told["parameter"].returncode != 0
    assert len(list(workbook.glob(f"runs/{SYSTEM}/leaking/*"))) == 1
