"""One headless Chromium for a module's tests, and a site with every kind of page."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import require

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    require(CHROMIUM.is_file(), "Debian's chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory):
    """A site in which one system has all evidence and the other none: each page full and bare.

    Every run has an executed notebook. A third system cannot be read.
    """
    from ops_model.errors import Problem
    from ops_model.site.build import build_site
    from ops_model.store.sound_part import Broken
    from tests.builders import a_system
    from tests.site import samples, whole
    from tests.site.notebooks import a_notebook

    folder = tmp_path_factory.mktemp("every-kind") / "site"
    systems = [
        replace(system, runs=tuple(replace(run, executed=a_notebook) for run in system.runs))
        for system in (whole.whole(), whole.whole(records=(), system=a_system("bare")))
    ]
    problem = Problem("tier is D; expected A, B or C", "systems/unread/system.yaml:3", "write C")
    problems = tuple(replace(problem, message=f"{n}: {problem.message}") for n in range(5))
    apart = {"unread": Broken(problems, "ada-moreno")}
    build_site(whole.input_of(*systems, portfolio=samples.portfolio(), broken=apart), folder)
    return folder
