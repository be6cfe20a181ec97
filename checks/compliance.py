"""What an auditor asks for, and safeguards that fit the data."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    failed,
    no_file,
    not_applicable,
    passed,
    unknown,
)
from ops_model.domain.compliance import AuditQuestion, Compliance, LegalRole, Sensitivity
from ops_model.domain.signals import CaptureField, LogPolicy
from ops_model.domain.system import Dependency
from ops_model.domain.values import Where, zone

CAPTURED: tuple[CaptureField, ...] = ("input", "output", "intent", "outcome")
"""What went in, what came out, what it was for, and whether that was had (S3.24)."""


EUROPE = frozenset({
    "EU", "EEA", "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR",
    "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE",
    "SI", "SK",
})  # fmt: skip
"""Jurisdictions in which a high risk asks for logs of six months, as `legal` may name them."""


SAFEGUARDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "data": {
        "public": (),
        "internal": ("access-by-role",),
        "confidential": ("access-by-role", "encrypted-at-rest"),
        "restricted": ("access-by-role", "encrypted-at-rest", "reads-are-logged"),
    },
    "exposure": {
        "internal": ("secrets-out-of-code",),
        "partner": ("secrets-out-of-code", "authenticated-calls"),
        "public": ("secrets-out-of-code", "rate-limit", "input-is-screened"),
    },
    "impact": {
        "low": (),
        "moderate": ("override-by-person",),
        "high": ("override-by-person", "output-is-screened"),
    },
    "personal_data": {"no": (), "yes": ("deletion-on-request",)},
}
"""What each answer about sensitivity asks for, by the id of the safeguard (S4.19)."""


@check(
    "CMP-02",
    question="Are logs complete, kept long enough, and stripped of what must not lie there?",
    area="compliance",
    source=["S2.13", "S3.24"],
    revision=1,
)
def logs_are_kept(ctx: Context, *, min_days: int = 90, min_days_high_risk: int = 183) -> Outcome:
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
            remedy="the compliance owner writes `log_policy` there: fields, retention_days and "
            "redaction",
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
        bound = _high_risk_in_europe(legal)
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
                remedy="the platform keeps the logs for longer, and the compliance owner writes "
                "the new retention_days in signals.yaml",
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
    revision=1,
)
def audit_questions_answered(ctx: Context) -> Outcome:
    """A question that nobody answers is the first thing that the next auditor asks about."""
    compliance = ctx.system.compliance
    if compliance is None:
        return no_file(ctx, "compliance")
    asked = [q for q in compliance.audit_questions if q.asked_at <= ctx.as_of]
    if not asked:
        return not_applicable("no auditor has asked anything", looked_at=[compliance.where])
    today = ctx.as_of.astimezone(zone(ctx.model.settings.zone)).date()
    return all_of([_answered(ctx, question, today) for question in asked])


@check(
    "SEC-01",
    question="Is every safeguard in place that the sensitivity of the system asks for?",
    area="compliance",
    source=["S4.19"],
    revision=1,
)
def posture_fits(ctx: Context) -> Outcome:
    """What suffices for a toy in the office lets strangers read what customers wrote."""
    compliance = ctx.system.compliance
    if compliance is None:
        return no_file(ctx, "compliance")
    sensitivity = compliance.sensitivity
    if sensitivity is None:
        return unknown(
            "missing",
            "nobody wrote how sensitive the data is, who can reach the system and how hard its "
            "word falls",
            looked_at=[compliance.where],
            remedy="the compliance owner writes `sensitivity` in compliance.yaml",
        )
    asked = _asked_for(sensitivity)
    there = {control.id: control for control in compliance.security}
    lacking = [f"{i} is not written down" for i in asked if i not in there]
    lacking += [f"{i} is not in place" for i in asked if i in there and not there[i].in_place]
    looked_at = [sensitivity.where, *(there[i].where for i in asked if i in there)]
    why = (
        f"{sensitivity.data} data, {sensitivity.exposure} exposure, {sensitivity.impact} impact"
        f"{', personal data' if sensitivity.personal_data else ''}"
    )
    if lacking:
        return failed(
            f"{why}: {'; '.join(lacking)}",
            looked_at=looked_at,
            remedy="the owner puts each in place and writes it under `security` in "
            "compliance.yaml, by that id",
        )
    return passed(f"{why}: {', '.join(asked)} in place", looked_at=looked_at)


@check(
    "SEC-02",
    question="May everything outside have the data that it is sent?",
    area="compliance",
    source=["S4.19"],
    revision=1,
)
def sent_data_is_allowed(ctx: Context) -> Outcome:
    """What was sent once to somebody who may not have it cannot be called back."""
    identity = ctx.system.identity
    if not identity.dependencies:
        return not_applicable(
            "system.yaml names nothing outside that could be sent anything",
            looked_at=[identity.where],
        )
    return all_of([_sent(dependency) for dependency in identity.dependencies])


def _log_faults(policy: LogPolicy, compliance: Compliance | None, min_days: int) -> dict[str, str]:
    """What is wrong with the policy whatever the law asks for, by the key that is wrong."""
    lacking = [field for field in CAPTURED if field not in policy.fields]
    faults = {"fields": f"no column is named for {', '.join(lacking)}"} if lacking else {}
    if policy.retention_days < min_days:
        faults["retention_days"] = (
            f"kept for {policy.retention_days} days; expected at least {min_days}"
        )
    sensitivity = compliance.sensitivity if compliance else None
    if sensitivity and sensitivity.personal_data and policy.redaction.casefold() == "none":
        faults["redaction"] = "redaction is none, and there is personal data"
    return faults


def _high_risk_in_europe(legal: LegalRole) -> bool | None:
    """True when both are so, False when one is not, None when it is not known."""
    in_europe = bool(EUROPE & {j.upper() for j in legal.jurisdictions})
    if legal.risk_class in {"none", "limited"} or (legal.jurisdictions and not in_europe):
        return False
    return True if in_europe and legal.risk_class == "high" else None


def _no_compliance(ctx: Context) -> Where:
    return ctx.system.missing_file("compliance")


def _answered(ctx: Context, question: AuditQuestion, today: date) -> Outcome:
    """Whether one question is answered, or still has time."""
    closed = question.closed_at is not None and question.closed_at <= ctx.as_of
    name = f"question {question.id} of {question.asked_by}"
    if question.answer is None and (closed or question.due < today):
        what = "was closed without an answer" if closed else f"was due on {question.due}"
        return failed(
            f"{name} {what}: {question.question}",
            looked_at=[question.where],
            remedy=f"{question.owner} answers it in compliance.yaml and names the evidence",
        )
    if question.answer is None:
        ends = question.due + timedelta(days=1)
        return passed(
            f"{name} is open until {question.due} ({question.owner})",
            looked_at=[question.where],
            valid_until=datetime.combine(ends, time(), zone(ctx.model.settings.zone)),
        )
    return passed(f"{name} is answered", looked_at=[question.where])


def _asked_for(sensitivity: Sensitivity) -> list[str]:
    """The ids of the safeguards that a sensitivity asks for, each once."""
    answers = {
        "data": sensitivity.data,
        "exposure": sensitivity.exposure,
        "impact": sensitivity.impact,
        "personal_data": "yes" if sensitivity.personal_data else "no",
    }
    return list(dict.fromkeys(i for key, a in answers.items() for i in SAFEGUARDS[key][a]))


def _sent(dependency: Dependency) -> Outcome:
    """Whether one dependency may have what it is sent."""
    looked_at = [dependency.where]
    if not dependency.data_sent and dependency.kind == "model_provider":
        return unknown(
            "missing",
            f"nobody wrote what data {dependency.id} is sent",
            looked_at=looked_at,
            remedy="the owner writes data_sent and data_allowed for it in system.yaml",
        )
    beyond = [c for c in dependency.data_sent if c not in dependency.data_allowed]
    if beyond:
        allowed = ", ".join(dependency.data_allowed) or "nothing"
        return failed(
            f"{dependency.id} is sent {', '.join(beyond)} data; the contract allows {allowed}",
            looked_at=[dependency.place_of("data_sent"), dependency.place_of("data_allowed")],
            remedy="the owner has it taken out of what is sent, or the contract changed, and "
            "writes that in system.yaml",
        )
    if not dependency.data_sent:
        return not_applicable(f"{dependency.id} is sent nothing", looked_at=looked_at)
    return passed(
        f"{dependency.id} is sent {', '.join(dependency.data_sent)} data, which it may have",
        looked_at=looked_at,
    )
