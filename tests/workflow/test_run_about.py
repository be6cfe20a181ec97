"""What a run is about: one system, or all of them; what does not fit is refused beforehand."""

from datetime import UTC, datetime

import pytest

from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.errors import IntegrityError, ParameterError, UsageError
from ops_model.store.ledger import Ledger
from ops_model.workflow.open import open as open_book
from ops_model.workflow.open_portfolio import open_portfolio
from ops_model.workflow.run import run_notebook
from ops_model.workflow.run_about import about_all, about_one_thing
from tests.notebook.builders import a_notebook
from tests.workflow.tiny import OPEN, a_workbook, add_second_system

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)
TOGETHER = 'as_of: str = ""  # the instant that judges'
OPEN_ALL = "from ops_model import workflow\nshelf = workflow.open_portfolio(as_of=as_of)"
STATUS = """
from ops_model.domain.evidence import ClaimRef, Measured
from ops_model.domain.portfolio_status import PortfolioStatus
from ops_model.workflow.shown import Shown
debt = Measured(value=0, unit="weighted gap days", n=0, no_interval="exact")
record = PortfolioStatus(
    system="portfolio", as_of=shelf.as_of, systems=(), debt=debt, claims=claims)
Shown(record, "<p>portfolio</p>")
"""


def run(root, notebook, about):
    return run_notebook(root, notebook, about, as_of=AS_OF, recorded_at=WALL_CLOCK)


@pytest.fixture
def root(tmp_path):
    folder = a_workbook(tmp_path / "workbook")
    add_second_system(folder)
    a_notebook(folder / "notebooks/all.ipynb", OPEN_ALL, "claims = ()", STATUS,
               parameters=TOGETHER)  # fmt: skip
    return folder


def test_a_notebook_without_the_parameter_system_is_about_all_together(root):
    assert about_all(root / "notebooks/all.ipynb")
    assert not about_all(root / "notebooks/good.ipynb")


def test_a_notebook_about_an_incident_says_so(tmp_path):
    path = a_notebook(tmp_path / "x.ipynb", parameters='incident: str = ""  # which one')

    assert about_one_thing(path) == "incident"


def test_a_system_named_for_a_notebook_about_all_is_refused_with_the_command_that_works(root):
    with pytest.raises(UsageError) as refused:
        run(root, "all", "flight-delay")

    assert "all is about all systems together, not about flight-delay" in str(refused.value)
    assert "ops-model run all" in str(refused.value)


def test_a_notebook_about_one_system_is_not_run_for_the_portfolio(root):
    with pytest.raises(UsageError) as refused:
        run(root, "good", PORTFOLIO)

    assert "good is about one system" in str(refused.value)


@pytest.mark.kernel
def test_a_run_about_all_sees_every_system_and_is_sealed_under_the_id_of_the_portfolio(root):
    count = (
        "assert [s.id for s in shelf.snapshot.systems] == ['flight-delay', 'support-assistant']"
    )
    a_notebook(root / "notebooks/all.ipynb", OPEN_ALL, count, "claims = ()", STATUS,
               parameters=TOGETHER)  # fmt: skip

    outcome = run(root, "all", PORTFOLIO)

    assert outcome.error is None
    assert outcome.bundle == f"runs/portfolio/all/{outcome.run_id}"
    with Ledger.open(root / "ledger.db", readonly=True) as ledger:
        assert [s.record.kind for s in ledger.statements(PORTFOLIO)] == ["portfolio_status"]


@pytest.mark.kernel
def test_a_record_that_rests_on_another_portfolio_yaml_is_refused(root):
    claims = """claims = (
        {"file": "portfolio.yaml", "digest": "sha256:" + "0" * 64},)"""
    a_notebook(root / "notebooks/all.ipynb", OPEN_ALL, claims, STATUS, parameters=TOGETHER)

    outcome = run(root, "all", PORTFOLIO)

    assert outcome.state == "failed"
    assert "rests on another content of portfolio.yaml" in outcome.error


@pytest.mark.kernel
def test_a_cell_that_opens_one_system_in_a_run_about_all_is_told_what_to_write(root):
    opens = OPEN.replace("system=system", "system='flight-delay'")
    a_notebook(root / "notebooks/all.ipynb", opens, parameters=TOGETHER)

    outcome = run(root, "all", PORTFOLIO)

    assert "workflow.open_portfolio(as_of=as_of)" in outcome.error


@pytest.mark.kernel
def test_a_cell_that_opens_all_in_a_run_about_one_is_told_what_to_do(root):
    a_notebook(root / "notebooks/one.ipynb", OPEN_ALL)

    outcome = run(root, "one", "flight-delay")

    assert "this run is about one system" in outcome.error


def test_in_jupyterlab_all_systems_are_opened_from_the_workbook(root, monkeypatch):
    monkeypatch.chdir(root / "notebooks")

    shelf = open_portfolio()

    assert [s.id for s in shelf.snapshot.systems] == ["flight-delay", "support-assistant"]
    assert shelf.as_of == AS_OF
    assert [p.name for p in shelf.people.people] == ["m-ito"]


def test_a_snapshot_that_is_damaged_is_no_portfolio(tmp_path, monkeypatch):
    (tmp_path / "snapshot.json").write_text('{"systems": [], "statements": []}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(IntegrityError):
        open_portfolio()
    with pytest.raises(UsageError):
        open_book(system="flight-delay")


def test_the_instant_and_the_system_are_no_free_parameters(root):
    with pytest.raises(ParameterError):
        run_notebook(
            root, "all", PORTFOLIO, as_of=AS_OF, recorded_at=WALL_CLOCK,
            parameters={"system": "flight-delay"},
        )  # fmt: skip
