"""Many systems judged side by side: the same answers in the same order, and no process left over.

Each part runs in an interpreter of its own: a fork is only made where nobody started a thread.
"""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ops_model.domain.evidence import LedgerEvent
from ops_model.errors import IntegrityError, LedgerError
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow import side_by_side as module
from ops_model.workflow.assess import assess_all
from ops_model.workflow.side_by_side import answers, never_looked_at_again, side_by_side
from tests.builders import AS_OF, a_workbook
from tests.workflow.verify_samples import a_run

PROC = Path("/proc")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks are made on Linux only")

DESK = """
import json, os, signal, sys, time
from ops_model.errors import IntegrityError, OpsModelError
from ops_model.workflow.side_by_side import answers, side_by_side

class Desk:
    def close(self):
        pass

def whose(desk, system):
    time.sleep(0.05)
    return os.getpid()

def doubled(desk, system):
    time.sleep(0.02 * (int(system) % 3))
    return 2 * int(system)

def refused(desk, system):
    if int(system) in {9, 5}:
        raise IntegrityError("is broken", where=system, remedy="mend it")
    return system

def killed(desk, system):
    if int(system) == 5:
        os.kill(os.getpid(), signal.SIGKILL)

def waits(desk, system):
    os.write(1, f"{os.getpid()}\\n".encode())  # in one piece, however output is buffered
    time.sleep(60)

def error_of(question, asking):
    try:
        asking(question)
    except OpsModelError as error:
        first = error.problems[0]
        return [type(error).__name__, error.exit_code, first.where, first.remedy]

def asked(question, count=12, cores=2):
    with side_by_side(Desk(), count, cores=cores) as ask:
        return list(ask(question, [str(n) for n in range(count)]))

def naps(desk):
    time.sleep(0.5)

def left_alone():
    began = time.monotonic()
    try:
        with side_by_side(Desk(), 12, cores=2, besides=True) as ask:
            for _ in range(12):
                ask.ahead(naps)
            raise OSError
    except OSError:
        return time.monotonic() - began

def ahead(question, count=12, cores=2):
    with side_by_side(Desk(), count, cores=cores, besides=True) as ask:
        return answers([ask.ahead(question, str(n)) for n in range(count)])
"""
ASSESSED = """
import json, sys
from pathlib import Path
from ops_model.domain.values import digest_of
from ops_model.errors import OpsModelError
from ops_model.store.workbook import read_workbook
from ops_model.workflow.assess import assess_all

root, cores = Path(sys.argv[1]), int(sys.argv[2])
model = read_workbook(root)
at = model.settings.as_of
try:
    found = assess_all(root, model, as_of=at, recorded_at=at, cores=cores)
    said = [[f.system, digest_of(f)] for f, _ in found]
except OpsModelError as error:
    said = [type(error).__name__, error.exit_code, str(error)]
print(json.dumps([said, "concurrent.futures.process" in sys.modules]))
"""
OWN = (
    "from ops_model.check.api import check, failed\n"
    '@check("ACME-01", question="Is it cheap?", area="cost", source=["own"], revision=1)\n'
    "def is_cheap(ctx):\n"
    '    """Because we asked."""\n'
    '    return failed("no", looked_at=[ctx.system.where], remedy="mend it")\n'
)


def told(script, *arguments):
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == ""
    return json.loads(done.stdout)


def answers_of(what):
    return told(f"{DESK}\nprint(json.dumps({what}))")


def a_fleet(root, *, own=False):
    """A workbook of a dozen systems that say the same."""
    a_workbook(root)
    model = root / "systems" / "flight-delay"
    for number in range(12):
        shutil.copytree(model, root / "systems" / f"system-{number:02d}")
    shutil.rmtree(model)
    if own:
        (root / "checks").mkdir()
        (root / "checks" / "cost.py").write_text(OWN)
    return root


def assessed(root, cores):
    return told(ASSESSED, root, cores)


