"""What is taken out of an executed notebook before it is kept, and what stays in it."""

import json
import time

import nbformat
import pytest
from nbformat import v4

from ops_model.domain.evidence import RECORD_MIME
from ops_model.notebook.redaction import frames_of, redact_notebook
from tests.domain.redaction_corpus import Maker

KEY = Maker(2).github_token()
PEM = Maker(1).private_key()
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def shown(data, **more):
    return v4.new_output("display_data", data=data, **more)


def stream(text, name="stdout"):
    return v4.new_output("stream", text=text, name=name)


def a_cell(*outputs, source="1", **metadata):
    return v4.new_code_cell(source, outputs=list(outputs), metadata=metadata)


def redacted_cells(*cells, withheld=()):
    """The cells after redaction, as the file has them, and what was taken out."""
    notebook = v4.new_notebook(cells=list(cells))
    done = redact_notebook(notebook, withheld=withheld)
    return json.loads(nbformat.writes(notebook))["cells"], done


@pytest.mark.parametrize(
    "cell",
    [
        a_cell(source=f"token = '{KEY}'"),
        a_cell(note=KEY),
        a_cell(**{KEY: 1}),
        a_cell(stream(f"got {KEY}\n")),
        a_cell(stream(f"{KEY[:9]}\x1b[31m{KEY[9:]}")),  # coloured half-way
        a_cell(stream(KEY[:9]), stream(KEY[9:])),
        a_cell(shown({"text/plain": f"'{KEY}'"})),
        a_cell(shown({"text/html": f"<td>{KEY}</td>"})),
        a_cell(shown({"text/markdown": f"`{KEY}`"})),
        a_cell(shown({"application/json": {"rows": [{KEY: KEY}]}})),
        a_cell(shown({"application/vnd.plotly.v1+json": {"data": [{"x": [KEY]}]}})),
        a_cell(shown({"application/javascript": f"let k = '{KEY}'"})),
        a_cell(shown({"image/svg+xml": f"<svg><text>{KEY}</text></svg>"})),
        a_cell(shown({"image/png": KEY})),
        a_cell(shown({f"text/{KEY}": "x"})),
        a_cell(shown({"text/plain": "x"}, metadata={"of": KEY})),
        a_cell(v4.new_output("error", ename=KEY, evalue="x", traceback=["x"])),
        a_cell(v4.new_output("error", ename="E", evalue=f"bad {KEY}", traceback=[f"E: {KEY}"])),
        v4.new_markdown_cell(f"the key is {KEY}"),
        v4.new_markdown_cell("x", attachments={KEY: {"text/plain": KEY}}),
        v4.new_raw_cell(KEY),
        v4.new_code_cell("1", id=KEY),
    ],
)
def test_a_secret_stays_in_no_part_of_a_cell(cell):
    cells, done = redacted_cells(cell)

    assert KEY not in json.dumps(cells)
    assert KEY[9:] not in json.dumps(cells)
    assert done.counts["github_token"] >= 1


@pytest.mark.parametrize(
    ("drawn", "kept"),
    [("01511234", "01511234"), ("c0ffee00", "c0ffee00"), ("0151-1234567", "cell-0")],
    ids=["digits by chance", "letters too", "a number that somebody wrote"],
)
def test_the_id_that_a_library_drew_is_no_phone_number(drawn, kept):
    cell = a_cell()
    cell.id = drawn
    (read,), done = redacted_cells(cell)
    assert read["id"] == kept
    assert done.counts == ({} if read["id"] == drawn else {"phone": 1})


def test_the_metadata_of_the_notebook_is_redacted_too():
    notebook = v4.new_notebook(metadata={"authors": [{"email": "ada@example.org"}]})

    done = redact_notebook(notebook)

    assert notebook.metadata.authors[0].email == "[redacted:email]"
    assert done.counts == {"email": 1}


