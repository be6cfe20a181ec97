"""Examples of nested answers, read from the comments of the template's files.

The template shows each nested key once, as YAML that is commented out; the fill-in notebook shows
the same as a Python value, so that there is one example to keep right.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ops_model.domain.values import Money
from ops_model.shipped import shipped
from ops_model.store.expectation import below, fields_of, key_type, model_of
from ops_model.store.yaml_nodes import read_yaml
from ops_model.store.yaml_text import Tree
from ops_model.workflow.fill_in_questions import MODELS

_PLACEHOLDER = "my-system"
_HEAD = re.compile(r"(?P<mark># )?(?P<key>[a-z_]+):(?P<rest>[^\n]*)")
_MARGIN = re.compile(r" *#")


def is_nested(annotation: object) -> bool:
    """True for an answer of dicts, or of a list of them."""
    model = model_of(annotation) or model_of(below(annotation, 0))
    return (model is not None and model is not Money) or key_type(annotation) is not None


@lru_cache(maxsize=32)
def examples(stem: str, system_id: str) -> Mapping[str, Tree]:
    """The example of each nested key of a system's file that the template leaves empty."""
    path = shipped("templates") / "start" / "systems" / _PLACEHOLDER / f"{stem}.yaml"
    if not path.is_file():
        return {}
    fields = fields_of(MODELS[stem])
    found: dict[str, Tree] = {}
    template = path.read_text(encoding="utf-8").replace(_PLACEHOLDER, system_id)
    for key, text in _blocks(template, fields):
        tree, problems = read_yaml(text, path.name) if is_nested(fields[key]) else (None, [])
        if isinstance(tree, dict) and tree.get(key) and not problems:
            found[key] = tree[key]
    return found


def _blocks(text: str, fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Each key, and the lines of its example without the marks of the comments."""
    heads: list[tuple[re.Match[str], list[str]]] = []
    for line in text.splitlines():
        head = _HEAD.fullmatch(line)
        if head is not None and head["key"] in fields:
            heads.append((head, []))
        elif heads:
            heads[-1][1].append(line)
    for head, lines in heads:
        body = _block_lines(lines) or list(_margin_lines(lines))
        if head["mark"]:
            yield head["key"], "\n".join([f" {head['key']}:{head['rest']}", *body])
        elif head["rest"].split("#")[0].strip() in {"[]", "{}"}:
            yield head["key"], "\n".join([f"{head['key']}:", *body])


def _block_lines(lines: list[str]) -> list[str]:
    return [line[1:] for line in lines if line.startswith("#")]


def _margin_lines(lines: list[str]) -> Iterator[str]:
    """An example that stands in the margin, between sentences about it."""
    depth = 0
    for line in lines:
        said = _MARGIN.sub("", line, count=1)
        if depth > 0 or said.lstrip().startswith("- {"):
            depth += said.count("{") - said.count("}")
            yield said
