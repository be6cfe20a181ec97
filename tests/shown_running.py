"""Records that a system in order has, for one part of the checks; see `builders`.

They follow what the claims name (each route, unit, incident and scenario), so that they show
everything about any system whose claims are in order.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ops_model.domain.evidence import Attestation, Measured, Record
from ops_model.domain.exposure import IncidentReview, WasItThere
from ops_model.domain.incidents import Incident
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.savings import LoadMeasurement
from ops_model.domain.spend import (
    BreachLog,
    BridgeBar,
    CeilingBreach,
    CeilingState,
    CeilingWatch,
    CostBridge,
    CostForecast,
    RouteTest,
    UnitCost,
)
from ops_model.domain.trials import (
    ChallengerResult,
    EnvironmentRecord,
    GameDayResult,
    SwapDrill,
)
from ops_model.domain.values import claim_digest, digest_of
from tests.builders import AS_OF, an_access, an_attestation, exact, refs_of

LAST_WEEK = AS_OF - timedelta(days=7)


def records(system: SystemClaims) -> tuple[Record, ...]:
    """What those checks ask to be shown."""
    return (
        *_of_cost(system),
        *_of_capacity(system),
        *(a_review(system, incident) for incident in system.incidents),
        *_of_game_days(system),
        an_environment(system),
        *_by_hand(system),
    )


def _of_cost(system: SystemClaims) -> Iterator[Record]:
    plan = system.cost
    if plan is None:
        return
    routes = {c.alert_route: c.owner for c in plan.ceilings if c.alert_route is not None}
    yield from (a_route_test(system, route=r, acknowledged_by=o) for r, o in routes.items())
    if plan.pilot_assumption is not None:
        yield a_bridge(system)
    if plan.ceilings:
        yield a_watch(system)
    daily = [c.id for c in plan.ceilings if c.per == "day"]
    yield from (a_forecast(system, ceiling=ceiling) for ceiling in daily)
    for unit in plan.units:
        limits = [float(m.amount) for m in (unit.target_cost, unit.value) if m is not None]
        if limits:
            yield a_unit_cost(system, unit=unit.id, cost_per_success=dollars(min(limits) * 0.8))


def _of_capacity(system: SystemClaims) -> Iterator[Record]:
    """What came at the busiest time, a tenth below what the plan says."""
    levels = system.service_levels
    if levels is not None and levels.capacity is not None:
        yield a_load(system, peak=levels.capacity.peak_requests_per_second * 0.9)


def _of_game_days(system: SystemClaims) -> Iterator[Record]:
    named = dict.fromkeys(s for mode in system.identity.failure_modes for s in mode.scenarios)
    for scenario in named:
        day = a_game_day(system, scenario=scenario)
        yield day
        yield from (attending(system, day, person) for person in _two(system))


def _by_hand(system: SystemClaims) -> Iterator[Record]:
    """Whoever may be paged has overridden an output."""
    rota = system.on_call
    people = rota.rostered("primary", AS_OF) if rota is not None else ()
    yield from (an_access(system, person, action="override_output") for person in people)


def _two(system: SystemClaims) -> tuple[str, ...]:
    owned = system.ownership
    found = (owned.accountable, owned.domains.reliability) if owned is not None else ()
    return tuple(person for person in found if person is not None)


def dollars(value: float, n: int = 1000) -> Measured:
    return Measured(value=value, unit="USD", n=n, low=value * 0.95, high=value * 1.05)


def a_route_test(system: SystemClaims, **changes: Any) -> RouteTest:
    values = {
        "system": system.id,
        "as_of": LAST_WEEK,
        "claims": refs_of(system, "cost"),
        "route": "pager",
        "sent_at": LAST_WEEK,
        "delivered": True,
        "acknowledged_by": "ed-fin",
        "seconds": Measured(value=95.0, unit="s", n=1, no_interval="single timing"),
    }
    return RouteTest(**{**values, **changes})


def a_breach_log(system: SystemClaims, *breaches: CeilingBreach, **changes: Any) -> BreachLog:
    values = {
        "system": system.id,
        "as_of": AS_OF,
        "claims": refs_of(system, "cost"),
        "days": 91,
        "breaches": breaches,
    }
    return BreachLog(**{**values, **changes})


def a_breach(**changes: Any) -> CeilingBreach:
    """A day above the ceiling: told after four minutes, throttled after ten."""
    crossed = AS_OF - timedelta(days=3)
    values = {
        "day": crossed.date(),
        "ceiling": "daily",
        "crossed_at": crossed,
        "told_at": crossed + timedelta(minutes=4),
        "action": "throttle",
        "action_at": crossed + timedelta(minutes=10),
    }
    return CeilingBreach(**{**values, **changes})


def a_watch(system: SystemClaims, *states: CeilingState, **changes: Any) -> CeilingWatch:
    """Every ceiling at the instant that judges, a tenth of it spent; or these states."""
    ceilings = system.cost.ceilings if system.cost is not None else ()
    values = {
        "system": system.id,
        "as_of": AS_OF,
        "claims": refs_of(system, "cost"),
        "currency": "USD",
        "newest_row": AS_OF - timedelta(hours=1),
        "data_age_minutes": exact(60, "minutes"),
        "ceilings": states or tuple(a_state(system, ceiling.id) for ceiling in ceilings),
    }
    return CeilingWatch(**{**values, **changes})


def a_state(system: SystemClaims, ceiling_id: str, **changes: Any) -> CeilingState:
    """How one ceiling stands: a tenth of it is spent."""
    ceilings = system.cost.ceilings if system.cost is not None else ()
    ceiling = next(c for c in ceilings if c.id == ceiling_id)
    amount = float(ceiling.amount.amount)
    values = {
        "ceiling": ceiling.id,
        "scope": ceiling.scope,
        "per": ceiling.per,
        "amount": exact(amount, "USD"),
        "spent": exact(amount / 10, "USD", 8),
        "state": "quiet",
        "why": "below every warning",
        "owner": ceiling.owner,
        "hard_action": ceiling.hard_action,
        "of": "night-7" if ceiling.scope == "training_run" else "",
    }
    return CeilingState(**{**values, **changes})


def a_load(system: SystemClaims, peak: float, **changes: Any) -> LoadMeasurement:
    values = {
        "system": system.id,
        "as_of": LAST_WEEK,
        "claims": refs_of(system, "signals", "cost", "service_levels"),
        "slot_seconds": 60,
        "peak_per_second": exact(peak, "requests per second", 9000),
        "busiest": LAST_WEEK - timedelta(days=3),
        "mean_per_second": exact(peak / 4, "requests per second", 9000),
    }
    return LoadMeasurement(**{**values, **changes})


def a_bridge(system: SystemClaims, **changes: Any) -> CostBridge:
    """40.00 a day against the assumption: 3.00 more volume, prices 0.50 lower."""
    plan = system.cost
    assumption = plan.pilot_assumption if plan is not None else None
    declared = assumption.cost_per_day if assumption is not None else None
    assumed = float(declared.amount) if declared is not None else 37.5
    values = {
        "system": system.id,
        "as_of": LAST_WEEK,
        "claims": refs_of(system, "cost"),
        "currency": "USD",
        "method": "shapley",
        "assumed_per_day": exact(assumed, "USD"),
        "actual_per_day": exact(assumed + 2.5, "USD", 28),
        "drivers": {"volume": exact(3.0, "USD", 28), "price": exact(-0.5, "USD", 28)},
        "bars": (
            a_bar("volume", 3.0, system),
            a_bar("price", -0.5, system, do="nothing: it makes a day cheaper"),
        ),
        "days": 28,
    }
    return CostBridge(**{**values, **changes})


def a_bar(driver: str, effect: float, system: SystemClaims, **changes: Any) -> BridgeBar:
    """What one driver did; whoever answers for cost answers for it, or else the owner."""
    owned = system.ownership
    values = {
        "driver": driver,
        "effect": exact(effect, "USD", 28),
        "owner": (owned.domains.cost or owned.accountable) if owned is not None else None,
        "do": "hold what one success costs against its target",
    }
    return BridgeBar(**{**values, **changes})


def a_forecast(system: SystemClaims, **changes: Any) -> CostForecast:
    values = {
        "system": system.id,
        "as_of": LAST_WEEK,
        "claims": refs_of(system, "cost"),
        "ceiling": "daily",
        "growth_per_day": dollars(0.02, 91),
        "horizon_days": 365,
        "earliest": (AS_OF + timedelta(days=200)).date(),
        "coverage": exact(0.9, "share", 60),
        "series": 24,
    }
    return CostForecast(**{**values, **changes})


def a_unit_cost(system: SystemClaims, **changes: Any) -> UnitCost:
    values = {
        "system": system.id,
        "as_of": LAST_WEEK,
        "claims": refs_of(system, "cost"),
        "unit": "gate-told",
        "successes": 1000,
        "cost_per_success": dollars(0.04),
        "cost_per_unit": dollars(0.03),
    }
    return UnitCost(**{**values, **changes})


def a_review(system: SystemClaims, incident: Incident, **changes: Any) -> IncidentReview:
    """An incident looked back at: counted as its file says, and everything was there before."""
    began = incident.onset_earliest or incident.detected_at
    decisions = float(incident.decisions_exposed or 250)
    files = {f"incidents/{incident.id}.yaml", "system.yaml", "signals.yaml"}
    before = [
        WasItThere(
            thing=thing, there=True, since=began - timedelta(days=days), why="it is on record"
        )
        for thing, days in (("owner", 90), ("runbook", 20), ("rollback_drill", 5))
    ]
    values = {
        "system": system.id,
        "as_of": AS_OF,
        "claims": tuple(ref for ref in refs_of(system) if ref.file in files),
        "incident": incident.id,
        "text_digest": claim_digest(incident),
        "customer_reported_at": incident.customer_reported_at,
        "detection_hours": exact((incident.detected_at - began) / timedelta(hours=1), "h", 1),
        "decisions": Measured(value=decisions, unit="decisions", n=int(decisions),
                              low=decisions - 50, high=decisions, level=1.0),
        "customers": exact(180, "customers", 180),
        "money": exact(6300, "USD", 180),
        "before": tuple(before),
    }  # fmt: skip
    return IncidentReview(**{**values, **changes})


def a_game_day(system: SystemClaims, **changes: Any) -> GameDayResult:
    values = {
        "system": system.id,
        "as_of": LAST_WEEK,
        "claims": refs_of(system),
        "scenario": "G06",
        "at": changes.get("as_of", LAST_WEEK),
        "steps": 14,
    }
    return GameDayResult(**{**values, **changes})


def attending(
    system: SystemClaims, day: GameDayResult, person: str, **changes: Any
) -> Attestation:
    """A person says that they were at a game day."""
    said = {"topic": "attendance", "claims": (), "of": digest_of(day), "person": person}
    return an_attestation(system, **{**said, "text": "I was there and answered.", **changes})


def an_environment(system: SystemClaims, **changes: Any) -> EnvironmentRecord:
    """How what serves was built, as change.yaml names it where it does."""
    version, change = system.identity.version, system.change
    leading = [r for r in change.requests if r.to_version == version.label] if change else []
    rollout = change.rollout(leading[-1].rollout) if change and leading else None
    values = {
        "system": system.id,
        "as_of": LAST_WEEK,
        "claims": refs_of(system, "identity", "change"),
        "version": version.label,
        "version_digest": version.digest(),
        "commit": version.code_commit,
        "ci_run": (rollout.ci_run if rollout else None) or "build/12",
        "ci_passed": True,
        "tests": 240,
        "pull_request": (leading[-1].pull_request if leading else None) or "models/7",
        "reviewed_by": _two(system)[-1:],
        "build_digest": "sha256:" + "e" * 64,
        "rebuild_digest": "sha256:" + "e" * 64,
    }
    return EnvironmentRecord(**{**values, **changes})


def a_swap(system: SystemClaims, **changes: Any) -> SwapDrill:
    values = {
        "system": system.id,
        "as_of": LAST_WEEK,
        "claims": refs_of(system, "identity"),
        "dependency": "vendor",
        "from_model": "large-2013-01",
        "to_model": "large-2013-06",
        "environment": "prod_like",
        "performed_by": "ana-ruiz",
        "done_at": LAST_WEEK,
        "seconds": Measured(value=300.0, unit="s", n=1, no_interval="single timing"),
        "passed": True,
    }
    return SwapDrill(**{**values, **changes})


def a_challenger(system: SystemClaims, **changes: Any) -> ChallengerResult:
    known = system.identity.known_version
    old, new = known("v2"), known("v3")
    values = {
        "system": system.id,
        "as_of": LAST_WEEK,
        "claims": refs_of(system, "change"),
        "request": "to-v3",
        "environment": "test",
        "from_digest": old.digest() if old else "",
        "to_digest": new.digest() if new else "",
        "metric": "accuracy",
        "margin": 0.01,
        "difference": Measured(value=0.01, unit="share", n=2000, low=0.0, high=0.02),
        "cases": 2000,
        "repeats": 1,
        "flips": exact(0.02, "share", 2000),
        "verdict": "non_inferior",
        "cost_multiplier": exact(2.0, "requests", 2000),
        "cost": exact(0.4, "USD", 2000),
    }
    return ChallengerResult(**{**values, **changes})