def test_bundles_compared_side_by_side_are_observed_as_one_by_one(tmp_path):
    root = a_fleet(tmp_path / "book")
    for number in range(12):
        folder = a_run(root, f"run-{number}", system=f"system-{number:02d}")
    (folder / "records.json").write_bytes(b"{}")
    shutil.copytree(root, tmp_path / "other")

    together, _ = assessed(root, 2)
    alone, _ = assessed(tmp_path / "other", 1)

    assert together == alone
    found = [verification_of(root, f"system-{number:02d}").bundles for number in range(12)]
    assert [bundle.run_id for (bundle,) in found] == [f"run-{number}" for number in range(12)]
    assert [bundle.problems for (bundle,) in found[10:]] == [(), ("records.json was changed",)]


def verification_of(root, system):
    with Ledger.open(root / "ledger.db") as ledger:
        told = [s.record for s in ledger.statements(system) if s.record.kind == "verification"]
    return told[-1]


def test_a_ledger_that_cannot_be_verified_is_told_before_what_cannot_be_understood(
    tmp_path, monkeypatch
):
    root = a_fleet(tmp_path / "book")
    finished = LedgerEvent(
        id="finished", type="run.finished", subject="system-03", as_of=AS_OF, recorded_at=AS_OF,
        actor="somebody", data={},
    )  # fmt: skip
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        ledger.append(finished)
    model = read_workbook(root)

    def judged():
        return assess_all(root, model, as_of=AS_OF, recorded_at=AS_OF, cores=1)

    with pytest.raises(IntegrityError, match="tells of no run"):
        judged()

    def unread(ledger):
        raise LedgerError("the disk does not answer")

    monkeypatch.setattr(Ledger, "verify", unread)
    with pytest.raises(LedgerError, match="the disk does not answer"):
        judged()


@pytest.mark.parametrize("own", [False, True], ids=["ours", "with a check of one's own"])
def test_verdicts_side_by_side_are_those_given_one_by_one_in_the_order_of_the_model(tmp_path, own):
    root = a_fleet(tmp_path / "book", own=own)
    shutil.copytree(root, tmp_path / "other")

    together, in_processes = assessed(root, 2)
    alone, in_one = assessed(tmp_path / "other", 1)

    assert together == alone
    assert [system for system, _ in together] == [f"system-{n:02d}" for n in range(12)]
    assert (in_processes, in_one) == (True, False)


def test_what_was_observed_side_by_side_is_on_the_ledger_in_the_order_of_the_model(tmp_path):
    root = a_fleet(tmp_path / "book")

    assessed(root, 2)

    with Ledger.open(root / "ledger.db") as ledger:
        subjects = [stored.event.subject for stored in ledger.events()]
        assert not ledger.verify().problems
    assert subjects == sorted(subjects)
    assert len(subjects) == 24


