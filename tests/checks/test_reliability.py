from datetime import timedelta

import pytest

from ops_model.domain.evidence import Measured
from tests.builders import AREAS, AS_OF, a_fallback_drill, exact, share
from tests.checks.judged import but, judged, lacking

PATH = AREAS["fallback"]["paths"][0]
SILENT = {k: v for k, v in PATH.items() if k != "user_notice"}


def test_fbk_01_passes_with_another_way_on():
    assert judged("FBK-01").message == (
        "when weather-feed (data feed) is down: cache, serve from the last good hour"
    )


ALONE = {"identity": {"dependencies": []}, "fallback": None, "signals": {"feeds": []}}
"""A system that depends on nothing, as every file of it says."""


def test_fbk_01_passes_as_answered_for_a_system_that_depends_on_nothing():
    finding = judged("FBK-01", **ALONE)

    assert finding.status == "not_applicable"
    assert "it depends on v2 (" in finding.message


def test_fbk_01_fails_when_the_way_on_is_to_wait():
    finding = judged("FBK-01", fallback={"paths": [{**PATH, "kind": "wait"}]})

    assert finding.status == "failed"
    assert "path last-good-hour is to wait" in finding.message


def test_fbk_01_fails_when_one_dependency_has_no_path():
    vendor = {"id": "vendor", "kind": "model_provider", "name": "a vendor"}

    finding = judged(
        "FBK-01", identity={"dependencies": [*AREAS["identity"]["dependencies"], vendor]}
    )

    assert finding.status == "failed"
    assert finding.message == "when vendor (model provider) is down: no path replaces it"


def test_one_missing_path_is_one_thing_to_do_for_all_who_ask_for_it():
    asking = ("FBK-01", "FBK-02", "FBK-03", "FBK-04", "FBK-05")

    remedies = {judged(check, fallback={"paths": []}).remedy for check in asking}

    assert len(remedies) == 1


def test_fbk_01_is_unknown_without_a_plan():
    assert judged("FBK-01", fallback=None).reason == "missing"


def test_fbk_01_is_unknown_while_no_drill_used_the_plan():
    finding = judged("FBK-01", records=lacking("fallback_drill"))

    assert finding.reason == "below_grade"
    assert "ops-model drill fallback flight-delay" in finding.remedy


def test_fbk_03_passes_when_users_saw_the_planned_notice_in_time():
    finding = judged("FBK-03")

    assert finding.status == "passed"
    assert "users saw the planned notice after 2 s" in finding.message


def timed(seconds):
    return Measured(value=seconds, unit="s", n=1, no_interval="single timing")


@pytest.mark.parametrize(
    ("drill", "said"),
    [
        ({"notice_seen": False}, "no user saw a notice"),
        ({"notice_digest": "sha256:" + "0" * 64}, "users saw another text"),
        ({"notice_seconds": timed(30.1)}, "the notice came after 30.1 s; expected within 30 s"),
        ({"notice_seconds": None}, "after an unknown time"),
        ({"passed": False, "problems": ("2 requests got no answer",)}, "2 requests got no answer"),
    ],
)
def test_fbk_03_fails_when_the_drill_showed_otherwise(drill, said):
    finding = judged("FBK-03", records=but(a_fallback_drill, **drill))

    assert finding.status == "failed"
    assert said in finding.message


def test_fbk_03_fails_when_the_notice_is_another_than_the_one_that_users_saw():
    notice = {**PATH["user_notice"], "text": "All is well."}

    finding = judged("FBK-03", fallback={"paths": [{**PATH, "user_notice": notice}]})

    assert finding.status == "failed"
    assert "users saw another text than the plan's" in finding.message


def test_fbk_03_fails_when_customers_would_be_told_nothing():
    finding = judged("FBK-03", fallback={"paths": [SILENT]})

    assert finding.status == "failed"
    assert "tells users nothing" in finding.message


