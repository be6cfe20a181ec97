"""What Python itself refuses in a cell of the fill-in notebook, shown as a card.

A word without quotes never reaches `page.answer`: Python stops before, with a traceback that says
nothing to somebody who is no programmer. So the kernel of this notebook shows a card in its place.
The cell has failed all the same, for a runner as for JupyterLab; other cells keep the traceback.
"""

import ast
import json
import re
import sys
from collections.abc import Callable
from difflib import get_close_matches
from types import TracebackType
from typing import Any

from ops_model.errors import Problem
from ops_model.workflow.fill_in_questions import QUESTIONS
from ops_model.workflow.shown import Shown

_KINDS = (NameError, SyntaxError, AttributeError, TypeError)
_KEY = re.compile(r"page\s*\.\s*\w+\(\s*[\"']([a-z_]+)\.([a-z_]+)[\"']")
_WORDS = {
    **dict.fromkeys(("true", "yes", "on"), "True"),
    **dict.fromkeys(("false", "no", "off"), "False"),
    **dict.fromkeys(("null", "none", "nothing", "nil", "empty"), "None"),
}
_CURLY = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"') | dict.fromkeys("\u2018\u2019\u201a", "'")
)
_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([T ][\d:]+(Z|[+-][\d:]+)?)?")
_OPEN = "\"'[{("


def show_mistakes_as_cards(page: type) -> None:
    """Let the kernel that runs this show a card where a cell of the page is not Python.

    Outside of a kernel nothing happens; doing it twice is doing it once.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return

    def show(
        shell: Any,  # noqa: ANN401 - IPython's shell is untyped here
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
        tb_offset: int | None = None,
    ) -> None:
        source = str(shell.history_manager.input_hist_raw[-1])
        own = isinstance(error, SyntaxError) or _raised_by(trace, shell.user_ns)
        if own and re.search(r"\bpage\b", source):
            card = Shown(None, _card(source, error, page))
            shell.display_pub.publish(data=card._repr_mimebundle_(), metadata={})
        elif isinstance(error, SyntaxError):
            shell.showsyntaxerror()
        else:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc(_KINDS, show)


def _raised_by(trace: TracebackType | None, names: dict[str, Any]) -> bool:
    """True when the line that failed stands in a cell, and in no library."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals is names


def _card(source: str, error: BaseException, page: type) -> str:
    from ops_model.site.fill_in_card import Answer, Standing, answer_card

    found = _KEY.search(source)
    stem, name = found.groups() if found else ("", "")
    question = QUESTIONS.get(stem, {}).get(name, "This cell cannot be read")
    key = f"{stem}.{name}" if found else question
    wrote, problem = mistake(source, error, page)
    return answer_card(
        Answer("not saved", key, question, wrote=wrote, problems=(problem,)), Standing()
    )


def mistake(source: str, error: BaseException, page: type) -> tuple[str, Problem]:
    """What was written, and what to write instead."""
    if isinstance(error, SyntaxError):
        return _unreadable(source, error)
    if isinstance(error, NameError):
        return _name(source, error.name or "")
    if isinstance(error, AttributeError) and isinstance(error.obj, page):
        known = [name for name in vars(page) if not name.startswith("_")]
        near = get_close_matches(error.name or "", known, n=1)
        fix = f"did you mean `page.{near[0]}`?" if near else "write `page.answer` or `page.gaps`"
        return f"page.{error.name}", Problem(f"page has no {error.name}", "", fix)
    if "missing" in str(error) and "argument" in str(error):
        said = "`page.answer` needs a key and a value"
        return "", Problem(said.replace("`", ""), "", "put a comma behind the key, then the value")
    return "", Problem(
        f"Python cannot work this out: {error}",
        "",
        "put text in quotes, and a comma behind each item",
    )


