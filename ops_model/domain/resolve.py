"""What all resolvers share: how an answer is given, and how old, slow or few a thing may be.

The limits are those of the checks that find the same gaps, so that a game day and a check never
say different things of the same system; a test holds them to the checks.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar

from ops_model.domain.duty import Decider
from ops_model.domain.evidence import Record
from ops_model.domain.limits import ByTier, limit_of
from ops_model.domain.resolving import Answer
from ops_model.domain.values import Where, zone
from ops_model.domain.walk import WalkStep
from ops_model.domain.walk_scene import NOBODY, Scene, alone_or_with, days_before

R = TypeVar("R", bound=Record)

LONGEST = 1500
"""How many signs an answer has at most."""
LIMITS: Mapping[tuple[str, str], ByTier] = {
    ("CCH-05", "max_age_days"): (180, 180, 180),
    ("CMP-02", "min_days"): (90, 90, 90),
    ("CST-03", "max_age_days"): (90, 90, 90),
    ("EVD-04", "every_days"): (7, 7, 7),
    ("EVD-04", "grace_days"): (1, 1, 1),
    ("FBK-02", "enough_share"): (0.5, 0.5, 0.5),
    ("FBK-02", "min_share"): (0.1, 0.1, 0.1),
    ("FBK-03", "max_age_days"): (92, 92, 92),
    ("INC-05", "public_minutes"): (120, 240, 480),
    ("OBS-03", "max_age_days"): (8, 8, 8),
    ("OBS-03", "min_share"): (0.9, 0.9, 0.9),
    ("OBS-04", "max_hours"): (12, 24, 48),
    ("OBS-06", "max_age_days"): (8, 8, 8),
    ("ONC-05", "max_age_days"): (90, 180, 180),
    ("QLT-03", "max_age_days"): (8, 8, 8),
    ("QLT-04", "max_age_days"): (8, 8, 8),
    ("QLT-05", "max_age_days"): (8, 8, 8),
    ("QLT-07", "max_age_days"): (8, 8, 8),
    ("RBK-02", "max_age_days"): (30, 90, 180),
    ("RBK-02", "under_seconds"): (600, 600, 600),
    ("REV-05", "max_age_days"): (90, 180, 180),
    ("RUL-01", "max_age_days"): (8, 8, 8),
    ("RUL-04", "max_age_days"): (31, 92, 183),
    ("TRN-01", "max_drill_age_days"): (180, 180, 180),
}
"""The default of each limit at the tiers A, B and C, by check and name of its threshold."""


def limit(scene: Scene, check: str, name: str) -> float:
    """A limit of a check at the system's tier: the policy's, else the default."""
    tier = scene.system.identity.tier
    return limit_of(scene.model.policy, tier, check, name, LIMITS[check, name])


def answered(
    text: str, *places: Where, who: str | None = None, details: tuple[str, ...] = ()
) -> Answer:
    """What the objects answer, with no gap."""
    return Answer(_to_read_aloud(text), who=who, details=details, looked_at=places)


def gap(
    text: str, check: str, *places: Where, who: str | None = None, details: tuple[str, ...] = ()
) -> Answer:
    """What is missing, and the check that finds it; where that is empty, nothing is."""
    return Answer(_to_read_aloud(text), check, who=who, details=details, looked_at=places)


def not_asked(why: str, *places: Where) -> Answer:
    """A question that does not arise for this system, and why."""
    return Answer(_to_read_aloud(why), looked_at=places, not_asked=True)


def _to_read_aloud(text: str) -> str:
    """One line of a length that somebody can read aloud; the places hold the rest."""
    line = " ".join(text.split())
    if len(line) <= LONGEST:
        return line
    cut = line[:LONGEST]
    ends = max(cut.rfind("; "), cut.rfind(". "), cut.rfind(", "))
    return f"{cut[: ends if ends > 0 else LONGEST]}; and more, which the files hold"


def no_file(scene: Scene, attribute: str, check: str) -> Answer:
    """The gap where the file is missing that would answer."""
    place = scene.place(attribute)
    return gap(f"there is no {place.path}", check, place)


def of_step(step: WalkStep) -> Answer:
    """A step of the walk as an answer, for a question that asks the same."""
    return Answer(
        step.answer, step.check, who=step.who, details=step.details, looked_at=step.looked_at
    )


def in_date(
    scene: Scene,
    kind: type[R],
    check: str,
    *,
    missing: str,
    claim: Where,
    matching: Callable[[R], bool] | None = None,
) -> tuple[R, Where] | Answer:
    """The last record of a kind, or the gap where there is none or it is too old to count."""
    found = scene.latest(kind, matching)
    if found is None:
        return gap(missing, check, claim)
    record, place = found
    most, days = limit(scene, check, "max_age_days"), (scene.at - record.as_of).days
    name = record.kind.replace("_", " ")
    if days <= most:
        short = scene.why_short(place, check)
        said = f"the {name} of {record.as_of.date()} shows too little: {short}"
        return gap(said, check, claim, place) if short else found
    return gap(
        f"the last {name} is of {record.as_of.date()}, {days_before(days)}; at most {most:g} "
        "days are allowed",
        check, claim, place,
    )  # fmt: skip


def decides(decider: Decider, verb: str) -> str:
    """Who may do a thing then, or why nobody can."""
    if decider.person is None or decider.why_not:
        return f"{NOBODY} who may {verb} then: {decider.why_not}"
    return f"{decider.person} may {verb}{alone_or_with(decider)}"


def day(scene: Scene, at: datetime | None = None) -> date:
    """The day of an instant, or of the scene, where the organisation is."""
    return (at or scene.at).astimezone(zone(scene.model.settings.zone)).date()
