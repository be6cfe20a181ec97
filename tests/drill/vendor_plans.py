"""Paths whose vendor fails in a rehearsal, and the scene to rehearse them in."""

import time
from contextlib import contextmanager
from pathlib import Path

from ops_model.domain.fallback import FallbackPlan
from ops_model.drill import vendor_drill
from ops_model.drill.record import Journal, read_journal
from ops_model.drill.scene import Interruption, Scene

ROOT = Path(__file__).resolve().parents[2]
BAD = Path(__file__).with_name("bad_clients.py")
MODEL = "example-large-1"
NOTICE = "Our assistant is busy; answers may be shorter than usual. A colleague reads along."
DRILL = "fallback-0123456789abcdef"
QUICK = {"requests": 5, "requests_per_second": 50, "patience_seconds": 1,
         "return_within_seconds": 2}  # fmt: skip


def a_vendor_plan(*, path=None, **vendor):
    """One path over to a second provider, rehearsed against a vendor that fails, and quickly."""
    if not vendor.keys() & {"client", "start", "url"}:
        vendor["client"] = "shop_client:ask"
    return FallbackPlan.model_validate({
        "paths": [{
            "id": "second-provider", "replaces": "example-ai", "trigger": "three errors",
            "kind": "second_provider", "text": "ask the second provider", "capacity_share": "1",
            "user_notice": {"text": NOTICE, "channel": "chat", "within_seconds": 5},
            "vendor": {"environment": "test", "model": MODEL, **QUICK, **vendor},
            **(path or {}),
        }],
    })  # fmt: skip


def a_bad_client(mode, **vendor):
    """A plan whose client is one of `bad_clients.py`, given by its base URL."""
    return a_vendor_plan(start=["python", str(BAD), mode, "{primary}", "{model}"], **vendor)


@contextmanager
def a_scene(root, interruption=None, clock=time.monotonic):
    """A drill's surroundings in a folder."""
    root.mkdir(exist_ok=True)
    journal = Journal(root / "drill.jsonl", time.monotonic)
    try:
        yield Scene(root, DRILL, journal, interruption or Interruption(), clock)
    finally:
        journal.close()


def rehearsed(root, plan):
    """The facts of one drill, carried out here; with its problems and the entries it journaled."""
    with a_scene(root) as scene:
        facts = vendor_drill.rehearse(plan.paths[0], scene)
    return facts | {
        "problems": scene.problems, "passed": not scene.problems,
        "journal": read_journal(root / "drill.jsonl"),
    }  # fmt: skip


def a_module(root, text, name="shop_client"):
    """A client of the workbook's own; its name as a plan gives it."""
    root.mkdir(exist_ok=True)
    (root / f"{name}.py").write_text(text, encoding="utf-8")
    return f"{name}:ask"
