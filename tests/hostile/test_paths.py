"""Names and paths that lead out of the workbook, to a device, or to something that never ends."""

import os
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter, ValidationError

from ops_model.domain.scalars import RelativePath, Slug
from ops_model.errors import WarehouseError
from ops_model.notebook.staging import RunPlace, dead_runs
from ops_model.store.identity import identify, log_files
from ops_model.store.warehouse import LogRequest, open_logs
from ops_model.workflow.verified import FinishedRun
from tests.hostile.asking import SECONDS, ask, shown
from tests.workflow.tiny import COST

IDS = [
    "../x", "..", ".", "", "/etc", "a/b", "a\\b", "a:b", "a.b", "a b", " a", "a ", "a.", "-a",
    "a-",
    "A", "a_b", "a\0", "a\n", "\uff41", "fl\u0131ght", "fligh\u0442", "a\u200bb", "\u202ea",
    "~", "{a}",
    "con", "nul", "prn", "aux", "com1", "lpt9", "a" * 64, "a" * 10_000, "\x1b[31m",
    "%2e%2e", "\ud800",
]  # fmt: skip
ADDRESSES = [
    "../x", "a/../../x", "a/..", "..", "/etc/passwd", "//host/share", "\\\\host\\share",
    "a\\..\\x",
    "C:/x", "C:x", "c:\\x", "a:stream", "file:///etc/passwd", "http://169.254.169.254/x",
    "s3://bucket/x", "~", "~/x", "a\0b", "a\nb", "\x1b[31m", "con", "a/NUL.parquet", "aux.txt/x",
    "COM1", "a/lpt9.log", "a/b.", "a/b ", "a./b", "\uff0e\uff0e/x", "\u2025/x", "\uff0fetc/passwd",
    "\u2024\u2024/x", "..\uff0fx", "a/\uff43on", "a\u202eb", "\u200b", "",
]  # fmt: skip
PLACES = [
    "a", "data/2013-03-02.parquet", "data/\u00e9t\u00e9", "\u6570\u636e/a", "a b/c",
    "runs/x/.drills/y.jsonl",
    "console/a", "nullable", "a..b/c", "...a/b", "[team]/x",
]  # fmt: skip


@pytest.fixture
def outside(tmp_path):
    """A folder beside the workbook, with a log and a claim that are none of its own."""
    folder = tmp_path / "outside"
    folder.mkdir()
    pq.write_table(pa.table({"x": [1.0, 2.0]}), folder / "x.parquet")
    (folder / "cost.yaml").write_text(COST, encoding="utf-8")
    return folder


@pytest.mark.parametrize("text", IDS, ids=shown)
def test_what_cannot_be_an_id_is_refused_as_a_system_a_person_and_a_folder(root, text):
    with pytest.raises(ValidationError):
        TypeAdapter(Slug).validate_python(text)
    kind = ["--kind", "predictive", "--tier", "C"]
    asked = [
        ask("check", "--workbook", root, "--", text),
        ask("run", "good", "--workbook", root, "--", text),
        ask("new", *kind, "--workbook", root, "--", text),
        ask("oncall", "--workbook", root, "--", text),
        ask("attest", "flight-delay", "--topic", "ownership", f"--as={text}", "--workbook", root,
            "--text", "I own this system and answer for it"),
    ]  # fmt: skip

    assert {told.code for told in asked} == {2}
    assert sum(told.seconds for told in asked) < SECONDS
    assert sorted(p.name for p in (root / "systems").iterdir()) == ["flight-delay"]
    assert not (root / "runs").exists()


@pytest.mark.parametrize("name", ["con", "NUL", "a.b", "A", "a ", "-a", "\u202ea"], ids=shown)
def test_a_folder_of_such_a_name_is_no_system(root, name):
    (root / "systems" / name).mkdir()

    told = ask("site", "--workbook", root)

    assert told.code == 2
    assert "systems/" in told.text


