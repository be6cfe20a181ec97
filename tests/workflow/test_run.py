"""A notebook's run: sealed and published whole, or recorded as failed."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import nbformat
import pytest

from ops_model.errors import ParameterError, UsageError
from ops_model.notebook.staging import RunPlace
from ops_model.store.checkpoint_key import CheckpointKey
from ops_model.store.ledger import Ledger
from ops_model.store.seal import manifest_of, verify_bundle
from ops_model.workflow.provenance import environment
from ops_model.workflow.run import new_run_id, run_notebook
from tests.notebook.builders import a_notebook
from tests.workflow.tiny import OPEN, SPEND, a_workbook

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)
KEY = CheckpointKey.generate("example.org/ops-model")


def run(root, notebook, **changes):
    given = {"as_of": AS_OF, "recorded_at": WALL_CLOCK}
    return run_notebook(root, notebook, "flight-delay", **{**given, **changes})


def events(root):
    with Ledger.open(root / "ledger.db") as ledger:
        return [stored.event for stored in ledger.events()]


def told(root):
    with Ledger.open(root / "ledger.db") as ledger:
        return ledger.statements("flight-delay")


def everything_below(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A workbook after one run that finished; its path holds what papermill would format."""
    root = a_workbook(tmp_path_factory.mktemp("{system} a workbook"))
    return root, run(root, "good", run_id="run-1", key=KEY)


@pytest.mark.kernel
def test_a_finished_run_names_its_bundle(finished):
    _, outcome = finished

    assert outcome.as_json() == {
        "system": "flight-delay", "notebook": "good", "run_id": "run-1", "state": "finished",
        "seconds": outcome.seconds, "bundle": "runs/flight-delay/good/run-1", "error": None,
    }  # fmt: skip


@pytest.mark.kernel
def test_a_bundle_holds_notebook_records_claims_and_policy_and_is_whole(finished):
    root, outcome = finished
    bundle = root / outcome.bundle

    assert {p.name for p in bundle.iterdir()} == {
        "executed.ipynb", "records.json", "claims.json", "policy.json", "environment.json",
        "manifest.dsse.json",
    }  # fmt: skip
    assert verify_bundle(bundle) == ()


@pytest.mark.kernel
def test_a_bundle_is_signed_with_the_key_that_the_run_was_given(finished):
    root, outcome = finished

    assert verify_bundle(root / outcome.bundle, keys=[KEY.verifier]) == ()


@pytest.mark.kernel
def test_a_manifest_says_on_what_and_where_the_notebook_ran(finished):
    root, outcome = finished
    manifest = manifest_of(root / outcome.bundle)

    assert (manifest.run_id, manifest.system, manifest.notebook, manifest.as_of) == (
        "run-1", "flight-delay", "good", AS_OF,
    )  # fmt: skip
    assert manifest.parameters == {"system": "flight-delay", "as_of": "2013-07-22T08:00:00Z"}
    assert [i.address for i in manifest.inputs] == ["data/usage.csv"]
    assert manifest.environment == environment()
    assert (manifest.git, manifest.redactions, manifest.reproduces) == (None, {}, None)


@pytest.mark.kernel
def test_a_bundle_holds_no_path_of_the_machine_and_no_name_of_a_person(finished):
    root, outcome = finished

    for content in everything_below(root / outcome.bundle).values():
        assert str(root).encode() not in content
        assert b"Mika Ito" not in content


@pytest.mark.kernel
def test_nothing_but_the_bundle_is_left_of_a_finished_run(finished):
    root, _ = finished

    assert [p.name for p in (root / "runs/flight-delay/good").iterdir()] == ["run-1"]


@pytest.mark.kernel
def test_a_run_is_on_the_ledger_from_start_to_finish(finished):
    root, _ = finished

    kinds = [(e.type, e.id) for e in events(root)]

    assert kinds == [
        ("run.started", "run-1/started"),
        ("evidence.published", "run-1/record/0"),
        ("run.finished", "run-1/finished"),
    ]


