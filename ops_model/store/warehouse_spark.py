"""Logs that a Spark session reads: a table of its catalogue, or Parquet of the workbook.

One session serves the process, as Spark has it. In local mode nothing of it listens beyond this
machine, and what it writes while it works lies in a folder that ends with it.
"""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ops_model.domain.workbook import Warehouse
from ops_model.errors import Problem, WarehouseError
from ops_model.store.file_kinds import kind_of_file
from ops_model.store.log_request import LogRequest
from ops_model.store.warehouse_files import FilesFound, look
from ops_model.store.warehouse_table import columns_of, no_such_table, not_installed, parts_of

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

_SETTINGS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    # A number that does not fit is an error here as in the other engines, and never a null.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.showConsoleProgress": "false",
}
_LOCAL_SETTINGS: Mapping[str, str] = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # Two hundred, which is the default, is for clusters: each costs a task.
    "spark.sql.shuffle.partitions": "4",
}
_HASHES = 2
_NOTHING = "nothing"
"""What a file holds in a column that it lacks."""
_VIEW = "ops_model_read_"
_scratch: list["tempfile.TemporaryDirectory[str]"] = []


def reads_path(root: Path | None, request: LogRequest) -> bool:
    """True when the address is Parquet of the workbook, and no table of the catalogue."""
    address = request.address
    return "/" in address or address.endswith(".parquet") or ((root or Path()) / address).exists()


def opened(root: Path | None, request: LogRequest, warehouse: Warehouse) -> "ibis.Table":
    """The wanted columns of a table of the catalogue, or of Parquet files.

    Raises:
        WarehouseError: there is no such table, file or column, or no Spark to ask.
    """
    if reads_path(root, request):
        log = look(root, request)
        _refuse_no_parquet(log)
        return _of_files(_connect(request, warehouse), log)
    return columns_of(whole(request, warehouse), request)


def whole(request: LogRequest, warehouse: Warehouse) -> "ibis.Table":
    """A table of the catalogue, with all its columns.

    Raises:
        WarehouseError: there is no such table, or no Spark to ask.
    """
    connection = _connect(request, warehouse)
    return _table(connection, _found(connection, request))


def count_and_hash(request: LogRequest, warehouse: Warehouse) -> tuple[int, tuple[str, ...]]:
    """How many rows of a table lie before the bound, and two sums of 64-bit hashes of them.

    A row's hash is Spark's own `xxhash64` over all columns and over which of them are null, begun
    with another number for each sum; so no order of rows shows, and a row that is there twice
    counts twice. One pass over the table.
    """
    from pyspark.sql import functions as f

    connection = _connect(request, warehouse)
    found = _found(connection, request)
    columns_of(_table(connection, found), request)
    rows = _frame(connection, found)
    if request.timestamp is not None:
        at = f.col(_quoted(request.timestamp))
        bound = at.isNotNull() if request.bound is None else at < f.lit(request.bound)
        rows = rows.filter(bound)
    columns = [f.col(_quoted(column)) for column in rows.columns]
    # Spark passes over a null, so that (null, 1) and (1, null) would be the same.
    parts = [part for column in columns for part in (column.isNull(), column)]
    sums = [
        f.sum(f.xxhash64(f.lit(begun), *parts).cast("decimal(20,0)")).alias(f"h{begun}")
        for begun in range(_HASHES)
    ]
    seen = rows.agg(f.count(f.lit(1)).alias("n"), *sums).collect()[0]
    return int(seen["n"]), tuple(str(seen[f"h{begun}"] or 0) for begun in range(_HASHES))


def _connect(request: LogRequest, warehouse: Warehouse) -> Any:  # noqa: ANN401 - an Ibis backend, which has no type
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        not_installed(request, "spark", "make spark, or pip install 'ops-model[spark]'")
    import ibis

    running = SparkSession.getActiveSession()
    try:
        session = running or _started(SparkSession.builder, warehouse.address)
    except (PySparkException, OSError) as error:
        said = str(error).strip().partition("\n")[0]
        raise WarehouseError(
            f"Spark cannot be started: {said}",
            where=request.place,
            remedy="install Java 17 so that `java` is found, and see that the master answers; "
            f"warehouse {warehouse.id} is declared in ops-model.yaml",
        ) from error
    master = session.sparkContext.master
    if master != warehouse.address:
        raise WarehouseError(
            f"this process runs Spark on {master} already; expected {warehouse.address}",
            where=request.place,
            remedy="stop that session first, or declare one warehouse for both",
        )
    for key in ("spark.sql.session.timeZone", "spark.sql.ansi.enabled"):
        session.conf.set(key, _SETTINGS[key])
    return ibis.pyspark.connect(session)


