"""What the law and the standards ask on a day: controls that exist, statuses that are known."""

from collections.abc import Iterator
from datetime import date, timedelta

from ops_model.check.api import (
    Context,
    Outcome,
    aged,
    all_of,
    check,
    counted,
    failed,
    no_file,
    passed,
    unknown,
)
from ops_model.check.counsel import ask_counsel, name_of, no_register, nothing_published
from ops_model.check.remedies import near
from ops_model.domain.compliance import Compliance, ControlClaim
from ops_model.domain.frameworks import (
    SPEAKING,
    STATUS_WORDS,
    Framework,
    StatusChange,
    status_said,
)

BEGUN = frozenset({"voluntary", "in_force"})


@check(
    "CMP-01",
    question="Does every control that is claimed exist, speak to this system, and get reviewed?",
    area="compliance",
    source=["S2.13"],
    revision=1,
)
def claimed_controls_exist(ctx: Context, *, review_max_age_days: int = 180) -> Outcome:
    """A mapping is a hypothesis; one to a control that is not there is not even that."""
    compliance = ctx.system.compliance
    if compliance is None:
        return no_file(ctx, "compliance")
    if not ctx.register.frameworks:
        return no_register(compliance)
    answers = [_claim(ctx, claim, review_max_age_days) for claim in compliance.controls]
    answers += _unclaimed(ctx, compliance)
    if not answers:
        return nothing_published(ctx, compliance)
    worst = all_of(answers)
    if worst.status != "passed":
        return worst
    keys = dict.fromkeys(claim.framework for claim in compliance.controls)
    told = [_told(framework, ctx.today) for framework in ctx.register.frameworks
            if framework.key in keys]  # fmt: skip
    return passed(
        f"{counted(len(answers), 'control')} of {counted(len(keys), 'framework')} exist and were "
        f"reviewed within {review_max_age_days} days; {'; '.join(told)}",
        looked_at=worst.looked_at,
        valid_until=worst.valid_until,
    )


@check(
    "CMP-03",
    question="Is it known what every framework that speaks to this system asks today?",
    area="compliance",
    source=["S2.13"],
    revision=1,
)
def framework_status_is_current(ctx: Context, *, max_age_days: int = 180) -> Outcome:
    """Rules change; what nobody has read for half a year is remembered and not known."""
    compliance = ctx.system.compliance
    if compliance is None:
        return no_file(ctx, "compliance")
    if not ctx.register.frameworks:
        return no_register(compliance)
    speaking = [
        f for f in ctx.register.frameworks if f.speaks_on(ctx.today, ctx.system) is not False
    ]
    answers = [a for f in speaking for a in _known(ctx, compliance, f, max_age_days)]
    answers += [a for claim in compliance.controls for a in _rests_on_history(ctx, claim)]
    return all_of(answers) if answers else nothing_published(ctx, compliance)


def _told(framework: Framework, day: date) -> str:
    said = f"{framework.key}: {status_said(framework, day)}"
    early = framework.status_on(day).status == "not_yet"
    return f"{said}, so that a claim of it only prepares for it" if early else said


def _claim(ctx: Context, claim: ControlClaim, max_age_days: int) -> Outcome:
    """Whether one claimed control is there, speaks to the system, and was reviewed lately."""
    name = f"{claim.framework} {claim.control}"
    if (wrong := _no_such(ctx, claim, name)) is not None:
        return wrong
    if claim.reviewed_on is None or (why := _why_not_reviewed(ctx, claim)):
        return unknown(
            "missing",
            f"nobody has reviewed what is claimed of {name}"
            + (f": {why}" if claim.reviewed_on and why else ""),
            looked_at=[claim.where],
            remedy=f"{claim.owner} has somebody else review the claim of {name}, and writes "
            "reviewed_by and reviewed_on in compliance.yaml",
        )
    age = ctx.today - claim.reviewed_on
    if age > timedelta(days=max_age_days):
        return unknown(
            "expired",
            f"what is claimed of {name} was reviewed {aged(age, timedelta(days=1))} days ago; "
            f"expected at most {max_age_days}",
            looked_at=[claim.place_of("reviewed_on")],
            remedy=f"{claim.reviewed_by} reviews the claim of {name} again, and {claim.owner} "
            "writes the day in compliance.yaml",
        )
    return passed(
        f"{name} was reviewed on {claim.reviewed_on}",
        looked_at=[claim.where],
        valid_until=ctx.end_of(claim.reviewed_on + timedelta(days=max_age_days)),
    )


