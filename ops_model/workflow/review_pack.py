"""The pack of a deploy review: what its seats decide on, and the statements that it rests on."""

from collections.abc import Iterator

from ops_model.check.context import Context
from ops_model.check.sign_off import policy_digest
from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import Attestation
from ops_model.domain.sign_off import PackSeat, ReviewPack
from ops_model.domain.values import digest_of

_OWN_CHECKS = "REV-"
_NOT_RESTED_ON = frozenset({"assessment", "review_pack", "sign_off", "sign_off_revoked"})
"""Kinds that sum up or decide; what they are about speaks for itself."""


def pack_of(ctx: Context, assessment: Assessment) -> ReviewPack:
    """What the seats of a system decide on at present."""
    from ops_model.check.verdict import verdict_of

    system, people = ctx.system, ctx.model.people
    review = system.decisions.review if system.decisions is not None else None
    others = [f for f in assessment.findings if not f.check.startswith(_OWN_CHECKS)]
    seats = tuple(
        PackSeat(seat=held.seat, person=held.person, function=person.function)
        for held in (review.seats if review is not None else ())
        if (person := people.person(held.person)) is not None
    )
    return ReviewPack(
        system=system.id,
        as_of=ctx.as_of,
        claims=assessment.claims,
        version=system.identity.version.digest(),
        label=system.identity.version.label,
        verdict=verdict_of(others, assessment.open_conditions),
        assessment=digest_of(assessment),
        policy=policy_digest(ctx.model.policy, system.id),
        frameworks=ctx.register.digest_on(ctx.today, system),
        rests_on=tuple(_rests_on(ctx)),
        seats=seats,
        builders=ctx.model.builders(system),
        by_reference=ctx.model.policy.by_reference_at(system.identity.tier),
    )


def _rests_on(ctx: Context) -> Iterator[str]:
    """The digests of what shows most about each subject; a word that ended shows nothing."""
    from ops_model.check.current import shown_of_each

    for found in shown_of_each(ctx.evidence):
        record = found.record
        ended = isinstance(record, Attestation) and record.expires <= ctx.as_of
        if record.kind not in _NOT_RESTED_ON and not ended:
            yield found.statement.digest
