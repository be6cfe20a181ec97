"""A rollback drill whose version is switched by a command, an alias, or the plan's own steps."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops_model.drill.commands import run_command
from ops_model.drill.leftovers import restore
from ops_model.drill.rehearsable import refuse_unrehearsable
from ops_model.errors import DrillError
from tests.drill.rehearsal import (
    a_spec,
    a_step,
    begun,
    journal_of,
    last_words,
    processes_in,
    rehearse,
    supervisor_of,
    until,
    wait_for_step,
)
from tests.drill.switched import (
    SERVES,
    a_command_plan,
    a_free_port,
    a_plan_of_commands,
    alias_at,
    an_alias_plan,
    flag,
    running,
    served,
    writes,
)

pytestmark = [pytest.mark.slow, pytest.mark.alone]  # servers under a stopwatch


def names(facts):
    return [step["name"] for step in facts["steps"] if step["name"][0].isdigit()]


def test_a_command_switches_and_the_server_that_follows_it_is_waited_for(followed):
    facts = rehearse(followed, a_command_plan())

    assert facts["problems"] == []
    assert (facts["passed"], facts["switched_by"]) == (True, "command")
    assert facts["requests"] > 40
    assert (facts["lost"], facts["duplicated"], facts["changed"]) == (0, 0, 0)
    assert served(followed) == "v2"


def test_a_command_that_fails_is_told_by_its_first_line_and_what_it_did_is_undone(followed):
    half = writes(SERVES, "{version}")
    half[2] += "\nif text == 'v1': sys.exit('no quota left\\nand more')"

    facts = rehearse(followed, a_command_plan(run=half))

    assert "ended with code 1: " in facts["problems"][0]
    assert facts["problems"][0].endswith("no quota left")
    assert (facts["passed"], facts["restored"], facts["broke_off_at"]) == (
        False, True, "1. switch_alias",
    )  # fmt: skip
    assert served(followed) == "v2"


def test_a_server_that_follows_and_lies_is_found_out_and_what_was_written_is_put_back(followed):
    facts = rehearse(followed, a_command_plan("lies-about-version", max_seconds=1))

    assert (facts["healthy"], facts["restored"]) == (False, True)
    assert facts["broke_off_at"] == "3. verify"
    assert served(followed) == "v2"


def test_a_command_that_hangs_is_killed_with_its_children(followed):
    hangs = ["sh", "-c", "sleep 60 & sleep 61"]

    why = run_command(tuple(hangs), root=followed, seconds=0.3, check=lambda: None)

    assert why == "`sh -c sleep 60 & sleep 61` was not done within 0.3 s, and was ended"
    assert processes_in(followed) == []


def test_what_a_command_left_running_is_left_alone(followed):
    deploys = ["sh", "-c", "sleep 60 & echo $! > pid"]

    why = run_command(tuple(deploys), root=followed, seconds=5, check=lambda: None)

    pid = int((followed / "pid").read_text())
    runs = Path(f"/proc/{pid}").exists()
    os.kill(pid, signal.SIGKILL)
    assert (why, runs) == ("", True)


def test_a_command_gets_no_variable_of_the_user(followed, monkeypatch):
    monkeypatch.setenv("API_KEY", "secret")

    why = run_command(
        ("sh", "-c", 'test -z "$API_KEY" && test -n "$PATH"'), root=followed, seconds=5,
        check=lambda: None,
    )  # fmt: skip

    assert why == ""


def test_a_command_that_is_not_there_is_said_to_be_so(followed):
    why = run_command(("no-such-command",), root=followed, seconds=5, check=lambda: None)

    assert why == (
        "`no-such-command` ended with code 127: no-such-command: No such file or directory"
    )


def test_steps_with_commands_are_carried_out_and_undone_last_first(followed):
    spec = a_spec(followed, a_plan_of_commands())
    from ops_model.drill.launch import supervise

    facts = supervise(spec)

    assert facts["problems"] == []
    assert facts["switched_by"] == "command"
    assert names(facts) == ["1. flag_off", "2. redeploy", "3. verify"]
    events = journal_of(followed, spec)
    assert [e["step"] for e in events if e["event"] == "undoing"] == [2, 1]
    # What the answers show is undone once they have shown it; the flag, when its command ended.
    assert [e["step"] for e in events if e["event"] == "undone"] == [1, 2]
    assert (served(followed), flag(followed)) == ("v2", "on")


def test_the_abort_point_is_the_first_step_that_changes_something(followed):
    plan = a_plan_of_commands()
    before = {**a_step("announce")}, {**a_step("drain")}

    facts = rehearse(followed, plan.model_copy(update={
        "steps": (*a_command_plan(steps=[*before]).steps, *plan.steps)}))  # fmt: skip

    assert facts["abort_point"]["step"] == "3. flag_off"
    assert 0 <= facts["abort_point"]["seconds"]["value"] < facts["seconds"]["value"]
    assert facts["broke_off_at"] is None


def test_the_steps_after_one_that_failed_are_neither_carried_out_nor_undone(followed):
    plan = a_plan_of_commands(redeploy=["sh", "-c", "echo {version} >> tries; exit 3"])

    facts = rehearse(followed, plan)

    assert names(facts) == ["1. flag_off", "2. redeploy"]
    assert facts["broke_off_at"] == "2. redeploy"
    # What was begun is undone too, for nobody knows how far it came.
    assert (followed / "tries").read_text().split() == ["v1", "v2"]
    assert not facts["restored"]
    assert flag(followed) == "on"


def test_what_cannot_be_undone_is_said_to_be_left_to_do_in_words_that_can_be_typed(followed):
    plan = a_plan_of_commands(redeploy=["sh", "-c", "test {version} = v1 && echo v1 > serves.txt"])

    facts = rehearse(followed, plan)

    left = next(p for p in facts["problems"] if "left to do" in p)
    assert "2. redeploy was not undone: `sh -c test v2 = v1" in left
    assert left.endswith(
        "left to do: let v2 serve by hand: `sh -c test v2 = v1 && echo v1 > serves.txt`"
    )
    with pytest.raises(
        DrillError, match=r"could not be put back: 2\. redeploy was not undone"
    ) as e:
        restore(followed, "flight-delay")
    assert e.value.problems[0].remedy.endswith("serves.txt`, then run the command again")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"kind": "restore_data"}, "step 1 is restore_data; a drill can do switch_alias, drain"),
        ({"kind": "flag_off", "run": ["true"]}, "step 1 (flag_off) could not be undone"),
        ({"kind": "switch_alias", "undo": ["true"]}, "has `undo` without `run`"),
        (
            {"kind": "retrain", "run": ["true"]},
            "retrain, which is no rollback step",
        ),
    ],
)
def test_a_step_that_cannot_be_carried_out_or_undone_is_refused(step, said):
    plan = a_plan_of_commands(steps=[{**a_step("x"), **step}])

    with pytest.raises(DrillError) as refused:
        refuse_unrehearsable(plan)

    assert said in refused.value.problems[0].message
    assert refused.value.problems[0].remedy


def test_ctrl_c_while_a_command_runs_ends_it_and_returns(followed):
    slow = writes(SERVES, "{version}")
    slow[2] += "\nimport time\nif text == 'v1': time.sleep(60)"
    spec = a_spec(followed, a_plan_of_commands(redeploy=slow, max_seconds=90))
    asker = begun(followed, spec)
    wait_for_step(followed, spec, "2. redeploy")
    until(lambda: served(followed) == "v1")

    os.kill(supervisor_of(followed, spec), signal.SIGINT)
    told = last_words(asker)

    assert "the drill was broken off: it got SIGINT" in told
    assert (served(followed), flag(followed)) == ("v2", "on")


def test_a_server_that_runs_already_is_rehearsed_against_and_still_runs(followed):
    with running(followed) as (server, port):
        target = {"start": [], "url": f"http://127.0.0.1:{port}"}

        facts = rehearse(followed, a_command_plan(target=target))

        still_runs = server.poll() is None
    assert facts["problems"] == []
    assert facts["steps"][1]["name"] == "find the target"
    assert still_runs


def test_a_running_server_that_dies_is_not_started_anew_and_what_is_left_is_said(followed):
    kills = ["sh", "-c", "test {version} = v2 || kill -9 $(cat pid); echo {version} > serves.txt"]
    with running(followed) as (server, port):
        (followed / "pid").write_text(str(server.pid), encoding="utf-8")
        target = {"start": [], "url": f"http://127.0.0.1:{port}"}

        facts = None
        with pytest.raises(DrillError) as left:
            facts = rehearse(followed, a_command_plan(run=kills, target=target, max_seconds=1))

    assert facts is None
    told = " ".join(problem.message for problem in left.value.problems)
    assert "v2 was not restored" in told
    assert "left to do: let v2 serve by hand" in told
    assert served(followed).strip() == "v2"


def test_a_server_elsewhere_is_refused_before_anything_is_asked(followed):
    plan = a_command_plan(target={"start": [], "url": "http://10.0.0.7:8080"})

    with pytest.raises(DrillError, match="a drill speaks to this machine alone") as refused:
        rehearse(followed, plan)

    assert "ssh -L" in refused.value.problems[0].remedy


def test_a_port_in_use_is_said_and_nothing_was_switched(followed):
    port = a_free_port()
    plan = a_command_plan(
        target={"start": ["python", "-m", "ops_model.example.serve", "--no-weather-feed",
                          "--port", str(port)]}
    )  # fmt: skip
    holds = f"import socket,time; s=socket.create_server(('127.0.0.1',{port})); print(1,flush=True); time.sleep(60)"  # noqa: E501 - one command
    with subprocess.Popen([sys.executable, "-c", holds], stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()

        with pytest.raises(DrillError, match=f"cannot listen on port {port}"):
            rehearse(followed, plan)

        holder.kill()
    assert served(followed) == "v2"


def test_an_alias_of_mlflow_is_switched_followed_and_put_back(registered):
    facts = rehearse(registered, an_alias_plan())

    assert facts["problems"] == []
    assert facts["switched_by"] == "mlflow_alias"
    assert facts["served_digest"].startswith("sha256:")
    assert facts["seconds"]["value"] < 5
    assert alias_at(registered) == "2"


@pytest.mark.faults
def test_an_alias_that_somebody_else_moved_meanwhile_is_left_alone_and_told(registered):
    # It stands at 3 after the switch, as if a colleague had put a mended version there.
    meddles = (
        "import sqlite3\n"
        "db = sqlite3.connect('mlflow.db', timeout=9)\n"
        "db.execute('UPDATE registered_model_aliases SET version = 3')\n"
        "db.commit()"
    )
    steps = [a_step("switch_alias"), {**a_step("verify"), "run": ["python", "-c", meddles]}]

    facts = rehearse(registered, an_alias_plan(steps=steps, max_seconds=1))

    assert not facts["restored"]
    told = next(p for p in facts["problems"] if "left to do" in p)
    assert "stands at 3, where somebody else put it" in told
    assert "set the alias champion of flight in mlflow.db to version 2" in told
    assert alias_at(registered) == "3"


@pytest.mark.parametrize(
    ("switch", "said"),
    [
        ({"registry": "other.db"}, "there is no registry other.db in the workbook"),
        ({"alias": "blue"}, "alias blue not found"),
        ({"versions": {"v1": "2", "v2": "1"}}, "the alias champion stands at 2; expected 1"),
    ],
)
def test_an_alias_that_is_not_as_the_plan_says_is_refused_before_anything_changes(
    registered, switch, said
):
    spec = a_spec(registered, an_alias_plan(switch=switch))
    from ops_model.drill.launch import supervise

    with pytest.raises(DrillError, match=said) as refused:
        supervise(spec)

    assert refused.value.problems[0].remedy
    assert alias_at(registered) == "2"
    assert not any(e["event"] == "decided" for e in journal_of(registered, spec))


def test_without_mlflow_the_extra_is_named_and_nothing_is_changed(workbook, monkeypatch):
    # A module of this name that cannot be imported, as where nothing of it is installed.
    (workbook / "without").mkdir()
    (workbook / "without/mlflow.py").write_text("raise ImportError", encoding="utf-8")
    (workbook / "mlflow.db").touch()
    monkeypatch.syspath_prepend(workbook / "without")

    with pytest.raises(DrillError, match="an alias of MLflow, which is not installed") as refused:
        rehearse(workbook, an_alias_plan())

    assert refused.value.problems[0].remedy == "pip install 'ops-model[mlflow]'"


def test_a_label_that_the_registry_has_no_version_for_is_refused_with_both_places():
    plan = an_alias_plan(switch={"versions": {"v2": "2"}})

    with pytest.raises(DrillError, match="does not say which version of flight our v1 is"):
        refuse_unrehearsable(plan)
