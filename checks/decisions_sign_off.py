"""That the seats signed the version as it is, and that nothing has voided it since."""

from collections.abc import Iterator, Sequence

from ops_model.check.api import (
    Context,
    Outcome,
    by_tier,
    check,
    failed,
    no_file,
    passed,
    unknown,
)
from ops_model.check.remedies import decide
from ops_model.check.sign_off import SeatState, quorum_of
from ops_model.domain.assessment import UnknownReason
from ops_model.domain.decisions import SEATS
from ops_model.domain.reviewed import voids_ended
from ops_model.domain.values import Where


@check(
    "REV-05",
    question="Did all three seats sign the version as it is, and does that hold still?",
    area="decisions",
    source=["S2.13"],
    revision=3,
)
def sign_off_valid(ctx: Context, *, max_age_days: int = by_tier(90, 180, 180)) -> Outcome:
    """A stamp of March says nothing of what changed in May; a sign-off ends with its ground.

    It counts when the signer's own key signed it, or, for as many seats as the policy allows, when
    it says where it was decided. It is void as soon as the version, the policy, a framework's
    status or what it rested on is another, the signer may not sit there, or an incident of the
    worst kind is open; and from the start where its pack names no assessment that is on record, or
    it was given before the review opened. Once the conditions of an approval are met, the seat
    approves anew.
    """
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    if not decisions.review.seats:
        return unknown(
            "missing",
            "nobody is seated who could sign",
            looked_at=[decisions.place_of("review")],
            remedy="the owner seats three people under `review` in decisions.yaml; then "
            + decide(ctx.system.id, list(SEATS)),
        )
    quorum = quorum_of(ctx, max_age_days=max_age_days)
    states = quorum.seats
    signed = [state for state in states if state.found is not None]
    # What nobody signed cannot be void.
    voids = quorum.voids if signed else ()
    open_ones = [state for state in states if state.standing != "approved"]
    looked_at = [*_places(ctx, states)]
    if not open_ones and not voids:
        return passed(
            "; ".join(_approved(state) for state in states),
            looked_at=looked_at,
            valid_until=min(state.until for state in states if state.until is not None),
        )
    message = "; ".join([*voids, *_open(open_ones)])
    remedy = _remedy(ctx, open_ones)
    if voids or any(s.standing in {"refused", "abstained", "void"} for s in open_ones):
        return failed(message, looked_at=looked_at, remedy=remedy)
    never = any(state.standing == "missing" for state in open_ones)
    reason: UnknownReason = "missing" if never else "expired"
    return unknown(reason, message, looked_at=looked_at, remedy=remedy)


def _open(states: list[SeatState]) -> Iterator[str]:
    """Why seats do not stand by the version; those of one reason in one sentence."""
    for why in dict.fromkeys(state.why for state in states):
        seats = ", ".join(state.seat for state in states if state.why == why)
        yield f"{seats}: {'; '.join(why)}"


def _approved(state: SeatState) -> str:
    if state.found is None:
        return state.seat
    signed = state.found.record
    how = "approved" if signed.decision == "approve" else "approved with conditions"
    where = ", decided elsewhere" if signed.assurance == "referenced" else ""
    return f"{state.seat}: {signed.person} {how} on {signed.as_of.date()}{where}"


def _places(ctx: Context, states: tuple[SeatState, ...]) -> Iterator[Where]:
    decisions = ctx.system.decisions
    for seat in decisions.review.seats if decisions is not None else ():
        yield seat.where
    yield ctx.system.identity.version.where
    yield from (state.found.where for state in states if state.found is not None)


def _remedy(ctx: Context, open_ones: list[SeatState]) -> str:
    # First, whether anybody signed or not: nobody can decide while one of these stands.
    steps = list(voids_ended(ctx.system, at=ctx.as_of, today=ctx.today))
    if any(s.standing == "missing" and s.found is not None for s in open_ones):
        steps.append(
            "the owner writes the conditions under `review` in decisions.yaml, or, once they are "
            "met, the seat approves anew"
        )
    if any("opened" in why for state in open_ones for why in state.why):
        steps.append("the owner writes `opened_at` under `review` in decisions.yaml")
    if refusing := [state.seat for state in open_ones if state.standing == "refused"]:
        steps.append(_would_change(ctx, refusing))
    if open_ones:
        steps.append(decide(ctx.system.id, [state.seat for state in open_ones]))
    return "; ".join(steps)


def _would_change(ctx: Context, refusing: Sequence[str]) -> str:
    """What a refusal waits for: it was written before anybody decided, or is asked for now."""
    decisions = ctx.system.decisions
    said = decisions.review.would_change if decisions is not None else ()
    seats = " and ".join(refusing)
    if not said:
        return (
            f"the owner asks {seats} what would change the refusal, and writes it as "
            "`would_change` under `review` in decisions.yaml"
        )
    waits = "; ".join(text.rstrip(".") for text in said)
    return f"the owner brings about what would change the refusal of {seats}: {waits}"
