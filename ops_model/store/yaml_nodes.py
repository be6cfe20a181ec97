"""YAML text to a tree that knows its lines: mappings, lists and scalars that stay text.

The tree is built from libyaml's events, one at a time, and not from its composer: the composer
recurses in C, and a hundred thousand opening brackets would end the process. Here the fifty-first
level is a problem like any other. No tag, anchor, alias or merge key is followed, so no file can
build an object or grow beyond its own size.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from ops_model.domain.values import Located, Where
from ops_model.errors import Problem

MAX_DEPTH = 50
_SHOWN = 60  # characters of a value in a message
_NULLS = frozenset({"", "~", "null"})
# Control characters; the separators that YAML counts as line ends and editors do not; and the
# marks that turn the direction of text, with which a line can be shown as another than it is.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
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


class Places(Mapping[str, Where]):
    """Where each key of a mapping, or item of a list, stands; dotted paths reach further down.

    Dotted paths are found on demand: held ready, they would grow with depth times size.
    """

    def __init__(self) -> None:
        self.own: dict[str, Where] = {}
        self.below: dict[str, Places] = {}

    def __getitem__(self, path: str) -> Where:
        if path in self.own:
            return self.own[path]
        cut = path.find(".")
        while cut != -1:
            head, rest = path[:cut], path[cut + 1 :]
            if head in self.below and rest in self.below[head]:
                return self.below[head][rest]
            cut = path.find(".", cut + 1)
        raise KeyError(path)

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        for head, child in self.below.items():
            yield from (f"{head}.{rest}" for rest in child)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass
class _Frame:
    """A mapping or list that is still open."""

    node: Any
    where: Where
    places: Places = field(default_factory=Places)
    key: str | None = None
    drop: bool = False  # the value that follows belongs to a key that was refused

    @property
    def next_place(self) -> str:
        """The name of the place that the next value takes."""
        return str(len(self.node)) if isinstance(self.node, list) else self.key or ""


def shown(value: object) -> str:
    """A value that was read, on one line of any terminal and short enough for it."""
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = " ".join(str(value)[: 4 * _SHOWN].split())
    text = text if text.isprintable() else ascii(text)
    return f"{text[:_SHOWN]}..." if len(text) > _SHOWN else text or "empty text"


def read_yaml(text: str, path: str) -> tuple[object, list[Problem]]:
    """The tree of one YAML document, and everything wrong with its YAML.

    Mappings are `Located`; their `places` also hold dotted paths into what lies below them, such
    as `thresholds.RBK-02.max_age_days` or `layers.0.participants.1`. A scalar is its text, or None
    for a plain `null`, `~` or nothing. An empty document is an empty mapping. Where the YAML
    cannot be followed to its end, the tree is None.
    """
    if problems := _forbidden_characters(text, path):
        return None, problems
    reader = _Reader(path)
    parser = yaml.CSafeLoader(text)
    try:
        while (event := parser.get_event()) is not None:
            reader.take(event)
    except yaml.YAMLError as error:
        reader.problems.append(_syntax_problem(error, text, path))
        reader.root = None
    except _StopReadingError:
        reader.root = None
    finally:
        parser.dispose()
    return reader.root, reader.problems


def _forbidden_characters(text: str, path: str) -> list[Problem]:
    problems = []
    for number, line in enumerate(text.split("\n"), start=1):
        if match := _FORBIDDEN.search(line):
            problems.append(_control_character(match[0], f"{path}:{number}"))
    return problems


def _control_character(character: str, where: str) -> Problem:
    return Problem(
        f"holds the control character U+{ord(character):04X}; expected visible text",
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
    """Builds the tree from events; notes problems and goes on where it can."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.root: object = None
        self._open: list[_Frame] = []
        self._documents = 0
        self._wheres: dict[int, Where] = {}
        self._takers: dict[type[Any], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.DocumentStartEvent: self._document,
        }

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the parser."""
        taker = self._takers.get(type(event))
        if taker is not None:
            taker(event)
        elif isinstance(event, yaml.StreamEndEvent) and self.root is None:
            empty = Located()
            empty.where = self._where(1)
            self.root = empty

    def _where(self, line: int) -> Where:
        if line not in self._wheres:
            self._wheres[line] = Where(path=self.path, line=line)
        return self._wheres[line]

    def _problem(self, message: str, line: int, remedy: str) -> None:
        self.problems.append(Problem(message, f"{self.path}:{line}", remedy))

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            line = _line(event)
            self._problem("begins a second document; expected one", line, "remove the line `---`")
            raise _StopReadingError

    def _refuse_references(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            self._problem(
                f"has the anchor &{shown(event.anchor)}; expected none",
                line,
                "write the value out",
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            short = shown(tag.replace("tag:yaml.org,2002:", "!!"))
            self._problem(f"has the tag {short}; expected none", line, "write the value alone")

    def _alias(self, event: yaml.AliasEvent) -> None:
        line = _line(event)
        name = shown(event.anchor)
        self._problem(f"has the alias *{name}; expected none", line, "write the value out")
        self._put(f"*{event.anchor}", line)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        line = _line(event)
        self._refuse_references(event, line)
        text: str = event.value
        # Only an escape in double quotes can bring in what the scan of the text did not see.
        if event.style == '"' and (match := _FORBIDDEN.search(text)):
            self.problems.append(_control_character(match[0], f"{self.path}:{line}"))
            text = _FORBIDDEN.sub("\ufffd", text)
        frame = self._open[-1] if self._open else None
        if frame is not None and isinstance(frame.node, Located) and frame.key is None:
            self._key(frame, text, line, plain=not event.style)
        else:
            self._put(None if not event.style and text in _NULLS else text, line)

    def _key(self, frame: _Frame, key: str, line: int, *, plain: bool) -> None:
        frame.key = key
        if plain and key == "<<":
            frame.drop = True
            self._problem("has a merge key <<; expected none", line, "write the keys out")
        elif key in frame.node:
            frame.drop = True
            first = frame.places.own[key].line
            self._problem(
                f"{shown(key)} stands twice, in lines {first} and {line}; expected it once",
                line,
                "keep one of the two lines",
            )
        else:
            frame.places.own[key] = self._where(line)

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        line = _line(event)
        self._refuse_references(event, line)
        if len(self._open) >= MAX_DEPTH:
            self._problem(
                f"is nested more than {MAX_DEPTH} levels deep; expected at most {MAX_DEPTH}",
                line,
                "flatten it; no claim is so deep",
            )
            raise _StopReadingError
        parent = self._open[-1] if self._open else None
        where = self._where(line)
        if parent is not None and isinstance(parent.node, Located):
            if parent.key is None:
                self._problem("a key is a mapping or a list; expected text", line, "write a text")
                raise _StopReadingError
            where = where if parent.drop else parent.places.own[parent.key]
        node: Located | list[object] = (
            Located() if isinstance(event, yaml.MappingStartEvent) else []
        )
        self._open.append(_Frame(node, where))

    def _end(self, _: yaml.CollectionEndEvent) -> None:
        frame = self._open.pop()
        if isinstance(frame.node, Located):
            frame.node.where = frame.where
            frame.node.places = frame.places
        else:
            self._refuse_equal_ids(frame.node)
        if self._open and not self._open[-1].drop:
            self._open[-1].places.below[self._open[-1].next_place] = frame.places
        self._put(frame.node, frame.where.line or 1)

    def _put(self, value: object, line: int) -> None:
        if not self._open:
            self.root = value
            return
        frame = self._open[-1]
        if isinstance(frame.node, list):
            frame.places.own[str(len(frame.node))] = self._where(line)
            frame.node.append(value)
        else:
            if not frame.drop:
                frame.node[frame.key] = value
            frame.key, frame.drop = None, False

    def _refuse_equal_ids(self, items: list[object]) -> None:
        seen: dict[str, Where] = {}
        for item in items:
            name = item.get("id") if isinstance(item, Located) else None
            if not isinstance(name, str) or not isinstance(item, Located):
                continue
            where = item.places["id"]
            if name in seen:
                self._problem(
                    f"id {shown(name)} stands twice in one list, lines {seen[name].line} and "
                    f"{where.line}; expected each once",
                    where.line or 1,
                    "give one of the two another id",
                )
            seen.setdefault(name, where)
