"""What a cell shows, and the machine-readable records that the runner harvests from it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from ops_model.domain.evidence import RECORD_MIME, Record

_PLOTLY = "application/vnd.plotly.v1+json"


@dataclass(frozen=True)
class Shown:
    """A result: its record (None where there is nothing to record), a card, and a figure.

    JupyterLab shows the card, and below it the figure; `ops_model.notebook.harvest` reads the
    record.
    A cell that measures several things of one kind, such as each objective, has `more`.
    """

    record: Record | None
    html: str
    figure: dict[str, Any] | None = None
    more: tuple[Record, ...] = ()

    @classmethod
    def of_many(cls, several: "Sequence[Shown]", *, figure: dict[str, Any] | None = None) -> Self:
        """Several results in one cell: the records of all, and their cards one below another.

        Args:
            several: what would each have been a cell; those without a record show their card.
            figure: one for all of them, since a cell draws one; else the first that any has.
        """
        records = [record for shown in several for record in shown.records]
        drawn = figure or next((shown.figure for shown in several if shown.figure), None)
        html = "".join(shown.html for shown in several)
        return cls(records[0] if records else None, html, drawn, tuple(records[1:]))

    @property
    def records(self) -> tuple[Record, ...]:
        """Every record of the cell, in the order of its cards."""
        return () if self.record is None else (self.record, *self.more)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The output of the cell, by MIME type. IPython passes two filters that may be ignored."""
        plain = ", ".join(f"{record.kind} of {record.system}" for record in self.records)
        bundle: dict[str, Any] = {"text/html": self.html, "text/plain": f"<{plain or 'shown'}>"}
        if self.records:
            held = [record.model_dump(mode="json") for record in self.records]
            bundle[RECORD_MIME] = held if self.more else held[0]
        if self.figure is not None:
            bundle[_PLOTLY] = self.figure
        return bundle

    def _ipython_display_(self) -> None:
        """Card and figure, as two outputs: of one output JupyterLab draws the figure alone.

        Raises:
            NotImplementedError: there is no figure, so the one output of `_repr_mimebundle_` does.
        """
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython is not None else None
        if self.figure is None or shell is None:
            raise NotImplementedError
        bundle = self._repr_mimebundle_()
        drawn = {_PLOTLY: bundle.pop(_PLOTLY)}
        for data in (bundle, drawn):
            shell.display_pub.publish(data=data, metadata={})
