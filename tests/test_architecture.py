"""What holds for the repository as a whole: floors, words, locks, start-up, the wheel."""

import ast
import json
import re
import subprocess
import sys
import tomllib
import venv
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*(ROOT / "ops_model").rglob("*.py"), *(ROOT / "checks").glob("*.py")])
HEAVY = ("pandas", "papermill", "nbclient", "nbconvert", "great_expectations", "ibis", "duckdb",
         "plotly", "sklearn", "sqlalchemy", "pyarrow")  # fmt: skip


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def test_imports_only_go_down_and_nothing_is_circular():
    finished = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True
    )

    assert finished.returncode == 0, finished.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_opens_with_a_docstring(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_help_loads_no_heavy_library():
    code = (
        "import sys\n"
        "from ops_model.cli import ops_model\n"
        "try:\n    ops_model(['--help'], standalone_mode=True)\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert finished.stderr.strip() == "[]"


@pytest.mark.parametrize("reader", ["ops_model.cli.context", "ops_model.notebook.environment"])
def test_the_readers_of_clock_and_environment_are_the_named_ones(reader):
    assert (ROOT / (reader.replace(".", "/") + ".py")).is_file()


def test_nothing_below_the_command_line_reads_clock_or_environment():
    # Beside the command line's: what gives a kernel's process its environment.
    kernels = {f"ops_model/notebook/{name}.py" for name in ("environment", "warm", "zygote")}
    allowed = {"ops_model/cli/context.py"} | kernels
    pattern = re.compile(r"datetime\.now\(|date\.today\(|time\.time\(|os\.environ|os\.getenv")

    readers = {
        str(p.relative_to(ROOT)) for p in SOURCES if pattern.search(p.read_text(encoding="utf-8"))
    }

    assert readers <= allowed


def test_the_lock_holds_every_dependency_and_no_address():
    # Spark has a lock of its own, for it is 400 MB that few need.
    locks = ("requirements.lock", "requirements-spark.lock")
    lock = "".join((ROOT / name).read_text(encoding="utf-8") for name in locks)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *chain.from_iterable(project["optional-dependencies"].values()),
    ]
    names = {re.split(r"[\[<>=~! ]", line)[0].lower().replace("_", "-") for line in wanted}

    locked = {m[1].lower() for m in re.finditer(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}

    assert names - locked == set()
    assert "://" not in lock


def test_environment_yml_points_at_the_lock_and_the_same_python():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")

    assert "-r requirements.lock" in text
    assert "python>=3.11" in text


def test_no_file_names_a_machine_path_or_a_package_index():
    index = re.compile(r"pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian\.org")
    machine = re.compile(r"(?<![A-Za-z0-9_.])/(work|farm)/[a-z]")
    own = Path(__file__).resolve()

    found = []
    for path in tracked_files():
        if path == own or path.suffix in {".png", ".parquet"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if index.search(text) or machine.search(text):
            found.append(str(path.relative_to(ROOT)))

    assert found == []


def test_no_output_claims_more_than_evidence_can_show():
    words = re.compile(r"\b(compliant|certified|guaranteed)\b", re.IGNORECASE)
    shown = [*SOURCES, *(ROOT / "templates").rglob("*.*"), *(ROOT / "notebooks").glob("*.ipynb")]

    found = [
        str(p.relative_to(ROOT)) for p in shown if words.search(p.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_a_command_exists_for_every_line_of_help():
    from ops_model.cli import COMMANDS, ops_model

    for name in COMMANDS:
        command = ops_model.get_command(None, name)

        assert command is not None
        assert command.help


def test_every_notebook_is_committed_without_outputs():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                assert cell["outputs"] == []
                assert cell["execution_count"] is None


@pytest.mark.slow
def test_the_wheel_works_away_from_the_checkout(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel], check=True
    )
    # The libraries come from this environment; the package itself only from the wheel.
    site = next(p for p in sys.path if p.endswith("site-packages"))
    here = {"PYTHONPATH": site, "PATH": "/usr/bin:/bin"}

    finished = subprocess.run(
        [python, "-m", "ops_model", "checks", "list", "--json"],
        cwd=tmp_path, env=here, capture_output=True, text=True,
    )  # fmt: skip
    origin = subprocess.run(
        [python, "-c", "import ops_model; print(ops_model.__file__)"],
        cwd=tmp_path, env=here, capture_output=True, text=True,
    ).stdout  # fmt: skip

    assert finished.returncode == 0, finished.stderr
    assert any(c["id"] == "RBK-02" for c in json.loads(finished.stdout)["checks"])
    assert str(tmp_path) in origin
