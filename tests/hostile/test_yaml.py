"""YAML that builds objects, grows, never ends, says two things, or is no text: in every file."""

import time

import pytest

from ops_model.domain.operating_model import AREA_FILES
from ops_model.domain.ownership import Ownership
from ops_model.domain.system import AISystem
from ops_model.errors import WorkbookError
from ops_model.store.claim_file import MAX_BYTES, read_claim
from ops_model.store.register_file import read_register
from ops_model.store.save import read_answer, save_answer
from ops_model.store.workbook import read_workbook
from tests.hostile.asking import SECONDS, ask

LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
CORPUS = {
    "object": b"a: !!python/object/apply:os.system [touch ran]\n",
    "object as a key": b"!!python/object/apply:os.system [touch ran]: a\n",
    "object by a directive": b"%TAG ! tag:yaml.org,2002:python/\n---\na: !name:os.system x\n",
    "module": b"a: !!python/module:antigravity ''\n",
    "set": b"a: !!set {x, y}\n",
    "binary": b"a: !!binary aGVsbG8=\n",
    "own tag": b"a: !vault x\n",
    "laughs": LAUGHS.encode(),
    "alias to itself": b"a: &a [*a]\n",
    "unknown alias": b"a: *nobody\n",
    "anchor": b"a: &a x\n",
    "merge key": b"a:\n  <<: {approved: true}\n",
    "merge of a list": b"<<: [{a: 1}, {b: 2}]\n",
    "duplicate key": b"approved: false\napproved: true\n",
    "duplicate key, escaped": b'approved: false\n"approve\\x64": true\n',
    "brackets": b"[" * 5_000,
    "many brackets": b"[" * 500_000,
    "braces": b"{a: " * 5_000,
    "dashes": b"- " * 5_000,
    "levels": "\n".join(" " * n + "a:" for n in range(1_000)).encode(),
    "questions": b"? " * 5_000,
    "endless key": b"k" * 100_000 + b": 1\n",
    "quote without end": b"a: '" + b"x" * 100_000,
    "too large": b"#" * (MAX_BYTES + 1),
    "two documents": b"a: 1\n---\nb: 2\n",
    "NUL": b"a: x\0y\n",
    "escaped NUL": b'a: "x\\0y"\n',
    "bell": b"a: x\x07y\n",
    "escaped escape": b'a: "\\e[31m"\n',
    "mark of byte order inside": "a: 1\n\ufeffb: 2\n".encode(),
    "line separator": "a: x\u2028y\n".encode(),
    "escaped line separator": b'a: "x\\Ly"\n',
    "next line": "a: x\u0085y\n".encode(),
    "direction": "a: x\u202ey\n".encode(),
    "unseen": "a: x\u200by\n".encode(),
    "half a character": b'a: "\\ud800"\n',
    "half a character in bytes": b"a: \xed\xa0\x80\n",
    "overlong slash": b"a: \xc0\xaf\n",
    "UTF-16": "a: 1\n".encode("utf-16"),
    "UTF-32": "a: 1\n".encode("utf-32-le"),
    "UTF-7": b"a: +ADw-script+AD4- @\n\t",
    "Latin-1": b"a: \xe9\n",
    "EBCDIC": "a: 1\n".encode("cp500"),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
}
AREAS = [f"systems/flight-delay/{file}" for file, _ in AREA_FILES.values()]
FILES = [
    "ops-model.yaml", "people.yaml", "policy.yaml", "portfolio.yaml", *AREAS,
    "systems/flight-delay/incidents/storm.yaml",
]  # fmt: skip


def put(root, place, content):
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("place", FILES)
def test_no_file_of_a_workbook_is_read_with_any_of_it(root, place):
    for name, content in CORPUS.items():
        put(root, place, content)

        began = time.process_time()
        with pytest.raises(WorkbookError) as refused:
            read_workbook(root)
        seconds = time.process_time() - began

        own = [p for p in refused.value.problems if p.where.startswith(place)]
        assert own, name
        assert all(p.message and p.remedy and "\n" not in p.message for p in own), name
        assert all(p.message.isprintable() for p in own), name
        assert seconds < SECONDS, name
    assert not list(root.parent.rglob("ran"))


