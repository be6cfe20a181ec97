"""A PostgreSQL ledger of a test's own: a database, an owner, a writer and an auditor.

The server is named by `OPS_MODEL_TEST_POSTGRES`, as `.ci/postgres` prints it. As a script,
`postgres.py ADDRESS PREFIX COUNT` appends COUNT events and prints the number of each once the
server has it on the disk.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from ops_model.store.ledger import Ledger
from ops_model.store.ledger_postgres_init import init_postgres
from tests.conftest import require
from tests.store.ledger_events import an_event

SERVER = os.environ.get("OPS_MODEL_TEST_POSTGRES", "")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Served:
    """Addresses of one database, by the role that each connects as."""

    owner: str
    writer: str
    auditor: str
    admin: str


def a_database(*, made=True):
    """A new database with the ledger's tables in it, unless it shall have none yet."""
    require(bool(SERVER), "a PostgreSQL (OPS_MODEL_TEST_POSTGRES, see .ci/postgres)")
    name = f"t{uuid4().hex[:12]}"
    owner, writer, auditor = (f"{name}_{role}" for role in ("owner", "writer", "auditor"))
    run(SERVER, f"CREATE ROLE {owner} LOGIN CREATEROLE", f"CREATE DATABASE {name} OWNER {owner}")
    served = Served(*(_as(name, role) for role in (owner, writer, auditor, "postgres")))
    if made:
        init_postgres(served.owner, writer=writer, auditor=auditor)
    return served


def drop(served):
    """Drop a database and its roles, whoever is still connected."""
    name = make_url(served.owner).database
    run(SERVER, f"DROP DATABASE {name} WITH (FORCE)")
    run(SERVER, *(f"DROP ROLE IF EXISTS {name}_{role}" for role in ("writer", "auditor", "owner")))


def run(address, *statements):
    """Run statements in one session, each committed by itself; the rows of the last."""
    engine = sa.create_engine(
        make_url(address).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    try:
        with engine.connect() as connection:
            for statement in statements:
                found = connection.exec_driver_sql(statement)
            return found.all() if found.returns_rows else []
    finally:
        engine.dispose()


def role_of(address):
    """The role that an address connects as."""
    return make_url(address).username


def _as(database, role):
    url = make_url(SERVER).set(drivername="postgresql", username=role, database=database)
    return url.render_as_string(hide_password=False)


def a_writer(address, prefix, count):
    """Another process that appends `count` events; its output has one line for each ack."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.postgres", address, prefix, str(count)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def main():
    address, prefix, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with Ledger.open(address) as ledger:
        for number in range(count):
            print(ledger.append(an_event(f"{prefix}/{number}")), flush=True)


if __name__ == "__main__":
    main()
