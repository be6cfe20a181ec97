"""One card per kind of record, for outputs that JupyterLab shows untrusted.

Every card says its state as glyph and word, every number its n and interval, every gap what to do
next. The same cards stand on the pages of runs.
"""

from collections.abc import Callable, Mapping

from ops_model.domain.alerts import Alert, AlertAnswer
from ops_model.domain.assessment import Assessment
from ops_model.domain.detection import (
    ChangeDecomposition,
    DriftMeasurement,
    ImportanceMeasurement,
    OutcomeMeasurement,
    QualityMeasurement,
    QualityOutcomeLink,
    SkewMeasurement,
)
from ops_model.domain.detection_served import (
    CaptureMeasurement,
    ContractMeasurement,
    FreshnessMeasurement,
    GuardrailMeasurement,
    ProviderIdentity,
    Reconstruction,
    RuleMeasurement,
)
from ops_model.domain.evidence import Area, Attestation, Record, Verification
from ops_model.domain.exposure import IncidentReview
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.people import People
from ops_model.domain.portfolio_status import PortfolioStatus
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.savings import (
    BillComparison,
    CacheOpportunity,
    ComputeCost,
    LoadMeasurement,
    RightSizing,
    SavingsMeasurement,
)
from ops_model.domain.service_levels import ServiceLevelMeasurement
from ops_model.domain.spend import (
    BreachLog,
    CeilingWatch,
    CostBridge,
    CostForecast,
    SpendMeasurement,
    UnitCost,
)
from ops_model.domain.transition import TransitionStatus
from ops_model.domain.trials import (
    AccessDrill,
    ChallengerResult,
    EnvironmentRecord,
    GameDayResult,
    SwapDrill,
)
from ops_model.domain.weekly import WeeklyReport
from ops_model.site import (
    alert_cards,
    bill_cards,
    build_cards,
    ceiling_cards,
    challenger_cards,
    cost_cards,
    drift_cards,
    evidence_cards,
    fallback_cards,
    game_day_cards,
    growth_cards,
    incident_cards,
    level_cards,
    log_cards,
    outcome_cards,
    portfolio_cards,
    provider_cards,
    quality_cards,
    rollback_cards,
    rule_cards,
    saving_cards,
    swap_cards,
    transition_cards,
    weekly_cards,
    words,
)
from ops_model.site.finding_parts import finding_block, places_read, to_do
from ops_model.site.five import BREACHED, look_of
from ops_model.site.generic_card import generic
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import chip, frame, line, quiet, table
from ops_model.site.prose import prose
from ops_model.site.verdicts import by_weight, in_short, why
from ops_model.site.words import FAILED, NOT_APPLICABLE, PASSED, UNKNOWN


def card(record: Record, people: People) -> str:
    """The card of a record, as HTML with inline styles only; people appear by their label."""
    return _CARDS.get(type(record), generic)(record, people)


def questions_card(assessment: Assessment, people: People) -> str:
    """The five questions, each with its generated answer and where it was read.

    Whoever reads no further knows the verdict: it stands above in short, and whole at the end.
    """
    open_ones = [q for q in assessment.five_questions if not q.answered]
    rows = [
        (
            chip(look_of(q)),
            tag("strong", q.question),
            join([line(prose(q.answer, people)), places_read(q.evidence)]),
        )
        for q in assessment.five_questions
    ]
    asked = len(assessment.five_questions)
    broken = sum(q.breached for q in assessment.five_questions)
    title = f"{asked - len(open_ones)} of {asked} questions answered"
    title += f", {broken} of them breached" if broken else ""
    head = ("", "question", "answer and evidence")
    verdict = line(
        tag("strong", "Verdict: "), chip(words.VERDICTS[assessment.verdict]),
        f" {in_short(assessment)} ", quiet("The whole of it is the last card."),
    )  # fmt: skip
    look = FAILED if open_ones else BREACHED if broken else PASSED
    return frame(title, look, assessment, verdict, table(head, rows))


def eight_items_card(assessment: Assessment, people: People) -> str:
    """The eight operational items, each answered or not, as RDY-06 found them."""
    overall = next((f for f in assessment.findings if f.check == "RDY-06"), None)
    if overall is None:
        said = line("RDY-06 was not judged, so the eight items are unknown.")
        return frame("Eight operational items", UNKNOWN, assessment, said)
    rows = [
        (chip(PASSED if item.measured.value else FAILED), item.name) for item in overall.values
    ]
    return frame(
        "Eight operational items",
        words.look(overall),
        assessment,
        line(prose(overall.message, people)),
        *to_do(overall, people),
        *([table((), rows)] if rows else []),
    )


