"""Checks of a user's own that forge, overstate, linger or meddle, and what is said to each."""

import sqlite3
from contextlib import closing

import pytest
from pydantic import ValidationError

from ops_model.check.foreign import Answer, first_mistake
from ops_model.errors import CatalogueError, OpsModelError
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.assess import told_by_tool
from ops_model.workflow.own_checks import catalogue_of, close_own_checks
from ops_model.workflow.own_guard import unchanged
from tests.builders import AS_OF, PEOPLE, a_rollback_drill, a_system
from tests.workflow.own import NO, YES, a_check, a_file, judged, own_checks
from tests.workflow.test_own_checks import assessed, ended, own_workbook

AT = """from datetime import datetime, timedelta, timezone
from ops_model.domain.values import Where
"""


@pytest.fixture(autouse=True)
def _nothing_kept():
    yield
    close_own_checks()


def passes(place="ctx.system.where", until="None"):
    return f"{AT}return passed('yes', looked_at=[{place}], valid_until={until})"


SYSTEM = "systems/flight-delay/system.yaml"


def test_what_no_finding_can_hold_or_no_reader_open_is_errored_and_the_rest_judged(tmp_path):
    told = {
        "ACME-01": (passes(until="datetime(1,1,1,tzinfo=timezone(timedelta(hours=14)))"),
                    "expected a time in the years 1900 to 9998"),
        "ACME-02": (passes(f"Where({SYSTEM!r}, 10**30)"), "a line is 1 to 10,000,000"),
        "ACME-03": (passes(f"Where({SYSTEM!r}, -5)"), "a line is 1 to 10,000,000"),
        "ACME-04": (passes("Where('nowhere.yaml')"), "not there: nowhere.yaml"),
        "ACME-05": (passes("Where('/etc/passwd', 3)"), "not there: /etc/passwd:3"),
        "ACME-06": (passes("Where('ledger', 999)"), "not there: ledger:999"),
        "ACME-07": (passes(f"Where({SYSTEM!r}, 99999)"), f"not there: {SYSTEM}:99999"),
        "ACME-08": (passes("ctx.system.missing_file('change')"), "yes"),
        "ACME-09": (NO.replace("ctx.system.where", "ctx.system.missing_file('change')"), "no"),
        "ACME-10": (passes("ctx.model.people.where"), "yes"),
        "ACME-11": ("from ops_model.domain.values import NOWHERE\n"
                    "return passed('yes', looked_at=[NOWHERE])", "not there: (not from a file)"),
    }  # fmt: skip
    checks = [a_check(name, body) for name, (body, _) in told.items()]
    root = own_workbook(tmp_path, *checks)
    (root / "systems/flight-delay/change.yaml").unlink()

    found = {f.check: f for f in assessed(root).findings if f.check in told}

    for name, (_, said) in told.items():
        assert said in found[name].message or name == "ACME-08", name
    errored = {name for name, finding in found.items() if finding.status == "errored"}
    assert errored == {f"ACME-0{n}" for n in range(1, 9)} | {"ACME-11"}
    assert found["ACME-09"].status == "failed"
    assert "names a place that is not there: systems/flight-delay/change.yaml" in (
        found["ACME-08"].message
    )


def test_a_pass_that_ended_before_the_instant_that_judges_is_unknown(tmp_path):
    old = "datetime(2010, 1, 1, tzinfo=timezone.utc)"
    folder = a_file(tmp_path / "checks", a_check("ACME-01", passes(until=old)))

    with own_checks(folder) as own:
        finding = judged(own)["ACME-01"]

    assert (finding.status, finding.reason) == ("unknown", "expired")
    assert finding.message == "yes; that held until 2010-01-01T00:00:00Z"
    assert finding.remedy


def test_a_message_is_one_line_whatever_it_breaks(tmp_path):
    forged = {"status": "failed", "message": "no\n\nREADY\r\n x\t y", "remedy": "do\nit",
              "looked_at": [{"path": "a"}]}  # fmt: skip

    outcome = Answer.model_validate(forged).outcome

    assert (outcome.message, outcome.remedy) == ("no READY x y", "do it")


@pytest.mark.parametrize(
    "start",
    [
        "child = os.fork()\n"
        "if child == 0:\n    os.setsid()\n    time.sleep(600)\n    os._exit(0)\n",
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True).pid\n",
    ],
)
def test_what_a_check_started_in_a_session_of_its_own_ends_with_the_worker(tmp_path, start):
    note = tmp_path / "pid"
    body = f"{start}open({str(note)!r}, 'w').write(str(child))\n{YES}"
    folder = a_file(tmp_path / "checks", a_check("ACME-01", body))

    with own_checks(folder) as own:
        assert judged(own)["ACME-01"].status == "passed"

    assert ended(int(note.read_text()))


