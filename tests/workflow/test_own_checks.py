import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from ops_model.errors import CatalogueError, PolicyError
from ops_model.store.workbook import read_workbook
from ops_model.workflow.assess import assess_system, catalogue_of
from ops_model.workflow.own_checks import close_own_checks
from ops_model.workflow.own_worker import Patience
from tests.builders import AS_OF, a_system, a_workbook
from tests.check.making import crashing, passing
from tests.workflow.own import HEAD, NO, SHORT, YES, a_check, a_file, judged, own_checks

FORGED = (
    "from ops_model.check.api import Outcome\n"
    "made = object.__new__(Outcome)\n"
    "for name, value in {}.items(): object.__setattr__(made, name, value)\n"
    "return made"
)
VACUOUS = FORGED.format(
    "dict(status='passed', message='yes', looked_at=(), remedy='', reason=None, values=(),"
    " owner=None, valid_until=None)"
)
NO_REMEDY = VACUOUS.replace("'passed'", "'failed'")
ERRORED = VACUOUS.replace("'passed'", "'errored'")


@pytest.fixture(autouse=True)
def _nothing_kept():
    yield
    close_own_checks()


def says(text):
    return f"return failed({text}, looked_at=[ctx.system.where], remedy='the owner mends it')"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise KeyError('a')", "crashed with KeyError"),
        ("sys.exit(0)", "crashed with SystemExit"),
        ("raise KeyboardInterrupt", "crashed with KeyboardInterrupt"),
        ("def again(): again()\nagain()", "crashed with RecursionError"),
        ("return None", "returned NoneType; expected passed, failed"),
        ("return True", "returned bool; expected passed, failed"),
        ("return passed('yes', looked_at=[])", "cannot pass without having looked at anything"),
        (NO.replace("the owner makes it so", ""), "a check that answers failed owes a remedy"),
        ("raise ValueError('hunter2')", "crashed with ValueError, so"),
        ("from ops_model.check.api import all_of\nreturn all_of([])", "all of nothing is no"),
        (VACUOUS, "cannot pass without having looked at anything"),
        (NO_REMEDY, "a check that answers failed owes a remedy"),
        (ERRORED, "status: Input should be 'passed', 'failed'"),
        ("os._exit(0)", "its process ended with exit code 0"),
        ("os.kill(os.getpid(), 9)", "its process ended with signal 9"),
        ("ctypes.string_at(0)", "its process ended with signal 11"),
        ("while True: pass", "gave no answer within 1.5 s"),
        ("time.sleep(3600)", "gave no answer within 1.5 s"),
        ("os.kill(os.getpid(), signal.SIGSTOP)", "gave no answer within 1.5 s"),
        ("while True: ctx.finding_of('OM-99')", "asked for more than 1,000 findings of others"),
        (says("'x' * 3_000_000"), "message: String should have at most 4000 characters"),
        (says("'x' * 6_000_000_000"), "crashed with MemoryError"),
        (says("'\\ud800'"), "no finding can hold: message"),
        (says("'\\x1b[2J'"), "it holds the control character U+001B"),
        ("from ops_model.domain.values import Where\n"
         "return passed('yes', looked_at=[Where('x' * 10_000)])", "a place has 1 to 300"),
        (says("'no'").replace("remedy", "owner='No Slug!', remedy"), "no finding can hold: owner"),
        ("import fcntl\n"
         "for n in map(int, os.listdir('/proc/self/fd')):\n"
         "    try:\n"
         "        if fcntl.fcntl(n, fcntl.F_GETFL) & 3 == os.O_WRONLY: os.write(n, b'{}\\n')\n"
         "    except OSError: pass\n" + YES, "said what it was not asked"),
        ("os.closerange(3, 64)\ntime.sleep(3600)", "its process hung up"),
    ],
)  # fmt: skip
def test_a_check_that_does_not_answer_is_errored_and_no_other_is(tmp_path, body, said):
    folder = a_file(
        tmp_path / "checks",
        a_check("ACME-01", NO),
        a_check("ACME-02", body),
        a_check("ACME-03", YES),
    )

    with own_checks(folder) as own:
        findings = judged(own)

    assert findings["ACME-02"].status == "errored"
    assert findings["ACME-02"].blocks
    assert said in findings["ACME-02"].message
    assert findings["ACME-02"].looked_at[0].path == "checks/cost.py"
    assert findings["ACME-02"].remedy.startswith("mend the check at checks/cost.py:")
    assert [findings[i].status for i in ("ACME-01", "ACME-03")] == ["failed", "passed"]


