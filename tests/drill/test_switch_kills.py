"""Supervisor and target killed in mid-drill, for each kind of switch: the journal restores."""

import contextlib
import os
import signal
from pathlib import Path

import pytest

from ops_model.drill.leftovers import restore
from tests.drill.rehearsal import (
    a_rollback_plan,
    a_spec,
    alias_of,
    begun,
    journal_of,
    last_words,
    processes_in,
    supervisor_of,
    until,
    wait_for_step,
)
from tests.drill.switched import (
    SERVES,
    a_command_plan,
    a_plan_of_commands,
    alias_at,
    an_alias_plan,
    flag,
    running,
    served,
    writes,
)

pytestmark = [pytest.mark.faults, pytest.mark.alone]  # servers under a stopwatch

LIES = ("--fault", "lies-about-version")


def killed_in_mid_drill(root, plan, step, *, spared=None):
    """The spec of a drill whose supervisor and target were killed in this step."""
    spec = a_spec(root, plan)
    asker = begun(root, spec)
    wait_for_step(root, spec, step)
    until(lambda: any(e["event"] == "changing" for e in journal_of(root, spec)))
    os.kill(supervisor_of(root, spec), signal.SIGKILL)
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            works_here = (entry / "cwd").readlink() == root.resolve()
            if works_here and int(entry.name) != spared:
                os.kill(int(entry.name), signal.SIGKILL)
    last_words(asker)
    return spec


def test_the_admin_endpoint(workbook):
    spec = killed_in_mid_drill(
        workbook, a_rollback_plan("lies-about-version", max_seconds=60), "3. verify"
    )
    assert alias_of(workbook) == "v1"

    assert restore(workbook, "flight-delay") == (spec.id,)

    assert alias_of(workbook) == "v2"


def test_a_command(followed):
    plan = a_command_plan("lies-about-version", max_seconds=60)
    spec = killed_in_mid_drill(followed, plan, "3. verify")
    assert served(followed) == "v1"

    assert restore(followed, "flight-delay") == (spec.id,)

    assert served(followed) == "v2"


def test_steps_with_commands(followed):
    slow = writes(SERVES, "{version}")
    slow[2] += "\nimport time\nif text == 'v1': time.sleep(60)"
    plan = a_plan_of_commands(redeploy=slow, max_seconds=90)
    spec = a_spec(followed, plan)
    asker = begun(followed, spec)
    wait_for_step(followed, spec, "2. redeploy")
    until(lambda: served(followed) == "v1")
    os.kill(supervisor_of(followed, spec), signal.SIGKILL)
    last_words(asker)
    # The command went with the supervisor that it was begun by.
    until(lambda: processes_in(followed) == [])
    assert (served(followed), flag(followed)) == ("v1", "off")

    assert restore(followed, "flight-delay") == (spec.id,)

    assert (served(followed), flag(followed)) == ("v2", "on")
    undoing = [e["step"] for e in journal_of(followed, spec) if e["event"] == "undoing"]
    assert undoing == [2, 1]


def test_an_alias_of_mlflow(registered):
    start = ["python", *an_alias_plan().target.start[1:], *LIES]
    plan = an_alias_plan(target={"start": start}, max_seconds=60)
    spec = killed_in_mid_drill(registered, plan, "3. verify")
    assert alias_at(registered) == "1"

    assert restore(registered, "flight-delay") == (spec.id,)

    assert alias_at(registered) == "2"


def test_a_server_that_runs_already_and_is_not_killed(followed):
    steps = [*a_command_plan().steps[:1], {"kind": "verify", "text": "look",
             "expected_seconds": 1, "run": ["sleep", "60"]}]  # fmt: skip
    with running(followed) as (server, port):
        target = {"start": [], "url": f"http://127.0.0.1:{port}"}
        plan = a_command_plan(target=target, steps=steps, max_seconds=90)
        spec = killed_in_mid_drill(followed, plan, "2. verify by its command", spared=server.pid)
        assert served(followed) == "v1"

        assert restore(followed, "flight-delay") == (spec.id,)

        assert server.poll() is None
        assert served(followed) == "v2"