def test_the_site_of_systems_that_were_judged_side_by_side_is_built(tmp_path):
    root = a_fleet(tmp_path / "book")
    command = [sys.executable, "-m", "ops_model", "site", "--workbook", str(root)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    pages = list((root / "site" / "systems").glob("*/index.html"))
    assert len(pages) == 12


def test_an_error_about_one_system_is_told_as_one_by_one_and_nothing_is_recorded(tmp_path):
    root = a_fleet(tmp_path / "book")
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        for system in ("system-07", "system-05"):
            ledger.append(
                LedgerEvent(
                    id=f"finished/{system}", type="run.finished", subject=system, as_of=AS_OF,
                    recorded_at=AS_OF, actor="somebody", data={},
                )
            )  # fmt: skip

    together, _ = assessed(root, 2)
    alone, _ = assessed(root, 1)

    assert together == alone
    assert together[:2] == ["IntegrityError", 4]
    assert "ledger:1: tells of no run" in together[2]
    with Ledger.open(root / "ledger.db") as ledger:
        assert ledger.size() == 2


def test_answers_come_in_order_from_as_many_processes_as_there_are_cores():
    assert answers_of("asked(doubled)") == [2 * n for n in range(12)]
    assert len(set(answers_of("[os.getpid(), *asked(whose)]"))) == 3


def test_whoever_asked_ahead_helps_from_the_end_and_has_the_answers_in_order():
    own, *others = answers_of("[os.getpid(), *ahead(whose)]")

    assert answers_of("ahead(doubled)") == [2 * n for n in range(12)]
    assert len(set(others)) == 2
    assert others[0] != own
    assert others[-1] == own


def test_what_is_asked_ahead_where_no_process_is_started_is_answered_when_it_is_called():
    own, *others = answers_of("[os.getpid(), *ahead(whose, cores=1)]")

    assert set(others) == {own}
    with side_by_side(ADesk(), 1) as ask:
        asked = ask.ahead(lambda desk: seen.append("asked"))
        seen = ["nothing yet"]
        answers([asked])
    assert seen == ["nothing yet", "asked"]


def test_of_what_was_asked_ahead_the_first_error_in_order_is_raised_whoever_met_it():
    assert answers_of("error_of(refused, ahead)") == ["IntegrityError", 4, "5", "mend it"]


def test_after_an_error_nobody_waits_for_what_no_process_has_begun():
    """Twelve times half a second would be six."""
    assert answers_of("left_alone()") < 4


@pytest.mark.parametrize(
    ("known", "looked", "may"),
    [
        (1, [["main", "ending"], ["main"]], True),
        (2, [["main", "other"]], False),
        (1, [["main", "of a library"]] * module._MOMENTS, False),
    ],
    ids=["one that has just ended", "one of Python", "one of a library"],
)
def test_a_thread_hinders_a_fork_until_it_has_ended(monkeypatch, known, looked, may):
    monkeypatch.setattr(module, "_THREADS", Threads(iter(looked)))
    monkeypatch.setattr(module.threading, "active_count", lambda: known)

    assert module._may_fork() is may


class Threads:
    """As Linux lists those of a process, one list after the other."""

    def __init__(self, looked):
        self.looked = looked

    def is_dir(self):
        return True

    def iterdir(self):
        return iter(next(self.looked))


@pytest.mark.parametrize("few", ["count=7", "cores=1"])
def test_few_systems_or_one_core_start_no_process(few):
    own, *others = answers_of(f"[os.getpid(), *asked(whose, {few})]")

    assert set(others) == {own}


def test_a_process_of_several_threads_is_not_forked():
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()

    with side_by_side(ADesk(), 12, cores=2) as ask:
        found = list(ask(whose_desk, [str(n) for n in range(12)]))

    stop.set()
    other.join()
    assert set(found) == {os.getpid()}


class ADesk:
    closed = False

    def close(self):
        self.closed = True


def whose_desk(desk, system):
    return os.getpid()


def test_what_the_desk_opened_is_closed_when_all_is_answered():
    desk = ADesk()

    with side_by_side(desk, 1) as ask:
        list(ask(whose_desk, ["a"]))
        assert not desk.closed

    assert desk.closed


def test_the_first_error_in_the_order_of_the_systems_is_raised_with_its_problems():
    assert answers_of("error_of(refused, asked)") == ["IntegrityError", 4, "5", "mend it"]


def test_a_process_that_is_killed_is_told_as_an_error_with_a_remedy():
    name, code, _, remedy = answers_of("error_of(killed, asked)")

    assert (name, code) == ("OpsModelError", 3)
    assert "give the machine more memory" in remedy


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_however_it_is_ended_no_process_is_left_and_none_of_them_says_a_word(ending):
    script = f"{DESK}\ntry:\n    asked(waits)\nexcept KeyboardInterrupt:\n    pass\n"
    ran = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    children = [int(ran.stdout.readline()) for _ in range(2)]

    # Ctrl-C in a terminal reaches all that run in it.
    (os.killpg if ending is signal.SIGINT else os.kill)(ran.pid, ending)
    _, said = ran.communicate(timeout=20)

    assert said == ""
    assert gone(children)


def gone(processes, seconds=5):
    """True as soon as none of them runs."""
    until = time.monotonic() + seconds
    while any(runs(process) for process in processes) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(runs(process) for process in processes)


def runs(process):
    try:
        state = (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_looking_for_circles_is_as_it_was_afterwards():
    before = gc.get_threshold(), gc.get_freeze_count()

    with side_by_side(ADesk(), 1):
        assert gc.get_threshold() != before[0]

    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_what_is_never_looked_at_again_is_so_only_until_the_end():
    with side_by_side(ADesk(), 1):
        before = gc.get_freeze_count()
        kept = [[n] for n in range(1000)]
        never_looked_at_again()
        assert gc.get_freeze_count() >= before + len(kept)

    assert gc.get_freeze_count() == 0
