"""What an auditor asks for: logs that are kept, and answers to what was asked."""

import re
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    counted,
    earliest,
    failed,
    no_file,
    not_applicable,
    passed,
    short_of_words,
    unknown,
)
from ops_model.domain.compliance import AuditQuestion, Compliance, LegalRole
from ops_model.domain.signals_logged import CaptureField, LogPolicy
from ops_model.domain.values import Where, zone

CAPTURED: tuple[CaptureField, ...] = ("input", "output", "intent", "outcome")
"""What went in, what came out, what it was for, and whether that was had (S3.24)."""

NEGATIONS = frozenset({
    "disabled", "false", "later", "n", "na", "nil", "no", "none", "not", "nothing", "null", "off",
    "raw", "tbd", "todo", "unknown", "unredacted",
})  # fmt: skip
"""One of these, beside words of `FILLERS` alone, says that nothing is taken out of a log."""
FILLERS = frozenset({
    "a", "and", "any", "anything", "applicable", "at", "all", "data", "is", "it", "masked",
    "needed", "out", "redacted", "redaction", "removed", "required", "taken", "the", "yet",
})  # fmt: skip


@check(
    "CMP-02",
    question="Are logs complete, kept long enough, and stripped of what must not lie there?",
    area="compliance",
    source=["S2.13", "S3.24"],
    revision=1,
)
def logs_are_kept(
    ctx: Context,
    *,
    min_days: Annotated[int, Field(ge=30)] = 90,
    min_days_high_risk: Annotated[int, Field(ge=183)] = 183,
) -> Outcome:
    """A slow leak takes months to show, and whoever looks for its start needs the log of then."""
    signals, compliance = ctx.system.signals, ctx.system.compliance
    if signals is None:
        return no_file(ctx, "signals")
    policy = signals.log_policy
    if policy is None:
        return unknown(
            "missing",
            "signals.yaml does not say what is logged of a request, and for how long",
            looked_at=[signals.where],
            remedy="the compliance owner writes `log_policy` in signals.yaml: fields, "
            "retention_days and redaction",
        )
    looked_at = [policy.where]
    if faults := _log_faults(policy, compliance, min_days):
        return failed(
            f"the log policy: {'; '.join(faults.values())}",
            looked_at=[policy.place_of(key) for key in faults],
            remedy="the compliance owner corrects `log_policy` in signals.yaml, and the platform "
            "what is logged",
        )
    if policy.retention_days < min_days_high_risk:
        looked_at = [policy.place_of("retention_days")]
        legal = compliance.legal if compliance else LegalRole()
        bound = legal.high_risk_in_europe
        looked_at.append(compliance.place_of("legal") if compliance else _no_compliance(ctx))
        if bound is None:
            return unknown(
                "missing",
                f"logs are kept for {policy.retention_days} days; whether {min_days_high_risk} "
                f"are owed is not known (risk class {legal.risk_class}, jurisdictions "
                f"{', '.join(legal.jurisdictions) or 'none named'})",
                looked_at=looked_at,
                remedy="the compliance owner asks counsel for risk_class and jurisdictions, and "
                "writes them in compliance.yaml, or keeps the logs for longer",
            )
        if bound:
            return failed(
                f"logs are kept for {policy.retention_days} days; expected at least "
                f"{min_days_high_risk} for a high risk in Europe",
                looked_at=looked_at,
                remedy=f"the platform keeps the logs for {min_days_high_risk} days or longer, and "
                "the compliance owner writes the new retention_days in signals.yaml",
            )
    return passed(
        f"{', '.join(CAPTURED)} are logged and kept for {policy.retention_days} days; taken out: "
        f"{policy.redaction}",
        looked_at=looked_at,
    )


