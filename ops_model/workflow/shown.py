"""What a cell shows, and the machine-readable record that the runner harvests from it."""

from dataclasses import dataclass
from typing import Any

from ops_model.domain.evidence import RECORD_MIME, Record


@dataclass(frozen=True)
class Shown:
    """A result: its record (None where there is nothing to record), a card, and a figure.

    JupyterLab shows the card and draws the figure; `ops_model.notebook.harvest` reads the record.
    """

    record: Record | None
    html: str
    figure: dict[str, Any] | None = None

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The output of the cell, by MIME type. IPython passes two filters that may be ignored."""
        bundle: dict[str, Any] = {"text/html": self.html, "text/plain": _plain(self.record)}
        if self.record is not None:
            bundle[RECORD_MIME] = self.record.model_dump(mode="json")
        if self.figure is not None:
            bundle["application/vnd.plotly.v1+json"] = self.figure
        return bundle


def _plain(record: Record | None) -> str:
    return f"<{record.kind} of {record.system}>" if record is not None else "<shown>"
