"""Whether what the seats of a deploy review decided still holds, by what the workbook says now.

A sign-off is a record that never changes. Which of them count, and how the seats stand, is said by
one function of the ledger (`domain.quorum`); here stands what the claims, the people, the policy
and the frameworks add to it. Pages, checks and the review itself ask the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from ops_model.check.context import Context
from ops_model.check.grades import grade_of
from ops_model.check.recorded import Evidence
from ops_model.domain.decisions import SEATS
from ops_model.domain.evidence import Grade
from ops_model.domain.of_last import of_last
from ops_model.domain.policy import Policy, Waiver
from ops_model.domain.quorum import APPROVING, judged
from ops_model.domain.quorum_standing import Present, Quorum, SeatState, Standing
from ops_model.domain.reviewed import conditions_of, seated, voids
from ops_model.domain.said import Pack, Word, words_among
from ops_model.domain.sign_off import ReviewPack, SignOff
from ops_model.domain.values import claim_digest, zone


def policy_digest(policy: Policy, system_id: str) -> str:
    """The digest of the policy as far as it bears on one system.

    What is waived for another system voids no sign-off of this one.
    """
    mine = tuple(waiver for waiver in policy.waivers if waiver.system == system_id)
    return _digest_with(policy, mine) if mine else _digest_without_waivers(policy)


def _digest_with(policy: Policy, waivers: tuple[Waiver, ...]) -> str:
    return claim_digest(policy.model_copy(update={"waivers": waivers, "declared": None}))


@of_last
def _digest_without_waivers(policy: Policy) -> str:
    return _digest_with(policy, ())


def quorum_of(ctx: Context, *, max_age_days: float) -> Quorum:
    """How the review of the version in system.yaml stands.

    No function may sit in two seats, so that three approvals are always those of three people. A
    refusal of somebody who has the seat no longer stands until whoever has it now decides.

    Args:
        ctx: claims, evidence, people, policy and frameworks at the instant that judges.
        max_age_days: how old a sign-off may be, whatever it says of its own end.
    """
    return judged(
        ctx.evidence.statements,
        ctx.evidence.signed,
        as_of=ctx.as_of,
        signers=ctx.model.signers,
        present=_present(ctx),
        max_age_days=max_age_days,
        held=ctx.evidence.held,
        declared=declared_among(ctx.evidence),
        unheard=ctx.evidence.unheard,
        signing=ctx.evidence.signing,
        words=ctx.once(_words),
    )


def declared_among(evidence: Evidence) -> frozenset[int]:
    """The numbers of the entries that show no more than that somebody says so."""
    return frozenset(
        s.seq for s in evidence.statements if grade_of(s, evidence) <= Grade.DECLARED
    )  # fmt: skip


def seat_states(ctx: Context, *, max_age_days: float) -> tuple[SeatState, ...]:
    """How each of the three seats stands to the version in system.yaml."""
    return quorum_of(ctx, max_age_days=max_age_days).seats


def decided(ctx: Context) -> tuple[Word, ...]:
    """The decisions on the version as it is that count and were not taken back.

    Whoever gave them may have no seat any more, and then they do not hold; given they were.
    """
    version = ctx.system.identity.version.digest()
    return tuple(word for word in counting(ctx) if word.record.version == version)


def counting(ctx: Context) -> tuple[Word, ...]:
    """The decisions that count, on whatever version, and were not taken back."""
    words = ctx.once(_words)
    return tuple(word for word in words if not word.faults and word.taken_back is None)


def _words(ctx: Context) -> tuple[Word, ...]:
    """Every decision that the ledger has from its signer, whether it counts or not."""
    return words_among(
        ctx.evidence.statements,
        ctx.evidence.signed,
        as_of=ctx.as_of,
        signers=ctx.model.signers,
        held=ctx.evidence.held,
        signing=ctx.evidence.signing,
    )


def _present(ctx: Context) -> Present:
    """What the workbook says at this instant."""
    version = ctx.system.identity.version.digest()
    policy = policy_digest(ctx.model.policy, ctx.system.id)
    frameworks = ctx.register.digest_on(ctx.today, ctx.system)

    def ground(pack: Pack) -> Iterator[str]:
        if pack.record.version != version:
            yield _other_version(ctx, pack.record)
        if pack.record.policy != policy:
            day = _day(ctx, pack.record)
            yield f"policy.yaml says of {ctx.system.id} what it did not say on {day}"
        for waiver in _waivers_then(ctx, pack.record):
            if waiver.expires <= ctx.today:
                yield f"the waiver of {waiver.check_id} in force then ended on {waiver.expires}"
        if pack.record.frameworks != frameworks:
            yield _other_frameworks(ctx, pack.record)

    return Present(
        version=version,
        seated=seated(ctx.system),
        builders=ctx.model.builders(ctx.system),
        by_reference=ctx.model.policy.by_reference_at(ctx.system.identity.tier),
        conditions=bool(conditions_of(ctx.system)),
        voids=tuple(voids(ctx.system, at=ctx.as_of, today=ctx.today)),
        ground=ground,
        signer=lambda word: _signer(ctx, word.record),
        ends=lambda word: _ends(ctx, word),
    )


def _ends(ctx: Context, word: Word) -> Iterable[datetime]:
    """When something in the workbook ends an approval."""
    for waiver in _waivers_then(ctx, word.record if word.pack is None else word.pack.record):
        yield ctx.end_of(waiver.expires - timedelta(days=1))
    for condition in conditions_of(ctx.system):
        yield ctx.end_of(condition.due)
    gone = ctx.until_gone(word.record.person)
    if gone is not None:
        yield gone


def _signer(ctx: Context, signed: SignOff) -> Iterator[str]:
    """Why whoever signed may not sit there now, or signed before there was a review."""
    if why := ctx.why_not_active(signed.person):
        yield why
    person = ctx.model.people.person(signed.person)
    if person is not None and person.function not in SEATS[signed.seat]:
        expected = " or ".join(sorted(SEATS[signed.seat]))
        yield f"{person.id} works in {person.function}; expected {expected}"
    yield from why_not_open(ctx, signed.as_of)


def why_not_open(ctx: Context, signed_at: datetime) -> Iterator[str]:
    """Why the review was not open at an instant."""
    decisions = ctx.system.decisions
    opened = decisions.review.opened_at if decisions is not None else None
    if opened is None:
        yield "when the review was opened is not written"
    elif signed_at < opened:
        yield f"it was signed before the review was opened on {opened.date()}"


def _other_version(ctx: Context, pack: ReviewPack) -> str:
    """That another version was signed, with the members in which it differs."""
    version, others = ctx.system.identity.version, ctx.system.identity.other_versions
    old = next((v for v in others if v.digest() == pack.version), None)
    if old is None:
        return f"what was signed is not {version.label}, and system.yaml does not describe it"
    members = ", ".join(change.member for change in old.changes_to(version))
    return f"{old.label} was signed, and {version.label} differs in {members}"


def _other_frameworks(ctx: Context, pack: ReviewPack) -> str:
    """Of which framework, or of which part of one, the status is another by now.

    Where the register of now has another digest for that day, the claims or the register differ.
    """
    then, register = _day(ctx, pack), ctx.register
    before = _by_part(register.statuses_on(then, ctx.system))
    now = _by_part(register.statuses_on(ctx.today, ctx.system))
    said = [
        f"{name} from {before.get(name, 'not_yet')} to {now.get(name, 'not_yet')}"
        for name in dict.fromkeys([*before, *now])
        if before.get(name) != now.get(name)
    ]
    if register.digest_on(then, ctx.system) != pack.frameworks:
        said.append("another set of them may speak to the system")
    return f"the frameworks changed since {then}: {', '.join(said)}"


def _by_part(statuses: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Each status by a name: `eu-ai-act`, or `Art 50 of eu-ai-act`."""
    return {
        f"{part} of {key}" if part else key: status
        for key, parts in statuses.items()
        for part, status in sorted(parts.items())
    }


def _day(ctx: Context, record: ReviewPack | SignOff) -> date:
    """The day of a record, where the organisation is."""
    return record.as_of.astimezone(zone(ctx.model.settings.zone)).date()


def _waivers_then(ctx: Context, record: ReviewPack | SignOff) -> list[Waiver]:
    """The waivers of the system that were in force on the day of a record."""
    day = _day(ctx, record)
    waivers = (w for w in ctx.model.policy.waivers if w.system == ctx.system.id)
    return [w for w in waivers if w.starts <= day < w.expires]


__all__ = [
    "APPROVING", "Quorum", "SeatState", "Standing", "Word", "counting", "decided",
    "policy_digest", "quorum_of", "seat_states", "why_not_open",
]  # fmt: skip
