"""Names of columns, values and files that would be SQL, markup, another name, or none at all."""

import json
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.cli.table import visible
from ops_model.errors import WarehouseError
from ops_model.store.warehouse import LogRequest, open_logs
from tests.hostile.asking import SECONDS, ask, shown

ROWS = 60
TIME = pa.timestamp("us", "UTC")
AT = pa.array(
    [datetime(2013, 1, 1, tzinfo=UTC) + timedelta(hours=12 * n) for n in range(ROWS)], TIME
)
NUMBERS = pa.array([float(n % 7) for n in range(ROWS)])
TEXTS = pa.array([("a", "b")[n % 2] for n in range(ROWS)])
FLAGS = pa.array([n % 3 == 0 for n in range(ROWS)])

NAMES = [
    "a) from t; drop table t; --", '"', '""', '"; drop table x; --', "'", "''", "`", "\\", "a\nb",
    "a\rb", "\x1b[31mred", "\u202eabc", "a\u2028b", "a.b", "*", "?", "$1", "%s", "{x}",
    "[red]x[/]",
    "a b", " a", "a ", "a;b", "--", "/*", "select", "read_text('/etc/passwd')", "rowid",
    "filename", "file_row_number", "file_index", "row__", "column", "day", "value", "n", "cell",
    "bucket", "s0", "right", "count", "low0", "x" * 10_000, "\u00e9", "\uff41", "1", "-1", "NULL",
    "true", "__class__", "\U0001f600",
]  # fmt: skip
GROUPS = [NAMES[n::8] for n in range(8)]
MISREAD = {
    "no name": ["at", "", "c"],
    "NUL": ["at", "a\0b", "c"],
    "NUL alone": ["at", "\0", "c"],
    "twice": ["at", "a", "a"],
    "but for case": ["at", "a", "A"],
    "the time but for case": ["at", "At", "c"],
    "but for case, accented": ["at", "\u00e9", "\u00c9"],
}


@pytest.fixture(scope="module", autouse=True)
def _loaded(tmp_path_factory):
    """What is imported once is no work of an item."""
    path = tmp_path_factory.mktemp("plain") / "log.parquet"
    pq.write_table(pa.table({"at": AT, "x": NUMBERS, "known": FLAGS}), path)
    drift(path)
    quality(path, "--timestamp", "at")