def test_fbk_03_does_not_arise_without_customers_and_without_a_notice():
    finding = judged("FBK-03", identity={"customer_facing": "false"}, fallback={"paths": [SILENT]})

    assert finding.status == "not_applicable"


def test_fbk_03_is_unknown_when_the_path_was_never_rehearsed():
    assert judged("FBK-03", records=lacking("fallback_drill")).reason == "missing"


def test_fbk_03_is_unknown_when_another_path_was_rehearsed():
    assert judged("FBK-03", records=but(a_fallback_drill, path="other")).reason == "missing"


def test_fbk_03_is_unknown_when_the_drill_is_older_than_a_quarter():
    old = but(a_fallback_drill, as_of=AS_OF - timedelta(days=93))

    assert judged("FBK-03", records=old).reason == "expired"


def test_fbk_03_is_unknown_when_no_path_replaces_a_dependency():
    other = {**PATH, "replaces": "something-else"}

    assert judged("FBK-03", fallback={"paths": [other]}).reason == "missing"


@pytest.mark.parametrize(
    ("areas", "sign"),
    [
        ({"identity": {"dependencies": [], "kind": "llm_app"}, "fallback": None}, "kind llm_app"),
        ({"identity": {"dependencies": []}}, "fallback.yaml has paths"),
        ({"identity": {"dependencies": []}, "fallback": None}, "signals.yaml has feed weather"),
        (
            {
                **ALONE,
                "identity": {
                    "dependencies": [],
                    "version": {**AREAS["identity"]["version"], "provider_model_id": "big-1"},
                },
            },
            "version v2 names the provider's model big-1",
        ),
        (
            {
                **ALONE,
                "cost": {
                    "ceilings": [
                        *AREAS["cost"]["ceilings"],
                        {
                            **AREAS["cost"]["ceilings"][0],
                            "id": "calls",
                            "scope": "provider",
                            "provider": "vendor",
                        },
                    ]
                },
            },
            "cost.yaml has a ceiling for a provider",
        ),
        (
            {
                **ALONE,
                "identity": {
                    "dependencies": [],
                    "failure_modes": [
                        {
                            **AREAS["identity"]["failure_modes"][0],
                            "id": "no-rows",
                            "kind": "stale_data",
                            "respond_by": ["fallback"],
                        }
                    ],
                },
            },
            "a fallback answers no-rows",
        ),
    ],
)
def test_fbk_01_is_unknown_when_no_dependency_is_named_and_other_files_show_one(areas, sign):
    finding = judged("FBK-01", **areas)

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert sign in finding.message


FEED = AREAS["identity"]["dependencies"][0]


def vendors(**backup):
    """A model provider and another one that stands in for it."""
    main = {
        "id": "vendor",
        "kind": "model_provider",
        "name": "a vendor",
        "expected_outage_hours_per_month": "6",
        "failure_domains": ["west"],
    }
    other = {**main, "id": "backup", "failure_domains": ["east"], "data_allowed": ["internal"]}
    return {"dependencies": [main, {**other, **backup}]}


def second_provider(**changes):
    """The way on to the other provider."""
    path = {**PATH, "id": "other-vendor", "replaces": "vendor", "kind": "second_provider"}
    taking_over = {"provider": "backup", "data_sent": ["internal"]}
    return {"paths": [{**path, **taking_over, **changes}]}


def test_fbk_02_passes_when_the_path_outlasts_the_outage():
    # All of the traffic for the 6 hours that an outage lasts; 12 would be possible.
    assert judged("FBK-02").message == (
        "6 h of full traffic by last-good-hour; weather-feed is expected to be down for 6 h in a "
        "month"
    )