def test_records_and_pictures_stay_to_the_last_byte():
    record = {"kind": "spend", "note": "ada@example.org"}  # harvest refuses it, nobody cuts it
    cells, done = redacted_cells(a_cell(shown({RECORD_MIME: record, "image/png": PNG + "\n"})))

    data = cells[0]["outputs"][0]["data"]
    assert (data[RECORD_MIME], "".join(data["image/png"])) == (record, PNG + "\n")
    assert done.counts == {}


def test_a_text_that_only_begins_as_a_picture_is_a_text():
    cells, _ = redacted_cells(a_cell(shown({"image/png": f"iVBORw0KGgo <{KEY}>"})))

    assert KEY not in json.dumps(cells)


def test_what_was_taken_out_is_counted_over_all_cells():
    _, done = redacted_cells(a_cell(stream(KEY)), a_cell(stream(f"{KEY} ada@example.org")))

    assert done.counts == {"github_token": 2, "email": 1}


def test_a_private_key_is_told_with_its_first_cell_and_taken_out_all_the_same():
    cells, done = redacted_cells(a_cell(stream("1")), a_cell(stream(PEM)), a_cell(stream(PEM)))

    assert done.key_cell == 1
    assert "BEGIN" not in json.dumps(cells)


def test_a_private_key_in_the_metadata_of_the_notebook_is_none_of_a_cell():
    done = redact_notebook(v4.new_notebook(metadata={"title": PEM}))

    assert (done.held_private_key, done.key_cell) == (True, None)


def test_a_picture_that_is_none_after_all_is_told_so_at_once():
    endless = "iVBORw0KGgo" + " " * 200_000 + "<"
    began = time.process_time()

    redacted_cells(a_cell(shown({"image/png": endless})))

    assert time.process_time() - began < 2


def test_a_notebook_without_secrets_stays_as_it_is():
    cell = a_cell(stream("flights: 17\n"), shown({"text/html": "<b>17</b>"}), source="17")
    before = json.loads(json.dumps(cell))

    cells, done = redacted_cells(cell)

    assert cells[0]["outputs"][1]["data"]["text/html"] == ["<b>17</b>"]
    assert "".join(cells[0]["source"]) == before["source"]
    assert (done.counts, done.held_private_key) == ({}, False)


def test_of_a_long_stream_twenty_lines_are_kept_and_the_others_counted():
    cells, _ = redacted_cells(a_cell(stream("".join(f"line {n}\n" for n in range(50)))))

    lines = "".join(cells[0]["outputs"][0]["text"]).splitlines()
    assert (lines[0], lines[19:]) == ("line 0", ["line 19", "… 30 more lines"])


VERBOSE = """\x1b[31m----------------------------------------\x1b[39m
ValueError                                Traceback (most recent call last)
Cell In[1], line 4, in rate(passenger='Ada Lovelace')
      3 def rate(passenger):
----> 4     raise ValueError(1)
        passenger = 'Ada Lovelace'
File /home/mika/flights/rates.py:7, in other(x=3)
      7 return x
        global table =   name
0  Ada

ValueError: 1"""


def test_a_traceback_tells_places_and_source_but_no_values_of_variables():
    frames = frames_of(VERBOSE.split("\n"))

    assert frames[2:] == [
        "Cell In[1], line 4, in rate(…)",
        "      3 def rate(passenger):",
        "----> 4     raise ValueError(1)",
        "File rates.py:7, in other(…)",
        "      7 return x",
    ]
    assert "Ada" not in "".join(frames)


def test_of_a_long_traceback_twenty_lines_are_kept():
    error = v4.new_output(
        "error", ename="E", evalue="x", traceback=[f"{n:7} line" for n in range(1, 60)]
    )

    cells, _ = redacted_cells(a_cell(error))

    kept = cells[0]["outputs"][0]["traceback"]
    assert len("\n".join(kept).splitlines()) == 22  # twenty, how many more, and the error itself
    assert "… 39 more lines" in kept[0]


def test_the_secrets_of_the_runner_itself_are_looked_for_by_value():
    cells, done = redacted_cells(a_cell(stream("horse-7-blue\n")), withheld=["horse-7-blue"])

    assert "horse" not in json.dumps(cells)
    assert done.counts == {"withheld": 1}
