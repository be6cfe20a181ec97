from datetime import date, timedelta

import pytest

from ops_model.domain.detection import QualityDay, RowsApart
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF, a_column, a_drift, a_quality, exact, people_but
from tests.checks.judged import but, judged, lacking, nothing

MONITORS = AREAS["signals"]["monitors"]
QUALITY, INPUTS, CONFIDENCE, IMPORTANCE = MONITORS[:4]
CANARY = {**CONFIDENCE, "id": "canary", "signal": "provider_identity", "metric": "match"}
FEED = AREAS["signals"]["feeds"][0]
RULE = AREAS["signals"]["rules"][0]
RETRAINING = AREAS["signals"]["retraining"]
LEVELS = AREAS["service_levels"]


def monitors(*given):
    return {"monitors": list(given)}


def test_qlt_01_passes_and_says_quality_now_and_before_with_n_and_interval():
    assert judged("QLT-01").message == (
        "accuracy 80 % (n 1,000, 78 to 82 %) against 85 % (n 1,000, 83 to 87 %); monitor quality "
        "(daily, alerts pager)"
    )


def test_qlt_01_passes_when_quality_fell_because_it_was_seen():
    finding = judged("QLT-01", records=but(a_quality, alarm_at=date(2013, 6, 9)))

    assert finding.status == "passed"
    assert "alarm on 2013-06-09" in finding.message


def test_qlt_01_fails_when_only_uptime_is_watched():
    uptime = {"id": "up", "signal": "uptime", "metric": "rate", "automated": "true"}

    finding = judged("QLT-01", signals=monitors(uptime))

    assert finding.status == "failed"
    assert "no monitor watches output_quality; watched: uptime" in finding.message


def test_qlt_01_fails_for_a_monitor_that_alerts_nobody():
    silent = {k: v for k, v in QUALITY.items() if k != "alert_route"}

    assert judged("QLT-01", signals=monitors(silent, INPUTS)).status == "failed"


def test_qlt_01_fails_for_a_route_behind_which_there_is_nobody():
    to_nobody = {**QUALITY, "alert_route": "mail: nobody-at-all"}

    finding = judged("QLT-01", signals=monitors(to_nobody, INPUTS))

    assert finding.status == "failed"
    assert finding.message.endswith("expected both; “mail: nobody-at-all” means nobody")


def test_qlt_01_passes_where_one_part_of_a_route_means_somebody():
    two = {**QUALITY, "alert_route": "mail: nobody-at-all; page: flight-delay primary"}

    assert judged("QLT-01", signals=monitors(two, INPUTS)).status == "passed"


def test_qlt_01_counts_a_measurement_for_as_long_as_it_is_in_date():
    old = judged("QLT-01", records=but(a_quality, as_of=AS_OF - timedelta(days=9)))
    new = judged("QLT-01", records=but(a_quality, as_of=AS_OF - timedelta(days=8)))

    assert (old.status, old.reason) == ("unknown", "expired")
    assert "9 days old; expected at most 8" in old.message
    assert (new.status, new.valid_until) == ("passed", AS_OF)


def test_qlt_01_is_unknown_when_only_an_earlier_version_was_measured():
    before = Window(start=AS_OF - timedelta(days=30), end=AS_OF - timedelta(days=2))
    version = {**AREAS["identity"]["version"], "in_production_since": AS_OF - timedelta(days=1)}

    finding = judged(
        "QLT-01", identity={"version": version}, records=but(a_quality, window=before)
    )

    assert (finding.status, finding.reason) == ("unknown", "expired")


def test_qlt_01_is_unknown_when_the_monitor_never_measured():
    finding = judged("QLT-01", records=lacking("quality"))

    assert finding.reason == "missing"
    assert "ops-model run 05_drift_quality flight-delay" in finding.remedy


@pytest.mark.parametrize(
    "current",
    [Measured(value=None, unit="share", n=0, no_interval="too few"), exact(0.9, "share", 3)],
)
def test_qlt_01_is_unknown_when_a_measurement_says_nothing(current):
    finding = judged("QLT-01", records=but(a_quality, current=current))

    assert finding.reason == "too_few"
    assert "nobody can say how good it is" in finding.message