def test_a_crash_names_the_line_of_the_check_s_own_file(tmp_path):
    folder = a_file(tmp_path / "checks", a_check("ACME-01", "x = 1\nraise KeyError(x)"))
    text = (folder / "cost.py").read_text().splitlines()

    with own_checks(folder) as own:
        place = judged(own)["ACME-01"].looked_at[0]

    assert "raise KeyError(x)" in text[place.line - 1]


def test_what_a_check_prints_disturbs_nobody(tmp_path, capfd):
    body = "print('noise' * 100_000)\nsys.stderr.write('noise')\nos.write(1, b'noise')\n" + YES
    folder = a_file(tmp_path / "checks", a_check("ACME-01", body))

    with own_checks(folder) as own:
        assert judged(own)["ACME-01"].status == "passed"

    assert capfd.readouterr() == ("", "")


def test_a_fork_neither_speaks_for_the_worker_nor_outlives_it(tmp_path):
    note = tmp_path / "pid"
    body = f"""child = os.fork()
if child == 0 and ctx.as_of.year == 1: time.sleep(1)
if child: open({str(note)!r}, 'w').write(str(child))
other = os.fork()
if other == 0: time.sleep(3600)
if child and other: open({str(note)!r}, 'a').write(f' {{other}}')
{YES}"""
    folder = a_file(tmp_path / "checks", a_check("ACME-01", body), a_check("ACME-02", NO))

    with own_checks(folder) as own:
        findings = judged(own)

    assert [f.status for f in findings.values()] == ["passed", "failed"]
    for pid in note.read_text().split():
        assert ended(int(pid))


