"""What a changed rule means here: decided by somebody, and not by a stamp of last year."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    counted,
    failed,
    no_file,
    not_applicable,
    passed,
    short_of_words,
)
from ops_model.check.counsel import ask_counsel, name_of, no_register
from ops_model.domain.compliance import Compliance, RuleChangeHandled
from ops_model.domain.frameworks import STATUS_WORDS, Framework, StatusChange
from ops_model.domain.values import zone


@check(
    "CMP-04",
    question="Was it decided what each change of a rule means for this system?",
    area="compliance",
    source=["S2.13"],
    revision=1,
)
def rule_changes_are_decided(
    ctx: Context,
    *,
    decide_within_days: int = 30,
    look_back_days: Annotated[int, Field(ge=90)] = 365,
    min_words: Annotated[int, Field(ge=2)] = 3,
) -> Outcome:
    """A stamp of last year says nothing about a rule of this year; somebody has to look again.

    What binds does not go away because nobody decided about it: changes of a framework that is
    voluntary are asked about for `look_back_days`, those of one that binds for as long as it runs.
    """
    compliance = ctx.system.compliance
    if compliance is None:
        return no_file(ctx, "compliance")
    if not ctx.register.frameworks:
        return no_register(compliance)
    since = _live_since(ctx)
    if since is None:
        return not_applicable(
            "it serves nobody yet; the review before it does looks at the rules of then",
            looked_at=[ctx.system.where],
        )
    lately = max(since, ctx.today - timedelta(days=look_back_days))
    answers = [
        _decided(ctx, compliance, framework, change, decide_within_days, min_words)
        for framework in ctx.register.frameworks
        for change in framework.changed_between(since if framework.binding else lately, ctx.today)
        if _may_speak(ctx, framework, change)
    ]
    if not answers:
        return not_applicable(
            f"no framework that may speak to it changed between {lately} and {ctx.today}",
            looked_at=[compliance.where],
        )
    return all_of(answers)


def _live_since(ctx: Context) -> date | None:
    """The day on which it first served somebody; None when it never did."""
    began = ctx.system.identity.went_live_at
    if began is None or began > ctx.as_of:
        return None
    return began.astimezone(zone(ctx.model.settings.zone)).date()


def _may_speak(ctx: Context, framework: Framework, change: StatusChange) -> bool:
    return False not in {framework.speaks_to(ctx.system), change.speaks_to(ctx.system)}


def _decided(
    ctx: Context,
    compliance: Compliance,
    framework: Framework,
    change: StatusChange,
    within_days: int,
    min_words: int,
) -> Outcome:
    """Whether somebody decided what one change means, or still has time to."""
    name = f"{name_of(framework, change)} is {STATUS_WORDS[change.status]} since {change.on}"
    missing = (*framework.not_said(ctx.system), *change.not_said(ctx.system))
    if missing:
        return ask_counsel(name_of(framework, change), tuple(dict.fromkeys(missing)), compliance)
    begun = change.on or ctx.today
    due = begun + timedelta(days=within_days)
    entry = _entry(ctx, compliance, framework, change)
    if entry is None and ctx.today <= due:
        return passed(
            f"{name}; what it means is to be decided by {due}",
            looked_at=[compliance.place_of("rule_changes"), framework.where],
            valid_until=ctx.end_of(due),
        )
    if entry is None:
        return failed(
            f"{name}, and by {due} nobody had decided what that means here",
            looked_at=[compliance.place_of("rule_changes"), framework.where],
            remedy="the compliance owner decides with counsel, and writes under `rule_changes` in "
            f"compliance.yaml: {_keys(framework, change)}, who decided, when, and what",
        )
    if short := short_of_words(entry.decision, min_words):
        return failed(
            f"what was decided about {name_of(framework, change)} is '{entry.decision}': {short}",
            looked_at=[entry.place_of("decision")],
            remedy=f"{entry.decided_by} writes in a sentence what was decided, under "
            "`rule_changes` in compliance.yaml",
        )
    late = (entry.decided_on - due).days
    when = f", {counted(late, 'day')} late" if late > 0 else ""
    return passed(
        f"{name}; {entry.decided_by} decided on {entry.decided_on}{when}: {entry.decision}",
        looked_at=[entry.where, framework.where],
    )


def _entry(
    ctx: Context, compliance: Compliance, framework: Framework, change: StatusChange
) -> RuleChangeHandled | None:
    """What was decided about a change by the day that judges; the last word counts."""
    about = [
        entry
        for entry in compliance.rule_changes
        if (entry.framework, entry.articles, entry.changed_on)
        == (framework.key, change.articles, change.on)
        and entry.decided_on <= ctx.today
    ]
    return max(about, key=lambda entry: entry.decided_on, default=None)


def _keys(framework: Framework, change: StatusChange) -> str:
    articles = f", articles: {change.articles}" if change.articles else ""
    return f"framework: {framework.key}{articles}, changed_on: {change.on}"
