"""Every log that the claims declare is opened, and identified, where they say that it lies."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops_model.domain.evidence import InputIdentity
from ops_model.domain.operating_model import Snapshot
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.values import digest_of
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import WarehouseError
from ops_model.workflow.log_places import address_of, declared_logs, identified_again
from tests.builders import a_system

WORKFLOW = Path(__file__).resolve().parents[2] / "ops_model" / "workflow"
AS_OF = datetime(2024, 3, 10, tzinfo=UTC)


def calls_of(name):
    """Each call of a function in the workflow, with the file and the keywords of it."""
    for file in sorted(WORKFLOW.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = getattr(node, "func", None)
            if name in {getattr(called, "id", ""), getattr(called, "attr", "")}:
                yield file.name, node.lineno, {keyword.arg for keyword in node.keywords}


def test_no_declared_log_is_asked_for_without_its_warehouse():
    # Commands have no claims, and files by name are no table.
    without = {
        (file, line)
        for file, line, keywords in calls_of("LogRequest")
        if not file.startswith("any_log") and not keywords & {"warehouse", "files"}
    }

    assert without == set()


def test_logs_are_identified_by_where_they_lie_and_not_by_address_alone():
    # The items of a guardrail suite are files of the workbook.
    assert {file for file, _, _ in calls_of("identities")} == {"measure_guardrails.py"}


def a_snapshot(root, **log):
    signals = {"logs": [{"id": "one", "holds": "predictions", "address": "served.rows",
                         "timestamp": "at", **log}]}  # fmt: skip
    people = People(people=())
    return Snapshot(
        workbook=str(root), system=a_system(signals=signals), people=people,
        policy=Policy(), settings=WorkbookSettings(name="x", zone="UTC"), as_of=AS_OF,
        ledger_size=0,
    )  # fmt: skip


def test_a_table_is_never_looked_for_among_the_files(tmp_path):
    (tmp_path / "dwh:served.rows").write_bytes(b"a file of the same name")
    snapshot = a_snapshot(tmp_path, warehouse="dwh")
    given = InputIdentity(
        address="dwh:served.rows", kind="table", files=0, bytes=0, rows=1, digest=digest_of(b"x")
    )

    assert address_of(snapshot.system.signals.logs[0]) == given.address
    with pytest.raises(WarehouseError, match="lies in warehouse 'dwh'; declared are: none"):
        identified_again(tmp_path, given, snapshot)


def test_a_usage_log_and_a_bill_that_are_tables_are_never_looked_for_among_the_files(tmp_path):
    calls = {"id": "calls", "unit": "tokens", "address": "served.calls", "warehouse": "dwh"}
    bill = {"id": "march", "address": "served.bill", "vendor": "V", "warehouse": "dwh"}
    cost = {"currency": "USD", "logs": [calls], "bills": [bill]}
    people = People(people=())
    snapshot = Snapshot(
        workbook=str(tmp_path), system=a_system(cost=cost), people=people, policy=Policy(),
        settings=WorkbookSettings(name="x", zone="UTC"), as_of=AS_OF, ledger_size=0,
    )  # fmt: skip

    assert {log.id for log in declared_logs(snapshot.system)} >= {"calls", "march"}
    for address in ("dwh:served.calls", "dwh:served.bill"):
        (tmp_path / address).write_bytes(b"a file of the same name")
        given = InputIdentity(
            address=address, kind="table", files=0, bytes=0, rows=1, digest=digest_of(b"x")
        )
        with pytest.raises(WarehouseError, match="lies in warehouse 'dwh'; declared are: none"):
            identified_again(tmp_path, given, snapshot)


def test_a_file_is_identified_as_ever(tmp_path):
    (tmp_path / "served.rows").write_bytes(b"abc")
    given = InputIdentity(
        address="served.rows", kind="file", files=1, bytes=3, digest=digest_of(b"abc")
    )

    assert identified_again(tmp_path, given, a_snapshot(tmp_path)) == given