def ended(pid, seconds=10):
    """True once the process is gone, or waits only to be reaped by somebody."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_checks_ask_for_the_findings_of_ours_and_of_each_other(tmp_path):
    asks = "found = {i: getattr(ctx.finding_of(i), 'status', None) for i in %r}\n" + says(
        "str(found)"
    )
    folder = a_file(
        tmp_path / "checks",
        a_check("ACME-01", asks % (("OWN-01", "OWN-09", "ACME-02", "ACME-77"),)),
        a_check("ACME-02", asks % (("OWN-01",),)),
    )
    ours = [passing("OWN-01"), crashing("OWN-09")]

    with own_checks(folder) as own:
        said = judged(own, ours=ours)["ACME-01"].message

    assert said == str(
        {"OWN-01": "passed", "OWN-09": "errored", "ACME-02": "failed", "ACME-77": None}
    )


def test_checks_that_ask_in_a_circle_are_errored_whatever_they_say(tmp_path):
    stubborn = "try: ctx.finding_of('ACME-01')\nexcept BaseException: pass\n" + YES
    folder = a_file(
        tmp_path / "checks",
        a_check("ACME-01", "ctx.finding_of('ACME-02')\n" + YES),
        a_check("ACME-02", stubborn),
        a_check("ACME-03", YES),
    )

    with own_checks(folder) as own:
        findings = judged(own)

    assert [f.status for f in findings.values()] == ["errored", "errored", "passed"]
    assert "asks in a circle: ACME-01, ACME-02" in findings["ACME-01"].message


def test_a_check_that_asks_one_that_hangs_is_asked_anew_and_answers(tmp_path):
    folder = a_file(
        tmp_path / "checks",
        a_check("ACME-01", says("ctx.finding_of('ACME-02').status")),
        a_check("ACME-02", "while True: pass"),
    )

    with own_checks(folder) as own:
        findings = judged(own)

    assert (findings["ACME-01"].status, findings["ACME-01"].message) == ("failed", "errored")
    assert findings["ACME-02"].status == "errored"


def test_what_rests_on_a_crashed_check_counts_as_crashed(tmp_path):
    body = "from ops_model.check.api import CrashedError\nraise CrashedError('OWN-01 crashed')"
    folder = a_file(tmp_path / "checks", a_check("ACME-01", body))

    with own_checks(folder) as own:
        finding = judged(own)["ACME-01"]

    assert finding.status == "errored"
    assert finding.message.startswith("OWN-01 crashed")


def test_one_worker_serves_many_systems_and_a_new_one_after_it_was_ended(tmp_path):
    dies = "if ctx.system.id == 'b': os._exit(3)\n" + YES
    folder = a_file(
        tmp_path / "checks", a_check("ACME-01", says("str(os.getpid())")), a_check("ACME-02", dies)
    )

    with own_checks(folder) as own:
        workers = [judged(own, a_system(i))["ACME-01"].message for i in ("a", "b", "c")]

    assert workers[0] == workers[1]
    assert workers[2] != workers[1]


def test_a_check_that_was_late_about_three_systems_is_asked_no_more(tmp_path):
    folder = a_file(tmp_path / "checks", a_check("ACME-01", "time.sleep(3600)"))

    with own_checks(folder, patience=Patience(load=20, answer=0.1, system=20)) as own:
        findings = [judged(own, a_system(i))["ACME-01"] for i in ("a", "b", "c", "d")]

    assert {f.status for f in findings} == {"errored"}
    assert "about 3 systems, and was asked no more" in findings[3].message
    assert "asked no more" not in findings[2].message


def test_loading_anew_is_charged_to_the_system_and_begins_its_time_not_anew(tmp_path):
    body = "time.sleep(0.8)\nos._exit(1)"
    slow = [a_check(f"ACME-{n:02}", body) for n in range(1, 13)]
    folder = a_file(tmp_path / "checks", *slow)

    with own_checks(folder, patience=Patience(load=20, answer=10, system=3)) as own:
        found = list(judged(own).values())
        again = judged(own, a_system("b"))["ACME-01"]

    assert found[0].message.startswith("its process ended with exit code 1")
    assert all("used it up" in finding.message for finding in found[3:])
    assert again.message.startswith("its process ended with exit code 1")


def test_a_folder_that_does_not_load_anew_uses_up_no_more_than_the_time_of_a_system(tmp_path):
    note = tmp_path / "loaded"
    head = f"{HEAD}if os.path.exists({str(note)!r}): time.sleep(3600)\nopen({str(note)!r}, 'w')\n"
    dies = [a_check(f"ACME-0{n}", "os._exit(1)") for n in range(1, 10)]
    folder = a_file(tmp_path / "checks", *dies, head=head)
    began = time.monotonic()

    with own_checks(folder, patience=Patience(load=20, answer=10, system=2)) as own:
        found = list(judged(own).values())

    assert "used it up" in found[-1].message
    assert time.monotonic() - began < 2 + 15  # where each waited on its own, it would take 160


def test_a_folder_that_did_not_load_anew_twice_is_started_no_more(tmp_path):
    note = tmp_path / "loads"
    head = f"""{HEAD}with open({str(note)!r}, 'a') as note: note.write('x')
if os.path.getsize({str(note)!r}) > 1: raise KeyError
"""
    dies = [a_check(f"ACME-0{n}", "os._exit(1)") for n in range(1, 6)]
    folder = a_file(tmp_path / "checks", *dies, head=head)

    with own_checks(folder) as own:
        found = list(judged(own).values())
        again = judged(own, a_system("b"))["ACME-01"]

    assert "started anew, and does not import: KeyError" in found[2].message
    assert "could not be started anew 2 times" in found[3].message
    assert "could not be started anew 2 times" in again.message
    assert note.read_text() == "xxx"


def test_a_folder_s_checks_reach_those_of_no_other_folder(tmp_path):
    company = a_file(tmp_path / "company", a_check("CORP-01", NO))
    meddles = """
