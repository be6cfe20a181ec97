"""Logs as CSV and JSON, and tables in files of DuckDB."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.errors import WarehouseError
from ops_model.store.warehouse import (
    FILE,
    LogRequest,
    identify,
    identify_log,
    kinds_of,
    open_logs,
    readable_logs,
)

BEFORE = datetime(2027, 1, 1, tzinfo=UTC)
ROWS = "at,model,tokens,cached\n2026-03-01T12:00:00Z,small,12,\n2026-03-01T13:00:00Z,large,7,3\n"
WANTED = {"model": "text", "tokens": "number", "cached": "number"}


def opened(root, address, columns=None, **said):
    request = LogRequest(address, columns or WANTED, "at", BEFORE, **said)
    return open_logs(root, {"log": request})["log"]


def values(table, column):
    with readable_logs("log"):
        return table.order_by("at").to_pyarrow()[column].to_pylist()


def refused(root, address, columns=None, **said):
    """What is said of a log that is opened and read to its end."""
    with pytest.raises(WarehouseError) as caught, readable_logs(address):
        opened(root, address, columns, **said).to_pyarrow()
    [problem] = caught.value.problems
    assert problem.where
    assert problem.remedy
    return problem


def csv(root, text, name="log.csv"):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def jsonl(root, *rows, name="log.jsonl"):
    csv(root, "".join(json.dumps(row) + "\n" for row in rows), name)


def a_row(hour=12, **more):
    return {"at": f"2026-03-01T{hour}:00:00Z", "model": "m", "tokens": 1, "cached": 0} | more


# --- CSV


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_csv_is_a_log_whatever_of_four_marks_divides_it(tmp_path, mark):
    csv(tmp_path, ROWS.replace(",", mark))

    table = opened(tmp_path, "log.csv")

    assert values(table, "tokens") == [12, 7]
    assert values(table, "cached") == [None, 3]
    assert values(table, "at")[0] == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_mark_of_the_order_of_bytes_and_line_breaks_in_quotes_are_read(tmp_path):
    text = ROWS.replace("small", '"sm""a,ll\r\n of it"').replace("\n", "\r\n")
    csv(tmp_path, b"\xef\xbb\xbf" + text.replace("\r\r", "\r").encode())

    assert values(opened(tmp_path, "log.csv"), "model") == ['sm"a,ll\r\n of it', "large"]


def test_digits_that_are_asked_for_as_text_stay_text(tmp_path):
    csv(tmp_path, "at,model\n2026-03-01T12:00:00Z,007\n")

    for kind in ("text", "label"):
        assert values(opened(tmp_path, "log.csv", {"model": kind}), "model") == ["007"]


def test_a_column_without_a_value_so_far_is_what_is_asked_for(tmp_path):
    late = "".join(f"2026-03-01T12:00:00Z,m,{n},\n" for n in range(21_000))
    csv(tmp_path, f"at,model,tokens,cached\n{late}2026-03-01T13:00:00Z,m,1,5\n")

    assert opened(tmp_path, "log.csv").cached.sum().to_pyarrow().as_py() == 5


def test_kinds_of_a_csv_are_those_of_its_first_rows(tmp_path):
    csv(tmp_path, "a,b,c,d,e,f\n1,x,true,2026-03-01T12:00:00Z,2026-03-01 12:00:00,\n0.5,,,,,\n")

    assert kinds_of(tmp_path, "log.csv") == {
        "a": "number", "b": "text", "c": "boolean", "d": "time", "e": "naive time", "f": "other",
    }  # fmt: skip


def test_an_instant_without_a_zone_is_refused_and_taken_as_utc_where_that_is_said(tmp_path):
    csv(tmp_path, ROWS.replace("T12:00:00Z", " 12:00:00").replace("13:00:00Z", "15:00:00+02:00"))

    said = refused(tmp_path, "log.csv")

    assert "a timestamp without a zone; expected a timestamp with a zone" in said.message
    assert values(opened(tmp_path, "log.csv", assume_utc=True), "at") == [
        datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 13, tzinfo=UTC),
    ]  # fmt: skip


def test_an_instant_without_a_zone_far_down_is_refused_too(tmp_path):
    rows = "2026-03-01T12:00:00Z,m,1,\n" * 30_000
    csv(tmp_path, f"at,model,tokens,cached\n{rows}2026-03-01 12:00:00,m,1,\n")

    said = refused(tmp_path, "log.csv")

    assert said.message == (
        "column 'at': an instant without a zone: 2026-03-01 12:00:00; expected one such as "
        "2026-03-01T12:00:00Z"
    )


def test_a_word_among_numbers_far_down_is_told_with_its_line(tmp_path):
    rows = "2026-03-01T12:00:00Z,m,1,\n" * 30_000
    csv(tmp_path, f"at,model,tokens,cached\n{rows}2026-03-01T12:00:00Z,m,many,\n")

    said = refused(tmp_path, "log.csv")

    assert said.message == (
        "line 30002: column 'tokens' holds 'many'; expected a number, as in the rows before"
    )
    assert said.where == "log.csv"


def test_a_word_among_the_first_numbers_is_told_before_anything_is_read(tmp_path):
    csv(tmp_path, ROWS.replace(",7,", ",seven,"))

    assert "column 'tokens' is string; expected number" in refused(tmp_path, "log.csv").message


SPOILT = {
    "cut off": (ROWS[:-6], "line 3: 2 fields; expected 4"),
    "a field too many": (ROWS + "2026-03-01T12:00:00Z,m,1,2,3\n", "line 4: 5 fields; expected 4"),
    "an open quote": (ROWS + '2026-03-01T12:00:00Z,"m,1,2\n', "a quote opens and does not close"),
    "another alphabet": (ROWS.encode() + b"2026-03-01T12:00:00Z,\xe4,1,2\n", "no CSV in UTF-8"),
    "utf-16": (ROWS.encode("utf-16"), "is text in UTF-16"),
    "nothing": (b"", "is empty"),
    "an empty line": (b"\n" + ROWS.encode(), "begins with an empty line"),
    "two names alike": (ROWS.replace("cached", "Tokens"), "two columns that are equal, or differ"),
    "no name": (ROWS.replace("cached", ""), "has a column without a name"),
    "names alone": (ROWS.partition("\n")[0] + "\n", "holds no row before"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_csv_says_what_is_wrong_and_where(tmp_path, what):
    text, expected = SPOILT[what]
    csv(tmp_path, text)

    said = refused(tmp_path, "log.csv")

    assert expected in said.message
    assert said.where == "log.csv"


def test_another_mark_between_columns_is_guessed_at_in_the_remedy(tmp_path):
    csv(tmp_path, ROWS.replace(",", "^"))

    with pytest.raises(WarehouseError, match=r"divided by comma, semicolon, tab or \|"):
        opened(tmp_path, "log.csv")


def test_a_folder_of_csv_is_one_log_though_columns_stand_in_another_order(tmp_path):
    csv(tmp_path, ROWS, "log/1.csv")
    csv(tmp_path, "tokens;cached;model;at\n5;1;m;2026-03-02T12:00:00Z\n", "log/month=4/2.csv")
    csv(tmp_path, "half a", "log/_temporary/3.csv")

    assert values(opened(tmp_path, "log"), "tokens") == [12, 7, 5]


def test_a_spoilt_file_of_a_folder_is_named(tmp_path):
    csv(tmp_path, ROWS, "log/1.csv")
    csv(tmp_path, ROWS[:-6], "log/2.csv")

    assert refused(tmp_path, "log").where == "log/2.csv"


def test_files_of_a_folder_are_told_apart_where_that_is_asked(tmp_path):
    csv(tmp_path, ROWS, "log/1.csv")
    csv(tmp_path, ROWS, "log/2.csv")

    table = opened(tmp_path, "log", files=("1.csv", "2.csv"))

    assert sorted(table[FILE].to_pyarrow().to_pylist()) == [0, 0, 1, 1]


@pytest.mark.parametrize("other", ["2.jsonl", "2.parquet"])
def test_a_folder_of_two_kinds_is_refused_since_one_would_be_left_out(tmp_path, other):
    csv(tmp_path, ROWS, "log/1.csv")
    csv(tmp_path, "", f"log/{other}")

    with pytest.raises(WarehouseError, match=rf"of two kinds, such as 1\.csv and {other}"):
        opened(tmp_path, "log")


@pytest.mark.parametrize("packed", ["2.csv.gz", "2.jsonl.zst", "2.parquet.GZ"])
def test_a_packed_file_is_named_and_not_left_out_without_a_word(tmp_path, packed):
    csv(tmp_path, ROWS, "log/1.csv")
    csv(tmp_path, "", f"log/{packed}")

    with pytest.raises(WarehouseError, match=f"packed file {packed}, which is not read"):
        opened(tmp_path, "log")


def test_a_name_in_capitals_is_of_the_same_log(tmp_path):
    for name in ("1.parquet", "2.PARQUET"):
        (tmp_path / "log").mkdir(exist_ok=True)
        at = pa.array([datetime(2026, 3, 1, tzinfo=UTC)], pa.timestamp("us", "UTC"))
        pq.write_table(pa.table({"at": at, "tokens": [1]}), tmp_path / "log" / name)

    assert values(opened(tmp_path, "log", {"tokens": "number"}), "tokens") == [1, 1]


def test_a_column_that_only_a_later_file_has_is_a_column_of_the_log(tmp_path):
    jsonl(tmp_path, a_row(), name="log/1.jsonl")
    jsonl(tmp_path, a_row(hour=13, more=7, said="yes"), name="log/2.jsonl")
    jsonl(tmp_path, a_row(hour=14, more=None), name="log/3.jsonl")
    optional = {"more": "number", "said": "text", "nowhere": "number"}

    table = opened(tmp_path, "log", optional=optional, sparse=True)

    assert kinds_of(tmp_path, "log")["more"] == "number"
    assert values(table, "more") == [None, 7, None]
    assert values(table, "said") == [None, "yes", None]
    assert "nowhere" not in table.columns


def test_the_name_of_a_file_or_a_column_is_only_a_name(tmp_path):
    name = "a'); DROP TABLE x; --.csv"
    csv(tmp_path, ROWS.replace("tokens", '"to\'); --"'), name)

    table = opened(tmp_path, name, {"to'); --": "number"})

    assert values(table, "to'); --") == [12, 7]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_path_full_of_marks_for_patterns_is_that_file_only(tmp_path, suffix):
    for name in (f"a[1]*/p?.{suffix}", f"a[1]*/pX.{suffix}"):
        text = ROWS if suffix == "csv" else json.dumps(a_row()) + "\n"
        csv(tmp_path, text if "?" in name else text.replace("12", "13"), name)

    table = opened(tmp_path, f"a[1]*/p?.{suffix}")

    assert values(table, "at")[0] == datetime(2026, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(WarehouseError, match="is a pattern that"):
        opened(tmp_path, "a[1]*")


@pytest.mark.parametrize("name", ["star*.jsonl", "[sx]tarx.jsonl"])
@pytest.mark.parametrize("address", ["log", "log/{}"])
def test_a_name_that_is_a_pattern_of_its_neighbour_is_told_as_such(tmp_path, name, address):
    for one in (name, "starx.jsonl"):
        csv(tmp_path, json.dumps(a_row()) + "\n", f"log/{one}")

    with pytest.raises(WarehouseError, match=r"is a pattern that 'starx\.jsonl' fits too"):
        opened(tmp_path, address.format(name))


def test_no_other_file_can_be_read_beside_a_csv(tmp_path):
    csv(tmp_path, ROWS)
    csv(tmp_path, ROWS, "other.csv")
    connection = opened(tmp_path, "log.csv").get_backend()

    with pytest.raises(WarehouseError, match="disabled by configuration"), readable_logs("x"):
        connection.raw_sql(f"SELECT * FROM read_csv('{tmp_path}/other.csv')").fetchall()


def test_a_csv_is_identified_by_its_bytes(tmp_path):
    csv(tmp_path, ROWS)
    first = identify(tmp_path, "log.csv")

    csv(tmp_path, ROWS.replace("12,", "13,"))

    assert (first.kind, first.files, first.bytes) == ("file", 1, len(ROWS))
    assert identify(tmp_path, "log.csv").digest != first.digest


# --- JSON


def test_one_object_a_line_and_a_list_of_objects_are_logs(tmp_path):
    rows = [a_row(12, tokens=12, cached=None), a_row(13, tokens=7, cached=3)]
    jsonl(tmp_path, *rows)
    csv(tmp_path, json.dumps(rows, indent=1), "log.json")
    jsonl(tmp_path, *rows, name="lines.json")

    for name in ("log.jsonl", "log.json", "lines.json"):
        table = opened(tmp_path, name)
        assert values(table, "tokens") == [12, 7]
        assert values(table, "cached") == [None, 3]


def test_a_key_that_comes_late_is_a_column_all_the_same(tmp_path):
    early = [{"at": "2026-03-01T12:00:00Z", "model": "m", "tokens": 1}] * 25_000
    jsonl(tmp_path, *early, a_row(13, cached=5))

    assert opened(tmp_path, "log.jsonl").cached.sum().to_pyarrow().as_py() == 5


def test_what_is_nested_comes_back_as_json(tmp_path):
    jsonl(tmp_path, a_row(usage={"input": 1}, tags=["a"]), a_row(usage=None, tags=[]))

    assert kinds_of(tmp_path, "log.jsonl")["usage"] == "other"
    found = values(opened(tmp_path, "log.jsonl", {"usage": "nested"}), "usage")
    assert found == ['{"input":1}', None]


SPOILT_JSON = {
    "cut off": ('{"at": "2026-03-01T12:00:00Z", "model": "m", "tok', "no whole JSON"),
    "a list a line": ('[{"at": 1}]\n', "holds JSON that is no object"),
    "a number a line": ("17\n", "holds JSON that is no object"),
    "no json": ("at,model\n1,2\n", "no whole JSON"),
    "one key twice": ('{"at": "2026-03-01T12:00:00Z", "at": 1}\n', "duplicate key"),
    "a byte order mark": ("\ufeff" + json.dumps(a_row()) + "\n", "byte order mark"),
}


@pytest.mark.parametrize("what", SPOILT_JSON)
def test_a_spoilt_json_says_what_is_wrong_and_where(tmp_path, what):
    text, expected = SPOILT_JSON[what]
    csv(tmp_path, json.dumps(a_row()) + "\n" + text, "log.jsonl")

    said = refused(tmp_path, "log.jsonl")

    assert expected in said.message
    assert said.where == "log.jsonl"


def test_a_word_among_numbers_far_down_in_json_is_told(tmp_path):
    jsonl(tmp_path, *[a_row()] * 30_000, a_row(tokens="many"))

    assert "many" in refused(tmp_path, "log.jsonl").message


# --- DuckDB


def database(path, *statements):
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for statement in (
            "CREATE TABLE calls AS SELECT TIMESTAMPTZ '2026-03-01 12:00:00+00' AS at, "
            "'small' AS model, 12 AS tokens, NULL::INT AS cached",
            *statements,
        ):
            connection.execute(statement)


def test_a_table_in_a_file_of_duckdb_is_a_log(tmp_path):
    database(tmp_path / "usage.duckdb", "CREATE SCHEMA more", "CREATE TABLE more.n AS FROM calls")

    for address in ("usage.duckdb/calls", "usage.duckdb/main/calls", "usage.duckdb/more/n"):
        assert values(opened(tmp_path, address), "tokens") == [12]
    assert kinds_of(tmp_path, "usage.duckdb/calls")["at"] == "time"


def test_the_only_table_of_a_file_need_not_be_named(tmp_path):
    database(tmp_path / "usage.duckdb")

    assert values(opened(tmp_path, "usage.duckdb"), "model") == ["small"]


def test_a_table_that_is_not_there_is_told_with_the_nearest(tmp_path):
    database(tmp_path / "usage.duckdb", "CREATE TABLE other AS SELECT 1 AS x")

    said = refused(tmp_path, "usage.duckdb/call")

    assert "there is: calls, other" in said.message
    assert "there is: calls, other" in refused(tmp_path, "usage.duckdb").message


def test_a_view_is_no_table_for_it_may_read_another_file(tmp_path):
    csv(tmp_path, ROWS, "secret.csv")
    view = f"CREATE VIEW seen AS SELECT * FROM read_csv('{tmp_path}/secret.csv')"
    database(tmp_path / "usage.duckdb", view)

    said = refused(tmp_path, "usage.duckdb/seen")
    assert said.message == "is a view, which may read other files than this one; expected a table"
    assert "CREATE TABLE ... AS FROM seen" in said.remedy


def test_a_file_that_is_still_written_is_refused(tmp_path):
    writer = subprocess.Popen(
        [sys.executable, "-c",
         "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t (x INT)')"
         "; print(flush=True); sys.stdin.read()", str(tmp_path / "usage.duckdb")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    writer.stdout.readline()

    with_log = refused(tmp_path, "usage.duckdb")
    (tmp_path / "usage.duckdb.wal").unlink()
    locked = refused(tmp_path, "usage.duckdb")
    writer.communicate()

    assert "usage.duckdb.wal lies beside it" in with_log.message
    assert "is open in a program that writes it" in locked.message


@pytest.mark.parametrize("content", [b"", b"no database" * 1000, None])
def test_a_file_that_is_no_whole_database_says_so(tmp_path, content):
    path = tmp_path / "usage.duckdb"
    database(path)
    path.write_bytes(path.read_bytes()[:9000] if content is None else content)

    assert "no whole file of DuckDB" in refused(tmp_path, "usage.duckdb/calls").message


def test_a_table_in_a_file_is_identified_by_the_bytes_of_the_file(tmp_path):
    database(tmp_path / "usage.duckdb")
    request = LogRequest("usage.duckdb/calls", {}, "at", BEFORE)

    seen = identify_log(tmp_path, request)

    size = (tmp_path / "usage.duckdb").stat().st_size
    assert (seen.kind, seen.address, seen.bytes) == ("file", "usage.duckdb/calls", size)


def test_a_file_of_duckdb_that_is_a_link_out_of_the_workbook_is_not_read(tmp_path):
    database(tmp_path / "usage.duckdb")
    root = tmp_path / "book"
    root.mkdir()
    (root / "usage.duckdb").symlink_to(tmp_path / "usage.duckdb")

    with pytest.raises(WarehouseError, match="lies outside the workbook"):
        opened(root, "usage.duckdb/calls")


def test_csv_and_a_table_of_duckdb_are_joined(tmp_path):
    csv(tmp_path, ROWS)
    database(tmp_path / "usage.duckdb")
    requests = {
        "one": LogRequest("log.csv", WANTED, "at", BEFORE),
        "two": LogRequest("usage.duckdb/calls", {"model": "text"}, "at", BEFORE),
    }

    tables = open_logs(tmp_path, requests)

    assert tables["one"].join(tables["two"], "model").count().to_pyarrow().as_py() == 1
