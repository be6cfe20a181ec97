"""What a doctor finds: each trouble planted once, and said with what to do; nothing is changed."""

import json
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from ops_model.domain.evidence import LedgerEvent
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow import doctor_machine as machine
from ops_model.workflow.doctor import examine
from ops_model.workflow.doctor_lines import Line, looked
from ops_model.workflow.doctor_packages import asked_line, extra_lines
from ops_model.workflow.doctor_reads import log_lines
from ops_model.workflow.start import start_workbook

NOW = datetime(2026, 7, 8, 12, tzinfo=UTC)  # a Wednesday
MONDAY = datetime(2026, 7, 6, 6, tzinfo=UTC)
WEEKLY = "{notebook: 07_weekly_ops_report, cron: '0 6 * * 1', grace_hours: 6}"
GIB = 2**30


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doctor") / "book"
    start_workbook(folder, "scorer")
    return folder


@pytest.fixture
def book(started, tmp_path):
    return Path(shutil.copytree(started, tmp_path / "book"))


def found(root, *, now=NOW, **variables):
    return tuple(examine(root, now=now, variables=variables, kernel=False))


def of(lines, part, name=None):
    """The warnings and problems of a part, or all lines of one name."""
    mine = [line for line in lines if line.part == part]
    bad = {"warning", "problem"}
    return [li for li in mine if (li.state in bad if name is None else li.name == name)]


def settle(book, *lines):
    file = book / "ops-model.yaml"
    file.write_text(file.read_text() + "\n".join(lines) + "\n")


def record(book, *events, recorded_at=NOW):
    """Events of runs, each a type and its data."""
    with Ledger.open(book / "ledger.db", create=True) as ledger:
        for number, (kind, data) in enumerate(events, ledger.size()):
            ledger.append(LedgerEvent(
                id=f"e{number}", type=kind, subject="scorer", as_of=MONDAY,
                recorded_at=recorded_at, actor="runner:ops-model", data=data,
            ))  # fmt: skip


def began(run_id="r1"):
    return ("run.started", {"run_id": run_id, "notebook": "07_weekly_ops_report"})


def finished(run_id="r1"):
    bundle = f"runs/scorer/07_weekly_ops_report/{run_id}"
    data = {"run_id": run_id, "notebook": "07_weekly_ops_report", "bundle": bundle}
    return ("run.finished", {**data, "records": 0, "seconds": 1.0})


def test_a_new_workbook_has_no_problem(book):
    assert [line for line in found(book) if line.state == "problem"] == []


def test_without_a_workbook_machine_and_packages_are_looked_at():
    assert {line.part for line in found(None)} == {"machine", "packages"}


def test_every_warning_and_problem_says_what_to_do(book):
    settle(book, "alert_routes: [{channel: page, address_in: OPS_MODEL_PAGE}]",
           f"schedules: [{WEEKLY}]")  # fmt: skip
    (book / "people.yaml").write_text("people: 3\n")
    lines = [line for line in found(book) if line.state in {"warning", "problem"}]

    assert len(lines) > 2
    assert all(line.remedy for line in lines)


def test_what_is_not_set_up_is_never_called_in_order(book):
    record(book, began())
    absent = {(li.part, li.name): li for li in found(book) if li.state == "absent"}

    missing = [("workbook", "checkpoint"), ("routes", "claims"), ("routes", "ping"),
               ("schedules", "lines")]  # fmt: skip
    assert set(missing) <= absent.keys()
    assert all(absent[one].remedy for one in missing)


def test_a_doctor_changes_nothing(book):
    record(book, began())
    before = {p: p.stat().st_mtime_ns for p in book.rglob("*") if p.name not in {
        "ledger.db-shm", "ledger.db-wal"}}  # fmt: skip
    found(book)

    assert {p: p.stat().st_mtime_ns for p in before} == before


# The machine.


def test_little_memory_is_a_warning_with_what_a_run_may_take():
    line = machine.memory_line(16 * GIB, 3 * GIB, None)

    assert (line.state, line.said) == ("warning", "16.0 GiB, 3.0 free; one run may take 4.0 GiB")


