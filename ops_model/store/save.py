"""One answer saved into a claim file in place, or nothing at all.

The new text is read as the workbook's reader would read it before it takes the old one's place, so
a file that was valid stays valid. The file is replaced whole: a crash leaves the old or the new.
"""

import os
import stat
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ops_model.domain.texts import hidden_in
from ops_model.domain.values import ClaimFile, Located
from ops_model.errors import Problem, WorkbookError
from ops_model.store.claim_file import MAX_BYTES, read_claim_text
from ops_model.store.expectation import YAML, Voice
from ops_model.store.line_ends import with_ends_of
from ops_model.store.yaml_edit import Node, Steps, change, change_whole, with_value
from ops_model.store.yaml_marks import without_marks
from ops_model.store.yaml_nodes import read_yaml
from ops_model.store.yaml_text import Tree, texts_in, tree_of

_BYTE_ORDER_MARK = "\ufeff"
_IN_BRACKETS = "flow"


@dataclass(frozen=True)
class Saved:
    """What became of a file: the tree of the key before and after."""

    changed: bool
    before: Tree
    after: Tree


def read_answer(root: Path, path: str, key_path: str | Sequence[str | int]) -> Tree:
    """What a claim file says at a key, as text; None when it says nothing there.

    Raises:
        WorkbookError: the file cannot be read as YAML.
    """
    _, _, text = _read(root, path)
    return _value_at(_parsed(text, path), _steps(key_path))


def save_answer(
    root: Path,
    path: str,
    key_path: str | Sequence[str | int],
    value: object,
    *,
    model: type[ClaimFile],
    voice: Voice = YAML,
) -> Saved:
    """Write `value` at one key of a claim file; comments, blank lines, quotes and order stay.

    Args:
        root: the workbook's folder.
        path: the file, relative to it.
        key_path: dotted, list positions included (`layers.0.participants`), or the steps.
        value: text, numbers, True, False, lists and dicts of these; None leaves the key out.
        model: what the file holds.
        voice: to whom a refusal is said, somebody who writes YAML or Python.

    Raises:
        WorkbookError: with the answer the file would be no valid object, or it cannot be written;
            holds every problem, and nothing was saved.
    """
    target, mark, text = _read(root, path)
    tree, steps = _parsed(text, path), _steps(key_path)
    wanted = _wanted(tree, steps, value, path)
    before, after = _value_at(tree, steps), _value_at(wanted, steps)
    if wanted == tree:
        return Saved(changed=False, before=before, after=after)
    changed = edited(text, path, steps, value, model)
    _, problems = read_claim_text(changed, path, model, voice=voice)
    if problems:
        raise WorkbookError(problems=problems)
    _replace(target, path, mark + text, mark + changed)
    return Saved(changed=True, before=before, after=after)


def save_answers(
    root: Path, path: str, answers: Mapping[str, object], *, model: type[ClaimFile]
) -> None:
    """Write several keys of a claim file at once: all of them, or none.

    Args:
        root: the workbook's folder.
        path: the file, relative to it.
        answers: the values by dotted key, as `save_answer` takes one.
        model: what the file holds.

    Raises:
        WorkbookError: as `save_answer`; nothing was saved.
    """
    target, mark, text = _read(root, path)
    changed = text
    for key, value in answers.items():
        changed = edited(changed, path, _steps(key), value, model)
    _, problems = read_claim_text(changed, path, model)
    if problems:
        raise WorkbookError(problems=problems)
    _replace(target, path, mark + text, mark + changed)


def edited(text: str, path: str, steps: Steps, value: object, model: type[ClaimFile]) -> str:
    """The text with the value at `steps` changed; whether it is a valid object is not asked.

    Raises:
        WorkbookError: it cannot be changed in place.
    """
    wanted = _wanted(_parsed(text, path), steps, value, path)
    plain, tree = text.replace("\r\n", "\n"), tree_of(value)
    root = _nodes(plain, path)
    # What cannot be changed where it stands is written anew, the smallest part first.
    whole = [partial(change_whole, depth=depth) for depth in range(len(steps), 0, -1)]
    hows: list[Callable[[str, Node | None, Steps, Tree, object], str]] = [change, *whole]
    for how in hows:
        changed = how(plain, root, steps, tree, model)
        # The proof: whatever the shape of the file, it reads as asked, or nothing is written.
        for text_now in (without_marks(plain, changed), changed):
            if read_yaml(text_now, path) == (wanted, []):
                return with_ends_of(text, text_now)
    raise WorkbookError(
        f"{_name(steps)} cannot be changed in place; expected plain YAML around it",
        where=path,
        remedy="change it in an editor",
    )


def _name(steps: Steps) -> str:
    return ".".join(map(str, steps))


def _steps(key_path: str | Sequence[str | int]) -> Steps:
    if not isinstance(key_path, str):
        return tuple(key_path)
    return tuple(int(s) if s.isascii() and s.isdigit() else s for s in key_path.split("."))


