from datetime import datetime, timedelta

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.service_levels import BurnRate
from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF, a_fallback_drill, a_statement, exact
from tests.checks.judged import instead, judged, lacking
from tests.shown_signals import a_level, between, counted

ANSWERS, FAST = AREAS["service_levels"]["objectives"][:2]
PATH = AREAS["fallback"]["paths"][0]
FEED = AREAS["identity"]["dependencies"][0]


def burning(times, hours=6.0, limit=6.0):
    return BurnRate(hours=hours, rate=times, limit=limit)


def latency(**changes):
    """The finding where this was measured of the objective about latency, and it is the only."""
    values = {
        "objective": "fast-answers",
        "target": 0.95,
        "burn": (burning(exact(1.0, "times", 240)),),
    }
    return judged(
        "SLO-02",
        service_levels={"objectives": [FAST]},
        records=instead("service_level", lambda s: a_level(s, **{**values, **changes})),
    )


def test_slo_02_passes_with_budget_left_and_no_burn_above_its_limit():
    finding = latency()

    assert finding.status == "passed"
    assert finding.message == (
        "objective fast-answers (latency): 99.5 % (n 1,000, exact) were good, 50 % (n 1,000, "
        "exact) of the error budget is left; over 6 h it burns 1 times as fast as it may, "
        "expected at most 6"
    )
    assert finding.valid_until == AS_OF + timedelta(days=8)


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"budget_left": counted(0.0)}, "failed", None),
        ({"budget_left": counted(-0.4)}, "failed", None),
        ({"budget_left": between(-0.2, 0.3)}, "unknown", "too_few"),
        ({"budget_left": between(-0.3, -0.1)}, "failed", None),
        ({"budget_left": Measured(value=None, unit="share", n=0)}, "unknown", "too_few"),
        ({"burn": (burning(exact(6.1, "times", 240)),)}, "failed", None),
        ({"burn": (burning(between(5, 7, 240, "times")),)}, "unknown", "too_few"),
        # The alert of the plan counts, whatever limit the record was made with.
        ({"burn": (burning(exact(7.0, "times", 240), limit=20.0),)}, "failed", None),
        # A span on which nobody is told has the record's limit.
        (
            {"burn": (burning(exact(1.0, "times", 9)),
                      burning(exact(9.0, "times", 9), 24.0, 3.0))},
            "failed",
            None,
        ),
        ({"burn": ()}, "unknown", "missing"),
        ({"target": 0.9}, "unknown", "expired"),
        ({"as_of": AS_OF - timedelta(days=9)}, "unknown", "expired"),
        ({"objective": "answers"}, "unknown", "missing"),
    ],
)  # fmt: skip
def test_slo_02_fails_without_budget_and_is_unknown_where_it_cannot_be_told(
    changes, status, reason
):
    finding = latency(**changes)

    assert (finding.status, finding.reason) == (status, reason)


def over_both(long, short, *, n=240, **changes):
    """An alert over 6 h with its short window, in a log that is still written."""
    return {
        "rows": 1000,
        "silence": exact(0.5, "h", 1000),
        "longest_silence": exact(8.0, "h", 1000),
        "burn": (
            burning(exact(long, "times", n)).model_copy(
                update={"short_hours": 0.5, "short": exact(short, "times", n)}
            ),
        ),
        **changes,
    }


NOTHING = Measured(value=None, unit="times", n=0, no_interval="too few")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        (over_both(9.0, 0.0), "passed"),  # it was fast, and is over
        (over_both(0.5, 20.0), "passed"),  # it has only begun
        (over_both(9.0, 20.0), "failed"),
        # One of three that failed is no outage, and no proof that there is none.
        (over_both(9.0, 20.0, n=3), "unknown"),
        # At night nobody asks; a log that stopped is silent for longer than it ever was.
        ({**over_both(0, 0), "burn": (burning(NOTHING),)}, "passed"),
        (
            {**over_both(0, 0), "burn": (burning(NOTHING),), "silence": exact(8.5, "h", 1000)},
            "unknown",
        ),
        # What is known by the day says nothing of an hour.
        (
            {**over_both(0, 0), "burn": (burning(
                NOTHING.model_copy(update={"no_interval": "known by 24 hours only"})),)},
            "unknown",
        ),
    ],
)  # fmt: skip
def test_slo_02_takes_a_budget_to_burn_where_both_windows_say_so(changes, status):
    assert latency(**changes).status == status