def _why_not_reviewed(ctx: Context, claim: ControlClaim) -> str:
    """Why the review of a claim is none; empty when somebody else than its owner made it."""
    if claim.reviewed_by is None:
        return "no reviewer is named"
    if claim.reviewed_on is None or claim.reviewed_on > ctx.today:
        return "its day is still to come"
    if claim.reviewed_by == claim.owner:
        return f"{claim.owner}, who owns it, is no reviewer of it"
    reviewer = ctx.model.people.person(claim.reviewed_by)
    if reviewer is None or not reviewer.active_on(claim.reviewed_on):
        return f"{claim.reviewed_by} did not work here on {claim.reviewed_on}"
    return ""


def _no_such(ctx: Context, claim: ControlClaim, name: str) -> Outcome | None:
    """The answer where a claim names what is not there, or what does not speak to the system."""
    framework = ctx.register.framework(claim.framework)
    if framework is None:
        keys = [f.key for f in ctx.register.frameworks]
        hint = near(claim.framework, keys) or f"the register has {', '.join(keys)}"
        return failed(
            f"there is no framework {claim.framework} in the register",
            looked_at=[claim.place_of("framework")],
            remedy=f"{claim.owner} corrects the framework in compliance.yaml; {hint}",
        )
    control = ctx.register.control(claim.framework, claim.control)
    listed = ctx.register.controls_of(claim.framework)
    if control is None and not listed:
        return unknown(
            "missing",
            f"the register lists no control of {claim.framework}, so whether there is a "
            f"{claim.control} is not known",
            looked_at=[claim.place_of("control")],
            remedy=f"{claim.owner} claims a control of a framework that is listed, in "
            "compliance.yaml, or adds it to a control_ids.csv in the workbook's `checks` folder, "
            "which `ops-model checks list` reads",
        )
    if control is None:
        hint = near(claim.control, [c.id for c in listed]) or "an id as control_ids.csv has it"
        return failed(
            f"{claim.framework} has no control {claim.control}",
            looked_at=[claim.place_of("control")],
            remedy=f"{claim.owner} corrects the control in compliance.yaml; {hint}",
        )
    if framework.speaks_to(ctx.system) is False or control.speaks_to(ctx.system) is False:
        return failed(
            f"{name} does not speak to a system of this kind, role, risk and place",
            looked_at=[claim.where],
            remedy=f"{claim.owner} takes the claim of {name} out of compliance.yaml, or corrects "
            "`legal` there",
        )
    return None


def _unclaimed(ctx: Context, compliance: Compliance) -> list[Outcome]:
    """An answer where nothing is claimed of a framework that binds, or of any at all."""
    claimed = {claim.framework for claim in compliance.controls}
    speaking = [f for f in ctx.register.frameworks if f.speaks_on(ctx.today, ctx.system)]
    binding = [f for f in speaking if f.binding and f.key not in claimed]
    owed = binding or (speaking if not claimed else [])
    if not owed:
        return []
    keys = ", ".join(f.key for f in owed)
    return [
        unknown(
            "missing",
            f"no control is claimed of what speaks to it: {keys}",
            looked_at=[compliance.place_of("controls")],
            remedy="the compliance owner writes under `controls` in compliance.yaml which of "
            f"{keys} are served, by what, and who reviewed that",
        )
    ]