@pytest.mark.kernel
def test_the_end_of_a_run_says_how_its_kernel_was_started_and_why(finished):
    root, _ = finished
    data = events(root)[-1].data

    # Tests share a warm process; what was installed since it began starts cold, and says so.
    assert data["kernel"] in {"warm", "cold"}
    assert bool(data["kernel_why"]) == (data["kernel"] == "cold")


@pytest.mark.kernel
def test_a_record_on_the_ledger_says_which_run_notebook_and_cell_it_came_from(finished):
    root, _ = finished
    (statement,) = told(root)

    assert statement.record.kind == "spend"
    assert (statement.origin.run_id, statement.origin.notebook, statement.origin.cell) == (
        "run-1",
        "good",
        3,
    )
    assert statement.origin.inputs_verified


@pytest.mark.kernel
def test_later_events_are_recorded_later(finished):
    root, _ = finished
    started, *_, ended = events(root)

    assert started.recorded_at >= WALL_CLOCK
    assert ended.recorded_at > started.recorded_at


@pytest.mark.kernel
def test_a_run_that_fails_is_recorded_with_its_cell_and_leaves_the_last_good_one(tmp_path):
    root = a_workbook(tmp_path)
    good = root / run(root, "good").bundle
    before = everything_below(good)
    shutil.copy(root / "notebooks/bad.ipynb", root / "notebooks/good.ipynb")

    outcome = run(root, "good", run_id="run-2")

    assert (outcome.state, outcome.bundle) == ("failed", None)
    assert outcome.error == "cell 2: ZeroDivisionError: division by zero"
    assert everything_below(good.parent) == {f"{good.name}/{k}": v for k, v in before.items()}
    failed = events(root)[-1]
    assert (failed.type, failed.data["reason"], failed.data["cell"]) == ("run.failed", "error", 2)


@pytest.mark.kernel
def test_a_message_that_may_hold_data_stays_out_of_the_ledger(tmp_path):
    root = a_workbook(tmp_path)
    a_notebook(root / "notebooks/leak.ipynb", OPEN, 'raise ValueError("Ada said: call me")')

    outcome = run(root, "leak")

    assert "Ada said" in outcome.error
    assert events(root)[-1].data["message"] == ""
    assert b"Ada said" not in (root / "ledger.db").read_bytes()


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("notebook", "why"),
    [
        ("undeclared", "data/other.csv, which no claim declares"),
        ("changing", "data/usage.csv changed while the notebook ran"),
    ],
)
def test_a_record_whose_input_is_not_what_the_runner_sees_fails_the_run(tmp_path, notebook, why):
    root = a_workbook(tmp_path)

    outcome = run(root, notebook)

    assert (outcome.state, outcome.failure.reason) == ("failed", "bad_record")
    assert why in outcome.error
    assert told(root) == ()


@pytest.mark.kernel
def test_a_record_that_rests_on_other_claims_fails_the_run(tmp_path):
    root = a_workbook(tmp_path)
    other = SPEND.replace(
        'book.system.claim_refs("cost")',
        '({"file": "cost.yaml", "digest": "sha256:" + "0" * 64},)',
    )
    a_notebook(root / "notebooks/other.ipynb", OPEN, 'address = "data/usage.csv"', other)

    outcome = run(root, "other")

    assert "another content of cost.yaml" in outcome.error


@pytest.mark.kernel
def test_a_measurement_without_inputs_is_recorded_as_unverified(tmp_path):
    root = a_workbook(tmp_path)
    bare = SPEND.replace("inputs=(identify(book.root, address),)", "inputs=()")
    a_notebook(root / "notebooks/bare.ipynb", OPEN, bare)

    run(root, "bare")

    (statement,) = told(root)
    assert not statement.origin.inputs_verified


@pytest.mark.kernel
def test_the_journal_of_a_drill_is_copied_into_the_bundle(tmp_path):
    root = a_workbook(tmp_path)
    journal = root / "runs/flight-delay/.drills/d-1.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_text('{"step": "switch"}\n', encoding="utf-8")
    address = 'address = "runs/flight-delay/.drills/d-1.jsonl"'
    a_notebook(root / "notebooks/drill.ipynb", OPEN, address, SPEND)

    outcome = run(root, "drill")

    copied = (root / outcome.bundle / "journal.jsonl").read_bytes()
    assert copied == journal.read_bytes()