def _started(builder: Any, master: str) -> Any:  # noqa: ANN401 - the builder of a session, and a session
    settings = dict(_SETTINGS)
    if master.startswith("local"):
        folder = tempfile.TemporaryDirectory(prefix="ops-model-spark-", ignore_cleanup_errors=True)
        _scratch.append(folder)  # it is removed when the process ends
        settings |= _LOCAL_SETTINGS
        settings |= {"spark.local.dir": folder.name, "spark.sql.warehouse.dir": folder.name}
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.master(master).appName("ops-model").getOrCreate()
    session.sparkContext.setLogLevel("OFF")  # what it has to say comes with the error
    return session


def _found(connection: Any, request: LogRequest) -> tuple[str, ...]:  # noqa: ANN401 - an Ibis backend
    parts = parts_of(request, 3)
    session = connection._session
    if session.catalog.tableExists(".".join(map(_quoted, parts))):
        return parts
    listed = [
        (table["namespace"], table["tableName"])
        for database in session.sql("SHOW DATABASES").collect()
        for table in session.sql(f"SHOW TABLES IN {_quoted(database[0])}").collect()
    ]
    known = {".".join(filter(None, names)) for names in listed if not names[1].startswith(_VIEW)}
    return no_such_table(request, sorted(known))


def _frame(connection: Any, parts: Sequence[str]) -> Any:  # noqa: ANN401 - an Ibis backend and a Spark frame
    return connection._session.table(".".join(map(_quoted, parts)))


def _table(connection: Any, parts: Sequence[str]) -> "ibis.Table":  # noqa: ANN401 - an Ibis backend
    """A table with the zone of its instants: Ibis takes both of Spark's kinds for naive ones."""
    from pyspark.sql.types import TimestampType

    *database, name = parts
    table = connection.table(name, database=tuple(database) or None)
    zoned = [
        f.name for f in _frame(connection, parts).schema if isinstance(f.dataType, TimestampType)
    ]
    return table.mutate(**{column: table[column].cast("timestamp('UTC')") for column in zoned})


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _of_files(connection: Any, log: FilesFound) -> "ibis.Table":  # noqa: ANN401 - an Ibis backend
    """The files, by what they hold: Spark reads those of one schema together, and no others.

    A column that is a whole number in some files and a fraction in others becomes a fraction, as
    DuckDB has it.
    """
    session = connection._session
    groups: dict[tuple[str, ...], list[Path]] = {}
    for path, schema in zip(log.files, log.schemas, strict=True):
        _refuse_nanoseconds(log, schema)
        groups.setdefault(tuple(_name_of(schema, c) for c in log.columns), []).append(path)
    frames = []
    for kinds, files in groups.items():
        frame = session.read.option("recursiveFileLookup", "true").parquet(*map(_literal, files))
        picked = [
            _picked(frame, column, kinds[position], number=_differs(groups, position))
            for position, column in enumerate(log.columns)
        ]
        frames.append(frame.select(*picked))
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.unionByName(frame)
    view = f"{_VIEW}{uuid4().hex}"
    whole.createOrReplaceTempView(view)
    return _table(connection, [view])


def _picked(frame: Any, column: str, kind: str, *, number: bool) -> Any:  # noqa: ANN401 - of Spark, which has no types here
    from pyspark.sql.functions import lit

    if kind == _NOTHING:
        return lit(None).alias(column)
    found = frame[_quoted(column)]
    return found.cast("double").alias(column) if number and kind != "other" else found


def _name_of(schema: "pa.Schema", column: str) -> str:
    import pyarrow.types as at

    if column not in schema.names or at.is_null(schema.field(column).type):
        return _NOTHING
    of = schema.field(column).type
    number = at.is_integer(of) or at.is_floating(of) or at.is_decimal(of)
    return str(of) if number else "other"


def _differs(groups: Mapping[tuple[str, ...], Sequence[Path]], position: int) -> bool:
    return len({kinds[position] for kinds in groups} - {_NOTHING}) > 1


def _literal(path: Path) -> str:
    """A path of which Spark takes no character for a pattern."""
    return "file://" + re.sub(r"([\\*?\[\]{}])", r"\\\1", str(path))


def _refuse_no_parquet(log: FilesFound) -> None:
    """Text and files of DuckDB are read by DuckDB alone, which knows how they were checked.

    Raises:
        WarehouseError: the log is one.
    """
    if kind_of_file(log.files[0]) != "parquet":
        raise WarehouseError(
            "is no Parquet, which is all that Spark reads of a workbook",
            where=log.request.place,
            remedy="take `warehouse:` away, and DuckDB reads it; or write the log as Parquet",
        )


def _refuse_nanoseconds(log: FilesFound, schema: "pa.Schema") -> None:
    """Spark knows no instant finer than a microsecond.

    Raises:
        WarehouseError: a wanted column holds one.
    """
    import pyarrow.types as at

    problems = [
        Problem(
            f"column {column!r} is {schema.field(column).type}; Spark reads microseconds at best",
            where=log.request.place,
            remedy="write it in microseconds, in pandas with dt.as_unit('us')",
        )
        for column in log.columns
        if column in schema.names
        and at.is_timestamp(schema.field(column).type)
        and schema.field(column).type.unit == "ns"
    ]
    if problems:
        raise WarehouseError(problems=problems)
