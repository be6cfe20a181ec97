"""An OpenSLO file while it is read: its documents, what is wrong, and what is only said."""

from dataclasses import dataclass, field
from typing import Any

from ops_model.domain.values import Where
from ops_model.errors import Problem
from ops_model.store.openslo_durations import minutes_of
from ops_model.store.yaml_nodes import shown


@dataclass
class OpenedFile:
    """What was read so far; a problem stops the import, a note is only said."""

    zone: str
    documents: dict[tuple[str, str], Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def wrong(self, where: Where, message: str, remedy: str) -> None:
        """Something that stops the import."""
        self.problems.append(Problem(message, str(where), remedy))

    def note(self, where: Where, message: str) -> None:
        """Something that we have no place for, and that changes nothing of the rest."""
        self.notes.append(Problem(message, str(where), "write it into the claims by hand"))

    def inline(self, kind: str, name: str | None, where: Where) -> Any:  # noqa: ANN401 - of the form of the kind
        """The document of this kind and name; None, with a problem, where there is none."""
        found = self.documents.get((kind, name or ""))
        if found is None:
            self.wrong(
                where, f"{name!r} names no {kind} of this file",
                f"put the document of that {kind} into the file",
            )  # fmt: skip
        return found


def minutes_in(text: str | None, where: Where, file: OpenedFile) -> int | None:
    """The minutes of a span in a file; None where there is none, or it is none."""
    if text is None:
        return None
    try:
        return minutes_of(text)
    except ValueError as error:
        file.wrong(where, f"{shown(text)} is no span of time; {error}", "write it as 5m or 6h")
        return None
