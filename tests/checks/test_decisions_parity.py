import pytest

from ops_model.check.judge import judge
from tests.builders import AREAS, AS_OF, a_model, a_system, all_records, an_evidence
from tests.checks.judged import judged, lacking, shipped_catalogue

CEILINGS = AREAS["cost"]["ceilings"]
PER_USER = {**CEILINGS[0], "id": "each-user", "scope": "user", "amount": "1.00 USD"}
JAILBREAK = {
    "id": "tricks",
    "scope": "jailbreak",
    "items": "data/tricks.jsonl",
    "floor": "0.98",
    "judge": "rule",
}


def test_rdy_04_passes_with_all_six_things_that_a_database_has():
    finding = judged("RDY-04")

    assert finding.message.startswith("all 6 things that a production database has: a DBA")
    assert {v.measured.value for v in finding.values} == {1.0}
    assert finding.valid_until is not None


@pytest.mark.parametrize(
    ("spoilt", "row"),
    [
        ({"ownership": {"deputy": None}}, "a DBA: somebody who owns it (OWN-07)"),
        ({"rollback": None}, "a backup: a way back, rehearsed (RBK-02, RBK-06)"),
        ({"signals": {"monitors": []}}, "monitoring (QLT-01, OBS-07)"),
        ({"change": {"rollouts": []}}, "change control (ENV-02)"),
        ({"service_levels": None}, "an SLA (SLO-01, RDY-07)"),
        ({"on_call": None}, "a person on call (ONC-03, ONC-04)"),
    ],
)
def test_rdy_04_fails_for_each_row_that_is_open_and_names_its_checks(spoilt, row):
    finding = judged("RDY-04", **spoilt)

    assert finding.status == "failed"
    assert row in finding.message
    assert "`ops-model check flight-delay --all`" in finding.remedy


def test_rdy_05_passes_with_the_pack_of_a_model_that_predicts():
    finding = judged("RDY-05")

    assert finding.message.startswith("all 8 parts of the pack for predictive: drift of inputs")


def test_rdy_05_fails_for_the_parts_of_its_own_kind():
    finding = judged("RDY-05", records=lacking("drift"))

    assert finding.status == "failed"
    assert "drift of inputs (DRF-02)" in finding.message


def test_rdy_05_passes_over_drift_that_was_found_as_a_way_of_finding_it_that_works():
    def records(system):
        return tuple(
            r.model_copy(
                update={
                    "columns": tuple(c.model_copy(update={"drifted": True}) for c in r.columns)
                }
            )
            if r.kind == "drift" and r.monitor == "inputs"
            else r
            for r in all_records(system)
        )

    assert judged("DRF-02", records=records).status == "failed"
    assert judged("RDY-05", records=records).status == "passed"


@pytest.mark.parametrize("kind", ["llm_app", "agent", "agentic_workflow"])
def test_rdy_05_asks_of_what_is_prompted_for_guardrails_and_for_the_model_that_was_agreed(kind):
    finding = judged("RDY-05", identity={"kind": kind}, records=lacking("drift"))

    assert "drift" not in finding.message
    assert f"parts of the pack for {kind}" in finding.message
    assert "guardrails with a floor (RUL-04)" in finding.message


@pytest.mark.parametrize("kind", ["agent", "agentic_workflow"])
def test_rdy_05_asks_of_what_acts_for_a_ceiling_for_each_user_and_for_jailbreaks(kind):
    bare = judged("RDY-05", identity={"kind": kind})
    declared = judged(
        "RDY-05",
        identity={"kind": kind},
        cost={"ceilings": [*CEILINGS, PER_USER]},
        signals={"guardrails": [JAILBREAK]},
    )

    assert "a ceiling for each user or run; a suite of jailbreaks" in bare.message
    assert "writes a ceiling of the scope `user`" in bare.remedy
    assert "a ceiling for each user" not in declared.message.split("open:")[-1]
    assert "a suite of jailbreaks" not in declared.message.split("open:")[-1]


def test_rdy_05_takes_a_ceiling_on_training_for_none_on_what_users_may_spend():
    training = [c for c in CEILINGS if c.get("scope") == "training_run"]

    finding = judged("RDY-05", identity={"kind": "agent"}, cost={"ceilings": training})

    assert "a ceiling for each user or run" in finding.message.split("open:")[-1]


def test_what_sums_up_others_asks_in_no_circle():
    system = a_system()

    found = judge(
        shipped_catalogue(), a_model(system), system, an_evidence(*all_records(system)),
        as_of=AS_OF,
    )  # fmt: skip

    assert [f.message for f in found if f.status == "errored"] == []
