from datetime import date, timedelta

from tests.builders import AREAS, AS_OF, a_column, a_drift, a_quality, exact
from tests.checks.judged import but, judged, lacking

QUALITY, INPUTS = AREAS["signals"]["monitors"]


def monitors(*given):
    return {"monitors": list(given)}


def test_qlt_01_passes_and_says_quality_now_and_before_with_n_and_interval():
    assert judged("QLT-01").message == (
        "monitor quality (daily, alerts pager): accuracy 80 % (n 1,000, 78 to 82 %) against 85 % "
        "(n 1,000, 83 to 87 %)"
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


def test_qlt_01_is_unknown_when_the_monitor_never_measured():
    finding = judged("QLT-01", records=lacking("quality"))

    assert finding.reason == "missing"
    assert "ops-model run 05_drift_quality flight-delay" in finding.remedy


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
    assert "the quality of 2013-07-13 is 9.0 days old; expected at most 8" in finding.message


def test_drf_01_passes_with_a_leading_and_a_lagging_monitor():
    assert judged("DRF-01").message == "leading: inputs; lagging: quality"


def test_drf_01_fails_when_only_quality_is_watched():
    finding = judged("DRF-01", signals=monitors(QUALITY))

    assert finding.status == "failed"
    assert "leading (inputs, confidence or importances)" in finding.message


def test_drf_01_fails_when_only_inputs_are_watched():
    assert "lagging" in judged("DRF-01", signals=monitors(INPUTS)).message


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
