from ops_model import workflow
from tests.workflow.tiny import a_workbook


def test_before_anything_is_measured_the_list_of_what_was_says_how_to_get_it(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(a_workbook(tmp_path / "workbook"))

    shown = workflow.standing(workflow.open(system="flight-delay"))

    assert shown.record is None
    assert "ops-model run 05_drift_quality flight-delay" in shown.html