@pytest.mark.parametrize(
    ("capacity", "hours", "expected", "status"),
    # Of 6 hours, 0.5 is 3 and enough; 0.49 is 2.94, however long it could go on; of 12 hours, one
    # that ends after 11 covers 11, and nobody is served in the last.
    [
        ("0.5", "12", "6", "passed"),
        ("0.49", "20", "6", "failed"),
        ("0.49", "1000000", "6", "failed"),
        ("1", "12", "12", "passed"),
        ("1", "11", "12", "failed"),
    ],
)
def test_fbk_02_fails_when_a_part_of_the_traffic_is_carried_for_too_short(
    capacity, hours, expected, status
):
    path = {**PATH, "capacity_share": capacity, "max_hours": hours}
    feed = {**FEED, "expected_outage_hours_per_month": expected}

    finding = judged("FBK-02", identity={"dependencies": [feed]}, fallback={"paths": [path]})

    assert finding.status == status


def test_fbk_02_passes_when_two_paths_carry_it_together():
    half = {**PATH, "max_hours": "3"}

    finding = judged("FBK-02", fallback={"paths": [half, {**half, "id": "second"}]})

    assert finding.status == "passed"
    assert "6 h of full traffic by last-good-hour, second" in finding.message


@pytest.mark.parametrize("key", ["capacity_share", "expected_quality_delta", "max_hours"])
def test_fbk_02_is_unknown_when_a_path_does_not_say_what_it_carries(key):
    finding = judged("FBK-02", fallback={"paths": [{**PATH, key: None}]})

    assert finding.reason == "missing"
    assert f"path last-good-hour has no {key}" in finding.message


def test_fbk_02_is_unknown_when_nobody_says_how_long_outages_last():
    feed = {**FEED, "expected_outage_hours_per_month": "0"}

    assert judged("FBK-02", identity={"dependencies": [feed]}).reason == "missing"


def under(*served):
    """A drill in which the vendor failed, and such parts of the requests were served."""
    names = ("unavailable", "slow_drip", "model_swap")
    faults = [
        {"fault": name, "served_share": share(part, 20), "p95_seconds": exact(2.0, "s", 20)}
        for name, part in zip(names, served, strict=False)
    ]
    return {"faults": faults}


def test_fbk_02_fails_a_path_that_served_less_under_one_fault_than_it_states():
    path = {**PATH, "capacity_share": "0.6"}
    drill = but(a_fallback_drill, **under(1.0, 0.55, 1.0))

    finding = judged("FBK-02", fallback={"paths": [path]}, records=drill)

    assert finding.status == "failed"
    assert "states that it carries 0.6 of the traffic; in the drill of" in finding.message
    assert "served under slow drip" in finding.message
    assert [v.measured.value for v in finding.values] == [0.55]
    assert "mends what serves on path last-good-hour" in finding.remedy


def test_fbk_02_passes_a_path_that_served_what_it_states_under_each_fault():
    path = {**PATH, "capacity_share": "0.6"}
    drill = but(a_fallback_drill, **under(0.6, 1.0))

    finding = judged("FBK-02", fallback={"paths": [path]}, records=drill)

    assert finding.status == "passed"


def test_fbk_02_does_not_hold_people_to_the_traffic_of_a_drill():
    people = {**PATH, "id": "people", "kind": "human_queue", "capacity_share": "0.1"}
    drill = but(a_fallback_drill, path="people", **under(0.0))

    finding = judged("FBK-02", fallback={"paths": [PATH, people]}, records=drill)

    assert finding.status == "passed"


def test_fbk_03_fails_when_users_got_another_model_without_a_word():
    drill = but(a_fallback_drill, swap_noticed=False, passed=False, problems=("so",))

    finding = judged("FBK-03", records=drill)

    assert finding.status == "failed"
    assert "another model than was asked for, without a word" in finding.message


def test_fbk_02_does_not_arise_for_a_system_that_depends_on_nothing():
    finding = judged("FBK-02", **ALONE)

    assert finding.status == "not_applicable"


def test_fbk_02_fails_for_a_path_that_carries_next_to_nothing_beside_one_that_carries_all():
    thin = {**PATH, "id": "a-trickle", "capacity_share": "0.001", "max_hours": "1000000"}

    finding = judged("FBK-02", fallback={"paths": [PATH, thin]})

    assert finding.status == "failed"
    assert "path a-trickle carries 0.001 of the traffic; expected at least 0.1" in finding.message