def _wanted(tree: Tree, steps: Steps, value: object, path: str) -> Tree:
    name = _name(steps)
    try:
        answer = tree_of(value)
        _refuse_hidden(answer, name, path)
        return with_value(tree, steps, answer)
    except TypeError as error:
        raise WorkbookError(
            f"{name} {error}", where=path, remedy="write it as text in quotes"
        ) from error
    except LookupError as error:
        raise WorkbookError(
            f"{name} leads to nothing at {error}; expected a key or a position that is there",
            where=path,
            remedy="look at the file for what it holds",
        ) from error


def _refuse_hidden(answer: Tree, name: str, path: str) -> None:
    # Said about the answer: in the file there is nothing yet to point at.
    for text in texts_in(answer):
        if found := hidden_in(text):
            raise WorkbookError(
                f"{name} holds {found}; expected visible text",
                where=path,
                remedy="remove the character; it may have come with a copy from elsewhere",
            )


def _value_at(tree: Tree, steps: Steps) -> Tree:
    for step in steps:
        try:
            tree = tree[step]
        except (LookupError, TypeError):
            return None
    return tree


def _parsed(text: str, path: str) -> Tree:
    tree, problems = read_yaml(text, path)
    if not problems and not isinstance(tree, Located):
        problems = [
            Problem("the file holds no keys; expected a mapping", path, "write `key: value`")
        ]
    if problems:
        raise WorkbookError(problems=problems)
    return tree


def _nodes(text: str, path: str) -> Node | None:
    """The places of all nodes. What was read before is bounded: no anchors, at most 50 levels."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        root = YAML(typ="rt", pure=True).compose(text)
    except YAMLError as error:
        raise WorkbookError(
            f"cannot be changed in place: {error}", where=path, remedy="change it in an editor"
        ) from error
    return _node(root) if root is not None else None


def _node(found: Any) -> Node:  # noqa: ANN401 - ruamel's nodes are untyped
    start, end = found.start_mark.index, found.end_mark.index
    column = found.start_mark.column
    if isinstance(found.value, str):
        return Node(start, end, column, found.style or "", found.value)
    style = _IN_BRACKETS if found.flow_style else "block"
    if found.id == "mapping":
        pairs = tuple(_pair(_node(key), _node(value)) for key, value in found.value)
        return Node(start, end, column, style, pairs=pairs)
    return Node(start, end, column, style, items=tuple(_node(item) for item in found.value))


def _pair(key: Node, value: Node) -> tuple[Node, Node]:
    # Nothing at all is said to stand where the next thing begins, which may be lines below.
    if value.is_scalar and value.start == value.end and not value.style:
        value = Node(key.end, key.end, key.column)
    return key, value


def _read(root: Path, path: str) -> tuple[Path, str, str]:
    """The file behind a path (links inside the workbook followed), its mark and its text."""
    target = _inside(root, path)
    if not target.exists():
        return target, "", ""
    if not target.is_file():
        raise WorkbookError("is no plain file", where=path, remedy="put a file of YAML there")
    try:
        data = target.read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise WorkbookError(
            f"cannot be read: {reason}", where=path, remedy="make it a readable file of UTF-8 text"
        ) from error
    if len(data) > MAX_BYTES:
        raise WorkbookError(
            f"holds more than {MAX_BYTES} bytes; expected at most 1 MiB of claims",
            where=path,
            remedy="keep claims here, and data in a log that they name",
        )
    body = text.removeprefix(_BYTE_ORDER_MARK)
    return target, text[: len(text) - len(body)], body


def _inside(root: Path, path: str) -> Path:
    try:
        target = (root / path).resolve()
    except (OSError, RuntimeError):
        target = Path("/")
    if not target.is_relative_to(root.resolve()):
        raise WorkbookError(
            "is a link that leaves the workbook; expected a file below it",
            where=path,
            remedy="copy the file into the workbook",
        )
    return target


def _replace(target: Path, path: str, old: str, new: str) -> None:
    data = new.encode("utf-8")
    if len(data) > MAX_BYTES:
        raise WorkbookError(
            f"would hold more than {MAX_BYTES} bytes; expected at most 1 MiB of claims",
            where=path,
            remedy="write less here, and keep data in a log",
        )
    _refuse_read_only(target, path)
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex[:12]}.tmp")
    try:
        _write_through(beside, data, target)
        if target.exists() and target.read_bytes() != old.encode("utf-8"):
            raise WorkbookError(
                "was changed by somebody else just now; nothing was saved",
                where=path,
                remedy="look at the file, then save again",
            )
        beside.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise WorkbookError(
            f"cannot be written: {error.strerror or error}; nothing was saved",
            where=path,
            remedy="see that the disk has room, and that you may write there",
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def _refuse_read_only(target: Path, path: str) -> None:
    # To put another file in its place, the folder alone would have to be writable.
    if target.exists() and not target.stat().st_mode & stat.S_IWUSR:
        raise WorkbookError(
            "is read-only; nothing was saved",
            where=path,
            remedy=f"if it may be changed, make it writable: chmod u+w {path}",
        )


def _write_through(beside: Path, data: bytes, target: Path) -> None:
    with beside.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    if target.exists():
        beside.chmod(stat.S_IMODE(target.stat().st_mode))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