@pytest.mark.parametrize("address", ADDRESSES, ids=shown)
def test_an_address_that_leaves_the_workbook_is_no_claim_and_no_bundle(address):
    with pytest.raises(ValidationError):
        TypeAdapter(RelativePath).validate_python(address)
    with pytest.raises(ValidationError):
        FinishedRun(seq=1, system="a", as_of=datetime(2013, 1, 1, tzinfo=UTC), run_id="r",
                    bundle=address, manifest=f"sha256:{'0' * 64}")  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_an_address_below_the_workbook_is_taken_as_it_is_written(place):
    assert TypeAdapter(RelativePath).validate_python(place) == place


@pytest.mark.parametrize("address", [a for a in ADDRESSES if a.isprintable()], ids=shown)
@pytest.mark.parametrize("file", ["cost.yaml", "signals.yaml"])
def test_such_an_address_in_a_claim_is_refused_at_its_line(root, file, address):
    quoted = "'" + address.replace("'", "''") + "'"
    text = {
        "cost.yaml": COST.replace("data/usage.csv", quoted),
        "signals.yaml": "logs:\n- {id: served, holds: predictions, timestamp: at, address: "
        f"{quoted}}}\n",
    }[file]
    (root / "systems/flight-delay" / file).write_text(text, encoding="utf-8")

    told = ask("check", "flight-delay", "--workbook", root)

    assert told.code == 2
    assert f"systems/flight-delay/{file}:2: logs[0].address" in told.text
    assert told.seconds < SECONDS


def test_a_log_that_is_a_link_out_of_the_workbook_is_not_read(root, outside):
    (root / "data/one.parquet").symlink_to(outside / "x.parquet")
    (root / "data/all").symlink_to(outside)
    (root / "data/some").mkdir()
    (root / "data/some/a.parquet").symlink_to(outside / "x.parquet")
    (root / "data/deep").symlink_to(root / "data/all")

    for address in (
        "data/one.parquet",
        "data/all",
        "data/some",
        "data/deep",
        "data/all/x.parquet",
    ):
        for read in (log_files, identify):
            with pytest.raises(WarehouseError, match="lies outside the workbook"):
                read(root, address)
        with pytest.raises(WarehouseError, match="lies outside the workbook"):
            open_logs(root, {"log": LogRequest(address, {"x": "number"})})


def test_a_log_behind_a_link_that_stays_in_the_workbook_is_read(root):
    pq.write_table(pa.table({"x": [1.0, 2.0]}), root / "data/x.parquet")
    (root / "data/link.parquet").symlink_to("x.parquet")

    table = open_logs(root, {"log": LogRequest("data/link.parquet", {"x": "number"})})["log"]

    assert table.count().to_pyarrow().as_py() == 2


def test_a_path_that_a_user_types_may_lie_anywhere(outside):
    told = ask("drift", "--reference", outside, "--current", outside / "x.parquet")

    assert told.code == 0


@pytest.mark.parametrize(
    "place", ["systems/flight-delay/cost.yaml", "people.yaml", "ops-model.yaml", "policy.yaml"]
)
def test_a_claim_that_is_a_link_out_of_the_workbook_is_not_read(root, outside, place):
    (root / place).unlink(missing_ok=True)
    (root / place).symlink_to(outside / "cost.yaml")

    told = ask("check", "flight-delay", "--workbook", root)

    assert told.code == 2
    assert "leaves the workbook" in told.text


@pytest.mark.parametrize("command", [("site",), ("check", "other")], ids=" ".join)
def test_a_system_that_is_a_link_out_of_the_workbook_is_not_read(root, outside, command):
    (root / "systems/other").symlink_to(outside)

    told = ask(*command, "--workbook", root)

    assert told.code == 2
    assert "systems/other" in told.text


