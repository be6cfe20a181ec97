"""YAML text to a tree that knows its lines: mappings, lists and scalars that stay text.

The tree is built from libyaml's events, one at a time, and not from its composer: the composer
recurses in C, and a hundred thousand opening brackets would end the process. Here the fifty-first
level is a problem like any other. No tag, anchor, alias or merge key is followed, so no file can
build an object or grow beyond its own size.
"""

import re
from collections.abc import Callable
from sys import intern
from typing import Any, NamedTuple

import yaml

from ops_model.domain.texts import HIDDEN, HIDDEN_LETTERS, hidden_in, without_credentials
from ops_model.domain.values import Located, Where
from ops_model.errors import Problem
from ops_model.store.places import Places

MAX_DEPTH = 50
_SHOWN = 60  # characters of a value in a message
_LONG_NUMBER = 16
_WHOLE_NUMBER = re.compile(r"\s*[+-]?[0_]*[1-9][\d_]{15,}(\.0*)?\s*")
_NULLS = frozenset({"", "~", "null"})
_SYNTAX_REMEDIES = (
    ("mapping values are not allowed", "put a text that holds ': ' in quotes; check indentation"),
    ("found a tab", "put spaces in the tab's place"),
    ("cannot start any token", "put a text that begins with this character in quotes"),
    ("unexpected end of stream", "close the quote, or complete the file"),
    ("did not find expected ','", "close the bracket, or put a comma between two items"),
    ("did not find expected key", "indent it like its neighbours; close quotes and brackets"),
    ("did not find expected '-'", "begin each item with '- ', all at the same indentation"),
    ("could not find expected ':'", "write `key: value`, with a space after the colon"),
)  # fmt: skip


class _StopReadingError(Exception):
    """The rest of the file cannot be read; the problem is noted."""


class _Frame:
    """A mapping or list that is still open."""

    __slots__ = ("drop", "is_mapping", "key", "line", "lines", "node", "places")

    def __init__(self, node: Any, line: int, places: Places) -> None:  # noqa: ANN401 - a Located or a list
        self.node = node
        self.line = line
        self.places = places
        self.lines = places.lines
        self.is_mapping = type(node) is Located
        self.key: str | None = None
        self.drop = False  # the value that follows belongs to a key that was refused

    @property
    def next_place(self) -> str:
        """The name of the place that the next value takes."""
        return self.key or "" if self.is_mapping else str(len(self.node))


def shown(value: object) -> str:
    """A value that was read, on one line of any terminal and short enough for it."""
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = " ".join(without_credentials(str(value))[: 4 * _SHOWN].split())
    text = text if text.isprintable() else ascii(text)
    return f"{text[:_SHOWN]}..." if len(text) > _SHOWN else text or "empty text"


class Read(NamedTuple):
    """What a text of YAML holds, and what is wrong with it."""

    tree: object
    problems: list[Problem]
    has_long_number: bool = False
    """Whether a value is a number of 16 characters or more, which may be too large to record."""


def read_yaml(text: str, path: str) -> tuple[object, list[Problem]]:
    """The tree of one YAML document, and everything wrong with its YAML; see `read_tree`."""
    read = read_tree(text, path)
    return read.tree, read.problems


def read_tree(text: str, path: str) -> Read:
    """The tree of one YAML document, and everything wrong with its YAML.

    Mappings are `Located`; their `places` also hold dotted paths into what lies below them, such
    as `thresholds.RBK-02.max_age_days` or `layers.0.participants.1`. A scalar is its text, or None
    for a plain `null`, `~` or nothing. An empty document is an empty mapping. Where the YAML
    cannot be followed to its end, the tree is None.
    """
    if problems := _forbidden_characters(text, path):
        return Read(None, problems)
    reader = _Reader(path)
    parser = yaml.CSafeLoader(text)
    try:
        reader.read(parser.get_event)
    except yaml.YAMLError as error:
        reader.problems.append(_syntax_problem(error, text, path))
        reader.root = None
    except _StopReadingError:
        reader.root = None
    finally:
        parser.dispose()
    return Read(reader.root, reader.problems, reader.has_long_number)


def _forbidden_characters(text: str, path: str) -> list[Problem]:
    problems: list[Problem] = []
    # Two questions that are many times faster than the search; the first is the stricter one.
    if text.replace("\n", "").isprintable() and not any(c in text for c in HIDDEN_LETTERS):
        return problems
    if HIDDEN.search(text) is None:
        return problems
    for number, line in enumerate(text.split("\n"), start=1):
        if found := hidden_in(line):
            problems.append(_hidden(found, f"{path}:{number}"))
    return problems


def _hidden(found: str, where: str) -> Problem:
    return Problem(
        f"holds {found}; expected visible text",
        where,
        "remove it, or save the file again as plain UTF-8 text",
    )


def _syntax_problem(error: yaml.YAMLError, text: str, path: str) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(f"cannot be read as YAML: {error}", path, "save it as plain UTF-8 text")
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else 1
    said = str(error.problem)
    if mark is not None and _is_tab(text, mark):
        said = "found a tab where only spaces may indent"
    context = f", {error.context}" if error.context else ""
    if error.context_mark is not None and error.context_mark.line + 1 != line:
        context += f" that begins in line {error.context_mark.line + 1}"
    remedy = next((r for part, r in _SYNTAX_REMEDIES if part in said), "")
    return Problem(
        f"cannot be read as YAML: {said}{context}",
        f"{path}:{line}",
        remedy or "compare this line and the one above with a file that works",
    )


