"""Who may decide at 2am, who agreed to go live, and what must be answered before."""

from collections.abc import Mapping, Sequence

from ops_model.check.api import (
    FIVE_QUESTIONS,
    Context,
    CrashedError,
    Outcome,
    check,
    counted,
    failed,
    latest_in_date,
    no_file,
    passed,
    unknown,
    valid_until,
)
from ops_model.domain.decisions import SEATS, Action, DecisionRight, ReviewSeat
from ops_model.domain.evidence import Finding, Measured
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.values import Where, iso_utc

MUST_BE_HELD: tuple[Action, ...] = ("retrain", "edge_case", "override_output")
ITEM_CHECKS = {
    "on-call rotation": ("ONC-03", "ONC-04"),
    "observability": ("QLT-01",),
    "fallback": ("FBK-01", "FBK-03"),
    "cost monitoring": ("CST-02",),
    "drift detection": ("DRF-01", "DRF-02"),
}
WRITTEN_IN = {
    "documentation": "system.yaml",
    "support model": "system.yaml",
    "service-level agreement": "service_levels.yaml",
}
REVIEW_FUNCTIONS = "product, reliability or platform, and legal or compliance"


@check(
    "DEC-01",
    question="Who retrains, who handles the edge case, who overrides the model, right now?",
    area="decisions",
    source=["S1.1"],
    revision=1,
)
def three_rights_held(ctx: Context, *, max_age_days: int = 7) -> Outcome:
    """A right that nobody holds is decided by whoever is awake, or by nobody."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    rights = {action: decisions.right(action) for action in MUST_BE_HELD}
    found = latest_in_date(
        ctx,
        CoverageMeasurement,
        max_age_days=max_age_days,
        missing="the rota was never resolved, so nobody knows who holds a role now",
        claim=decisions.where,
        remedy=f"`ops-model check {ctx.system.id}` resolves the rota and records it",
    )
    if isinstance(found, Outcome):
        return found
    on_call = {"primary": found.record.primary_now, "secondary": found.record.secondary_now}
    held = {action: _holder(ctx, right, on_call) for action, right in rights.items()}
    nobody = [action for action, person in held.items() if person is None]
    if nobody:
        return failed(
            f"nobody who can be reached holds: {', '.join(nobody)}; expected a person for each of "
            f"{', '.join(MUST_BE_HELD)}",
            looked_at=[decisions.where, found.where],
            remedy="the owner gives each right to a person, or to primary or secondary, in "
            "decisions.yaml",
        )
    return passed(
        "; ".join(f"{action}: {person}" for action, person in held.items()),
        looked_at=[*(r.where for r in rights.values() if r is not None), found.where],
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


@check(
    "DEC-02",
    question="Can somebody awake decide to roll back, alone, at every hour?",
    area="decisions",
    source=["S1.5"],
    revision=1,
)
def rollback_decidable_alone(ctx: Context, *, max_age_days: int = 7) -> Outcome:
    """On Saturday at 2am an approver is asleep; waiting for one is the length of the outage."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    right = decisions.right("rollback")
    if right is None or not _free_enough(ctx, right):
        got = "nobody holds it" if right is None else f"{right.holder} {right.autonomy}"
        return failed(
            f"the right to roll back: {got}; expected a holder who decides alone or tells after",
            looked_at=[decisions.where if right is None else right.where],
            remedy="the owner gives it to primary, autonomy alone or tell_after",
        )
    found = latest_in_date(
        ctx,
        CoverageMeasurement,
        max_age_days=max_age_days,
        missing="the rota was never resolved, so nobody knows who may decide at each hour",
        claim=right.where,
        remedy=f"`ops-model check {ctx.system.id}` resolves the rota and records it",
    )
    if isinstance(found, Outcome):
        return found
    gaps = found.record.undecidable
    if gaps:
        first = gaps[0]
        return failed(
            f"{counted(len(gaps), 'span')} in {found.record.days} days in which nobody may roll "
            f"back, the first {iso_utc(first.start)} to {iso_utc(first.end)} ({first.why})",
            looked_at=[right.where, found.where],
            remedy="the owner names a backup for the right, or the reliability owner fills the "
            "rota",
        )
    return passed(
        f"{right.holder} may roll back ({right.autonomy.replace('_', ' ')}), and can be reached "
        f"at every hour of {found.record.days} days",
        looked_at=[right.where, found.where],
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


@check(
    "REV-01",
    question="Do product, reliability and compliance each have a seat in the decision to go live?",
    area="decisions",
    source=["S1.25"],
    revision=1,
)
def three_function_quorum(ctx: Context) -> Outcome:
    """Going live is a business decision; three functions see three different risks in it."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    holders = {seat: [s for s in decisions.review.seats if s.seat == seat] for seat in SEATS}
    problems = [f"nobody has the seat of {seat}" for seat, held in holders.items() if not held]
    problems += [why for seat in decisions.review.seats if (why := _why_not_seated(ctx, seat))]
    people = [seat.person for seat in decisions.review.seats]
    twice = sorted({person for person in people if people.count(person) > 1})
    problems += [f"{person} has more than one seat" for person in twice]
    if problems:
        return failed(
            f"{'; '.join(problems)}; expected three people, one each from {REVIEW_FUNCTIONS}",
            looked_at=[seat.where for seat in decisions.review.seats] or [decisions.where],
            remedy="the owner names one person for each seat under `review` in decisions.yaml",
        )
    seated = ", ".join(f"{seat.seat}: {seat.person}" for seat in decisions.review.seats)
    return passed(
        f"three functions are seated ({seated})",
        looked_at=[seat.where for seat in decisions.review.seats],
    )


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
    revision=1,
)
def separate_from_builders(ctx: Context) -> Outcome:
    """Whoever built a model has already decided that it is good."""
    version, decisions = ctx.system.identity.version, ctx.system.decisions
    if not version.trained_by:
        return unknown(
            "missing",
            f"nobody is written down as having built {version.label}",
            looked_at=[version.where],
            remedy="the owner names the builders under `version.trained_by` in system.yaml",
        )
    if decisions is None or not decisions.review.seats:
        return unknown(
            "missing",
            f"{version.label} was built by {', '.join(version.trained_by)}, and nobody is named "
            "to review it",
            looked_at=[version.place_of("trained_by")],
            remedy=f"the owner seats a review of {REVIEW_FUNCTIONS}, none of them a builder",
        )
    built = [seat for seat in decisions.review.seats if seat.person in version.trained_by]
    if built:
        names = ", ".join(f"{seat.person} ({seat.seat})" for seat in built)
        return failed(
            f"{names} built {version.label} and would decide on it; expected no builder in a seat",
            looked_at=[seat.where for seat in built],
            remedy="the owner gives the seat to somebody who did not build it",
        )
    return passed(
        f"none of the {len(decisions.review.seats)} who decide built {version.label} "
        f"({', '.join(version.trained_by)} did)",
        looked_at=[
            *(seat.where for seat in decisions.review.seats),
            version.place_of("trained_by"),
        ],
    )


@check(
    "RDY-01",
    question="Are all five questions answered?",
    area="decisions",
    source=["S0.5", "S0.23", "S3.18"],
    revision=1,
)
def five_questions_answered(ctx: Context) -> Outcome:
    """With one of the five open, this is ready for a demo and not for production."""
    found = {check: ctx.finding_of(check) for _, checks in FIVE_QUESTIONS for check in checks}
    open_ones = {
        question: ids
        for question, checks in FIVE_QUESTIONS
        if (ids := [check for check in checks if not _answers(found[check])])
    }
    asked = [f for f in found.values() if f is not None]
    looked_at = _places(asked) or [ctx.system.where]
    if open_ones:
        _refuse_if_only_crashed([found[check] for ids in open_ones.values() for check in ids])
        said = "; ".join(f"{question} ({', '.join(ids)})" for question, ids in open_ones.items())
        answered = len(FIVE_QUESTIONS) - len(open_ones)
        first = next((f for f in asked if f.status in {"failed", "unknown"}), None)
        return failed(
            f"{answered} of {len(FIVE_QUESTIONS)} questions are answered; open: {said}",
            looked_at=looked_at,
            remedy=f"first {first.check}: {first.remedy}" if first else "load the missing checks",
        )
    ends = [f.valid_until for f in asked if f.valid_until is not None]
    return passed(
        f"all {len(FIVE_QUESTIONS)} questions are answered",
        looked_at=looked_at,
        valid_until=min(ends, default=None),
    )


def _settle(items: Sequence[str]) -> str:
    """What the owner does about the open ones of the eight items."""
    steps = [f"writes the {item} into {WRITTEN_IN[item]}" for item in items if item in WRITTEN_IN]
    shown = [item for item in items if item in ITEM_CHECKS]
    if shown:
        checks = ", ".join(check for item in shown for check in ITEM_CHECKS[item])
        steps.append(f"settles what stops {checks} for {', '.join(shown)}")
    return f"the owner {', and '.join(steps)}"


@check(
    "RDY-06",
    question="Does the system have all eight things that a service in production has?",
    area="decisions",
    source=["S3.16"],
    revision=1,
)
def eight_operational_items(ctx: Context) -> Outcome:
    """Any database in production has them; a model without them is a pilot under another name."""
    identity, levels = ctx.system.identity, ctx.system.service_levels
    written = {
        "documentation": identity.documentation,
        "support model": identity.support,
        "service-level agreement": levels.agreements if levels is not None else (),
    }
    found = {check: ctx.finding_of(check) for ids in ITEM_CHECKS.values() for check in ids}
    answered = {item: bool(claim) for item, claim in written.items()} | {
        item: all(_answers(found[check]) for check in ids) for item, ids in ITEM_CHECKS.items()
    }
    values = {item: _yes_or_no(there) for item, there in answered.items()}
    looked_at = [
        identity.place_of("documentation"),
        identity.place_of("support"),
        levels.where if levels is not None else ctx.system.missing_file("service_levels"),
        *_places([f for f in found.values() if f is not None]),
    ]
    open_ones = [item for item, there in answered.items() if not there]
    if open_ones:
        if not set(open_ones) & set(written):
            _refuse_if_only_crashed([f for f in found.values() if not _answers(f)])
        return failed(
            f"{len(answered) - len(open_ones)} of {len(answered)} items are answered; open: "
            f"{', '.join(open_ones)}",
            looked_at=looked_at,
            remedy=_settle(open_ones),
            values=values,
        )
    ends = [f.valid_until for f in found.values() if f is not None and f.valid_until]
    return passed(
        f"all {len(answered)} items are answered: {', '.join(answered)}",
        looked_at=looked_at,
        values=values,
        valid_until=min(ends, default=None),
    )


def _holder(
    ctx: Context, right: DecisionRight | None, on_call: Mapping[str, str | None]
) -> str | None:
    """The person who holds a right now, or the backup; None when neither can be reached."""
    named = () if right is None else (right.holder, right.backup)
    people = [on_call.get(name, name) for name in named if name is not None]
    return next((p for p in people if p is not None and _reachable(ctx, p)), None)


def _reachable(ctx: Context, person: str) -> bool:
    rota = ctx.system.on_call
    away = rota is not None and rota.absent(person, ctx.as_of)
    return not away and not ctx.why_not_active(person)


def _free_enough(ctx: Context, right: DecisionRight) -> bool:
    """Tiers A and B ask for a holder who needs nobody; at C one who is awake may be consulted."""
    if ctx.system.identity.tier == "C":
        return right.autonomy != "needs_approval"
    return right.needs_nobody_else


def _answers(finding: Finding | None) -> bool:
    """True when a check's finding answers its question.

    For RDY-06 any measured drift counts: drift that was found is a way to detect drift that works.
    """
    if finding is None:
        return False
    return not finding.blocks or (finding.check == "DRF-02" and finding.status == "failed")


def _places(findings: Sequence[Finding]) -> list[Where]:
    return list(dict.fromkeys(place for f in findings for place in f.looked_at))


def _refuse_if_only_crashed(missing: Sequence[Finding | None]) -> None:
    """A gap that only crashed checks leave is a fault of the checks, not one of the system."""
    crashed = [f.check for f in missing if f is not None and f.status == "errored"]
    if crashed and len(crashed) == len(missing):
        message = f"rests on {', '.join(crashed)}, which crashed"
        raise CrashedError(message)


def _yes_or_no(there: bool) -> Measured:  # noqa: FBT001 - the one thing that it turns into a number
    return Measured(value=float(there), unit="answered", n=1, no_interval="exact")
