"""What policy.yaml decides about a system, as its pages and the terminal tell it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ops_model.check.decided import Decided, GradeSet, SeatsSet, WaiverSaid
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.words import AMBER, GREEN, GREY, WAIVED, Look

_IDLE = Look("\u2013", "does not count", GREY, "quiet")
_STRICTER = Look("✓", "stricter", GREEN, "good")
_LOOSER = Look("▲", "looser", AMBER, "warn")


Kind = Literal["minimum grades", "thresholds", "rules"]


@dataclass(frozen=True)
class SetRow:
    """One thing that the policy sets otherwise than it ships.

    `look` says whether more or less is asked for; None where only the two values can be told.
    `kind` is what the terminal tells together.
    """

    kind: Kind
    what: str
    name: str
    value: str
    ships: str
    look: Look | None = None

    @property
    def told(self) -> str:
        """`RBK-02 max_age_days 45 (ships 30)`, `RDY-02: E1 declared (ships E2 attested, …)`."""
        if self.kind == "thresholds":
            return f"{self.what} {self.name} {self.value} (ships {self.ships})"
        word = f", {self.look.word}" if self.look is not None else ""
        return f"{self.what}: {self.value} (ships {self.ships}{word})"


@dataclass(frozen=True)
class WaiverRow:
    """A waiver, who answers by it for what, why and until when.

    `until` is the day from which on it counts no more. `why_not` says why it covers nothing today.
    """

    look: Look
    check: str
    reason: str
    control: str
    who: str
    starts: str
    until: str
    renewed: str
    why_not: str = ""


@dataclass(frozen=True)
class DecidedView:
    """What templates and the terminal need of it: `through` are checks, each with its parts."""

    rows: tuple[SetRow, ...]
    waivers: tuple[WaiverRow, ...]
    through: tuple[tuple[str, tuple[str, ...]], ...]
    looser: int


def decided_view(decided: Decided, people: People) -> DecidedView:
    """The view of it: what asks for less, or may, comes first; of waivers those that count."""
    directed = [*map(_grade, decided.grades), *map(_seats, filter(None, [decided.seats]))]
    looser = [row for row in directed if row.look == _LOOSER]
    stricter = [row for row in directed if row.look == _STRICTER]
    thresholds = (
        SetRow("thresholds", t.check, t.name, t.value, t.ships) for t in decided.thresholds
    )
    approved = [_approved(decided.approved)] if decided.approved else []
    said = sorted(decided.waivers, key=lambda waiver: bool(waiver.why_not))
    return DecidedView(
        rows=(*looser, *thresholds, *approved, *stricter),
        waivers=tuple(_waiver(one, people) for one in said),
        through=decided.through,
        looser=len(looser),
    )


def hrefs_of(view: DecidedView, hrefs: Mapping[str, str]) -> Mapping[str, str]:
    """Where each check that a waiver names is answered; one that was not judged has no place."""
    named = [*(row.check for row in view.waivers), *(check for check, _ in view.through)]
    return {check: hrefs.get(check, "") for check in named}


def _grade(changed: GradeSet) -> SetRow:
    group = changed.whole and changed.checks != (changed.of,)
    return SetRow(
        kind="minimum grades",
        what=f"all of {changed.of}" if group else ", ".join(changed.checks),
        name="minimum grade",
        value=words.grade(changed.grade),
        ships=words.grade(changed.ships),
        look=_STRICTER if changed.stricter else _LOOSER,
    )


def _seats(changed: SeatsSet) -> SetRow:
    return SetRow(
        kind="rules",
        what="seats decided elsewhere",
        name="by reference, without a signature",
        value=f"{changed.allowed} of 3",
        ships=f"{changed.ships} of 3",
        look=_STRICTER if changed.stricter else _LOOSER,
    )


def _approved(notebooks: int) -> SetRow:
    return SetRow(
        kind="rules",
        what="notebooks whose records count as observed",
        name="by their digests",
        value=f"{notebooks} approved here, and those that ship",
        ships="those that ship",
    )


def _waiver(said: WaiverSaid, people: People) -> WaiverRow:
    waiver = said.waiver
    return WaiverRow(
        look=_IDLE if said.why_not else WAIVED,
        check=waiver.check_id,
        reason=waiver.reason,
        control=waiver.compensating_control,
        who=people.label(waiver.accepted_by),
        starts=words.day(waiver.starts),
        until=words.day(said.until),
        renewed=_renewed(said.renewals),
        why_not=said.why_not,
    )


def _renewed(times: int) -> str:
    return ("not renewed", "renewed once")[times] if times < 2 else f"renewed {times} times"
