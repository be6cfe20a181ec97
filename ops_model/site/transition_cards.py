"""The cards of handoff and transition: what was handed over, who leads what, who can do what."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import get_args

from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.evidence import Measured
from ops_model.domain.ownership import PartnershipReview, Topic, TransitionPlan
from ops_model.domain.people import People, Skill
from ops_model.domain.transition import (
    DutyPhase,
    HandoffState,
    Leaver,
    MonthShare,
    Skills,
    TransitionStatus,
)  # fmt: skip
from ops_model.site import words
from ops_model.site.finding_parts import judged, overall
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import bare, chip, frame, line, picture, quiet, sentences, table
from ops_model.site.trends import sparkline_svg, trend
from ops_model.site.words import AMBER, GREEN, GREY, PASSED, RED, UNKNOWN, Look

_SKILLS: Mapping[Skill, str] = {
    "ml": "machine learning", "systems": "systems", "security": "security",
    "business_ops": "business operations",
}  # fmt: skip
FEW = 3
"""Below so many drills a share of them says too little to compare months by it."""

_HANDED = Look("✓", "handed over", GREEN, "good")
_MISSING = Look("✖", "missing", RED, "bad")
_ACCEPTED = Look("✓", "accepted", GREEN, "good")
_COMPLETE = Look("✓", "nothing open", GREEN, "good")
_OPEN = Look("✖", "still open", RED, "bad")
_LEAVES = Look("▲", "leaves soon", AMBER, "warn")
_NOT_JUDGED = Look("\u2013", "not judged", GREY, "quiet")
_NO_PARTNER = Look("\u2013", "no partner", GREY, "quiet")
_NOT_DUE = Look("○", "not due yet", GREY, "quiet")
_OVERDUE = Look("✖", "overdue", RED, "bad")
_IN_TIME = Look("✓", "none overdue", GREEN, "good")
_DECIDED = Look("✓", "decided", GREEN, "good")
_COVERED = Look("✓", "covered", GREEN, "good")
_THIN = Look("✖", "not covered", RED, "bad")
_ONE = Look("▲", "one person only", AMBER, "warn")
_NOBODY = Look("✖", "nobody", RED, "bad")
_TOO_FEW = Look("?", "too few to say", AMBER, "warn")
_ON_TRACK = Look("✓", "no step back", GREEN, "good")
_BACK = Look("✖", "a step back without a reason", RED, "bad")
_EXPLAINED = Look("▲", "a step back, explained", AMBER, "warn")
_PHASES = {
    "partner_led": "led by the partner",
    "shared": "shared",
    "own_led": "led by our own people",
}


def handoffs_card(
    states: Sequence[HandoffState],
    leaving: Sequence[Leaver],
    assessment: Assessment,
    people: People,
) -> str:
    """Each handoff with its topics, acceptances and drill; then who leaves, and to whom."""
    open_ones = [state for state in states if not state.complete]
    bare_leavers = [leaver for leaver in leaving if leaver.handoff is None]
    title = f"{words.plural(len(states), 'handoff')}, {len(open_ones)} still open"
    title = title if states else "No handoff is written down in ownership.yaml"
    look = _OPEN if open_ones or bare_leavers else _COMPLETE
    return frame(
        title, overall(look, assessment, ("TRN-01",)), assessment,
        *[_handoff(state, people) for state in states],
        *sentences("Who leaves within 90 days", [_leaver(leaver, people) for leaver in leaving]),
        *([] if leaving else [line("Nobody who answers for the system leaves within 90 days.")]),
        *judged(assessment, ("TRN-01",), people),
    )  # fmt: skip


def _handoff(state: HandoffState, people: People) -> Html:
    handoff = state.handoff
    head = line(
        chip(_ACCEPTED if state.complete else _OPEN), " ", tag("strong", handoff.id), ": ",
        f"{people.label(handoff.outgoing)} to {people.label(handoff.incoming)}, effective "
        f"{words.day(handoff.effective)}",
    )  # fmt: skip
    return join(
        [head, table((), [*_topics(state), *_accepted(state, people), _drill(state, people)])]
    )


def _topics(state: HandoffState) -> list[tuple[object, ...]]:
    given = {item.topic: item.evidence for item in state.handoff.items}
    return [
        (chip(_HANDED if topic in given else _MISSING), topic.replace("_", " "),
         given.get(topic, "nothing shows it"))
        for topic in get_args(Topic)
    ]  # fmt: skip


def _accepted(state: HandoffState, people: People) -> list[tuple[object, ...]]:
    said = [
        (chip(_ACCEPTED), people.label(person), words.instant(at))
        for person, at in state.accepted.items()
    ]
    return [
        *said,
        *[(chip(_OPEN), people.label(p), "has not accepted it") for p in state.to_accept],
    ]


def _drill(state: HandoffState, people: People) -> tuple[object, ...]:
    name = f"{state.handoff.drill.replace('_', ' ')} drill"
    who = people.label(state.handoff.incoming)
    if state.drilled_at is None:
        return (chip(_OPEN), name, f"{who} has led none that passed")
    late = state.drilled_at.date() > state.handoff.effective
    when = words.instant(state.drilled_at)
    return (chip(PASSED), name, f"led by {who}, {when}{', after it took effect' if late else ''}")


def _leaver(leaver: Leaver, people: People) -> Html:
    how = f"handoff {leaver.handoff}" if leaver.handoff else "no handoff is written down"
    look = _LEAVES if leaver.handoff else _MISSING
    return join([chip(look), Html(" "), tag("strong", people.label(leaver.person)),
                 tag("span", f", {words.day(leaver.leaves)}: {how}")])  # fmt: skip


def transition(record: TransitionStatus, people: People) -> Html:
    """Each duty now and next, and the course of what one's own people lead."""
    return _ladder(record, _own_look(record), {}, people)


