"""Who agrees that a version goes live: three functions, apart from the builders, in words."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    check,
    counted,
    earliest,
    failed,
    no_file,
    passed,
    short_of_words,
    unknown,
)
from ops_model.check.remedies import called
from ops_model.check.sign_off import Word, decided
from ops_model.domain.decisions import SEATS, Condition, Decisions, DeployReview, ReviewSeat
from ops_model.domain.phrases import empty_phrases
from ops_model.domain.values import iso_utc

REVIEW_FUNCTIONS = "product, reliability or platform, and legal or compliance"


@check(
    "REV-01",
    question="Do product, reliability and compliance each have a seat in the decision to go live?",
    area="decisions",
    source=["S1.25"],
    revision=2,
)
def three_function_quorum(ctx: Context) -> Outcome:
    """Going live is a business decision; three functions see three different risks in it.

    Each seat is another person's, by its claim and by the decisions that were signed. Whether all
    three have signed is for REV-05 to say.
    """
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    holders = {seat: [s for s in decisions.review.seats if s.seat == seat] for seat in SEATS}
    problems = [f"nobody has the seat of {seat}" for seat, held in holders.items() if not held]
    problems += [why for seat in decisions.review.seats if (why := _why_not_seated(ctx, seat))]
    people = [seat.person for seat in decisions.review.seats]
    twice = sorted({person for person in people if people.count(person) > 1})
    problems += [f"{person} has more than one seat" for person in twice]
    given = decided(ctx)
    problems += _decided_twice(given)
    if problems:
        return failed(
            f"{'; '.join(problems)}; expected three people, one each from {REVIEW_FUNCTIONS}",
            looked_at=[
                *([seat.where for seat in decisions.review.seats] or [decisions.where]),
                *(word.where for word in given),
            ],
            remedy="the owner names one person for each seat under `review` in decisions.yaml, "
            "and whoever decided on two takes one back with `ops-model sign "
            f"{ctx.system.id} --revoke DIGEST`",
        )
    seated = ", ".join(f"{seat.seat}: {seat.person}" for seat in decisions.review.seats)
    count = len({word.record.seat for word in given})
    return passed(
        f"three functions are seated ({seated}), and {count} of them decided on "
        f"{called(ctx.system.identity.version.label)}",
        looked_at=[seat.where for seat in decisions.review.seats],
        valid_until=ctx.until_gone(*people),
    )


def _decided_twice(given: Sequence[Word]) -> list[str]:
    """Who decided on more than one seat."""
    seats: dict[str, list[str]] = {}
    for word in given:
        seats.setdefault(word.record.person, []).append(word.record.seat)
    return [
        f"{person} decided on the seats of {' and '.join(sorted(set(of)))}"
        for person, of in seats.items()
        if len(set(of)) > 1
    ]


def _why_not_seated(ctx: Context, seat: ReviewSeat) -> str:
    if why := ctx.why_not_active(seat.person):
        return f"seat of {seat.seat}: {why}"
    person = ctx.model.people.person(seat.person)
    if person is None or person.function in SEATS[seat.seat]:
        return ""
    expected = " or ".join(sorted(SEATS[seat.seat]))
    return f"seat of {seat.seat}: {person.id} works in {person.function}, expected {expected}"


@check(
    "REV-02",
    question="Do others decide to deploy than those who built it?",
    area="decisions",
    source=["S1.23"],
    revision=3,
)
def separate_from_builders(ctx: Context) -> Outcome:
    """Whoever built a model has already decided that it is good.

    None of them has a seat, and none of them decided on the version, seat or no seat.
    """
    identity, decisions = ctx.system.identity, ctx.system.decisions
    version, builders = identity.version, ctx.model.builders(ctx.system)
    if not version.trained_by:
        return unknown(
            "missing",
            f"nobody is written down as having built {called(version.label)}",
            looked_at=[version.where],
            remedy="the owner names the builders under `version.trained_by` in system.yaml",
        )
    if identity.teams.build is None:
        return unknown(
            "missing",
            f"no team is named that built {called(version.label)}, so that its people cannot be "
            "told apart from those who decide",
            looked_at=[identity.place_of("teams")],
            remedy="the owner names the build team under `teams.build` in system.yaml",
        )
    if decisions is None or not decisions.review.seats:
        return unknown(
            "missing",
            f"{version.label} was built by {', '.join(builders)}, and nobody is named to review "
            "it",
            looked_at=[version.place_of("trained_by")],
            remedy=f"the owner seats {REVIEW_FUNCTIONS} under `review` in decisions.yaml, none of "
            "them a builder",
        )
    built = [seat for seat in decisions.review.seats if seat.person in builders]
    if built:
        names = ", ".join(f"{seat.person} ({seat.seat})" for seat in built)
        return failed(
            f"{names} built {version.label} and would decide on it; expected no builder in a seat",
            looked_at=[seat.where for seat in built],
            remedy=f"the owner gives the seat of {', '.join(seat.seat for seat in built)} under "
            "`review` in decisions.yaml to somebody who did not build it",
        )
    if signed := [word for word in decided(ctx) if word.record.person in builders]:
        names = ", ".join(dict.fromkeys(word.record.person for word in signed))
        return failed(
            f"{names} decided on {version.label} and built it; expected no decision of a builder",
            looked_at=[word.where for word in signed],
            remedy=f"{names}: take the decision back with `ops-model sign {ctx.system.id} "
            "--revoke DIGEST`, and the owner gives the seat to somebody who did not build it",
        )
    return passed(
        f"none of the {len(decisions.review.seats)} who decide built {version.label} "
        f"({', '.join(builders)} did)",
        looked_at=[
            *(seat.where for seat in decisions.review.seats),
            version.place_of("trained_by"),
            identity.place_of("teams"),
        ],
    )


@check(
    "REV-03",
    question="Is it said in words why the business wants it live?",
    area="decisions",
    source=["S1.24"],
    revision=1,
)
def business_decision_stated(
    ctx: Context, *, min_words: Annotated[int, Field(ge=4)] = 8
) -> Outcome:
    """To build is a technical decision, to deploy a business one; somebody has to state it."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    where, statement = decisions.place_of("business_statement"), decisions.business_statement
    remedy = (
        "whoever has the product seat writes as `business_statement` in decisions.yaml what is "
        "gained, for whom, and what risk is taken for it"
    )
    if statement is None:
        return unknown(
            "missing", "no business decision is stated", looked_at=[where], remedy=remedy
        )
    empty = empty_phrases(statement)
    faults = [f"it says {', '.join(map(repr, empty))}"] if empty else []
    if short := short_of_words(statement, min_words):
        faults.append(short)
    if faults:
        said = "; ".join(faults)
        return failed(f"the business statement: {said}", looked_at=[where], remedy=remedy)
    return passed(f"“{statement}”", looked_at=[where])


