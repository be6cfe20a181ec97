"""How a seat stands, how the three stand together, and what the workbook says of them now."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ops_model.domain.decisions import Seat
from ops_model.domain.said import Pack, Word

Standing = Literal["approved", "missing", "abstained", "refused", "expired", "void"]
State = Literal["none", "open", "approved", "approved_with_conditions", "refused", "stale"]


@dataclass(frozen=True)
class SeatState:
    """What one seat decided on the version as it is, whether that holds, and why not.

    `until` is when an approval ends by itself; what else would end it cannot be foreseen.
    """

    seat: Seat
    standing: Standing
    found: Word | None = None
    why: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True)
class Present:
    """What stands now, where the workbook says so.

    `seated` are the people of each seat, `by_reference` how many seats may be decided so,
    `builders` who built the version, `refusing` who had a seat besides, whose refusal stands until
    they take it back or decide anew; `conditions` is false where an approval with conditions has
    none to rest on. `voids` is what voids all approvals together, `ground` what voids all that
    were given on a pack, `signer` what voids one for who gave it; `ends` are the instants at which
    the workbook ends one.
    """

    version: str
    seated: Mapping[Seat, Collection[str]]
    builders: Collection[str] = ()
    refusing: Mapping[Seat, Collection[str]] = field(default_factory=dict)
    by_reference: int = 0
    conditions: bool = False
    voids: tuple[str, ...] = ()
    ground: Callable[[Pack], Iterable[str]] = field(default=lambda _: ())
    signer: Callable[[Word], Iterable[str]] = field(default=lambda _: ())
    ends: Callable[[Word], Iterable[datetime]] = field(default=lambda _: ())


@dataclass(frozen=True)
class Quorum:
    """The newest pack, how each seat stands, what voids all approvals, and what the pack alone."""

    pack: Pack | None
    seats: tuple[SeatState, ...]
    voids: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    words: tuple[Word, ...] = ()

    @property
    def complete(self) -> bool:
        """True when three people of the three seats stand by the version: it may go live."""
        return not self.voids and all(state.standing == "approved" for state in self.seats)

    @property
    def state(self) -> State:
        """The decision in one word."""
        if any(state.standing == "refused" for state in self.seats):
            return "refused"
        if self.complete:
            given = {state.found.record.decision for state in self.seats if state.found}
            return "approved" if given == {"approve"} else "approved_with_conditions"
        if self.pack is None:
            return "none"
        return "stale" if self.voids or self.stale else "open"
