"""Parameters, and notebooks themselves, that would be code, never end, or hold a secret."""

import ast
import json
import os
import shutil
import subprocess
import sys

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from ops_model.notebook.parameters import checked_parameters, declared_parameters, injected_source
from tests.hostile.asking import SECONDS, ask, shown
from tests.notebook.builders import a_notebook
from tests.workflow.tiny import a_workbook

DECLARED = """system: str = "none"  # the system
as_of: str = ""  # the instant
n: int = 1  # a number
t: str = "x"  # a text
l: list = []  # a list
d: dict = {}  # a mapping
f: float = 1.0  # a share"""

RUNS = "__import__('os').system('touch ran')"
NAMES = [
    f"x=1;{RUNS};y", f"{RUNS}#", "os.environ['A']", "print", "open", "class", "None", "__name__",
    "_x", "X", "x y", "x\ny", "x\u2028y", "\x1b[31mx", "t ", " t", "T", "\uff54", "", "t" * 10_000,
    "{t}", "%t", "!t", "?t", "t:str", "get_ipython",
]  # fmt: skip
VALUES = [
    "l=" + "[" * 100_000, "l=" + "[" * 2_000 + "]" * 2_000, "d=" + '{"a":' * 50 + "1" + "}" * 50,
    "n=9007199254740992", "n=-9007199254740993", "n=" + "9" * 5_000, "n=1e3", "n=true", "n=null",
    "n=NaN", "f=NaN", "f=Infinity", "f=-1e999", "l=[NaN]", "l=[9007199254740993]",
    "t=a\0b", 't="a\\u0000b"', 't="\\ud800"', 'l=["\\udfff"]', 'd={"\\ud800": 1}',
    "t=" + "x" * 70_000, "l=[" + ",".join("1" * 40_000) + "]", "t=1", "l={}", "d=[]", "comment=x",
    f"comment=x\n{RUNS}", "system=other", "as_of=2013-07-22T08:00:00Z",
    "t", "=1", "",
]  # fmt: skip
SECRETS = [
    "t=ghp_" + "a1B2" * 9, "t=AKIA" + "ABCDEFGHIJ234567", 'd={"api_key": "h7Gk29dLq0"}',
    "t=postgres://ops:hunter2secret@db.example/x", 'd={"password": "hunter2secret9"}',
    'l=["sk-proj-Zx81kQm20vTn53bYw96c"]',
    "t=-----BEGIN PRIVATE KEY-----\n" + 4 * ("MIIEvQIBADANBgkq" * 4 + "\n"),
]  # fmt: skip
SECRET_NAMES = ["api_key", "token", "db_password", "secret", "auth", "access_key", "key", "pwd"]
NOTEBOOKS = [
    "../p", "/etc/passwd", "./p", "notebooks/p", "p/../p", "http://example.org/p.ipynb",
    "https://github.com/o/r/p.ipynb", "s3://bucket/p", "gs://bucket/p", "hdfs://x/p", "-",
    "{t.__class__.__mro__}", "{system}", "p\0", "p\n", "p.", "p ", "con", "nul", "com1",
    "\uff10\uff15", "N\u0665", "\x1b[31m", "p" * 9_000, "",
]  # fmt: skip


def cell(source, **changes):
    return {"cell_type": "code", "source": source, "metadata": {"tags": ["parameters"]}, **changes}


def more(line):
    """A notebook that is right but for one line."""
    return cells(cell(f"{DECLARED}\n{line}"))


