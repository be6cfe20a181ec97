from ops_model.workflow.show_response import response
from tests.workflow.test_drift_checks import signals
from tests.workflow.test_show_drift import book


def test_each_monitor_says_whom_it_tells_and_who_begins(tmp_path):
    steps = {"id": "look", "who": "primary", "first_15_minutes": ["Look at the newest rows."],
             "decisions": ["rollback"], "stop_when": ["It is over."]}  # fmt: skip
    watched = {**signals()["monitors"][0], "playbook": "look", "alert_route": "page: primary"}

    shown = response(book(tmp_path, monitors=[watched], playbooks=[steps]))

    for told in ("page: primary", "the primary on call", "rollback", "Look at the newest rows."):
        assert told in shown.html
    assert shown.records == ()


def test_a_monitor_that_tells_nobody_is_named(tmp_path):
    silent = {**signals()["monitors"][0], "playbook": None, "alert_route": None}

    shown = response(book(tmp_path, monitors=[silent], playbooks=[]))

    assert f"Nobody is told, or nothing says how to begin, at: {silent['id']}" in shown.html


def test_without_a_policy_of_retraining_the_card_says_that_nobody_decides(tmp_path):
    shown = response(book(tmp_path, retraining=None))

    assert "Nobody is named who retrains" in shown.html


def test_without_monitors_nothing_fires(tmp_path):
    assert "nothing fires" in response(book(tmp_path, monitors=[])).html