from ops_model.check.question import Check
def so(ctx):
    '''Because we say so.'''
    return passed("so", looked_at=[ctx.system.where])
for module in [m for n, m in sys.modules.items() if n.startswith("ops_model_checks.")]:
    for one in [v for v in vars(module).values() if isinstance(v, Check)]:
        object.__setattr__(one, "function", so)
del module, one
"""
    beside = a_file(tmp_path / "checks", a_check("ACME-01", NO), name="cost_a.py")
    a_file(beside, a_check("ACME-02", NO), meddles, name="cost_z.py")

    with own_checks(company, beside) as own:
        found = judged(own)

    assert found["CORP-01"].status == "failed"
    assert {found["ACME-01"].status, found["ACME-02"].status} == {"passed"}  # of one folder


def test_checks_of_two_folders_ask_each_other_and_a_circle_is_seen(tmp_path):
    one = a_file(
        tmp_path / "one",
        a_check("ONE-01", says("ctx.finding_of('TWO-01').message")),
        a_check("ONE-02", "ctx.finding_of('TWO-02')\n" + YES),
        a_check("ONE-03", says("'from one'")),
    )
    two = a_file(
        tmp_path / "two",
        a_check("TWO-01", says("'by two ' + ctx.finding_of('ONE-03').message")),
        a_check("TWO-02", "ctx.finding_of('ONE-02')\n" + YES),
    )

    with own_checks(one, two) as own:
        found = judged(own)

    assert found["ONE-01"].message == "by two from one"
    assert "asks in a circle: ONE-02, TWO-02" in found["ONE-02"].message
    assert found["TWO-02"].status == "errored"


def test_the_time_of_a_system_is_that_of_all_folders_together(tmp_path):
    slow = "time.sleep(1.5)\n" + YES
    one = a_file(tmp_path / "one", a_check("ONE-01", slow))
    two = a_file(tmp_path / "two", a_check("TWO-01", slow), a_check("TWO-02", slow))

    with own_checks(one, two, patience=Patience(load=20, answer=10, system=2)) as own:
        found = judged(own)

    assert found["ONE-01"].status == "passed"
    assert "used it up" in found["TWO-02"].message


def test_what_is_wrong_in_several_folders_is_said_at_once(tmp_path):
    one = a_file(tmp_path / "one", "raise KeyError\n", head="")
    two = a_file(tmp_path / "two", "raise KeyError\n", head="")

    with pytest.raises(CatalogueError) as error, own_checks(one, two):
        raise AssertionError

    assert [p.where for p in error.value.problems] == ["one/cost.py:1", "two/cost.py:1"]


def test_what_a_system_s_time_does_not_suffice_for_is_errored(tmp_path):
    slow = "time.sleep(1)\n" + YES
    folder = a_file(tmp_path / "checks", *(a_check(f"ACME-0{n}", slow) for n in range(1, 5)))

    with own_checks(folder, patience=Patience(load=20, answer=10, system=2.5)) as own:
        findings = judged(own)

    statuses = [f.status for f in findings.values()]
    assert (statuses[0], statuses[2:]) == ("passed", ["errored", "errored"])
    assert "may take 2.5 s for a system" in findings["ACME-04"].message


def test_a_check_sees_claims_evidence_and_policy_and_people_by_their_ids(tmp_path):
    body = """person = ctx.model.people.people[0]
