"""Whether what the seats of a deploy review decided still holds, and if not, why.

A sign-off is a record that never changes. Whether it holds is judged anew each time, from the
claims, the evidence, the policy and the frameworks as they are: pages, checks and whoever verifies
a bundle ask the same function.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from ops_model.check.api import Context, Recorded
from ops_model.check.current import in_time, latest_of_each, subject_of
from ops_model.domain.decisions import SEATS, Condition, Seat
from ops_model.domain.detection import ProviderIdentity, RuleMeasurement, ServiceLevelMeasurement
from ops_model.domain.evidence import Assessment, Attestation, Record, Verification
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.policy import Policy, Waiver
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.sign_off import SignOff
from ops_model.domain.signals import DriftMeasurement, QualityMeasurement
from ops_model.domain.trials import ChallengerResult, EnvironmentRecord, Reproduction, SwapDrill
from ops_model.domain.values import claim_digest, zone

Standing = Literal["approved", "missing", "abstained", "refused", "expired", "void"]
APPROVING = frozenset({"approve", "approve_with_conditions"})


@dataclass(frozen=True)
class SeatState:
    """What one seat decided on the version as it is, whether that holds, and why not.

    `until` is when an approval ends by itself; what else would end it cannot be foreseen.
    """

    seat: Seat
    standing: Standing
    found: Recorded[SignOff] | None = None
    why: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True)
class _Present:
    """What every sign-off is held against, worked out once for all seats."""

    version: str
    policy: str
    frameworks: str
    latest: Mapping[tuple[object, ...], Recorded[Record]]

    @classmethod
    def of(cls, ctx: Context) -> "_Present":
        return cls(
            version=ctx.system.identity.version.digest(),
            policy=policy_digest(ctx.model.policy, ctx.system.id),
            frameworks=ctx.register.digest_on(ctx.today, ctx.system),
            latest={subject_of(found.record): found for found in latest_of_each(ctx.evidence)},
        )


def policy_digest(policy: Policy, system_id: str) -> str:
    """The digest of the policy as far as it bears on one system.

    What is waived for another system voids no sign-off of this one.
    """
    mine = tuple(waiver for waiver in policy.waivers if waiver.system == system_id)
    return claim_digest(policy.model_copy(update={"waivers": mine, "declared": None}))


def seat_states(ctx: Context, *, max_age_days: float) -> tuple[SeatState, ...]:
    """How each of the three seats stands to the version in system.yaml.

    Of several people in one seat one approval is enough, and one refusal too much. A refusal of
    somebody who has the seat no longer stands until whoever has it now decides. No function may
    sit in two seats, so that three approvals are always those of three people.

    Args:
        ctx: claims, evidence, people, policy and frameworks at the instant that judges.
        max_age_days: how old a sign-off may be, whatever it says of its own end.
    """
    present = _Present.of(ctx)
    return tuple(_state(ctx, present, seat, max_age_days) for seat in SEATS)


def _state(ctx: Context, present: _Present, seat: Seat, max_age_days: float) -> SeatState:
    words = _last_words(ctx, seat)
    seated = _seated(ctx, seat)
    mine = [word for word in words if word.record.person in seated]
    refusal = _refusal(present, words, mine)
    if refusal is not None:
        return SeatState(seat, "refused", refusal, (f"{_said(refusal)} said no",))
    approvals = [word for word in mine if word.record.decision in APPROVING]
    if approvals:
        states = [_held(ctx, present, word, max_age_days) for word in reversed(approvals)]
        return next((s for s in states if s.standing == "approved"), states[0])
    if mine:
        decided = f"{_said(mine[-1])} did not approve ({mine[-1].record.decision})"
        return SeatState(seat, "abstained", mine[-1], (decided,))
    others = [f"that of {_said(word)} does not count without the seat" for word in words]
    why = "; ".join(["no sign-off is on record", *others])
    return SeatState(seat, "missing", None, (why,))


def _last_words(ctx: Context, seat: Seat) -> list[Recorded[SignOff]]:
    """The last decision of each person on a seat, oldest first.

    It has to be on the ledger as their own: a notebook that prints a sign-off signs nothing.
    """
    words = ctx.evidence.all(SignOff, matching=lambda word: word.seat == seat)
    own = [w for w in words if w.statement.actor == f"person:{w.record.person}"]
    latest = {word.record.person: word for word in sorted(own, key=in_time)}
    return sorted(latest.values(), key=in_time)


def _seated(ctx: Context, seat: Seat) -> set[str]:
    decisions = ctx.system.decisions
    seats = decisions.review.seats if decisions is not None else ()
    return {held.person for held in seats if held.seat == seat}


def _refusal(
    present: _Present, words: Sequence[Recorded[SignOff]], mine: Sequence[Recorded[SignOff]]
) -> Recorded[SignOff] | None:
    """A refusal of the present version that nobody has taken back.

    Whoever takes a seat from somebody who refused has to decide anew.
    """
    no = [w for w in words if w.record.decision == "no_go" and w.record.version == present.version]
    standing = [w for w in no if w in mine or all(in_time(w) > in_time(m) for m in mine)]
    return standing[-1] if standing else None


def _said(word: Recorded[SignOff]) -> str:
    return f"{word.record.person} on {word.record.as_of.date()}"


def _held(
    ctx: Context, present: _Present, word: Recorded[SignOff], max_age_days: float
) -> SeatState:
    """The state of an approval."""
    seat, faults = word.record.seat, tuple(_why_void(ctx, present, word))
    if faults:
        return SeatState(seat, "void", word, faults)
    conditions = _conditions(ctx)
    if word.record.decision == "approve_with_conditions" and not conditions:
        none = f"{_said(word)} approved with conditions, and decisions.yaml holds none"
        return SeatState(seat, "missing", word, (none,))
    ends = min(word.record.expires, word.record.as_of + timedelta(days=max_age_days))
    if ends <= ctx.as_of:
        ended = f"the sign-off of {_said(word)} ended on {ends.date()}"
        return SeatState(seat, "expired", word, (ended,))
    pinned = [s.record for s in ctx.evidence.statements if s.digest in word.record.rests_on]
    until = [ends, *(r.expires for r in pinned if isinstance(r, Attestation))]
    until += [ctx.end_of(w.expires - timedelta(days=1)) for w in _waivers_then(ctx, word)]
    until += [ctx.end_of(condition.due) for condition in conditions]
    until += [gone for gone in [ctx.until_gone(word.record.person)] if gone is not None]
    # A pinned word that has ended by now was said anew; otherwise it would void the approval.
    return SeatState(seat, "approved", word, until=min(e for e in until if e > ctx.as_of))


def _why_void(ctx: Context, present: _Present, word: Recorded[SignOff]) -> Iterator[str]:
    """Everything that voids one approval: who signed, what was signed, and what it rested on."""
    yield from _signer(ctx, word.record)
    yield from _unseen(ctx, word.record)
    if word.record.version != present.version:
        yield _other_version(ctx, word.record)
    if word.record.policy != present.policy:
        yield f"policy.yaml says of {ctx.system.id} what it did not say on {_day(ctx, word)}"
    for waiver in _waivers_then(ctx, word):
        if waiver.expires <= ctx.today:
            yield f"the waiver of {waiver.check_id} in force then ended on {waiver.expires}"
    if word.record.frameworks != present.frameworks:
        yield _other_frameworks(ctx, word)
    yield from _evidence(ctx, present, word)
    yield from _providers(ctx, word)


def why_review_void(ctx: Context) -> Iterator[str]:
    """What voids the sign-offs of all seats together: an open incident, an overdue condition."""
    for incident in ctx.system.incidents:
        open_now = incident.closed_at is None or incident.closed_at > ctx.as_of
        if incident.severity == "sev1" and incident.detected_at <= ctx.as_of and open_now:
            yield f"incident {incident.id} (sev1) is open"
    for condition in _conditions(ctx):
        if condition.due < ctx.today:
            yield f"condition {condition.id} was due on {condition.due} and still stands"


def _conditions(ctx: Context) -> tuple[Condition, ...]:
    """The conditions of the review that stand in decisions.yaml."""
    decisions = ctx.system.decisions
    return decisions.review.conditions if decisions is not None else ()


def _signer(ctx: Context, signed: SignOff) -> Iterator[str]:
    if why := ctx.why_not_active(signed.person):
        yield why
    person = ctx.model.people.person(signed.person)
    if person is not None and person.function not in SEATS[signed.seat]:
        expected = " or ".join(sorted(SEATS[signed.seat]))
        yield f"{person.id} works in {person.function}; expected {expected}"
    if signed.person in ctx.model.builders(ctx.system):
        yield f"{signed.person} is among those who built it"


def _unseen(ctx: Context, signed: SignOff) -> Iterator[str]:
    """What shows that nobody looked: no review, no assessment, nothing that it rests on."""
    decisions = ctx.system.decisions
    opened = decisions.review.opened_at if decisions is not None else None
    if opened is None:
        yield "when the review was opened is not written"
    elif signed.as_of < opened:
        yield f"it was signed before the review was opened on {opened.date()}"
    if not signed.rests_on:
        yield "it names no statement that it rests on"
    seen = ctx.evidence.all(Assessment, matching=lambda found: found.as_of <= signed.as_of)
    if signed.assessment not in {found.statement.digest for found in seen}:
        yield "the assessment that was signed is not on record"


def _other_version(ctx: Context, signed: SignOff) -> str:
    """That another version was signed, with the members in which it differs."""
    version, others = ctx.system.identity.version, ctx.system.identity.other_versions
    old = next((v for v in others if v.digest() == signed.version), None)
    if old is None:
        return f"what was signed is not {version.label}, and system.yaml does not describe it"
    members = ", ".join(change.member for change in old.changes_to(version))
    return f"{old.label} was signed, and {version.label} differs in {members}"


def _other_frameworks(ctx: Context, word: Recorded[SignOff]) -> str:
    """That the status of a framework that may speak to the system is another, and of which."""
    then = _day(ctx, word)
    moved = [
        f"{f.key} from {f.status_on(then).status} to {f.status_on(ctx.today).status}"
        for f in ctx.register.frameworks
        if ctx.register.binds(f.key, ctx.system) is not False
        and f.status_on(then).status != f.status_on(ctx.today).status
    ]
    which = ", ".join(moved) or "another set of them may speak to the system"
    return f"the frameworks changed since {then}: {which}"


def _day(ctx: Context, word: Recorded[SignOff]) -> date:
    """The day of a sign-off, where the organisation is."""
    return word.record.as_of.astimezone(zone(ctx.model.settings.zone)).date()


def _waivers_then(ctx: Context, word: Recorded[SignOff]) -> list[Waiver]:
    """The waivers of the system that were in force on the day of a sign-off."""
    day = _day(ctx, word)
    waivers = (w for w in ctx.model.policy.waivers if w.system == ctx.system.id)
    return [w for w in waivers if w.starts <= day < w.expires]


def _evidence(ctx: Context, present: _Present, word: Recorded[SignOff]) -> Iterator[str]:
    """What became of each statement that a sign-off rests on."""
    known = {s.digest: s.record for s in ctx.evidence.statements}
    for digest in word.record.rests_on:
        pinned = known.get(digest)
        if pinned is None:
            yield f"what it rests on is not on record: {digest[:19]}..."
            continue
        latest = present.latest[subject_of(pinned)]
        name = pinned.kind.replace("_", " ")
        if isinstance(latest.record, Attestation) and latest.record.expires <= ctx.as_of:
            yield f"the {name} at {latest.where} ended on {latest.record.expires.date()}"
        elif _worse(pinned, latest.record):
            yield f"the {name} at {latest.where} is worse than the one that it rests on"


def _providers(ctx: Context, word: Recorded[SignOff]) -> Iterator[str]:
    """Models behind the curtain that changed since."""
    for seen in ctx.evidence.all(ProviderIdentity):
        if seen.record.changed and seen.record.as_of > word.record.as_of:
            yield f"{seen.record.dependency} answers with another model by {seen.where}"


def _worse(before: Record, after: Record) -> bool:
    """True when a newer record of the same shows less than the one before.

    Assessments are left out: they sum up the others, each of which speaks for itself.
    """
    rank = next((r for kind, r in _RANK.items() if isinstance(before, kind)), None)
    return rank is not None and rank(after) > rank(before)


_RANK: Mapping[type[Record], Callable[[Any], int]] = {
    RollbackDrill: lambda drill: not drill.passed,
    FallbackDrill: lambda drill: not drill.passed,
    SwapDrill: lambda drill: not drill.passed,
    CoverageMeasurement: lambda rota: bool(rota.holes or rota.undecidable),
    DriftMeasurement: lambda found: bool(found.drifted),
    QualityMeasurement: lambda found: found.alarm_at is not None,
    RuleMeasurement: lambda found: found.error is not None or (found.violations.value or 0) > 0,
    ServiceLevelMeasurement: lambda found: (found.budget_left.value or 0) <= 0,
    ChallengerResult: lambda found: ("better", "non_inferior", "undecided", "worse").index(
        found.verdict
    ),
    EnvironmentRecord: lambda found: found.ci_passed is False,
    Reproduction: lambda again: not again.equal,
    Verification: lambda seen: bool(
        seen.ledger_problems or any(bundle.problems for bundle in seen.bundles)
    ),
}
"""How bad the status of a record is, for each kind that has one; more is worse."""


__all__ = [
    "APPROVING", "SeatState", "Standing", "policy_digest", "seat_states", "why_review_void",
]  # fmt: skip
