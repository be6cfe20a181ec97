"""The cards of the deploy review: what is decided on, who decides, and what would change it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from ops_model.check.controls import ControlsAnswer
from ops_model.check.sign_off import SeatState, Standing
from ops_model.check.steps import Step
from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.decisions import SEATS, Decisions, DeployReview, ReviewSeat, Seat
from ops_model.domain.frameworks import Register
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.system import MEMBERS, Member, VersionTuple
from ops_model.site import words
from ops_model.site.controls_page import counts_said, looks_of
from ops_model.site.finding_parts import judged, overall
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import bare, chip, frame, line, quiet, sentences, table
from ops_model.site.prose import prose
from ops_model.site.seats import decision_text
from ops_model.site.site_input import SiteSystem
from ops_model.site.verdicts import why
from ops_model.site.words import AMBER, FAILED, GREEN, GREY, PASSED, RED, UNKNOWN, Look

_SAME = Look("○", "unchanged", GREY, "quiet")
_CHANGED = Look("▲", "changed", AMBER, "warn")
_NOT_NAMED = Look("\u2013", "not named", GREY, "quiet")
_NEW = Look("▲", "nothing to compare with", AMBER, "warn")
_STANDINGS: Mapping[Standing, Look] = {
    "approved": Look("✓", "approved", GREEN, "good"),
    "missing": Look("○", "not decided", GREY, "quiet"),
    "abstained": Look("\u2013", "abstained", GREY, "quiet"),
    "refused": Look("✖", "no go", RED, "bad"),
    "expired": Look("✖", "ended", RED, "bad"),
    "void": Look("✖", "void", RED, "bad"),
}
_BUILT_IT = Look("✖", "built it", RED, "bad")
_NOBODY = Look("✖", "nobody", RED, "bad")
_OVERDUE = Look("✖", "overdue", RED, "bad")
_DUE = Look("○", "not due yet", GREY, "quiet")
_GO = Look("✓", "nothing stands in the way", GREEN, "good")
_NO_GO = Look("■", "what would change it", RED, "bad")


def version_card(version: VersionTuple, before: VersionTuple | None) -> Html:
    """The version that is decided on: its eight members, and what changed from the one before."""
    changed = {c.member for c in before.changes_to(version)} if before is not None else set()
    rows = [
        (
            chip(_of_member(member, version, before, changed)),
            tag("strong", member.replace("_", " ")),
            line(_said(version, member)),
            line(_said(before, member)) if before is not None and member in changed else "",
        )
        for member in MEMBERS
    ]
    if before is None:
        title = f"{version.label}: no version before it is described in system.yaml"
        look = _NEW
    else:
        count = words.plural(len(changed), "member")
        title = f"{version.label}: {count} of {len(MEMBERS)} changed since {before.label}"
        look = _CHANGED if changed else _SAME
    head = ("", "member", "now", f"in {before.label}" if before is not None else "")
    since = version.in_production_since
    served = f"in production since {words.instant(since)}" if since else "has not served yet"
    return bare(
        title, look, table(head, rows),
        line(quiet(f"digest {words.short_digest(version.digest())}, {served}")),
    )  # fmt: skip


def _of_member(
    member: Member, version: VersionTuple, before: VersionTuple | None, changed: set[Member]
) -> Look:
    if member in changed:
        return _CHANGED
    if not any(version.member(member).values()):
        return _NOT_NAMED
    return _SAME if before is not None else _NEW


def _said(version: VersionTuple, member: Member) -> str:
    known = [value for value in version.member(member).values() if value]
    shown = [_short(value) for value in known]
    return ", ".join(shown) or "not named"


def _short(value: str) -> str:
    """A digest or a commit by its first twelve digits, enough to compare by eye."""
    digits = value.removeprefix("sha256:")
    return digits[:12] if re.fullmatch("[0-9a-f]{40,64}", digits) else value


def seats_card(
    review: DeployReview,
    states: Sequence[SeatState],
    builders: Sequence[str],
    assessment: Assessment,
    people: People,
) -> Html:
    """The three seats: who may sit there, who does, how they stand, what they asked."""
    by_seat = {state.seat: state for state in states}
    blocks: list[Html] = []
    for seat, functions in SEATS.items():
        held = [s for s in review.seats if s.seat == seat]
        may = f"{seat}: somebody from {' or '.join(sorted(functions))}"
        state = by_seat.get(seat)
        how = chip(_STANDINGS[state.standing]) if state is not None else Html("")
        blocks.append(line(tag("strong", may), " ", how))
        if state is not None and state.why:
            blocks.append(line(quiet(prose("; ".join(state.why), people))))
        blocks += [_seat(one, builders, people) for one in held] or [line(chip(_NOBODY))]
    checks = ("REV-01", "REV-02", "REV-04")
    seated = sum(any(s.seat == seat for s in review.seats) for seat in SEATS)
    own = PASSED if seated == len(SEATS) else FAILED
    return frame(
        f"{seated} of {len(SEATS)} seats are taken", overall(own, assessment, checks), assessment,
        *blocks, *judged(assessment, checks, people),
    )  # fmt: skip


def _seat(seat: ReviewSeat, builders: Sequence[str], people: People) -> Html:
    person = people.person(seat.person)
    function = person.function.replace("_", " ") if person is not None else "unknown"
    built = [" ", chip(_BUILT_IT)] if seat.person in builders else []
    rows = [
        (
            line(question.question),
            line(question.answer) if question.answer else chip(UNKNOWN),
            quiet(
                ", ".join(
                    part
                    for part in (
                        people.label(question.answered_by) if question.answered_by else "",
                        question.evidence or "",
                    )
                    if part
                )
            ),
        )
        for question in seat.questions
    ]
    asked = [table(("asked", "answered, as declared", "by, on what ground"), rows)] if rows else [
        line(chip(UNKNOWN), " no question was asked, so there was no conversation")
    ]  # fmt: skip
    return join([line(f"{people.label(seat.person)} ({function})", *built), *asked])


def reasons_card(
    decisions: Decisions | None, assessment: Assessment, today: date, people: People
) -> Html:
    """Why the business wants it live, on what conditions, and whether it is still a talk."""
    checks = ("REV-03", "REV-05", "REV-06")
    told = judged(assessment, checks, people)
    if decisions is None:
        said = line("There is no decisions.yaml, so nobody said why this should be live.")
        return bare("No business statement", UNKNOWN, said, *told)
    conditions = [
        (
            chip(_OVERDUE if c.due < today else _DUE), line(c.text),
            f"{people.label(c.owner)}, {words.day(c.due)}",
        )
        for c in decisions.review.conditions
    ]  # fmt: skip
    statement = decisions.business_statement
    opened = decisions.review.opened_at
    since = f"opened {words.instant(opened)}" if opened is not None else "never opened"
    title = f"Why it should be live; {words.plural(len(conditions), 'condition')}, {since}"
    return frame(
        title, overall(PASSED if statement else FAILED, assessment, checks), assessment,
        line(tag("q", statement)) if statement else line(chip(UNKNOWN), " nobody said it yet"),
        *([table(("", "condition", "owner, due"), conditions)] if conditions else []),
        *told,
    )  # fmt: skip


def verdict_card(
    assessment: Assessment,
    steps: Sequence[Step],
    would_change: Sequence[str],
    policy: Policy,
    people: People,
) -> Html:
    """The verdict with and without waivers, until when it holds, and what would change it.

    A no-go is a decision like any other, and a refusal that says what it waits for.
    """
    both = [
        (quiet("verdict"), chip(words.VERDICTS[assessment.verdict])),
        (quiet("without waivers"), chip(words.VERDICTS[assessment.verdict_without_waivers])),
        (quiet("valid until"), _until(assessment)),
        (quiet("stand in the way"), words.plural(len(assessment.blocking), "check")),
    ]
    waived = [_waived(f, policy, assessment, people) for f in assessment.findings if _covered(f)]
    todo = [
        (line(prose(step.remedy, people)), people.label(step.owner), ", ".join(step.checks))
        for step in steps
    ]
    verdict = words.VERDICTS[assessment.verdict]
    no_go = assessment.verdict in {"NOT READY", "DEMO ONLY"}
    head = ("what to do", "owner", "closes")
    return frame(
        f"{assessment.system}: {'no go, as it stands' if no_go else 'a go is possible'}", verdict,
        assessment, line(prose(why(assessment), people)), table((), both),
        *([line(chip(_NO_GO)), table(head, todo)] if todo else [line(chip(_GO))]),
        *sentences("Written down before anybody decided: it would change the decision if there "
                   "were", would_change),
        *sentences("Waived, and by whom", waived),
    )  # fmt: skip


def _covered(finding: Finding) -> bool:
    return finding.waived and finding.open


def _until(assessment: Assessment) -> str:
    at = assessment.valid_until
    return words.instant(at) if at is not None else "no end of validity on record"


def _waived(finding: Finding, policy: Policy, assessment: Assessment, people: People) -> Html:
    mine = [
        w for w in policy.waivers if w.system == assessment.system and w.check_id == finding.check
    ]
    who = ", ".join(
        f"{people.label(w.accepted_by)} until {words.day(w.expires)}, instead: "
        f"{w.compensating_control}"
        for w in mine
    )
    return line(tag("strong", finding.check), f" {finding.question} ", quiet(who))


def controls_card(answer: ControlsAnswer, assessment: Assessment, people: People) -> Html:
    """Each framework that may speak to the system, and how many of its controls are supported."""
    rows = [
        (
            line(tag("strong", f.title)),
            line(prose(f.said, people), *_not_said(f.not_said)),
            join([line(chip(look), f" {f.count(support)}")
                  for support, look in looks_of(f).items()]),
        )
        for f in answer.frameworks
    ]  # fmt: skip
    head = ("framework", "status on this day", "controls")
    title = f"{words.plural(len(rows), 'framework')} may speak to this system"
    title += f": controls {counts_said(answer)}" if rows else ""
    look = Look("●", "as shown", GREY, "quiet")
    none = [line("No framework of the register speaks to a system of this kind and place.")]
    return frame(
        title, look, assessment, *([table(head, rows)] if rows else none),
        line(quiet("Supports says what this evidence is near to; whether a control is met is for "
                   "the reviewer to say. A framework that is not published on the day, or was "
                   "rescinded by then, is in no count.")),
    )  # fmt: skip


def _not_said(keys: Sequence[str]) -> list[Html]:
    """What compliance.yaml would have to say for it to be known whether a framework speaks."""
    return [line(quiet(f"not said: {', '.join(keys)}; ask counsel"))] if keys else []


def decision_card(system: SiteSystem, register: Register, review: DeployReview) -> Html:
    """The text that each seat completes; it names by digest what was seen."""
    seats = [one.seat for one in review.seats] or list(SEATS)
    blocks = [
        join(
            [
                line(tag("strong", seat)),
                *[line(tag("code", said)) for said in _lines(system, seat, register)],
            ]
        )
        for seat in dict.fromkeys(seats)
    ]
    look = Look("●", "to be completed", GREY, "quiet")
    return frame("The decision, in words", look, system.assessment, *blocks)


def _lines(system: SiteSystem, seat: Seat, register: Register) -> list[str]:
    return decision_text(system, seat, register).splitlines()
