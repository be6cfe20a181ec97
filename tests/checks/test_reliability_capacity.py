from datetime import timedelta

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF
from tests.checks.judged import but, judged, lacking
from tests.shown_running import a_load

CAPACITY = AREAS["service_levels"]["capacity"]
NOT_KNOWN = Measured(value=None, unit="requests per second", n=0, no_interval="no row")


def capacity(**changes):
    return {"capacity": {**CAPACITY, **changes}}


def test_cap_01_passes_when_what_is_left_carries_the_peak():
    finding = judged("CAP-01")

    # 72 is nine tenths of the peak that was said.
    assert finding.message == (
        "2 of 3 nodes carry 100 requests per second; the peak is 80; 72 requests per second "
        "(n 9,000, exact) came in the 60 s from 2013-07-12T08:00:00Z"
    )
    # 100 of 80, less the peak itself.
    assert finding.values[0].measured.value == 0.25


@pytest.mark.parametrize(("peak", "status"), [("100", "passed"), ("101", "failed")])
def test_cap_01_fails_when_the_peak_needs_every_node(peak, status):
    finding = judged("CAP-01", service_levels=capacity(peak_requests_per_second=peak))

    assert finding.status == status


def with_load(peak, **changes):
    """Everything on record, so much having come at the busiest time."""
    return but(a_load, peak=peak, **changes)


@pytest.mark.parametrize(("seen", "status"), [(80.0, "passed"), (80.1, "failed")])
def test_cap_01_fails_when_more_came_than_the_peak_that_was_said(seen, status):
    finding = judged("CAP-01", records=with_load(seen))

    assert finding.status == status
    if status == "failed":
        assert finding.message.endswith(
            "80.1 requests per second (n 9,000, exact) came in the 60 s from "
            "2013-07-12T08:00:00Z; the peak was said to be 80"
        )


LONG_AGO = Window(start=AS_OF - timedelta(days=99), end=AS_OF - timedelta(days=36))


@pytest.mark.parametrize(
    ("records", "reason", "said"),
    [
        (lacking("load"), "missing", "how much came at the busiest time is on no record"),
        (with_load(72.0, as_of=AS_OF - timedelta(days=36)), "expired", "36 days old"),
        (with_load(72.0, window=LONG_AGO), "expired", "which is 36 days ago"),
        (
            with_load(72.0, peak_per_second=NOT_KNOWN),
            "too_few",
            "how much came at the busiest time is not known",
        ),
    ],
)
def test_cap_01_is_unknown_when_nobody_knows_how_much_came(records, reason, said):
    finding = judged("CAP-01", records=records)

    assert (finding.status, finding.reason) == ("unknown", reason)
    assert said in finding.message
    assert finding.remedy == "the reliability owner runs `ops-model run 06_cost flight-delay`"


def test_cap_01_asks_for_a_log_before_a_run_where_nothing_served_is_logged():
    finding = judged("CAP-01", signals={"logs": []}, records=lacking("load"))

    assert finding.remedy.startswith("the reliability owner declares a log of what is served")


def test_cap_01_asks_not_what_came_before_anybody_is_served():
    pilot = {"stage": "pilot", "at": "2013-03-01T00:00:00Z", "by": "ana-ruiz"}

    finding = judged("CAP-01", identity={"stage_history": [pilot]}, records=lacking("load"))

    assert finding.message == "2 of 3 nodes carry 100 requests per second; the peak is 80"


@pytest.mark.parametrize("check_id", ["CAP-01", "CAP-02", "CAP-03"])
def test_capacity_that_nobody_wrote_is_unknown_for_a_system_with_nodes_of_its_own(check_id):
    assert judged(check_id, service_levels={"capacity": None}).reason == "missing"


@pytest.mark.parametrize("check_id", ["CAP-01", "CAP-02", "CAP-03"])
def test_capacity_does_not_arise_for_a_model_on_somebody_else_s_nodes(check_id):
    finding = judged(check_id, identity={"kind": "llm_app"}, service_levels={"capacity": None})

    assert finding.status == "not_applicable"
    assert "somebody else's nodes" in finding.message


