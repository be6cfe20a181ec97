"""Checkpoints, the keys that sign them, and the two files that hold them."""

import base64
import hashlib
import shutil
import subprocess
import threading

import pytest

from ops_model.errors import IntegrityError, UsageError, WorkbookError
from ops_model.store.checkpoint import (
    Checkpoint,
    CheckpointKey,
    Note,
    NoteSignature,
    VerifierKey,
    sign,
)
from ops_model.store.checkpoint_file import (
    add_key,
    append_note,
    keys_from,
    newest_note,
    parse_notes,
    read_keys,
    read_notes,
)
from tests.conftest import require

ORIGIN = "example.org/ops-model"
ROOT = hashlib.sha256(b"a root").hexdigest()


@pytest.fixture(scope="module")
def key():
    return CheckpointKey.generate(ORIGIN)


def a_note(key, size=7, root=ROOT):
    return sign(key, Checkpoint(key.name, size, root))


def test_a_note_is_the_three_lines_of_the_specification_and_a_signature(key):
    text = a_note(key).text

    origin, size, root, empty, line, end = text.split("\n")
    assert (origin, size, empty, end) == (ORIGIN, "7", "", "")
    assert base64.b64decode(root).hex() == ROOT
    dash, name, encoded = line.split(" ")
    assert (dash, name) == ("—", ORIGIN)
    raw = base64.b64decode(key.public.split("+", 2)[2])[1:]
    told = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + raw).digest()[:4]
    assert base64.b64decode(encoded)[:4] == told
    assert len(base64.b64decode(encoded)) == 4 + 64


def test_the_example_of_the_signed_note_specification_is_read_as_it_is_written():
    """The key and note of golang.org/x/mod/sumdb/note, which the specification was made from."""
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    body = (
        b"If you think cryptography is the answer to your problem,\n"
        b"then you don't know what your problem is.\n"
    )
    line = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )

    assert line[:4] == key.identity
    assert key.verify_bytes(body, line[4:])
    assert not key.verify_bytes(body.replace(b"is", b"are"), line[4:])


def test_a_note_holds_for_the_key_that_signed_it(key):
    found = Note.parse(a_note(key).text).check([key.verifier])

    assert found.holds
    assert found.by == (key.verifier,)
    assert (found.unknown, found.forged) == ((), ())


@pytest.mark.parametrize("changed", ["origin", "size", "root"])
def test_an_edited_note_does_not_hold(key, changed):
    other = CheckpointKey.generate("example.net/other").name
    lines = a_note(key).text.split("\n")
    line = {"origin": 0, "size": 1, "root": 2}[changed]
    lines[line] = [other, "6", base64.b64encode(bytes(32)).decode()][line]

    found = Note.parse("\n".join(lines)).check([key.verifier])

    assert not found.holds


def test_every_flipped_byte_of_a_note_is_found(key):
    content = a_note(key).text.encode()

    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1
        try:
            note = Note.parse(flipped.decode("utf-8"))
        except ValueError:
            continue
        assert not note.check([key.verifier]).holds, place


def test_a_note_of_an_unknown_key_is_named_and_not_trusted(key):
    found = a_note(key).check([CheckpointKey.generate(ORIGIN).verifier])

    assert not found.holds
    assert (found.by, found.unknown, found.forged) == ((), (ORIGIN,), ())


def test_a_signature_in_the_name_of_a_known_key_that_is_not_its_own_is_forged(key):
    note = a_note(key)
    (line,) = note.signatures
    forged = NoteSignature(line.name, line.identity, bytes(64))

    found = Note(note.checkpoint, (line, forged)).check([key.verifier])

    assert not found.holds
    assert found.forged == (ORIGIN,)


def test_a_witness_alone_makes_no_checkpoint_of_the_ledger(key):
    witness = CheckpointKey.generate("witness.example")
    note = a_note(key)
    seen = witness.sign_bytes(note.checkpoint.body.encode())
    line = NoteSignature(witness.name, witness.verifier.identity, seen)

    alone = Note(note.checkpoint, (line,)).check([witness.verifier])
    beside = Note(note.checkpoint, (*note.signatures, line))

    assert not alone.holds
    assert beside.check([key.verifier]).unknown == ("witness.example",)
    assert beside.check([key.verifier, witness.verifier]).by == (key.verifier, witness.verifier)
    assert Note.parse(beside.text) == beside


