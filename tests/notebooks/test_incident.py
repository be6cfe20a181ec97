"""N09 through our own runner, on a log whose rows are counted by hand.

One row every ten minutes of 8 March 2013.
"""

import shutil
from datetime import UTC, datetime, timedelta

import nbformat
import pandas as pd
import pytest

from ops_model.domain.records import read_record
from ops_model.domain.values import claim_digest
from ops_model.errors import ParameterError
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook
from ops_model.workflow.run import run_notebook
from tests.site.pages_reader import Reader

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)
STORM = "2013-03-08-storm"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("storm") / "workbook"
    shutil.copytree(shipped("templates") / "workbook", folder)
    day = datetime(2013, 3, 8, tzinfo=UTC)
    times = [day + timedelta(minutes=10 * n) for n in range(144)]
    log = folder / "data/flight-delay/predictions"
    log.mkdir(parents=True)
    pd.DataFrame({"timestamp": times}).to_parquet(log / "day.parquet")
    return folder


def run(root, **parameters):
    return run_notebook(
        root, "N09", "flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK, parameters=parameters
    )


@pytest.fixture(scope="module")
def ran(root):
    outcome = run(root, incident=STORM)
    assert outcome.error is None
    return outcome


@pytest.fixture(scope="module")
def review(ran):
    (found,) = ran.records
    return read_record(found.record)


@pytest.fixture(scope="module")
def shown(root, ran):
    notebook = nbformat.read(root / ran.bundle / "executed.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [Reader(cell.outputs[0].data["text/html"]).text for cell in code[2:]]


def test_the_decisions_between_onset_and_containment_are_counted_in_the_log(review):
    # From 11:00 to 15:00 there are 25 rows, from 13:00 on 13 of them; contained at 15:05.
    assert (review.decisions.value, review.decisions.low) == (25, 13)
    assert [i.address for i in review.inputs] == ["data/flight-delay/predictions"]


def test_the_record_pins_the_text_of_the_incident(root, review):
    (incident,) = read_workbook(root).system("flight-delay").incidents

    assert (review.incident, review.text_digest) == (STORM, claim_digest(incident))


def test_the_desks_noticed_it_and_no_alarm_is_on_record(review, shown):
    assert review.first_alert_at is None
    # Detected at 14:40, between 1 h 40 min and 3 h 40 min after the onset.
    assert (round(review.detection_hours.low, 2), round(review.detection_hours.high, 2)) == (
        1.67, 3.67,
    )  # fmt: skip
    assert "noticed without an alarm" in shown[1]


def test_what_was_there_before_and_what_was_not_are_told_apart(review, shown):
    there = {one.thing: one.there for one in review.before}

    assert there == {
        "owner": True, "runbook": True, "monitor": False, "ceiling": True,
        "rollback_drill": False, "fallback_drill": False,
    }  # fmt: skip
    # It needs four weeks of days, and the storm ran for four hours.
    assert "✖ there, but too slow" in shown[2]
    assert "3 of 6 stood there before it began" in shown[2]


def test_the_course_the_actions_and_the_lessons_are_shown(shown):
    assert "In a snowstorm, most flights that were called on time were late" in shown[0]
    assert "4 actions, 1 still open; post-mortem held on 14 Mar 2013" in shown[3]
    assert "✓ written rule no-comfort-in-fog" in shown[4]
    assert "✓ written scenario G25" in shown[4]


def test_without_an_incident_nothing_starts_and_those_on_file_are_named(root):
    with pytest.raises(ParameterError) as refused:
        run(root)

    assert "needs an incident" in str(refused.value)
    assert STORM in str(refused.value)


def test_an_incident_that_the_system_does_not_have_is_refused_with_the_nearest(root):
    with pytest.raises(ParameterError) as refused:
        run(root, incident="2013-03-08-stor")

    assert f"did you mean -p incident={STORM}?" in str(refused.value)


def test_an_incident_that_is_still_to_come_is_refused_before_anything_starts(root):
    with pytest.raises(ParameterError) as refused:
        run_notebook(
            root, "N09", "flight-delay", as_of=datetime(2013, 3, 1, tzinfo=UTC),
            recorded_at=WALL_CLOCK, parameters={"incident": STORM},
        )  # fmt: skip

    assert refused.value.exit_code == 2
    assert "was noticed 2013-03-08T14:40:00Z, after 2013-03-01T00:00:00Z" in str(refused.value)
    assert f"{STORM}.yaml:" in str(refused.value)
