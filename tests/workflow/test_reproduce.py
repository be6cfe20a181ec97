"""A sealed run executed again: equal, different with the fields named, or refused with why."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops_model.check.grading import Grading
from ops_model.cli.run import command
from ops_model.domain.evidence import RECORD_MIME, Grade, LedgerEvent
from ops_model.domain.values import digest_of
from ops_model.errors import IntegrityError, UsageError
from ops_model.notebook.spec import HarvestedRecord
from ops_model.shipped import shipped
from ops_model.store.ledger import Ledger
from ops_model.store.seal import manifest_of, verify_bundle
from ops_model.store.workbook import read_workbook
from ops_model.workflow.assess import evidence_of
from ops_model.workflow.publish import runs_of
from ops_model.workflow.reproduce import NotReproducibleError, compare, reproduce
from ops_model.workflow.run import run_notebook
from ops_model.workflow.verify import verify_path
from tests.builders import a_rollback_drill, a_spend, a_system
from tests.notebook.builders import a_notebook
from tests.shown_model import a_reproduction
from tests.workflow.tiny import OPEN, SPEND, a_workbook

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATER = WALL_CLOCK + timedelta(days=40)
DECLARED = 'address = "data/usage.csv"'
CHANCE = "import random\n" + SPEND.replace("value=1.5", "value=random.random()")


def run(root, notebook, **changes):
    given = {"as_of": AS_OF, "recorded_at": WALL_CLOCK}
    return run_notebook(root, notebook, "flight-delay", **{**given, **changes})


def again(root, notebook, run_id="run-1", **changes):
    given = {"as_of": AS_OF, "recorded_at": LATER}
    return reproduce(root, notebook, "flight-delay", run_id, **{**given, **changes})


def cli(root, *arguments):
    given = ["--workbook", str(root), "--as-of", "2013-07-22T08:00:00Z", *arguments]
    return CliRunner().invoke(command, given)


def events(root):
    with Ledger.open(root / "ledger.db") as ledger:
        return [stored.event for stored in ledger.events()]


def told(root):
    with Ledger.open(root / "ledger.db") as ledger:
        return ledger.statements("flight-delay")


def grades(root):
    """The grade of each entry that is evidence, by the kind of its record."""
    model = read_workbook(root)
    statements = told(root)
    grading = Grading(
        model.systems[0], model.people,
        evidence_of(statements, model.policy, model.signers), AS_OF,
    )  # fmt: skip
    return {s.record.kind: grading.statement(s).grade for s in statements}


def approve(root):
    """Let the workbook's own notebooks count as observed, as whoever keeps the policy may."""
    digests = {e.data["notebook_digest"] for e in events(root) if e.type == "run.started"}
    listed = ", ".join(sorted(digests))
    (root / "policy.yaml").write_text(f"approved_notebooks: [{listed}]\n", encoding="utf-8")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """A workbook with one measurement, to be copied."""
    root = a_workbook(tmp_path_factory.mktemp("sealed") / "workbook")
    run(root, "good", run_id="run-1")
    return root


@pytest.fixture
def copy(sealed, tmp_path):
    return Path(shutil.copytree(sealed, tmp_path / "workbook"))


@pytest.fixture(scope="module")
def equal(sealed, tmp_path_factory):
    """The same run executed again, after the claims were edited."""
    root = Path(shutil.copytree(sealed, tmp_path_factory.mktemp("equal") / "workbook"))
    cost = root / "systems/flight-delay/cost.yaml"
    cost.write_text(cost.read_text().replace("USD", "EUR"), encoding="utf-8")
    return root, again(root, "good")


def test_a_run_comes_out_the_same_from_what_was_sealed_whatever_was_edited_since(equal):
    _, found = equal

    assert found.outcome.error is None
    assert found.told.equal
    assert (found.told.run_id, found.told.records, found.told.differing) == ("run-1", 1, ())


def test_what_it_showed_is_one_record_of_the_tool_that_names_both_runs(equal):
    root, found = equal
    statement = told(root)[-1]

    assert statement.record == found.told
    assert (statement.actor, statement.origin) == ("tool:ops-model", None)
    assert statement.record.again == found.outcome.run_id != "run-1"
    assert statement.recorded_at >= LATER


def test_the_second_run_is_sealed_too_and_says_which_one_it_repeats(equal):
    root, found = equal
    second = root / found.outcome.bundle
    manifest = manifest_of(second)

    assert manifest.reproduces == "run-1"
    assert manifest.as_of == AS_OF
    assert (second / "records.json").read_bytes() == (
        root / "runs/flight-delay/good/run-1/records.json"
    ).read_bytes()
    assert verify_path(root).problems == ()


def test_the_page_of_the_second_run_says_which_one_it_repeats(equal):
    root, found = equal
    told_of = {run.run_id: run.reproduces for run in runs_of(events(root))}

    assert told_of == {"run-1": "", found.outcome.run_id: "run-1"}


