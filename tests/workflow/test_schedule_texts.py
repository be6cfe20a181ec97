"""What schedulers read is read back by each one's own reader, where there is one."""

import ast
import re
import shlex
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
import yaml

from ops_model import __version__
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import UsageError
from ops_model.workflow.schedule_texts import SCHEDULERS, SWEEP, schedule_text
from tests.builders import a_model
from tests.conftest import require

NOW = datetime(2026, 11, 26, tzinfo=UTC)
PROGRAM = ("/opt/ops/bin/ops-model",)
HOSTILE = 'Our "AI" \\\n* * * * * rm -rf ~ # ${{ secrets.X }} %n $(id) `id` """ {{ 1 }}'
FOLDER = '/srv/it\'s 50% "ours" $HOME {{ ds }} (new) ; ls & x'


def a_book(**changes):
    settings = {
        "name": "Our systems", "zone": "Europe/Berlin",
        "alert_routes": [{"channel": "page", "address_in": "OPS_MODEL_PAGE"}],
        "watch": {"ping_in": "OPS_MODEL_PING"},
        "schedules": [
            {"notebook": "07_weekly_ops_report", "cron": "0 6 * * 1"},
            {"notebook": "05_drift_quality", "cron": "30 1 * * *"},
            {"notebook": "06_cost", "cron": "30 1 * * *"},
        ],
    }  # fmt: skip
    settings = WorkbookSettings.model_validate({**settings, **changes}, strict=False)
    return a_model().model_copy(update={"settings": settings})


def text_of(scheduler, root, model=None, program=PROGRAM):
    return schedule_text(root, model or a_book(), scheduler, program=program, as_of=NOW)


def code_of(text):
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def crontab(text):
    """The entries of a crontab as cron reads them: when, and the words that its shell gets."""
    entries = [line for line in code_of(text) if not re.match(r"[A-Z_]+=", line)]
    read = []
    for entry in entries:
        *when, command = entry.split(" ", 5)
        ended = re.search(r"(?<!\\)%", command)
        assert not ended, "cron would end the command here"
        read.append((" ".join(when), shlex.split(command.replace(r"\%", "%"))))
    return read


def systemd(text):
    """The four files, each with its keys as systemd reads them."""
    files = {}
    for part in text.split("# ---- ")[1:]:
        name, _, body = part.partition("\n")
        files[name] = [line.split("=", 1) for line in code_of(body) if "=" in line]
    return files


