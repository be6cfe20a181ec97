"""The generated logs, opened by an engine as a measurement opens them."""

import contextlib
import subprocess
from uuid import uuid4

import psycopg

from ops_model.domain.workbook import Warehouse
from ops_model.store.warehouse import LogRequest, open_logs
from tests.conftest import require
from tests.engines.logs import BEFORE
from tests.store.postgres import SERVER

KINDS = {"float": "float8", "int32": "int4", "int64": "int8", "double": "float8", "bool": "bool"}
SPARK = Warehouse(id="lake", kind="spark", address="local[2]")


def opened(root, logs, warehouse=None, prefix=""):
    """Every log with all its columns, before the bound."""
    requests = {
        name: LogRequest(
            prefix + name, dict.fromkeys(table.schema.names[1:], "value"), "at", BEFORE,
            warehouse=warehouse,
        )
        for name, table in logs.items()
    }  # fmt: skip
    return open_logs(root, requests)


@contextlib.contextmanager
def a_database(logs):
    """A PostgreSQL database that holds the logs as tables of the schema `served`."""
    require(bool(SERVER), "a PostgreSQL (OPS_MODEL_TEST_POSTGRES, see .ci/postgres)")
    name = f"engines_{uuid4().hex[:12]}"
    address = SERVER.replace("/postgres?", f"/{name}?")
    with psycopg.connect(SERVER, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(address) as session:
                session.execute("CREATE SCHEMA served")
                for log, table in logs.items():
                    _copy(session, log, table)
            yield Warehouse(id="dwh", kind="postgresql", address=address)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _copy(session, log, table):
    quoted = ['"' + n.replace('"', '""') + '"' for n in table.schema.names]
    columns = ", ".join(
        f"{name} {_kind(field.type)}" for name, field in zip(quoted, table.schema, strict=True)
    )
    session.execute(f"CREATE TABLE served.{log} ({columns})")
    with session.cursor().copy(f"COPY served.{log} FROM STDIN") as copy:
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            copy.write_row(row)


def _kind(of):
    if str(of).startswith("timestamp"):
        return "timestamptz"
    return "numeric(12,2)" if str(of).startswith("decimal") else KINDS.get(str(of), "text")


def require_spark():
    """Skip, or fail where nothing may be skipped, without pyspark and a Java that it runs on."""
    try:
        import pyspark  # noqa: F401 - only asked whether it is there
    except ModuleNotFoundError:
        require(False, "pyspark (make spark)")
    try:
        said = subprocess.run(["java", "-version"], capture_output=True, text=True)
    except FileNotFoundError:
        require(False, "a Java runtime (openjdk-17-jre-headless)")
    require(said.returncode == 0, "a Java runtime (openjdk-17-jre-headless)")