@pytest.mark.parametrize("kind", ["human_queue", "off_gracefully"])
def test_fbk_02_passes_with_people_or_nothing_behind_a_path_that_carries_the_traffic(kind):
    last = {**PATH, "id": "last", "kind": kind, "capacity_share": None}

    finding = judged("FBK-02", fallback={"paths": [PATH, last]})

    assert finding.status == "passed"


def test_fbk_02_fails_when_the_only_way_on_is_to_switch_off():
    off = {**PATH, "kind": "off_gracefully"}

    finding = judged("FBK-02", fallback={"paths": [off]})

    assert finding.status == "failed"
    assert finding.message.startswith("0 h of full traffic by last-good-hour")


def test_fbk_02_takes_the_share_that_a_company_asks_for():
    policy = {"thresholds": {"FBK-02": {"enough_share": "0.9"}}}
    path = {**PATH, "capacity_share": "0.8"}

    assert judged("FBK-02", fallback={"paths": [path]}).status == "passed"
    assert judged("FBK-02", fallback={"paths": [path]}, policy=policy).status == "failed"


def test_fbk_04_passes_when_the_other_provider_lies_elsewhere():
    finding = judged("FBK-04", identity=vendors(), fallback=second_provider())

    assert finding.status == "passed"
    assert "path other-vendor (backup takes over)" in finding.message


@pytest.mark.parametrize(
    ("path", "backup", "said"),
    [
        ({}, {"failure_domains": ["west", "eu"]}, "backup and vendor share west"),
        ({"provider": "vendor"}, {}, "goes down together with vendor"),
        ({"shares_failure_domain_with": ["vendor"]}, {}, "goes down together with vendor"),
        ({"data_allowed": "false"}, {}, "the data may not go there"),
        ({"data_sent": ["restricted"]}, {}, "backup gets restricted data, which it may not have"),
    ],
)
def test_fbk_04_fails_for_a_way_on_that_is_none_or_must_not_be_taken(path, backup, said):
    finding = judged("FBK-04", identity=vendors(**backup), fallback=second_provider(**path))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("path", "backup", "said"),
    [
        ({}, {"failure_domains": []}, "backup has no failure_domains"),
        ({"data_sent": []}, {}, "data_sent is not written"),
        ({"provider": "gone"}, {}, "its provider gone is not described"),
        ({"provider": None}, {}, "a second provider is somebody's, and no provider is named"),
        (
            {"provider": None, "kind": "smaller_model"},
            {},
            "a smaller model is somebody's, and no provider is named",
        ),
    ],
)
def test_fbk_04_is_unknown_when_it_is_not_written_where_the_other_lies(path, backup, said):
    finding = judged("FBK-04", identity=vendors(**backup), fallback=second_provider(**path))

    assert finding.reason == "missing"
    assert said in finding.message


OBJECTIVE = AREAS["service_levels"]["objectives"][0]


def objectives(**changes):
    return {"objectives": [{**OBJECTIVE, **changes}]}


def test_slo_01_passes_and_says_target_window_and_who_is_told():
    assert judged("SLO-01").message == (
        "answers: availability 0.99 over 28 days, alerts pager; fast-answers: latency 0.95 over "
        "28 days, alerts pager; few-errors: errors 0.99 over 28 days"
    )


def test_slo_01_passes_when_a_quality_objective_alerts_nobody():
    quality = objectives(indicator="quality", alerts=[])

    assert judged("SLO-01", service_levels=quality).status == "passed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"alerts": []}, "alerts nobody when its budget burns"),
        ({"indicator": "latency"}, "is about latency and has no threshold_ms"),
        (
            {"indicator": "latency", "threshold_ms": "300", "alerts": []},
            "objective answers (latency) alerts nobody",
        ),
    ],
)
def test_slo_01_fails_for_an_objective_whose_budget_burns_unseen(change, said):
    finding = judged("SLO-01", service_levels=objectives(**change))

    assert finding.status == "failed"
    assert said in finding.message