@pytest.mark.kernel
def test_the_records_file_names_the_cell_of_each_record(finished):
    root, outcome = finished
    records = json.loads((root / outcome.bundle / "records.json").read_text(encoding="utf-8"))

    assert [(r["cell"], r["record"]["kind"]) for r in records] == [(3, "spend")]


@pytest.mark.kernel
def test_the_executed_notebook_carries_what_the_cells_showed(finished):
    root, outcome = finished
    notebook = nbformat.read(root / outcome.bundle / "executed.ipynb", as_version=4)

    assert notebook.cells[3].outputs[0].data["text/html"] == "<p>spend</p>"


@pytest.mark.kernel
def test_what_a_killed_run_left_is_removed_and_recorded_as_abandoned(tmp_path):
    root = a_workbook(tmp_path)
    place = RunPlace(run_id="dead-1", system="flight-delay", notebook="good", as_of=AS_OF)
    place.staging(root).mkdir(parents=True)
    (root / place.bundle).mkdir()  # sealed, and killed before it was published
    place.lock(root).write_text(place.model_dump_json(), encoding="utf-8")

    run(root, "bad")

    assert list((root / "runs/flight-delay/good").iterdir()) == []
    first = events(root)[0]
    assert (first.type, first.data["run_id"]) == ("run.abandoned", "dead-1")


@pytest.mark.kernel
def test_a_bundle_whose_run_had_finished_survives_the_death_of_its_process(tmp_path):
    root = a_workbook(tmp_path)
    bundle = root / run(root, "good", run_id="run-1").bundle
    place = RunPlace(run_id="run-1", system="flight-delay", notebook="good", as_of=AS_OF)
    place.lock(root).write_text(place.model_dump_json(), encoding="utf-8")

    run(root, "bad")

    assert verify_bundle(bundle) == ()
    assert "run.abandoned" not in [e.type for e in events(root)]


def test_an_unknown_parameter_starts_nothing(tmp_path):
    root = a_workbook(tmp_path)

    with pytest.raises(ParameterError, match="no parameter 'dayz'"):
        run(root, "good", parameters={"dayz": 7})

    assert not (root / "ledger.db").exists()
    assert not (root / "runs").exists()


@pytest.mark.parametrize("name", ["system", "as_of"])
def test_system_and_instant_are_set_by_the_run_and_by_nobody_else(tmp_path, name):
    root = a_workbook(tmp_path)

    with pytest.raises(ParameterError, match="is no free parameter"):
        run(root, "good", parameters={name: "support-assistant"})


def test_an_unknown_system_is_refused_with_the_nearest_one(tmp_path):
    with pytest.raises(UsageError, match="did you mean flight-delay"):
        run_notebook(
            a_workbook(tmp_path), "good", "flight-dely", as_of=AS_OF, recorded_at=WALL_CLOCK
        )


def test_run_ids_sort_by_time_and_differ():
    first, second = new_run_id(WALL_CLOCK), new_run_id(WALL_CLOCK)

    assert first.startswith("20260302T080000Z-")
    assert first != second


def test_a_run_dated_ahead_of_the_clock_is_refused_and_nothing_is_recorded(tmp_path):
    root = a_workbook(tmp_path)

    with pytest.raises(UsageError, match="cannot be dated ahead"):
        run(root, "good", as_of=WALL_CLOCK + timedelta(days=300))

    assert not (root / "ledger.db").exists()


def test_a_run_that_meets_a_fault_of_ours_ends_on_record(tmp_path):
    root = a_workbook(tmp_path)
    called = iter(range(100))

    def stopwatch():
        if (turn := next(called)) == 2:  # the run was begun and noted, and its notebook not yet
            raise ArithmeticError("no such hour")
        return float(turn)

    outcome = run(root, "good", stopwatch=stopwatch)

    assert (outcome.state, outcome.error) == ("failed", "ArithmeticError: no such hour")
    assert [event.type for event in events(root)] == ["run.started", "run.failed"]
    assert "no such hour" not in str(events(root)[-1].data)
