"""What the objects answer about what was served: rules, feeds, refusals, the provider's model."""

from ops_model.domain.bounds import at_least, at_most
from ops_model.domain.detection_served import (
    GuardrailMeasurement,
    ProviderIdentity,
    RuleMeasurement,
)
from ops_model.domain.outside import calls_a_model
from ops_model.domain.resolve import answered, day, gap, in_date, limit, no_file, not_asked
from ops_model.domain.resolving import Answer
from ops_model.domain.signals import BusinessRule
from ops_model.domain.signals_watched import GuardrailSuite
from ops_model.domain.system import Dependency, is_alias
from ops_model.domain.walk_scene import Scene, span
from ops_model.domain.wording import said

_SCOPES = ("in_scope", "out_of_scope", "jailbreak")


def feed_missed(scene: Scene) -> Answer:
    """When somebody is told that data stays away, if it stops on a Friday night."""
    feeds, identity = scene.signals.feeds, scene.system.identity
    outside = any(d.kind == "data_feed" for d in identity.dependencies)
    if not feeds and (outside or identity.kind == "predictive"):
        return gap("no feed is named, so nobody knows when data that stays away is missed",
                   "OBS-04", scene.place("signals"))  # fmt: skip
    if not feeds:
        return not_asked(f"kind {identity.kind}, and no data feed is named", identity.where)
    most = limit(scene, "OBS-04", "max_hours")
    late = [f for f in feeds if not f.alert_route or f.worst_notice_hours > most]
    lines = [
        f"{f.id}: {f'“{f.alert_route}”' if f.alert_route else 'nobody'} is told after "
        f"{span(round(f.worst_notice_hours * 60))} at worst, on {f.watched.replace('_', ' ')}"
        for f in feeds
    ]
    allowed = f"; at most {most:g} h are allowed" if late else ""
    return gap(f"{'; '.join(lines)}{allowed}", "OBS-04" if late else "",
               *(f.where for f in feeds))  # fmt: skip


def rule_for_it(scene: Scene) -> Answer:
    """Which rules are written, each with an answer that it forbids."""
    rules = scene.signals.rules
    if not rules:
        return gap("no rule is written, so nothing that is served could break one", "RUL-02",
                   scene.place("signals"))  # fmt: skip
    vain = [r.id for r in rules if not (r.good and r.bad) or not _of_served(scene, r)]
    lines = tuple(f"{r.id}: {r.severity}, {r.owner} owns it" for r in rules)
    text = "; ".join(f"{r.id}: {r.statement.rstrip('.')}" for r in rules)
    text += f"; {', '.join(vain)} lacks an example, or judges no served log" if vain else ""
    return gap(text, "RUL-02" if vain else "", *(r.where for r in rules), details=lines)


def _of_served(scene: Scene, rule: BusinessRule) -> bool:
    log = scene.signals.log(rule.log)
    return log is not None and log.served


def rule_on_served(scene: Scene) -> Answer:
    """Whether each active rule was held against what was served lately, and how often it broke."""
    today = day(scene)
    active = [r for r in scene.signals.rules if r.active_from <= today]
    if not active:
        return gap("no rule is active", "RUL-01", scene.place("signals"))
    told = [_held(scene, rule) for rule in active]
    check = next((a.check for a in told if a.check), "")
    places = dict.fromkeys(p for a in told for p in a.looked_at)
    return gap("; ".join(a.text for a in told), check, *places)


def _held(scene: Scene, rule: BusinessRule) -> Answer:
    found = in_date(
        scene, RuleMeasurement, "RUL-01", claim=rule.where,
        missing=f"{rule.id} was never held against {rule.log}",
        matching=lambda m: (m.rule, m.log, m.retro_scan) == (rule.id, rule.log, False),
    )  # fmt: skip
    if isinstance(found, Answer):
        return found
    record, place = found
    if record.error is not None:
        return gap(f"{rule.id} could not be evaluated", "RUL-01", rule.where, place)
    most = float(rule.limit_share)
    none = most == 0 and record.violations.value == 0
    broken = not none and at_most(record.violations, most) is False
    text = f"{rule.id}: {said(record.violations)} break it, limit {most:g}"
    return gap(text, "RUL-01" if broken else "", rule.where, place)


def rule_missing(scene: Scene) -> Answer:
    """Which incidents were right by the model and wrong for us, and what rule each left."""
    taught = [i for i in scene.system.incidents if i.technically_correct
              and i.detected_at <= scene.at and i.has_reached("fixed")]  # fmt: skip
    if not taught:
        return answered(
            "no incident on record was right by the model and wrong for the business; the rule "
            "would go to signals.yaml, `rules`, origin incident",
            scene.place("signals"),
        )
    none = [i for i in taught if not any(r.bad for r in scene.signals.taught_by(i.id))]
    lines = [
        f"{i.id}: {', '.join(r.id for r in scene.signals.taught_by(i.id)) or 'no rule'}"
        for i in taught
    ]
    return gap("; ".join(lines), "RUL-03" if none else "", *(i.where for i in taught))


def how_often(scene: Scene) -> Answer:
    """How often each rule that an incident taught was broken before it was written."""
    taught = [r for r in scene.signals.rules if r.origin == "incident"]
    if not taught:
        return answered(
            "no rule that an incident taught is written yet; once it is, "
            f"`ops-model run 05_drift_quality {scene.system.id}` counts back to the first answer",
            scene.place("signals"),
        )
    told = [_looked_back(scene, rule) for rule in taught]
    check = next((a.check for a in told if a.check), "")
    places = dict.fromkeys(p for a in told for p in a.looked_at)
    return gap("; ".join(a.text for a in told), check, *places)