return failed(f"{ctx.system.id} {ctx.system.identity.place_of('purpose')} {len(ctx.model.systems)}"
    f" {person.id} {person.name} {ctx.today}", looked_at=[ctx.system.where], remedy="mend it")"""
    folder = a_file(tmp_path / "checks", a_check("ACME-01", body))

    with own_checks(folder) as own:
        said = judged(own, a_system(tier="C"))["ACME-01"].message

    place = a_system(tier="C").identity.place_of("purpose")
    assert said == f"flight-delay {place} 1 ana-ruiz ana-ruiz 2013-07-22"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("import os\nos._exit(0)\n", "did not load: its process ended with exit code 0"),
        ("import fcntl, os\n"
         "out = [n for n in range(3, 99) if os.path.exists(f'/proc/self/fd/{n}')\n"
         "       and fcntl.fcntl(n, fcntl.F_GETFL) & 3 == os.O_WRONLY]\n"
         "while 1: os.write(out[-1], b'{\"reading\": \"checks/cost.py\"}\\n')\n",
         "describes what no check can be"),
        ("while True: pass\n", "did not load within 4 s"),
        ("import sys\nsys.exit(0)\n", "checks/cost.py:2: does not import: SystemExit"),
        ("raise KeyError\n", "checks/cost.py:1: does not import: KeyError"),
        ("def broken(:\n", "checks/cost.py:1: does not import: SyntaxError"),
        (HEAD + a_check("ACME-01", YES) + a_check("ACME-01", NO).replace("def f", "def g"),
         "the id ACME-01 exists twice, at checks/cost.py:4 and here"),
        (HEAD + a_check("acme-1", YES), "check id 'acme-1': expected letters"),
        (HEAD + a_check("ACME-01", YES).replace('"cost"', '"rollback"'), "says area 'rollback'"),
        (HEAD + a_check("ACME-01", YES).replace('"cost"', '"costs"'), "is not one of"),
        (HEAD + a_check("ACME-01", YES, ", *, days"), "threshold days has no type"),
        (HEAD + a_check("ACME-01", YES, ", *, days: list = []"), "a type that policy.yaml cannot"),
        (HEAD + a_check("ACME-01", YES, ", *, days: int = 'x'"), "the default of threshold days"),
        (HEAD + a_check("ACME-01", YES).replace("Is it so?", "Is it\\u202e so?"),
         "ACME-01: question: Value error, it holds the control character U+202E"),
        (HEAD + a_check("ACME-01", YES) + a_check("ACME-02", NO).replace("f_acme_02", "f_acme_01"),
         "the function f_acme_01 is defined twice, at checks/cost.py:4 and here"),
    ],
)  # fmt: skip
def test_a_folder_that_does_not_load_is_an_error_and_never_a_hang(tmp_path, content, said):
    folder = a_file(tmp_path / "checks", content, head="")

    patience = Patience(load=4 if "while True" in content else 60)

    with pytest.raises(CatalogueError) as error, own_checks(folder, patience=patience):
        raise AssertionError

    assert said in str(error.value)
    assert "checks/cost.py" in str(error.value)


def test_the_worker_ends_with_the_process_that_started_it_however_that_ends(tmp_path):
    root = a_workbook(tmp_path / "workbook")
    a_file(
        root / "checks",
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n",
        a_check("ACME-01", "while True: pass"),
    )
    code = f"""
