"""What the newest measurements say that somebody must know of."""

from datetime import timedelta

import pytest

from ops_model.domain.detection_served import ExpectationResult
from ops_model.domain.signals_logged import DataContract
from ops_model.domain.signals_watched import GuardrailSuite
from ops_model.workflow.watch_signals import signal_concerns
from tests.builders import (
    AS_OF,
    a_column,
    a_drift,
    a_quality,
    a_segment,
    a_system,
    all_records,
    an_evidence,
    exact,
)
from tests.shown_signals import (
    a_contract,
    a_freshness,
    a_guardrail,
    a_level,
    a_rule_measurement,
    an_identity,
)

DAY = timedelta(days=1)
MOVED = (a_column(effect=3.0, drifted=True),)
BURNING = {"rate": exact(20, "times"), "short": exact(20, "times")}


def concerns(system, *records, as_of=AS_OF, silent=False):
    """What is amiss by what was measured; or of which monitors nothing was measured."""
    found = signal_concerns(system, an_evidence(*records), as_of=as_of)
    return [c for c in found if (c.kind == "silent") is silent]


def of_monitor(monitor, system, *records, as_of=AS_OF):
    found = concerns(system, *records, as_of=as_of, silent=True)
    return [c for c in found if c.about == monitor]


def with_monitor(system, monitor, **changes):
    monitors = tuple(
        m.model_copy(update=changes) if m.id == monitor else m for m in system.signals.monitors
    )
    signals = system.signals.model_copy(update={"monitors": monitors})
    return system.model_copy(update={"signals": signals})


def in_order():
    """The system of the builders, with a contract, guardrails and a provider that is watched."""
    system = a_system()
    signals = system.signals
    monitor = signals.monitors[0].model_copy(
        update={"id": "vendor-model", "signal": "provider_identity", "canaries": "asked"}
    )
    return system.model_copy(update={"signals": signals.model_copy(update={
        "monitors": (*signals.monitors, monitor),
        "contracts": (DataContract(id="scores", log="served", suite="scores", owner="bo-li"),),
        "guardrails": (GuardrailSuite(id="jailbreak", scope="jailbreak", floor="0.9",
                                      judge="rule"),),
    })})  # fmt: skip


def with_route(system, monitor, route):
    return with_monitor(system, monitor, alert_route=route)


def amiss(system):
    """Each kind of measurement where it is amiss, with what the concern is about and says."""
    found, rule = {r.kind: r for r in all_records(system)}, "share-is-a-share"
    worse = {"change": exact(-0.3, "share", 900)}
    low = a_segment("EWR", 0.2).model_copy(update={"floor": 0.7})
    broken = ExpectationResult(type="not_null", severity="critical", state="FAIL")
    late = a_freshness(system, newest_age=exact(9999, "minutes", 900))
    none = late.model_copy(update={"newest_age": exact(None, "minutes", 0)})
    burn = tuple(b.model_copy(update=BURNING) for b in a_level(system).burn)
    return [
        (a_drift(system, columns=MOVED), "inputs", "1 column of 1"),
        (a_quality(system, alarm_at=(AS_OF - 9 * DAY).date()), "quality", "alarm since"),
        (a_quality(system, segments=(low,)), "quality", "below its floor for origin EWR"),
        (found["outcome"].model_copy(update=worse), "outcome", "got worse"),
        (an_identity(system, canaries="asked", changed=True), "vendor-model",
         "does not answer as"),
        (late, "weather", "the newest row of feed"),
        (none, "weather", "feed weather had no row at"),
        (a_rule_measurement(system, violations=exact(0.5, "share", 900)), rule, "is broken by"),
        (a_rule_measurement(system, error="no such column"), rule, "could not be judged"),
        (a_contract(system, results=(broken,)), "scores", "1 expectation of 1"),
        (a_guardrail(system, "jailbreak", passed=exact(0.1, "share", 900)), "jailbreak",
         "the floor is"),
        (a_level(system, burn=burn), "answers", ") as fast as it may"),
        (a_level(system, budget_left=exact(-0.5, "share", 9)), "answers",
         "more than its error budget"),
    ]  # fmt: skip


def test_a_system_in_order_gives_nobody_anything_to_do():
    system = a_system()

    assert concerns(system, *all_records(system)) == []


