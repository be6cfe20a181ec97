"""The compliance reviewer's page of one system.

What changed since they signed comes first; then the controls, who accepted what by a waiver, by
what it was judged, the log policy, the questions of auditors, the evidence with its end, and the
decision text.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, get_args

from ops_model.domain.compliance import AuditQuestion, Compliance
from ops_model.domain.people import People
from ops_model.domain.signals_logged import CaptureField, LogPolicy
from ops_model.domain.values import zone
from ops_model.site import words
from ops_model.site.controls_page import framework_rows
from ops_model.site.decided_rows import decided_view, hrefs_of
from ops_model.site.evidence_rows import bundles, evidence_rows, inputs
from ops_model.site.head import answers, head
from ops_model.site.links import check_hrefs, needed, root_of, system_page
from ops_model.site.seats import decided_since, seat_rows, seat_view
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.words import Look

PATH = "compliance"
_FIELDS: tuple[CaptureField, ...] = get_args(CaptureField)
_CLOSED = Look("✓", "answered", words.GREEN, "good")
_OPEN = Look("○", "open", words.AMBER, "warn")
_LATE = Look("✖", "overdue", words.RED, "bad")


def compliance(pages: SiteInput, system: SiteSystem) -> dict[str, Any]:
    """All that the template of the compliance reviewer's page needs."""
    path, people = system_page(system, PATH), pages.people
    claims = system.claims
    rests_on, until = needed(system), system.assessment.valid_until
    today = pages.as_of.astimezone(zone(pages.settings.zone)).date()
    log_policy = claims.signals.log_policy if claims.signals is not None else None
    decided = decided_view(system.decided, people)
    return {
        **head(system, path),
        "seat": seat_view(pages, system, "compliance"),
        "until": words.instant(until) if until is not None else "no end on record",
        "seats": seat_rows(pages, system),
        "seat_answers": answers(system, ["REV-01", "REV-02", "REV-05"], people, path),
        "frameworks": framework_rows(pages, system, today),
        "controls_href": root_of(path) + system_page(system, "controls"),
        "framework_answers": answers(system, ["CMP-01", "CMP-03", "CMP-04"], people, path),
        "legal": legal_rows(claims.compliance),
        "waived": [f.check for f in system.assessment.findings if f.waived and f.blocks],
        "decided": decided,
        "decided_hrefs": hrefs_of(decided, check_hrefs(system, path)),
        "tier": claims.identity.tier,
        "log_policy": log_policy_rows(log_policy) if log_policy is not None else [],
        "log_answers": answers(system, ["CMP-02", "OBS-01"], people, path),
        "audit": audit_rows(
            claims.compliance, people, today, decided=partial(decided_since, system)
        ),
        "audit_answers": answers(system, ["CMP-05"], people, path),
        "evidence": evidence_rows(system, people, root_of(path)),
        "more_evidence": len(system.statements) - len(rests_on),
        "inputs": inputs(rests_on),
        "bundles": bundles(system, rests_on),
        "digest": system.assessment_digest,
        "policy": system.assessment.policy,
        "policy_slice": system.policy,
        "ledger_size": system.assessment.ledger_size,
        "commands": [f"ops-model check {claims.id}", "ops-model verify ."],
    }


def legal_rows(compliance: Compliance | None) -> list[tuple[str, str]]:
    """Where the law places the organisation, as compliance.yaml says and no more."""
    if compliance is None:
        return []
    legal = compliance.legal
    return [
        ("role", legal.role),
        ("risk class", legal.risk_class),
        ("places", ", ".join(legal.jurisdictions) or "nobody said"),
        ("impact assessment", legal.impact_assessment or "none is referenced"),
        ("appeal", legal.appeal_path or "no path is written down"),
    ]


def log_policy_rows(policy: LogPolicy) -> list[tuple[str, str]]:
    """What the log policy says, by name."""
    kept = [f"{f} in {policy.fields[f]}" for f in _FIELDS if f in policy.fields]
    missing = [f for f in _FIELDS if f not in policy.fields]
    return [
        ("written down", "; ".join(kept) or "nothing"),
        ("not written down", ", ".join(missing) or "nothing is left out"),
        ("at least", f"{words.amount(float(policy.coverage_floor), 'share')} of the requests"),
        ("kept for", words.plural(policy.retention_days, "day")),
        ("taken out", policy.redaction),
        ("where", policy.store_ref or "no store is named"),
    ]


def audit_rows(
    compliance: Compliance | None,
    people: People,
    today: date,
    *,
    decided: Callable[[datetime], str] = lambda _: "",
) -> list[dict[str, Any]]:
    """What auditors asked, what is open first; an answer with its day, and what it is older than.

    What an answer says of an approval is for its reader to judge: only days can be compared.

    Args:
        compliance: what compliance.yaml says.
        people: by whom ids are named.
        today: an open question whose day is before it is overdue.
        decided: says of an instant which seats decided after it, or nothing.
    """
    asked: Sequence[AuditQuestion] = compliance.audit_questions if compliance is not None else ()
    rows = [
        {
            "look": _audit_look(question, today),
            "question": question.question,
            "asked": f"{question.asked_by}, {words.day(question.asked_at.date())}",
            "due": words.day(question.due),
            "owner": people.label(question.owner),
            "answer": question.answer or "",
            "evidence": question.evidence or "",
            "answered": words.day(question.closed_at.date()) if question.closed_at else "",
            "older_than": decided(question.closed_at)
            if question.answer and question.closed_at
            else "",
        }
        for question in asked
    ]
    return sorted(rows, key=lambda row: (_LATE, _OPEN, _CLOSED).index(row["look"]))


def _audit_look(question: AuditQuestion, today: date) -> Look:
    if question.closed_at is not None and question.answer:
        return _CLOSED
    return _LATE if question.due < today else _OPEN