@pytest.mark.parametrize("content", CORPUS.values(), ids=list(CORPUS))
def test_a_user_reads_where_it_is_and_what_to_do(root, content):
    put(root, "systems/flight-delay/ownership.yaml", content)

    for words in (("check", "flight-delay"), ("run", "good", "flight-delay"), ("new", "b")):
        told = ask(*words, "--workbook", root)
        assert told.code == 2 or words[0] == "new"
        if told.code == 2 and words[0] != "new":
            assert "systems/flight-delay/ownership.yaml:" in told.text
            assert "to fix: " in told.text
        assert told.seconds < SECONDS
    assert not (root / "runs").exists()


@pytest.mark.parametrize("content", CORPUS.values(), ids=list(CORPUS))
def test_an_answer_is_not_saved_into_it_and_not_a_byte_is_changed(root, content):
    place = "systems/flight-delay/ownership.yaml"
    path = put(root, place, content)
    began = time.process_time()

    for act in (
        lambda: save_answer(root, place, "accountable", "m-ito", model=Ownership),
        lambda: read_answer(root, place, "accountable"),
    ):
        with pytest.raises(WorkbookError):
            act()

    assert time.process_time() - began < SECONDS
    assert path.read_bytes() == content
    assert not list(root.parent.rglob("ran"))


HOSTILE_ANSWERS = [
    "x\ny: z", "x: y", "- x", "# x", "&a x", "*a", "!!python/object:os.system {}", "<<", "{x: y}",
    "[x]", "? x", "| x", "> x", "'", '"', "\\", "%TAG", "---", "...", "null", "~", "NO",
    "12:30:45", "0123", "1.10", "@x", "`x`", "x #y", "x:", " x", "x ",
]  # fmt: skip


@pytest.mark.parametrize("answer", HOSTILE_ANSWERS)
def test_an_answer_that_looks_like_yaml_is_saved_as_the_text_that_it_is(root, answer):
    place = "systems/flight-delay/system.yaml"

    save_answer(root, place, "purpose", f"{answer} a", model=AISystem)
    save_answer(root, place, "users", f"a {answer}", model=AISystem)

    assert read_answer(root, place, "purpose") == f"{answer} a"
    assert read_answer(root, place, "users") == f"a {answer}"
    assert read_workbook(root).system("flight-delay").identity.kind == "predictive"


@pytest.mark.parametrize(
    "answer", ["x\x1b[31m", "x\0", "x\u202ey", "x\u2028", "\ud800", "...", ""]
)
def test_an_answer_that_no_claim_can_hold_is_not_saved(root, answer):
    place = "systems/flight-delay/system.yaml"
    before = (root / place).read_bytes()

    with pytest.raises(WorkbookError):
        save_answer(root, place, "purpose", answer, model=AISystem)

    assert (root / place).read_bytes() == before


@pytest.mark.parametrize("content", CORPUS.values(), ids=list(CORPUS))
def test_the_frameworks_of_a_check_folder_are_not_read_with_it(tmp_path, content):
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks/frameworks.yaml").write_bytes(content)
    began = time.process_time()

    read = read_register(tmp_path / "checks")

    assert time.process_time() - began < SECONDS
    assert read.problems
    assert all(p.where.startswith("checks/frameworks.yaml") for p in read.problems)
    assert read.register.frameworks == ()


GUESSED = [
    "NO", "yes", "on", "y", "12:30:45", "0123", "0o17", "1.10", "1e3", "0x1F", ".inf", ".nan",
    "2026-01-01", "1_000", "=",
]  # fmt: skip


@pytest.mark.parametrize("written", GUESSED)
def test_a_scalar_stays_the_text_that_was_written(root, written):
    place = "systems/flight-delay/system.yaml"
    text = (root / place).read_text(encoding="utf-8")
    put(root, place, text.replace("users: dispatchers", f"users: {written}").encode())

    value, problems = read_claim(root, place, AISystem)

    assert (value.users, problems) == (written, [])