@pytest.mark.parametrize("number", range(13))
def test_what_is_amiss_is_one_concern_with_a_remedy(number):
    system = in_order()
    record, about, says = amiss(system)[number]

    found = concerns(system, record)

    assert [c.about for c in found] == [about]
    assert says in found[0].why
    assert found[0].remedy
    assert found[0].since <= AS_OF


def test_a_later_measurement_in_order_ends_the_concern():
    system = a_system()
    moved = a_drift(system, columns=MOVED, as_of=AS_OF - DAY)

    assert concerns(system, moved, a_drift(system)) == []


@pytest.mark.parametrize(
    ("route", "severity"), [("page: flight-delay primary", "page"), ("mail: bo-li", "ticket")]
)
def test_it_is_as_grave_as_the_route_of_the_claim_says(route, severity):
    system = with_route(a_system(), "inputs", route)

    found = concerns(system, a_drift(system, columns=MOVED))

    assert [(c.severity, c.route) for c in found] == [(severity, route)]


def test_a_monitor_that_stopped_measuring_is_told_after_twice_its_cadence():
    system = a_system()
    drift = a_drift(system)

    in_time = of_monitor("inputs", system, drift, as_of=AS_OF + 2 * DAY)
    late = of_monitor("inputs", system, drift, as_of=AS_OF + 2 * DAY + timedelta(minutes=1))

    assert in_time == []
    assert [(c.kind, c.about, c.severity) for c in late] == [("silent", "inputs", "ticket")]
    assert late[0].since == AS_OF + 2 * DAY


def test_a_monitor_looked_at_by_hand_is_not_said_to_have_stopped():
    system = a_system()
    monitors = tuple(m.model_copy(update={"automated": False}) for m in system.signals.monitors)
    signals = system.signals.model_copy(update={"monitors": monitors})
    by_hand = system.model_copy(update={"signals": signals})

    assert concerns(by_hand, a_drift(system), as_of=AS_OF + 90 * DAY, silent=True) == []


@pytest.mark.parametrize("cadence", ["hourly", "weekly"])
def test_a_monitor_that_never_measured_is_told_whatever_its_cadence(cadence):
    system = with_monitor(a_system(), "inputs", cadence=cadence)

    (found,) = of_monitor("inputs", system)

    assert found.severity == "ticket"
    assert "monitor inputs has never measured, and people are served since" in found.why


def test_of_a_system_that_serves_nobody_no_monitor_is_missed():
    system = a_system()
    identity = system.identity.model_copy(update={"stage_history": ()})

    assert concerns(system.model_copy(update={"identity": identity}), silent=True) == []


def test_a_monitor_of_rules_or_of_a_feed_is_measured_by_theirs():
    system = a_system()
    rules = with_monitor(system, "inputs", signal="rule_violation", cadence="hourly")
    feed = with_monitor(system, "inputs", signal="freshness", feed="weather", cadence="hourly")
    later = AS_OF + timedelta(hours=3)

    for one, record in ((rules, a_rule_measurement(system)), (feed, a_freshness(system))):
        assert of_monitor("inputs", one, record) == []
        (found,) = of_monitor("inputs", one, record, as_of=later)
        assert (found.severity, found.since) == ("ticket", AS_OF + timedelta(hours=2))


def test_a_monitor_that_nothing_measures_is_said_for_reading():
    system = with_monitor(a_system(), "inputs", signal="errors")
    unmeasured = system.model_copy(update={"service_levels": None})

    (found,) = of_monitor("inputs", unmeasured)

    assert found.severity == "info"
    assert found.why.startswith("nothing measures monitor inputs")


@pytest.mark.parametrize("turn", [1, -1])
def test_of_several_alerts_that_burn_the_gravest_is_told_whichever_stands_first(turn):
    system = a_system()
    objective = system.service_levels.objectives[0]
    (rate, *_) = a_level(system).burn
    page = objective.alerts[0].model_copy(
        update={"severity": "page", "lookback_hours": rate.hours, "burn_rate": rate.limit}
    )
    ticket = page.model_copy(update={"severity": "ticket"})
    levels = system.service_levels.model_copy(update={"objectives": (
        objective.model_copy(update={"alerts": (page, ticket)[::turn]}),
    )})  # fmt: skip
    burning = a_level(system, burn=(rate.model_copy(update=BURNING),))

    found = concerns(system.model_copy(update={"service_levels": levels}), burning)

    assert [(c.kind, c.severity) for c in found] == [("budget", "page")]