def test_qlt_03_passes_when_the_smaller_drop_would_be_seen():
    finding = judged("QLT-03")

    assert finding.message == (
        "monitor quality would see a drop of 2 points (exact, n 1,000), "
        "and one of 5 points matters"
    )


def test_qlt_03_fails_when_a_drop_that_matters_would_be_missed():
    blind = but(a_quality, min_detectable_drop=exact(0.06, "share", 120))

    finding = judged("QLT-03", records=blind)

    assert finding.status == "failed"
    assert (
        "would see a drop of 6 points (exact, n 120); one of 5 points matters" in finding.message
    )


def test_qlt_03_passes_when_the_drop_it_sees_is_the_one_that_matters():
    same = but(a_quality, min_detectable_drop=exact(0.05, "share", 120))

    assert judged("QLT-03", records=same).status == "passed"


def judged_days(n):
    day = {"day": date(2013, 7, 1), "provisional": False}
    return (QualityDay(quality=exact(0.8, "share", n), **day),)


@pytest.mark.parametrize("check_id", ["QLT-03", "QLT-04"])
@pytest.mark.parametrize(("repeated", "status"), [(50, "passed"), (51, "unknown")])
def test_a_log_that_was_written_twice_knows_less_than_it_seems(check_id, repeated, status):
    again = {"days": judged_days(1000), "apart": RowsApart(served_repeated=repeated)}

    finding = judged(check_id, records=but(a_quality, **again))

    assert finding.status == status
    assert ("51 rows of its log repeat the key of another" in finding.message) == (repeated == 51)


def test_qlt_03_is_unknown_when_too_few_windows_hold_enough_rows():
    thin = but(a_quality, windows_with_min_n_share=0.89)

    finding = judged("QLT-03", records=thin)

    assert finding.reason == "too_few"
    assert "0.89 of windows hold 100 rows; expected 0.9" in finding.message


def test_qlt_03_is_unknown_when_nobody_wrote_which_drop_matters():
    open_end = {k: v for k, v in QUALITY.items() if k != "tolerable_drop"}

    assert judged("QLT-03", signals=monitors(open_end, INPUTS)).reason == "missing"


def test_qlt_03_is_unknown_when_measured_too_long_ago():
    old = but(a_quality, as_of=AS_OF - timedelta(days=9))

    finding = judged("QLT-03", records=old)

    assert finding.reason == "expired"
    assert "the quality of 2013-07-13 is 9 days old; expected at most 8" in finding.message


def test_drf_01_passes_with_all_that_looks_ahead_and_something_that_looks_back():
    assert judged("DRF-01").message == (
        "leading: inputs, confidence, importance; lagging: quality, outcome"
    )


def test_drf_01_fails_when_only_quality_is_watched():
    finding = judged("DRF-01", signals=monitors(QUALITY))

    assert finding.status == "failed"
    assert finding.message == (
        "0 leading and 1 lagging monitors; none watches input_distribution; none confidence; "
        "none importance"
    )


def test_drf_01_fails_for_a_predictive_system_that_does_not_watch_importances():
    finding = judged("DRF-01", signals=monitors(QUALITY, INPUTS, CONFIDENCE))

    assert finding.message == "2 leading and 1 lagging monitors; none watches importance"


def test_drf_01_fails_when_nothing_looks_back():
    finding = judged("DRF-01", signals=monitors(INPUTS, CONFIDENCE, IMPORTANCE))

    assert "none watches output_quality or outcome, to look back" in finding.message


@pytest.mark.parametrize("kind", ["llm_app", "agent", "agentic_workflow"])
def test_drf_01_passes_with_canary_answers_instead_of_importances_for_a_model_that_is_called(kind):
    finding = judged("DRF-01", identity={"kind": kind}, signals=monitors(QUALITY, INPUTS, CANARY))

    assert finding.status == "passed"
    assert "no importances" in finding.message