@check(
    "CMP-05",
    question="Is every question of an auditor answered in time?",
    area="compliance",
    source=["S2.22"],
    revision=2,
)
def audit_questions_answered(
    ctx: Context,
    *,
    min_words: Annotated[int, Field(ge=2)] = 3,
    max_days: Annotated[int, Field(le=366)] = 180,
) -> Outcome:
    """A question that nobody answers is the first thing that the next auditor asks about.

    Whatever day is written as due, it has no longer than `max_days` after it was asked.
    """
    compliance = ctx.system.compliance
    if compliance is None:
        return no_file(ctx, "compliance")
    asked = [q for q in compliance.audit_questions if q.asked_at <= ctx.as_of]
    if not asked:
        return not_applicable("no auditor has asked anything", looked_at=[compliance.where])
    return all_of(
        [
            _wrongly_kept(ctx, question, min_words)
            or _due_too_late(ctx, question, max_days)
            or _answered(ctx, question, ctx.today)
            for question in asked
        ]
    )


def _log_faults(policy: LogPolicy, compliance: Compliance | None, min_days: int) -> dict[str, str]:
    """What is wrong with the policy whatever the law asks for, by the key that is wrong."""
    lacking = [field for field in CAPTURED if field not in policy.fields]
    faults = {"fields": f"no column is named for {', '.join(lacking)}"} if lacking else {}
    if policy.retention_days < min_days:
        faults["retention_days"] = (
            f"kept for {policy.retention_days} days; expected at least {min_days}"
        )
    sensitivity = compliance.sensitivity if compliance else None
    if sensitivity and sensitivity.personal_data and _says_nothing(policy.redaction):
        faults["redaction"] = f"redaction is {policy.redaction}, and there is personal data"
    return faults


def _says_nothing(redaction: str) -> bool:
    """True for `none`, `N/A` and the like: nothing is taken out."""
    words = {*re.findall(r"\w+", redaction.casefold())}
    return bool(words & NEGATIONS) and not words - NEGATIONS - FILLERS


def _no_compliance(ctx: Context) -> Where:
    return ctx.system.missing_file("compliance")


def _due_too_late(ctx: Context, question: AuditQuestion, max_days: int) -> Outcome | None:
    """The answer for an open question that has more time than any may have."""
    asked = question.asked_at.astimezone(zone(ctx.model.settings.zone)).date()
    latest = asked + timedelta(days=max_days)
    if question.answer is not None or question.due <= latest:
        return None
    return failed(
        f"question {question.id} of {question.asked_by} is due on {question.due}; expected by "
        f"{latest}, {counted(max_days, 'day')} after it was asked",
        looked_at=[question.place_of("due")],
        remedy=f"{question.owner} answers question {question.id} by {latest}, and writes a `due` "
        "by then in compliance.yaml",
    )


def _answered(ctx: Context, question: AuditQuestion, today: date) -> Outcome:
    """Whether one question is answered, or still has time."""
    closed = question.closed_at is not None and question.closed_at <= ctx.as_of
    name = f"question {question.id} of {question.asked_by}"
    if question.answer is None and (closed or question.due < today):
        what = "was closed without an answer" if closed else f"was due on {question.due}"
        return failed(
            f"{name} {what}: {question.question}",
            looked_at=[question.where],
            remedy=f"{question.owner} answers question {question.id} in compliance.yaml and names "
            "the evidence",
        )
    if question.answer is None:
        return passed(
            f"{name} is open until {question.due} ({question.owner})",
            looked_at=[question.where],
            valid_until=earliest(ctx.end_of(question.due), ctx.until_gone(question.owner)),
        )
    return passed(f"{name} is answered", looked_at=[question.where])


def _wrongly_kept(ctx: Context, question: AuditQuestion, min_words: int) -> Outcome | None:
    """The answer where a question is nobody's to answer, or its answer says next to nothing.

    Whoever answered it and left since has done what was theirs to do.
    """
    name = f"question {question.id} of {question.asked_by}"
    known = ctx.model.people.person(question.owner) is not None
    why = "" if question.answer and known else ctx.why_nobody(question.owner)
    if why:
        return failed(
            f"{name} is nobody's to answer: {why}",
            looked_at=[question.place_of("owner")],
            remedy=f"the compliance owner names somebody who works here as the owner of question "
            f"{question.id} in compliance.yaml",
        )
    if question.answer and (short := short_of_words(question.answer, min_words)):
        return failed(
            f"{name} is answered '{question.answer}': {short}",
            looked_at=[question.place_of("answer")],
            remedy=f"{question.owner} answers question {question.id} in a sentence, in "
            "compliance.yaml",
        )
    return None
