"""What an output must never be: rules that forbid something, and those that an incident taught."""

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
from ops_model.domain.incidents import Incident
from ops_model.domain.signals import (
    BusinessRule,
    Signals,
)

SERVED = ("predictions", "judged_answers")
"""What a log may hold for a rule over it to be about what users got."""


@check(
    "RUL-02",
    question="Does each rule have an example of each kind, and judge what was served?",
    area="detection",
    source=["S0.9"],
    revision=1,
)
def rules_have_examples(ctx: Context) -> Outcome:
    """A rule that no example breaks may hold always, and forbid nothing."""
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    if not signals.rules:
        return unknown(
            "missing",
            "signals.yaml has no rule, so no output could violate one",
            looked_at=[signals.where],
            remedy="the owner writes what an output must never be under `rules` in signals.yaml, "
            "with an example that is right and one that is wrong",
        )
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


def _example_of_each(signals: Signals, rule: BusinessRule) -> Outcome:
    """Whether one rule can be seen to forbid something, in what was served."""
    log = signals.log(rule.log)
    faults = [
        fault
        for holds, fault in (
            (not rule.good, "no example is right by it (good)"),
            (not rule.bad, "no example is wrong by it (bad)"),
            (log is None, f"its log {rule.log} is not in signals.yaml"),
            (
                log is not None and log.holds not in SERVED,
                f"it judges log {rule.log}, which holds {log.holds if log else ''} and not what "
                "was served",
            ),
        )
        if holds
    ]
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


def _left_a_rule(signals: Signals, incident: Incident) -> Outcome:
    """Whether one incident was turned into a rule with an example of it."""
    rules = [r for r in signals.rules if (r.origin, r.incident) == ("incident", incident.id)]
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
