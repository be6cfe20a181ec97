"""The verdict: waivers, the five questions, and the minimum over areas. Pure; never an average."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ops_model.check.breach import breach
from ops_model.check.catalogue import Catalogue
from ops_model.check.judge import judge
from ops_model.check.question import FIVE_QUESTIONS, TOLD_BESIDE
from ops_model.check.recorded import Evidence, earliest
from ops_model.check.waivers import FIVE_QUESTION_CHECKS, ends_of, waivers_of, why_not_covering
from ops_model.domain.assessment import (
    BREACHED,
    AreaStatus,
    Assessment,
    Finding,
    FiveQuestion,
    Verdict,
)
from ops_model.domain.evidence import Area
from ops_model.domain.of_last import of_last
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import Where, digest_of, zone
from ops_model.domain.waivers import why_not_switched_off

_policy_digest = of_last(digest_of)
_ANSWERING = FIVE_QUESTION_CHECKS | set(TOLD_BESIDE.values())
_WORST_FIRST: tuple[AreaStatus, ...] = (
    "failed", "errored", "unknown", "waived", "passed", "not_applicable",
)  # fmt: skip


def assess(
    catalogue: Catalogue,
    model: OperatingModel,
    system: SystemClaims,
    evidence: Evidence,
    *,
    as_of: datetime,
    ledger_size: int,
) -> Assessment:
    """The verdict on one system, with and without waivers.

    Args:
        catalogue: the checks to judge by.
        model: people and policy are read from it; its other systems are not.
        system: the system's claims.
        evidence: the statements of the ledger up to `ledger_size`.
        as_of: the instant that judges.
        ledger_size: how many entries the ledger held, so that this can be derived again.

    Raises:
        PolicyError: the policy names a check or threshold that does not exist.
    """
    claims = system.claim_refs()
    judged = judge(catalogue, model, system, evidence, as_of=as_of, claims=claims)
    spoken_of = {s.check_id for s in model.policy.switched_off}
    spoken_of |= {w.check_id for w in waivers_of(model, system)}
    findings = _through(
        tuple(_with_policy(f, model, system, as_of) if f.check in spoken_of else f for f in judged)
    )
    questions = _questions(findings, evidence)
    review = system.decisions.review if system.decisions is not None else None
    conditions = tuple(c.id for c in review.conditions) if review is not None else ()
    today = as_of.astimezone(zone(model.settings.zone)).date()
    return Assessment(
        system=system.id,
        as_of=as_of,
        claims=claims,
        verdict=_verdict(findings, questions, conditions),
        verdict_without_waivers=_verdict(judged, questions, conditions),
        areas=_areas(findings),
        five_questions=questions,
        findings=findings,
        policy=_policy_digest(model.policy),
        frameworks=catalogue.register.digest_on(today, system),
        open_conditions=conditions,
        ledger_size=ledger_size,
        valid_until=min(_ends(findings), default=None),
    )


def verdict_of(findings: Sequence[Finding], conditions: Sequence[str]) -> Verdict:
    """The verdict that these findings come to, for whoever has them already."""
    return _verdict(findings, _questions(findings, Evidence()), conditions)


def _questions(findings: Sequence[Finding], evidence: Evidence) -> tuple[FiveQuestion, ...]:
    told = [f for f in findings if f.check in _ANSWERING]
    return tuple(_question(text, checks, told, evidence) for text, checks in FIVE_QUESTIONS)


def _verdict(
    findings: Sequence[Finding], questions: Sequence[FiveQuestion], conditions: Sequence[str]
) -> Verdict:
    if not all(question.answered for question in questions):
        return "DEMO ONLY"
    if any(f.blocks and not f.waived for f in findings):
        return "NOT READY"
    return "CONDITIONAL" if conditions or any(f.accepted for f in findings) else "READY"


def _ends(findings: Sequence[Finding]) -> list[datetime]:
    """When something that the verdict rests on ends."""
    return [f.valid_until for f in findings if f.carries and f.valid_until is not None]


def _through(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, those waived that only sum up what somebody answers for.

    Who waives a part of a sum has answered for it there too, or each waiver would only move the
    gap on. The sum is shown as waived, never as passed, and for as long as its parts are.
    """
    by_id = {f.check: f for f in findings}
    return tuple(_waived_through(f, by_id) if f.through else f for f in findings)