def _is_tab(text: str, mark: yaml.Mark) -> bool:
    lines = text.splitlines()
    return mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t"


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


class _Reader:
    """Builds the tree from events; notes problems and goes on where it can.

    The methods that meet every scalar are written for speed: a large workbook is half a million
    events.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.root: object = None
        self.has_long_number = False
        self._open: list[_Frame] = []
        self._top: _Frame | None = None
        self._documents = 0

    def read(self, next_event: Callable[[], yaml.Event | None]) -> None:
        """Take every event up to the end of the file."""
        # Not an attribute: a circle of references would keep every tree until the next collection.
        takers: dict[type[Any], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._start_mapping,
            yaml.SequenceStartEvent: self._start_list,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.DocumentStartEvent: self._document,
        }
        while (event := next_event()) is not None:
            if (taker := takers.get(type(event))) is not None:
                taker(event)
        if self.root is None:
            empty = Located()
            empty.where = Where(path=self.path, line=1)
            self.root = empty

    def _problem(self, message: str, line: int, remedy: str) -> None:
        self.problems.append(Problem(message, f"{self.path}:{line}", remedy))

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            line = _line(event)
            self._problem("begins a second document; expected one", line, "remove the line `---`")
            raise _StopReadingError

    def _refuse_references(self, event: yaml.NodeEvent, tag: str | None, line: int) -> None:
        if event.anchor is not None:
            self._problem(
                f"has the anchor &{shown(event.anchor)}; expected none",
                line,
                "write the value out",
            )
        if tag is not None:
            short = shown(tag.replace("tag:yaml.org,2002:", "!!"))
            self._problem(f"has the tag {short}; expected none", line, "write the value alone")

    def _alias(self, event: yaml.AliasEvent) -> None:
        line = _line(event)
        name = shown(event.anchor)
        self._problem(f"has the alias *{name}; expected none", line, "write the value out")
        self._put(f"*{event.anchor}", line)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        # `_line` and its question would be a call for each scalar; the parser marks them all.
        line = event.start_mark.line + 1  # type: ignore[union-attr]  # as said
        text, style, top = event.value, event.style, self._top
        if event.anchor is not None or event.tag is not None:
            self._refuse_references(event, event.tag, line)
        if style == '"':
            text = self._escaped(text, line)
        if top is not None and top.key is None and top.is_mapping:
            self._key(top, text, line, plain=not style)
            return
        if len(text) >= _LONG_NUMBER and _WHOLE_NUMBER.fullmatch(text):
            self.has_long_number = True
        self._put(None if text in _NULLS and not style else text, line)

    def _escaped(self, text: str, line: int) -> str:
        # Only an escape in double quotes can bring in what the scan of the text did not see.
        if found := hidden_in(text):
            self.problems.append(_hidden(found, f"{self.path}:{line}"))
            return HIDDEN.sub("\ufffd", text)
        return text

    def _key(self, frame: _Frame, key: str, line: int, *, plain: bool) -> None:
        frame.key = key
        if plain and key == "<<":
            frame.drop = True
            self._problem("has a merge key <<; expected none", line, "write the keys out")
        elif key in frame.node:
            frame.drop = True
            first = frame.lines[key]
            self._problem(
                f"{shown(key)} stands twice, in lines {first} and {line}; expected it once",
                line,
                "keep one of the two lines",
            )
        else:
            frame.lines[intern(key)] = line

    def _start_mapping(self, event: yaml.MappingStartEvent) -> None:
        self._start(event, Located())

    def _start_list(self, event: yaml.SequenceStartEvent) -> None:
        self._start(event, [])

    def _start(self, event: yaml.CollectionStartEvent, node: Located | list[object]) -> None:
        line = _line(event)
        if event.anchor is not None or event.tag is not None:
            self._refuse_references(event, event.tag, line)
        if len(self._open) >= MAX_DEPTH:
            self._problem(
                f"is nested more than {MAX_DEPTH} levels deep; expected at most {MAX_DEPTH}",
                line,
                "flatten it; no claim is so deep",
            )
            raise _StopReadingError
        top = self._top
        if top is not None and top.is_mapping:
            if top.key is None:
                self._problem("a key is a mapping or a list; expected text", line, "write a text")
                raise _StopReadingError
            line = line if top.drop else top.lines[top.key]
        self._top = _Frame(node, line, Places(self.path))
        self._open.append(self._top)

    def _end(self, _: yaml.CollectionEndEvent) -> None:
        frame = self._open.pop()
        node = frame.node
        if frame.is_mapping:
            node.where = Where(path=self.path, line=frame.line)
            node.places = frame.places
        else:
            self._refuse_equal_ids(node)
        self._top = top = self._open[-1] if self._open else None
        if top is not None and not top.drop:
            top.places.below[top.next_place] = frame.places
        self._put(node, frame.line)

    def _put(self, value: object, line: int) -> None:
        top = self._top
        if top is None:
            self.root = value
        elif top.is_mapping:
            if top.drop:
                top.drop = False
            else:
                top.node[top.key] = value
            top.key = None
        else:
            top.lines[str(len(top.node))] = line
            top.node.append(value)

    def _refuse_equal_ids(self, items: list[object]) -> None:
        seen: dict[str, int] = {}
        for item in items:
            if type(item) is not Located or not isinstance(name := item.get("id"), str):
                continue
            line = item.places["id"].line or item.where.line or 1
            if name in seen:
                self._problem(
                    f"id {shown(name)} stands twice in one list, lines {seen[name]} and "
                    f"{line}; expected each once",
                    line,
                    "give one of the two another id",
                )
            seen.setdefault(name, line)