def test_the_records_of_the_second_run_are_no_new_evidence(equal):
    root, _ = equal

    assert [s.record.kind for s in told(root)] == ["spend", "reproduction"]


def test_a_reproduced_measurement_has_the_highest_grade(equal):
    root, _ = equal
    approve(root)

    assert grades(root) == {"spend": Grade.REPRODUCED, "reproduction": Grade.OBSERVED}


@pytest.fixture(scope="module")
def different(tmp_path_factory):
    """A notebook that rolls dice, and what the command said of its second run."""
    root = a_workbook(tmp_path_factory.mktemp("different"))
    a_notebook(root / "notebooks/chance.ipynb", OPEN, DECLARED, CHANCE)
    run(root, "chance", run_id="run-1")
    return root, cli(root, "chance", "flight-delay", "--reproduce", "run-1")


def test_a_measurement_that_depends_on_chance_differs_and_the_fields_are_named(different):
    root, shown = different
    record = told(root)[-1].record

    assert record.differing == ("spend of cell 3: total.value, today.value, last_full_day.value",)
    assert not record.equal
    assert shown.exit_code == 1
    assert f"not the same as run-1: 1 of 1 record\n  {record.differing[0]}" in shown.stdout


def test_a_measurement_that_came_out_otherwise_stays_observed(different):
    root, _ = different
    approve(root)

    assert grades(root)["spend"] is Grade.OBSERVED


# What it does depends on files that no record names: `x` adds a record and changes the first,
# `y` breaks it.
MOODY = (
    OPEN, DECLARED,
    SPEND.replace("value=1.5", "value=2.5 if (book.root / 'x').exists() else 1.5"),
    "if (book.root / 'x').exists(): display(Shown(spend, ''))",
    "assert not (book.root / 'y').exists()",
)  # fmt: skip


@pytest.fixture(scope="module")
def moody(tmp_path_factory):
    """Three repetitions of one run: equal, with other records, and one that fails.

    With the grade of the measurement after each.
    """
    root = a_workbook(tmp_path_factory.mktemp("moody"))
    a_notebook(root / "notebooks/moody.ipynb", *MOODY)
    run(root, "moody", run_id="run-1")
    approve(root)
    found, grade = [], []
    for day, name in enumerate(["", "x", "y"]):
        if name:
            (root / name).touch()
        found.append(again(root, "moody", recorded_at=LATER + timedelta(days=day)))
        grade.append(grades(root)["spend"])
    return root, found, grade


def test_only_the_last_repetition_of_a_run_counts(moody):
    _, found, grade = moody

    assert found[0].told.equal
    assert grade[:2] == [Grade.REPRODUCED, Grade.OBSERVED]


def test_a_record_that_is_only_in_one_of_the_two_is_named(moody):
    _, found, _ = moody

    assert found[1].told.records == 2
    assert found[1].told.differing[-1] == "spend of cell 4: only in the second run"


def test_a_second_run_that_fails_is_recorded_as_failed_and_shows_nothing(moody):
    root, found, _ = moody

    assert (found[2].told, found[2].outcome.state) == (None, "failed")
    assert events(root)[-1].type == "run.failed"
    assert [s.record.kind for s in told(root)] == ["spend", "reproduction", "reproduction"]


def test_an_input_that_changed_is_named_and_nothing_is_started(copy):
    root = copy
    (root / "data/usage.csv").write_text("timestamp,hours\n2013-07-01,4\n", encoding="utf-8")
    before = len(events(root))

    with pytest.raises(NotReproducibleError, match="an input changed since the run") as refused:
        again(root, "good")

    assert refused.value.exit_code == 1
    assert refused.value.problems[0].where == "data/usage.csv"
    assert len(events(root)) == before


def test_an_input_that_is_gone_is_named(copy):
    root = copy
    (root / "data/usage.csv").unlink()

    with pytest.raises(NotReproducibleError, match="an input is gone"):
        again(root, "good")


def test_a_notebook_that_changed_is_not_the_one_that_ran(copy):
    root = copy
    a_notebook(root / "notebooks/good.ipynb", OPEN, DECLARED, SPEND, "pass")

    with pytest.raises(NotReproducibleError, match="the notebook changed since the run"):
        again(root, "good")


def test_a_bundle_that_was_changed_is_an_alarm(copy):
    (copy / "runs/flight-delay/good/run-1/claims.json").write_bytes(b"{}")

    with pytest.raises(IntegrityError, match=r"claims\.json was changed") as refused:
        again(copy, "good")

    assert refused.value.exit_code == 4


