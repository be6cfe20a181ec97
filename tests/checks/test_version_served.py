from datetime import timedelta

import pytest

from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF, a_drift, a_quality, all_records, exact
from tests.checks.judged import but, judged
from tests.shown_quality import a_skew, a_split, an_importance
from tests.shown_running import a_bridge, a_forecast, a_unit_cost
from tests.shown_signals import a_capture, a_reconstruction, a_rule_measurement

FOUR_WEEKS = Window(start=AS_OF - timedelta(days=28), end=AS_OF)
COUNTED = [
    ("QLT-04", a_quality),
    ("QLT-05", a_quality),
    ("QLT-07", a_quality),
    ("QLT-09", a_quality),
    ("DRF-04", an_importance),
    ("DRF-06", a_skew),
    ("OBS-01", a_capture),
    ("OBS-03", a_reconstruction),
    ("RUL-01", a_rule_measurement),
    ("CST-05", a_bridge),
    ("CST-08", a_unit_cost),
]
"""Checks that answer of the version in production, and what each answers from."""


def serving(**before):
    """The version serves since so long before the instant that judges; None is nobody knows."""
    since = (AS_OF - timedelta(**before)).isoformat() if before else None
    return {"version": {**AREAS["identity"]["version"], "in_production_since": since}}


def over(build, window=FOUR_WEEKS):
    """All records, one of them counted over these days."""
    return but(build, window=window, as_of=AS_OF)


@pytest.mark.parametrize(("check", "build"), COUNTED)
def test_a_version_that_served_the_last_hour_of_the_window_was_not_measured(check, build):
    finding = judged(check, identity=serving(hours=1), records=over(build))

    assert (finding.status, finding.reason) == ("unknown", "expired")
    assert (
        "of the last 28 days that its measurement of 2013-07-22 counts, v2 served 1 h (0.1 %), "
        "since 2013-07-22; expected at least half"
    ) in finding.message


@pytest.mark.parametrize(("check", "build"), COUNTED)
def test_a_version_of_which_nobody_knows_since_when_it_serves_was_not_measured(check, build):
    finding = judged(check, identity=serving(), records=over(build))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "nobody wrote since when v2 serves, so its measurement of 2013-07-22" in finding.message
    assert finding.remedy == "the owner writes `version.in_production_since` in system.yaml"


def test_obs_02_takes_neither_the_fields_nor_the_labels_of_another_version():
    def records(system):
        old = {"capture": a_capture, "quality": a_quality}
        kept = (r for r in all_records(system) if r.kind not in old)
        return (*kept, *(build(system, window=FOUR_WEEKS) for build in old.values()))

    finding = judged("OBS-02", identity=serving(hours=1), records=records)

    assert finding.reason == "expired"


@pytest.mark.parametrize(("hours", "status"), [(14 * 24, "passed"), (14 * 24 - 1, "unknown")])
def test_a_version_counts_from_half_of_the_window_on(hours, status):
    assert (
        judged("OBS-01", identity=serving(hours=hours), records=over(a_capture)).status == status
    )


def test_a_share_just_below_the_half_is_not_said_as_the_half():
    finding = judged("OBS-01", identity=serving(hours=14 * 24 - 0.1), records=over(a_capture))

    assert "v2 served 14 days (49.9 %)" in finding.message


def test_the_remedy_says_for_how_long_the_version_has_to_serve_first():
    young = judged("OBS-01", identity=serving(hours=1), records=over(a_capture))
    old = judged(
        "OBS-01",
        identity=serving(days=15),
        records=but(a_capture, window=Window(start=AS_OF - timedelta(days=35),
                                             end=AS_OF - timedelta(days=7))),
    )  # fmt: skip

    assert young.remedy == (
        "once v2 has served for 14 days, the reliability owner runs `ops-model run "
        "05_drift_quality flight-delay`"
    )
    assert old.remedy == "the reliability owner runs `ops-model run 05_drift_quality flight-delay`"


def live_since(**before):
    at = (AS_OF - timedelta(**before)).isoformat()
    return {"stage_history": [{"stage": "live", "at": at, "by": "ana-ruiz"}]}


def test_days_on_which_nobody_was_served_yet_are_no_other_versions():
    first = {**serving(days=5), **live_since(days=5)}
    second = {**serving(days=5), **live_since(days=12)}

    of_five, of_twelve = (
        judged("OBS-01", identity=identity, records=over(a_capture))
        for identity in (first, second)
    )

    assert of_five.status == "passed"
    assert "of the last 12 days that its" in of_twelve.message
    assert "v2 served 5 days (41.6 %)" in of_twelve.message


def test_nobody_is_asked_since_when_a_version_serves_before_it_serves_anybody():
    identity = {**serving(), "stage_history": []}

    assert judged("OBS-01", identity=identity, records=over(a_capture)).status == "passed"


def test_inputs_are_of_no_version():
    assert judged("DRF-02", identity=serving(hours=1), records=over(a_drift)).status == "passed"


def test_a_fall_is_not_explained_by_a_split_of_another_versions_answers():
    fell = but(a_quality, change=exact(-0.05, "share", 1000))
    split = Window(start=AS_OF - timedelta(days=60), end=AS_OF - timedelta(days=15))

    def records(system):
        return tuple(
            a_split(system, window=split) if r.kind == "change_decomposition" else r
            for r in fell(system)
        )

    finding = judged("QLT-05", identity=serving(days=20), records=records)

    assert (finding.status, finding.reason) == ("unknown", "expired")


LABELLED = {
    "logs": [
        {**log, "version": "version"} if log["holds"] == "predictions" else log
        for log in AREAS["signals"]["logs"]
    ]
}
"""The log of what was served says in a column which version answered."""


def test_rows_that_say_which_version_answered_need_no_share_of_the_window_and_no_day():
    for identity in (serving(hours=1), serving()):
        finding = judged("DRF-06", identity=identity, signals=LABELLED, records=over(a_skew))

        assert finding.status == "passed"


def test_rows_of_before_a_model_was_exchanged_bear_the_same_label_and_do_not_count():
    before = Window(start=AS_OF - timedelta(days=28), end=AS_OF - timedelta(hours=2))

    finding = judged(
        "DRF-06", identity=serving(hours=1), signals=LABELLED, records=over(a_skew, before)
    )

    assert finding.reason == "expired"
    assert "is of what was served before v2, which serves since 2013-07-22" in finding.message


@pytest.mark.parametrize(("days", "status"), [(14, "passed"), (13, "unknown")])
def test_cst_06_asks_for_half_of_the_last_four_weeks_of_the_months_that_it_looks_at(days, status):
    months = Window(start=AS_OF - timedelta(days=91), end=AS_OF)

    finding = judged("CST-06", identity=serving(days=days), records=over(a_forecast, months))

    assert finding.status == status