def test_a_witness_may_sign_with_the_instant_at_which_it_saw_the_note(key):
    witness = CheckpointKey.generate("witness.example")
    public = VerifierKey(witness.name, 4, witness.verifier.raw)
    note = a_note(key)
    seen = 1_790_000_000
    signature = witness.sign_bytes(f"cosignature/v1\ntime {seen}\n{note.checkpoint.body}".encode())
    line = NoteSignature(witness.name, public.identity, seen.to_bytes(8, "big") + signature)
    later = NoteSignature(witness.name, public.identity, (seen + 1).to_bytes(8, "big") + signature)

    known = [key.verifier, public]
    assert Note(note.checkpoint, (*note.signatures, line)).check(known).by == tuple(known)
    assert Note(note.checkpoint, (*note.signatures, later)).check(known).forged == (witness.name,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "a\n01\n" + base64.b64encode(bytes(32)).decode() + "\n\n— a AAAAAAA=\n",
        "a\n1\n" + base64.b64encode(bytes(31)).decode() + "\n\n— a AAAAAAA=\n",
        "a\n1\n" + base64.b64encode(bytes(32)).decode() + "\nmore\n\n— a AAAAAAA=\n",
        "a\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\n",
        "a\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\n- a AAAAAAA=\n",
        "a\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\n— a AAAAAAA=",
        "a\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\n" + "— a AAAAAAA=\n" * 17,
        "a\r\n1\r\n" + base64.b64encode(bytes(32)).decode() + "\r\n\r\n— a AAAAAAA=\r\n",
    ],
)
def test_a_text_that_is_no_note_is_refused(text):
    with pytest.raises(ValueError, match=r"checkpoint|signature"):
        Note.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "example.org+12345678+AAAA",
        "example.org+12345678+!!!!",
        "example.org+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        "example org+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        "example.org+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
    ],
)
def test_a_line_that_is_no_public_key_is_refused(text):
    with pytest.raises(ValueError, match=r"key"):
        VerifierKey.parse(text)


def test_a_key_is_read_back_as_it_was_written(key, tmp_path):
    key.write(tmp_path / "kept" / "checkpoint.key")

    assert CheckpointKey.load(tmp_path / "kept" / "checkpoint.key").public == key.public
    assert (tmp_path / "kept" / "checkpoint.key").stat().st_mode & 0o777 == 0o600


def test_the_private_key_is_a_file_that_openssh_reads(key, tmp_path):
    require(shutil.which("ssh-keygen") is not None, "ssh-keygen")
    key.write(tmp_path / "checkpoint.key")

    told = subprocess.run(
        ["ssh-keygen", "-y", "-f", tmp_path / "checkpoint.key"],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip

    assert told[0] == "ssh-ed25519"
    assert base64.b64decode(told[1])[-32:] == key.verifier.raw
    assert told[2] == ORIGIN


def test_a_key_that_openssh_made_is_taken_by_its_comment(tmp_path):
    require(shutil.which("ssh-keygen") is not None, "ssh-keygen")
    path = tmp_path / "made.key"
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", ORIGIN, "-f", path]
    subprocess.run(made, check=True)

    key = CheckpointKey.load(path)

    assert key.name == ORIGIN
    assert a_note(key).check([VerifierKey.parse(key.public)]).holds


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["-t", "ed25519", "-N", "a passphrase", "-C", ORIGIN], "passphrase"),
        (["-t", "ecdsa", "-N", "", "-C", ORIGIN], "type ecdsa"),
        (["-t", "ed25519", "-N", "", "-C", "me@my laptop"], "no name"),
    ],
)
def test_a_private_key_that_cannot_sign_checkpoints_is_refused(tmp_path, options, why):
    require(shutil.which("ssh-keygen") is not None, "ssh-keygen")
    path = tmp_path / "made.key"
    subprocess.run(["ssh-keygen", "-q", *options, "-f", path], check=True)

    with pytest.raises(UsageError, match=why) as refused:
        CheckpointKey.load(path)

    assert "to fix: make one with `ops-model ledger key" in str(refused.value)


def test_a_private_key_that_others_may_read_is_refused(key, tmp_path):
    key.write(tmp_path / "checkpoint.key")
    (tmp_path / "checkpoint.key").chmod(0o640)

    with pytest.raises(UsageError, match="others may read or write this key"):
        CheckpointKey.load(tmp_path / "checkpoint.key")


