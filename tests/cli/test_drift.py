import json
import re
import subprocess
import sys

import numpy as np
import pytest

from ops_model.errors import UsageError, WarehouseError
from tests.cli.logs import call, write, write_inputs


@pytest.fixture
def reference(tmp_path):
    return write_inputs(tmp_path / "reference.parquet")


@pytest.fixture
def moved(tmp_path):
    return write_inputs(tmp_path / "moved.parquet", days=7, shift=2.0, seed=2)


def test_the_promised_keys_are_there(reference, moved):
    done = call("drift", "--reference", reference, "--current", moved, "--json")

    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert said["rows"] == {"reference": 2800, "current": 350}
    assert said["calibrated"] is False
    x = said["columns"][0]
    assert x["name"] == "x"
    assert x["kind"] == "numeric"
    assert x["drifted"] is True
    assert x["w1_sd"] == pytest.approx(2.0, abs=0.2)
    assert {"js", "psi", "ks", "tv", "null_change", "unseen_share", "reason"} <= set(x)
    assert [c["name"] for c in said["columns"]] == ["x", "c"]


def test_columns_that_cannot_be_compared_are_named_beside_the_answer(reference, moved):
    done = call("drift", "--reference", reference, "--current", moved, "--json")

    assert done.stderr == "left out, not in both or of no comparable kind: at, deep\n"


def test_a_timestamp_calibrates_the_rule(reference, moved):
    done = call(
        "drift", "--reference", reference, "--current", moved, "--timestamp", "at", "--json"
    )

    said = json.loads(done.stdout)
    assert said["calibrated"] is True
    assert said["blocks"] == 8


def test_findings_end_with_exit_one_only_where_asked(reference, moved):
    asked = ("drift", "--reference", reference, "--current", moved)

    assert call(*asked).exit_code == 0
    assert call(*asked, "--gate").exit_code == 1
    assert call("drift", "--reference", reference, "--current", reference, "--gate").exit_code == 0


def test_a_column_that_is_gone_is_named_and_passes_no_gate(reference, tmp_path):
    import pyarrow.parquet as pq

    gone = tmp_path / "gone.parquet"
    pq.write_table(pq.read_table(reference).drop_columns(["x"]), gone)

    done = call("drift", "--reference", reference, "--current", gone, "--gate", "--json")

    assert json.loads(done.stdout)["gone"] == ["x"]
    assert "gone, or of another kind than in the reference: x" in done.stderr
    assert done.exit_code == 1


