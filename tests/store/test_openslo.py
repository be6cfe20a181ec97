"""Objectives as OpenSLO v1: ours come back as they were, others' are read with care."""

from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ops_model.domain.service_levels import BurnRateAlert, Objective
from ops_model.errors import WorkbookError
from ops_model.store.openslo import read_openslo
from ops_model.store.openslo_write import write_openslo

NEW_YORK = "America/New_York"
shares = st.decimals("0.001", "0.999", places=3)
slugs = st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)
alerts = st.builds(
    BurnRateAlert,
    burn_rate=st.sampled_from([1.0, 6.0, 14.4, 0.1]),
    lookback_hours=st.sampled_from([0.5, 1.0, 6.0, 1.25, 672.0]),
    alert_after_minutes=st.integers(0, 120),
    severity=st.sampled_from(["page", "ticket"]),
    alert_route=st.sampled_from([None, "page: flight-delay primary; mail: no", "yes"]),
)


@st.composite
def objectives(draw):
    window = draw(st.sampled_from([
        {"window_days": 28}, {"window_days": 3660}, {"calendar": "week"}, {"calendar": "month"},
        {"calendar": "quarter"}, {"calendar": "year"},
    ]))  # fmt: skip
    measured = draw(st.sampled_from([
        {}, {"log": "requests", "good": "status < 500"}, {"monitor": "accuracy"},
        {"log": "requests", "good": "ms <= 300 and kind == 'yes: #1'", "valid": "not probe"},
        {"feed": "weather"},
    ]))  # fmt: skip
    sliced = draw(st.sampled_from([
        {},
        {"budgeting": "timeslices", "slice_minutes": 5, "slice_target": Decimal("0.9")},
        {"budgeting": "ratio_timeslices", "slice_minutes": 60},
    ]))  # fmt: skip
    return Objective(
        id=draw(slugs), target=draw(shares), alerts=draw(st.lists(alerts, max_size=3)),
        indicator=draw(st.sampled_from(
            ["availability", "latency", "errors", "quality", "freshness"])),
        threshold_ms=draw(st.none() | st.integers(1, 10_000)), **window, **measured, **sliced,
    )  # fmt: skip


@given(st.lists(objectives(), min_size=1, max_size=3))
def test_what_is_written_reads_back_as_it_was(given_ones):
    text = write_openslo(given_ones, service="flight-delay", zone=NEW_YORK)

    found = read_openslo(text, "slo.yaml", zone=NEW_YORK)

    assert list(found.objectives) == given_ones
    assert found.left_out == ()


@given(objectives())
def test_another_reader_of_yaml_finds_the_same_words(objective):
    (one,) = yaml.safe_load_all(write_openslo([objective], service="no", zone=NEW_YORK))

    assert (one["apiVersion"], one["kind"], one["spec"]["service"]) == ("openslo/v1", "SLO", "no")
    assert one["metadata"]["name"] == objective.id
    assert Decimal(str(one["spec"]["objectives"][0]["target"])) == objective.target
    for policy, alert in zip(one["spec"].get("alertPolicies", ()), objective.alerts, strict=True):
        burn = policy["spec"]["conditions"][0]["spec"]["condition"]
        assert (burn["kind"], burn["threshold"]) == ("burnrate", alert.burn_rate)


FOREIGN = """\
# of another team
apiVersion: openslo/v1
kind: Service
metadata: {name: shop}
spec: {description: a shop}
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: on-call}
spec: {target: pagerduty}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: fast-burn}
spec:
  alertWhenNoData: true
  conditions:
    - kind: AlertCondition
      metadata: {name: fast}
      spec:
        severity: critical
        condition: {kind: burnrate, op: gte, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}
  notificationTargets:
    - targetRef: on-call
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: shop-up
  displayName: The shop is up
  annotations: {ops-model/indicator: availability}
spec:
  service: shop
  indicator:
    metadata: {name: shop-up}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: sum(up)}}}
        total: {metricSource: {type: Prometheus, spec: {query: count(up)}}}
  timeWindow: [{duration: 4w, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{targetPercent: 99.5}]
  alertPolicies: [fast-burn]
"""