def test_drf_01_fails_for_a_model_that_is_called_and_may_be_swapped_unseen():
    finding = judged("DRF-01", identity={"kind": "agent"}, signals=monitors(QUALITY, INPUTS))

    assert finding.message.endswith("none watches provider_identity or confidence")


def test_drf_02_passes_when_no_column_moved():
    assert judged("DRF-02").message == "none of 1 column moved (2,000 rows against 9,000)"


def test_drf_02_fails_and_names_the_worst_columns_first_with_effect_and_n():
    moved = (
        a_column("wind", effect=0.2, drifted=True),
        a_column("temp", effect=1.4, drifted=True),
        a_column("gate"),
    )

    finding = judged("DRF-02", records=but(a_drift, columns=moved))

    assert finding.status == "failed"
    assert finding.message == (
        "2 of 3 columns moved beyond the limit (2,000 rows against 9,000): temp by 1.4 standard "
        "deviations (n 1,000, exact), limit 0.1, wind by 0.2 standard deviations "
        "(n 1,000, exact), limit 0.1"
    )
    assert "playbook look-upstream" in finding.remedy
    assert [v.name for v in finding.values] == ["temp", "wind"]


def test_drf_02_is_unknown_with_fewer_rows_than_the_monitor_needs():
    finding = judged("DRF-02", records=but(a_drift, rows_current=99))

    assert finding.reason == "too_few"


def test_drf_02_is_unknown_when_measured_too_long_ago():
    old = but(a_drift, as_of=AS_OF - timedelta(days=9))

    assert judged("DRF-02", records=old).reason == "expired"


def test_drf_02_is_unknown_when_no_monitor_watches_inputs():
    assert judged("DRF-02", signals=monitors(QUALITY)).reason == "missing"


def test_drf_02_is_unknown_when_one_of_two_monitors_never_measured():
    second = {**INPUTS, "id": "weather"}

    finding = judged("DRF-02", signals=monitors(QUALITY, INPUTS, second))

    assert finding.reason == "missing"
    assert "monitor weather has never measured anything" in finding.message


def test_drf_05_passes_and_says_who_decides_and_what_must_pass():
    assert judged("DRF-05").message == (
        "inputs asks for it, cy-data decides, cy-data does it within 14 days, and it must pass: "
        "the accuracy of v2 on the last quarter"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"triggers": []}, "no monitor asks for it"),
        ({"triggers": ["gone"]}, "gone is no monitor"),
        ({"must_pass": None}, "what it must pass (must_pass) is not written"),
        ({"must_pass": "nothing"}, "what it must pass (must_pass) 'nothing' says nothing"),
        ({"decider": "bo-li"}, "bo-li decides, but cy-data holds the right to retrain"),
    ],
)
def test_drf_05_fails_for_a_policy_that_would_not_hold(change, said):
    finding = judged("DRF-05", signals={"retraining": {**RETRAINING, **change}})

    assert finding.status == "failed"
    assert said in finding.message


def test_drf_05_is_unknown_for_a_model_of_our_own_that_nobody_plans_to_train_again():
    assert judged("DRF-05", signals={"retraining": None}).reason == "missing"


def test_drf_05_does_not_arise_for_a_model_that_is_called():
    finding = judged("DRF-05", identity={"kind": "llm_app"}, signals={"retraining": None})

    assert finding.status == "not_applicable"