@pytest.mark.parametrize(
    ("silent", "longest", "status"),
    [(30.0, 8.0, "unknown"), (30.0, 48.0, "passed"), (20.0, 8.0, "passed")],
)
def test_slo_02_is_unknown_when_the_log_stopped_though_no_alert_looks_so_near(
    silent, longest, status
):
    of_log = {"silence": exact(silent, "h", 1000), "longest_silence": exact(longest, "h", 1000)}

    finding = latency(**{**over_both(0.5, 0.5), **of_log})

    assert finding.status == status
    assert ("its log is silent for 30 h" in finding.message) == (status == "unknown")


def test_slo_02_names_both_windows():
    assert (
        "over 6 h it burns 9 times as fast as it may and over the last 0.5 h 20 times, expected "
        "at most 6"
    ) in latency(**over_both(9.0, 20.0)).message


def test_slo_02_is_unknown_while_one_objective_is_not_measured():
    levels = {"objectives": [ANSWERS, {**FAST, "log": None}]}

    finding = judged("SLO-02", service_levels=levels, records=instead("service_level", a_level))

    assert finding.reason == "missing"
    assert "the budget of objective fast-answers is on no record" in finding.message
    assert finding.remedy == (
        "the reliability owner writes `log` and `good` of objective fast-answers in "
        "service_levels.yaml first, then the reliability owner runs `ops-model run "
        "05_drift_quality flight-delay`"
    )


@pytest.mark.parametrize(
    ("objectives", "said"),
    [([ANSWERS], "there is answers (availability)"), ([], "there is none at all")],
)
def test_slo_02_is_unknown_when_no_objective_is_about_latency(objectives, said):
    finding = judged("SLO-02", service_levels={"objectives": objectives})

    assert finding.reason == "missing"
    assert said in finding.message


def test_slo_02_is_unknown_without_a_file():
    assert judged("SLO-02", service_levels=None).reason == "missing"


def drilled(*days, **changes):
    """The way on was rehearsed so many days ago, and at no other time."""
    return instead(
        "fallback_drill",
        *(
            lambda system, ago=ago: a_fallback_drill(
                system, as_of=AS_OF - timedelta(days=ago), done_at=AS_OF, **changes
            )
            for ago in days
        ),
    )


def test_fbk_05_passes_when_it_was_rehearsed_as_often_as_outages_are_expected():
    finding = judged("FBK-05", records=drilled(10, 40, 70))

    # 6 h a month are 17.95 h in 91 days; outages of 8 h are 2.2 of them, so three
    assert finding.message == (
        "weather-feed is expected to be down for 6 h in a month; last-good-hour was rehearsed on "
        "3 days of the last 91; expected 3"
    )
    # the third newest is 70 days old
    assert finding.valid_until == AS_OF + timedelta(days=21)


@pytest.mark.parametrize(
    ("tier", "hours", "due"),
    [
        ("A", "6", 5),  # 17.95 / 4 = 4.5
        ("B", "2", 1),  # 5.98 / 8 = 0.7
        ("B", "2.7", 2),  # 8.08 / 8 = 1.01
        ("C", "6", 1),  # 17.95 / 24 = 0.7
        ("B", "744", 13),  # no more than once a week
    ],
)
def test_fbk_05_fails_when_it_was_rehearsed_less_often_than_the_tier_asks(tier, hours, due):
    identity = {"dependencies": [{**FEED, "expected_outage_hours_per_month": hours}]}
    often = [7 * n for n in range(due)]

    enough = judged("FBK-05", tier=tier, identity=identity, records=drilled(*often))
    fewer = judged("FBK-05", tier=tier, identity=identity, records=drilled(*often[1:]))

    assert enough.status == "passed"
    assert fewer.status == ("failed" if due > 1 else "unknown")
    assert f"expected {due}" in fewer.message


@pytest.mark.parametrize(
    ("records", "status", "reason"),
    [
        (drilled(10, 10, 10), "failed", None),
        (drilled(10, 40, 92), "failed", None),
        (drilled(10, 40, 91), "passed", None),
        (drilled(10, 40, 70, environment="test"), "passed", None),
        (drilled(10, 40, 70, passed=False), "unknown", "expired"),
        (drilled(10, 40, 70, requests=0), "unknown", "expired"),
        (drilled(10, 40, 70, path="another"), "unknown", "missing"),
        (drilled(100, 120, 150), "unknown", "expired"),
        (drilled(), "unknown", "missing"),
    ],
)
def test_fbk_05_fails_when_one_day_is_counted_thrice_or_too_long_ago(records, status, reason):
    finding = judged("FBK-05", records=records)

    assert (finding.status, finding.reason) == (status, reason)


