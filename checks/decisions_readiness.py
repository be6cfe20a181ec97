"""What must be answered and in place before a system goes live."""

from collections.abc import Sequence
from datetime import timedelta

from ops_model.check.api import (
    FIVE_QUESTIONS,
    Context,
    Outcome,
    check,
    earliest,
    failed,
    not_applicable,
    passed,
    unsaid,
)
from ops_model.check.summing import answers, places_of, refuse_if_only_crashed, yes_or_no
from ops_model.check.waivers import waivers_of, why_not
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.system import SupportModel
from ops_model.domain.waivers import prolonged

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
        if (ids := [check for check in checks if not answers(found[check])])
    }
    asked = [f for f in found.values() if f is not None]
    looked_at = places_of(asked) or [ctx.system.where]
    if open_ones:
        refuse_if_only_crashed([found[check] for ids in open_ones.values() for check in ids])
        said = "; ".join(f"{question} ({', '.join(ids)})" for question, ids in open_ones.items())
        answered = len(FIVE_QUESTIONS) - len(open_ones)
        first = next((f for f in asked if f.status in {"failed", "unknown"}), None)
        return failed(
            f"{answered} of {len(FIVE_QUESTIONS)} questions are answered; open: {said}",
            looked_at=looked_at,
            remedy=f"first {first.check}: {first.remedy}" if first else "load the missing checks",
            through=[check for ids in open_ones.values() for check in ids],
        )
    ends = [f.valid_until for f in asked if f.valid_until is not None]
    return passed(
        f"all {len(FIVE_QUESTIONS)} questions are answered",
        looked_at=looked_at,
        valid_until=min(ends, default=None),
    )


def _settle(ctx: Context, items: Sequence[str]) -> str:
    """What the owner does about the open ones of the eight items."""
    named = ctx.system.identity.documentation
    lost = named if ctx.system.lies_there(named) is False else None
    steps = [
        f"puts {lost} there" if lost and item == "documentation"
        else f"writes the {item} into {WRITTEN_IN[item]}"
        for item in items if item in WRITTEN_IN
    ]  # fmt: skip
    shown = [item for item in items if item in ITEM_CHECKS]
    if shown:
        checks = ", ".join(check for item in shown for check in ITEM_CHECKS[item])
        steps.append(
            f"settles for {', '.join(shown)} what stops {checks}, as `ops-model check "
            f"{ctx.system.id} --all` lists it"
        )
    return f"the owner {', and '.join(steps)}"


@check(
    "RDY-06",
    question="Does the system have all eight things that a service in production has?",
    area="decisions",
    source=["S3.16"],
    revision=2,
)
def eight_operational_items(ctx: Context) -> Outcome:
    """Any database in production has them; a model without them is a pilot under another name."""
    identity, levels = ctx.system.identity, ctx.system.service_levels
    written = {
        "documentation": bool(identity.documentation),
        "support model": identity.support is not None,
        "service-level agreement": bool(levels and levels.agreements),
    }
    empty = {"documentation": _no_paper(ctx.system), "support model": _unsaid(identity.support)}
    found = {check: ctx.finding_of(check) for ids in ITEM_CHECKS.values() for check in ids}
    answered = {item: there and not empty.get(item) for item, there in written.items()} | {
        item: all(answers(found[check]) for check in ids) for item, ids in ITEM_CHECKS.items()
    }
    values = {item: yes_or_no(there) for item, there in answered.items()}
    looked_at = [
        identity.place_of("documentation"),
        identity.place_of("support"),
        levels.where if levels is not None else ctx.system.missing_file("service_levels"),
        *places_of(list(found.values())),
    ]
    open_ones = [item for item, there in answered.items() if not there]
    if open_ones:
        if not set(open_ones) & set(written):
            refuse_if_only_crashed([f for f in found.values() if not answers(f)])
        return failed(
            f"{len(answered) - len(open_ones)} of {len(answered)} items are answered; open: "
            + ", ".join(
                f"{item} ({why})" if (why := empty.get(item)) else item for item in open_ones
            ),
            looked_at=looked_at,
            remedy=_settle(ctx, open_ones),
            values=values,
            through=()
            if set(open_ones) & set(written)
            else [check for check, finding in found.items() if not answers(finding)],
        )
    ends = [f.valid_until for f in found.values() if f is not None and f.valid_until]
    return passed(
        f"all {len(answered)} items are answered: {', '.join(answered)}",
        looked_at=looked_at,
        values=values,
        valid_until=min(ends, default=None),
    )