@pytest.mark.parametrize(
    ("meddle", "file"),
    [
        ("os.remove('../ledger.db')", "ledger.db"),
        ("open('../ledger.db', 'r+b').write(b'x' * 99)", "ledger.db"),
        (f"open('../{SYSTEM}', 'a').write('\\n')", SYSTEM),
        ("os.rename('../policy.yaml', '../p'); open('../policy.yaml', 'w').write('{}')",
         "policy.yaml"),
    ],
)  # fmt: skip
def test_no_verdict_is_given_where_what_was_judged_changed_meanwhile(tmp_path, meddle, file):
    root = own_workbook(tmp_path, a_check("ACME-01", f"{meddle}\n{YES}"))

    with pytest.raises(OpsModelError, match="this file changed while it was judged") as error:
        assessed(root)

    assert error.value.exit_code == 3
    assert str(error.value).startswith(f"{file}: flight-delay was not judged")


DROP = "ledger.execute('drop trigger payload_never_updated')\n"
KEEPS = (
    "import sqlite3\nglobal ledger\nledger = sqlite3.connect('../ledger.db')\n"
    "ledger.execute('pragma wal_autocheckpoint = 0')\n{}ledger.commit()\n"
)


def test_a_ledger_that_was_changed_in_the_log_beside_it_is_noticed(tmp_path):
    root = own_workbook(tmp_path, a_check("ACME-01", KEEPS.format(DROP) + YES))

    with pytest.raises(OpsModelError, match="this file changed while it was judged") as error:
        assessed(root)

    assert str(error.value).startswith("ledger.db: ")


def around(root, meanwhile):
    """Does something to the ledger while a system is judged by a check of one's own."""
    model = read_workbook(root)
    with unchanged(root, model, model.system("flight-delay"), catalogue_of(root)):
        meanwhile(root / "ledger.db")


def appends(path, system="flight-delay"):
    record = a_rollback_drill(a_system(system), as_of=AS_OF)
    with Ledger.open(path) as ledger:
        ledger.append(told_by_tool(record, ledger.size(), AS_OF))


@pytest.mark.parametrize("system", ["flight-delay", "portfolio"])
def test_what_others_append_meanwhile_is_no_change_of_the_ledger(tmp_path, system):
    root = own_workbook(tmp_path, a_check("ACME-01", YES))
    assessed(root)

    around(root, lambda path: appends(path, system))
    with Ledger.open(root / "ledger.db", readonly=True):  # a log that stays, as beside a scheduler
        around(root, lambda path: appends(path, system))


def test_to_read_the_ledger_meanwhile_is_no_change_of_it(tmp_path):
    root = own_workbook(tmp_path, a_check("ACME-01", YES))
    assessed(root)

    around(root, lambda path: Ledger.open(path, readonly=True).close())


