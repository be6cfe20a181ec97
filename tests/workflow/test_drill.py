"""The records that drills leave, and what stands in the way of rehearsing."""

import pytest

from ops_model.domain.evidence import ClaimRef
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.records import read_record
from ops_model.domain.rollback import RollbackDrill, RollbackPlan
from ops_model.domain.system import AISystem
from ops_model.domain.values import claim_digest
from ops_model.errors import DrillError
from ops_model.store.warehouse import identify
from ops_model.workflow.drill import (
    fallback_drill,
    left_unfinished,
    restore_unfinished,
    rollback_drill,
    wait_for_drill,
)
from tests.builders import a_rollback_drill
from tests.conftest import require
from tests.drill.rehearsal import (
    a_fallback_plan,
    a_rollback_plan,
    a_served_workbook,
    alias_of,
    proc_is_there,
    processes_in,
)


def a_system(**claims):
    identity = AISystem.model_validate({
        "name": "Flight delay", "kind": "predictive", "tier": "B", "purpose": "p", "users": "u",
        "customer_facing": "true",
        "version": {"label": "v2", "model_ref": "v2.json",
                    "in_production_since": "2013-03-01T00:00:00Z"},
    })  # fmt: skip
    return SystemClaims(id="flight-delay", identity=identity, **claims)


@pytest.fixture
def workbook(tmp_path):
    require(proc_is_there(), "/proc")
    yield a_served_workbook(tmp_path)
    assert processes_in(tmp_path) == []


def test_a_rollback_record_names_its_plan_its_journal_and_who_performed_it(workbook, as_of):
    system = a_system(rollback=a_rollback_plan())

    record = rollback_drill(workbook, system, as_of=as_of, performed_by="m-ito")

    (journal,) = record.inputs
    assert isinstance(record, RollbackDrill)
    assert record.passed
    assert (record.system, record.performed_by) == ("flight-delay", "m-ito")
    assert record.claims == (ClaimRef(file="rollback.yaml", digest=claim_digest(system.rollback)),)
    assert journal.kind == "journal"
    assert journal == identify(workbook, journal.address)


def test_a_drill_keeps_what_the_versions_were_made_of_where_they_are_described(workbook, as_of):
    system = a_system(rollback=a_rollback_plan())

    record = rollback_drill(workbook, system, as_of=as_of, performed_by="m-ito")

    # Nobody described v1 in this system.yaml.
    assert (record.from_version, record.to_version) == ("v2", "v1")
    assert record.from_digest == system.identity.version.digest()
    assert record.to_digest is None


def test_a_drill_of_before_the_digests_were_kept_still_reads():
    kept = a_rollback_drill(a_system(), claims=()).model_dump(mode="json")
    older = {key: value for key, value in kept.items() if key not in {"from_digest", "to_digest"}}

    record = read_record(older)

    assert (record.from_digest, record.to_digest) == (None, None)


def test_a_drill_is_dated_by_the_workbook_and_not_by_the_clock(workbook, as_of):
    record = rollback_drill(
        workbook, a_system(rollback=a_rollback_plan()), as_of=as_of, performed_by=None
    )

    assert record.as_of == record.done_at == as_of
    assert record.performed_by is None


def test_every_number_of_a_record_says_what_it_rests_on(workbook, as_of):
    system = a_system(rollback=a_rollback_plan(), fallback=a_fallback_plan())

    records = [
        rollback_drill(workbook, system, as_of=as_of, performed_by=None),
        fallback_drill(workbook, system, as_of=as_of, performed_by=None),
    ]

    incomplete = [name for r in records for name, number in r.measured() if not number.complete]
    assert incomplete == []
    assert [read_record(r.model_dump(mode="json")) for r in records] == records


def test_a_drill_that_did_not_pass_is_a_record_all_the_same(workbook, as_of):
    system = a_system(rollback=a_rollback_plan("loses-on-switch=3"))

    record = rollback_drill(workbook, system, as_of=as_of, performed_by=None)

    assert (record.lost, record.passed) == (3, False)


def test_a_fallback_record_is_about_the_path_that_was_rehearsed(workbook, as_of):
    system = a_system(fallback=a_fallback_plan())

    record = fallback_drill(workbook, system, as_of=as_of, performed_by="m-ito")

    assert isinstance(record, FallbackDrill)
    assert (record.path, record.passed, record.swap_noticed) == ("last-good-hour", True, None)
    assert record.claims == (ClaimRef(file="fallback.yaml", digest=claim_digest(system.fallback)),)


@pytest.mark.parametrize("drill", [rollback_drill, fallback_drill])
def test_without_a_file_there_is_nothing_to_rehearse(tmp_path, as_of, drill):
    area = drill.__name__.removesuffix("_drill")

    with pytest.raises(DrillError, match=rf"systems/flight-delay/{area}\.yaml: there is no"):
        drill(tmp_path, a_system(), as_of=as_of, performed_by=None)


def test_a_plan_without_a_target_is_declared_and_never_rehearsable(tmp_path, as_of):
    plan = a_rollback_plan().model_copy(update={"target": None})

    with pytest.raises(DrillError, match="declared, never rehearsable") as refused:
        rollback_drill(tmp_path, a_system(rollback=plan), as_of=as_of, performed_by=None)

    assert "target" in refused.value.problems[0].remedy
    assert not (tmp_path / "runs").exists()


def test_a_target_that_could_not_be_restored_waits_for_restore(workbook, as_of):
    system = a_system(rollback=a_rollback_plan("refuses-to-return"))

    record = rollback_drill(workbook, system, as_of=as_of, performed_by=None)

    (left,) = left_unfinished(workbook, "flight-delay")
    assert not record.restored
    assert record.inputs[0].address.endswith(f"{left}.jsonl")
    assert alias_of(workbook) == "v1"


def test_where_no_drill_ever_ran_nothing_is_left_to_restore(tmp_path):
    assert restore_unfinished(tmp_path, "flight-delay") == ()
    assert left_unfinished(tmp_path, "flight-delay") == ()
    assert wait_for_drill(tmp_path, "flight-delay", 0, stopwatch=lambda: 0.0)


def test_numbers_of_a_sample_stay_numbers_and_codes_stay_text():
    # Claims arrive as text; 9E is a carrier, 007 a code, and 1e5 is not how JSON writes a count.
    sample = {"hour": "17", "temp": "-0.5", "carrier": "9E", "code": "007", "other": "1e5"}

    plan = RollbackPlan.model_validate(
        a_rollback_plan().model_dump() | {"target": {
            "environment": "test", "start": ["x"], "sample": sample,
        }}
    )  # fmt: skip

    assert plan.target.sample == {
        "hour": 17, "temp": -0.5, "carrier": "9E", "code": "007", "other": "1e5",
    }  # fmt: skip