def _known(
    ctx: Context, compliance: Compliance, framework: Framework, max_age_days: int
) -> Iterator[Outcome]:
    """What is known of one framework, and of each part of it that may speak to the system."""
    looked_at = [compliance.place_of("legal"), framework.where]
    age = (ctx.today - framework.reviewed_on).days
    if missing := framework.not_said(ctx.system):
        yield ask_counsel(framework.key, missing, compliance)
        return
    if age < 0:
        yield unknown(
            "missing",
            f"the register's entry of {framework.key} was reviewed on {framework.reviewed_on}, "
            f"which is after {ctx.today}",
            looked_at=looked_at,
            remedy=f"whoever keeps the register reads what became of {framework.key}, and "
            "corrects `reviewed_on` in frameworks.yaml",
        )
        return
    if age > max_age_days:
        yield unknown(
            "expired",
            f"the register's entry of {framework.key} was reviewed {age} days ago; expected at "
            f"most {max_age_days}",
            looked_at=looked_at,
            remedy=f"the compliance owner reads what became of {framework.key}, and whoever keeps "
            "this installation takes a release whose frameworks.yaml was reviewed since",
        )
        return
    parts = [c for c in framework.changes if c.articles is not None]
    yield from (
        answer
        for part in parts
        if (answer := _part(ctx, compliance, framework, part, max_age_days)) is not None
    )
    status = framework.status_on(ctx.today)
    if status.status == "unknown":
        yield _undated(ctx, compliance, framework, status, max_age_days)
        return
    yield passed(
        f"{framework.key}: {status_said(framework, ctx.today)}; reviewed on "
        f"{framework.reviewed_on}",
        looked_at=looked_at,
        valid_until=ctx.end_of(framework.reviewed_on + timedelta(days=max_age_days)),
    )


def _part(
    ctx: Context,
    compliance: Compliance,
    framework: Framework,
    part: StatusChange,
    max_age_days: int,
) -> Outcome | None:
    """The answer about a part; None where it does not speak to the system, or its day is known."""
    speaks = part.speaks_to(ctx.system)
    if speaks is None:
        return ask_counsel(
            f"{framework.key} {part.articles}", part.not_said(ctx.system), compliance
        )
    if not speaks or part.on is not None:
        return None
    return _undated(ctx, compliance, framework, part, max_age_days)


def _undated(
    ctx: Context,
    compliance: Compliance,
    framework: Framework,
    change: StatusChange,
    max_age_days: int,
) -> Outcome:
    """Whether counsel was asked lately about what nobody here knows the day of."""
    name = name_of(framework, change)
    for entry in compliance.rule_changes:
        ours = (entry.framework, entry.articles) == (framework.key, change.articles)
        last = entry.decided_on + timedelta(days=max_age_days)
        if ours and entry.changed_on is None and entry.decided_on <= ctx.today <= last:
            return passed(
                f"since when {name} holds is unconfirmed; on {entry.decided_on} "
                f"{entry.decided_by} decided: {entry.decision}",
                looked_at=[entry.where, framework.where],
                valid_until=ctx.end_of(last),
            )
    articles = f", articles: {change.articles}" if change.articles else ""
    return unknown(
        "missing",
        f"since when {name} holds is unconfirmed",
        looked_at=[compliance.place_of("rule_changes"), framework.where],
        remedy="the compliance owner asks counsel, and writes under `rule_changes` in "
        f"compliance.yaml: framework: {framework.key}{articles}, without changed_on, who decided, "
        "when, and what counsel said",
    )


def _rests_on_history(ctx: Context, claim: ControlClaim) -> Iterator[Outcome]:
    """An answer where a claim rests on what is rescinded, or on what another took the place of."""
    framework = ctx.register.framework(claim.framework)
    if framework is None or framework.speaks_to(ctx.system) is False:
        return
    after = ctx.register.framework(framework.superseded_by or "")
    replaced = after is not None and after.status_on(ctx.today).status in BEGUN
    status = framework.status_on(ctx.today).status
    if status != "rescinded" and not (replaced and status in SPEAKING):
        return
    instead = f"what {after.key} asks instead" if after else "a framework that is in force"
    yield failed(
        f"the claim of {claim.framework} {claim.control} rests on what is "
        f"{STATUS_WORDS['rescinded'] if status == 'rescinded' else 'superseded'}",
        looked_at=[claim.where, framework.where],
        remedy=f"{claim.owner} maps what serves {claim.framework} {claim.control} to {instead}, "
        "in compliance.yaml",
    )
