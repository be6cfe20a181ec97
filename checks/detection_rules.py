"""What an output must never be: rules that forbid something, and those that an incident taught."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from ops_model.check.answers import of_this_version
from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    by_tier,
    check,
    counted,
    failed,
    no_file,
    not_applicable,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.contracts import contract_kept
from ops_model.check.measured import FEWEST, counts_enough
from ops_model.check.remedies_served import measure_rules
from ops_model.domain.bounds import at_most
from ops_model.domain.condition import parse
from ops_model.domain.condition_holds import as_written, holds
from ops_model.domain.detection_served import RuleMeasurement
from ops_model.domain.incidents import Incident
from ops_model.domain.signals import BusinessRule, Signals
from ops_model.domain.signals_logged import DataContract


@check(
    "RUL-01",
    question="Does what was served keep to every rule, within its limit?",
    area="detection",
    source=["S0.9"],
    revision=3,
)
def rules_are_kept(
    ctx: Context,
    *,
    max_limit_share: Annotated[float, Field(le=0.2)] = by_tier(0.02, 0.05, 0.1),
    max_age_days: int = 8,
) -> Outcome:
    """A rule that is written and not looked at in what is served protects nobody.

    A rule that blocks lets nothing through, so that its limit is 0; one that warns may have a
    limit of at most `max_limit_share`. Whoever looks back over the past of a rule that an incident
    taught says nothing of today. Where a contract says what the rows of a served log look like,
    its critical expectations have to hold too, and what could not be asked is no pass.
    """
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    active = [rule for rule in signals.rules if rule.active_from <= ctx.today]
    if active:
        kept = [_kept(ctx, rule, max_limit_share, max_age_days) for rule in active]
        held = [contract_kept(ctx, c, max_age_days) for c in _of_served_logs(signals)]
        return all_of([*kept, *held])
    if not signals.rules:
        return _no_rule(signals)
    first = min(rule.active_from for rule in signals.rules)
    return unknown(
        "missing",
        f"no rule is active yet; the first is from {first} on",
        looked_at=[rule.where for rule in signals.rules],
        remedy="the owner makes the rules that hold already active (`active_from` in "
        "signals.yaml)",
    )


@check(
    "RUL-02",
    question="Does each rule have an example of each kind, and judge what was served?",
    area="detection",
    source=["S0.9"],
    revision=2,
)
def rules_have_examples(ctx: Context) -> Outcome:
    """A rule that no example breaks may hold always, and forbid nothing.

    Each example is held against the rule's own condition, here and now.
    """
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    if not signals.rules:
        return _no_rule(signals)
    return all_of([_example_of_each(signals, rule) for rule in signals.rules])


@check(
    "RUL-03",
    question="Did each answer that was right by the model and wrong for us leave a rule?",
    area="detection",
    source=["S1.4"],
    revision=1,
)
def incidents_left_rules(ctx: Context) -> Outcome:
    """The model did what it was told; until the rule is written, it is going to do it again."""
    taught = [i for i in ctx.system.incidents if i.technically_correct and i.has_reached("fixed")]
    if not taught:
        return not_applicable(
            "no incident that was fixed was right by the model and wrong for the business",
            looked_at=[ctx.system.where],
        )
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    return all_of([_left_a_rule(signals, incident) for incident in taught])


def _of_served_logs(signals: Signals) -> list[DataContract]:
    """The contracts of what users got."""
    served = {log.id for log in signals.logs if log.served}
    return [contract for contract in signals.contracts if contract.log in served]


def _no_rule(signals: Signals) -> Outcome:
    return unknown(
        "missing",
        "signals.yaml has no rule, so no output could violate one",
        looked_at=[signals.where],
        remedy="the owner writes what an output must never be under `rules` in signals.yaml, "
        "with an example that is right and one that is wrong",
    )


def _kept(ctx: Context, rule: BusinessRule, max_limit_share: float, max_age_days: int) -> Outcome:
    """Whether what was served lately keeps to one rule."""
    most = 0.0 if rule.severity == "block" else max_limit_share
    if rule.limit_share > Decimal(str(most)):
        return failed(
            f"rule {rule.id} ({rule.severity}) may be broken by {rule.limit_share} of the "
            f"outputs; expected at most {most:g}",
            looked_at=[rule.place_of("limit_share")],
            remedy=f"{rule.owner}, who owns rule {rule.id}, lowers its limit_share in "
            "signals.yaml, or agrees with the owner that it only warns",
        )
    found = of_this_version(
        ctx,
        RuleMeasurement,
        subject=f"rule {rule.id}",
        max_age_days=max_age_days,
        missing=f"no such measurement: whether log {rule.log} keeps to rule {rule.id} is on no "
        "record",
        claim=rule.where,
        remedy=measure_rules(ctx.system),
        matching=lambda m: (m.rule, m.log, m.retro_scan) == (rule.id, rule.log, False),
        ended_within_days=max_age_days,
    )
    if isinstance(found, Outcome):
        return found
    if why := _not_evaluated(rule, found.record):
        return unknown(
            "missing" if found.record.rows else "too_few",
            f"rule {rule.id}: {why}",
            looked_at=[rule.where, found.where],
            remedy=f"{rule.owner}, who owns rule {rule.id}, corrects its expr, its log or its "
            f"examples in signals.yaml; then {measure_rules(ctx.system)}",
        )
    return _within_limit(ctx, rule, found, max_age_days)


def _not_evaluated(rule: BusinessRule, record: RuleMeasurement) -> str:
    """Why the count of a rule says nothing; empty when it does."""
    if record.error is not None:
        return f"it could not be evaluated: {record.error}"
    if not record.rows:
        return f"log {rule.log} has no row of that time"
    if (record.good_passed, record.bad_failed) != (len(rule.good), len(rule.bad)):
        return (
            f"as it was evaluated, {record.good_passed} of {len(rule.good)} right examples keep "
            f"to it and {record.bad_failed} of {len(rule.bad)} wrong ones break it; expected all"
        )
    return ""


def _within_limit(
    ctx: Context, rule: BusinessRule, found: Recorded[RuleMeasurement], max_age_days: int
) -> Outcome:
    """Whether the violations of one rule lie within its limit."""
    record, looked_at = found.record, [rule.where, found.where]
    users = record.users_exposed
    values = {rule.id: record.violations, **({f"{rule.id} users": users} if users else {})}
    whom = ""
    if users is not None and users.value is not None:
        whom = f", before {said(users)}" if users.unit == "users" else (
            f", in {counted(round(users.value), 'request')}"
        )  # fmt: skip
    count = round((record.violations.value or 0.0) * record.rows)
    broken = (
        f"rule {rule.id} ({rule.severity}): {count:,} of {counted(record.rows, 'row')} break it, "
        f"{said(record.violations)}{whom}; expected at most {float(rule.limit_share):g}"
    )
    limit = float(rule.limit_share)
    # Every row was looked at, so that none is none; no interval ever reaches a limit of nothing.
    none = limit == 0 and record.violations.value == 0
    kept = True if none else at_most(record.violations, limit)
    if kept is False:
        return failed(
            broken,
            looked_at=looked_at,
            remedy=f"{rule.owner}, who owns rule {rule.id}, has such outputs stopped before they "
            "are served, and those who got them told, as decisions.yaml says who may",
            values=values,
        )
    if kept is None or record.rows < FEWEST or not counts_enough(record.violations):
        return unknown(
            "too_few",
            f"{broken}, which cannot be told from that: expected at least {FEWEST} rows",
            looked_at=looked_at,
            remedy=measure_rules(ctx.system),
            values=values,
        )
    return passed(
        broken,
        looked_at=looked_at,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _example_of_each(signals: Signals, rule: BusinessRule) -> Outcome:
    """Whether one rule can be seen to forbid something, in what was served."""
    log = signals.log(rule.log)
    faults = [
        fault
        for there, fault in (
            (not rule.good, "no example is right by it (good)"),
            (not rule.bad, "no example is wrong by it (bad)"),
            (log is None, f"its log {rule.log} is not in signals.yaml"),
            (
                log is not None and not log.served,
                f"it judges log {rule.log}, which holds {log.holds if log else ''} and not what "
                "was served",
            ),
        )
        if there
    ]
    faults += _misjudged(rule)
    looked_at = [rule.where, *([log.where] if log else [])]
    if faults:
        return failed(
            f"rule {rule.id}: {'; '.join(faults)}",
            looked_at=looked_at,
            remedy=f"{rule.owner}, who owns rule {rule.id}, completes it in signals.yaml",
        )
    return passed(
        f"rule {rule.id}: {len(rule.good)} right and {len(rule.bad)} wrong by it, over {rule.log}",
        looked_at=looked_at,
    )


def _misjudged(rule: BusinessRule) -> list[str]:
    """The examples of which the rule's own condition says something else, as text."""
    condition = parse(rule.expr)
    faults = []
    for wanted, kind, examples in ((True, "good", rule.good), (False, "bad", rule.bad)):
        for position, example in enumerate(examples):
            try:
                answer = holds(condition, as_written(condition, example))
            except ValueError as error:
                faults.append(f"{kind}[{position}] cannot be held against it: {error}")
                continue
            if answer is not wanted:
                faults.append(f"{kind}[{position}] {_TOLD[answer]}")
    return faults


_TOLD = {
    True: "keeps to it",
    False: "breaks it",
    None: "leaves it open, since a value is missing",
}


def _left_a_rule(signals: Signals, incident: Incident) -> Outcome:
    """Whether one incident was turned into a rule with an example of it."""
    rules = signals.taught_by(incident.id)
    where = incident.place_of("technically_correct")
    if not rules or not any(rule.bad for rule in rules):
        got = "has no example that is wrong by it" if rules else "was never written"
        return failed(
            f"incident {incident.id} was right by the model and wrong for the business, and its "
            f"rule {got}",
            looked_at=[where, *(rule.where for rule in rules)],
            remedy=f"the owner writes the rule in signals.yaml with `incident: {incident.id}`, "
            "origin incident, and the case itself as a bad example",
        )
    return passed(
        f"incident {incident.id} left {', '.join(rule.id for rule in rules)}",
        looked_at=[where, *(rule.where for rule in rules)],
    )