def test_cap_02_passes_with_something_else_to_run_on():
    assert judged("CAP-02").message == (
        "the compute is scarce; instead: the smaller model on ordinary nodes"
    )


def test_cap_02_fails_when_nothing_stands_in_for_what_is_scarce():
    alone = capacity(alternative=None, quota="4 accelerators")

    finding = judged("CAP-02", service_levels=alone)

    assert finding.status == "failed"
    assert "the compute (4 accelerators) is scarce" in finding.message


def test_cap_02_does_not_arise_when_nothing_is_scarce():
    finding = judged("CAP-02", service_levels=capacity(scarce="false"))

    assert finding.status == "not_applicable"


@pytest.mark.parametrize(
    ("seen", "status"),
    # All three nodes carry 150 requests per second.
    [(150.0, "not_applicable"), (151.0, "failed")],
)
def test_cap_02_fails_when_more_came_than_all_nodes_carry_and_nothing_stands_in(seen, status):
    plenty = capacity(scarce="false", alternative=None)

    finding = judged("CAP-02", service_levels=plenty, records=with_load(seen))

    assert finding.status == status
    if status == "failed":
        assert "151 requests per second (n 9,000, exact) came, and all of" in finding.message


def test_cap_02_passes_when_more_came_than_all_nodes_carry_and_something_stands_in():
    enough = capacity(scarce="false")

    assert judged("CAP-02", service_levels=enough, records=with_load(151.0)).status == "passed"


@pytest.mark.parametrize(("seen", "status"), [(90.0, "passed"), (91.0, "failed")])
def test_cap_03_fails_when_batch_work_leaves_too_little_for_what_came(seen, status):
    """Of 150 requests per second 90 are left, and the peak was said to be 80."""
    night = {**CAPACITY["batch"][0], "capacity_share": "0.4"}

    finding = judged(
        "CAP-03", service_levels=capacity(batch=[night], priority="none"), records=with_load(seen)
    )

    assert finding.status == status


@pytest.mark.parametrize(("share", "status"), [("0.4", "unknown"), ("0.5", "failed")])
def test_cap_03_is_no_pass_when_nobody_knows_how_much_came(share, status):
    night = {**CAPACITY["batch"][0], "capacity_share": share}

    finding = judged(
        "CAP-03",
        service_levels=capacity(batch=[night], priority="none"),
        records=lacking("load"),
    )

    assert finding.status == status


def test_cap_03_passes_when_serving_goes_first():
    assert judged("CAP-03").message == "serving goes before nightly report"


@pytest.mark.parametrize(
    ("share", "left", "status"),
    # Three nodes carry 150 requests per second, and the peak is 80.
    [("0.4", "90", "passed"), ("0.5", "75", "failed")],
)
def test_cap_03_fails_when_batch_work_leaves_too_little(share, left, status):
    night = {**CAPACITY["batch"][0], "capacity_share": share}

    finding = judged("CAP-03", service_levels=capacity(batch=[night], priority="none"))

    assert finding.status == status
    assert (
        f"at 02:00 UTC {left} requests per second are left beside nightly report"
        in finding.message
    )


def test_cap_03_fails_when_two_windows_meet_over_midnight():
    late = {"name": "late", "starts_hour_utc": "23", "hours": "4", "capacity_share": "0.3"}
    night = CAPACITY["batch"][0]

    finding = judged("CAP-03", service_levels=capacity(batch=[late, night], priority="none"))

    # At 02:00 both run, and take 0.7 of 150.
    assert "45 requests per second are left beside late, nightly report" in finding.message
    assert finding.status == "failed"


def test_cap_03_does_not_arise_without_batch_work():
    assert judged("CAP-03", service_levels=capacity(batch=[])).status == "not_applicable"
