"""Whatever a file of claims holds, it is read or refused with its line; nothing hangs or runs."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops_model.errors import WorkbookError
from ops_model.store.claim_file import MAX_BYTES
from ops_model.store.workbook import read_workbook

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
CUT_EVERY = 50  # bytes
PEOPLE, POLICY, SYSTEM = "people.yaml", "policy.yaml", "systems/scorer/system.yaml"
OWNERSHIP = "systems/scorer/ownership.yaml"
SIGNALS, DECISIONS = "systems/scorer/signals.yaml", "systems/scorer/decisions.yaml"
A_PERSON = (
    "  - {{id: ana, name: {name}, function: platform, zone: UTC, active_from: 2020-01-01}}\n"
)
TINY = {
    "ops-model.yaml": "name: Tiny\nzone: UTC\n",
    PEOPLE: "people:\n" + A_PERSON.format(name="Ana"),
    SYSTEM: "name: Scorer\nkind: predictive\ntier: C\npurpose: scores\nusers: staff\n"
    "customer_facing: false\n"
    "version: {label: v1, model_ref: m, in_production_since: 2020-01-01T00:00:00Z}\n",
}


def starter_files():
    """Each file of claims that we ship, and its place in a workbook with the system `scorer`."""
    for kind in ("workbook", "start"):
        for file in sorted((TEMPLATES / kind).rglob("*.yaml")):
            parts = file.relative_to(TEMPLATES / kind).parts
            if parts[0] == "systems":
                yield file, "/".join(("systems", "scorer", *parts[2:]))
            elif len(parts) == 1:
                yield file, parts[0]


STARTER = list(starter_files())


@pytest.fixture
def root(tmp_path):
    for path, text in TINY.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def put(root, path, content):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())


def problems_of(root):
    try:
        read_workbook(root)
    except WorkbookError as refused:
        return refused.problems
    return ()


@pytest.mark.parametrize(("file", "path"), STARTER, ids=[str(f)[-60:] for f, _ in STARTER])
def test_a_shipped_file_cut_off_at_any_place_is_read_or_refused_where_it_lies(root, file, path):
    whole = file.read_bytes()

    for cut in range(0, len(whole), CUT_EVERY):
        put(root, path, whole[:cut])
        problems = problems_of(root)

        assert all(p.where.startswith(path) and p.message and p.remedy for p in problems), cut


WITH_PASSWORD = "postgres://ops:hunter2secret@db.example"
NESTED = "\n".join(" " * n + "a:" for n in range(1200))
LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
REFUSED = {
    "duplicate key": (OWNERSHIP, "accountable: ana\naccountable: ben\n", 2, "stands twice"),
    "duplicate id": (PEOPLE, "people:\n" + 2 * A_PERSON.format(name="A"), 3, "ana stands twice"),
    "anchor in people": (PEOPLE, "people:\n  - &x {id: ana}\n", 2, "has the anchor &x"),
    "alias in people": (PEOPLE, "people: [*x]\n", 1, "has the alias *x"),
    "merge key in people": (PEOPLE, "people:\n  - <<: {id: ana}\n", 2, "has a merge key <<"),
    "anchor in policy": (POLICY, "thresholds: &t {}\n", 1, "has the anchor &t"),
    "merge key in policy": (POLICY, "thresholds:\n  <<: {a: {b: 1}}\n", 2, "has a merge key"),
    "deep flow": (OWNERSHIP, "a: " + "[" * 5000, 1, "nested more than 50 levels"),
    "deep and closed": (OWNERSHIP, "[" * 5000 + "]" * 5000, 1, "nested more than 50 levels"),
    "deep braces": (OWNERSHIP, "{a: " * 5000, 1, "nested more than 50 levels"),
    "deep dashes": (OWNERSHIP, "- " * 5000, 1, "nested more than 50 levels"),
    "deep block": (OWNERSHIP, NESTED, 51, "nested more than 50 levels"),
    "too large": (OWNERSHIP, "#" * (MAX_BYTES + 1), None, "holds more than 1048576 bytes"),
    "control": (OWNERSHIP, "accountable: ana\ndeputy: b\x07\n", 2, "control character U+0007"),
    "escaped control": (OWNERSHIP, 'accountable: "a\\a"\n', 1, "control character U+0007"),
    "direction override": (PEOPLE, "people:\n" + A_PERSON.format(name="a\u202eb"), 2, "U+202E"),
    "direction isolate": (PEOPLE, "people:\n" + A_PERSON.format(name="a\u2067b"), 2, "U+2067"),
    "escaped and unseen": (OWNERSHIP, 'accountable: ana\ndeputy: "a\\u200bb"\n', 2,
                           "the invisible character U+200B"),
    "unseen in a key": (OWNERSHIP, "accountable: ana\ndepu\u200bty: ben\n", 2, "character U+200B"),
    "unseen in a comment": (OWNERSHIP, "accountable: ana\n# a\u3164b\n", 2, "character U+3164"),
    "mark of byte order inside": (OWNERSHIP, "accountable: ana\n\ufeffdeputy: ben\n", 2, "U+FEFF"),
    "words that say nothing": (SYSTEM, TINY[SYSTEM].replace("staff", "'...'"), 5,
                               "users is ...; expected words"),
    "dashes": (SYSTEM, TINY[SYSTEM].replace("scores", "'---'"), 4,
               "purpose is ---; expected words"),
    "password in a text": (SYSTEM, TINY[SYSTEM].replace("scores", f"see {WITH_PASSWORD}"), 4,
                           "purpose is a text of 43 characters, not shown here; expected no pass"),
    "password in a path": (SIGNALS, "logs:\n  - {id: a, holds: labels, timestamp: t, "
                           f"address: '{WITH_PASSWORD}'}}\n", 2,
                           "logs[0].address is a text of 39 characters, not shown here"),
    "token in a route": (SIGNALS, "feeds:\n  - {id: a, alert_route: 'pager://R0UT1NGKEY'}\n", 2,
                         "feeds[0].alert_route is a text of 18 characters, not shown here; "
                         "expected the name of a route, such as page: flight-delay primary; "
                         "addresses and tokens stand in the environment"),
    "tab": (OWNERSHIP, "domains:\n\tcost: ana\n", 2, "found a tab"),
    "NUL": (OWNERSHIP, b"accountable: a\0\n", 1, "control character U+0000"),
    "UTF-16": (OWNERSHIP, "accountable: ana\n".encode("utf-16"), 1, "the byte 0xFF"),
    "Latin-1": (OWNERSHIP, b"# fine\naccountable: \xe9\n", 2, "the byte 0xE9"),
    "empty": (OWNERSHIP, "", 1, "accountable is missing"),
    "comments only": (OWNERSHIP, "# one\n# two\n", 1, "accountable is missing"),
    "list": (OWNERSHIP, "- a\n", 1, "the file holds a list"),
    "two documents": (OWNERSHIP, "accountable: a\n---\nb: c\n", 2, "second document"),
    "code": (OWNERSHIP, "accountable: !!python/object/apply:os.system [touch ran]\n", 1,
             "has the tag !!python/object/apply:os.system"),
    "code in a name": (OWNERSHIP, "!!python/name:os.system : x\n", 1, "has the tag !!python/name"),
    "laughs": (OWNERSHIP, LAUGHS, 1, "has the anchor &a0"),
    "key that is a list": (OWNERSHIP, "[a, b]: c\n", 1, "a key is a mapping or a list"),
    "endless key": (OWNERSHIP, "k" * 100_000 + ": 1\n", 1, "mapping values are not allowed"),
    "quote without end": (OWNERSHIP, 'accountable: "ana\n', 2, "begins in line 1"),
    "huge number": (SYSTEM, TINY[SYSTEM] + "hypercare: {days: " + "9" * 5000 + "}\n", 8,
                    "hypercare.days is 999"),
    "number made of escapes": (
        SYSTEM,
        TINY[SYSTEM] + "dependencies:\n  - {id: a, kind: service, name: n, "
        'deprecation_notice_days: "' + "\\x39" * 18 + '"}\n', 9,
        "expected a whole number below 2**53"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "content", "line", "said"), REFUSED.values(), ids=list(REFUSED))
def test_what_no_claim_may_hold_is_refused_at_its_line(root, path, content, line, said):
    put(root, path, content)

    began = time.process_time()
    problems = problems_of(root)

    assert time.process_time() - began < 5  # takes milliseconds; a hang takes for ever
    place = path if line is None else f"{path}:{line}"
    assert any(p.where == place and said in p.message for p in problems), problems[:3]
    assert all(p.remedy for p in problems)
    assert not (root / "ran").exists()


UNSEEN = [
    "\u00ad", "\u115f", "\u1160", "\u200b", "\u2060", "\u2064", "\u3164", "\ufeff", "\ufff9",
    "\ufffb", "\U000e0000", "\U000e0041", "\U000e007f",
]  # fmt: skip


@pytest.mark.parametrize("character", UNSEEN, ids=[f"U+{ord(c):04X}" for c in UNSEEN])
def test_a_character_that_nobody_sees_is_refused_at_its_line(root, character):
    put(root, PEOPLE, "people:\n" + A_PERSON.format(name=f"A{character}na"))

    (problem,) = problems_of(root)

    named = f"U+{ord(character):04X}"
    assert problem.message == f"holds the invisible character {named}; expected visible text"
    assert problem.where == f"{PEOPLE}:2"


ADDRESSES = [
    "mailto://ops:hunter2secret@smtp.example.com", "https://hooks.example.org/hunter2secret",
    "ops:hunter2secret@host", "hunter2secret@private.example", "page hunter2secret (at) home.org",
    "call +49 170 1234567 hunter2secret", "hunter2secret 555-1234", "0170 1234567 hunter2secret",
    "key hunter2secret0hunter2secret0", "hunter2secret" * 16,
]  # fmt: skip
ROUTES = {
    "feed": (SIGNALS, "feeds:\n  - {{id: a, alert_route: '{}'}}\n"),
    "monitor": (SIGNALS, "monitors:\n  - {{id: a, alert_route: '{}'}}\n"),
    "alert": ("systems/scorer/service_levels.yaml",
              "objectives:\n  - {{id: a, alerts: [{{alert_route: '{}'}}]}}\n"),
    "ceiling": ("systems/scorer/cost.yaml", "ceilings:\n  - {{id: a, alert_route: '{}'}}\n"),
    "path": (DECISIONS, "communication:\n  - {{audience: users, channel: '{}'}}\n"),
}  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(("path", "text"), ROUTES.values(), ids=list(ROUTES))
def test_a_route_that_is_an_address_is_refused_without_being_repeated(root, path, text, address):
    put(root, path, text.format(address))

    with pytest.raises(WorkbookError) as refused:
        read_workbook(root)

    (problem,) = (p for p in refused.value.problems if "the name of a route" in p.message)
    assert problem.where == f"{path}:2"
    assert f"is a text of {len(address)} characters, not shown here" in problem.message
    assert "hunter2secret" not in str(refused.value)


@pytest.mark.parametrize(
    "route",
    ["page: flight-delay primary; mail: hugo-salas", "#flight-desk", "page: @on-call",
     "pager 24/7", "letter to the department of transportation", "the desks' telephone round",
     "电话: 值班"],
)  # fmt: skip
def test_the_name_of_a_route_is_read_as_it_is_written(root, route):
    written = route.replace("'", "''")
    told = f"{{audience: users, owner: ana, within_minutes: 5, channel: '{written}'}}"
    put(root, DECISIONS, f"rights: []\ncommunication:\n  - {told}\n")

    (path,) = read_workbook(root).system("scorer").decisions.communication
    assert path.channel == route


@pytest.mark.parametrize(
    "address",
    ["https://registry:5000/image@sha256:12", "git+ssh://git@example.org/model",
     "https://example.org/@ops/a:b@c", "support@example.org, +49 30 1234567"],
)  # fmt: skip
def test_an_address_without_a_password_may_stand_in_a_text(root, address):
    put(root, SYSTEM, TINY[SYSTEM].replace("purpose: scores", f"purpose: '{address}'"))

    assert read_workbook(root).system("scorer").identity.purpose == address


AS_TEXT = ["NO", "yes", "12:30:45", "0123", "1.10", "0o17", "0x1F", "1e3", ".inf", ".nan",
           "2026-01-01", "1_000", "+1", "=", "y"]  # fmt: skip


@pytest.mark.parametrize("written", AS_TEXT)
def test_what_yaml_would_guess_a_type_for_stays_the_text_that_was_written(root, written):
    text = TINY[SYSTEM].replace("label: v1", f"label: {written}")
    put(root, SYSTEM, text.replace("users: staff", f"users: {written}"))

    claims = read_workbook(root).system("scorer").identity

    assert (claims.version.label, claims.users) == (written, written)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("customer_facing: false", "customer_facing: NO", "customer_facing is NO; expected true"),
        ("customer_facing: false", "customer_facing: 0", "customer_facing is 0; expected true"),
        (
            "customer_facing: false",
            "customer_facing: ~",
            "customer_facing is empty; expected true",
        ),
        ("users: staff", "users: ~", "users is empty; expected text"),
        ("users: staff", "hypercare: {days: 1e3}\nusers: a", "hypercare.days is 1e3; expected a"),
        (
            "users: staff",
            "hypercare: {days: 0o17}\nusers: a",
            "hypercare.days is 0o17; expected a",
        ),
        (
            "users: staff",
            "hypercare: {days: .inf}\nusers: a",
            "hypercare.days is .inf; expected a",
        ),
        ("users: staff", "hypercare: {days: 12:30}\nusers: a", "days is 12:30; expected a whole"),
        ("users: staff", "go_live_target: 20260101\nusers: a", "is 20260101; expected a day"),
        ("2020-01-01T00:00:00Z", "2020-01-01", "is 2020-01-01; expected a time with a zone"),
    ],
)
def test_a_guessable_scalar_in_a_typed_field_is_refused_with_what_was_written(
    root, old, new, said
):
    assert old in TINY[SYSTEM]
    put(root, SYSTEM, TINY[SYSTEM].replace(old, new))

    (problem,) = problems_of(root)

    assert said in problem.message
    assert problem.where.startswith(f"{SYSTEM}:")


@pytest.mark.parametrize(
    "name",
    ["דנה לוי", "ليلى حداد", "Zoë 🚀", "👩🏽‍💻 Ana", "李小龍", "O'Brien", "Null", "נ\u200fa",
     "می\u200cخواهم", "a\u200eb", "ا\u061cb", "Zoe\u0308", "🏳\ufe0f\u200d🌈", "🚀"],
)  # fmt: skip
def test_the_names_of_real_people_are_read_as_they_are_written(root, name):
    put(root, PEOPLE, "people:\n" + A_PERSON.format(name=name))

    assert read_workbook(root).people.person("ana").name == name


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "byte order mark"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_line_ends_and_marks_of_any_editor_change_no_line_number(root, mark, end):
    put(root, OWNERSHIP, mark + b"accountable: ana" + end + b"deputy: Not An Id" + end)

    (problem,) = problems_of(root)

    assert problem.where == f"{OWNERSHIP}:2"


def a_folder(path):
    path.mkdir()


def a_dangling_link(path):
    path.symlink_to("nowhere.yaml")


def a_circle(path):
    path.symlink_to(path.name)


@pytest.mark.parametrize("made", [a_folder, os.mkfifo, a_dangling_link, a_circle])
def test_what_is_no_plain_file_is_refused_and_never_waited_for(root, made):
    made(root / OWNERSHIP)

    (problem,) = problems_of(root)

    assert problem.where == OWNERSHIP
    assert problem.remedy


def test_mistakes_in_six_files_come_all_at_once_in_the_order_of_reading(root):
    put(root, "ops-model.yaml", "name: Tiny\nzone: Mars/Base\n")
    put(root, PEOPLE, TINY[PEOPLE] + "team: []\n")
    put(root, POLICY, "waivers: {}\n")
    put(root, SYSTEM, TINY[SYSTEM].replace("tier: C", "tier: D"))
    put(root, OWNERSHIP, "accountable: ana\ndeputi: ben\n")
    put(root, "systems/scorer/incidents/storm.yaml", "id: storm\ntitle: [\n")

    places = [p.where for p in problems_of(root)]

    assert places == [
        "ops-model.yaml:2", f"{PEOPLE}:3", f"{POLICY}:1", f"{SYSTEM}:3", f"{OWNERSHIP}:2",
        "systems/scorer/incidents/storm.yaml:3",
    ]  # fmt: skip


def three_hundred_mistakes():
    """10,000 lines: 1,250 people of 8 lines each, the first 300 without their first day."""
    lines = ["people:"]
    for number in range(1250):
        day = [] if number < 300 else ["    active_from: 2020-01-01"]
        person = [f"  - id: p{number}", f"    name: Person {number}", "    function: platform",
                  "    zone: UTC", *day]  # fmt: skip
        lines += [*person, *["    # a comment"] * (8 - len(person))]
    return "\n".join(lines) + "\n"


def test_three_hundred_mistakes_in_ten_thousand_lines_are_all_told_in_a_few_lines(root):
    put(root, PEOPLE, three_hundred_mistakes())

    began = time.process_time()
    with pytest.raises(WorkbookError) as refused:
        read_workbook(root)

    assert time.process_time() - began < 10  # the goal of 2 seconds is measured by the benchmark
    assert len(refused.value.problems) == 300
    assert str(refused.value) == (
        "people.yaml:2: people[0].active_from is missing; expected a day, such as 2026-03-01\n"
        "  300 times, in lines 2, 10, 18 and 297 more\n"
        "  to fix: write `active_from:` here\n"
        "300 problems in all"
    )


def check(root):
    """Run `ops-model check scorer` as a user does."""
    command = [sys.executable, "-m", "ops_model", "check", "scorer", "--workbook", str(root)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False
    )


@pytest.mark.parametrize(
    "name",
    ["duplicate key", "merge key in people", "deep flow", "deep block", "too large", "control",
     "direction override", "tab", "UTF-16", "empty", "code", "laughs", "huge number"],
)  # fmt: skip
def test_the_command_line_refuses_it_with_its_place_and_exit_code_two(root, name):
    path, content, line, said = REFUSED[name]
    put(root, path, content)

    finished = check(root)

    assert finished.returncode == 2
    assert (f"{path}:{line}: " if line else f"{path}: ") in finished.stderr
    assert said in finished.stderr
    assert "to fix: " in finished.stderr
    assert "Traceback" not in finished.stderr
    assert finished.stdout == ""


def test_the_command_line_waits_for_no_pipe(root):
    os.mkfifo(root / OWNERSHIP)

    finished = check(root)

    assert finished.returncode == 2
    assert f"{OWNERSHIP}: is no plain file" in finished.stderr


def test_the_command_line_tells_many_equal_mistakes_once(root):
    put(root, PEOPLE, three_hundred_mistakes())

    finished = check(root)

    assert finished.returncode == 2
    assert finished.stderr.endswith("300 problems in all\n")
    assert len(finished.stderr.splitlines()) == 4
