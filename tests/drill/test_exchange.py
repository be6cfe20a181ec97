"""The rehearsed exchange of a pinned model, with clients that can and that cannot."""

import signal
import threading
import time

import pytest

from ops_model.domain.change import SwapPlan
from ops_model.drill import exchange
from ops_model.drill.record import Journal, read_journal
from ops_model.drill.scene import BrokenOffError, Interruption, Scene
from ops_model.errors import DrillError
from tests.drill.vendor_plans import a_module

PINNED, NEXT = "large-1", "large-2"
CHAIN = (
    "import time\n"
    "from ops_model.example.assistant_client import Breaker, ask as chain\n"
    "breaker = Breaker(time.monotonic, again_seconds=0.2)\n"
    "def ask(question, **given):\n    return chain(question, breaker=breaker, **given)\n"
)
# Asks for whatever model a file names, as one that is configured does; without a way on.
CONFIGURED = (
    "from pathlib import Path\n"
    "from ops_model.example.assistant_client import _completion\n"
    "import time\n"
    "def ask(question, *, primary, backup, model):\n"
    "    asked = Path('model.txt').read_text().strip()\n"
    "    text = _completion(primary, asked, question, time.monotonic() + 2)\n"
    "    return {'answer': text, 'model': asked}\n"
)
SWITCH = ("python", "-c", "import sys, pathlib; pathlib.Path('model.txt').write_text(sys.argv[1])",
          "{model}")  # fmt: skip
STUCK = CHAIN.replace("breaker, **given)", f"breaker, **{{**given, 'model': {PINNED!r}}})")


def a_plan(root, text, **changes):
    client = a_module(root, text)
    (root / "model.txt").write_text(PINNED)
    target = {"environment": "test", "client": client, "model": PINNED,
              "requests_per_second": 50, "patience_seconds": 2}  # fmt: skip
    plan = {"dependency": "example-ai", "to_model": NEXT, "rehearsed_on": target, **changes}
    return SwapPlan.model_validate(plan)


def rehearsed(root, plan, interruption=None, clock=time.monotonic):
    journal = Journal(root / "drill.jsonl", time.monotonic)
    scene = Scene(root, "swap-0123456789abcdef", journal, interruption or Interruption(), clock)
    try:
        facts = exchange.rehearse(plan, scene)
    finally:
        journal.close()
    return facts | {"problems": scene.problems}


def events(root):
    return [entry["event"] for entry in read_journal(root / "drill.jsonl")]


def test_a_client_that_is_told_by_each_request_serves_the_successor_and_returns(tmp_path):
    facts = rehearsed(tmp_path, a_plan(tmp_path, CHAIN))

    assert facts["problems"] == []
    assert (facts["from_model"], facts["to_model"], facts["returned"]) == (PINNED, NEXT, True)
    assert 0 < facts["seconds"]["value"] < 5
    assert (facts["lost"], facts["lost_after"]) == (0, 0)
    # Nothing of the user's was changed, so that a kill leaves nothing to put back.
    assert "decided" not in events(tmp_path)


def test_a_client_that_a_command_switches_is_switched_back(tmp_path):
    facts = rehearsed(tmp_path, a_plan(tmp_path, CONFIGURED, switch=SWITCH))

    assert (facts["problems"], facts["returned"]) == ([], True)
    assert (tmp_path / "model.txt").read_text() == PINNED
    # Without a way on whoever asked between the retirement and the switch got nothing.
    assert facts["lost"] > 0
    assert facts["lost_after"] == 0
    assert events(tmp_path).index("decided") < events(tmp_path).index("restored")


def test_words_that_a_client_has_ready_are_no_answer_while_the_model_is_retired(tmp_path):
    plain = CONFIGURED.replace("def ask(", "def asked(")
    canned = (
        "def ask(question, **given):\n"
        "    try:\n        return asked(question, **given)\n"
        "    except Exception as error:\n        return {'answer': type(error).__name__}\n"
    )

    facts = rehearsed(tmp_path, a_plan(tmp_path, plain + canned, switch=SWITCH))

    assert facts["lost"] > 0


def test_a_client_that_goes_on_asking_for_the_retired_model_never_is_healthy(tmp_path):
    facts = rehearsed(tmp_path, a_plan(tmp_path, STUCK, max_seconds=1))

    assert facts["seconds"]["value"] is None
    assert facts["returned"]
    (problem,) = facts["problems"]
    assert problem.startswith(f"{NEXT} did not serve within 1 s: answers came from the backup")


def test_a_switch_that_fails_is_told_and_the_pinned_model_serves_again(tmp_path):
    broken = ("python", "-c", f"import sys; sys.exit(sys.argv[1] != {PINNED!r})", "{model}")
    facts = rehearsed(tmp_path, a_plan(tmp_path, CONFIGURED, switch=broken, max_seconds=1))

    assert facts["problems"][0].startswith("the client could not be switched: `python")
    assert (facts["seconds"]["value"], facts["returned"]) == (None, True)


def test_a_client_that_does_not_ask_the_stand_in_is_refused_before_anything_is_changed(tmp_path):
    silent = "def ask(question, **given):\n    return 'hello'\n"

    def hasty():
        return 20 * time.monotonic()

    with pytest.raises(DrillError, match="answers did not come from the vendor's stand-in"):
        rehearsed(tmp_path, a_plan(tmp_path, silent), clock=hasty)


def test_a_drill_that_is_broken_off_leaves_the_client_asking_for_the_pinned_model(tmp_path):
    interruption = Interruption()
    # The successor is never reached, so that there is time to break off.
    plan = a_plan(tmp_path, STUCK, switch=SWITCH, max_seconds=60)

    def break_off():
        while "decided" not in (events(tmp_path) if (tmp_path / "drill.jsonl").exists() else []):
            time.sleep(0.02)
        time.sleep(0.5)
        interruption.give(f"it got {signal.SIGINT.name}")

    threading.Thread(target=break_off, daemon=True).start()
    with pytest.raises(BrokenOffError, match="SIGINT"):
        rehearsed(tmp_path, plan, interruption)

    assert (tmp_path / "model.txt").read_text() == PINNED
    assert events(tmp_path)[-1] == "restored"


def test_what_a_killed_drill_left_switched_is_put_back_and_seen(tmp_path):
    plan = a_plan(tmp_path, CONFIGURED, switch=SWITCH)
    (tmp_path / "model.txt").write_text(NEXT)

    assert exchange.put_back(plan, root=tmp_path, drill_id="swap-0123456789abcdef") == ""
    assert (tmp_path / "model.txt").read_text() == PINNED


def test_without_a_command_a_killed_drill_left_nothing(tmp_path):
    plan = a_plan(tmp_path, "raise RuntimeError\n")

    assert exchange.put_back(plan, root=tmp_path, drill_id="swap-0123456789abcdef") == ""


@pytest.mark.parametrize(
    ("pinned", "changes", "said"),
    [
        (None, {}, "nobody wrote which model of example-ai is agreed"),
        ("large-0", {}, "the client asks for large-1, and large-0 is agreed"),
        (PINNED, {"to_model": PINNED}, "large-1 is to be exchanged for itself"),
    ],
)
def test_an_exchange_that_shows_nothing_is_refused(tmp_path, pinned, changes, said):
    plan = a_plan(tmp_path, CHAIN, **changes)

    with pytest.raises(DrillError, match=said):
        exchange.refuse_unrehearsable(plan, pinned)
