"""Changes of a YAML text that leave all else as it was: comments, blank lines, quotes and order.

A change is worked out on the tree with the places of its nodes, as a list of spans to replace; the
rest of the text is never written anew. `save.py` parses, and proves that the result reads as it
should.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ops_model.store.expectation import below, fields_of, model_of
from ops_model.store.yaml_text import Tree, block, entry, fits_inline, flow, scalar

Steps = tuple[str | int, ...]
NULLS = frozenset({"", "~", "null"})
"""What a plain scalar may hold to say nothing."""


@dataclass(frozen=True)
class Node:
    """A node of the text: a scalar, or a mapping (`pairs`) or list (`items`)."""

    start: int
    end: int
    column: int
    style: str = ""  # `flow`, `block`, or the quote of a scalar
    text: str = ""
    pairs: "tuple[tuple[Node, Node], ...] | None" = None
    items: "tuple[Node, ...] | None" = None

    @property
    def tree(self) -> Tree:
        """What reading it gives."""
        if self.pairs is not None:
            return {key.text: value.tree for key, value in self.pairs}
        if self.items is not None:
            return [item.tree for item in self.items]
        return None if not self.style and self.text in NULLS else self.text

    @property
    def is_scalar(self) -> bool:
        """True for a text, a number or nothing."""
        return self.pairs is None and self.items is None

    @property
    def is_block(self) -> bool:
        """True for a mapping or list without brackets."""
        return self.style == "block"


@dataclass
class Edit:
    """The spans of one text to replace, to be applied together."""

    text: str
    spans: list[tuple[int, int, str]] = field(default_factory=list)

    def replace(self, start: int, end: int, new: str) -> None:
        """Note one span."""
        self.spans.append((start, end, new))

    def replace_inline(self, start: int, end: int, new: str) -> None:
        """Note one span within a line; a comment behind it stays in its column where it can."""
        self.replace(start, end, new)
        gap = re.compile(r"[^\n#]*?( +)#").match(self.text, end)
        if gap is None or gap.start(1) != end:
            return
        wanted = max(len(gap[1]) - len(new) + (end - start), min(2, len(gap[1])))
        self.replace(end, gap.end(1), " " * wanted)

    def applied(self) -> str:
        """The text with every span replaced."""
        # Those at one place keep their order, though they are put in from behind.
        text = self.text
        ordered = sorted(enumerate(self.spans), key=lambda s: (s[1][0], s[1][1], s[0]))
        for _, (start, end, new) in reversed(ordered):
            text = text[:start] + new + text[end:]
        return text

    def line_end(self, position: int) -> int:
        """Where the next line begins."""
        found = self.text.find("\n", position)
        return len(self.text) if found == -1 else found + 1

    def line_start(self, position: int) -> int:
        """Where the line begins that holds `position`."""
        return self.text.rfind("\n", 0, position) + 1

    def after_comments(self, position: int, column: int) -> int:
        """Past the comment lines that directly follow and are indented to `column` or more."""
        here = position
        while match := re.compile(r"([ ]*)#[^\n]*(\n|$)").match(self.text, here):
            if len(match[1]) < column:
                break
            here = match.end()
        return here

    def put_lines(self, position: int, lines: Sequence[str]) -> None:
        """Put whole lines in at the beginning of a line, or behind a last line without an end."""
        before = "" if position == 0 or self.text[position - 1] == "\n" else "\n"
        self.replace(position, position, before + "".join(f"{line}\n" for line in lines))

    def content_end(self, node: Node) -> int:
        """Where a node ends, comments and blank lines behind it left out."""
        if node.is_block:
            last = node.pairs[-1][1] if node.pairs else (node.items or ())[-1]
            end = self.content_end(last)
            # An empty value has no place of its own behind the colon of its key.
            return max(end, node.pairs[-1][0].end + 1) if node.pairs else end
        return node.start + len(self.text[node.start : node.end].rstrip())


def change(text: str, root: Node | None, steps: Steps, tree: Tree, model: object) -> str:
    """The text with the value at `steps` made `tree`; None takes an optional key out."""
    edit = Edit(text)
    if root is None:
        _append_first(edit, steps, tree, model)
    else:
        merge(edit, root, with_value(root.tree, steps, tree), model)
    return edit.applied()


def change_whole(
    text: str, root: Node | None, steps: Steps, tree: Tree, model: object, *, depth: int
) -> str:
    """The same with the whole value at the first `depth` steps written anew.

    Comments inside that value are lost. The text is as it was where there is no such value.
    """
    edit = Edit(text)
    node, annotation = root, model
    for step in steps[: depth - 1]:
        node, annotation = _child(node, step), below(annotation, step)
    step, rest = steps[depth - 1], steps[depth:]
    value, inner = _child(node, step), below(annotation, step)
    if node is None or value is None or (tree is None and not rest):
        return text
    wanted = with_value(value.tree, rest, tree)
    key = next((key for key, _ in node.pairs or () if key.text == step), None)
    if key is None:
        _replace_whole(edit, value, wanted, inner)
    else:
        _replace_value(edit, key, value, wanted, inner, in_brackets=not node.is_block)
    return edit.applied()


def _child(node: Node | None, step: str | int) -> Node | None:
    """The node at one step below another, or None."""
    if node is None:
        return None
    if isinstance(step, int):
        items = node.items or ()
        return items[step] if 0 <= step < len(items) else None
    return next((value for key, value in node.pairs or () if key.text == step), None)


def _append_first(edit: Edit, steps: Steps, tree: Tree, model: object) -> None:
    if tree is not None:
        wanted = with_value({}, steps, tree)
        edit.put_lines(len(edit.text), block(wanted, model, 0))


def with_value(tree: Tree, steps: Steps, value: Tree) -> Tree:
    """A copy of a tree in which the value at `steps` is another; None takes a key out.

    Raises:
        LookupError: the steps lead through something that is no mapping or list.
    """
    if not steps:
        return value
    step, *rest = steps
    if isinstance(tree, list) and isinstance(step, int) and step <= len(tree):
        held = tree[step : step + 1] or [{}]
        return [*tree[:step], with_value(held[0], tuple(rest), value), *tree[step + 1 :]]
    if not isinstance(tree, dict) or not isinstance(step, str):
        raise LookupError(step)  # noqa: TRY004 - a path that leads nowhere, not a wrong call
    if value is None and (not rest or step not in tree):
        return {key: item for key, item in tree.items() if rest or key != step}
    below_it = tree.get(step)
    return {**tree, step: with_value({} if below_it is None else below_it, tuple(rest), value)}


def merge(edit: Edit, node: Node, tree: Tree, annotation: object) -> None:
    """Make `node` read as `tree` with as few changes as its shape allows."""
    if node.tree == tree:
        return
    if node.pairs and isinstance(tree, dict) and tree:
        _merge_mapping(edit, node, tree, annotation)
    elif node.items and isinstance(tree, list) and tree:
        _merge_list(edit, node, tree, annotation)
    elif node.is_scalar and not isinstance(tree, dict | list):
        style = node.style if node.style in {"'", '"'} else ""
        new = scalar(tree, annotation, style=style)
        edit.replace_inline(node.start, edit.content_end(node), new)
    else:
        _replace_whole(edit, node, tree, annotation)


def _merge_mapping(edit: Edit, node: Node, tree: dict[str, Tree], annotation: object) -> None:
    pairs = {key.text: (key, value) for key, value in node.pairs or ()}
    if (not node.is_block and pairs.keys() != tree.keys()) or pairs.keys().isdisjoint(tree):
        _replace_whole(edit, node, tree, annotation)
        return
    for name, (key, value) in pairs.items():
        if name in tree:
            inner = below(annotation, name)
            if value.is_block or value.tree == tree[name] or _stays(value, tree[name]):
                _merge_below_key(edit, key, value, tree[name], inner)
            else:
                _replace_value(edit, key, value, tree[name], inner, in_brackets=not node.is_block)
        else:
            _remove(edit, node, name)
    for name, item in tree.items():
        if name not in pairs:
            _insert(edit, node, name, item, annotation)


def _stays(value: Node, tree: Tree) -> bool:
    """True when a value in brackets or a scalar can be changed where it stands."""
    if value.is_scalar and value.start < value.end:
        return not isinstance(tree, dict | list)
    return bool(value.pairs and isinstance(tree, dict) and tree) or bool(
        value.items and isinstance(tree, list) and tree and len(tree) == len(value.items)
    )


def _merge_below_key(edit: Edit, key: Node, value: Node, tree: Tree, annotation: object) -> None:
    kept = (value.pairs and isinstance(tree, dict) and tree) or (
        value.items and isinstance(tree, list) and tree
    )
    if value.is_block and not kept and value.tree != tree:
        _replace_value(edit, key, value, tree, annotation, in_brackets=False)
    else:
        merge(edit, value, tree, annotation)


def _replace_value(
    edit: Edit, key: Node, value: Node, tree: Tree, annotation: object, *, in_brackets: bool
) -> None:
    """Put another kind of value behind a key, on its line or in lines of their own."""
    colon = edit.text.index(":", key.end) + 1
    # Inside of brackets no line can stand by indentation, however long this one becomes.
    inline = in_brackets or fits_inline(tree, annotation, colon - edit.line_start(colon) + 1)
    end = max(edit.content_end(value), colon)
    if value.is_block:
        edit.replace(edit.line_start(value.start), edit.line_end(end), "")
        end = colon
    edit.replace_inline(colon, end, f" {flow(tree, annotation)}" if inline else "")
    if inline:
        return
    position = edit.line_end(max(edit.content_end(value), colon))
    if value.is_block:
        position = edit.line_start(value.start)
    else:
        position = edit.after_comments(position, key.column + 1)
    edit.put_lines(position, block(tree, annotation, key.column + 2))


def _replace_whole(edit: Edit, node: Node, tree: Tree, annotation: object) -> None:
    end = edit.content_end(node)
    if node.is_block and not fits_inline(tree, annotation, node.column):
        lines = block(tree, annotation, node.column)
        edit.replace(node.start, end, "\n".join(lines).lstrip())
    else:
        edit.replace_inline(node.start, end, flow(tree, annotation))


def _remove(edit: Edit, node: Node, name: str) -> None:
    position = next(i for i, (key, _) in enumerate(node.pairs or ()) if key.text == name)
    pairs = node.pairs or ()
    key, value = pairs[position]
    start = edit.line_start(key.start)
    if edit.text[start : key.start].strip():
        # The first key of a list's item shares its line with the dash.
        edit.replace(key.start, pairs[position + 1][0].start, "")
        return
    end = edit.line_end(max(edit.content_end(value), key.end + 1))
    edit.replace(start, edit.after_comments(end, max(key.column + 2, 2)), "")


def _insert(edit: Edit, node: Node, name: str, tree: Tree, annotation: object) -> None:
    """A new key behind the last of those that the schema names before it."""
    model = model_of(annotation)
    order = list(fields_of(model)) if model is not None else []
    pairs = node.pairs or ()
    before = [
        pair
        for pair in pairs
        if name not in order
        or pair[0].text not in order
        or order.index(pair[0].text) < order.index(name)
    ]
    key, value = before[-1] if before else pairs[-1]
    end = edit.line_end(max(edit.content_end(value), key.end + 1))
    at_root = node.column == 0
    position = edit.after_comments(end, 0 if at_root else node.column + 1)
    edit.put_lines(position, entry(name, tree, below(annotation, name), node.column))


def _merge_list(edit: Edit, node: Node, tree: list[Tree], annotation: object) -> None:
    items, inner = node.items or (), below(annotation, 0)
    if not node.is_block and len(items) != len(tree):
        _replace_whole(edit, node, tree, annotation)
        return
    head = _equal_ahead([i.tree for i in items], tree)
    rest = min(len(items), len(tree)) - head
    tail = min(rest, _equal_ahead([i.tree for i in items][::-1], tree[::-1]))
    both = min(len(items), len(tree)) - tail
    for item, wanted in zip(items[head:both], tree[head:both], strict=True):
        merge(edit, item, wanted, inner)
    for item in items[both : len(items) - tail]:
        _remove_item(edit, item)
    lines = [
        line
        for wanted in tree[both : len(tree) - tail]
        for line in block([wanted], annotation, node.column)
    ]
    if lines and both:
        edit.put_lines(edit.line_end(edit.content_end(items[both - 1])), lines)
    elif lines:
        edit.replace(node.start, node.start, "\n".join([*lines, " " * node.column]).lstrip())


def _equal_ahead(one: Sequence[Tree], other: Sequence[Tree]) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def _remove_item(edit: Edit, item: Node) -> None:
    # From its dash to the end of its last line; comments above it stay.
    start = edit.line_start(item.start)
    edit.replace(start, edit.line_end(edit.content_end(item)), "")