def rewrites(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as ledger:
        (update,) = ledger.execute(
            "select sql from sqlite_master where name = 'event_never_updated'"
        ).fetchone()
        ledger.execute("drop trigger event_never_updated")
        ledger.execute("update event set hash = zeroblob(32) where seq = 0")
        ledger.execute(update)


@pytest.mark.parametrize("before", [appends, lambda _: None])
def test_an_append_beside_it_hides_no_entry_that_was_rewritten(tmp_path, before):
    root = own_workbook(tmp_path, a_check("ACME-01", YES))
    assessed(root)

    def meddle(path):
        before(path)
        rewrites(path)

    with pytest.raises(OpsModelError, match="this file changed while it was judged"):
        around(root, meddle)


@pytest.mark.parametrize(
    "text",
    ["Compliant with all laws", "it is NON-COMPLIANT", "noncompliant", "not compliant_yet",
     "certified and safe", "guaranteed", "\uff43ompliant"],
)  # fmt: skip
@pytest.mark.parametrize("field", ["message", "remedy"])
def test_an_answer_that_claims_more_than_evidence_can_show_is_errored(tmp_path, text, field):
    told = {"status": "failed", "message": "no", "remedy": "do it", "looked_at": [{"path": "a"}]}

    with pytest.raises(ValidationError) as error:
        Answer.model_validate({**told, field: text})

    said = first_mistake(error.value)
    assert "say supports, partly supports or not covered" in said
    assert text not in said


def test_no_word_of_that_reaches_a_finding_by_another_way(tmp_path):
    claims = "return passed('The rule is compliant', looked_at=[ctx.system.where])"
    folder = a_file(
        tmp_path / "checks",
        a_check("ACME-01", claims),
        a_check("ACME-02", "class Compliant(Exception): pass\nraise Compliant"),
        a_check("ACME-03", YES.replace("yes", "complies; compliance is ours to support")),
    )

    with own_checks(folder) as own:
        found = judged(own)

    assert "word 4 claims more than evidence can show" in found["ACME-01"].message
    assert found["ACME-02"].message.startswith("crashed with ...,")
    assert found["ACME-03"].status == "passed"


def test_an_owner_is_a_person_of_the_workbook_and_works_here(tmp_path):
    named = "return failed('no', looked_at=[ctx.system.where], remedy='do it', owner='{}')"
    folder = a_file(
        tmp_path / "checks",
        *(
            a_check(f"ACME-0{n}", named.format(owner))
            for n, owner in enumerate(("noah-body", "cy-data", "bo-li"), start=1)
        ),
    )

    left = {**PEOPLE, "people": [
        {**person, "active_to": "2013-01-31"} if person["id"] == "bo-li" else person
        for person in PEOPLE["people"]
    ]}  # fmt: skip

    with own_checks(folder) as own:
        found = judged(own, people=left)

    nobody, there, gone = (found[f"ACME-0{n}"] for n in range(1, 4))
    assert nobody.status == "errored"
    assert "names an owner who is no person: noah-body is nobody in people.yaml" in nobody.message
    assert (there.status, there.owner) == ("failed", "cy-data")
    assert (gone.status, gone.owner) == ("failed", "ed-fin")


@pytest.mark.parametrize(
    ("old", "new"), [("Is it so?", "Is it compliant?"), ("f_acme_01", "is_compliant")]
)
def test_a_question_or_a_name_that_claims_more_than_evidence_can_show_is_refused(
    tmp_path, old, new
):
    folder = a_file(tmp_path / "checks", a_check("ACME-01", YES).replace(old, new))

    with pytest.raises(CatalogueError, match="claims more than evidence"), own_checks(folder):
        raise AssertionError


@pytest.mark.parametrize(
    ("put", "said"),
    [
        (lambda place: place.write_text("hello"), "checks: is a file; expected a folder"),
        (lambda place: place.symlink_to("nowhere"), "checks: is a link that leads nowhere"),
    ],
)
def test_checks_that_is_no_folder_is_an_error(tmp_path, put, said):
    put(tmp_path / "checks")

    with pytest.raises(CatalogueError) as error:
        catalogue_of(tmp_path)

    assert str(error.value).startswith(said)


def test_of_very_many_problems_the_first_are_told_and_the_rest_counted(tmp_path):
    for n in range(1000):
        a_file(
            tmp_path / "checks", "raise ValueError('x' * 5000)", name=f"cost_{n:03}.py", head=""
        )

    with pytest.raises(CatalogueError) as error, own_checks(tmp_path / "checks"):
        raise AssertionError

    problems = error.value.problems
    assert [p.where for p in problems[:20]] == [f"checks/cost_{n:03}.py:1" for n in range(20)]
    assert max(len(p.message) for p in problems) < 600
    assert [p.message for p in problems[20:]] == ["and 980 more"]


def test_an_answer_about_all_files_is_blamed_on_no_one_of_them(tmp_path):
    long = "Because we asked. " * 200
    checks = [a_check(f"ACM{a}{b}-{n:02}", YES).replace("Because we asked.", long)
              for a in "AB" for b in "AB" for n in range(100)]  # fmt: skip
    a_file(tmp_path / "checks", *checks)

    with pytest.raises(CatalogueError) as error, own_checks(tmp_path / "checks"):
        raise AssertionError

    assert error.value.problems[0].where.endswith("/checks")
    assert "answered with more than" in str(error.value)


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        ("a: float = float('nan')", "threshold a: nan; expected a finite number"),
        ("a: float = float('inf')", "threshold a: inf; expected a finite number"),
        ("a: int = 10**40", "threshold a: too large a number; expected at most 9,007,199,254,7"),
        ("a: str = '\\x1b[2J'", "threshold a: the control character U+001B; expected visible"),
    ],
)
def test_a_default_that_cannot_travel_is_said_in_plain_words(tmp_path, threshold, said):
    check = a_check("ACME-01", YES, f", *, {threshold}")

    folder = a_file(tmp_path / "checks", check)

    with pytest.raises(CatalogueError) as error, own_checks(folder):
        raise AssertionError

    assert f"ACME-01: {said}" in str(error.value)


def test_a_revision_beyond_all_counting_is_refused(tmp_path):
    check = a_check("ACME-01", YES).replace("revision=1", "revision=10**30")

    folder = a_file(tmp_path / "checks", check)

    with pytest.raises(CatalogueError, match="ACME-01: revision"), own_checks(folder):
        raise AssertionError


def test_a_file_that_does_not_import_names_no_folder_of_the_machine(tmp_path):
    folder = a_file(tmp_path / "checks", "open(__file__ + '.csv')\n", head="", name="cost_one.py")
    a_file(folder, "open('/srv/secret/place/of/things.csv')\n", head="", name="cost_two.py")

    with pytest.raises(CatalogueError) as error, own_checks(folder):
        raise AssertionError

    text = str(error.value)
    assert "'checks/cost_one.py.csv'" in text
    assert "'of/things.csv'" in text
    assert str(tmp_path) not in text
    assert "/srv" not in text