@pytest.fixture
def log(tmp_path):
    def write(names, arrays=(AT, NUMBERS, TEXTS, FLAGS), name="log.parquet"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        held = [arrays[min(n, len(arrays) - 1)] for n in range(len(names))]
        pq.write_table(pa.Table.from_arrays(held, names=names), path)
        return path

    return write


def drift(path, *more):
    return ask("drift", "--reference", path, "--current", path, "--min-n", "1", "--json", *more)


def quality(path, *more):
    return ask("quality", "--log", path, "--label", "known", *more)


@pytest.mark.parametrize("names", GROUPS, ids=len)
def test_columns_of_hostile_names_are_measured_under_their_names(log, names):
    path = log(["at", *names], [AT, NUMBERS, TEXTS])

    told = drift(path, "--timestamp", "at")

    assert told.code == 0, told.text[:300]
    measured = json.loads(told.text[told.text.index("{") :])["columns"]
    assert {column["name"] for column in measured} == set(names)
    assert told.seconds < SECONDS * len(names)


@pytest.mark.parametrize("names", GROUPS, ids=len)
def test_hostile_names_of_time_and_segments_are_only_names(log, names):
    path = log([*names, "known"], [AT, *[TEXTS] * (len(names) - 1), FLAGS])
    segments = [word for name in names[1:] for word in ("--segment", name)]

    told = quality(path, "--timestamp", names[0], *segments, "--min-n", "1", "--json")

    assert told.code == 0, told.text[:300]
    assert {s["column"] for s in json.loads(told.text)["segments"]} <= set(names[1:])
    assert told.seconds < SECONDS * len(names)


def test_columns_that_the_log_does_not_have_are_refused_in_a_few_words(log):
    path = log(["at", "score", "kind"])
    names = [*NAMES, "a\0b", "", "\ud800"]

    told = ask("drift", "--reference", path, "--current", log(["at"], name="o.parquet"),
               *[word for name in names for word in ("--column", name)])  # fmt: skip

    assert told.code == 3
    assert told.text.count("has no column") == 2 * len(names)
    assert len(told.text) < 600 * len(names)
    assert told.seconds < SECONDS


@pytest.mark.parametrize("names", MISREAD.values(), ids=list(MISREAD))
def test_a_file_whose_columns_the_engine_would_rename_is_refused(log, names):
    path = log(names)

    for more in ((), ("--timestamp", "at"), ("--column", "c")):
        told = drift(path, *more)
        assert told.code == 3
        assert "has a column" in told.text or "has two columns" in told.text
        assert told.seconds < SECONDS


def test_a_column_whose_name_is_no_text_is_refused(log):
    path = log(["at", "zzzz", "c"])
    path.write_bytes(path.read_bytes().replace(b"zzzz", b"\xff\xfe\xfd\xfc"))

    told = drift(path, "--column", "c")

    assert told.code == 3
    assert "no UTF-8 text" in told.text


@pytest.mark.parametrize(
    "value",
    ["'; drop table t; --", "' or '1'='1", "\\'", "\x1b]0;x\x07", "[link=file:///x]y", "a\0b", "",
     "x" * 100_000, "\u202e"],
    ids=shown,
)  # fmt: skip
def test_hostile_values_of_a_category_are_counted_or_refused(log, value):
    path = log(["at", "kind"], [AT, pa.array([value, "a"] * (ROWS // 2))])

    told = drift(path)

    assert told.code == 0 or ("\0" in value and told.code == 3)
    assert told.seconds < SECONDS


def test_a_terminal_is_shown_no_order_out_of_a_log():
    assert visible("\x1b]0;x\x07 \u202e[red]") == "\ufffd]0;x\ufffd \ufffd[red]"


@pytest.mark.parametrize(
    "raw",
    [2**63 - 1, -(2**63) + 1, 2**62, 253402300799 * 10**6, 253402300800 * 10**6,
     -62167219201 * 10**6, 7258118400 * 10**6],
)  # fmt: skip
def test_an_instant_in_no_plausible_year_is_refused(log, raw):
    path = log(["at", "x", "c", "known"], [pa.array([raw] * ROWS, TIME), NUMBERS, TEXTS, FLAGS])

    for told in (drift(path, "--timestamp", "at"), quality(path, "--timestamp", "at")):
        assert told.code == 3
        assert "holds an instant before 1900 or from 2200 on" in told.text
        assert told.seconds < SECONDS


def test_rows_without_an_instant_are_of_no_day(log):
    path = log(["at", "known"], [pa.array([None, *AT[1:].to_pylist()], TIME), FLAGS])

    told = quality(path, "--timestamp", "at", "--min-n", "1", "--json")

    assert sum(day["n"] for day in json.loads(told.text)["days"]) == ROWS - 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("*.parquet", "b.parquet"), ("a?.parquet", "ab.parquet"), ("[a].parquet", "a.parquet"),
     ("[!b].parquet", "a.parquet")],
)  # fmt: skip
def test_a_file_that_is_named_like_a_pattern_is_never_read_for_another(log, tmp_path, one, other):
    log(["at", "x"], name=f"rows/{one}")
    log(["at", "x"], name=f"rows/{other}")

    with pytest.raises(WarehouseError, match="is a pattern that"):
        open_logs(tmp_path, {"log": LogRequest("rows", {"x": "number"})})


@pytest.mark.parametrize(
    "name",
    ["q'.parquet", 'q".parquet', "{a,b}.parquet", "a,b.parquet", "~.parquet", "$HOME.parquet",
     "%20.parquet", "a b.parquet", "file:x.parquet", "; drop table t; --.parquet",
     "\u00e9.parquet",
     "#.parquet", "a]b.parquet"],
    ids=shown,
)  # fmt: skip
def test_a_file_of_hostile_name_is_read_once(log, tmp_path, name):
    log(["at", "x"], name=f"rows/{name}")
    log(["at", "x"], name="rows/z.parquet")

    table = open_logs(tmp_path, {"log": LogRequest("rows", {"x": "number"})})["log"]

    assert table.count().to_pyarrow().as_py() == 2 * ROWS


@pytest.mark.parametrize("name", ["a\nb.parquet", "\x1b[31m.parquet", "\udcff.parquet"], ids=shown)
def test_a_file_whose_name_cannot_be_shown_is_refused(log, tmp_path, name):
    log(["at", "x"], name="rows/z.parquet").rename(tmp_path / "rows" / name)

    with pytest.raises(WarehouseError, match="whose name is no plain text"):
        open_logs(tmp_path, {"log": LogRequest("rows", {"x": "number"})})


FORBIDDEN = [
    "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')", "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_parquet('{other}')", "SELECT * FROM '{other}'",
    "SELECT * FROM read_parquet('http://169.254.169.254/x')", "COPY (SELECT 1) TO '{other}'",
    "ATTACH '{other}' AS x", "EXPORT DATABASE '{other}'", "INSTALL httpfs", "LOAD httpfs",
    "SET enable_external_access = true", "SET lock_configuration = false",
    "SET allowed_paths = ['/etc/passwd']", "RESET allowed_paths", "SET threads = 1",
    "SET temp_directory = '/tmp'", "SET allow_community_extensions = true",
    "PRAGMA enable_profiling = 'json'", "SELECT getenv('HOME')", "CREATE SECRET (TYPE s3)",
]  # fmt: skip


def test_the_connection_of_a_log_reads_nothing_else_and_takes_no_setting(log, tmp_path):
    log(["at", "x"])
    other = log(["at", "x"], name="other.parquet")
    table = open_logs(tmp_path, {"log": LogRequest("log.parquet", {"x": "number"})})["log"]

    for statement in FORBIDDEN:
        with pytest.raises(duckdb.Error):
            table.get_backend().raw_sql(statement.format(other=other)).fetchall()

    assert pq.read_table(other).num_rows == ROWS
    assert table.count().to_pyarrow().as_py() == ROWS
