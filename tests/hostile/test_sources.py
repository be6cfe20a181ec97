"""No source of ours turns data into code, by whatever library."""

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What turns data into code, and the libraries that do nothing else.
CALLS = {
    "from_string", "eval", "exec", "compile", "unsafe_load", "full_load", "load_all",
    "read_pickle",
    "literal_column", "extractall", "urlopen", "urlretrieve", "popen",
    "execute_notebook", "parameterize_notebook", "execute_managed_notebook", "allow_pickle",
}  # fmt: skip
# Names that are harmless elsewhere: only these whole calls are meant.
WHOLE = {"yaml.load", "pickle.load", "pickle.loads", "joblib.load", "marshal.loads", "pd.eval",
         "df.query", "df.eval", "np.load", "torch.load", "os.system"}  # fmt: skip
LIBRARIES = {"pickle", "joblib", "marshal", "shelve", "dill", "cloudpickle", "telnetlib", "ftplib"}
SQL = {"text", "raw_sql", "sql", "exec_driver_sql"}
OWN_TEXT = {"self", "voice"}  # what has a method `text` and speaks no SQL

EXCUSED = {
    # the two words that begin a transaction
    "ops_model/store/ledger_file.py: connection.exec_driver_sql of a text that is made",
    # a role's name cannot be bound; it is quoted there
    "ops_model/store/ledger_postgres_init.py: connection.exec_driver_sql of a text that is made",
    # positions, numbers and words of our own: columns are renamed first, values are bound
    "ops_model/analysis/profile_duckdb.py: connection.raw_sql of a text that is made",
    # a view and a reader bind no path, a list of tables no database: they are quoted there
    "ops_model/store/warehouse_files.py: connection.raw_sql of a text that is made",
    "ops_model/store/text_files.py: connection.raw_sql of a text that is made",
    "ops_model/store/attached.py: connection.raw_sql of a text that is made",
    "ops_model/store/warehouse_spark.py: session.sql of a text that is made",
    # Ibis writes SQL of its own expression.
    "ops_model/store/staged.py: connection.compile",
}


def sources():
    for path in sorted([*(ROOT / "ops_model").rglob("*.py"), *(ROOT / "checks").glob("*.py")]):
        yield path, path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        yield path, "\n".join(code)


def name_of(node):
    """`a.b.c` of a call of that name; what is called on a value has one without its head."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def dangers_in(source):
    """Every call or import in a source that may turn data into code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            names = {module, *(alias.name for alias in node.names)}
            yield from (f"import {name}" for name in names if name.split(".")[0] in LIBRARIES)
        if isinstance(node, ast.Call):
            called = name_of(node.func)
            before, _, last = called.rpartition(".")
            if called in WHOLE or (last in CALLS and called != "re.compile"):
                yield called
            made = bool(node.args) and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
            if last in SQL and before not in OWN_TEXT and made:
                yield f"{called} of a text that is made"
            if any(k.arg == "shell" for k in node.keywords):
                yield f"{called} in a shell"


def test_nothing_in_the_sources_turns_data_into_code():
    found = [
        f"{path.relative_to(ROOT)}: {danger}"
        for path, source in sources()
        for danger in dangers_in(source)
    ]

    assert set(found) <= EXCUSED


@pytest.mark.parametrize(
    "source",
    ["yaml.load(t)", "env.from_string(t)", "eval(t)", "df.query(t)", "pd.eval(t)", "import joblib",
     "from pickle import loads", "sa.text(f'select {c}')", "sa.literal_column(c)",
     "connection.raw_sql('select ' + c)", "subprocess.run(c, shell=True)", "np.load(p)",
     "papermill.execute_notebook(a, b)", "archive.extractall()", "os.system(c)"],
)  # fmt: skip
def test_the_search_finds_what_it_is_meant_to_find(source):
    assert len(list(dangers_in(source))) == 1