def test_what_drifted_is_told_before_what_cannot_be_said(reference, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(reference)
    nulls = pa.nulls(table.num_rows, pa.float64())
    empty = table.set_column(table.schema.get_field_index("x"), "x", nulls)
    pq.write_table(empty, tmp_path / "empty.parquet")

    done = call("drift", "--reference", reference, "--current", tmp_path / "empty.parquet",
                "--column", "x", "--json")  # fmt: skip

    (x,) = json.loads(done.stdout)["columns"]
    assert x["drifted"] is True
    assert x["reason"].startswith(
        "the change in the share of values that are missing or no finite number 1 "
    )
    assert "; how far apart, too few to say: 2800 and 0 rows hold a value" in x["reason"]


def test_the_table_names_what_drifted_first(reference, moved):
    done = call(
        "drift", "--reference", reference, "--current", moved, "--column", "c", "--column", "x"
    )

    assert done.stdout.startswith("1 of 2 columns drifted")
    assert done.stdout.index("drifted  x") < done.stdout.index("ok       c")


def test_only_the_named_columns_are_compared(reference, moved):
    done = call("drift", "--reference", reference, "--current", moved, "--column", "c", "--json")

    assert [c["name"] for c in json.loads(done.stdout)["columns"]] == ["c"]


def test_a_hostile_column_name_reaches_the_terminal_as_plain_text(tmp_path):
    log = write(tmp_path / "log.parquet", **{"[red]x\x1b[31m": [1.0, 2.0] * 100})

    done = call("drift", "--reference", log, "--current", log)

    assert "\x1b" not in done.stdout
    assert "[red]x\N{REPLACEMENT CHARACTER}[31m" in done.stdout


def test_logs_that_share_no_column_are_refused(tmp_path):
    one = write(tmp_path / "one.parquet", x=[1.0])
    other = write(tmp_path / "other.parquet", y=[1.0])

    done = call("drift", "--reference", one, "--current", other)

    assert isinstance(done.exception, WarehouseError)
    assert "shares no column" in str(done.exception)


def test_a_missing_log_is_one_message_and_exit_three(tmp_path):
    asked = ("drift", "--reference", "gone.parquet", "--current", "gone.parquet")

    done = subprocess.run(
        [sys.executable, "-m", "ops_model", *asked],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )

    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("gone.parquet: there is no such file or folder")
    assert "to fix:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_instant_without_a_column_of_time_is_refused_and_not_ignored(reference, moved):
    done = call(
        "drift", "--reference", reference, "--current", moved, "--as-of", "2026-01-01T00:00:00Z"
    )

    assert isinstance(done.exception, UsageError)
    assert "name that column with --timestamp" in str(done.exception)


def test_the_answer_is_said_in_words_below_the_table(reference, moved):
    done = call("drift", "--reference", reference, "--current", moved)

    assert "1 of 2 columns moved beyond its limit: x." in done.stdout
    assert "uncalibrated (0 of the 8 weeks" in done.stdout


def test_a_report_is_one_page_that_loads_nothing_from_elsewhere(reference, moved, tmp_path):
    page = tmp_path / "drift.html"

    done = call("drift", "--reference", reference, "--current", moved, "--report", page)

    html = page.read_text()
    assert done.exit_code == 0
    assert f"wrote {page}" in done.stderr
    assert html.startswith("<!doctype html>")
    assert "default-src 'none'" in html
    assert not re.search(r"https?:|src=\"(?!data:)|href=|<script", html)
    assert "moved beyond its limit: x." in html


def test_a_hostile_column_name_is_plain_text_in_the_report(tmp_path):
    log = write(tmp_path / "log.parquet", **{"<script>alert(1)</script>": [1.0, 2.0] * 100})
    page = tmp_path / "drift.html"

    call("drift", "--reference", log, "--current", log, "--report", page)

    assert "<script>" not in page.read_text()
    assert "&lt;script&gt;" in page.read_text()


def test_a_report_that_cannot_be_written_is_one_clear_error(reference, moved, tmp_path):
    page = tmp_path / "gone" / "drift.html"

    done = call("drift", "--reference", reference, "--current", moved, "--report", page)

    assert isinstance(done.exception, UsageError)
    assert "the report cannot be written" in str(done.exception)


@pytest.mark.parametrize("name", ['a "quoted" name', "semi;colon", "smile 😀", "select", "O'Hare"])
def test_a_column_of_any_name_is_compared(tmp_path, name):
    rng = np.random.default_rng(1)
    one = write(tmp_path / "one.parquet", **{name: rng.normal(size=500)})
    other = write(tmp_path / "other.parquet", **{name: rng.normal(2.0, 1.0, size=500)})

    done = call("drift", "--reference", one, "--current", other, "--json")

    column = json.loads(done.stdout)["columns"][0]
    assert (column["name"], column["drifted"]) == (name, True)


@pytest.mark.parametrize("asked", [(), ("--column", "x")])
def test_a_column_that_changed_its_type_is_an_error_that_names_both(tmp_path, asked):
    one = write(tmp_path / "one.parquet", x=[1.0, 2.0] * 100)
    other = write(tmp_path / "other.parquet", x=["1", "2"] * 100)

    done = call("drift", "--reference", one, "--current", other, *asked)

    assert isinstance(done.exception, WarehouseError)
    assert "column 'x' holds texts; expected numbers, as in" in str(done.exception)


def test_columns_left_out_stand_in_the_json_too(reference, moved):
    done = call("drift", "--reference", reference, "--current", moved, "--json")

    assert json.loads(done.stdout)["left_out"] == ["at", "deep"]