@check(
    "REV-04",
    question="Did every seat ask something, and was it answered?",
    area="decisions",
    source=["S1.25"],
    revision=1,
)
def question_and_answer_per_seat(
    ctx: Context, *, min_words: Annotated[int, Field(ge=2)] = 3
) -> Outcome:
    """A seat that asked nothing signed what it was given."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    seats = decisions.review.seats
    if not seats:
        return _nobody_seated(decisions)
    open_ones = {seat: why for seat in seats if (why := _why_open(ctx, seat, min_words))}
    silent = list(open_ones)
    if silent:
        said = [f"{seat.person} ({seat.seat}) {why}" for seat, why in open_ones.items()]
        return failed(
            f"{'; '.join(said)}; expected a question with its answer from every seat",
            looked_at=[seat.where for seat in silent],
            remedy=f"{', '.join(seat.person for seat in silent)}: ask the owner what you would "
            "have to answer for, and write question and answer under `questions` of your seat in "
            "decisions.yaml",
        )
    answered = sum(bool(q.answer) for seat in seats for q in seat.questions)
    return passed(
        f"{counted(len(seats), 'seat')} asked, and {counted(answered, 'question')} were answered",
        looked_at=[seat.where for seat in seats],
    )


def _why_open(ctx: Context, seat: ReviewSeat, min_words: int) -> str:
    """What a seat still waits for; empty when somebody else answered all that it asked."""
    if not seat.questions:
        return "asked nothing"
    if any(not question.answer for question in seat.questions):
        return "has no answer yet"
    for question in seat.questions:
        if short := short_of_words(question.answer, min_words):
            return f"has an answer that says too little: {short}"
        if question.answered_by is None or ctx.model.people.person(question.answered_by) is None:
            return "has an answer of nobody who is named (answered_by)"
        if question.answered_by == seat.person:
            return "answered the question of their own seat"
    return ""


@check(
    "REV-06",
    question="Is the review still a conversation, with conditions that somebody keeps in time?",
    area="decisions",
    source=["S1.25"],
    revision=1,
)
def still_a_conversation(
    ctx: Context, *, max_seats: int = 5, max_condition_days: int = 30
) -> Outcome:
    """A committee of nine asks nothing, and a condition without a day is never met."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    review = decisions.review
    if not review.seats:
        return _nobody_seated(decisions)
    if review.conditions and review.opened_at is None:
        return unknown(
            "missing",
            "when the review was opened is not on record, so nobody knows how long its "
            "conditions run",
            looked_at=[review.place_of("opened_at")],
            remedy="the owner writes `opened_at` under `review` in decisions.yaml",
        )
    faults = {
        c: why for c in review.conditions if (why := _broken(ctx, review, c, max_condition_days))
    }
    said = [f"condition {condition.id}: {why}" for condition, why in faults.items()]
    opened = review.opened_at
    if opened is not None and opened > ctx.known_until:
        said.insert(0, f"opened_at {iso_utc(opened)} is still to come")
    if len(review.seats) > max_seats:
        said.insert(0, f"{len(review.seats)} seats; expected at most {max_seats}")
    if said:
        return failed(
            "; ".join(said),
            looked_at=[condition.where for condition in faults] or [review.place_of("seats")],
            remedy="the owner of each condition meets it and takes it out of `review` in "
            "decisions.yaml, or the seats decide anew; a review has three seats, five at most",
        )
    return passed(
        f"{counted(len(review.seats), 'seat')}; open conditions: {len(review.conditions)}, each "
        "with an owner and a day to come",
        looked_at=[review.where, *(condition.where for condition in review.conditions)],
        valid_until=earliest(
            *(ctx.end_of(condition.due) for condition in review.conditions),
            ctx.until_gone(*(condition.owner for condition in review.conditions)),
        ),
    )


def _nobody_seated(decisions: Decisions) -> Outcome:
    return unknown(
        "missing",
        "nobody is seated to review it",
        looked_at=[decisions.place_of("review")],
        remedy=f"the owner seats {REVIEW_FUNCTIONS} under `review` in decisions.yaml",
    )


def _broken(ctx: Context, review: DeployReview, condition: Condition, max_days: int) -> str:
    if reason := ctx.why_not_active(condition.owner):
        return reason
    if condition.due < ctx.today:
        return f"was due on {condition.due} and still stands"
    opened = review.opened_at.date() if review.opened_at is not None else condition.due
    if condition.due - opened > timedelta(days=max_days):
        days = (condition.due - opened).days
        return f"due {days} days after the review was opened; expected at most {max_days}"
    ahead = condition.due - ctx.today
    if ahead > timedelta(days=max_days):
        return f"due in {ahead.days} days; expected within {max_days}"
    return ""
