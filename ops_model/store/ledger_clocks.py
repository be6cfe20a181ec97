"""The latest wall clock that a ledger had seen by each entry, of all its systems.

Whoever reads one system sees only its entries; a clock that was set back shows in the others.
"""

from datetime import datetime


class Clocks:
    """Goes through the entries in their order; `behind` are those whose own clock was set back."""

    def __init__(self) -> None:
        self.size = 0
        self.behind: dict[int, datetime] = {}
        self._latest: datetime | None = None

    def see(self, recorded_at: object) -> None:
        """Take the next entry, by its `recorded_at` as it is stored."""
        instant = _instant(recorded_at)
        if instant is not None and (self._latest is None or instant >= self._latest):
            self._latest = instant
        elif self._latest is not None:
            self.behind[self.size] = self._latest
        self.size += 1


def _instant(text: object) -> datetime | None:
    """None for what is no instant: that entry is damaged, and whoever reads it will say so."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