def test_slo_01_fails_when_the_alert_goes_nowhere():
    alert = {**OBJECTIVE["alerts"][0], "alert_route": None}

    assert judged("SLO-01", service_levels=objectives(alerts=[alert])).status == "failed"


def test_slo_01_fails_when_the_alert_names_a_role_that_nobody_has():
    objective = {**AREAS["service_levels"]["objectives"][0]}
    objective["alerts"] = [{**objective["alerts"][0], "alert_route": "page: flight-delay primary"}]
    areas = {"service_levels": {"objectives": [objective], "agreements": []}}

    assert judged("SLO-01", **areas).status == "passed"
    finding = judged("SLO-01", on_call=None, **areas)
    assert finding.status == "failed"
    assert "tells nobody: nobody is primary: there is no on_call.yaml" in finding.message


def test_slo_01_is_unknown_without_an_objective():
    assert judged("SLO-01", service_levels={"objectives": []}).reason == "missing"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"target": "0.5"}, "passed"),
        ({"target": "0.49"}, "failed"),
        ({"target": "0"}, "failed"),
        ({"indicator": "quality", "target": "0.4"}, "passed"),
        ({"indicator": "quality", "target": "0"}, "failed"),
    ],
)
def test_slo_01_fails_for_an_objective_that_aims_at_next_to_nothing(change, status):
    finding = judged("SLO-01", service_levels=objectives(**change))

    assert finding.status == status
    assert ("which is no objective" in finding.message) == (status == "failed")


def test_slo_03_fails_when_nothing_is_what_was_promised():
    promise = {"to": "gate staff", "objective": "answers", "target": "0"}

    finding = judged("SLO-03", service_levels={"agreements": [promise]})

    assert finding.status == "failed"
    assert "which is no promise" in finding.message


@pytest.mark.parametrize(("target", "status"), [("0.99", "passed"), ("0.991", "failed")])
def test_slo_03_fails_when_more_is_promised_than_aimed_at(target, status):
    promise = {"to": "gate staff", "objective": "answers", "target": target}

    assert judged("SLO-03", service_levels={"agreements": [promise]}).status == status


def test_slo_03_passes_and_names_both():
    assert judged("SLO-03").message == "0.98 was promised to gate staff, answers aims at 0.99"


def test_slo_03_is_unknown_when_the_promise_rests_on_no_objective():
    promise = {"to": "gate staff", "objective": "gone", "target": "0.9"}

    assert judged("SLO-03", service_levels={"agreements": [promise]}).reason == "missing"


def test_slo_03_does_not_arise_when_nothing_was_promised():
    assert judged("SLO-03", service_levels={"agreements": []}).status == "not_applicable"


def test_slo_03_is_unknown_for_a_promise_on_no_objective_and_offers_the_one_meant():
    promise = {**AREAS["service_levels"]["agreements"][0], "objective": "answer"}

    finding = judged("SLO-03", service_levels={"agreements": [promise]})

    assert finding.reason == "missing"
    assert finding.remedy == (
        "the reliability owner writes objective answer in service_levels.yaml, or corrects its "
        "name in what was promised to gate staff: did you mean answers?"
    )


def test_fbk_03_is_unknown_without_a_drill_and_asks_for_the_target_that_one_needs():
    finding = judged("FBK-03", records=lacking("fallback_drill"))

    assert finding.remedy == (
        "the reliability owner writes `target` or `vendor` of path last-good-hour in "
        "fallback.yaml first, then the primary on call runs "
        "`ops-model drill fallback flight-delay`"
    )


def test_fbk_01_tells_the_first_sentence_of_a_way_on_whole():
    path = {**PATH, "text": f"Serve {'the last good hour ' * 12}again. After six hours, nothing."}
    finding = judged("FBK-01", fallback={"paths": [path]})

    assert f"Serve {'the last good hour ' * 12}again" in finding.message
    assert "After six hours" not in finding.message
    assert "…" not in finding.message
