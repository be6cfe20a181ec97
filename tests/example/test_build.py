"""The demo's workbook: whole or not at all, over nothing but a demo, and always the same."""

import errno
import hashlib
import os
from pathlib import Path

import pytest
from pyarrow import parquet

from ops_model.errors import OpsModelError, UsageError
from ops_model.example.build import AS_OF, MARKER, build_workbook
from ops_model.example.model import FlightModel
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook


def silent(_step):
    """No progress."""


def stop(_step):
    """Ctrl-C at the first step."""
    raise KeyboardInterrupt


def full_disk(_step):
    """A disk without room."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def an_old_demo(folder):
    folder.mkdir()
    (folder / MARKER).write_text("old")
    (folder / "ledger.db").write_text("evidence")
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory, all_flights):
    """The workbook, built once."""
    into = tmp_path_factory.mktemp("built") / "demo"
    build_workbook(into, progress=silent)
    return into


@pytest.mark.parametrize("name", ["notes.txt", "ops-model.yaml", "ledger.db"])
def test_a_folder_that_is_no_demo_is_refused_and_not_touched(tmp_path, name):
    (tmp_path / name).write_text("mine")

    with pytest.raises(UsageError, match=f"holds '{name}' and is no demo"):
        build_workbook(tmp_path, progress=silent, fresh=True)

    assert [f.name for f in tmp_path.iterdir()] == [name]


def test_a_demo_is_only_replaced_when_asked(tmp_path):
    demo = an_old_demo(tmp_path / "demo")

    with pytest.raises(UsageError, match="holds a demo already") as refused:
        build_workbook(demo, progress=silent)

    assert "--fresh" in refused.value.problems[0].remedy
    assert (demo / "ledger.db").read_text() == "evidence"


def test_a_file_or_a_link_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")

    for name in ("file", "link"):
        with pytest.raises(UsageError, match="is no folder"):
            build_workbook(tmp_path / name, progress=silent, fresh=True)


def test_the_folder_that_one_is_in_is_not_replaced(tmp_path, monkeypatch):
    demo = an_old_demo(tmp_path / "demo")
    monkeypatch.chdir(demo)

    with pytest.raises(UsageError, match="the folder that you are in"):
        build_workbook(Path(), progress=silent, fresh=True)

    assert (demo / "ledger.db").read_text() == "evidence"


@pytest.mark.parametrize(
    ("trouble", "error"), [(stop, KeyboardInterrupt), (full_disk, OpsModelError)]
)
def test_an_interrupted_build_leaves_the_old_demo_and_nothing_else(tmp_path, trouble, error):
    demo = an_old_demo(tmp_path / "demo")

    with pytest.raises(error):
        build_workbook(demo, progress=trouble, fresh=True)

    assert [f.name for f in tmp_path.iterdir()] == ["demo"]
    assert (demo / "ledger.db").read_text() == "evidence"


def test_a_full_disk_is_named(tmp_path):
    with pytest.raises(OpsModelError, match="No space left on device") as refused:
        build_workbook(tmp_path / "demo", progress=full_disk)

    assert refused.value.exit_code == 3


def test_the_workbook_reads_whole_and_pins_the_instant_where_its_logs_end(built):
    model = read_workbook(built)

    assert [s.id for s in model.systems] == ["flight-delay", "support-assistant"]
    assert model.settings.as_of == AS_OF


def test_the_claimed_digest_is_that_of_the_model_in_production(built):
    version = read_workbook(built).system("flight-delay").identity.version

    content = (built / version.model_ref).read_bytes()

    assert version.model_digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_going_back_leads_to_a_model_that_is_there_and_takes_the_same_features(built):
    plan = read_workbook(built).system("flight-delay").rollback
    folder = built / "data" / "flight-delay" / "models"

    models = [FlightModel.load(folder / f"{v}.json") for v in (plan.from_version, plan.to_version)]

    assert [m.version for m in models] == ["v2", "v1"]
    assert len({m.feature_spec for m in models}) == 1
    assert models[0].digest != models[1].digest


def test_every_log_that_is_declared_is_there_with_its_columns(built):
    for system in read_workbook(built).systems:
        monitors = {m.log: m for m in system.signals.monitors if m.log}
        for log in system.signals.logs:
            files = sorted((built / log.address).glob("*.parquet"))
            columns = set(parquet.read_schema(files[0]).names)
            assert {log.timestamp, log.key} <= columns
            if log.id in monitors:
                assert {*monitors[log.id].columns, *monitors[log.id].segments} <= columns


def test_no_log_goes_past_the_instant(built):
    for system in read_workbook(built).systems:
        addresses = [(log.address, log.timestamp) for log in system.signals.logs]
        addresses += [(log.address, log.timestamp) for log in system.cost.logs]
        for address, column in addresses:
            last = sorted((built / address).glob("*.parquet"))[-1]
            newest = max(parquet.read_table(last)[column].to_pylist())
            assert newest < AS_OF


def test_what_is_simulated_is_declared_so_and_what_is_real_is_not(built):
    model = read_workbook(built)
    flights, assistant = model.system("flight-delay"), model.system("support-assistant")

    assert assistant.identity.simulated
    assert all(log.simulated for log in (*assistant.signals.logs, *assistant.cost.logs))
    assert not flights.identity.simulated
    assert not any(log.simulated for log in flights.signals.logs)
    # No fleet ran in 2013, so its hours are worked out from the traffic.
    assert all(log.simulated for log in flights.cost.logs)


def test_the_data_notes_say_which_is_simulated(built):
    assistant = (built / "data" / "support-assistant" / "README.md").read_text()
    flights = (built / "data" / "flight-delay" / "README.md").read_text()

    assert "simulated" in assistant.splitlines()[0]
    assert "compute/hours.parquet` | **simulated**" in flights


def test_every_claim_file_opens_with_the_question_that_it_answers():
    for path in (shipped("templates") / "workbook").rglob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# "), path
        assert first.endswith("?"), path


def test_building_twice_gives_the_same_files(built, tmp_path):
    build_workbook(tmp_path / "demo", progress=silent)

    def digests(root):
        return {
            str(f.relative_to(root)): hashlib.sha256(f.read_bytes()).hexdigest()
            for f in root.rglob("*")
            if f.is_file()
        }

    assert digests(tmp_path / "demo") == digests(built)
