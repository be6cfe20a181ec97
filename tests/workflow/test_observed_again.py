"""Bundles that a process looks at more than once: what was done to one in between is found."""

import os
import shutil

import pytest

from ops_model.store.ledger import Ledger
from ops_model.workflow.observe import observe_integrity
from tests.store.ledger_events import AS_OF, SYSTEM
from tests.workflow.verify_samples import a_run, a_workbook


@pytest.fixture
def run(tmp_path):
    """The bundle of a run that was looked at before."""
    made = a_run(a_workbook(tmp_path / "workbook"))
    assert problems(made) == ()
    return made


def problems(run):
    root = run.parents[3]
    with Ledger.open(root / "ledger.db") as ledger:
        (bundle,) = observe_integrity(root, SYSTEM, ledger, as_of=AS_OF).bundles
    return bundle.problems


def test_a_file_of_the_same_size_and_time_of_writing_is_found(run):
    records = run / "records.json"
    before = records.stat()

    records.write_bytes(b"{}")
    os.utime(records, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert problems(run) == ("records.json was changed",)


def test_another_file_in_its_place_is_found(run):
    other = run.parent / "other"
    other.write_bytes(b"{}")
    other.replace(run / "records.json")

    assert problems(run) == ("records.json was changed",)


def test_a_file_that_was_added_is_found(run):
    (run / "more.txt").write_bytes(b"")

    assert problems(run) == ("'more.txt' is not in the manifest",)


def test_a_bundle_that_is_gone_is_found_and_one_put_back_is_whole_again(run):
    kept = run.parents[3] / "kept"
    shutil.move(run, kept)
    gone = problems(run)
    shutil.copytree(kept, run)

    assert gone == ("the bundle is not there",)
    assert problems(run) == ()