def cells(*given):
    return json.dumps({"cells": list(given), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


FILES = {
    "brackets": '{"cells":' + "[" * 100_000,
    "closed brackets": '{"cells":' + "[" * 5_000 + "]" * 5_000 + "}",
    "a list": "[]",
    "cells that are none": '{"cells": null}',
    "cells of text": '{"cells": ["a"]}',
    "no metadata": cells(cell(DECLARED, metadata=None)),
    "tags that are a number": cells(cell(DECLARED, metadata={"tags": 5})),
    "tags of two kinds": cells(cell(DECLARED, metadata={"tags": ["parameters", None]})),
    "tags that are a text": cells(cell(DECLARED, metadata={"tags": "parameters"})),
    "a kind that is a number": cells(cell(DECLARED, cell_type=5)),
    "a source of numbers": cells(cell([1, 2])),
    "half a character": more("x: str = '\ud800'"),
    "an escaped half": more("x: str = '\\ud800'"),
    "NUL": more("x: int = 1\0"),
    "a text cell": cells(cell(DECLARED, cell_type="markdown")),
    "a magic": cells(cell(f"%%bash\n{RUNS}")),
    "a call": more(f"x: int = {RUNS}"),
    "a call as a type": more(f"x: {RUNS} = 1"),
    "a second line": more(f"x: int = 1; {RUNS}"),
    "a line that hides": more(f"x: int = 1  # a\r{RUNS}"),
    "minus signs": more("x: int = " + "-" * 50_000 + "1"),
    "a long sum": more("x: int = " + "1+" * 3_000 + "1"),
    "a long type": more("x: " + "a." * 2_000 + "a = 1"),
    "parentheses": more("x: int = " + "(" * 5_000 + "1" + ")" * 5_000),
    "levels": more("x: list = " + "[" * 90 + "]" * 90),
    "digits": more("x: int = " + "9" * 5_000),
    "too long a cell": more("x: str = '" + "x" * 70_000 + "'"),
    "UTF-16": DECLARED.encode("utf-16"),
    "a pickle": b"cos\nsystem\n(S'touch ran'\ntR.",
}


@pytest.fixture(scope="module")
def book(unspoilt, tmp_path_factory):
    """A workbook in which nothing is ever started, so that all may share it."""
    root = shutil.copytree(unspoilt, tmp_path_factory.mktemp("shared") / "book")
    a_notebook(root / "notebooks/p.ipynb", "1 + 1", parameters=DECLARED)
    return root


@pytest.fixture
def root(book, monkeypatch):
    monkeypatch.chdir(book.parent)
    yield book
    (book / "notebooks/z.ipynb").unlink(missing_ok=True)


def refused(root, told, *codes):
    assert told.code in codes, told.text[:300]
    assert "to fix: " in told.text
    assert told.seconds < SECONDS
    assert not (root / "runs").exists()
    assert not list(root.parent.rglob("ran"))
    return True


def run_with(root, given):
    return ask("run", "p", "flight-delay", "-p", given, "--workbook", root)


@pytest.mark.parametrize("name", NAMES, ids=shown)
def test_a_name_that_is_no_declared_parameter_is_refused_before_anything_starts(root, name):
    assert refused(root, run_with(root, f"{name}=1"), 2)


@pytest.mark.parametrize("given", VALUES, ids=shown)
def test_a_value_that_is_not_plain_json_of_its_kind_is_refused_before_anything_starts(root, given):
    assert refused(root, run_with(root, given), 2)


@pytest.mark.parametrize("given", SECRETS, ids=shown)
def test_a_secret_as_a_parameter_is_refused_and_not_repeated(root, given):
    told = run_with(root, given)

    assert refused(root, told, 2)
    assert "a secret" in told.text
    for part in ("a1B2", "ABCDEFGHIJ", "h7Gk", "hunter2", "Zx81", "MIIE"):
        assert part not in told.text


def test_what_was_given_without_a_name_is_not_repeated(root):
    told = run_with(root, "hunter2secret")

    assert refused(root, told, 2)
    assert "hunter2" not in told.text


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_notebook_cannot_declare_a_parameter_that_is_a_secret_by_name(root, name):
    a_notebook(root / "notebooks/z.ipynb", parameters=f'system: str = ""\n{name}: str = ""')

    told = ask("run", "z", "flight-delay", "--workbook", root)

    assert refused(root, told, 2)
    assert f"'{name}' names a secret" in told.text


@pytest.mark.parametrize("name", NOTEBOOKS, ids=shown)
def test_a_notebook_that_is_no_name_of_one_here_is_refused(root, name):
    assert refused(root, ask("run", name, "flight-delay", "--workbook", root), 2)


@pytest.mark.parametrize("content", FILES.values(), ids=list(FILES))
def test_a_file_that_is_no_notebook_is_refused_and_nothing_of_it_runs(root, content):
    file = root / "notebooks/z.ipynb"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())

    assert refused(root, ask("run", "z", "flight-delay", "--workbook", root), 2, 3)


def test_a_pipe_in_a_notebooks_place_is_not_waited_for(root):
    os.mkfifo(root / "notebooks/z.ipynb")

    assert refused(root, ask("run", "z", "flight-delay", "--workbook", root), 3)


def test_a_notebook_that_lies_outside_the_workbook_is_refused(root, tmp_path):
    a_notebook(tmp_path / "outside.ipynb", RUNS)
    (root / "notebooks/z.ipynb").symlink_to(tmp_path / "outside.ipynb")

    told = ask("run", "z", "flight-delay", "--workbook", root)

    assert refused(root, told, 2)
    assert "leaves the workbook" in told.text


TEXTS = [
    '"', "'", "\\", "a\nb", "a\rb", "\u2028", "\u0085", "\x0b", "\x1c", '"""', "'''", "\\'\n",
    "!touch ran", "\n!touch ran", "\u2028!touch ran", "%run x", "%%bash\ntouch ran", "x?", "?x",
    "{x}", "$x", "'; " + RUNS + " #", "\\N{BULLET}", "#", "\ufeff", "\u202e",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=shown)
def test_ipython_reads_the_injected_cell_as_the_literals_that_python_reads(text):
    given = {"t": text, "l": [text, {text: None}], "d": {text: [1, 1.5, True]}}
    source = injected_source(given)

    transformed = TransformerManager().transform_cell(source)

    assigned = {s.targets[0].id: ast.literal_eval(s.value) for s in ast.parse(transformed).body}
    assert assigned == given
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(transformed))


