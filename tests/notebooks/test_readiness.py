"""N01 through our own runner, on the demo's claims without any of its data."""

import json
import shutil
from datetime import UTC, datetime

import nbformat
import pytest

from ops_model.domain.records import read_record
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook
from ops_model.workflow.assess import assess_system
from ops_model.workflow.run import run_notebook

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The demo's claims after one run of N01 for flight-delay."""
    root = tmp_path_factory.mktemp("demo") / "workbook"
    shutil.copytree(shipped("templates") / "workbook", root)
    outcome = run_notebook(root, "N01", "flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK)
    assert outcome.error is None
    return root, outcome


@pytest.fixture(scope="module")
def assessed(ran):
    """The one record of the run."""
    (found,) = ran[1].records
    return read_record(found.record)


def test_the_run_records_the_verdict_and_nothing_else(assessed):
    assert assessed.kind == "assessment"
    assert assessed.verdict == "DEMO ONLY"
    assert len(assessed.five_questions) == 5


def test_the_kernel_judges_as_the_command_line_does(ran, assessed):
    root, _ = ran
    checked = assess_system(
        root, read_workbook(root), "flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK
    )

    # The evidence area looks at the bundles, and care at the last assessment; this run's own of
    # both came after it was judged.
    def told(assessment):
        return {
            f.check: (f.status, f.grade, f.message, f.looked_at)
            for f in assessment.findings
            if not f.check.startswith("EVD") and f.check != "OWN-06"
        }

    assert told(assessed) == told(checked)


def test_findings_made_in_a_kernel_name_file_and_line(assessed):
    (plan,) = (f for f in assessed.findings if f.check == "RBK-01")

    assert plan.looked_at[0].path == "systems/flight-delay/rollback.yaml"
    assert plan.looked_at[0].line > 0


def test_every_result_is_a_card(ran):
    root, outcome = ran
    notebook = nbformat.read(root / outcome.bundle / "executed.ipynb", as_version=4)
    code = [c for c in notebook.cells if c.cell_type == "code"]

    assert all("text/html" in c.outputs[0].data for c in code[2:])


def test_nothing_in_the_bundle_names_a_person_or_a_folder_of_this_machine(ran):
    root, outcome = ran
    names = [p.name for p in read_workbook(root).people.people]

    for path in (root / outcome.bundle).iterdir():
        text = path.read_text(encoding="utf-8")
        assert str(root) not in text
        assert [n for n in names if n in text] == []


def test_the_claims_that_were_judged_lie_in_the_bundle(ran):
    root, outcome = ran
    claims = json.loads((root / outcome.bundle / "claims.json").read_text(encoding="utf-8"))

    assert claims["system"]["id"] == "flight-delay"
    assert claims["system"]["rollback"]["from_version"] == "v2"
    assert claims["ledger_size"] >= 1