def _waived_through(finding: Finding, by_id: Mapping[str, Finding]) -> Finding:
    parts = [by_id[check] for check in finding.through if check in by_id]
    if finding.waived or not finding.blocks or not parts:
        return finding
    if len(parts) < len(finding.through) or not all(part.accepted for part in parts):
        return finding
    said = f"{finding.message.rstrip('.')}; waived through {', '.join(finding.through)}"
    until = earliest(*(part.valid_until for part in parts))
    return finding.model_copy(update={"waived": True, "message": said, "valid_until": until})


def _areas(findings: Sequence[Finding]) -> Mapping[Area, AreaStatus]:
    """The worst status in each area that has findings; an area nobody asked about is left out.

    So is what was switched off: it is shown, and has no effect.
    """
    worst: dict[Area, AreaStatus] = {}
    for finding in (f for f in findings if not f.switched_off):
        status: AreaStatus = "waived" if finding.waived else finding.status
        so_far = worst.get(finding.area, status)
        worst[finding.area] = min(status, so_far, key=_WORST_FIRST.index)
    return worst


def _question(
    text: str, checks: Sequence[str], findings: Sequence[Finding], evidence: Evidence
) -> FiveQuestion:
    """Answered when each of its checks passed or says why it does not arise."""
    mine = [f for f in findings if f.check in checks]
    open_ones = [f for f in mine if f.blocks]
    unasked = sorted(set(checks) - {f.check for f in mine})
    answered = not open_ones and not unasked
    told = _with_what_is_beside(mine, findings) if answered else open_ones or mine
    places = dict.fromkeys(place for f in (*mine, *told) for place in f.looked_at)
    said = [f.message for f in told]
    said += [f"{check} is not loaded" for check in unasked]
    broken = _broken(tuple(places), evidence) if answered else ""
    sentences = [_sentence(s) for s in dict.fromkeys(said)]
    return FiveQuestion(
        question=text,
        answered=answered,
        answer=" ".join([*([f"{BREACHED}{broken}."] if broken else []), *sentences]),
        evidence=tuple(places),
    )


def _with_what_is_beside(mine: Sequence[Finding], findings: Sequence[Finding]) -> list[Finding]:
    """The findings that answer a question, each with what is told beside it."""
    by_id = {f.check: f for f in findings if f.status not in {"errored", "not_applicable"}}
    beside = {f.check: by_id.get(TOLD_BESIDE.get(f.check, "")) for f in mine}
    return [one for f in mine for one in (f, beside[f.check]) if one is not None]


def _broken(places: Sequence[Where], evidence: Evidence) -> str:
    """What the records that an answer rests on show to be broken."""
    entries = [evidence.entry(p.line) for p in places if p.path == "ledger"]
    said = [breach(entry.record) for entry in entries if entry is not None]
    return "; ".join(dict.fromkeys(one for one in said if one))


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return text[:1].upper() + text[1:] + ("" if text.endswith("…") else ".")


def _with_policy(
    finding: Finding, model: OperatingModel, system: SystemClaims, as_of: datetime
) -> Finding:
    """The finding with what policy.yaml says of it: switched off, or waived, or neither."""
    # One at most: a check that is switched off twice is refused with the policy.
    switch = next((s for s in model.policy.switched_off if s.check_id == finding.check), None)
    if switch is None:
        return _with_waivers(finding, model, system, as_of)
    today = as_of.astimezone(zone(model.settings.zone)).date()
    why = why_not_switched_off(switch, model, system, today)
    if not why:
        off: dict[str, Any] = {"switched_off": True}
        decider = model.people.person(switch.decided_by)
        if finding.open and decider is not None:
            off["valid_until"] = decider.gone_at
        return finding.model_copy(update=off)
    finding = _with_waivers(finding, model, system, as_of)
    if not finding.blocks:
        return finding
    said = f"the switch-off at {switch.where} does not count: {why}"
    return finding.model_copy(update={"remedy": "; ".join([finding.remedy, said])})


def _with_waivers(
    finding: Finding, model: OperatingModel, system: SystemClaims, as_of: datetime
) -> Finding:
    """The finding, flagged when a waiver covers it; its status stays what it is."""
    written = waivers_of(model, system, finding.check)
    if not written or not finding.blocks:
        return finding
    today = as_of.astimezone(zone(model.settings.zone)).date()
    faults = {w: why_not_covering(w, finding, model, system, today) for w in written}
    counting = [w for w, why in faults.items() if not why]
    if counting:
        until = max(ends_of(w, model) for w in counting)
        return finding.model_copy(update={"waived": True, "valid_until": until})
    said = [f"the waiver at {w.where} does not count: {why}" for w, why in faults.items()]
    return finding.model_copy(update={"remedy": "; ".join([finding.remedy, *said])})
