"""What was shown of logs, rules, objectives and drills of a system in order; see `builders`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ops_model.domain.detection_served import (
    AnsweredQuestion,
    CaptureMeasurement,
    ContractMeasurement,
    ExpectationResult,
    FreshnessMeasurement,
    GuardrailMeasurement,
    ModelSeen,
    ProviderIdentity,
    Reconstruction,
    RuleMeasurement,
)
from ops_model.domain.evidence import Attestation, Measured, Record
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.service_levels import BurnRate, ServiceLevelMeasurement
from ops_model.domain.values import Window
from tests import builders
from tests.builders import AS_OF, exact, refs_of

QUESTIONS = ("went_in", "came_out", "purpose", "got_what_we_wanted")


def between(low: float, high: float, n: int = 1000, unit: str = "share") -> Measured:
    return Measured(value=(low + high) / 2, unit=unit, n=n, low=low, high=high)


def counted(value: float, n: int = 1000) -> Measured:
    """A share that was counted over all rows."""
    return exact(value, "share", n)


def _of(system: SystemClaims, *areas: str) -> dict[str, Any]:
    return {"system": system.id, "as_of": AS_OF, "claims": refs_of(system, *areas)}


def a_capture(system: SystemClaims, **changes: Any) -> CaptureMeasurement:
    values = {
        **_of(system, "signals"),
        "log": "served",
        "rows": 1000,
        "fields": {f: counted(0.995) for f in ("input", "output", "intent", "outcome")},
        "outcome_join": counted(0.97),
    }
    return CaptureMeasurement(**{**values, **changes})


def a_reconstruction(system: SystemClaims, **changes: Any) -> Reconstruction:
    values = {
        **_of(system, "signals"),
        "log": "served",
        "sampled": 50,
        "questions": tuple(
            AnsweredQuestion(question=q, answered=between(0.93, 1.0, 50), query=f"ask {q}")
            for q in QUESTIONS
        ),
    }
    return Reconstruction(**{**values, **changes})


def a_rule_measurement(system: SystemClaims, **changes: Any) -> RuleMeasurement:
    values = {
        **_of(system, "signals"),
        "rule": "share-is-a-share",
        "log": "served",
        "rows": 1000,
        "violations": counted(0.0),
        "good_passed": 1,
        "bad_failed": 1,
    }
    return RuleMeasurement(**{**values, **changes})


def a_contract(system: SystemClaims, **changes: Any) -> ContractMeasurement:
    """What a suite of one critical expectation said of a day on which it held."""
    held = ExpectationResult(
        type="expect_column_values_to_not_be_null", column="score", severity="critical",
        state="PASS", bad=counted(0.0),
    )  # fmt: skip
    values = {
        **_of(system, "signals"),
        "contract": "scores",
        "log": "served",
        "suite": "sha256:" + "a" * 64,
        "library": "great-expectations 1.24",
        "window": Window(start=AS_OF - timedelta(days=1), end=AS_OF),
        "rows": 1000,
        "rows_of_day": 1000,
        "results": (held,),
    }
    return ContractMeasurement(**{**values, **changes})


def a_freshness(system: SystemClaims, **changes: Any) -> FreshnessMeasurement:
    """A feed whose newest row is half an hour old."""
    values = {
        **_of(system, "signals"),
        "feed": "weather",
        "window": Window(start=AS_OF - timedelta(days=28), end=AS_OF),
        "newest_age": exact(30, "minutes", 1000),
        "longest_gap": exact(60, "minutes", 1000),
        "worst_notice_hours": 2.5,
    }
    return FreshnessMeasurement(**{**values, **changes})


def a_level(system: SystemClaims, **changes: Any) -> ServiceLevelMeasurement:
    """The availability, of whose budget half is left."""
    values = {
        **_of(system, "service_levels"),
        "objective": "answers",
        "target": 0.99,
        "window": Window(start=AS_OF - timedelta(days=28), end=AS_OF),
        "good": counted(0.995),
        "budget_left": counted(0.5),
        "burn": (BurnRate(hours=1, rate=exact(0.5, "times", 40), limit=14.4),),
    }
    return ServiceLevelMeasurement(**{**values, **changes})


def an_identity(system: SystemClaims, **changes: Any) -> ProviderIdentity:
    """What a provider named `vendor` serves, which is what was agreed."""
    values = {
        **_of(system, "identity"),
        "dependency": "vendor",
        "pinned": "large-2013-01",
        "seen": (ModelSeen(model="large-2013-01", requests=900),),
        "canary": between(0.01, 0.05, 400),
        "noise_floor": between(0.01, 0.04, 400),
        "changed": False,
    }
    return ProviderIdentity(**{**values, **changes})


def a_guardrail(system: SystemClaims, scope: str, **changes: Any) -> GuardrailMeasurement:
    """What the version that serves made of a suite that is called as its scope."""
    values = {
        **_of(system, "signals"),
        "suite": scope.replace("_", "-"),
        "scope": scope,
        "version": "v2",
        "items_digest": "sha256:" + "e" * 64,
        "passed": between(0.96, 0.99, 200),
    }
    return GuardrailMeasurement(**{**values, **changes})


def a_reading(system: SystemClaims, person: str, **changes: Any) -> Attestation:
    """A person looked up a request in the logs, in forty seconds."""
    seconds = Measured(value=40.0, unit="s", n=1, no_interval="single timing")
    values = {
        "action": "query_logs",
        "as_of": AS_OF - timedelta(days=4),
        "text": "I found one answer of today.",
        "seconds": seconds,
    }
    return builders.an_access(system, person, **{**values, **changes})


def earlier_drills(system: SystemClaims) -> tuple[FallbackDrill, ...]:
    """An outage of eight hours is expected more than twice in a quarter: 6 h a month, 91 days."""
    return tuple(
        builders.a_fallback_drill(
            system, as_of=AS_OF - timedelta(days=days), done_at=AS_OF - timedelta(days=days)
        )
        for days in (70, 40)
    )


def records(system: SystemClaims) -> tuple[Record, ...]:
    """What those checks ask to be shown of what the system claims."""
    return (*_of_signals(system), *_of_objectives(system), *_by_people(system))


def _of_signals(system: SystemClaims) -> Iterator[Record]:
    signals = system.signals
    if signals is None:
        return
    if (log := signals.served) is not None:
        yield a_capture(system, log=log.id)
        yield a_reconstruction(system, log=log.id)
    for rule in signals.rules:
        yield a_rule_measurement(
            system,
            rule=rule.id,
            log=rule.log,
            good_passed=len(rule.good),
            bad_failed=len(rule.bad),
        )
    for contract in signals.contracts:
        yield a_contract(system, contract=contract.id, log=contract.log)
    for feed in signals.feeds:
        if feed.log is not None:
            yield a_freshness(system, feed=feed.id, worst_notice_hours=feed.worst_notice_hours)


def _of_objectives(system: SystemClaims) -> Iterator[Record]:
    levels = system.service_levels
    for objective in levels.objectives if levels is not None else ():
        yield a_level(
            system,
            objective=objective.id,
            target=float(objective.target),
            good=counted(float(1 - (1 - objective.target) / 2)),
            burn=tuple(
                BurnRate(hours=a.lookback_hours, rate=exact(0.5, "times", 40), limit=a.burn_rate)
                for a in objective.alerts
            ),
        )


def _by_people(system: SystemClaims) -> Iterator[Record]:
    rota = system.on_call
    for person in rota.rostered("primary", AS_OF) if rota is not None else ():
        yield a_reading(system, person)
    yield from earlier_drills(system)