def test_drf_07_passes_when_each_monitor_is_complete():
    finding = judged("DRF-07", signals=monitors(INPUTS))

    assert finding.message == ("monitor inputs (daily against spring): look-upstream, tells pager")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"playbook": None}, "has no playbook"),
        ({"playbook": "gone"}, "has no playbook gone"),
        ({"alert_route": None}, "tells nobody (alert_route)"),
        ({"alert_route": "mail: gone"}, "tells nobody: “mail: gone” means nobody"),
        ({"baseline": None}, "has no baseline to compare with"),
    ],
)
def test_drf_07_fails_for_a_monitor_that_leads_to_nothing(change, said):
    finding = judged("DRF-07", signals=monitors(QUALITY, {**INPUTS, **change}))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"digest": None}, "baseline spring is not pinned by a digest"),
        ({"approved_by": None}, "nobody is named"),
        ({"approved_by": "gone"}, "gone is nobody in people.yaml"),
        ({"approved_by": "cy-data"}, "spring is approved by cy-data, who built the version"),
    ],
)
def test_drf_07_fails_for_a_baseline_that_nobody_approved_or_anybody_can_change(change, said):
    spring = {**AREAS["signals"]["baselines"][0], **change}

    finding = judged("DRF-07", signals={**monitors(INPUTS), "baselines": [spring]})

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("route", "ends"),
    [
        ("mail: bo-li", True),
        ("mail: bo-li; page: primary", False),
        ("mail: bo-li, cy-data", False),
        ("pager", False),
    ],
)
def test_drf_07_passes_until_the_last_whom_the_route_names_is_gone(route, ends):
    leaving = people_but("bo-li", active_to="2013-08-31")

    finding = judged("DRF-07", signals=monitors({**INPUTS, "alert_route": route}), people=leaving)

    assert finding.status == "passed"
    assert (finding.valid_until is not None) == ends


def test_drf_07_fails_where_a_company_wants_monitors_to_look_more_often():
    policy = {"thresholds": {"DRF-07": {"under_days": "7"}}}
    weekly = {**INPUTS, "cadence": "weekly"}

    finding = judged("DRF-07", signals=monitors(weekly), policy=policy)

    assert "looks every 7 days; expected less than 7" in finding.message


def test_drf_07_is_unknown_when_no_monitor_runs_by_itself():
    by_hand = {**INPUTS, "automated": "false"}

    assert judged("DRF-07", signals=monitors(by_hand)).reason == "missing"


def test_obs_04_passes_and_says_when_somebody_knows_at_worst():
    # 120 minutes until the data count as old, and at most 60 until somebody looks.
    finding = judged("OBS-04")

    assert finding.message == (
        "feed weather: when it stops on a Friday night, pager is told after 3 h at worst (watched "
        "every day)"
    )
    assert finding.values[0].measured.value == 3


def test_obs_04_fails_for_a_feed_that_is_watched_on_weekdays_only():
    finding = judged("OBS-04", signals={"feeds": [{**FEED, "watched": "weekdays"}]})

    assert finding.status == "failed"
    assert "after 51 h at worst (watched weekdays only); expected at most 24 h" in finding.message


def test_obs_04_fails_for_a_feed_that_tells_nobody():
    finding = judged("OBS-04", signals={"feeds": [{**FEED, "alert_route": None}]})

    assert "nobody is told" in finding.message


def test_obs_04_fails_for_a_feed_whose_route_leads_to_nobody():
    finding = judged("OBS-04", signals={"feeds": [{**FEED, "alert_route": "mail: gone"}]})

    assert finding.status == "failed"
    assert finding.message.endswith("nobody is told: “mail: gone” means nobody")


@pytest.mark.parametrize(("tier", "status"), [("A", "failed"), ("B", "passed"), ("C", "passed")])
def test_obs_04_fails_sooner_at_a_higher_tier(tier, status):
    # 11.5 hours and one more until somebody looks.
    slow = {**FEED, "freshness_max_minutes": "690"}

    assert judged("OBS-04", tier=tier, signals={"feeds": [slow]}).status == status


def test_obs_04_is_unknown_when_no_feed_is_named():
    assert judged("OBS-04", signals={"feeds": []}).reason == "missing"


def test_obs_04_does_not_arise_where_no_data_arrive():
    vendor = {"id": "vendor", "kind": "model_provider", "name": "a vendor"}
    identity = {"kind": "llm_app", "dependencies": [vendor]}

    finding = judged("OBS-04", identity=identity, signals={"feeds": []})

    assert finding.status == "not_applicable"


def test_obs_07_passes_and_names_the_monitor_of_each_signal():
    assert judged("OBS-07").message == (
        "uptime: uptime; latency: latency; errors: errors; output quality: quality; drift: "
        "confidence; feature distribution: inputs; outcome: outcome"
    )