def test_a_file_of_others_is_taken_over_as_far_as_it_goes_and_the_rest_is_said_with_its_line():
    found = read_openslo(FOREIGN, "shop.yaml", zone=NEW_YORK)

    (objective,) = found.objectives
    assert (objective.id, objective.target, objective.window_days) == (
        "shop-up", Decimal("0.995"), 28,
    )  # fmt: skip
    (alert,) = objective.alerts
    assert (alert.burn_rate, alert.severity, alert.alert_route) == (14.4, "page", "pagerduty")
    assert [str(note).split("\n")[0] for note in found.left_out] == [
        "shop.yaml:2: a document of kind Service is passed over",
        "shop.yaml:30: displayName of shop-up is left out",
        "shop.yaml:39: a metric source of type Prometheus is left out: write `log`, `good` and "
        "`valid` over a log of signals.yaml",
        "shop.yaml:40: a metric source of type Prometheus is left out: write `log`, `good` and "
        "`valid` over a log of signals.yaml",
        "shop.yaml:15: alertWhenNoData and alertWhenResolved are left out",
    ]


def spoiled(*changes):
    text = FOREIGN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("openslo/v1\nkind: SLO", "openslo/v1alpha\nkind: SLO"), "shop.yaml:26: apiVersion is"),
        (("kind: Service", "kind: Budget"), "shop.yaml:3: kind is Budget; expected one of SLO"),
        (
            ("  service: shop\n", "  service: shop\n  composite: {}\n"),
            "shop.yaml:34: spec.composite is an unknown key; expected description, "
            "service, indicator, indicatorRef",
        ),
        (("duration: 4w", "duration: 1h"), "rolls over 1h; expected whole days"),
        (("duration: 4w", "duration: soon"), "soon is no span of time"),
        (("4w, isRolling: true", "1M, isRolling: false"), "the window has no calendar"),
        (("[{targetPercent: 99.5}]", "[{target: 0.9}, {target: 0.99}]"), "objectives has 2 items"),
        (("{targetPercent: 99.5}", "{targetPercent: 99.5, target: 0.9}"), "either target or"),
        (("targetPercent: 99.5", "targetPercent: 100"), "target is 1; expected below 1"),
        (("targetPercent: 99.5", "target: 99.5"), "shop.yaml:"),
        (("[fast-burn]", "[slow-burn]"), "'slow-burn' names no AlertPolicy of this file"),
        (("targetRef: on-call", "targetRef: nobody"), "'nobody' names no AlertNotificationTarget"),
        (("op: gte", "op: lte"), "op is lte; expected gte"),
        (("severity: critical", "severity: soon"), "severity is soon; expected page or ticket"),
        (("  annotations: {ops-model/indicator: availability}\n", ""), "nothing says what"),
        (("indicator: availability", "indicator: joy"), "indicator"),
        (("{name: shop-up}\n    spec", "{name: &a shop-up}\n    spec"), "shop.yaml:"),
        (("query: sum(up)", "query: !!python/object/apply:os.system ['true']"), "shop.yaml:39:"),
    ],
)
def test_what_would_mean_something_else_is_refused_with_its_line(change, said):
    with pytest.raises(WorkbookError) as refused:
        read_openslo(spoiled(change), "shop.yaml", zone=NEW_YORK)

    assert any(said in str(problem) for problem in refused.value.problems), refused.value
    assert all(problem.where.startswith("shop.yaml:") for problem in refused.value.problems)
    assert all(problem.remedy for problem in refused.value.problems)


def test_everything_that_is_wrong_is_told_at_once():
    several = (
        ("duration: 4w", "duration: 1h"),
        ("op: gte", "op: lte"),
        ("{targetPercent: 99.5}", ""),
    )
    text = spoiled(*several)

    with pytest.raises(WorkbookError) as refused:
        read_openslo(text, "shop.yaml", zone=NEW_YORK)

    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n---\n", "- 1\n", "[" * 100_000])
def test_a_file_that_holds_no_objective_is_refused(text):
    with pytest.raises(WorkbookError):
        read_openslo(text, "shop.yaml", zone=NEW_YORK)


def test_an_alert_that_no_span_can_say_is_refused_on_writing():
    odd = BurnRateAlert(burn_rate=1, lookback_hours=0.001, severity="page")
    objective = Objective(
        id="answers", indicator="errors", target=Decimal("0.9"), window_days=28, alerts=(odd,)
    )

    with pytest.raises(WorkbookError, match="expected whole minutes"):
        write_openslo([objective], service="shop", zone=NEW_YORK)
