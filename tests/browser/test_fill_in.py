"""A stranger fills in a system: the notebook in a real JupyterLab, the YAML on disk."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.kernel]

OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}  # fmt: skip
READY_SECONDS = 90
CARD_MS = 120_000
SHOTS = os.environ.get("OPS_MODEL_SCREENSHOTS")
"""A folder that gets the screenshots, for whoever wants to look at them."""


def command(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "ops_model", *map(str, arguments)],
        capture_output=True, text=True, timeout=120, cwd=cwd,
    )  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fill-in") / "book"
    assert command("init", folder).returncode == 0
    made = command("new", "helper", "--kind", "llm_app", "--tier", "B", "--workbook", folder)
    assert made.returncode == 0, made.stderr
    return folder


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def lab(book, tmp_path_factory):
    """The address of a JupyterLab of our own, with settings of its own."""
    home = tmp_path_factory.mktemp("jupyter")
    settings = home / "app-settings"
    settings.mkdir()
    (settings / "overrides.json").write_text(json.dumps(OVERRIDES))
    port, token = free_port(), secrets.token_hex(16)
    environment = os.environ | {
        "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"), "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
    }  # fmt: skip
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
             "--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={token}",
             "--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True",
             f"--ServerApp.root_dir={book}",
             f"--LabApp.app_settings_dir={settings}",
             f"--LabApp.user_settings_dir={home / 'user'}",
             f"--LabApp.workspaces_dir={home / 'workspaces'}"],
            stdout=log, stderr=log, env=environment, cwd=book,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(server, f"{address}/api/status?token={token}", home / "log")
        yield address, token
    finally:
        server.terminate()
        try:
            server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(timeout=10)


def _wait(server, url, log):
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.3)  # the server tells nobody when it is ready
        else:
            return
    pytest.fail(f"JupyterLab did not start: {log.read_text()[-2000:]}")


class Notebook:
    """The notebook as somebody sees it in the browser."""

    def __init__(self, browser, lab, path):
        self.address, self.token = lab
        self.path = path
        self.context = browser.new_context(viewport={"width": 1280, "height": 1000})
        self.page = self.context.new_page()
        self.open()

    def open(self):
        self.page.goto(f"{self.address}/lab/tree/{self.path}?token={self.token}&reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=CARD_MS)
        # A cell that is run before the kernel listens would be run by nobody.
        self.page.wait_for_function(
            """() => {
                const widget = window.jupyterapp.shell.currentWidget;
                const kernel = widget?.context?.sessionContext?.session?.kernel;
                return kernel?.connectionStatus === 'connected' && kernel.status === 'idle'
                    && widget.content.widgets.some(
                        c => c.model.sharedModel.source.includes('page.gaps()'));
            }""",
            timeout=CARD_MS,
        )

    def restart(self):
        """Restart the kernel, as the button does once it is confirmed."""
        self.page.evaluate(
            """async () => {
                const context = window.jupyterapp.shell.currentWidget.context;
                const kernel = context.sessionContext.session.kernel;
                await kernel.restart();
                // The answer says that the new kernel listens.
                await kernel.requestKernelInfo();
            }"""
        )

    def cell(self, words):
        """The cell that holds these words; cells are drawn as they come in sight."""
        index = self.page.evaluate(
            """words => {
                const all = window.jupyterapp.shell.currentWidget.content;
                const at = all.widgets.findIndex(c => c.model.sharedModel.source.includes(words));
                all.activeCellIndex = at; all.deselectAll();
                all.scrollToItem(at);
                return at;
            }""",
            words,
        )
        assert index >= 0, words
        found = self.page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')
        found.wait_for(state="visible")
        return found

    def write(self, words, before, after):
        """Type over a part of a cell, as a person would: select it, then type."""
        editor = self.cell(words).locator(".cm-content")
        # The last: a comment above may say the same of what is expected.
        editor.locator(".cm-line", has_text=before).last.click()
        self.page.keyboard.press("End")
        self.page.keyboard.press("Shift+Home")
        self.page.keyboard.type(after)

    def run(self, words):
        """Run a cell, and the text of the card below it."""
        cell = self.cell(words)
        cell.locator(".cm-content").click()
        cell.locator(".cm-editor.cm-focused").wait_for(timeout=CARD_MS)
        self.page.keyboard.press("Control+Enter")
        card = cell.locator(".jp-RenderedHTMLCommon")
        self.page.wait_for_function(
            """([words]) => {
                const all = window.jupyterapp.shell.currentWidget.content.widgets;
                const cell = all.find(c => c.model.sharedModel.source.includes(words));
                return cell.model.executionState === 'idle' && cell.model.outputs.length > 0;
            }""",
            arg=[words], timeout=CARD_MS,
        )  # fmt: skip
        card.first.wait_for(state="visible", timeout=CARD_MS)
        return " ".join(card.first.inner_text().split())

    def shot(self, words, name):
        cell = self.cell(words)
        cell.scroll_into_view_if_needed()
        picture = cell.screenshot()
        if SHOTS:
            Path(SHOTS, f"{name}.png").write_bytes(picture)
        return picture

    def theme(self, name):
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
            name,
        )
        self.page.wait_for_function(
            "dark => document.body.dataset.jpThemeLight === String(!dark)", arg="Dark" in name
        )
        self.page.wait_for_timeout(500)

    def command(self, name):
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)


@pytest.fixture(scope="module")
def notebook(browser, lab):
    opened = Notebook(browser, lab, "systems/helper/fill_in.ipynb")
    yield opened
    opened.context.close()


def said_by(book, name):
    return (book / "systems" / "helper" / name).read_text("utf-8")


def test_a_system_is_filled_in_by_its_notebook_in_jupyterlab(book, notebook):
    before = said_by(book, "ownership.yaml")

    first = notebook.run("workflow.fill_in")
    assert "questions about helper" in first

    notebook.write('"ownership.accountable"', '"example-one",', '"mara-lindqvist",')
    card = notebook.run('"ownership.accountable"')

    assert card.startswith("▲ saved, but Who is accountable once it is live?")
    assert "mara-lindqvist" in card.partition("still open about this answer:")[2]
    assert said_by(book, "ownership.yaml") == before.replace(
        "accountable: example-one         # REPLACE; ", "accountable: mara-lindqvist      # "
    )

    notebook.write('"system.tier"', '"B",', '"critical",')
    refused = notebook.run('"system.tier"')

    assert refused.startswith("✖ not saved")
    assert 'you wrote: "critical"' in refused
    assert "tier: B " in said_by(book, "system.yaml")

    notebook.write('"system.purpose"', '"TBD - what', "It sorts the claims of the day,")
    sentence = notebook.run('"system.purpose"')

    assert sentence.startswith("✖ not saved What does it decide or answer")
    assert 'to fix: put the sentence in quotes: "It sorts the claims of the day"' in sentence

    notebook.write('"system.customer_facing"', "False,", "yes,")
    assert "to fix: write True, without quotes" in notebook.run('"system.customer_facing"')

    (book / "systems/helper/cost.yaml").write_text(
        said_by(book, "cost.yaml").replace("currency: USD", "currency: EUR"), "utf-8"
    )
    notebook.write('"cost.currency"', '"USD",', '"CHF",')
    newer = notebook.run('"cost.currency"')

    assert "was changed since this cell was filled in" in newer
    assert "currency: EUR" in said_by(book, "cost.yaml")

    gaps = notebook.run("page.gaps()")
    assert re.search(r"\d+ gaps of helper; the verdict now: DEMO ONLY", gaps)


def test_an_answer_of_an_earlier_session_can_be_changed_after_a_restart(book, notebook):
    notebook.restart()
    notebook.run("workflow.fill_in")

    notebook.write('"ownership.accountable"', '"mara-lindqvist",', '"example-two",')
    card = notebook.run('"ownership.accountable"')

    assert card.startswith("▲ saved, but")
    assert "accountable: example-two" in said_by(book, "ownership.yaml")

    notebook.write('"ownership.accountable"', '"example-two",', '"mara-lindqvist",')
    notebook.run('"ownership.accountable"')
    assert "accountable: mara-lindqvist" in said_by(book, "ownership.yaml")


def test_the_cards_can_be_read_in_both_themes(notebook):
    pictures = {}
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        notebook.theme(theme)
        for words in (
            '"ownership.accountable"',
            '"system.tier"',
            '"cost.currency"',
            '"system.purpose"',
            '"people.people"',
            "page.gaps()",
        ):
            name = f"{re.sub('[^a-z]', '', words)}-{theme.split()[1].lower()}"
            pictures[name] = notebook.shot(words, name)

    assert len(set(pictures.values())) == 12


def test_an_untrusted_notebook_says_the_same(browser, lab, notebook, book):
    notebook.theme("JupyterLab Light")
    card = notebook.run('"ownership.accountable"')
    notebook.command("docmanager:save")
    notebook.page.wait_for_function(
        "() => !window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=CARD_MS
    )
    copy = book / "systems" / "helper" / "copy.ipynb"
    saved = (book / "systems" / "helper" / "fill_in.ipynb").read_text("utf-8")
    # Another byte than the one that was signed: nobody here has run this notebook.
    copy.write_text(saved.replace("a minute or two;", "a minute;"), "utf-8")

    untrusted = Notebook(browser, lab, "systems/helper/copy.ipynb")
    cell = untrusted.cell('"ownership.accountable"')
    shown = " ".join(cell.locator(".jp-RenderedHTMLCommon").first.inner_text().split())
    trusted = untrusted.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.every(c => c.model.trusted)"
    )
    untrusted.shot('"ownership.accountable"', "untrusted")
    untrusted.context.close()

    assert not trusted
    assert shown == card


def test_check_judges_what_was_filled_in(book, notebook):
    checked = command("check", "helper", "--workbook", book, "--json")

    findings = json.loads(checked.stdout)["findings"]
    owners = {f["owner"] for f in findings if f["area"] == "ownership"}
    assert checked.returncode == 1
    assert "mara-lindqvist" in owners
