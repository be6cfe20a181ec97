"""Bundles, ledger and workbook compared with what was recorded."""

import os
import shutil
from datetime import timedelta

import pytest

from ops_model.domain.values import digest_of
from ops_model.errors import IntegrityError, LedgerError, WorkbookError
from ops_model.store.ledger import Ledger
from ops_model.store.seal import MANIFEST_FILE
from ops_model.workflow.observe import observe_integrity
from ops_model.workflow.verify import verify_path
from tests.store.ledger_events import AS_OF, SYSTEM, an_event, as_owner, finished
from tests.workflow.verify_samples import NOTEBOOK, a_run, a_workbook

PLACE = f"runs/{SYSTEM}/{NOTEBOOK}/run-1"
EDIT = "UPDATE event SET body = replace(body, '2.5', '3.5') WHERE seq = 0"


@pytest.fixture
def root(tmp_path):
    return a_workbook(tmp_path / "workbook")


def observed(root, *, as_of=AS_OF):
    with Ledger.open(root / "ledger.db") as ledger:
        return observe_integrity(root, SYSTEM, ledger, as_of=as_of)


def told(path):
    return [(p.where, p.message) for p in verify_path(path).problems]


def test_a_file_that_was_never_a_ledger_is_no_alarm(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(LedgerError, match="is no ledger") as refused:
        verify_path(tmp_path / "notes.txt")

    assert refused.value.exit_code == 3


def test_an_untouched_run_is_observed_without_a_problem(root):
    a_run(root)

    verification = observed(root)

    (bundle,) = verification.bundles
    assert (bundle.run_id, bundle.problems) == ("run-1", ())
    assert verification.ledger_problems == ()
    assert verification.claims == ()


def test_a_changed_bundle_is_observed_under_its_run(root):
    a_run(root, "run-1")
    (a_run(root, "run-2") / "records.json").write_bytes(b"[1]")

    verification = observed(root)

    assert [(b.run_id, b.problems) for b in verification.bundles] == [
        ("run-1", ()),
        ("run-2", ("records.json was changed: 3 bytes instead of 2",)),
    ]


def test_a_bundle_that_is_gone_is_observed(root):
    shutil.rmtree(a_run(root))

    (bundle,) = observed(root).bundles

    assert bundle.problems == ("the bundle is not there",)


def test_a_changed_ledger_is_observed_in_every_system(root):
    a_run(root, "run-1", system="support-assistant")
    a_run(root, "run-2")
    as_owner(root / "ledger.db", EDIT)

    verification = observed(root)

    assert verification.ledger_problems == ("ledger:0: the entry's bytes do not give its hash",)


def test_runs_of_other_systems_and_of_later_instants_are_not_observed(root):
    a_run(root, "run-1")
    a_run(root, "run-2", system="support-assistant")
    a_run(root, "run-3", as_of=AS_OF + timedelta(days=1))

    assert [b.run_id for b in observed(root).bundles] == ["run-1"]


def test_a_system_without_runs_is_observed_with_no_bundle(root):
    a_run(root, system="support-assistant")

    verification = observed(root)

    assert (verification.bundles, verification.ledger_size) == ((), 0)


def test_the_same_observation_gives_the_same_record_whoever_appended_meanwhile(root):
    a_run(root)
    before = observed(root)
    with Ledger.open(root / "ledger.db") as ledger:
        ledger.append(an_event("another/started", subject="support-assistant"))
        ledger.append(an_event("run-2/started"))

    assert digest_of(observed(root)) == digest_of(before)


def test_a_finished_run_without_a_manifest_is_no_run(root):
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        ledger.append(finished(manifest="none"))

    with pytest.raises(IntegrityError, match="ledger:0: tells of no run: manifest"):
        observed(root)


def test_a_finished_run_that_names_a_bundle_outside_the_workbook_is_no_run(root):
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        ledger.append(finished(bundle="../../etc"))

    with pytest.raises(IntegrityError, match="ledger:0: tells of no run: bundle"):
        observed(root)


def test_an_untouched_workbook_verifies_with_its_size_and_head(root):
    a_run(root)

    verified = verify_path(root)

    with Ledger.open(root / "ledger.db") as ledger:
        head = ledger.head()
        assert (verified.size, verified.head) == (head.size, head.hash)
    assert verified.ok
    assert verified.compared == (
        "ledger: 1 entries against their own hash chain",
        "bundles: 1 against the manifests that the ledger recorded",
    )


def test_every_change_in_a_workbook_is_told_at_once(root):
    (a_run(root, "run-1") / "records.json").unlink()
    shutil.rmtree(a_run(root, "run-2", system="support-assistant"))
    a_run(root, "run-3", publish=False)

    assert told(root) == [
        (PLACE, "records.json is missing"),
        (f"runs/support-assistant/{NOTEBOOK}/run-2", "the bundle is not there"),
        (PLACE.replace("run-1", "run-3"), "no finished run of the ledger names this bundle"),
    ]


def test_a_run_at_work_is_no_made_up_bundle(root):
    a_run(root, "run-1")
    folder = a_run(root, "run-2", publish=False)
    (folder.parent / ".running-run-2.json").write_text("{}")
    (folder.parent / ".staging-run-3").mkdir()
    (root / "runs" / SYSTEM / ".drills" / "drill-1").mkdir(parents=True)

    assert told(root) == []


def test_a_changed_entry_stops_the_comparison_of_later_bundles_and_says_so(root):
    a_run(root)
    as_owner(root / "ledger.db", EDIT)

    assert told(root) == [
        ("ledger:0", "the entry's bytes do not give its hash"),
        ("ledger:0", "no bundle of a run from here on was compared"),
    ]


def test_a_ledger_that_is_no_database_any_more_is_a_change_of_the_workbook(root):
    a_run(root)
    (root / "ledger.db").write_bytes(b"overwritten")

    problems = told(root)

    assert "the file is no ledger any more" in problems[0][1]
    assert problems[-1] == ("ledger", "no bundle of a run from here on was compared")


def test_a_ledger_that_is_gone_while_bundles_are_there_is_a_change(root):
    a_run(root)
    (root / "ledger.db").unlink()

    assert told(root) == [("ledger.db", "is gone, and 1 bundles of it are there")]


def test_a_workbook_in_which_nothing_happened_cannot_be_verified(root):
    with pytest.raises(LedgerError, match="nothing has been recorded yet") as refused:
        verify_path(root)

    assert refused.value.exit_code == 3


def test_the_workbook_says_which_file_is_its_ledger(root):
    a_run(root)
    (root / "ledger.db").rename(root / "other.db")
    a_workbook(root, ledger="other.db")

    assert verify_path(root).ok


def test_a_workbook_whose_settings_cannot_be_read_is_refused(root):
    (root / "ops-model.yaml").write_text("name: [")

    with pytest.raises(WorkbookError, match=r"ops-model\.yaml"):
        verify_path(root)


def test_a_bundle_in_a_workbook_is_compared_with_the_ledger(root):
    folder = a_run(root)

    assert verify_path(folder).ok

    (folder / MANIFEST_FILE).write_bytes(b"{}")
    problems = told(folder)
    assert problems[0] == (PLACE, f"{MANIFEST_FILE} is not the one that the ledger recorded")


def test_a_bundle_whose_manifest_was_removed_is_changed(root):
    folder = a_run(root)
    (folder / MANIFEST_FILE).unlink()

    assert told(folder) == [(PLACE, f"{MANIFEST_FILE} is missing")]


def test_a_bundle_that_no_run_names_is_made_up(root):
    a_run(root, "run-1")
    folder = a_run(root, "run-2", publish=False)

    ((where, what),) = told(folder)

    assert where.endswith("/run-2")
    assert what == "no finished run of the ledger names this bundle"


def test_a_made_up_bundle_of_any_name_can_be_told(root):
    a_run(root)
    (root / "runs" / SYSTEM / NOTEBOOK / os.fsdecode(b"a\n\xff\x1b[31m")).mkdir()

    ((where, _),) = told(root)

    assert where == f"'runs/{SYSTEM}/{NOTEBOOK}/a\\n\\udcff\\x1b[31m'"


def test_a_link_in_the_place_of_a_bundle_is_a_change(root, tmp_path):
    folder = a_run(root)
    shutil.move(folder, tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")

    assert told(folder) == [(PLACE, "the bundle is no folder of its own")]


def test_a_bundle_far_from_its_workbook_is_compared_with_its_own_manifest_only(root, tmp_path):
    folder = shutil.copytree(a_run(root), tmp_path / "mailed")

    verified = verify_path(folder)

    assert verified.ok
    assert verified.compared == ("bundle: against its own manifest only",)
    assert (verified.size, verified.head) == (0, None)


def test_a_changed_bundle_far_from_its_workbook_is_found(root, tmp_path):
    folder = shutil.copytree(a_run(root), tmp_path / "mailed")
    (folder / "records.json").write_bytes(b"{}")

    assert told(folder) == [("mailed", "records.json was changed")]


def test_a_folder_that_is_no_bundle_cannot_be_verified(tmp_path):
    with pytest.raises(LedgerError, match="is no bundle and no workbook"):
        verify_path(tmp_path)


def test_a_path_that_is_not_there_cannot_be_verified(tmp_path):
    with pytest.raises(LedgerError, match="no such file or folder"):
        verify_path(tmp_path / "gone")


def test_a_ledger_file_is_verified_by_itself(root):
    a_run(root)

    assert verify_path(root / "ledger.db").ok

    as_owner(root / "ledger.db", EDIT)
    assert told(root / "ledger.db") == [("ledger:0", "the entry's bytes do not give its hash")]
