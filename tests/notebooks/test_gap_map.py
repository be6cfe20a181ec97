"""N00 through our own runner, on the starter's claims without any evidence."""

import shutil
from datetime import UTC, datetime

import nbformat
import pytest

from ops_model.domain.records import read_record
from ops_model.shipped import shipped
from ops_model.workflow.run import run_notebook
from tests.site.pages_reader import Reader

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The starter after the support assistant's owner ran the gap map, change.yaml left out."""
    root = tmp_path_factory.mktemp("first-day") / "workbook"
    shutil.copytree(shipped("templates") / "workbook", root)
    (root / "systems/support-assistant/change.yaml").unlink(missing_ok=True)
    outcome = run_notebook(root, "N00", "support-assistant", as_of=AS_OF, recorded_at=WALL_CLOCK)
    assert outcome.error is None
    return root, outcome


@pytest.fixture(scope="module")
def shown(ran):
    """The text of each card, in the order of the notebook."""
    root, outcome = ran
    notebook = nbformat.read(root / outcome.bundle / "executed.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [Reader(cell.outputs[0].data["text/html"]).text for cell in code[2:]]


def test_the_run_records_the_verdict_that_the_map_shows(ran, shown):
    (found,) = ran[1].records
    record = read_record(found.record)

    assert record.kind == "assessment"
    assert f"{len(record.blocking)} gaps in" in shown[2]


def test_what_the_tool_sees_by_itself_was_looked_at_first(ran):
    record = read_record(ran[1].records[0].record)

    # The rota has just been resolved, so that ONC-03 is not left with nothing on record.
    (rota,) = (f for f in record.findings if f.check == "ONC-03")
    assert rota.reason != "missing"


def test_the_sections_stand_first_and_the_file_that_is_gone_is_named(shown):
    assert "Sections of support-assistant" in shown[0]
    assert "change.yaml" in shown[0]
    assert "✓ there rollback.yaml" in shown[0]


def test_each_gap_names_check_place_remedy_and_owner(ran, shown):
    record = read_record(ran[1].records[0].record)

    for finding in record.blocking:
        assert finding.check in shown[2]
    assert "sofia-marin" in shown[2]  # ids and no names: the bundle holds what is shown


def test_the_night_is_walked_through(shown):
    assert "T+0" in shown[3]


def test_the_last_card_says_what_to_do_next_and_how_to_go_on(shown):
    assert "3 things to do close" in shown[4]
    assert "ops-model check support-assistant" in shown[4]
