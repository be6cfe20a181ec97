"""What a notebook opens: the runner's snapshot in a run, the workbook in JupyterLab."""

import json
from datetime import UTC, datetime

import pytest

from ops_model import workflow
from ops_model.domain.snapshot import snapshot_as_json
from ops_model.errors import IntegrityError, UsageError, WorkbookError
from ops_model.store.workbook import read_workbook
from ops_model.workflow.open import take_snapshot
from tests.workflow.tiny import a_workbook

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)


@pytest.fixture
def root(tmp_path):
    return a_workbook(tmp_path / "book")


@pytest.fixture
def inside_a_run(root, tmp_path, monkeypatch):
    """The working folder of a kernel: a snapshot and nothing else."""
    work = tmp_path / "work"
    work.mkdir()
    model = read_workbook(root)
    snapshot = take_snapshot(root, model, "flight-delay", as_of=AS_OF, ledger=None)
    (work / "snapshot.json").write_text(json.dumps(snapshot_as_json(snapshot)), encoding="utf-8")
    monkeypatch.chdir(work)
    return snapshot


def test_in_a_run_the_snapshot_is_opened(inside_a_run):
    book = workflow.open(system="flight-delay", as_of="2013-07-22T08:00:00Z")

    assert book.snapshot == inside_a_run


def test_a_run_cannot_open_another_system(inside_a_run):
    with pytest.raises(UsageError, match="this run is about flight-delay"):
        workflow.open(system="support-assistant")


def test_a_run_cannot_open_another_instant(inside_a_run):
    with pytest.raises(UsageError, match="this run is as of 2013-07-22T08:00:00Z"):
        workflow.open(system="flight-delay", as_of="2013-07-23T08:00:00Z")


def test_a_spoiled_snapshot_is_refused_without_a_traceback(inside_a_run, tmp_path):
    (tmp_path / "work" / "snapshot.json").write_text('{"system": ', encoding="utf-8")

    with pytest.raises(IntegrityError, match=r"snapshot\.json: cannot be read"):
        workflow.open(system="flight-delay")


def test_in_jupyterlab_the_workbook_above_is_opened_at_its_pinned_instant(root, monkeypatch):
    monkeypatch.chdir(root / "notebooks")

    book = workflow.open(system="flight-delay")

    assert (book.root, book.as_of, book.system.id) == (root, AS_OF, "flight-delay")


def test_opening_in_jupyterlab_writes_nothing(root, monkeypatch):
    monkeypatch.chdir(root)
    before = sorted(p.name for p in root.iterdir())

    workflow.open(system="flight-delay")

    assert sorted(p.name for p in root.iterdir()) == before


def test_what_a_notebook_sees_of_people_are_ids(root, monkeypatch):
    monkeypatch.chdir(root)

    book = workflow.open(system="flight-delay")

    assert book.people.person("m-ito").name == "m-ito"


def test_outside_a_workbook_the_error_says_where_to_go(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(WorkbookError, match="open the notebook from inside a workbook"):
        workflow.open(system="flight-delay")


def test_an_unknown_system_is_refused_with_the_nearest_one(root, monkeypatch):
    monkeypatch.chdir(root)

    with pytest.raises(UsageError, match="did you mean flight-delay"):
        workflow.open(system="flight-dely")


@pytest.mark.parametrize(
    ("as_of", "why"),
    [("soon", "expected an ISO 8601 time"), ("2013-07-22T08:00:00", "without a zone")],
)
def test_an_instant_that_is_none_is_refused(root, monkeypatch, as_of, why):
    monkeypatch.chdir(root)

    with pytest.raises(UsageError, match=why):
        workflow.open(system="flight-delay", as_of=as_of)


def test_without_a_pinned_instant_the_notebook_must_name_one(root, monkeypatch):
    (root / "ops-model.yaml").write_text("name: Test\nzone: UTC\n", encoding="utf-8")
    monkeypatch.chdir(root)

    with pytest.raises(UsageError, match="pins no instant"):
        workflow.open(system="flight-delay")


def test_a_verb_without_its_claims_says_so_and_records_nothing(root, monkeypatch):
    monkeypatch.chdir(root)
    book = workflow.open(system="flight-delay")

    for shown in (workflow.quality(book), workflow.drift(book), workflow.coverage(book)):
        assert shown.record is None
        assert "yaml" in shown.html


def test_the_last_record_of_a_kind_is_missing_until_one_is_published(root, monkeypatch):
    monkeypatch.chdir(root)
    book = workflow.open(system="flight-delay")

    shown = workflow.latest(book, "quality")

    assert "No quality of flight-delay is on record" in shown.html


def test_an_unknown_kind_or_area_is_refused_with_those_that_exist(root, monkeypatch):
    monkeypatch.chdir(root)
    book = workflow.open(system="flight-delay")

    with pytest.raises(UsageError, match="quality"):
        workflow.latest(book, "qualty")
    with pytest.raises(UsageError, match="rollback"):
        workflow.area(book, "rolback")


def test_a_drill_by_somebody_unknown_is_refused_before_it_starts(root, monkeypatch):
    monkeypatch.chdir(root)
    book = workflow.open(system="flight-delay")

    with pytest.raises(UsageError, match=r"not in people\.yaml"):
        workflow.rehearse_rollback(book, performed_by="nobody")