@pytest.mark.parametrize(
    ("notebook", "run_id", "changes", "why"),
    [
        ("good", "run-9", {}, "no run 'run-9' of flight-delay has finished"),
        ("bad", "run-1", {}, "run run-1 is one of good, not of bad"),
        ("03_rollback_drill", "run-1", {}, "another rehearsal is no repetition of the first"),
        ("good", "run-1", {"as_of": AS_OF - timedelta(days=1)}, "cannot be reproduced before"),
        ("good", "run-1", {"as_of": LATER + timedelta(days=1)}, "cannot be dated ahead"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(equal, notebook, run_id, changes, why):
    with pytest.raises(UsageError, match=why) as refused:
        again(equal[0], notebook, run_id, **changes)

    assert refused.value.exit_code == 2


def test_a_repetition_is_not_repeated_but_its_first_run_is_named(equal):
    root, found = equal

    with pytest.raises(UsageError, match="name the first one: run-1"):
        again(root, "good", found.outcome.run_id)


def test_a_run_about_all_systems_together_is_reproduced_too(tmp_path):
    root = shutil.copytree(shipped("templates") / "workbook", tmp_path / "workbook")
    outcome = run_notebook(root, "N13", "portfolio", as_of=AS_OF, recorded_at=WALL_CLOCK)

    found = reproduce(root, "N13", "portfolio", outcome.run_id, as_of=AS_OF, recorded_at=LATER)

    assert outcome.error is found.outcome.error is None
    assert found.told.differing == ()
    assert found.told.equal


REHEARSED = a_rollback_drill(a_system(), claims=(), as_of=AS_OF).model_dump(mode="json")
PRINTS_A_DRILL = f"""from IPython.display import display
display({{{RECORD_MIME!r}: {REHEARSED!r}}}, raw=True)"""


def test_a_rehearsal_is_refused_by_what_it_left_and_the_witness_is_told_what_to_type(tmp_path):
    root = a_workbook(tmp_path)
    a_notebook(root / "notebooks/mine.ipynb", PRINTS_A_DRILL)
    assert run(root, "mine", run_id="run-1").error is None
    before = len(events(root))

    with pytest.raises(UsageError, match="another rehearsal is no repetition") as refused:
        again(root, "mine")

    assert len(events(root)) == before
    assert (
        f"`ops-model attest flight-delay --topic witness --of {told(root)[-1].digest} --as ID"
    ) in str(refused.value)


@pytest.mark.parametrize("known", [True, False])
def test_the_command_says_what_equal_records_are_worth_now(copy, known):
    if known:
        approve(copy)

    shown = cli(copy, "good", "flight-delay", "--reproduce", "run-1")

    said = "what that run measured counts as E4 now" if known else "its records stay declared"
    assert f"\n  recorded: reproduced; {said}" in shown.stdout


def test_a_repetition_without_the_end_of_its_run_is_a_sentence_and_reproduces_nothing(copy):
    said = a_reproduction(a_system(), run_id="run-1", again="run-9", as_of=AS_OF, claims=())
    data = {"record": said.model_dump(mode="json"), "digest": digest_of(said), "origin": None}
    with Ledger.open(copy / "ledger.db") as ledger:
        ledger.append(
            LedgerEvent(id="said", type="evidence.published", subject="flight-delay", as_of=AS_OF,
                        recorded_at=LATER, actor="tool:ops-model", data=data)
        )  # fmt: skip
    approve(copy)

    assert grades(copy) == {"spend": Grade.OBSERVED}


def test_a_number_in_another_form_and_a_field_that_came_since_are_no_difference(equal):
    """Sealed bytes have 10 for 10.0, and an older bundle lacks what was added since."""
    root, _ = equal
    manifest = manifest_of(root / "runs/flight-delay/good/run-1")
    now = a_spend(a_system()).model_dump(mode="json")
    ceiling = {**now["ceiling_per_day"], "value": int(now["ceiling_per_day"]["value"])}
    unsaid = {name: value for name, value in now.items() if name != "simulated"}
    then = {**unsaid, "ceiling_per_day": ceiling}
    other = {**then, "unpriced_rows": 1}

    def differing(before):
        both = [HarvestedRecord(cell=5, record=record) for record in (before, now)]
        return compare(both[:1], both[1:], manifest, again="run-2", as_of=AS_OF).differing

    assert unsaid != now
    assert differing(then) == ()
    assert [told.partition(": ")[2] for told in differing(other)] == ["unpriced_rows"]


def test_json_says_how_the_two_compare(equal):
    _, found = equal

    assert found.as_json() == {
        "reproduction": {
            "run_id": "run-1", "again": found.outcome.run_id, "equal": True, "records": 1,
            "differing": [],
        }
    }  # fmt: skip


@pytest.mark.parametrize("more", [["--all"], ["flight-delay", "-p", "days=7"]])
def test_what_the_sealed_run_says_by_itself_is_not_given_twice(tmp_path, more):
    result = cli(a_workbook(tmp_path), "good", *more, "--reproduce", "run-1")

    assert isinstance(result.exception, UsageError)
    assert "it runs what was sealed" in str(result.exception)


def test_the_second_bundle_is_whole(equal):
    root, found = equal

    assert verify_bundle(root / found.outcome.bundle) == ()
