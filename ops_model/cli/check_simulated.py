"""What of a verdict rests on rows that are made up, as `ops-model check` says it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops_model.domain.evidence import Measurement, Statement
    from ops_model.domain.operating_model import SystemClaims
    from ops_model.domain.values import Where

SYSTEM_MADE_UP = (
    "SIMULATED: this system is made up, and so is whatever it is said to have done; no number "
    "here speaks of real users"
)


@dataclass(frozen=True)
class SimulatedRows:
    """Whether a system is declared simulated, and its measurements of simulated rows by entry."""

    system: bool = False
    measured: Mapping[int, "Measurement"] = field(default_factory=dict)

    @classmethod
    def of(cls, system: "SystemClaims", statements: "Iterable[Statement]") -> "SimulatedRows":
        """What is made up of a system, by its claims and what is on record about it."""
        from ops_model.domain.evidence import Measurement

        told = ((s.seq, s.record) for s in statements)
        measured = {n: r for n, r in told if isinstance(r, Measurement) and r.simulated}
        return cls(system.identity.simulated, measured)

    def kinds(self, places: "Iterable[Where]") -> list[str]:
        """The kinds of the measurements at these places that rest on made-up rows, by name."""
        return sorted({record.kind for record in self._at(places)})

    def said(self, places: "Iterable[Where]") -> str:
        """The same in words; empty where nothing there is made up."""
        found = list(self._at(places))
        if not found:
            return ""
        from ops_model.site.simulated import parts_made_up

        return f"SIMULATED: the rows behind {parts_made_up(found)} are made up"

    def _at(self, places: "Iterable[Where]") -> "Iterator[Measurement]":
        for place in places:
            found = self.measured.get(place.line) if place.line is not None else None
            if place.path == "ledger" and found is not None:
                yield found
