"""What a company may disagree about: thresholds, minimum grades and waivers."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from ops_model.domain.evidence import AskedGrade, Grade
from ops_model.domain.scalars import ByKey, CheckId, Day, Digest, Slug, Text
from ops_model.domain.sign_off import MOST_BY_REFERENCE
from ops_model.domain.system import Tier
from ops_model.domain.values import Claim, ClaimFile

_E1, _E2, _E3, _E4 = Grade.DECLARED, Grade.ATTESTED, Grade.OBSERVED, Grade.REPRODUCED

DEFAULT_MINIMUM_GRADES: Mapping[str, tuple[Grade, Grade, Grade]] = {
    "OM": (_E3, _E3, _E3),
    "OWN": (_E2, _E2, _E1),
    "ONC": (_E3, _E3, _E2),
    "DEC": (_E3, _E2, _E1),
    "REV": (_E2, _E2, _E2),
    "RDY": (_E3, _E2, _E1),
    "RBK": (_E4, _E3, _E3),
    "FBK": (_E3, _E3, _E2),
    "SLO": (_E3, _E3, _E1),
    "QLT": (_E3, _E3, _E3),
    "DRF": (_E3, _E3, _E3),
    "OBS": (_E3, _E3, _E2),
    "RUL": (_E3, _E3, _E2),
    "CST": (_E3, _E3, _E2),
    "CAP": (_E3, _E3, _E2),
    "CMP": (_E3, _E2, _E1),
    "SEC": (_E3, _E2, _E1),
    "INC": (_E2, _E2, _E1),
    "CCH": (_E3, _E3, _E2),
    "ENV": (_E3, _E2, _E1),
    "TRN": (_E3, _E2, _E1),
    "PRT": (_E3, _E3, _E3),
    "EVD": (_E3, _E3, _E3),
}
"""Minimum grade of a check group at tiers A, B and C; `policy.yaml` may set others."""

SAID_BY_PEOPLE: frozenset[str] = frozenset({
    "ONC-02", "RDY-06",
    "ONC-06", "DEC-03", "DEC-04", "REV-03", "REV-04", "REV-06",
    "RDY-02", "RDY-03", "RDY-07", "RDY-08", "RDY-09", "TRN-01", "TRN-02", "TRN-03",
    "OWN-03", "OWN-05", "OWN-08",
    "RBK-06",
    "FBK-02", "FBK-04", "SLO-01", "SLO-03", "CAP-01", "CAP-02", "CAP-03",
    "DRF-05", "OBS-04", "OBS-05", "RUL-03", "CST-07", "INC-02", "INC-03", "INC-05",
    "CMP-02", "CMP-05", "SEC-01", "SEC-02",
    "CCH-01", "CCH-02", "CCH-03", "CCH-04", "CCH-06", "ENV-02", "ENV-03", "ENV-04",
    "RDY-04", "RDY-05", "CMP-04",
})  # fmt: skip
"""Checks that rest on what only people can say.

No run and no drill can see who trained a version or what a contract allows, so that what their
group asks beyond a person's word could never be met (docs/decisions/0011).
"""
SAID_GRADES: tuple[Grade, Grade, Grade] = (_E2, _E2, _E1)
"""Minimum grade of what only people can say, at tiers A, B and C."""


class Waiver(Claim):
    """A failing check that somebody answers for until a day.

    `renewals` counts how often it was prolonged before; one renewal is the most that counts.
    """

    check_id: CheckId
    system: Slug
    reason: Text
    compensating_control: Text
    accepted_by: Slug
    starts: Day
    expires: Day
    renewals: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.expires <= self.starts:
            msg = f"expires {self.expires} is not after starts {self.starts}"
            raise ValueError(msg)
        return self


class SwitchOff(Claim):
    """A check that the company does not ask, who decided so and why; it is judged and shown.

    What cannot be waived cannot be switched off, and neither can a few checks more. A finding that
    is open though nobody asks for it leaves the verdict conditional at best.
    """

    check_id: CheckId
    reason: Text
    decided_by: Slug
    since: Day


_ByReference = Annotated[int, Field(ge=0, le=MOST_BY_REFERENCE)]


class Policy(ClaimFile):
    """The file `policy.yaml`.

    `thresholds` maps a check id to its named thresholds, each one value or one per tier; their
    types are those of the check's keyword-only arguments, checked when checks are judged.
    `minimum_grades` maps a check id or a group to what a pass must rest on at a tier; less than
    ships is refused then of what cannot be switched off.
    `seats_by_reference` says per tier how many of the three seats may be decided elsewhere, by
    reference and without a signature; one of the three is always signed.
    """

    thresholds: Annotated[Mapping[str, Mapping[str, Any]], ByKey] = {}
    minimum_grades: Annotated[Mapping[str, Mapping[Tier, AskedGrade]], ByKey] = {}
    approved_notebooks: tuple[Digest, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    switched_off: tuple[SwitchOff, ...] = ()
    seats_by_reference: Annotated[Mapping[Tier, _ByReference], ByKey] = {
        "A": 0,
        "B": 1,
        "C": 2,
    }

    def by_reference_at(self, tier: Tier) -> int:
        """How many of the three seats may be decided by reference, without a signature."""
        allowed = self.seats_by_reference.get(tier, "ABC".index(tier))
        return min(allowed, MOST_BY_REFERENCE)

    def minimum_grade(self, check_id: str, tier: Tier) -> Grade:
        """The grade below which a pass does not count.

        What `policy.yaml` says of the check comes first, then what it says of the group, then the
        default of what only people can say, then that of the group.
        """
        for name in (check_id, _group_of(check_id)) if self.minimum_grades else ():
            if tier in self.minimum_grades.get(name, {}):
                return self.minimum_grades[name][tier]
        return _minimum_by_default(check_id, tier)


def _group_of(check_id: str) -> str:
    return check_id.split("-", maxsplit=1)[0]


# Of every system it is asked of the same checks.
@lru_cache(maxsize=1024)
def _minimum_by_default(check_id: str, tier: Tier) -> Grade:
    said = check_id in SAID_BY_PEOPLE
    grades = SAID_GRADES if said else DEFAULT_MINIMUM_GRADES.get(_group_of(check_id))
    return grades["ABC".index(tier)] if grades else Grade.DECLARED