@pytest.mark.kernel
def test_hostile_texts_arrive_in_the_kernel_as_they_were_given(tmp_path):
    root = a_workbook(tmp_path)
    texts = [text for text in TEXTS if "\0" not in text]
    check = f"assert l == {texts!a}, l\nassert d == {{'a': l}}"
    a_notebook(root / "notebooks/z.ipynb", check, parameters=DECLARED)
    given = ["-p", f"l={json.dumps(texts)}", "-p", f"d={json.dumps({'a': texts})}"]

    told = ask("run", "z", "flight-delay", *given, "--workbook", root)

    assert told.code == 0, told.text
    assert not list(tmp_path.rglob("ran"))


def test_a_value_that_only_pretends_to_be_text_is_refused_below_the_command_line_too(root):
    class Crafted(str):
        def __repr__(self):
            return RUNS

    path = root / "notebooks/p.ipynb"

    with pytest.raises(Exception, match="is Crafted; expected str"):
        checked_parameters(path, {"t": Crafted("x")})
    with pytest.raises(Exception, match="holds Crafted"):
        checked_parameters(path, {"l": [Crafted("x")]})
    with pytest.raises(Exception, match="has a key that is no text"):
        checked_parameters(path, {"d": {Crafted("x"): 1}})


def test_an_exact_type_is_declared_and_kept(root):
    assert [p.name for p in declared_parameters(root / "notebooks/p.ipynb")][2] == "n"


@pytest.mark.parametrize("given", [VALUES[0], SECRETS[0], f"{NAMES[0]}=1"], ids=shown)
def test_a_user_reads_a_message_and_no_traceback(root, given):
    command = [sys.executable, "-m", "ops_model", "run", "p", "flight-delay", "-p", given]

    finished = subprocess.run(
        [*command, "--workbook", str(root)], capture_output=True, text=True, timeout=60
    )

    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr + finished.stdout
    assert "to fix: " in finished.stderr