def _no_paper(system: SystemClaims) -> str:
    """Why what is named as documentation is none; empty where it is, and where none is named."""
    named = system.identity.documentation
    return f"{named} is not there" if system.lies_there(named) is False else unsaid(named)


def _unsaid(support: SupportModel | None) -> str:
    """What of the support model tells nobody anything; empty where all does, or there is none."""
    told = {"channel": support.channel, "hours": support.hours} if support is not None else {}
    return ", ".join(f"{key} {why}" for key, text in told.items() if (why := unsaid(text)))


@check(
    "RDY-07",
    question="Do users know where to turn, and what they were promised?",
    area="decisions",
    source=["S3.16"],
    revision=2,
)
def support_model_and_agreement(ctx: Context) -> Outcome:
    """A service without a desk is reported on the street, and one without a promise to nobody."""
    support, levels = ctx.system.identity.support, ctx.system.service_levels
    # A promise of nothing is none.
    agreements = [a for a in levels.agreements if a.target > 0] if levels is not None else []
    looked_at = [
        support.where if support is not None else ctx.system.identity.place_of("support"),
        levels.place_of("agreements")
        if levels is not None
        else ctx.system.missing_file("service_levels"),
    ]
    empty = _unsaid(support)
    unsupported = support is None or bool(empty)
    where = f"support model ({empty or 'where, when, how soon'})"
    missing = [where] if unsupported else []
    missing += ["service-level agreement"] if not agreements else []
    steps = ["writes `support` into system.yaml"] if unsupported else []
    if not agreements:
        steps.append("agrees with those who depend on it what goes under `agreements` in "
                     "service_levels.yaml")  # fmt: skip
    if support is None or empty or not agreements:
        return failed(
            f"there is no {' and no '.join(missing)}",
            looked_at=looked_at,
            remedy=f"the owner {' and '.join(steps)}",
        )
    promised = "; ".join(f"{a.target} of {a.objective} to {a.to}" for a in agreements)
    return passed(
        f"{support.channel}, {support.hours}, first answer within "
        f"{support.first_response_minutes} minutes; promised: {promised}",
        looked_at=looked_at,
    )


@check(
    "RDY-08",
    question="Does every waiver still count?",
    area="decisions",
    source=["S1.28"],
    revision=2,
)
def waivers_valid(ctx: Context) -> Outcome:
    """An expired waiver is a promise that ran out, and nobody noticed."""
    waivers, today = waivers_of(ctx.model, ctx.system), ctx.today
    if not waivers:
        return not_applicable(
            f"policy.yaml holds no waiver for {ctx.system.id}",
            looked_at=[ctx.model.policy.place_of("waivers")],
        )
    # A waiver that starts later has still to count; one that ended speaks through its renewal.
    standing = [w for w in waivers if today < w.expires or not prolonged(w, waivers)]
    faults = {
        w: why
        for w in standing
        if (why := why_not(w, ctx.model, ctx.system, max(today, w.starts)))
    }
    if faults:
        return failed(
            "; ".join(f"the waiver of {w.check_id}: {why}" for w, why in faults.items()),
            looked_at=[waiver.where for waiver in faults],
            remedy="; ".join(
                f"{w.accepted_by} settles {w.check_id} and takes its waiver out of policy.yaml, "
                "or has an executive renew it once, for at most 90 days"
                for w in faults
            ),
        )
    until = [ctx.end_of(w.expires - timedelta(days=1)) for w in standing
             if not prolonged(w, waivers)]  # fmt: skip
    # Who built it decides who may not accept a waiver, so that the pass rests on this too.
    built = ctx.system.identity.version.place_of("trained_by")
    return passed(
        "; ".join(f"{w.check_id} by {w.accepted_by} until {w.expires}" for w in standing),
        looked_at=[*(waiver.where for waiver in waivers), built],
        valid_until=earliest(*until, ctx.until_gone(*(w.accepted_by for w in standing))),
    )