def ladder_card(record: TransitionStatus, assessment: Assessment, people: People) -> Html:
    """As `transition`, with the present state of the checks that each step asks for."""
    by_check = {finding.check: finding for finding in assessment.findings}
    look = overall(_own_look(record), assessment, ("TRN-02",))
    return _ladder(record, look, by_check, people, *judged(assessment, ("TRN-02",), people))


def _own_look(record: TransitionStatus) -> Look:
    if not record.step_backs:
        return _ON_TRACK
    return _EXPLAINED if record.exception else _BACK


def _ladder(
    record: TransitionStatus,
    look: Look,
    by_check: Mapping[str, Finding],
    people: People,
    *more: Html,
) -> Html:
    own = sum(duty.phase == "own_led" for duty in record.duties)
    title = f"{own} of {words.plural(len(record.duties), 'duty', 'duties')} led by our own people"
    rows = [
        (line(tag("strong", duty.duty.replace("_", " "))), _now(duty, by_check),
         _next(duty, by_check))
        for duty in record.duties
    ]  # fmt: skip
    values, label = trend(record)
    return frame(
        title, look, record,
        line(f"The partner is {people.label(record.partner_team)}."),
        table(("duty", "now", "next"), rows),
        *sentences("Steps back", [_back(duty) for duty in record.step_backs]),
        *([line(tag("strong", "reason: "), record.exception)] if record.exception else []),
        line(tag("strong", "Led by our own people at the end of each month")),
        picture(sparkline_svg(values, label), label),
        _months(record.own_led, "duty", "duties"), *more,
    )  # fmt: skip


def _back(duty: DutyPhase) -> str:
    return f"{duty.duty.replace('_', ' ')} on {', '.join(map(words.day, duty.stepped_back_on))}"


def _now(duty: DutyPhase, by_check: Mapping[str, Finding]) -> Html:
    said = _PHASES[duty.phase] if duty.phase else "not begun"
    return _asked(said, duty.passed_for_it, by_check)


def _next(duty: DutyPhase, by_check: Mapping[str, Finding]) -> Html:
    if duty.next_phase is None or duty.next_from is None:
        last = duty.phase == "own_led"
        return line("no further step" if last else "no next step is planned")
    said = f"{_PHASES[duty.next_phase]} from {words.day(duty.next_from)}"
    return _asked(said, duty.passed_for_next, by_check)


def _asked(said: str, checks: Sequence[str], by_check: Mapping[str, Finding]) -> Html:
    """A phase, and below it the checks that it asks for, each with how it stands if judged now."""
    if checks and not by_check:
        return join([line(said), line(quiet(f"asks for {', '.join(checks)}"))])
    return join([line(said), *[line(_standing(by_check.get(c)), " ", c) for c in checks]])


