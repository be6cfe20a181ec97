"""Take secrets and personal data out of an executed notebook, before it is kept.

Records are not touched, since the ledger holds their digests: `harvest` refuses those that hold a
secret. Everything else that a cell shows or says is text of its author, and goes through here.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops_model.domain.evidence import RECORD_MIME
from ops_model.domain.redact import PRIVATE_KEY, redacted, redacted_tree

LINES_KEPT = 20
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_PICTURE = re.compile(r"(?:iVBORw0KGgo|/9j/|R0lGOD|UklGR)[A-Za-z0-9+/\s]*+(?:=[=\s]*+)?")
# Of a traceback only places and lines of source are kept: IPython can be told to write the values
# of all variables between them.
_FRAME = re.compile(
    r"-{10,}$|.*Traceback \(most recent call last\)|(?:Cell|Input| {0,2}File) "
    r"|(?: {0,6}|-{1,5}> )\d{1,7}(?<=^.{7}) "  # numbers of lines end in the seventh place
)
_CHAINED = ("The above exception was", "During handling of")
_ARGUMENTS = re.compile(r"(, in [^()\s]+)\(.*")
# As nbformat draws them: one in four hundred looks like a phone number, and is none.
_DRAWN_ID = re.compile(r"[0-9a-f]{8}")
_FOLDERS = re.compile(r"^( {0,2}File )\S*/")


@dataclass
class Redaction:
    """What was taken out of a notebook, by kind.

    `key_cell` is the first cell that holds a private key; None also when it is in the metadata.
    """

    withheld: tuple[str, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    key_cell: int | None = None

    @property
    def held_private_key(self) -> bool:
        """True when a private key stood anywhere in the notebook."""
        return self.counts[PRIVATE_KEY] > 0

    def text(self, text: str) -> str:
        """The text, redacted and counted."""
        plain, found = redacted(text, withheld=self.withheld)
        self.counts.update(found)
        return plain

    def tree(self, value: object) -> Any:  # noqa: ANN401 - JSON
        """The JSON value, redacted and counted."""
        plain, found = redacted_tree(value, withheld=self.withheld)
        self.counts.update(found)
        return plain


def redact_notebook(notebook: Any, *, withheld: Collection[str] = ()) -> Redaction:  # noqa: ANN401 - nbformat ships no types
    """Redact sources, outputs, attachments and metadata in place; say what was taken out.

    Args:
        notebook: an executed notebook of format 4.
        withheld: the secrets of the runner's own environment.
    """
    done = Redaction(tuple(withheld))
    for number, cell in enumerate(notebook.cells):
        _redact_cell(cell, number, done)
        if done.key_cell is None and done.held_private_key:
            done.key_cell = number
    notebook.metadata = _node(done.tree(notebook.metadata))
    return done


def _redact_cell(cell: Any, number: int, done: Redaction) -> None:  # noqa: ANN401 - as above
    cell["source"] = done.text(cell["source"])
    cell["metadata"] = _node(done.tree(cell.metadata))
    drawn = _DRAWN_ID.fullmatch(cell.get("id", ""))
    if "id" in cell and not drawn and done.text(cell["id"]) != cell["id"]:
        cell["id"] = f"cell-{number}"
    if "attachments" in cell:
        bundles = {done.text(name): _bundle(data, done) for name, data in cell.attachments.items()}
        cell["attachments"] = _node(bundles)
    if cell.cell_type == "code":
        cell["outputs"] = _joined(cell.outputs)
        for output in cell.outputs:
            _redact_output(output, done)


def _joined(outputs: list[Any]) -> list[Any]:
    """The outputs; streams of one name that follow each other are one, so that none is cut."""
    kept: list[Any] = []
    for output in outputs:
        stream = output.output_type == "stream"
        if stream and kept and kept[-1].get("name") == output.get("name"):
            kept[-1]["text"] += output.text
        else:
            kept.append(output)
    return kept


def _redact_output(output: Any, done: Redaction) -> None:  # noqa: ANN401 - as above
    if output.output_type == "stream":
        output["text"] = first_lines(done.text(without_colours(output.text)), ending="\n")
    elif output.output_type == "error":
        output["ename"] = done.text(output.ename)
        output["evalue"] = first_lines(done.text(without_colours(output.evalue)))
        frames = frames_of(output.traceback)
        output["traceback"] = [done.text(first_lines("\n".join(frames))), output.evalue]
    else:
        output["data"] = _node(_bundle(output.data, done))
        output["metadata"] = _node(done.tree(output.metadata))


def _bundle(data: Mapping[str, Any], done: Redaction) -> dict[str, Any]:
    return {done.text(mime): _shown(mime, value, done) for mime, value in data.items()}


def _shown(mime: str, value: object, done: Redaction) -> object:
    if mime == RECORD_MIME:
        return value
    if isinstance(value, str):
        if mime.startswith("image/") and _PICTURE.fullmatch(value):
            return value
        return done.text(without_colours(value) if mime == "text/plain" else value)
    return done.tree(value)


def _node(plain: Mapping[str, Any]) -> Any:  # noqa: ANN401 - nbformat ships no types
    import nbformat

    return nbformat.from_dict(plain)  # type: ignore[no-untyped-call]  # nbformat ships half its types


def frames_of(traceback: list[str]) -> list[str]:
    """The places and lines of source in a traceback: no values, no folders of this machine."""
    lines = without_colours("\n".join(traceback)).splitlines()
    frames = [line for line in lines if _FRAME.match(line) or line.startswith(_CHAINED)]
    return [_FOLDERS.sub(r"\1", _ARGUMENTS.sub(r"\1(…)", line)) for line in frames]


def without_colours(text: str) -> str:
    """The text without the codes that colour it in a terminal, which may cut a secret in two."""
    return _ANSI.sub("", text) if "\x1b" in text else text


def first_lines(text: str, *, ending: str = "") -> str:
    """At most 20 lines of a text, and how many more there were."""
    lines = text.splitlines()
    if len(lines) <= LINES_KEPT:
        return text
    return "\n".join([*lines[:LINES_KEPT], f"… {len(lines) - LINES_KEPT} more lines"]) + ending
