"""What policy.yaml decides about one system: what it sets otherwise than ships, and its waivers.

A verdict is worth no more than what it was judged by, so whoever reads it has to see both.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ops_model.check.question import Check, PerTier
from ops_model.check.thresholds import thresholds_of
from ops_model.check.waivers import ends_of, waivers_of, why_not_covering
from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.evidence import Grade
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.policy import Policy, SwitchOff, Waiver
from ops_model.domain.system import Tier
from ops_model.domain.values import zone
from ops_model.domain.waivers import renewals_of

_SHIPPED = Policy()


@dataclass(frozen=True)
class ThresholdSet:
    """A threshold of a check, as set for a tier and as it ships, both as text."""

    check: str
    name: str
    value: str
    ships: str


@dataclass(frozen=True)
class GradeSet:
    """What checks ask a pass to rest on at a tier, as set and as it ships.

    `of` is what policy.yaml names, a check or a group; `checks` are those that it moves by this
    much, and `whole` is true where these are all that are loaded of it.
    """

    of: str
    checks: tuple[str, ...]
    grade: Grade
    ships: Grade
    whole: bool

    @property
    def stricter(self) -> bool:
        """True where more is asked for than ships; less is where it is not."""
        return self.grade > self.ships


@dataclass(frozen=True)
class SeatsSet:
    """How many of the three seats may be decided by reference, as set and as it ships."""

    allowed: int
    ships: int

    @property
    def stricter(self) -> bool:
        """True where more signatures are asked for than ships."""
        return self.allowed < self.ships


@dataclass(frozen=True)
class WaiverSaid:
    """A waiver that policy.yaml holds for a system, and how it stands on the day that judges.

    `renewals` are counted, and may be more than it says itself. `until` is its first day without
    effect, before `waiver.expires` where whoever accepted it leaves before. `why_not` says why it
    covers nothing, and is empty where it covers an open finding.
    """

    waiver: Waiver
    renewals: int
    until: date
    why_not: str = ""


@dataclass(frozen=True)
class Decided:
    """All that policy.yaml decides about one system.

    `through` are the findings that only sum up others and are waived with them, with these.
    `seats` is None where as many may be decided by reference as ships. `approved` counts the
    notebooks of one's own whose records count as observed. `switched_off` are the switch-offs that
    count, of checks that were judged.
    """

    thresholds: tuple[ThresholdSet, ...] = ()
    grades: tuple[GradeSet, ...] = ()
    waivers: tuple[WaiverSaid, ...] = ()
    through: tuple[tuple[str, tuple[str, ...]], ...] = ()
    seats: SeatsSet | None = None
    approved: int = 0
    switched_off: tuple[SwitchOff, ...] = ()


def decided_about(
    checks: Sequence[Check], model: OperatingModel, system: SystemClaims, assessment: Assessment
) -> Decided:
    """What the policy decides about a system.

    Args:
        checks: those that judged.
        model: people, policy and the zone in which days are counted.
        system: the claims of the system.
        assessment: the verdict, which was given by this very policy.
    """
    tier = system.identity.tier
    waivers = tuple(_waivers(model, system, assessment))
    covered = {said.waiver.check_id for said in waivers if not said.why_not}
    off = {f.check for f in assessment.findings if f.switched_off}
    return Decided(
        thresholds=tuple(_thresholds(checks, model.policy, tier)),
        grades=tuple(_grades(checks, model.policy, tier)),
        waivers=waivers,
        through=tuple(
            (f.check, f.through)
            for f in assessment.findings
            if f.waived and f.check not in covered
        ),
        seats=_seats(model.policy, tier),
        approved=len(set(model.policy.approved_notebooks)),
        switched_off=tuple(s for s in model.policy.switched_off if s.check_id in off),
    )


def _seats(policy: Policy, tier: Tier) -> SeatsSet | None:
    allowed, ships = (p.by_reference_at(tier) for p in (policy, _SHIPPED))
    return None if allowed == ships else SeatsSet(allowed, ships)


def _thresholds(checks: Iterable[Check], policy: Policy, tier: Tier) -> Iterator[ThresholdSet]:
    for check in checks:
        for name, value in thresholds_of(check, policy, tier).items():
            default = check.thresholds[name].default
            ships = default.at(tier) if isinstance(default, PerTier) else default
            if value != ships:
                yield ThresholdSet(check.id, name, _written(value), _written(ships))


def _written(value: object) -> str:
    """A threshold as one would write it: without a point where it has nothing behind it."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _grades(checks: Sequence[Check], policy: Policy, tier: Tier) -> list[GradeSet]:
    """Each change of minimum grades, with all checks that one entry moves alike."""
    moved: dict[tuple[str, Grade, Grade], list[str]] = {}
    for check in checks if policy.minimum_grades else ():
        grade, ships = (p.minimum_grade(check.id, tier) for p in (policy, _SHIPPED))
        if grade != ships:
            alone = tier in policy.minimum_grades.get(check.id, {})
            moved.setdefault((check.id if alone else check.group, grade, ships), []).append(
                check.id
            )
    return [
        GradeSet(of, tuple(ids), grade, ships, whole=_loaded(checks, of) == len(ids))
        for (of, grade, ships), ids in moved.items()
    ]


def _loaded(checks: Iterable[Check], name: str) -> int:
    return sum(name in {check.id, check.group} for check in checks)


def _waivers(
    model: OperatingModel, system: SystemClaims, assessment: Assessment
) -> Iterator[WaiverSaid]:
    found = {finding.check: finding for finding in assessment.findings}
    where = zone(model.settings.zone)
    today = assessment.as_of.astimezone(where).date()
    for waiver in waivers_of(model, system):
        finding = found.get(waiver.check_id)
        why = _nothing_to_cover(waiver, finding)
        if finding is not None:
            why = why_not_covering(waiver, finding, model, system, today) or why
        yield WaiverSaid(
            waiver=waiver,
            renewals=renewals_of(waiver, model.policy.waivers),
            until=ends_of(waiver, model).astimezone(where).date(),
            why_not=why,
        )


def _nothing_to_cover(waiver: Waiver, finding: Finding | None) -> str:
    """Why there is nothing for a waiver to cover, or an empty text where there is."""
    check = waiver.check_id
    if finding is None:
        return f"{check} was not judged"
    if not finding.open:
        passed = finding.status == "passed"
        return f"{check} {'passed' if passed else 'does not apply'}, so nothing is to be accepted"
    if finding.switched_off:
        return f"{check} is switched off"
    return "" if finding.blocks else f"{check} only informs and stands in no way"
