"""N11 through our own runner, on the starter's claims after two people accepted the handoff."""

import shutil
from datetime import UTC, datetime

import nbformat
import pytest

from ops_model.check.api import Evidence
from ops_model.check.grades import grade_of
from ops_model.domain.evidence import Grade
from ops_model.domain.records import read_record
from ops_model.shipped import shipped, shipped_notebook_digests
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.attest import attest
from ops_model.workflow.run import run_notebook
from tests.site.pages_reader import Reader

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)


def run(root, system):
    outcome = run_notebook(root, "N11", system, as_of=AS_OF, recorded_at=WALL_CLOCK)
    assert outcome.error is None
    return outcome


def cards(root, outcome):
    notebook = nbformat.read(root / outcome.bundle / "executed.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [Reader(cell.outputs[0].data["text/html"]).text for cell in code[2:]]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handed-over") / "workbook"
    shutil.copytree(shipped("templates") / "workbook", folder)
    model = read_workbook(folder)
    (handoff,) = model.system("flight-delay").ownership.handoffs
    for number, person in enumerate((handoff.outgoing, handoff.incoming)):
        attest(
            folder, model, "flight-delay", topic="handoff", handoff=handoff.id, person=person,
            text="I have gone through all seven topics.", as_of=AS_OF, recorded_at=WALL_CLOCK,
            event_id=f"attestation/{number}",
        )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def ran(root):
    return run(root, "flight-delay")


@pytest.fixture(scope="module")
def shown(root, ran):
    return cards(root, ran)


def test_the_run_records_where_the_transition_stands(ran):
    (found,) = ran.records
    record = read_record(found.record)

    assert record.kind == "transition"
    assert record.partner_team == "harbor-operations"
    assert [claim.file for claim in record.claims] == ["ownership.yaml"]
    # Of six duties on 22 July, all but improvement have reached their last step.
    assert [(d.duty, d.phase) for d in record.duties if d.phase != "own_led"] == [
        ("improvement", "shared")
    ]
    assert record.own_led[-1].share.value == pytest.approx(5 / 6, abs=1e-6)


def test_the_record_counts_as_observed(root, ran):
    with Ledger.open(root / "ledger.db", readonly=True) as ledger:
        (stated,) = (s for s in ledger.statements("flight-delay") if s.record.kind == "transition")

    evidence = Evidence((stated,), shipped_notebook_digests())

    assert grade_of(stated, evidence) is Grade.OBSERVED


def test_the_handoff_says_who_accepted_it_and_who_has_not(shown):
    assert "✓ accepted kenji-watts 22 Jul 2013, 08:00 UTC" in shown[0]
    assert "✓ accepted tomas-okafor 22 Jul 2013, 08:00 UTC" in shown[0]
    assert "✖ still open mara-lindqvist has not accepted it" in shown[0]


def test_the_ladder_the_reviews_and_the_skills_are_shown(shown):
    assert "5 of 6 duties led by our own people" in shown[1]
    assert "✓ decided 31 May 2013 shrink the partnership" in shown[2]
    assert "too few to say 0 drills" in shown[3]


def test_a_system_that_no_partner_runs_leaves_no_record_and_says_so(root):
    outcome = run(root, "support-assistant")

    assert outcome.records == ()
    assert cards(root, outcome)[1].startswith("\u2013 no partner")