def test_obs_07_fails_when_only_what_every_service_needs_is_watched():
    classic = [m for m in MONITORS if m["signal"] in {"uptime", "latency", "errors"}]

    finding = judged("OBS-07", signals=monitors(*classic))

    assert finding.status == "failed"
    assert finding.message == (
        "3 of 7 signals are watched; no monitor with an alert_route and a playbook runs by itself "
        "for output quality, drift, feature distribution, outcome"
    )


@pytest.mark.parametrize(
    "change", [{"automated": "false"}, {"alert_route": None}, {"playbook": None}]
)
def test_obs_07_fails_for_a_signal_whose_monitor_wakes_nobody(change):
    others = [m for m in MONITORS if m["signal"] != "latency"]
    latency = next(m for m in MONITORS if m["signal"] == "latency")

    finding = judged("OBS-07", signals=monitors(*others, {**latency, **change}))

    assert finding.message.endswith("for latency")


def test_obs_07_fails_for_a_route_behind_which_there_is_nobody():
    others = [m for m in MONITORS if m["signal"] != "errors"]
    errors = next(m for m in MONITORS if m["signal"] == "errors")

    finding = judged("OBS-07", signals=monitors(*others, {**errors, "alert_route": "mail: gone"}))

    assert finding.status == "failed"
    assert finding.message.endswith("for errors; “mail: gone” means nobody")


def test_obs_07_is_unknown_for_a_monitor_of_which_nothing_shows_that_it_ran():
    objectives = [o for o in LEVELS["objectives"] if o["indicator"] != "errors"]

    finding = judged("OBS-07", service_levels={**LEVELS, "objectives": objectives})

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert finding.message == (
        "6 of 7 signals are shown to be watched; no measurement is on record of errors (monitor "
        "errors), so whether it runs is not known"
    )
    assert finding.remedy.startswith("the reliability owner names what shows errors: an objective")


def test_obs_07_asks_only_for_a_run_where_what_shows_it_is_declared():
    finding = judged("OBS-07", records=lacking("outcome"))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "outcome (monitor outcome)" in finding.message


@pytest.mark.parametrize(
    ("policy", "days", "status"),
    [
        (None, 8, "passed"),
        (None, 9, "unknown"),
        ({"thresholds": {"QLT-03": {"max_age_days": "20"}}}, 20, "passed"),
        ({"thresholds": {"QLT-03": {"max_age_days": "20"}}}, 21, "unknown"),
    ],
)
def test_obs_07_counts_a_monitor_while_what_it_measured_is_in_date(policy, days, status):
    old = but(a_quality, as_of=AS_OF - timedelta(days=days))

    finding = judged("OBS-07", records=old, policy=policy)

    assert finding.status == status
    assert (finding.reason == "expired") == (status == "unknown")
    assert (f"monitor quality last measured {days} days ago" in finding.message) == (
        status == "unknown"
    )


def test_obs_07_cites_what_was_measured_and_ends_with_it():
    finding = judged("OBS-07")

    assert finding.valid_until == AS_OF + timedelta(days=8)
    assert any(place.path == "ledger" for place in finding.looked_at)


def test_rul_02_passes_with_an_example_of_each_kind():
    assert judged("RUL-02").message == (
        "rule share-is-a-share: 1 right and 1 wrong by it, over served"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"good": []}, "no example is right by it"),
        ({"bad": []}, "no example is wrong by it"),
        ({"log": "gone"}, "its log gone is not in signals.yaml"),
        ({"log": "landed"}, "holds labels and not what was served"),
    ],
)
def test_rul_02_fails_for_a_rule_that_forbids_nothing_that_was_served(change, said):
    finding = judged("RUL-02", signals={"rules": [{**RULE, **change}]})

    assert finding.status == "failed"
    assert said in finding.message


def test_rul_02_is_unknown_when_no_rule_is_written():
    assert judged("RUL-02", signals={"rules": []}).reason == "missing"


INCIDENT = {
    "id": "gate-closed",
    "title": "sent people to a closed gate",
    "severity": "sev3",
    "state": "fixed",
    "detected_by": "staff",
    "technically_correct": "true",
    "detected_at": "2013-07-01T08:00:00Z",
}
TAUGHT = {**RULE, "id": "gate-is-open", "origin": "incident", "incident": "gate-closed"}