def _standing(finding: Finding | None) -> Html:
    return chip(words.look(finding) if finding else _NOT_JUDGED)


def _months(months: Sequence[MonthShare], one: str, several: str) -> Html:
    cells = [(words.month(m.month), _counted(m.share, one, several)) for m in months]
    return table(("month", "our own people"), cells)


def _counted(share: Measured, one: str, several: str) -> str:
    if share.value is None or not share.n:
        return f"no {one}"
    own = round(share.value * share.n)
    of = words.plural(share.n, one, several)
    return f"{words.value(share)} ({own} of {of}, {share.no_interval})"


def no_transition_card(assessment: Assessment, people: People) -> Html:
    """What stands where the ladder would, for a system that no partner runs."""
    said = line("There is no ", tag("code", "transition"), " in ownership.yaml: no partner runs "
                "any part of this system, so no duty has to pass to our own people.")  # fmt: skip
    return bare("No partner", _NO_PARTNER, said, *judged(assessment, ("TRN-02",), people))


def partnership_card(
    plan: TransitionPlan, assessment: Assessment, today: date, people: People
) -> Html:
    """The reviews of the partnership: due, overdue or decided, and on what ground."""
    rows = [
        (chip(_review(review, today)), words.day(review.due),
         f"{review.decision} the partnership" if review.decision else "no decision yet",
         review.value_evidence or "nothing shows its value yet")
        for review in plan.reviews
    ]  # fmt: skip
    overdue = [r for r in plan.reviews if _review(r, today) is _OVERDUE]
    look = UNKNOWN if not rows else _OVERDUE if overdue else _IN_TIME
    title = f"{words.plural(len(rows), 'review')} of the partnership, {len(overdue)} overdue"
    said = [line("No review is planned, so nobody will ask whether it is still worth it.")]
    return frame(
        title, look, assessment,
        *([table(("", "due", "decision", "what shows its value"), rows)] if rows else said),
    )  # fmt: skip


def _review(review: PartnershipReview, today: date) -> Look:
    if review.decision is not None:
        return _DECIDED
    return _OVERDUE if review.due < today else _NOT_DUE


def skills_card(
    skills: Skills, drills: Sequence[MonthShare], assessment: Assessment, people: People
) -> Html:
    """Who has each discipline, and which share of the drills one's own people performed."""
    rows = [
        (chip(_cover(len(skills.own[skill]) + len(skills.partner[skill]))),
         tag("strong", _SKILLS[skill]), _listed(skills.own[skill], people),
         _listed(skills.partner[skill], people))
        for skill in skills.own
    ]  # fmt: skip
    thin = [s for s in skills.own if len(skills.own[s]) + len(skills.partner[s]) < 2]
    title = f"{len(skills.own) - len(thin)} of {len(skills.own)} disciplines have two people"
    return frame(
        title, overall(_THIN if thin else _COVERED, assessment, ("TRN-03", "TRN-04")), assessment,
        table(("", "discipline", "our own people", "the partner's"), rows),
        line(tag("strong", "Drills performed by our own people, by month")),
        _dependence(drills), _months(drills, "drill", "drills"),
        *judged(assessment, ("TRN-03", "TRN-04"), people),
    )  # fmt: skip


def _cover(people: int) -> Look:
    return _COVERED if people >= 2 else _ONE if people else _NOBODY


def _listed(ids: Sequence[str], people: People) -> str:
    return ", ".join(people.label(person) for person in ids) or "nobody"


def _dependence(drills: Sequence[MonthShare]) -> Html:
    total = sum(month.share.n or 0 for month in drills)
    told = [month for month in drills if (month.share.n or 0) >= FEW]
    if len(told) < 2:
        return line(
            chip(_TOO_FEW), " ",
            f"{words.plural(total, 'drill')} with a named performer in "
            f"{words.plural(len(drills), 'month')}; whether dependence rises or falls shows only "
            f"from two months with {FEW} drills each.",
        )  # fmt: skip
    first, last = told[0], told[-1]
    return line(
        f"From {words.value(first.share)} in {words.month(first.month)} to "
        f"{words.value(last.share)} in {words.month(last.month)}; {total} drills in all."
    )
