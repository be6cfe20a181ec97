from datetime import timedelta

import pytest

from ops_model.domain.evidence import LedgerEvent, Verification
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.values import digest_of
from ops_model.errors import CatalogueError, UsageError
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.assess import assess_snapshot, assess_system, observe
from ops_model.workflow.open import take_snapshot
from tests.builders import AS_OF, a_rollback_drill, a_workbook, an_attestation

NOW = AS_OF + timedelta(days=4000)


@pytest.fixture
def root(tmp_path):
    return a_workbook(tmp_path / "workbook")


def assessed(root, system_id="flight-delay", as_of=AS_OF):
    return assess_system(root, read_workbook(root), system_id, as_of=as_of, recorded_at=NOW)


def record(root, *records):
    """Attestations and, as a run of a notebook that nobody approved, other records."""
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        for number, said in enumerate(records):
            ledger.append(
                LedgerEvent(
                    id=f"said/{number}",
                    type="attestation.given",
                    subject=said.system,
                    as_of=said.as_of,
                    recorded_at=NOW,
                    actor="person:ana-ruiz",
                    data={"record": said.model_dump(mode="json"), "digest": digest_of(said)},
                )
            )


def by_id(assessment):
    return {f.check: f for f in assessment.findings}


def test_the_tool_resolves_the_rota_itself_so_that_the_first_question_is_answered_at_once(root):
    assessment = assessed(root)

    assert assessment.five_questions[0].answered
    assert by_id(assessment)["ONC-03"].grade == "E3"
    assert assessment.verdict == "DEMO ONLY"


def test_what_the_tool_saw_is_on_the_ledger_under_its_own_name(root):
    assessed(root)

    with Ledger.open(root / "ledger.db") as ledger:
        statements = ledger.statements("flight-delay")
    assert {type(s.record) for s in statements} == {Verification, CoverageMeasurement}
    assert {s.actor for s in statements} == {"tool:ops-model"}
    assert {(s.as_of, s.recorded_at) for s in statements} == {(AS_OF, NOW)}


def test_judging_again_appends_nothing_and_says_the_same(root):
    first = assessed(root)
    second = assessed(root)

    assert first == second
    assert second.ledger_size == 2


def test_an_edited_rota_is_resolved_anew(root):
    assessed(root)
    edited = a_workbook(root.parent / "edited", on_call={"layers": []})
    (root / "systems/flight-delay/on_call.yaml").write_text(
        (edited / "systems/flight-delay/on_call.yaml").read_text()
    )

    assessment = assessed(root)

    assert by_id(assessment)["ONC-03"].status == "failed"
    assert assessment.ledger_size == 3


def test_a_rota_that_is_put_back_is_resolved_a_third_time(root):
    path = root / "systems/flight-delay/on_call.yaml"
    written = path.read_text()
    assessed(root)
    path.write_text("layers: []\n")
    assessed(root)
    path.write_text(written)

    assessment = assessed(root)

    assert by_id(assessment)["ONC-03"].status == "passed"
    assert assessment.ledger_size == 4


def test_an_attestation_raises_what_it_was_said_about(root):
    system = read_workbook(root).system("flight-delay")
    before = by_id(assessed(root))["OWN-01"]

    record(root, an_attestation(system))

    assert (before.reason, by_id(assessed(root))["OWN-01"].status) == ("below_grade", "passed")


def test_an_earlier_instant_is_judged_from_what_was_said_by_then(root):
    system = read_workbook(root).system("flight-delay")
    record(root, an_attestation(system))

    earlier = assessed(root, as_of=AS_OF - timedelta(days=6))

    assert by_id(earlier)["OWN-01"].reason == "below_grade"


def test_a_system_that_does_not_exist_is_named_with_the_nearest(root):
    with pytest.raises(UsageError) as error:
        assessed(root, "flight-dealy")

    assert "did you mean flight-delay?" in str(error.value)


def test_a_missing_area_is_a_finding_and_no_error(tmp_path):
    root = a_workbook(tmp_path / "bare", rollback=None, on_call=None)

    findings = by_id(assessed(root))

    assert findings["RBK-01"].reason == "missing"
    assert findings["ONC-03"].reason == "missing"
    assert str(findings["RBK-01"].looked_at[0]) == "systems/flight-delay/rollback.yaml"


def test_findings_name_the_line_that_the_file_has(root):
    finding = by_id(assessed(root))["OWN-01"]

    text = (root / "systems/flight-delay/ownership.yaml").read_text().splitlines()
    place = finding.looked_at[0]
    assert "accountable" in text[place.line - 1]


def test_a_kernel_s_snapshot_gives_the_verdict_of_the_ledger(root):
    model = read_workbook(root)
    record(root, an_attestation(model.system("flight-delay")))
    from_ledger = assessed(root)
    with Ledger.open(root / "ledger.db") as ledger:
        snapshot = take_snapshot(root, model, "flight-delay", as_of=AS_OF, ledger=ledger)

    from_snapshot = assess_snapshot(snapshot)

    assert from_snapshot == from_ledger


def test_the_workbook_s_own_checks_judge_too_and_in_a_kernel_as_well(root):
    (root / "checks").mkdir()
    (root / "checks" / "cost.py").write_text(
        "from ops_model.check.api import check, failed\n"
        '@check("ACME-01", question="Is it cheap?", area="cost", source=["own"], revision=1)\n'
        "def is_cheap(ctx):\n"
        '    """Because we asked."""\n'
        '    return failed("no", looked_at=[ctx.system.where], remedy="make it cheap")\n'
    )
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        model = read_workbook(root)
        snapshot = take_snapshot(root, model, "flight-delay", as_of=AS_OF, ledger=ledger)

    assert by_id(assessed(root))["ACME-01"].status == "failed"
    assert by_id(assess_snapshot(snapshot))["ACME-01"].status == "failed"


def test_a_broken_check_file_stops_the_judgement_and_appends_nothing(root):
    (root / "checks").mkdir()
    (root / "checks" / "cost.py").write_text("def broken(:\n")

    with pytest.raises(CatalogueError, match=r"checks/cost.py:1: does not import"):
        assessed(root)

    assert not (root / "ledger.db").exists()


def test_observing_twice_at_two_instants_records_both(root):
    model = read_workbook(root)
    later = AS_OF + timedelta(days=1)
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        observe(root, model, "flight-delay", ledger, as_of=AS_OF, recorded_at=NOW)
        observe(root, model, "flight-delay", ledger, as_of=later, recorded_at=NOW)

        assert ledger.size() == 4


def test_a_drill_that_nobody_recorded_by_a_run_is_worth_nothing_more_than_its_claim(root):
    """A drill written as an attestation has no run behind it."""
    system = read_workbook(root).system("flight-delay")
    record(root, a_rollback_drill(system))

    finding = by_id(assessed(root))["RBK-02"]

    assert finding.status == "unknown"
