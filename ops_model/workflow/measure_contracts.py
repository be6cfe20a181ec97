"""Data contracts: what Great Expectations says of the last whole day of a log."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from ops_model.domain.detection_served import ContractMeasurement
from ops_model.domain.signals_logged import DataContract, Log
from ops_model.domain.values import Window, digest_of
from ops_model.errors import OpsModelError, WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.compared import simulated
from ops_model.workflow.declared import Opened

_LONGEST = 500
_MOST_BYTES = 1_000_000
_OURS = "expectations"
"""The folder of `checks` in which our own suites lie."""


def contract_of(book: Opened, contract: DataContract) -> ContractMeasurement:
    """One contract on the last whole UTC day.

    A contract that cannot be judged says why in its record, so that it hides no other.
    """
    from ops_model.analysis.contract import library

    log = declared.signals_of(book).log(contract.log)
    said: dict[str, Any] = {
        "system": book.system.id,
        "as_of": book.as_of,
        "claims": book.system.claim_refs("signals"),
        "window": declared.last_days(book.as_of, 1),
        "simulated": simulated(book.system, *([log] if log else [])),
        "contract": contract.id,
        "log": contract.log,
        "suite": digest_of(b""),
        "library": library(),
        "rows": 0,
        "rows_of_day": 0,
        "results": (),
    }
    if log is None:
        said["error"] = f"log {contract.log} is not in signals.yaml"
    else:
        try:
            said |= _judged(book, contract, log, said["window"])
        except (ValueError, OpsModelError) as error:
            said["error"] = " ".join(str(error).split())[:_LONGEST]
    return ContractMeasurement(**said)


def _judged(book: Opened, contract: DataContract, log: Log, window: Window) -> dict[str, Any]:
    """What a record of a contract holds once its suite and its log were read."""
    from ops_model.analysis.contract import judge_day, read_day
    from ops_model.analysis.contract_suite import read_suite
    from ops_model.store.warehouse import LogRequest, open_logs, readable_logs

    suite = read_suite(_suite_bytes(book, contract))
    inputs = declared.identities_of(book, [log])
    # A column that the log lacks is an answer of the contract, and no reason to read nothing.
    key = [log.key] if log.key else []
    request = LogRequest(
        log.address, {}, timestamp=log.timestamp, before=min(window.end, book.as_of),
        optional=dict.fromkeys([*suite.columns, *key], "value"),
        warehouse=declared.warehouse_of(book, log),
    )  # fmt: skip
    table = open_logs(book.root, {"log": request})["log"]
    with readable_logs(log.address):
        day = read_day(
            table, timestamp=log.timestamp, key=log.key if log.key in table.columns else None,
            begin=window.end - timedelta(days=1), columns=suite.columns,
        )  # fmt: skip
    counted = {
        "inputs": inputs,
        "suite": suite.digest,
        "rows": len(day.frame),
        "rows_of_day": day.rows_of_day,
    }
    try:
        return {**counted, "results": judge_day(suite, day)}
    except ValueError as error:
        return {**counted, "error": str(error)}


def _suite_bytes(book: Opened, contract: DataContract) -> bytes:
    """The suite of a contract: a file of the system, of the workbook, or one of ours by name.

    Raises:
        WarehouseError: there is none of that name, or it lies outside the workbook.
    """
    name = contract.suite
    if "/" not in name and not name.endswith(".json"):
        return _ours(contract)
    root = book.root.resolve()
    paths = [(root / "systems" / book.system.id / name).resolve(), (root / name).resolve()]
    found = next((p for p in paths if p.is_relative_to(root) and p.is_file()), None)
    if found is None:
        declared.undeclared(
            contract, "suite", f"contract {contract.id} has suite {name!r}, and there is no such "
            "file below the workbook",
            f"write the suite to systems/{book.system.id}/{name}, or name one of ours: "
            f"{_known()}",
        )  # fmt: skip
    return _read(found, contract)


def _ours(contract: DataContract) -> bytes:
    known = _suites()
    if contract.suite not in known:
        declared.undeclared(
            contract, "suite",
            f"contract {contract.id} has suite {contract.suite!r}; ours are: {_known()}",
            "name one of these, or a JSON file below the workbook",
        )  # fmt: skip
    return known[contract.suite].read_bytes()


def _suites() -> dict[str, Path]:
    from ops_model.shipped import shipped

    return {path.stem: path for path in sorted((shipped("checks") / _OURS).glob("*.json"))}


def _known() -> str:
    return ", ".join(_suites())


def _read(path: Path, contract: DataContract) -> bytes:
    if path.stat().st_size > _MOST_BYTES:
        raise WarehouseError(
            f"contract {contract.id}: the suite has {path.stat().st_size:,} bytes; expected at "
            f"most {_MOST_BYTES:,}",
            where=contract.suite,
            remedy="split the suite into several contracts",
        )
    return path.read_bytes()
