"""What the cells of a trial's notebook show and record."""

import json
from datetime import UTC, datetime

import pytest

from ops_model import workflow
from ops_model.errors import DrillError, UsageError
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook
from ops_model.workflow.open import Book, snapshot_now
from ops_model.workflow.run_about import performed_by_somebody
from tests.workflow.test_measure_challenger import write_trial
from tests.workflow.tiny import SYSTEM, a_workbook

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
PLAN = {"environment": "test", "metric": "accuracy", "cases": 200, "margin": 0.01,
        "results": "trial.parquet"}  # fmt: skip
REQUEST = {"id": "to-v3", "kind": "model_swap", "from_version": "v2", "to_version": "v3",
           "why": "fewer false alarms", "requested_by": "m-ito",
           "requested_at": "2013-07-01T08:00:00Z", "rollout": "slowly"}  # fmt: skip
ROLLOUT = {"id": "slowly", "starts_at": "2013-07-20T08:00:00Z", "by": "m-ito",
           "stages": [{"share": 0.05, "min_hours": 240, "abort": "a page", "needs": ["CCH-04"]},
                      {"share": 1, "min_hours": 24, "abort": "a page"}]}  # fmt: skip


def a_book(root, *plans):
    """A system whose changes are planned with these challengers; JSON is YAML."""
    if not (root / "ops-model.yaml").exists():
        a_workbook(root)
    folder = root / "systems" / "flight-delay"
    version = "other_versions: [{label: v3, model_ref: v3.json}]\n"
    (folder / "system.yaml").write_text(SYSTEM + version, encoding="utf-8")
    requests = [{**REQUEST, "id": f"to-v3-{n}", "challenger": plan}
                for n, plan in enumerate(plans)]  # fmt: skip
    change = {"requests": requests, "rollouts": [ROLLOUT]}
    (folder / "change.yaml").write_text(json.dumps(change), encoding="utf-8")
    model = read_workbook(root)
    return Book(root, snapshot_now(root, model, "flight-delay", as_of=AS_OF))


def test_what_is_compared_is_recorded_and_what_is_not_says_why(tmp_path):
    write_trial(tmp_path)
    book = a_book(tmp_path, PLAN, {**PLAN, "results": None}, {**PLAN, "environment": "production"})

    shown = workflow.challengers(book)

    assert [record.request for record in shown.records] == ["to-v3-0"]
    assert "names no `results`" in shown.html
    assert "so its results are not read" in shown.html
    assert shown.figure is not None


def test_the_plan_is_shown_whether_there_are_results_or_not(tmp_path):
    shown = workflow.trials(a_book(tmp_path, PLAN))

    assert "200, each asked once" in shown.html
    assert shown.records == ()


def test_a_rollout_is_held_until_a_verdict_is_on_record(tmp_path):
    shown = workflow.rollout(a_book(tmp_path, PLAN))

    assert "no verdict on v2 against v3 as they are now is on record" in shown.html
    assert "CCH-04" in shown.html
    assert shown.records == ()


def test_without_a_change_nothing_is_compared_and_each_cell_says_so(tmp_path):
    book = a_book(tmp_path)

    for shown in (workflow.trials(book), workflow.challengers(book)):
        assert "asks for no change with a challenger" in shown.html
    assert "names a rollout" in workflow.rollout(book).html
    assert "No swap drill of flight-delay is on record yet" in workflow.swap(book).html
    assert "No spend of flight-delay is on record" in workflow.trial_cost(book).html


def test_an_exchange_that_nobody_planned_is_refused(tmp_path):
    with pytest.raises(DrillError, match="no exchange of example-ai is planned"):
        workflow.swap(a_book(tmp_path), rehearse="example-ai")


def test_an_exchange_by_a_stranger_is_refused(tmp_path):
    with pytest.raises(UsageError, match="not in people"):
        workflow.swap(a_book(tmp_path), rehearse="example-ai", performed_by="nobody")


@pytest.mark.parametrize(("given", "performed"), [({}, False), ({"rehearse_swap": "ai"}, True)])
def test_a_trial_is_read_again_and_a_rehearsal_is_not(given, performed):
    path = shipped("notebooks") / "10_champion_challenger.ipynb"

    assert performed_by_somebody(path, given) is performed