def test_the_memory_of_a_container_is_what_it_may_hold():
    line = machine.memory_line(64 * GIB, 40 * GIB, 2 * GIB)

    assert (line.state, line.said[:17]) == ("warning", "2.0 GiB, 2.0 free")


def test_enough_memory_is_in_order_also_where_nobody_says_how_much_is_free():
    assert machine.memory_line(16 * GIB, None, None).state == "ok"


def test_what_the_system_says_of_memory_is_read(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   2048 kB\n")
    (tmp_path / "memory.max").write_text("max\n")

    assert machine.free_memory(tmp_path / "meminfo") == 2048 * 1024
    assert machine.free_memory(tmp_path / "none") is None
    assert machine.memory_limit(tmp_path) is None


@pytest.mark.parametrize(
    ("free", "state"), [(2 * GIB, "ok"), (GIB // 2, "warning"), (1000, "problem")]
)
def test_a_disk_is_judged_by_what_is_left(free, state):
    assert machine.disk_line("workbook", Path("/x"), free, writes=True).state == state


def test_a_folder_that_cannot_be_written_is_a_problem():
    line = machine.disk_line("workbook", Path("/x"), 9 * GIB, writes=False)

    assert (line.state, line.said) == ("problem", "/x cannot be written by this user")


def test_a_temporary_folder_with_a_long_path_is_a_warning():
    assert machine.socket_line(Path("/tmp")).state == "ok"
    assert machine.socket_line(Path("/var/" + "folder/" * 12)).state == "warning"


def test_where_kernels_cannot_be_forked_nothing_has_to_be_done():
    line = machine.warm_line("darwin")

    assert (line.state, line.said) == ("warning", "not possible: only Linux has what it takes")


# The packages.

ASKED = [Requirement(text) for text in (
    "pydantic>=2.14,<3", "gone>=1", "apprise>=2.2; extra == 'alerts'",
    "old>=5; python_version < '3'",
)]  # fmt: skip


def test_a_package_that_is_missing_or_too_old_is_a_problem():
    line = asked_line(ASKED, {"pydantic": "2.1"}.get)

    assert line.state == "problem"
    assert "pydantic is 2.1; expected <3,>=2.14" in line.said
    assert "gone is not installed; expected >=1" in line.said
    assert "old" not in line.said


def test_an_extra_that_is_not_there_says_what_it_would_be_for():
    said = {line.name: line for line in extra_lines(ASKED, {}.get)}["extra alerts"]

    assert (said.state, said.said) == (
        "absent", "not installed (apprise); only telling people over a channel needs it",
    )  # fmt: skip


def test_an_extra_of_the_wrong_version_is_a_warning():
    lines = extra_lines(ASKED, {"apprise": "1.0"}.get)

    assert [line.name for line in lines if line.state == "warning"] == ["extra alerts"]


# The workbook.


def test_mistakes_in_files_are_counted_and_the_rest_is_still_looked_at(book):
    (book / "people.yaml").write_text("people: 3\n")
    lines = found(book)

    assert "mistake: people.yaml:1:" in of(lines, "workbook", "files")[0].said
    assert of(lines, "workbook", "ledger")[0].state == "absent"


def test_a_workbook_that_cannot_even_be_named_is_one_problem(book):
    (book / "ops-model.yaml").write_text("name: [\n")

    assert [line.name for line in of(found(book), "workbook")] == ["files"]


def test_a_ledger_that_is_none_is_a_problem(book):
    (book / "ledger.db").write_bytes(b"no ledger at all" * 100)

    assert [line.state for line in of(found(book), "workbook", "ledger")] == ["problem"]


def test_a_ledger_that_was_rewritten_is_a_problem(book):
    record(book, began())
    with sqlite3.connect(book / "ledger.db") as database:
        database.execute("DROP TABLE head")
    database.close()

    assert of(found(book), "workbook", "ledger")[0].state == "problem"


def test_a_clock_behind_the_ledger_is_a_problem(book):
    record(book, began(), recorded_at=NOW + timedelta(hours=2))
    line = of(found(book), "workbook", "clock")[0]

    assert line.state == "problem"
    assert (
        "says 2026-07-08T12:00:00Z, and the ledger has an entry of 2026-07-08T14:00" in line.said
    )


def test_a_clock_a_few_seconds_apart_is_in_order(book):
    record(book, began(), recorded_at=NOW + timedelta(seconds=30))

    assert of(found(book), "workbook", "clock")[0].state == "ok"


def test_a_bundle_that_the_ledger_names_and_nobody_has_is_a_problem(book):
    record(book, began(), finished(), began("r2"), finished("r2"))
    (book / "runs/scorer/07_weekly_ops_report/r2").mkdir(parents=True)
    line = of(found(book), "workbook", "bundles")[0]

    assert line.state == "problem"
    assert line.said.startswith("1 of 2 that the ledger names are not there: runs/scorer/07")


def test_what_a_dead_run_left_is_a_warning_and_stays_where_it_is(book):
    lock = book / "runs/scorer/05_drift_quality/.running-r1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text("{}")
    (lock.parent / ".staging-r2").mkdir()
    line = of(found(book), "workbook", "runs")[0]

    assert line.state == "warning"
    assert ".running-r1.json" in line.said
    assert ".staging-r2" in line.said
    assert lock.exists()


def test_a_run_that_lives_left_nothing(book):
    import fcntl

    lock = book / "runs/scorer/05_drift_quality/.running-r1.json"
    lock.parent.mkdir(parents=True)
    (lock.parent / ".staging-r1").mkdir()
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        assert of(found(book), "workbook", "runs")[0].state == "ok"


def test_a_drill_that_was_not_put_back_is_a_problem(book):
    drills = book / "runs" / "scorer" / ".drills"
    drills.mkdir(parents=True)
    (drills / "d1.jsonl").write_text(json.dumps({"event": "decided", "at": 0.0}) + "\n")
    line = of(found(book), "workbook", "drills")[0]

    assert (line.state, line.remedy) == (
        "problem",
        "put it back: ops-model drill --restore scorer",
    )


def test_a_notebook_before_the_shipped_one_is_a_warning_until_it_is_approved(book):
    own = book / "notebooks" / "06_cost.ipynb"
    own.parent.mkdir(exist_ok=True)
    own.write_text(json.dumps({"cells": [{"cell_type": "code", "source": "1"}]}))
    line = of(found(book), "workbook", "notebooks")[0]
    policy = book / "policy.yaml"
    digest = line.remedy.split()[5]
    policy.write_text(policy.read_text() + f"approved_notebooks: ['{digest}']\n")

    assert line.state == "warning"
    assert of(found(book), "workbook", "notebooks") == []


def test_a_system_that_cannot_be_read_leaves_the_others_to_be_looked_at(book):
    shutil.copytree(book / "systems/scorer", book / "systems/second")
    (book / "systems/scorer/cost.yaml").write_text("ceilings: 7\n")
    settle(book, f"schedules: [{WEEKLY}]")
    lines = found(book)

    assert "systems/scorer/cost.yaml:1: " in of(lines, "workbook", "files")[0].said
    assert of(lines, "schedules", "07_weekly_ops_report")
    assert of(lines, "workbook", "checks")[0].state == "ok"


def waived(book, system):
    (book / "policy.yaml").write_text(
        f"waivers:\n- check_id: CST-07\n  system: {system}\n  reason: no training until autumn\n"
        "  compensating_control: weekly look\n  accepted_by: example-one\n"
        "  starts: 2026-07-01\n  expires: 2026-08-01\n"
    )
    return of(found(book), "workbook", "waivers")


def test_a_waiver_of_a_system_that_is_nowhere_is_a_warning_at_its_line(book):
    (line,) = waived(book, "scorre")

    assert line.state == "warning"
    assert line.said == (
        "policy.yaml:3: there is no system scorre, so that the waiver of CST-07 counts for nothing"
    )
    assert line.remedy.endswith("take the waiver out: did you mean scorer?")


def test_a_waiver_of_a_system_that_is_there_is_in_order_though_its_files_cannot_be_read(book):
    (book / "systems/scorer/ownership.yaml").write_text("accountable: [\n")

    (line,) = waived(book, "scorer")

    assert (line.state, line.said) == ("ok", "the one there is names a system of the workbook")


def test_where_nothing_is_waived_a_doctor_says_nothing_of_waivers(book):
    assert of(found(book), "workbook", "waivers") == []


def with_log(book, address):
    (book / "systems/scorer/cost.yaml").write_text(
        "currency: USD\nlogs:\n"
        f"- {{id: usage, unit: hours, address: {address}, timestamp: timestamp}}\n"
    )


@pytest.mark.parametrize("damage", ["is not there", "is no Parquet"])
def test_a_declared_log_that_does_not_open_is_a_problem_at_its_line(book, damage):
    with_log(book, "usage.parquet")
    if damage == "is no Parquet":
        (book / "usage.parquet").write_bytes(b"PAR1 and no more")
    (line,) = of(found(book), "workbook", "logs")

    assert line.state == "problem"
    assert line.said.startswith("systems/scorer/cost.yaml:3: ")
    assert line.remedy


def test_a_declared_log_that_opens_is_in_order(book):
    with_log(book, "usage.csv")
    (book / "usage.csv").write_text("timestamp,hours\n2026-07-01T00:00:00Z,3\n")

    assert [(line.state, line.said) for line in of(found(book), "workbook", "logs")] == [
        ("ok", "1 of 1 open")
    ]


def test_logs_are_opened_for_so_long_and_those_left_are_counted(book):
    with_log(book, "usage.csv")
    clock = iter([0.0, 5.0])

    (line,) = log_lines(book, read_workbook(book), seconds=5, stopwatch=lambda: next(clock))

    assert (line.state, line.said) == ("ok", "0 of 1 open; 1 not looked at within 5 s")


def test_a_check_file_that_does_not_load_is_a_problem(book):
    (book / "checks").mkdir(exist_ok=True)
    (book / "checks/cost.py").write_text("import no_such_thing\n")
    (line,) = of(found(book), "workbook", "checks")

    assert line.state == "problem"
    assert "checks/cost.py" in line.said


def test_runs_that_is_no_folder_is_a_problem(book):
    (book / "runs").write_text("")

    assert of(found(book), "workbook", "folders")[0].said == "runs is a file; expected a folder"


# Routes.

ROUTE = "alert_routes: [{channel: page, address_in: OPS_MODEL_PAGE}]"
SECRET = "json://user:s3cr3t-t0ken@host/path"


def test_a_route_whose_variable_is_not_set_here_is_a_warning(book):
    settle(book, ROUTE)

    assert [line.said for line in of(found(book), "routes")] == ["OPS_MODEL_PAGE is not set here"]


def test_an_address_that_apprise_knows_is_in_order_and_not_repeated(book):
    settle(book, ROUTE)
    lines = found(book, OPS_MODEL_PAGE=SECRET)

    assert of(lines, "routes", "page")[0].state == "ok"
    assert "s3cr3t" not in str(lines)


def test_an_address_that_nobody_knows_is_a_problem_and_not_repeated(book):
    settle(book, ROUTE)
    lines = found(book, OPS_MODEL_PAGE="nowhere-s3cr3t-t0ken")

    assert of(lines, "routes", "page")[0].state == "problem"
    assert "s3cr3t" not in str(lines)


def test_a_route_of_a_claim_without_an_address_is_a_warning(book):
    settle(book, f"schedules: [{{{WEEKLY[1:-1]}, alert_route: 'mail: somebody'}}]")
    line = of(found(book), "routes", "mail")[0]

    assert (line.state, line.said) == (
        "warning", "no address for somebody; named by claims of scorer",
    )  # fmt: skip


def test_a_part_of_a_route_that_means_nobody_is_a_warning_with_who_was_perhaps_meant(book):
    settle(book, ROUTE, f"schedules: [{{{WEEKLY[1:-1]}, alert_route: 'page: scorer primry'}}]")
    line = of(found(book, OPS_MODEL_PAGE=SECRET), "routes")[0]

    assert (line.state, line.said, line.remedy) == (
        "warning", "“page: scorer primry” means nobody; named by claims of scorer",
        "did you mean scorer primary?",
    )  # fmt: skip


def test_a_role_of_the_system_means_somebody(book):
    settle(book, ROUTE, f"schedules: [{{{WEEKLY[1:-1]}, alert_route: 'page: scorer primary'}}]")

    assert of(found(book, OPS_MODEL_PAGE=SECRET), "routes", "page")[0].state == "ok"
    assert "means nobody" not in str(found(book))


@pytest.mark.parametrize(("address", "state"), [
    ("", "warning"), ("https://hc.example/s3cr3t", "ok"), ("ftp://hc.example/s3cr3t", "problem"),
])  # fmt: skip
def test_the_outside_address_is_looked_at_and_not_repeated(book, address, state):
    settle(book, "watch: {ping_in: OPS_MODEL_PING}")
    lines = found(book, OPS_MODEL_PING=address)

    assert [line.state for line in of(lines, "routes", "ping")] == [state]
    assert "s3cr3t" not in str(lines)


def test_schedules_that_nobody_outside_watches_are_a_warning(book):
    settle(book, f"schedules: [{WEEKLY}]")

    assert of(found(book), "routes", "ping")[0].state == "warning"


# Schedules.


def test_a_line_says_when_it_is_next_due(book):
    record(book, began(), finished())
    settle(book, f"schedules: [{WEEKLY}]")
    line = of(found(book), "schedules", "07_weekly_ops_report")[0]

    assert (line.state, line.said) == ("ok", "next 2026-07-13T06:00:00Z")


def test_a_line_of_a_notebook_that_nobody_has_is_a_problem(book):
    settle(book, "schedules: [{notebook: 99_none, cron: '0 6 * * 1'}]")

    assert of(found(book), "schedules", "99_none")[0].state == "problem"


def test_a_late_report_is_a_warning_with_the_systems(book):
    settle(book, f"schedules: [{WEEKLY}]")
    line = of(found(book), "schedules", "07_weekly_ops_report")[0]

    assert line.state == "warning"
    assert "1 OVERDUE since 2026-07-06T12:00:00Z (scorer)" in line.said


def test_a_line_that_nothing_ever_sealed_is_a_warning_before_anything_is_late(book):
    settle(book, f"schedules: [{WEEKLY.replace('grace_hours: 6', 'grace_hours: 600')}]")
    line = of(found(book), "schedules", "07_weekly_ops_report")[0]

    assert line.state == "warning"
    assert line.said == "next 2026-07-13T06:00:00Z, 1 owed, nothing was ever sealed"
    assert line.remedy == "run what is due: ops-model run --due"


def test_it_says_when_nobody_seems_to_call_what_is_due(book):
    settle(book, f"schedules: [{WEEKLY}]")
    never = of(found(book), "schedules", "calls")[0]
    record(book, began(), recorded_at=MONDAY + timedelta(minutes=1))
    tried = of(found(book), "schedules", "calls")[0]

    assert never.said == "nobody seems to call `ops-model run --due`: none ever began"
    assert (never.state, tried.state) == ("warning", "ok")


def test_a_replay_is_judged_at_its_own_instant_and_called_by_nobody(book):
    settle(book, f"schedules: [{WEEKLY}]", "as_of: 2026-07-06T08:00:00Z")
    lines = found(book)

    assert "1 owed" in of(lines, "schedules", "07_weekly_ops_report")[0].said
    assert of(lines, "schedules", "calls") == []


# Looking.


@pytest.mark.parametrize("error", [ValueError("s3cr3t"), PermissionError(13, "denied")])
def test_a_look_that_falls_over_is_a_problem_and_the_others_go_on(error):
    def broken():
        yield Line("machine", "first", "ok", "seen")
        raise error

    first, second = looked("machine", "second", broken)

    assert (first.name, second.name, second.state) == ("first", "second", "problem")
    assert "s3cr3t" not in second.said
