"""The engines, each with the same logs; one Spark session serves all tests."""

import pytest

from ops_model.store.warehouse import readable_logs
from tests.engines.asked import CASES, plain
from tests.engines.logs import all_logs, write
from tests.engines.opened import SPARK, a_database, opened, require_spark


@pytest.fixture(scope="session")
def logs():
    """Name to rows."""
    return all_logs()


@pytest.fixture(scope="session")
def root(logs, tmp_path_factory):
    """A folder that holds the logs as Parquet."""
    folder = tmp_path_factory.mktemp("engines")
    write(folder, logs)
    return folder


@pytest.fixture(scope="session")
def expected(root, logs):
    """What DuckDB answers to each case."""
    tables = opened(root, logs)
    return {name: plain(case(tables)) for name, case in CASES.items()}


@pytest.fixture(scope="session")
def database(logs):
    """A PostgreSQL database with the logs."""
    with a_database(logs) as warehouse:
        yield warehouse


@pytest.fixture(scope="session")
def in_postgres(root, logs, database):
    """The logs, opened in PostgreSQL."""
    return opened(root, logs, database, "served.")


@pytest.fixture(scope="session")
def session(root):
    """Spark, started by the product, and set so that a small query costs little."""
    require_spark()
    from pyspark.sql import SparkSession

    from ops_model.store.warehouse import LogRequest, open_logs

    with readable_logs():
        open_logs(root, {"any": LogRequest("trials", {}, "at", warehouse=SPARK)})
    started = SparkSession.getActiveSession()
    started.conf.set("spark.sql.shuffle.partitions", "1")
    started.conf.set("spark.sql.adaptive.enabled", "false")
    # Compiling each query to Java takes longer than running it on so few rows.
    started.conf.set("spark.sql.codegen.wholeStage", "false")
    started.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
    yield started
    started.stop()


@pytest.fixture(scope="session")
def in_spark(session, root, logs):
    """The logs, opened in Spark."""
    return opened(root, logs, SPARK)