LEADING_NOWHERE = {
    "a pipe": os.mkfifo,
    "a circle": lambda path: path.symlink_to(path.name),
    "a dangling link": lambda path: path.symlink_to("/nonexistent/x"),
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a terminal": lambda path: path.symlink_to("/dev/stdin"),
    "a folder": os.mkdir,
    "memory": lambda path: path.symlink_to("/proc/self/mem"),
}


@pytest.mark.parametrize("make", LEADING_NOWHERE.values(), ids=list(LEADING_NOWHERE))
def test_what_is_no_plain_file_is_refused_by_every_command_and_never_waited_for(tmp_path, make):
    path = tmp_path / "thing"
    make(path)

    asked = [
        ask("verify", path),
        ask("drift", "--reference", path, "--current", path),
        ask("quality", "--log", path, "--timestamp", "at", "--label", "y"),
        ask("cost", "--usage", path),
        ask("check", "flight-delay", "--workbook", path),
    ]

    assert {told.code for told in asked} <= {2, 3}
    assert sum(told.seconds for told in asked) < SECONDS


@pytest.mark.parametrize(
    "path",
    ["x" * 300, "a/" * 2500, "/etc/passwd/x", "a\x1b[31mb", "\u202e", "/proc/self/fd/99"],
    ids=shown,
)  # fmt: skip
def test_a_path_that_no_file_can_have_is_refused_in_every_command(tmp_path, path):
    asked = [
        ask("verify", tmp_path / path),
        ask("drift", "--reference", tmp_path / path, "--current", tmp_path / path),
        ask("check", "flight-delay", "--workbook", tmp_path / path),
    ]

    assert {told.code for told in asked} <= {2, 3}
    assert sum(told.seconds for told in asked) < SECONDS


@pytest.mark.parametrize("into", ["book", "link", "file", "inside"])
def test_a_demo_is_built_over_nothing_that_is_not_one(tmp_path, root, into):
    (tmp_path / "link").symlink_to(root)
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside/mine").write_text("mine", encoding="utf-8")

    told = ask("demo", "--into", tmp_path / into, "--fresh", "--no-open")

    assert told.code == 2
    assert (root / "people.yaml").is_file()
    assert (tmp_path / "inside/mine").is_file()


PLACE = {"run_id": "r-1", "system": "flight-delay", "notebook": "good",
         "as_of": datetime(2013, 7, 22, tzinfo=UTC)}  # fmt: skip


def left_behind(root, place, lock=None):
    """The lock of a run whose process is gone."""
    path = lock or place.lock(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(place.model_dump_json(), encoding="utf-8")
    return path


def found_dead(root):
    with dead_runs(root) as dead:
        return list(dead)


def test_a_run_that_was_killed_is_found_where_its_lock_lies(root):
    place = RunPlace(**PLACE)
    left_behind(root, place)

    assert found_dead(root) == [place]


def test_a_lock_that_speaks_of_another_run_has_nothing_removed(root):
    other = RunPlace(**{**PLACE, "run_id": "r-2"})
    left_behind(root, other, RunPlace(**PLACE).lock(root))

    assert found_dead(root) == []


def test_a_lock_behind_a_link_out_of_the_workbook_has_nothing_removed(root, outside):
    (root / "runs").mkdir()
    (root / "runs/flight-delay").symlink_to(outside)
    place = RunPlace(**PLACE)
    left_behind(root, place)

    assert found_dead(root) == []


@pytest.mark.parametrize("make", LEADING_NOWHERE.values(), ids=list(LEADING_NOWHERE))
def test_what_is_no_lock_is_not_waited_for(root, make):
    lock = RunPlace(**PLACE).lock(root)
    lock.parent.mkdir(parents=True)
    make(lock)

    assert found_dead(root) == []


@pytest.mark.parametrize("name", ["../x", "a/b", ".x", "", "a.b", "a" * 101, "con/x", "\uff41"])
def test_no_part_of_a_runs_place_can_be_a_path(name):
    for part in ("run_id", "notebook"):
        with pytest.raises(ValidationError):
            RunPlace(**{**PLACE, part: name})
