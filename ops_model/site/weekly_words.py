"""How the parts of a weekly report are called, and how their states are shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ops_model.domain.weekly import (
    CareDue,
    HypercareCount,
    PartName,
    PillarName,
    Summed,
    SumStatus,
    WeeklyReport,
    least,
)
from ops_model.domain.weeks import (
    SignName,
    SignState,
    SlowSign,
    WeeklyQuality,
    WeekPair,
    is_past,
    week_ends,
)
from ops_model.site import words
from ops_model.site.words import (
    AMBER,
    FAILED,
    GREEN,
    GREY,
    NOT_APPLICABLE,
    PASSED,
    RED,
    UNKNOWN,
    Look,
)

ASKED: Mapping[PartName | PillarName, str] = {
    "works": "Does it work?",
    "legal": "May it be used?",
    "economic": "Is it worth its money?",
    "ownership": "Ownership",
    "monitoring": "Monitoring",
    "incident_response": "Incident response",
    "post_mortems": "Post-mortems",
}
SIGNS: Mapping[SignName, str] = {
    "drift": "Drift", "cost": "Cost", "audit_questions": "Audit questions", "usage": "Use",
}  # fmt: skip
SUMS: Mapping[SumStatus, Look] = {
    "passed": PASSED, "failed": FAILED, "unknown": UNKNOWN, "not_applicable": NOT_APPLICABLE,
}  # fmt: skip
STATES: Mapping[SignState, Look] = {
    "worse": Look("✖", "worsening", RED, "bad"),
    "better": Look("✓", "improving", GREEN, "good"),
    "steady": Look("✓", "steady", GREEN, "good"),
    "open": Look("?", "cannot be told", AMBER, "warn"),
    "too_few": Look("?", "too few weeks", AMBER, "warn"),
    "past": Look("?", "not measured since", AMBER, "warn"),
    "none": Look("?", "not on record", AMBER, "warn"),
}
WORSE = Look("✖", "got worse", RED, "bad")
BETTER = Look("✓", "got better", GREEN, "good")
ACCEPTED = Look("▲", "only accepted", AMBER, "warn")
REFUSED = Look("▲", "a seat said no", AMBER, "warn")
SAME = Look("\u2013", "as it was", GREY, "quiet")
FIRST = Look("\u2013", "no report before", GREY, "quiet")
OWED = Look("▲", "owed", AMBER, "warn")
NOTHING = Look("✓", "nothing", GREEN, "good")
OVERDUE = Look("✖", "overdue", RED, "bad")
WATCHED = Look("▲", "watched closely", AMBER, "warn")
LEVEL = Look("✓", "within its limits", GREEN, "good")
BEYOND = Look("✖", "beyond its limits", RED, "bad")
TOO_WIDE = Look("\u2013", "limits too wide to tell", GREY, "quiet")
NOT_ASKED = Look("▲", "not asked", AMBER, "warn")


def sign_look(sign: SlowSign) -> Look:
    """How one sign of a slow death is shown; nothing ever asked by an auditor is no gap."""
    asked_nothing = sign.sign == "audit_questions" and not sign.weeks
    return NOT_APPLICABLE if asked_nothing else STATES[sign.state]


def sum_look(one: Summed) -> Look:
    """How a part or a pillar is shown: no plain pass where somebody answers for a gap."""
    aside = aside_in_short(one)
    if one.status == "passed" and aside:
        return Look("▲", f"passed, {aside}", AMBER, "warn")
    return NOT_ASKED if one.status == "not_applicable" and one.off else SUMS[one.status]


def aside_in_short(one: Summed) -> str:
    """`1 waived, 2 not asked`; empty where neither is so."""
    waived = [f"{one.waived} waived"] if one.waived else []
    off = [f"{len(one.off)} not asked"] if one.off else []
    return ", ".join(waived + off)


def whole(sums: Sequence[Summed]) -> Look:
    """The minimum over several."""
    lowest = least(tuple(one.status for one in sums))
    looks = [sum_look(one) for one in sums]
    if lowest in {"passed", "not_applicable"} and any(look.tone == "warn" for look in looks):
        return Look("▲", "with something aside", AMBER, "warn")
    return SUMS[lowest]


def change_look(record: WeeklyReport) -> Look:
    """Whether it is worse than at the report before, better, or as it was."""
    since = record.since
    if since is None:
        return FIRST
    if record.got_worse:
        return WORSE
    if since.refused:
        return REFUSED
    if since.closed:
        return BETTER
    # A waiver may lift the verdict, and mends nothing.
    if since.accepted:
        return ACCEPTED
    return BETTER if record.verdict != since.verdict else SAME


def slow_look(record: WeeklyReport) -> Look:
    """Whether any sign of a slow death is there."""
    if record.worse:
        return STATES["worse"]
    looks = [sign_look(sign) for sign in record.signs]
    return next((look for look in looks if look.tone == "warn"), STATES["steady"])


def quality_look(quality: WeeklyQuality, as_of: datetime) -> Look:
    """Whether the last whole week lies within its limits, where that can be told at all."""
    last = quality.weeks[-1] if quality.weeks else None
    if last is not None and is_past(last.ends, week_ends(0, as_of=as_of)):
        return STATES["past"]
    if last is None or quality.why_no_limits or last.quality.value is None:
        return UNKNOWN
    if last.beyond:
        return BEYOND
    return TOO_WIDE if quality.too_wide else LEVEL


def care_look(care: CareDue) -> Look:
    """Whether one kind of care is as it should be."""
    if care.overdue:
        return OVERDUE
    return Look("▲", "not settled", AMBER, "warn") if care.wrong else PASSED


def spend_look(spend: WeekPair) -> Look:
    """Whether a week cost more than seven days of the ceiling."""
    limit, now = spend.limit, spend.now.value
    if limit is None or limit.value is None or now is None:
        return UNKNOWN
    return BEYOND if now > limit.value else LEVEL


def spend_in_short(spend: WeekPair | None) -> str:
    """`136.12 USD of 140.00 USD`, or that it is not known."""
    if spend is None:
        return "not on record"
    now = words.value(spend.now)
    return now if spend.limit is None else f"{now} of {words.value(spend.limit)}"


def hypercare_in_short(count: HypercareCount | None) -> str:
    """`76 of 90 days left`, or nothing where they are over or never began."""
    return "" if count is None else f"{count.left} of {words.plural(count.days, 'day')} left"


def since_in_short(record: WeeklyReport) -> str:
    """What changed since the report before, in half a sentence."""
    since = record.since
    if since is None:
        return "the first report"
    parts = []
    if since.verdict != record.verdict:
        parts.append(f"{since.verdict} became {record.verdict}")
    parts += [f"{len(found)} {word}" for found, word in (
        (since.opened, "opened"), (since.closed, "closed"),
        (since.accepted, "newly waived or switched off"), (since.changed, "changed"),
    ) if found]  # fmt: skip
    parts += since.worsened
    parts += [f"{', '.join(since.refused)} said no"] if since.refused else []
    parts += [words.plural(len(since.incidents), "incident")] if since.incidents else []
    return ", ".join(parts) or "nothing changed"
