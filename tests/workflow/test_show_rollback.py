"""What all drills show together, and who is told when one goes back."""

from ops_model import workflow
from ops_model.workflow.show_rollback import rollbacks_show
from tests.builders import a_rollback_drill, a_statement, a_system, an_evidence
from tests.workflow.tiny import a_workbook

SYSTEM = a_system()
DRILL = a_rollback_drill(SYSTEM)


def test_observed_drills_of_the_present_versions_are_counted_and_the_new_one_with_them():
    failed = DRILL.model_copy(update={"passed": False})
    elsewhere = DRILL.model_copy(update={"to_version": "v0"})

    found = rollbacks_show(SYSTEM, an_evidence(DRILL, failed, elsewhere), DRILL)

    assert (found.k, found.passed) == (3, 2)


def test_a_drill_that_an_unknown_notebook_recorded_shows_nothing():
    known = a_statement(DRILL)
    origin = known.origin.model_copy(update={"notebook_digest": "sha256:" + "f" * 64})

    found = rollbacks_show(SYSTEM, an_evidence(known.model_copy(update={"origin": origin})))

    assert found.k == 0


def test_without_a_plan_nothing_is_counted():
    system = a_system(rollback=None)

    assert rollbacks_show(system, an_evidence(DRILL)).k == 0


def test_who_is_told_by_when_and_who_makes_it_good_is_shown_from_the_claims(tmp_path, monkeypatch):
    root = a_workbook(tmp_path / "workbook")
    (root / "systems/flight-delay/decisions.yaml").write_text(
        """
communication:
  - {audience: users, owner: ana-ruiz, channel: the app, within_minutes: 30, text: "We went back."}
rights:
  - {action: edge_case, holder: ana-ruiz, autonomy: alone,
     money_limit: {amount: "500", currency: USD}}
""",
        encoding="utf-8",
    )
    monkeypatch.chdir(root)

    shown = workflow.informing(workflow.open(system="flight-delay"))

    assert shown.record is None
    for said in ("“We went back.”", "within 30 min", "ana-ruiz", "What are users told",
                 "Which legal or contract clocks started", "made whole"):  # fmt: skip
        assert said in shown.html


def test_where_nobody_wrote_whom_to_tell_that_is_a_gap(tmp_path, monkeypatch):
    monkeypatch.chdir(a_workbook(tmp_path / "workbook"))

    shown = workflow.informing(workflow.open(system="flight-delay"))

    assert "No way to tell anybody is written under" in shown.html
    assert "gap" in shown.html