def _looked_back(scene: Scene, rule: BusinessRule) -> Answer:
    back = scene.latest(RuleMeasurement, lambda m: m.retro_scan and m.rule == rule.id)
    if back is not None:
        record, place = back
        count = round((record.violations.value or 0.0) * record.rows)
        return answered(f"{rule.id}: {count:,} of {record.rows:,} rows ever served break it, as "
                        f"counted on {record.as_of.date()}", rule.where, place)  # fmt: skip
    lately = _held(scene, rule)
    return gap(f"{rule.id}: the time before it was written was never counted; {lately.text}",
               lately.check, *lately.looked_at)  # fmt: skip


def refuses(scene: Scene) -> Answer:
    """What it must refuse and take, and how often this version did."""
    identity, suites = scene.system.identity, scene.signals.guardrails
    if not calls_a_model(identity) and not suites:
        return not_asked(f"kind {identity.kind}: nobody can ask it another question",
                         identity.place_of("kind"))  # fmt: skip
    if scene.system.signals is None:
        return no_file(scene, "signals", "RUL-04")
    there = {suite.scope for suite in suites}
    lacking = [s for s in _SCOPES if s not in there] if calls_a_model(identity) else []
    told = [_tried(scene, suite) for suite in suites]
    texts = [f"no suite is {', '.join(lacking)}"] if lacking else []
    texts += [a.text for a in told]
    open_ones = bool(lacking) or any(a.check for a in told)
    places = dict.fromkeys(p for a in told for p in a.looked_at)
    return gap("; ".join(texts), "RUL-04" if open_ones else "",
               *(places or [scene.place("signals")]))  # fmt: skip


def _tried(scene: Scene, suite: GuardrailSuite) -> Answer:
    label = scene.system.identity.version.label
    found = in_date(
        scene, GuardrailMeasurement, "RUL-04", claim=suite.where,
        missing=f"{label} was never tried on {suite.id}",
        matching=lambda m: (m.suite, m.scope, m.version) == (suite.id, suite.scope, label),
    )  # fmt: skip
    if isinstance(found, Answer):
        return found
    record, place = found
    below = at_least(record.passed, float(suite.floor)) is False
    text = f"{suite.id} ({suite.scope}): {said(record.passed)} as it must, floor {suite.floor}"
    return gap(text, "RUL-04" if below else "", suite.where, place)


def _providers(scene: Scene) -> list[Dependency]:
    return [d for d in scene.system.identity.dependencies if d.kind == "model_provider"]


def _no_provider(scene: Scene, check: str) -> Answer:
    """What is said where no provider is named: a model that is called is somebody's."""
    identity = scene.system.identity
    place, version = identity.place_of("dependencies"), identity.version
    # A system that calls a model may call one of its own, which its digest says.
    theirs = version.provider_model_id is not None or (
        calls_a_model(identity) and version.model_digest is None
    )
    if theirs:
        return gap("it calls a model, and nobody is named who serves it", check, place)
    return not_asked(f"{version.label} is a model of our own; no provider serves one", place)


def model_pinned(scene: Scene) -> Answer:
    """Which exact model was agreed with each provider, and how long ahead a change is told."""
    providers = _providers(scene)
    if not providers:
        return _no_provider(scene, "OBS-06")
    loose = [d.id for d in providers if d.pinned_id is None or is_alias(d.pinned_id)]
    lines = []
    for d in providers:
        days = d.deprecation_notice_days
        notice = f"{days} days' notice" if days is not None else "no notice is agreed"
        by = f" by {d.contract_ref}" if d.contract_ref else ", and no contract is named"
        lines.append(f"{d.id}: {d.pinned_id or 'nothing is pinned'}, {notice}{by}")
    text = "; ".join(lines)
    text += f"; {', '.join(loose)} may serve any model" if loose else ""
    return gap(text, "OBS-06" if loose else "", *(d.place_of("pinned_id") for d in providers))


def fixed_questions(scene: Scene) -> Answer:
    """What the fixed questions and the answers' own account said of the model behind each."""
    providers = _providers(scene)
    if not providers:
        return _no_provider(scene, "OBS-06")
    told = [_asked_again(scene, d) for d in providers]
    check = next((a.check for a in told if a.check), "")
    places = dict.fromkeys(p for a in told for p in a.looked_at)
    return gap("; ".join(a.text for a in told), check, *places)


def _asked_again(scene: Scene, provider: Dependency) -> Answer:
    asked = any(c.dependency == provider.id for c in scene.signals.canaries)
    how = "fixed questions are asked" if asked else "no fixed questions are asked"
    found = in_date(
        scene, ProviderIdentity, "OBS-06", claim=provider.where,
        missing=f"{provider.id}: {how}, and which model answers is on no record",
        matching=lambda seen: seen.dependency == provider.id,
    )  # fmt: skip
    if isinstance(found, Answer):
        return found
    record, place = found
    names = ", ".join(m.model for m in record.seen) or "no model by name"
    differ = f", {said(record.canary)} of the fixed answers differ" if record.canary else ""
    text = f"{provider.id}: on {record.as_of.date()} {names} answered{differ}"
    other = record.changed or any(
        m.requests and m.model != provider.pinned_id for m in record.seen
    )
    text += f"; agreed is {provider.pinned_id}" if other else ""
    return gap(text, "OBS-06" if other else "", provider.where, place)