from ops_model.workflow.assess import catalogue_of
from pathlib import Path
catalogue_of(Path({str(root)!r}))
print("loaded", flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout.readline() == "loaded\n"
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        worker = int((tmp_path / "pid").read_text())

        assert ended(worker)


# From here on through the workbook, as the commands do it.


def own_workbook(tmp_path, *checks, policy=None):
    root = a_workbook(tmp_path / "workbook", policy=policy)
    a_file(root / "checks", *checks)
    return root


def assessed(root, patience=SHORT):
    return assess_system(
        root,
        read_workbook(root),
        "flight-delay",
        as_of=AS_OF,
        recorded_at=AS_OF,
        patience=patience,
    )


def test_a_workbook_without_checks_of_its_own_starts_no_process(tmp_path):
    root = a_workbook(tmp_path / "workbook")
    (root / "checks" / "tests").mkdir(parents=True)
    code = f"""
import sys
from pathlib import Path
from ops_model.workflow.assess import catalogue_of
catalogue_of(Path({str(root)!r}))
print("ops_model.workflow.own_worker" in sys.modules)
"""

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout == "False\n"


def test_a_workbook_s_checks_are_loaded_once_and_again_when_a_file_changed(tmp_path):
    root = own_workbook(tmp_path, a_check("ACME-01", YES))
    first = catalogue_of(root)

    assert catalogue_of(root) is first
    a_file(root / "checks", a_check("ACME-02", YES))
    assert catalogue_of(root).check("ACME-01") is None
    assert catalogue_of(root).check("ACME-02") is not None


@pytest.mark.parametrize("check_id", ["RBK-02", "RBK-98"])
def test_an_id_under_one_of_our_prefixes_is_refused_with_both_places(tmp_path, check_id):
    root = own_workbook(tmp_path, a_check(check_id, YES))

    with pytest.raises(CatalogueError) as error:
        catalogue_of(root, patience=SHORT)

    said = str(error.value)
    assert said.startswith("checks/cost.py:4: ")
    assert f"the id {check_id} has the prefix RBK" in said
    assert "at checks/rollback" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"max_age_day": 3}, "ACME-01 has no threshold max_age_day; expected max_age_days"),
        ({"max_age_days": "soon"}, "ACME-01.max_age_days is 'soon'"),
        ({"max_age_days": {"D": 3}}, "names the tier 'D'"),
        ({"max_age_days": -1}, "expected zero or more"),
    ],
)
def test_a_policy_with_a_wrong_threshold_is_refused_at_its_line(tmp_path, given, said):
    root = own_workbook(
        tmp_path,
        a_check("ACME-01", YES, ", *, max_age_days: int = 30"),
        policy={"thresholds": {"ACME-01": given}},
    )

    with pytest.raises(PolicyError) as error:
        assessed(root)

    assert said in str(error.value)
    assert str(error.value).startswith("policy.yaml:")


def test_the_policy_s_threshold_reaches_the_check_by_tier(tmp_path):
    head = "from ops_model.check.api import by_tier\n"
    check = a_check(
        "ACME-01",
        says("f'{days} {share} {word}'"),
        ", *, days: int = by_tier(1, 2, 3), share: float = 0.5, word: str = 'a'",
    )
    root = own_workbook(
        tmp_path, head, check, policy={"thresholds": {"ACME-01": {"share": "0.25"}}}
    )

    (finding,) = [f for f in assessed(root).findings if f.check == "ACME-01"]

    assert finding.message == "2 0.25 a"


def test_a_hanging_check_leaves_the_verdict_not_ready_and_ours_as_they_were(tmp_path):
    ours = {f.check: f for f in assessed(a_workbook(tmp_path / "bare")).findings}
    root = own_workbook(tmp_path, a_check("ACME-01", "while True: pass"))

    assessment = assessed(root)

    found = {f.check: f for f in assessment.findings}
    assert found.pop("ACME-01").status == "errored"
    assert found == ours
    assert assessment.areas["cost"] in {"failed", "errored"}


def test_a_controls_file_beside_the_checks_maps_them_and_a_row_that_is_wrong_is_refused(tmp_path):
    root = own_workbook(tmp_path, a_check("ACME-01", YES))
    head = "group,shows,framework,control,weak,certainty\n"
    mapped = root / "checks" / "controls.csv"

    mapped.write_text(head + "ACME,our spending rule,nist-ai-rmf-1.0,GOVERN 1.4,true,ids sure\n")
    register = catalogue_of(root).register
    assert [m.control for m in register.mappings if m.group == "ACME"] == ["GOVERN 1.4"]

    mapped.write_text(head + "ACME,our spending rule,nist-ai-rmf-1.0,GOVERN 9.9,true,ids sure\n")
    with pytest.raises(CatalogueError, match=r"GOVERN 9\.9"):
        catalogue_of(root)


