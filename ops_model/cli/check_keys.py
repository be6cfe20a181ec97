"""A verdict as `ops-model check --json` says it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops_model.cli.check_simulated import SimulatedRows
    from ops_model.domain.assessment import Assessment, Finding


def as_keys(assessment: "Assessment", made_up: "SimulatedRows") -> dict[str, Any]:
    """The keys that scripts rely on; keys are added, never renamed."""
    from ops_model.check.turns import turns
    from ops_model.domain.values import digest_of, iso_utc

    return {
        "system": assessment.system,
        "simulated": made_up.system,
        "as_of": iso_utc(assessment.as_of),
        "verdict": assessment.verdict,
        "verdict_without_waivers": assessment.verdict_without_waivers,
        "valid_until": assessment.valid_until and iso_utc(assessment.valid_until),
        "areas": dict(assessment.areas),
        "five_questions": [
            {
                "question": q.question,
                "answered": q.answered,
                "breached": q.breached,
                "answer": q.answer,
                "simulated": made_up.kinds(q.evidence),
                "evidence": [str(place) for place in q.evidence],
            }
            for q in assessment.five_questions
        ],
        "findings": [
            {**_finding_keys(f), "simulated": made_up.kinds(f.looked_at)}
            for f in assessment.findings
        ],
        "open_conditions": list(assessment.open_conditions),
        "would_change": [
            {
                "to": turn.to,
                "checks": list(turn.checks),
                "conditions": list(turn.conditions),
                "at": turn.at and iso_utc(turn.at),
            }
            for turn in turns(assessment)
        ],
        "digest": digest_of(assessment),
        "policy": assessment.policy,
        "frameworks": assessment.frameworks,
        "ledger_size": assessment.ledger_size,
    }


def _finding_keys(finding: "Finding") -> dict[str, Any]:
    from ops_model.domain.values import iso_utc

    return {
        "check": finding.check,
        "slug": finding.slug,
        "revision": finding.revision,
        "area": finding.area,
        "question": finding.question,
        "status": finding.status,
        "reason": finding.reason,
        "grade": finding.grade,
        "minimum_grade": finding.minimum_grade,
        "message": finding.message,
        "remedy": finding.remedy,
        "owner": finding.owner,
        "looked_at": [str(place) for place in finding.looked_at],
        "values": {v.name: v.measured.model_dump(mode="json") for v in finding.values},
        "waived": finding.waived,
        "switched_off": finding.switched_off,
        "valid_until": finding.valid_until and iso_utc(finding.valid_until),
    }