def _name(source: str, name: str) -> tuple[str, Problem]:
    if name.lower() in _WORDS:
        meant = _WORDS[name.lower()]
        return name, Problem(
            f"{name} is no word of Python", "", f"write `{meant}`, without quotes"
        )
    wrote = _whole(source, name)
    if wrote.startswith("- "):
        message, fix = _as_list(wrote)
        return wrote, Problem(message, "", fix)
    return wrote, Problem(f"{wrote} stands without quotes", "", _in_quotes("text", wrote))


def _in_quotes(what: str, text: str) -> str:
    return f"put {what} in quotes: `{json.dumps(text, ensure_ascii=False)}`"


def _whole(source: str, name: str) -> str:
    """The text that a name is a part of: `ana-ruiz` is read as ana minus ruiz."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return name
    for node in ast.walk(tree):  # from the outside in
        if isinstance(node, ast.BinOp | ast.Attribute | ast.Compare | ast.UnaryOp) and any(
            isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node)
        ):
            return ast.get_source_segment(source, node) or name
    return name


def _unreadable(source: str, error: SyntaxError) -> tuple[str, Problem]:
    lines = source.splitlines()
    place = (error.lineno or 1) - 1
    wrote = lines[place].strip() if 0 <= place < len(lines) else (error.text or "").strip()
    bare = wrote.rstrip(",").strip()
    outside = _QUOTED.sub("", bare)
    for applies, problem in _RULES:
        if applies(bare, outside, str(error.msg)):
            message, fix = problem(bare)
            return bare, Problem(message, "", fix)
    return bare, Problem(
        f"Python cannot read this line ({error.msg})",
        "",
        "put text in quotes, a comma behind each item, and close each bracket",
    )


def _is_text(bare: str, outside: str, _: str) -> bool:
    starts_open = bare[:1] in _OPEN or bare.startswith(("page", "filled_from", "#"))
    return not starts_open and re.search(r"[^\W\d]", outside) is not None


def _day_in_quotes(bare: str) -> tuple[str, str]:
    found = _DAY.search(_QUOTED.sub("", bare))
    day = found[0] if found else bare
    return f"{day} is a date without quotes", _in_quotes("the date", day)


def _as_dict(bare: str) -> tuple[str, str]:
    key, _, value = bare.partition(":")
    held = value.strip() if value.strip()[:1] in _OPEN else json.dumps(value.strip())
    return "this is how YAML says it", f'write a dict: `{{"{key}": {held}}}`'


def _as_list(bare: str) -> tuple[str, str]:
    item = bare.removeprefix("-").strip()
    held = item if item[:1] in _OPEN else json.dumps(item, ensure_ascii=False)
    return "this is how YAML says it", f"write a list: `[{held}]`"


Rule = tuple[Callable[[str, str, str], bool], Callable[[str], tuple[str, str]]]
_RULES: tuple[Rule, ...] = (
    (
        lambda bare, _, __: bare.translate(_CURLY) != bare and bare[:1] not in "\"'",
        lambda bare: (
            "the quotes are curly, as a text editor makes them",
            f"write straight ones: `{bare.translate(_CURLY)}`",
        ),
    ),
    (lambda _, outside, __: _DAY.search(outside) is not None, _day_in_quotes),
    (lambda bare, _, __: re.match(r"[a-z_]+:( |$)", bare) is not None, _as_dict),
    (lambda bare, _, __: bare.startswith("- "), _as_list),
    (
        _is_text,
        lambda bare: (f"{bare} stands without quotes", _in_quotes("the sentence", bare)),
    ),
    (
        lambda _, __, said: "never closed" in said or "match" in said,
        lambda _: ("a bracket is open", "close each [ with ], each { with } and each ( with )"),
    ),
    (
        lambda _, __, said: "unterminated" in said,
        lambda _: (
            "a text has no end",
            "put one \" before it and one behind it; for a quote inside a text write '",
        ),
    ),
    (
        lambda _, __, said: "comma" in said,
        lambda _: ("a comma is missing", "put a comma behind each item, and in front of the next"),
    ),
)
"""What a line looks like, and what to write instead; the first that applies is said."""