@pytest.mark.parametrize("content", [b"", b"a key", b"-----A-----not base64!-----B-----\n"])
def test_a_file_that_is_no_private_key_is_refused(tmp_path, content):
    (tmp_path / "a.key").touch(mode=0o600)
    (tmp_path / "a.key").write_bytes(content)

    with pytest.raises(UsageError, match="is no OpenSSH private key"):
        CheckpointKey.load(tmp_path / "a.key")


def test_a_private_key_is_never_replaced(key, tmp_path):
    key.write(tmp_path / "checkpoint.key")

    with pytest.raises(UsageError, match="no key is ever replaced"):
        CheckpointKey.generate(ORIGIN).write(tmp_path / "checkpoint.key")

    assert CheckpointKey.load(tmp_path / "checkpoint.key").public == key.public


def test_notes_are_kept_oldest_first_and_the_newest_is_found(key, tmp_path):
    notes = [a_note(key, size) for size in (3, 5, 9)]

    assert [append_note(tmp_path, note) for note in notes] == [True, True, True]

    assert read_notes(tmp_path / "checkpoints.txt") == (tuple(notes), [])
    assert newest_note(tmp_path) == notes[-1]
    assert not append_note(tmp_path, notes[1])


def test_a_workbook_without_checkpoints_has_none(tmp_path):
    assert newest_note(tmp_path) is None
    assert read_notes(tmp_path / "checkpoints.txt") == ((), [])
    assert read_keys(tmp_path) == ()


def test_notes_that_go_back_or_disagree_are_told(key):
    forward, back = a_note(key, 9), a_note(key, 5)
    fork = a_note(key, 9, hashlib.sha256(b"another root").hexdigest())

    for notes in ([forward, back], [forward, fork]):
        _, problems = parse_notes("\n".join(note.text for note in notes))
        assert "does not continue" in problems[0].message


def test_what_stands_between_notes_is_told_with_its_line(key):
    text = f"{a_note(key, 3).text}\nsomething\nelse\n\nmore\n\n{a_note(key, 5).text}"

    notes, problems = parse_notes(text)

    assert [note.checkpoint.size for note in notes] == [3, 5]
    assert [p.where for p in problems] == ["checkpoints.txt:7"]


def test_a_file_that_does_not_end_in_a_checkpoint_is_refused(key, tmp_path):
    append_note(tmp_path, a_note(key))
    with (tmp_path / "checkpoints.txt").open("a") as file:
        file.write("\ngarbage\n")

    with pytest.raises(IntegrityError, match=r"checkpoints\.txt: the last entry is no checkpoint"):
        append_note(tmp_path, a_note(key, 9))


def test_two_that_append_at_once_both_find_their_notes_whole(key, tmp_path):
    many = [a_note(key, size) for size in range(1, 21)]

    def appending(notes):
        for note in notes:
            append_note(tmp_path, note)

    threads = [threading.Thread(target=appending, args=(many[i::2],)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    notes, problems = read_notes(tmp_path / "checkpoints.txt")
    assert problems == []
    assert notes[-1] == many[-1]
    assert list(tmp_path.iterdir()) == [tmp_path / "checkpoints.txt"]


def test_keys_are_one_a_line_with_comments_and_added_behind(key, tmp_path):
    other = CheckpointKey.generate("example.org/older")
    (tmp_path / "checkpoint_keys.txt").write_text(
        f"# until 2026-03\n{other.public}  # retired\n", encoding="utf-8"
    )

    add_key(tmp_path, key.verifier)
    add_key(tmp_path, key.verifier)

    assert read_keys(tmp_path) == (other.verifier, key.verifier)
    assert "# retired\n" in (tmp_path / "checkpoint_keys.txt").read_text()


def test_every_line_that_is_no_key_is_told_at_once(key, tmp_path):
    (tmp_path / "checkpoint_keys.txt").write_text(f"one\n{key.public}\ntwo\n")

    with pytest.raises(WorkbookError) as refused:
        read_keys(tmp_path)

    assert [p.where for p in refused.value.problems] == [
        "checkpoint_keys.txt:1", "checkpoint_keys.txt:3",
    ]  # fmt: skip


def test_a_reader_names_a_key_itself_or_a_file_of_keys(key, tmp_path):
    (tmp_path / "trusted.txt").write_text(key.public)

    assert keys_from(key.public) == (key.verifier,)
    assert keys_from(str(tmp_path / "trusted.txt")) == (key.verifier,)
    for nothing in ("no key", str(tmp_path / "gone"), "#"):
        with pytest.raises(WorkbookError):
            keys_from(nothing)