def test_fbk_05_fails_for_drills_of_which_the_tool_saw_one_only():
    def records(system):
        told = [
            a_statement(drill, seq, actor="person:ana-ruiz", origin=None)
            for seq, drill in enumerate(drilled(40, 70)(system), start=500)
            if drill.kind == "fallback_drill"
        ]
        return (*drilled(10)(system), *told)

    finding = judged("FBK-05", records=records)

    assert finding.status == "failed"
    assert "on 1 day of the last 91; expected 3" in finding.message


def test_fbk_05_passes_with_rehearsals_of_an_earlier_text_of_the_plan():
    def records(system):
        old = (
            a_fallback_drill(system).claims[0].model_copy(update={"digest": "sha256:" + "0" * 64})
        )
        before = drilled(40, 70, claims=(old,))(system)
        return (*before, a_fallback_drill(system))

    assert judged("FBK-05", records=records).status == "passed"


def test_fbk_05_is_unknown_when_nobody_said_how_often_it_is_down():
    identity = {"dependencies": [{**FEED, "expected_outage_hours_per_month": "0"}]}

    finding = judged("FBK-05", identity=identity)

    assert finding.reason == "missing"
    assert "has no expected_outage_hours_per_month above 0" in finding.message


def test_fbk_05_is_unknown_when_one_of_two_has_no_way_on():
    vendor = {**FEED, "id": "vendor", "kind": "model_provider"}

    finding = judged("FBK-05", identity={"dependencies": [FEED, vendor]})

    assert finding.reason == "missing"
    assert finding.message == "no path replaces vendor, so none can be rehearsed"


def test_fbk_05_counts_all_the_ways_on_of_one_dependency():
    def records(system):
        other = drilled(40, 70, path="off")(system)
        return (*other, a_fallback_drill(system))

    paths = [PATH, {**PATH, "id": "off", "kind": "off_gracefully"}]

    assert judged("FBK-05", fallback={"paths": paths}, records=records).status == "passed"


def test_fbk_05_is_unknown_without_a_plan_and_does_not_arise_without_a_dependency():
    alone = {"identity": {"dependencies": []}, "signals": {"feeds": []}, "fallback": None}

    assert judged("FBK-05", fallback=None).reason == "missing"
    assert judged("FBK-05", **alone).status == "not_applicable"
    assert judged("FBK-05", identity={"dependencies": []}).reason == "missing"


def test_fbk_05_is_unknown_while_nobody_rehearsed_and_says_how_often():
    finding = judged("FBK-05", records=lacking("fallback_drill"))

    assert "`ops-model drill fallback flight-delay`, once in 30 days" in finding.remedy


def days(first, last):
    """From so many days ago until so many days ago."""
    return Window(start=AS_OF - timedelta(days=first), end=AS_OF - timedelta(days=last))


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (None, "which days were counted stands nowhere"),
        (days(1, 0), "1 days were counted; its own window has 28 by then"),
        (days(158, 130), "which is 130 days ago; expected at most 8"),
    ],
)
def test_slo_02_is_unknown_when_other_days_than_its_own_were_counted(window, said):
    finding = latency(window=window)

    assert finding.reason == "expired"
    assert said in finding.message


@pytest.mark.parametrize(
    ("calendar", "first", "status"),
    [
        # 22 July 2013 is a Monday, and the first hours of it were counted.
        ("week", "2013-07-22", "passed"),
        ("month", "2013-07-01", "passed"),
        ("month", "2013-07-02", "unknown"),
        ("quarter", "2013-07-01", "passed"),
        ("quarter", "2013-07-02", "unknown"),
        ("year", "2013-01-01", "passed"),
        ("year", "2013-04-01", "unknown"),
    ],
)
def test_slo_02_passes_by_the_days_of_the_calendar_that_are_over(calendar, first, status):
    by_calendar = {**FAST, "calendar": calendar, "window_days": None}
    level = {
        "objective": "fast-answers",
        "target": 0.95,
        "burn": (burning(exact(1.0, "times", 240)),),
        "window": Window(start=datetime.fromisoformat(f"{first}T00:00:00Z"), end=AS_OF),
    }

    finding = judged(
        "SLO-02",
        service_levels={"objectives": [by_calendar]},
        records=instead("service_level", lambda s: a_level(s, **level)),
    )

    assert finding.status == status


def test_slo_02_is_unknown_when_more_is_left_than_what_was_good_leaves():
    # Of a target of 95 %, nothing good spends the budget twenty times.
    finding = latency(good=counted(0.0))

    assert finding.status == "unknown"
    assert finding.message.endswith("by what was good no more than -19 of it can be left")


@pytest.mark.parametrize("changes", [{"good": counted(1.0, 1)}, {"budget_left": counted(0.5, 1)}])
def test_slo_02_is_unknown_for_a_single_request(changes):
    assert latency(**changes).reason == "too_few"
