"""One bundle as a zip: equal bytes each time, verified where it lies, never a changed one."""

import pytest
from click.testing import CliRunner

from ops_model.cli.export import command
from ops_model.cli.verify import command as verify
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import IntegrityError, UsageError
from ops_model.store.archive import open_archive
from ops_model.workflow.export_bundle import export_bundle
from tests.workflow.verify_samples import a_run, a_workbook

SETTINGS = WorkbookSettings(name="Test", zone="UTC")


@pytest.fixture
def root(tmp_path):
    root = a_workbook(tmp_path / "workbook")
    a_run(root, "run-1")
    return root


def test_a_zip_holds_the_files_of_the_bundle_and_no_folder(root, tmp_path):
    run = export_bundle(root, SETTINGS, "run-1", tmp_path / "run.zip")

    with open_archive(tmp_path / "run.zip") as archive:
        assert archive.names == tuple(sorted(p.name for p in (root / run.bundle).iterdir()))


def test_exporting_twice_gives_equal_bytes(root, tmp_path):
    export_bundle(root, SETTINGS, "run-1", tmp_path / "first.zip")
    export_bundle(root, SETTINGS, "run-1", tmp_path / "second.zip")

    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_a_run_that_never_finished_has_no_bundle(root, tmp_path):
    with pytest.raises(UsageError, match="no run 'run-9' has finished") as refused:
        export_bundle(root, SETTINGS, "run-9", tmp_path / "run.zip")

    assert "the last ones are: run-1" in str(refused.value)


def test_a_changed_bundle_is_not_exported(root, tmp_path):
    folder = root / export_bundle(root, SETTINGS, "run-1", tmp_path / "run.zip").bundle
    (folder / "records.json").write_bytes(b"[1]")

    with pytest.raises(IntegrityError, match=r"records\.json was changed"):
        export_bundle(root, SETTINGS, "run-1", tmp_path / "other.zip")

    assert not (tmp_path / "other.zip").exists()


def test_the_command_writes_what_verify_reads(root, tmp_path):
    path = tmp_path / "run.zip"
    written = CliRunner().invoke(
        command, ["bundle", "run-1", "--into", str(path), "--workbook", str(root)]
    )
    read = CliRunner().invoke(verify, [str(path)])

    assert written.exit_code == read.exit_code == 0
    assert f"wrote {path}" in written.stdout
    assert "unchanged" in read.stdout


def test_a_changed_byte_of_a_file_in_the_zip_is_found(root, tmp_path):

    path = tmp_path / "run.zip"
    export_bundle(root, SETTINGS, "run-1", path)
    content = path.read_bytes()
    start = content.index(b"records.json") + len(b"records.json")
    path.write_bytes(content[:start] + b"{" + content[start + 1 :])

    read = CliRunner().invoke(verify, [str(path)])

    assert read.exit_code == 4
    assert "records.json is not what the archive lists" in read.stderr
