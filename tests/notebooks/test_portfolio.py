"""N13 through our own runner, on the starter's claims without any evidence."""

import json
import shutil
from datetime import UTC, datetime

import nbformat
import pytest

from ops_model.check.api import Evidence
from ops_model.check.grades import grade_of
from ops_model.domain.evidence import Grade
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.records import read_record
from ops_model.shipped import shipped, shipped_notebook_digests
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.run import run_notebook
from ops_model.workflow.verify import verify_path
from tests.site.pages_reader import Reader

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    root = tmp_path_factory.mktemp("portfolio") / "workbook"
    shutil.copytree(shipped("templates") / "workbook", root)
    outcome = run_notebook(root, "N13", PORTFOLIO, as_of=AS_OF, recorded_at=WALL_CLOCK)
    assert outcome.error is None
    return root, outcome


@pytest.fixture(scope="module")
def status(ran):
    (found,) = ran[1].records
    return read_record(found.record)


@pytest.fixture(scope="module")
def shown(ran):
    root, outcome = ran
    notebook = nbformat.read(root / outcome.bundle / "executed.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [Reader(cell.outputs[0].data["text/html"]).text for cell in code[2:]]


def test_every_system_has_a_class_by_rule(status):
    assert {s.system: s.outcome for s in status.systems} == {
        "flight-delay": "RECKLESS", "support-assistant": "RECKLESS",
        "invoice-extractor": "STRANDED",
    }  # fmt: skip


def test_the_strategies_and_the_plans_are_counted(status, shown):
    # Without any evidence no question is answered, so nobody has an operations plan.
    assert (status.had_strategy, status.had_plan) == (3, 0)
    assert "3 had a strategy, 0 had an operations plan" in shown[0]
    assert "'The pilots failed' is the wrong answer" in shown[0]


def test_the_waits_are_those_that_portfolio_yaml_dates(status):
    stalls = {w.what: w.days for w in status.waiting if w.by == "stall"}

    # 10 December, 21 January and 4 March; the last ended on 28 June, the others wait still.
    assert stalls == {"no_operators": 224, "legal": 182, "priority": 116}


def test_the_ask_the_ceilings_and_the_gate_come_from_the_claims(status, shown):
    assert [str(ask.amount) for ask in status.asks] == ["48000.00 USD"]
    assert (str(status.ceilings.total), status.ceilings.holds) == ("40.00 USD", True)
    assert status.gate.refused
    assert "The ask: 48,000.00 USD" in shown[6]
    assert "1 is stranded (invoice-extractor); from 1 on none may begin" in shown[7]
    assert "Once, six weeks of one engineer" in shown[6]


def test_three_gaps_are_named_with_how_many_they_close(status, shown):
    assert len(status.next_gaps) == 3
    assert all(len(gap.systems) == 3 for gap in status.next_gaps)
    assert "closes 6 gaps in 3 systems (EVD-02, EVD-06)" in shown[4]


def test_the_record_lies_under_the_id_of_the_portfolio_and_counts_as_observed(ran, status):
    root, outcome = ran
    with Ledger.open(root / "ledger.db", readonly=True) as ledger:
        (stated,) = ledger.statements(PORTFOLIO)

    assert outcome.bundle.startswith("runs/portfolio/13_portfolio/")
    assert stated.record == status
    # No system's evidence holds it; by its origin alone it was observed by a shipped notebook.
    assert grade_of(stated, Evidence((stated,), shipped_notebook_digests())) is Grade.OBSERVED


def test_the_bundle_holds_the_claims_of_every_system_and_no_name_of_a_person(ran):
    root, outcome = ran
    claims = json.loads((root / outcome.bundle / "claims.json").read_text(encoding="utf-8"))
    names = [p.name for p in read_workbook(root).people.people]

    assert [s["id"] for s in claims["systems"]] == [
        "flight-delay", "invoice-extractor", "support-assistant",
    ]  # fmt: skip
    for path in (root / outcome.bundle).iterdir():
        text = path.read_text(encoding="utf-8")
        assert [n for n in names if n in text] == []


def test_the_bundle_is_verified_like_any_other_and_a_change_is_noticed(ran, tmp_path):
    copy = tmp_path / "workbook"
    shutil.copytree(ran[0], copy)
    assert verify_path(copy).ok

    with (copy / ran[1].bundle / "records.json").open("ab") as file:
        file.write(b" ")

    assert not verify_path(copy).ok