def unquoted(line):
    """The words of an ExecStart, with what systemd makes of them."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"', line)
    plain = [re.sub(r"\\(.)", r"\1", word) for word in words]
    return [word.replace("%%", "%").replace("$$", "$") for word in plain]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / FOLDER.lstrip("/")
    made.mkdir(parents=True)
    return made


def test_cron_has_one_entry_for_each_distinct_line_in_the_zone_of_the_workbook(tmp_path):
    text = text_of("cron", tmp_path)

    whens = [when for when, _ in crontab(text)]
    assert whens == ["0 6 * * 1", "30 1 * * *", SWEEP, "*/15 * * * *"]
    assert "CRON_TZ=Europe/Berlin" in code_of(text)


def test_cron_calls_what_is_due_and_tells_who_must_know(tmp_path):
    called = [words for _, words in crontab(text_of("cron", tmp_path))]

    due = [*PROGRAM, "run", "--due", "--workbook", str(tmp_path)]
    watch = [*PROGRAM, "watch", "--all", "--tell", "--workbook", str(tmp_path)]
    assert called == [[*words, ">/dev/null"] for words in (due, due, due, watch)]


def test_systemd_fires_at_each_line_and_catches_up_after_it_was_off(tmp_path):
    files = systemd(text_of("systemd", tmp_path))

    timer = files["ops-model-due.timer"]
    assert [value for key, value in timer if key == "OnCalendar"] == [
        "Mon *-*-* 06:00:00 Europe/Berlin", "*-*-* 01:30:00 Europe/Berlin",
        "*-*-* *:17:00 Europe/Berlin",
    ]  # fmt: skip
    assert ["Persistent", "true"] in timer
    names = [
        f"ops-model-{what}.{kind}" for what in ("due", "watch") for kind in ("service", "timer")
    ]
    assert list(files) == names


def test_systemd_itself_takes_every_calendar_that_is_printed(tmp_path):
    require(shutil.which("systemd-analyze") is not None, "systemd-analyze")
    files = systemd(text_of("systemd", tmp_path))
    calendars = [v for entries in files.values() for key, v in entries if key == "OnCalendar"]

    told = subprocess.run(
        ["systemd-analyze", "calendar", *calendars], capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stderr
    assert len(calendars) == 4


def test_github_is_told_in_utc_once_for_summer_and_once_for_winter(tmp_path):
    read = yaml.safe_load(text_of("github", tmp_path))

    # YAML 1.1 reads the bare word `on` as true; GitHub does not.
    crons = [entry["cron"] for entry in read[True]["schedule"]]
    assert crons == ["0 4 * * 1", "0 5 * * 1", "30 23 * * *", "30 0 * * *", SWEEP]
    job = read["jobs"]["due"]
    assert job["env"]["OPS_MODEL_PING"] == "${{ secrets.OPS_MODEL_PING }}"
    assert 'ops-model run --due --workbook "$WORKBOOK"' in [s.get("run") for s in job["steps"]]


def test_github_speaks_of_clocks_that_change_only_where_they_do(tmp_path):
    changing, fixed = text_of("github", tmp_path), text_of("github", tmp_path, a_book(zone="UTC"))

    assert "since the clocks of Europe/Berlin change" in changing
    assert "once for summer and once for winter" in changing
    assert "the clocks of UTC do not change" in fixed
    assert "winter" not in fixed


def test_github_finds_the_workbook_in_its_repository_and_keeps_what_was_recorded(tmp_path):
    (tmp_path / ".git").mkdir()
    root = tmp_path / "our books" / "ops"
    root.mkdir(parents=True)
    database = "postgresql://ops@db.example/ops"

    read = yaml.safe_load(text_of("github", root))
    other = text_of("github", root, a_book(ledger=database))

    assert read["jobs"]["due"]["env"]["WORKBOOK"] == "our books/ops"
    assert "for kept in runs ledger.db; do" in read["jobs"]["due"]["steps"][-1]["run"]
    assert "for kept in runs; do" in other


def test_airflow_gets_a_file_of_python_with_every_line_in_its_zone(tmp_path):
    tree = ast.parse(text_of("airflow", tmp_path))

    compile(tree, "dag.py", "exec")
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    values = {node.targets[0].id: node.value for node in assigned}
    named = {name: ast.literal_eval(values[name]) for name in ("ZONE", "RUN", "WATCH")}
    strings = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    assert named["ZONE"] == "Europe/Berlin"
    assert named["RUN"] == [*PROGRAM, "run", "--due", "--workbook", str(tmp_path)]
    assert {"0 6 * * 1", "30 1 * * *", SWEEP} <= set(strings)


def test_a_hostile_name_stays_in_its_comment(tmp_path):
    model, plain = a_book(name=HOSTILE), a_book()

    for scheduler in SCHEDULERS:
        hostile = text_of(scheduler, tmp_path, model)
        assert code_of(hostile) == code_of(text_of(scheduler, tmp_path, plain)), scheduler


def test_a_hostile_folder_is_one_word_to_each_of_them(folder):
    cron = crontab(text_of("cron", folder))
    units = systemd(text_of("systemd", folder))
    airflow = ast.parse(text_of("airflow", folder))
    github = yaml.safe_load(text_of("github", folder / "x"))

    assert all(words[-2] == str(folder) for _, words in cron)
    exec_start = dict(units["ops-model-due.service"])["ExecStart"]
    assert unquoted(exec_start) == [*PROGRAM, "run", "--due", "--workbook", str(folder)]
    lists = [ast.literal_eval(n) for n in ast.walk(airflow) if isinstance(n, ast.List)]
    assert all(words[-1] == str(folder) for words in lists)
    assert github["jobs"]["due"]["env"]["WORKBOOK"] == "."


@pytest.mark.parametrize(
    ("scheduler", "name"),
    [("cron", "a\\b"), ("github", "a ${{ x }}"), ("systemd", "a\nb"), ("airflow", "a\x1bb")],
)
def test_a_folder_that_a_text_cannot_hold_is_refused(tmp_path, scheduler, name):
    with pytest.raises(UsageError, match="can hold safely") as refused:
        text_of(scheduler, tmp_path / name)

    assert "move the workbook to a folder with a plain name" in str(refused.value)


def test_without_a_line_there_is_nothing_to_print(tmp_path):
    with pytest.raises(UsageError, match="no line says when a notebook is due"):
        text_of("cron", tmp_path, a_book(schedules=[]))


def test_a_workbook_may_have_a_text_of_its_own(tmp_path):
    own = tmp_path / "templates" / "schedule"
    own.mkdir(parents=True)
    (own / "cron.txt").write_text("$sweep our-wrapper $zone\n", encoding="utf-8")

    assert text_of("cron", tmp_path) == f"{SWEEP} our-wrapper Europe/Berlin\n"


def test_github_installs_what_lies_in_the_repository_and_nothing_that_an_index_has(tmp_path):
    steps = yaml.safe_load(text_of("github", tmp_path))["jobs"]["due"]["steps"]

    (installs,) = [step["run"] for step in steps if "install" in step.get("run", "")]
    wheel = f"ops_model-{__version__}-py3-none-any.whl"
    assert shlex.split(installs) == ["pip", "install", f"./wheels/{wheel}[alerts]"]
