"""Misbehaviour that a drill must find out, planted by name: `--fault loses-on-switch=3`.

For rehearsals of the drill itself. Without `--fault` the example server has none of these.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from ops_model.domain.values import canonical_bytes
from ops_model.errors import UsageError
from ops_model.example.record_store import RecordStore

FAULTS = {
    "lies-about-version": "names the version that it was switched to, and answers by --active",
    "keeps-features": "switched away from --active, goes on reading the features of --active",
    "stuck-on-switch": "accepts a switch and does nothing",
    "dies-on-switch": "switched away from --active, stores the new alias and dies",
    "hangs-on-switch": "switched away from --active, stores the new alias and never answers",
    "refuses-to-return": "refuses to switch back to --active",
    "loses-on-switch": "drops the N oldest records with each switch",
    "duplicates-on-switch": "stores the N oldest records a second time with each switch",
    "changes-on-switch": "alters the N oldest records with each switch",
    "hides-notice": "serves degraded without the notice",
    "fails-when-degraded": "answers 500 without a word while the weather is not fresh",
    "never-degrades": "says that answers are normal while the weather is not fresh",
    "stays-degraded": "once degraded, says so for ever",
}


@dataclass(frozen=True)
class Faults:
    """The planted faults and their counts; none by default."""

    planted: dict[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, given: Sequence[str]) -> "Faults":
        """Faults from `name` or `name=N`.

        Raises:
            UsageError: there is no such fault, or N is no number.
        """
        planted = {}
        for text in given:
            name, _, count = text.partition("=")
            if name not in FAULTS or not (count or "1").isdecimal():
                raise UsageError(
                    f"there is no fault {text!r}", remedy=f"faults are: {', '.join(FAULTS)}"
                )
            planted[name] = int(count or "1")
        return cls(planted)

    def has(self, name: str) -> bool:
        """True when this fault is planted."""
        return name in self.planted

    def spoil(self, store: RecordStore) -> None:
        """Do to the stored records what the planted faults do with each switch."""
        lost = self.planted.get("loses-on-switch", 0)
        doubled = self.planted.get("duplicates-on-switch", 0)
        changed = self.planted.get("changes-on-switch", 0)

        def spoilt(stored: list[bytes]) -> list[bytes]:
            lines = stored[lost:]
            altered = [_altered(line) for line in lines[:changed]] + lines[changed:]
            return altered + altered[:doubled]

        if lost or doubled or changed:
            store.rewrite(spoilt)


def _altered(line: bytes) -> bytes:
    record = json.loads(line)
    return canonical_bytes({**record, "probability": 1 - record["probability"]}) + b"\n"