def test_an_expired_waiver_covers_no_check_of_one_s_own(tmp_path):
    waiver = {
        "check_id": "ACME-01",
        "system": "flight-delay",
        "reason": "agreed in June",
        "compensating_control": "weekly look",
        "accepted_by": "flo-risk",
        "starts": "2013-06-01",
        "expires": "2013-07-22",
    }
    root = own_workbook(tmp_path, a_check("ACME-01", NO), policy={"waivers": [waiver]})

    (finding,) = [f for f in assessed(root).findings if f.check == "ACME-01"]

    assert (finding.status, finding.waived) == ("failed", False)
    assert "does not count: it expired on 2013-07-22" in finding.remedy


PACKAGE = """
[ops_model.checks]
acme = acme_checks.finance
"""


def installed(folder, entry=PACKAGE):
    """A company package that would fail if it were imported."""
    a_file(folder / "acme_checks" / "finance", a_check("ACME-01", NO))
    (folder / "acme_checks" / "__init__.py").write_text("raise RuntimeError('imported')\n")
    made = folder / "acme_checks-1.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-checks\nVersion: 1.0\n")
    (made / "entry_points.txt").write_text(entry)
    return folder


def command(*arguments, cwd, **environment):
    here = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, "-m", "ops_model", *map(str, arguments)],
        cwd=cwd, env=here, capture_output=True, text=True,
    )  # fmt: skip


def test_an_installed_company_package_judges_too_and_is_never_imported(tmp_path):
    path = installed(tmp_path / "site")

    finished = command("checks", "explain", "ACME-01", cwd=tmp_path, PYTHONPATH=str(path))

    assert finished.returncode == 0, finished.stderr
    assert "from: finance/cost.py:4" in finished.stdout


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("acme_chekcs.finance", "acme_chekcs.finance is no package that is installed"),
        ("acme_checks", "acme_checks holds no check file"),
        ("acme_checks:finance", "acme_checks:finance is no package that is installed"),
        ("os", "os is a module, no package"),
        ("__main__", "__main__ is a module, no package"),
    ],
)
def test_an_entry_that_names_no_check_files_is_an_error(tmp_path, value, said):
    path = installed(tmp_path / "site", PACKAGE.replace("acme_checks.finance", value))

    finished = command("checks", "list", cwd=tmp_path, PYTHONPATH=str(path))

    assert finished.returncode == 2
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr


def test_no_secret_of_the_environment_reaches_a_check_and_nothing_it_prints_reaches_stdout(
    tmp_path,
):
    body = "print('noise')\n" + says("' '.join(sorted(os.environ))")
    root = own_workbook(tmp_path, a_check("ACME-01", body))

    finished = command(
        "check", "flight-delay", "--all", cwd=root, OPS_MODEL_SECRET="geheim", COLUMNS="1000"
    )

    assert "HOME" in finished.stdout
    assert "OPS_MODEL_SECRET" not in finished.stdout
    assert "noise" not in finished.stdout
    assert finished.stderr == ""


def test_evidence_dated_in_the_future_and_claims_of_others_never_reach_a_check(tmp_path):
    from datetime import timedelta

    from ops_model.check.catalogue import Catalogue, joined
    from ops_model.check.judge import judge
    from tests.builders import a_model, a_rollback_drill, an_evidence

    body = (
        "from ops_model.domain.rollback import RollbackDrill\n"
        + textwrap.dedent("""\
        found = ctx.evidence.latest(RollbackDrill)
        if found is None: return unknown("missing", "none", looked_at=[ctx.system.where],
                                         remedy="the owner drills")
        """)
        + YES
    )
    folder = a_file(tmp_path / "checks", a_check("ACME-01", body))
    system = a_system(tier="C")
    drill = a_rollback_drill(system, as_of=AS_OF + timedelta(days=1))

    with own_checks(folder) as own:
        catalogue = joined(Catalogue(()), own.checks)
        now, later = (
            judge(catalogue, a_model(system), system, an_evidence(drill), as_of=when)[0].status
            for when in (AS_OF, AS_OF + timedelta(days=2))
        )

    assert (now, later) == ("unknown", "passed")
