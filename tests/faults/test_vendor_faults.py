"""The drill against a vendor at full length, and its supervisor killed in the middle of it."""

import os
import secrets
import shutil
import signal
import time

import pytest

from ops_model.domain.fallback import FAULTS
from ops_model.drill.launch import supervise
from ops_model.drill.leftovers import drill_runs, restore, unfinished
from ops_model.drill.spec import DrillSpec, drills_folder
from tests.drill.rehearsal import (
    begun,
    last_words,
    processes_in,
    supervisor_of,
    wait_for_step,
)
from tests.drill.vendor_plans import ROOT, a_module, a_vendor_plan

pytestmark = [pytest.mark.faults, pytest.mark.alone]

FULL = {"requests": 20, "requests_per_second": 8, "patience_seconds": 5,
        "return_within_seconds": 10}  # fmt: skip
SERVED, WHOLE_SECONDS = 0.99, 90


def a_spec(root, plan):
    return DrillSpec(
        kind="fallback", id=f"fallback-{secrets.token_hex(8)}", root=str(root),
        system="support-assistant", fallback=plan,
    )  # fmt: skip


def test_the_documented_client_reaches_the_figures_within_ninety_seconds(tmp_path):
    shutil.copy(ROOT / "docs" / "examples" / "fallback_client.py", tmp_path)
    plan = a_vendor_plan(client="fallback_client:ask", **FULL)
    began = time.monotonic()

    facts = supervise(a_spec(tmp_path, plan))

    assert time.monotonic() - began < WHOLE_SECONDS
    assert facts["problems"] == []
    assert [fault["fault"] for fault in facts["faults"]] == list(FAULTS)
    assert min(fault["served_share"]["value"] for fault in facts["faults"]) >= SERVED
    assert {fault["notice_share"]["value"] for fault in facts["faults"]} == {1.0}
    assert (facts["lost"], facts["swap_noticed"], facts["returned"]) == (0, True, True)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_supervisor_that_is_ended_takes_stand_in_and_client_with_it(tmp_path, ending):
    client = a_module(tmp_path, "from ops_model.example.assistant_client import ask\n")
    spec = a_spec(tmp_path, a_vendor_plan(client=client, **FULL))
    asker = begun(tmp_path, spec)
    wait_for_step(tmp_path, spec, "example-ai says nothing")

    os.kill(supervisor_of(tmp_path, spec), ending)
    last_words(asker)

    deadline = time.monotonic() + 10
    while (left := processes_in(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []
    assert unfinished(drills_folder(tmp_path, "support-assistant")) == []
    assert not drill_runs(tmp_path, "support-assistant")
    assert restore(tmp_path, "support-assistant") == ()
