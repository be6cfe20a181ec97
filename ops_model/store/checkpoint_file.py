"""The two files of a workbook that travel with its history: its checkpoints, and their keys.

`checkpoints.txt` holds the notes, oldest first, an empty line between two. `checkpoint_keys.txt`
holds the public keys, one a line; what follows a `#` is a comment. An old key stays listed for as
long as its checkpoints are to hold.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from ops_model.errors import IntegrityError, Problem, WorkbookError
from ops_model.store.checkpoint import Note, VerifierKey

CHECKPOINTS_FILE = "checkpoints.txt"
KEYS_FILE = "checkpoint_keys.txt"
_PRIVATE = "PRIVATE KEY"
_LONGEST_ECHOED = 60
_FROM_HISTORY = "restore the file from version control"


def parse_notes(
    text: str, where: str = CHECKPOINTS_FILE
) -> tuple[tuple[Note, ...], list[Problem]]:
    """The notes in the text of a file, in order, and what stands there that is none."""
    notes: list[Note] = []
    problems: list[Problem] = []
    line = 1
    for part in _parts(text):
        try:
            notes.append(Note.parse(part))
        except ValueError as error:
            problems.append(Problem(str(error), f"{where}:{line}", _FROM_HISTORY))
        line += part.count("\n") + 1
    for before, after in pairwise(notes):
        one, other = before.checkpoint, after.checkpoint
        if other.size < one.size or (other.size == one.size and other.root != one.root):
            problems.append(
                Problem(
                    f"a checkpoint at {other.size} entries stands behind one at {one.size} that "
                    "it does not continue",
                    where,
                    _FROM_HISTORY,
                )
            )
    return tuple(notes), problems


def _parts(text: str) -> Iterator[str]:
    """The text of each note: a body and its signatures, with the line end of the last."""
    halves = text.split("\n\n") if text else []
    for i in range(0, len(halves), 2):
        last = i + 2 >= len(halves)
        yield "\n\n".join(halves[i : i + 2]) + ("" if last else "\n")


def read_notes(path: Path) -> tuple[tuple[Note, ...], list[Problem]]:
    """The notes of the file at `path`; none when there is no such file.

    Raises:
        WorkbookError: the machine cannot read it.
    """
    return parse_notes(_text(path), path.name)


def newest_note(root: Path) -> Note | None:
    """The last checkpoint of a workbook, without reading the others; None when it has none.

    Raises:
        IntegrityError: what stands there is no checkpoint.
        WorkbookError: the machine cannot read it.
    """
    text = _text(root / CHECKPOINTS_FILE)
    if not text:
        return None
    try:
        return Note.parse("\n\n".join(text.rsplit("\n\n", 2)[-2:]))
    except ValueError as error:
        raise IntegrityError(
            f"the last entry {error}", where=CHECKPOINTS_FILE, remedy=_FROM_HISTORY
        ) from error


def append_note(root: Path, note: Note) -> bool:
    """Add a checkpoint to the file of a workbook, whole or not at all; durable on return.

    Returns:
        False when the file has one by now that reaches as far: somebody else was faster. One
        of this length by another key is none, or a new key would vouch for nothing until the
        ledger grows.

    Raises:
        IntegrityError: the last one there is no checkpoint.
        WorkbookError, OSError: the machine cannot read or write it.
    """
    path = root / CHECKPOINTS_FILE
    with _held(root) as folder:
        before = newest_note(root)
        text = _text(path)
        if before is not None and _reaches(before, note, text):
            return False
        _replace(path, f"{text}\n{note.text}" if text else note.text, folder)
        return True


def _reaches(newest: Note, note: Note, text: str) -> bool:
    """True when what lies there covers what a note covers, by the same signers."""
    size = note.checkpoint.size
    if newest.checkpoint.size != size:
        return newest.checkpoint.size > size
    there = [n for n in parse_notes(text)[0] if n.checkpoint.size == size]
    signers = {(one.name, one.identity) for n in there for one in n.signatures}
    return all((one.name, one.identity) in signers for one in note.signatures)


@contextmanager
def _held(root: Path) -> Iterator[int]:
    """The folder, locked against others that write here; the lock goes with the process."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(folder)


def _replace(path: Path, text: str, folder: int) -> None:
    beside = path.with_name(f".{path.name}.new")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        os.fsync(folder)
    finally:
        beside.unlink(missing_ok=True)


def parse_keys(text: str, where: str = KEYS_FILE) -> tuple[VerifierKey, ...]:
    """The public keys in the text of a file, in order.

    Raises:
        WorkbookError: a line is no key; all of them are named.
    """
    if _PRIVATE in text:
        raise WorkbookError(
            "this is a private key; nobody may see it",
            where=where,
            remedy="name the line of checkpoint_keys.txt, which is the public half",
        )
    keys, problems = [], []
    for number, line in enumerate(text.split("\n"), 1):
        told = line.partition("#")[0].strip()
        if not told:
            continue
        try:
            keys.append(VerifierKey.parse(told))
        except ValueError as error:
            remedy = "write the line that `ops-model ledger key` printed"
            problems.append(Problem(str(error), f"{where}:{number}", remedy))
    if problems:
        raise WorkbookError(problems=problems)
    return tuple(keys)


def read_keys(root: Path) -> tuple[VerifierKey, ...]:
    """The keys that a workbook lists; none when it has no such file.

    Raises:
        WorkbookError: a line is no key, or the machine cannot read it.
    """
    return parse_keys(_text(root / KEYS_FILE))


def add_key(root: Path, key: VerifierKey) -> None:
    """List one more key in a workbook; the lines that are there stay as they are.

    Raises:
        WorkbookError: a line there is no key, or the machine cannot read it.
        OSError: the machine cannot write it.
    """
    path = root / KEYS_FILE
    with _held(root) as folder:
        if key in read_keys(root):
            return
        text = _text(path)
        if text and not text.endswith("\n"):
            text += "\n"
        _replace(path, f"{text}{key.text}\n", folder)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise IntegrityError("is no UTF-8 text", where=path.name, remedy=_FROM_HISTORY) from error
    except OSError as error:
        raise WorkbookError(
            f"cannot be read: {error.strerror}", where=str(path), remedy="let this user read it"
        ) from error


def keys_from(given: str) -> tuple[VerifierKey, ...]:
    """The keys that somebody names: a public key itself, or a file of them.

    Raises:
        WorkbookError: it is neither, or a line of the file is no key, or it holds none.
    """
    path = Path(given)
    try:
        is_file = path.is_file()
    except OSError:  # a text too long to be a path
        is_file = False
    if not is_file:
        return _from_text(given)
    try:
        return parse_keys(_text(path), path.name) or _none(f"the file {given!a}")
    except IntegrityError as error:
        # The file is the reader's own, and what is wrong with it is no alarm.
        raise WorkbookError(problems=error.problems) from error


def _from_text(given: str) -> tuple[VerifierKey, ...]:
    if "+" in given or _PRIVATE in given:
        return parse_keys(given, "--key") or _none("what was given")
    # Nothing long is echoed: it may be a line of a private key.
    named = (
        f"there is no file {given!a}" if len(given) <= _LONGEST_ECHOED else "there is no such file"
    )
    raise WorkbookError(
        f"{named}, and it is no key",
        where="--key",
        remedy="name a line of checkpoint_keys.txt, or a file that holds some",
    )


def _none(what: str) -> tuple[VerifierKey, ...]:
    raise WorkbookError(
        f"{what} holds no public key", remedy="name a public key, or a file that holds some"
    )
