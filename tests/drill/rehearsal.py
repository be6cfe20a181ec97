"""A small workbook whose example server has two real versions, and plans to rehearse with it."""

import json
import secrets
import subprocess
import sys
import time
from pathlib import Path

from ops_model.domain.fallback import FallbackPlan
from ops_model.domain.rollback import RollbackPlan
from ops_model.drill.launch import supervise
from ops_model.drill.record import read_journal
from ops_model.drill.spec import DrillSpec
from ops_model.example.model import CategoryTerm, FlightModel, NumericTerm
from ops_model.example.serve import NOTICE

ROOT = Path(__file__).resolve().parents[2]
WEATHER = {"temp": 84.2, "humid": 61.5, "wind_speed": 11.5, "precip": 0.0, "pressure": 1013.2,
           "visib": 10.0}  # fmt: skip
SCHEDULE = {"hour": 17, "distance": 1089, "carrier": "B6", "origin": "JFK"}


def a_model(version, *, intercept):
    """Two numbers and a category: at 17:00 from JFK the sum is intercept + 1.7 + 0.3."""
    return FlightModel(
        version=version, feature_spec="tiny", trained_on="nothing", trained_with="a pencil",
        rows=0, threshold=0.5, intercept=intercept,
        numeric={"hour": NumericTerm(fill=0, mean=0, scale=10, weight=1),
                 "temp": NumericTerm(fill=0, mean=84.2, scale=10, weight=1)},
        categories={"origin": CategoryTerm(weights={"JFK": 0.3})},
    )  # fmt: skip


def a_served_workbook(root):
    """Models v1 (sum 0, so probability 0.5) and v2 (sum 1), and one hour of weather."""
    models = root / "data" / "flight-delay" / "models"
    models.mkdir(parents=True)
    a_model("v1", intercept=-2.0).save(models / "v1.json")
    a_model("v2", intercept=-1.0).save(models / "v2.json")
    hour = {"origin": "JFK", "known_at": "2013-07-22T08:00:00Z", **WEATHER}
    feed = json.dumps({"hours": [hour]})
    (root / "data" / "flight-delay" / "weather.json").write_text(feed, encoding="utf-8")
    return root


def a_rollback_plan(*faults, **changes):
    """From v2 to v1 by an alias; the server misbehaves as `faults` say."""
    given = [part for fault in faults for part in ("--fault", fault)]
    target = {
        "environment": "test",
        "start": ["python", "-m", "ops_model.example.serve", "--no-weather-feed", *given],
        "reference": ["python", "-m", "ops_model.example.answer",
                      "data/flight-delay/models/{version}.json"],
        "sample": SCHEDULE | WEATHER,
        "requests_per_second": 100,
        **changes.pop("target", {}),
    }  # fmt: skip
    return RollbackPlan.model_validate({
        "from_version": "v2", "to_version": "v1", "author": "t-okafor",
        "steps": [a_step("switch_alias"), a_step("drain"), a_step("verify"), a_step("announce")],
        "max_seconds": 5, "feature_spec_compatible": True, "target": target, **changes,
    })  # fmt: skip


def a_step(kind):
    """A step of this kind, expected to take a second."""
    return {"kind": kind, "text": f"do {kind}", "expected_seconds": 1}


def a_fallback_plan(*faults, start=(), **changes):
    """The weather feed gone, its last good hour served, and the notice shown."""
    given = [part for fault in faults for part in ("--fault", fault)]
    target = {
        "environment": "test",
        "start": ["python", "-m", "ops_model.example.serve", "--weather-every", "0.05", *start,
                  *given],
        "sample": SCHEDULE,
        "requests_per_second": 100,
    }  # fmt: skip
    return FallbackPlan.model_validate({
        "paths": [{
            "id": "last-good-hour", "replaces": "weather-feed", "trigger": "no answer",
            "kind": "cache", "text": "serve the last good hour", "capacity_share": "1",
            "user_notice": {"text": NOTICE, "channel": "app", "within_seconds": 1},
            "target": target, **changes,
        }],
    })  # fmt: skip


def alias_of(root):
    """The version that a restarted server would serve; v2 while none was switched."""
    path = Path(root) / "data" / "flight-delay" / "serving" / "records.alias.json"
    return json.loads(path.read_text(encoding="utf-8"))["version"] if path.is_file() else "v2"


def processes_in(root):
    """The command lines of all processes that work in this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == Path(root).resolve():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it ended meanwhile, or is not ours
    return [line for line in found if line]


def proc_is_there():
    """True where processes can be listed as files."""
    return Path("/proc/self/cwd").exists()


def rehearse(root, plan, versions=None):
    """Let a supervisor carry the plan out; the facts of its result."""
    return supervise(a_spec(root, plan, versions))


def a_spec(root, plan, versions=None):
    """The spec of one drill of `flight-delay`."""
    kind = "rollback" if isinstance(plan, RollbackPlan) else "fallback"
    return DrillSpec.model_validate({
        "kind": kind, "id": f"{kind}-{secrets.token_hex(8)}", "root": str(root),
        "system": "flight-delay", kind: plan, "versions": versions or {},
    })  # fmt: skip


def begun(root, spec):
    """A process that asks for the drill, as a kernel does; prints the error that it gets."""
    code = (
        "import sys\n"
        "from ops_model.drill.launch import supervise\n"
        "from ops_model.drill.spec import DrillSpec\n"
        "from ops_model.errors import DrillError\n"
        "try:\n    supervise(DrillSpec.model_validate_json(sys.stdin.read()))\n"
        "except DrillError as error:\n    print(error)\n"
    )
    asker = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    asker.stdin.write(spec.model_dump_json())
    asker.stdin.close()
    return asker


def last_words(asker):
    """What the asking process printed, read until it ended."""
    said = "" if asker.stdout.closed else asker.stdout.read()
    asker.stdout.close()
    asker.wait(30)
    return said


def journal_of(root, spec):
    """The entries of a drill's journal, none before it is there."""
    path = Path(root) / spec.journal
    return read_journal(path) if path.is_file() else []


def wait_for_step(root, spec, name):
    """Wait until this step of the drill has begun."""
    deadline = time.monotonic() + 30
    while not any(e.get("name") == name for e in journal_of(root, spec)):
        assert time.monotonic() < deadline, journal_of(root, spec)
        time.sleep(0.02)


def until(met):
    """Wait until something is so."""
    deadline = time.monotonic() + 30
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_until_ended(root, spec):
    """Wait until the drill's journal says that it ended; its last entry."""
    deadline = time.monotonic() + 30
    while not (entries := journal_of(root, spec)) or entries[-1]["event"] != "ended":
        assert time.monotonic() < deadline, entries
        time.sleep(0.02)
    return entries[-1]


def supervisor_of(root, spec):
    """The process id of the drill's supervisor."""
    return journal_of(root, spec)[0]["supervisor"]
