"""Half a sentence for each kind of record beyond those of every weekly run."""

from collections.abc import Callable, Mapping

from ops_model.domain.alerts import Alert, AlertAnswer
from ops_model.domain.detection import (
    ChangeDecomposition,
    ImportanceMeasurement,
    OutcomeMeasurement,
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
from ops_model.domain.evidence import Record
from ops_model.domain.exposure import IncidentReview
from ops_model.domain.portfolio_status import PortfolioStatus
from ops_model.domain.service_levels import ServiceLevelMeasurement
from ops_model.domain.sign_off import ReviewPack, SignOff, SignOffRevoked
from ops_model.domain.spend import CeilingAlert, CeilingAnswer, RouteTest
from ops_model.domain.trials import (
    AccessDrill,
    ChallengerResult,
    EnvironmentRecord,
    GameDayResult,
    Reproduction,
    SwapDrill,
)
from ops_model.domain.weekly import WeeklyReport
from ops_model.site import words
from ops_model.site.log_cards import not_kept
from ops_model.site.told_cost import TELL_COST
from ops_model.site.weekly_words import since_in_short, sum_look
from ops_model.site.words import signed


def _capture(record: CaptureMeasurement) -> str:
    low = [f for f, m in record.fields.items() if m.value is not None and m.value < 1]
    parts = (
        (not_kept(record), "not kept at all"), (low, "not in every row"),
    )  # fmt: skip
    lacking = [f"{', '.join(fields)} {how}" for fields, how in parts if fields]
    held = ", ".join(lacking) or "every field in every row"
    return f"Log {record.log}: {held}, outcome joined for {words.value(record.outcome_join)}"


def _challenger(record: ChallengerResult) -> str:
    verdict = record.verdict.replace("non_inferior", "no worse")
    by = words.full(record.difference, unit=words.signed(record.difference.unit))
    return f"Challenger of {record.request}: {verdict}, {by}"


def _access(record: AccessDrill) -> str:
    vain = [f"{a.action.replace('_', ' ')} ({a.why})" for a in record.attempts if not a.ok]
    worked = f"{len(record.attempts) - len(vain)} of {len(record.attempts)} worked"
    return f"Own access tried: {worked}{', not ' if vain else ''}{', '.join(vain)}"


def _environment(record: EnvironmentRecord) -> str:
    tests = {None: "no tests seen", True: "tests passed", False: "tests did not pass"}
    again = {None: "none", True: "equal", False: "not equal"}
    return (
        f"Build of {record.version}: {tests[record.ci_passed]}, second build "
        f"{again[record.rebuilt_alike]}"
    )


def _freshness(record: FreshnessMeasurement) -> str:
    age = record.newest_age
    newest = "no row at all" if age.value is None else f"newest row {words.full(age)} old"
    known = f"a break known after {words.number(record.worst_notice_hours)} h at worst"
    return f"Feed {record.feed}: {newest}, {known}"


def _game_day(record: GameDayResult) -> str:
    gaps = words.plural(len(record.gaps), "gap")
    return f"Game day {record.scenario}: {gaps} in {words.plural(record.steps, 'step')}"


def _incident(record: IncidentReview) -> str:
    reached = f", {words.value(record.decisions)} exposed" if record.decisions else ""
    return f"Incident {record.incident} looked at afterwards{reached}"


def _portfolio(record: PortfolioStatus) -> str:
    systems = words.plural(len(record.systems), "system")
    return (
        f"Portfolio of {systems}: {record.had_strategy} had a strategy, {record.had_plan} an "
        "operations plan"
    )


def _provider(record: ProviderIdentity) -> str:
    others = any(one.model != record.pinned for one in record.seen)
    if record.changed and record.since is not None and not others:
        now = f"the agreed name, other answers than agreed since {words.day(record.since)}"
    elif record.changed:
        now = "another model answers"
    else:
        now = "the agreed model answers"
    otherwise = (
        "" if record.canary is None else f", {words.full(record.canary)} answered otherwise"
    )
    return f"Provider {record.dependency}: {now}{otherwise}"


def _reconstruction(record: Reconstruction) -> str:
    answered = sum((q.answered.value or 0) >= 1 for q in record.questions)
    return f"{answered} of {len(record.questions)} questions answered for each looked-up decision"


def _reproduction(record: Reproduction) -> str:
    same = "equal" if record.equal else f"{len(record.differing)} of them differ"
    stem, records = words.notebook_name(record.notebook), words.plural(record.records, "record")
    return f"Run of {stem} done again: {records}, {same}"


def _route(record: RouteTest) -> str:
    got = "arrived" if record.delivered else "did not arrive"
    answered = "answered" if record.acknowledged_by else "not answered"
    return f"Trial alert over {record.route}: {got}, {answered}"


def _alert(record: CeilingAlert) -> str:
    got = "told" if record.delivered else "not told"
    return f"Ceiling {record.ceiling} {record.state} on {record.about}: {got} over {record.route}"


def _concerns(record: Alert) -> str:
    got = "told" if record.delivered else "not told"
    over = ", which is over," if record.over else ""
    first = f"{record.concerns[0].kind} {record.concerns[0].about}"
    more = f" and {len(record.concerns) - 1} more" if len(record.concerns) > 1 else ""
    return f"Alert of {first}{more}{over} {got} over {record.route}"


def _answer(record: CeilingAnswer) -> str:
    if record.accepted:
        return f"Ceiling {record.ceiling}: {record.about} above it accepted"
    did = record.action.replace("_", " ") if record.action else "the alert arrived"
    return f"Ceiling {record.ceiling} of {record.about}: {did}"


def _rule(record: RuleMeasurement) -> str:
    if record.error is not None:
        return f"Rule {record.rule} could not be evaluated"
    span = "ever served" if record.retro_scan else "of the last days"
    share = words.full(record.violations)
    if not record.rows:
        return f"Rule {record.rule}: no row {span} to look at"
    return f"Rule {record.rule}: broken by {share} of the rows {span}"


def _contract(record: ContractMeasurement) -> str:
    if record.error is not None:
        return f"Contract {record.contract} could not be judged"
    states = [result.state for result in record.results]
    return (
        f"Contract {record.contract}: {states.count('PASS')} of {len(states)} hold, "
        f"{states.count('ERROR')} could not be asked"
    )


def _level(record: ServiceLevelMeasurement) -> str:
    left = record.budget_left
    if left.value is None:
        budget = "what is left of its error budget is unknown"
    elif left.value < 0:
        budget = f"its error budget overspent by {words.amount(-left.value, left.unit)}"
    else:
        budget = f"{words.value(left)} of its error budget left"
    target = words.amount(record.target, "share")
    return f"Objective {record.objective}: {words.full(record.good)}, target {target}, {budget}"


def _sign_off(record: SignOff) -> str:
    return f"Sign-off of {record.seat}: {words.DECISIONS[record.decision].word}"


def _skew(record: SkewMeasurement) -> str:
    moved = sum(column.drifted for column in record.columns)
    columns = words.plural(len(record.columns), "column")
    return f"Training against serving of {record.version}: {moved} of {columns} differ"


def _swap(record: SwapDrill) -> str:
    word = "passed" if record.passed else "failed"
    models = f"{record.from_model} to {record.to_model}"
    return f"Swap drill {word}: {models} in {words.value(record.seconds)}"


def _weekly(record: WeeklyReport) -> str:
    parts = ", ".join(f"{one.name} {sum_look(one).word}" for one in record.parts)
    worse = words.plural(len(record.worse), "slow sign")
    return f"Week: {parts}; {since_in_short(record)}; {worse} worsening"


TELL_MORE: Mapping[type[Record], Callable[..., str]] = {
    AccessDrill: _access,
    Alert: _concerns,
    AlertAnswer: lambda r: f"Alert of {', '.join(r.concerns)} answered",
    CaptureMeasurement: _capture,
    CeilingAlert: _alert,
    CeilingAnswer: _answer,
    ChallengerResult: _challenger,
    ChangeDecomposition: lambda r: (
        f"Change of {r.metric} by segment: {words.full(r.change, unit=signed(r.change.unit))}"
    ),
    ContractMeasurement: _contract,
    EnvironmentRecord: _environment,
    FreshnessMeasurement: _freshness,
    GameDayResult: _game_day,
    GuardrailMeasurement: lambda r: f"Guardrail {r.suite}: {words.full(r.passed)} answered right",
    ImportanceMeasurement: lambda r: (
        f"Weight of the features against before: rank correlation {words.full(r.rank_correlation)}"
    ),
    IncidentReview: _incident,
    OutcomeMeasurement: lambda r: (
        f"Outcome {r.outcome}: {words.full(r.change, unit=signed(r.change.unit))} towards the goal"
    ),
    PortfolioStatus: _portfolio,
    ProviderIdentity: _provider,
    QualityOutcomeLink: lambda r: (
        f"Quality and {r.outcome}: correlation {words.full(r.correlation)}"
    ),
    Reconstruction: _reconstruction,
    Reproduction: _reproduction,
    RouteTest: _route,
    RuleMeasurement: _rule,
    ServiceLevelMeasurement: _level,
    ReviewPack: lambda r: f"Review pack of {r.label}: {r.verdict}, the review's own checks aside",
    SignOff: _sign_off,
    SignOffRevoked: lambda r: f"Sign-off of {r.seat} taken back",
    SkewMeasurement: _skew,
    SwapDrill: _swap,
    WeeklyReport: _weekly,
    **TELL_COST,
}
"""How each of these is told."""