def area_card(assessment: Assessment, area: Area, people: People) -> str:
    """One area: its status, and every finding in it, those that stop go-live first."""
    status = words.STATUSES.get(assessment.areas.get(area, "not_applicable"), NOT_APPLICABLE)
    findings = by_weight(f for f in assessment.findings if f.area == area)
    title = f"Area {area}: {words.plural(len(findings), 'check')}"
    return frame(title, status, assessment, *[finding_block(f, people) for f in findings])


def _assessment(record: Assessment, people: People) -> Html:
    verdict = words.VERDICTS[record.verdict]
    big = tag(
        "div", verdict.text, style=f"font-size:1.9em;font-weight:700;color:{verdict.colour}"
    )  # fmt: skip
    blocking = by_weight(record.blocking)
    gaps = [
        (
            chip(words.look(f)),
            tag("strong", f.check),
            line(prose(f.message, people)),
            line(prose(f.remedy, people)),
            tag("strong", people.label(f.owner)),
        )
        for f in blocking
    ]
    head = ("", "check", "what stops go-live", "what to do", "owner")
    areas = [
        tag("span", chip(words.STATUSES[status]), f" {area}")
        for area, status in record.areas.items()
    ]
    return frame(
        f"Verdict on {record.system}",
        verdict,
        record,
        big,
        line(prose(why(record), people)),
        *([table(head, gaps)] if gaps else []),
        line(join(areas, " · ")),
        line(quiet(_validity(record))),
    )


def _validity(record: Assessment) -> str:
    until = (
        f"evidence valid until {words.instant(record.valid_until)}"
        if record.valid_until
        else "no end of validity on record"
    )
    other = (
        f"; without waivers: {record.verdict_without_waivers}"
        if record.verdict_without_waivers != record.verdict
        else ""
    )
    return f"{until}; judged from the ledger up to entry {record.ledger_size}{other}"


_CARDS: Mapping[type[Record], Callable[..., Html]] = {
    AccessDrill: build_cards.access,
    Alert: alert_cards.alert,
    AlertAnswer: alert_cards.answer,
    Assessment: _assessment,
    Attestation: evidence_cards.attestation,
    BillComparison: bill_cards.bill,
    BreachLog: ceiling_cards.breaches,
    CacheOpportunity: saving_cards.cache,
    CaptureMeasurement: log_cards.capture,
    CeilingWatch: ceiling_cards.watch,
    ChallengerResult: challenger_cards.challenger,
    ChangeDecomposition: quality_cards.change,
    ComputeCost: saving_cards.compute,
    ContractMeasurement: rule_cards.contract,
    CostBridge: growth_cards.bridge,
    CostForecast: cost_cards.forecast,
    CoverageMeasurement: evidence_cards.coverage,
    DriftMeasurement: drift_cards.drift,
    FallbackDrill: fallback_cards.fallback,
    FreshnessMeasurement: log_cards.freshness,
    EnvironmentRecord: build_cards.environment,
    GameDayResult: game_day_cards.game_day,
    ImportanceMeasurement: drift_cards.importance,
    GuardrailMeasurement: rule_cards.guardrail,
    IncidentReview: incident_cards.review,
    LoadMeasurement: saving_cards.load,
    OutcomeMeasurement: outcome_cards.outcome,
    PortfolioStatus: portfolio_cards.portfolio,
    ProviderIdentity: provider_cards.provider,
    QualityMeasurement: quality_cards.quality,
    QualityOutcomeLink: outcome_cards.link,
    Reconstruction: log_cards.reconstruction,
    RightSizing: saving_cards.right_sizing,
    RollbackDrill: rollback_cards.rollback,
    RuleMeasurement: rule_cards.rule,
    SavingsMeasurement: saving_cards.savings,
    ServiceLevelMeasurement: level_cards.level,
    SkewMeasurement: drift_cards.skew,
    SpendMeasurement: cost_cards.spend,
    SwapDrill: swap_cards.swap,
    TransitionStatus: transition_cards.transition,
    UnitCost: growth_cards.unit_cost,
    Verification: evidence_cards.verification,
    WeeklyReport: weekly_cards.weekly,
}