def test_rul_03_passes_when_the_incident_left_a_rule_that_it_breaks():
    finding = judged("RUL-03", incidents=[INCIDENT], signals={"rules": [RULE, TAUGHT]})

    assert finding.status == "passed"
    assert finding.message == "incident gate-closed left gate-is-open"
    assert str(finding.looked_at[0]).startswith("systems/flight-delay/incidents/gate-closed.yaml:")


def test_rul_03_fails_when_the_rule_was_never_written():
    finding = judged("RUL-03", incidents=[INCIDENT])

    assert finding.status == "failed"
    assert "its rule was never written" in finding.message


def test_rul_03_fails_when_the_rule_has_no_example_of_what_happened():
    finding = judged("RUL-03", incidents=[INCIDENT], signals={"rules": [{**TAUGHT, "bad": []}]})

    assert "has no example that is wrong by it" in finding.message


@pytest.mark.parametrize("change", [{"technically_correct": "false"}, {"state": "contained"}])
def test_rul_03_does_not_arise_for_other_incidents_or_before_one_is_fixed(change):
    assert judged("RUL-03", incidents=[{**INCIDENT, **change}]).status == "not_applicable"


def test_rul_03_is_unknown_without_anybody_s_word_on_the_incident():
    finding = judged("RUL-03", incidents=[INCIDENT], signals={"rules": [TAUGHT]}, records=nothing)

    assert finding.reason == "below_grade"


@pytest.mark.parametrize("check_id", ["QLT-03", "DRF-02"])
def test_a_monitor_without_a_log_and_a_baseline_is_asked_for_them_before_a_run(check_id):
    bare = [{**m, "log": None, "baseline": None, "columns": ["wind"], "label": "late"}
            for m in AREAS["signals"]["monitors"][:2]]  # fmt: skip

    finding = judged(check_id, signals={"monitors": bare}, records=nothing)

    name = "quality" if check_id == "QLT-03" else "inputs"
    assert finding.remedy == (
        f"the reliability owner declares the log and the baseline of monitor {name} in "
        "signals.yaml, then runs `ops-model run 05_drift_quality flight-delay`"
    )


def test_qlt_03_fails_when_any_drop_would_be_tolerated():
    easy = {**QUALITY, "tolerable_drop": "1"}

    finding = judged("QLT-03", signals=monitors(easy))

    assert finding.status == "failed"
    assert "one of 100 points is said to matter, where none of more than 20" in finding.message


STARS = {**QUALITY, "metric": "mean", "score": "stars", "label": None}
"""A monitor of the mean of a score, from 1 to 50."""


def of_stars(sees):
    """A baseline of 40 stars, and the drop that a window shows."""
    return but(
        a_quality, metric="mean", baseline=exact(40.0, "score", 5000),
        current=exact(40.0, "score", 1000), min_detectable_drop=exact(sees, "score", 1000),
    )  # fmt: skip


@pytest.mark.parametrize(("sees", "status"), [(1.5, "passed"), (3.0, "failed")])
def test_qlt_03_takes_the_drop_that_matters_of_a_score_in_its_own_unit(sees, status):
    claims = monitors({**STARS, "tolerable_drop": "2"})

    finding = judged("QLT-03", signals=claims, records=of_stars(sees))

    assert finding.status == status
    assert f"would see a drop of {sees:g} (exact, n 1,000)" in finding.message
    assert "one of 2 matters" in finding.message
    assert "points" not in finding.message


@pytest.mark.parametrize(("tolerable", "status"), [("8", "passed"), ("8.1", "failed")])
def test_qlt_03_fails_when_more_than_a_fifth_of_a_score_would_be_tolerated(tolerable, status):
    claims = monitors({**STARS, "tolerable_drop": tolerable})

    finding = judged("QLT-03", signals=claims, records=of_stars(1.5))

    assert finding.status == status
    told = "one of 8.1 is said to matter, where none of more than 8 may go by"
    assert (told in finding.message) == (status == "failed")
