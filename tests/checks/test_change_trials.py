from datetime import timedelta

import pytest

from ops_model.domain.evidence import Measured
from tests.builders import AREAS, AS_OF, a_spend, all_records, exact
from tests.checks.judged import but, judged, lacking
from tests.shown_running import a_challenger, a_swap

REQUEST = AREAS["change"]["requests"][0]
PLAN = REQUEST["challenger"]


def challenger(**changes):
    return {"requests": [{**REQUEST, "challenger": {**PLAN, **changes}}]}


def measured(**changes):
    return lambda system: (*all_records(system), a_challenger(system, **changes))


def test_cch_02_passes_when_it_is_written_what_the_comparison_costs():
    assert judged("CCH-02").message == "to-v3: one request becomes 2, and it costs 0.40 USD"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cost_multiplier": None}, "nobody wrote cost_multiplier of its challenger"),
        (
            {"cost_multiplier": None, "estimated_cost": None},
            "nobody wrote cost_multiplier and estimated_cost of its challenger",
        ),
        ({"estimated_cost": "0 USD"}, "0 USD is no estimate; expected more than nothing"),
    ],
)
def test_cch_02_fails_when_nobody_wrote_what_the_comparison_costs(change, said):
    finding = judged("CCH-02", change=challenger(**change))

    assert finding.status == "failed"
    assert said in finding.message


def test_cch_02_passes_when_it_was_measured_instead():
    unwritten = challenger(cost_multiplier=None, estimated_cost=None)

    finding = judged("CCH-02", change=unwritten, records=measured())

    assert finding.status == "passed"
    assert "one request becomes 2, and it costs 0.40 USD (n 2,000, exact), as measured" in (
        finding.message
    )


@pytest.mark.parametrize(
    "other", [{"request": "another"}, {"to_digest": "sha256:" + "0" * 64}], ids=["request", "v4"]
)
def test_cch_02_counts_no_measurement_of_another_comparison(other):
    unwritten = challenger(cost_multiplier=None)

    assert judged("CCH-02", change=unwritten, records=measured(**other)).status == "failed"


@pytest.mark.parametrize(("times", "status"), [("2.5", "passed"), ("2.6", "failed")])
def test_cch_02_fails_when_shadowing_real_traffic_breaks_the_ceiling(times, status):
    # a full day is 40.00 USD, the ceiling 100.00
    live = challenger(environment="production", cost_multiplier=times)

    finding = judged("CCH-02", change=live)

    assert finding.status == status
    assert f"{times} times 40.00 USD" in finding.message


def test_cch_02_judges_by_the_upper_end_of_a_measured_multiplier():
    wide = Measured(value=2.0, unit="requests", n=50, low=1.4, high=2.6)
    live = challenger(environment="production", cost_multiplier="2")

    finding = judged("CCH-02", change=live, records=measured(cost_multiplier=wide))

    assert finding.status == "failed"


LIVE = challenger(environment="production")


@pytest.mark.parametrize(
    ("areas", "records", "reason"),
    [
        ({"cost": {"ceilings": []}}, all_records, "missing"),
        ({}, lacking("spend"), "missing"),
        ({}, but(a_spend, as_of=AS_OF - timedelta(days=9)), "expired"),
        ({}, but(a_spend, last_full_day=exact(40, "EUR")), "too_few"),
    ],
)
def test_cch_02_is_unknown_when_nobody_knows_whether_there_is_room(areas, records, reason):
    finding = judged("CCH-02", change=LIVE, records=records, **areas)

    assert (finding.status, finding.reason) == ("unknown", reason)


def test_cch_02_does_not_arise_where_no_challenger_is_planned():
    none = {"requests": [{**REQUEST, "challenger": None}]}

    assert judged("CCH-02", change=none).status == "not_applicable"
    assert judged("CCH-02", change=None).reason == "missing"


VENDOR = {
    "id": "vendor",
    "kind": "model_provider",
    "name": "a vendor",
    "pinned_id": "large-2013-01",
}


def timed(seconds):
    return Measured(value=seconds, unit="s", n=1, no_interval="single timing")


def calling(**changes):
    return {"kind": "llm_app", "dependencies": [{**VENDOR, **changes}]}


def rehearsed(**changes):
    return lambda system: (*all_records(system), a_swap(system, **changes))


def test_cch_05_passes_when_the_pinned_model_was_exchanged_lately():
    finding = judged("CCH-05", identity=calling(), records=rehearsed())

    assert finding.status == "passed"
    assert finding.message == (
        "vendor: large-2013-01 was exchanged for large-2013-06 in 300 s (n 1, single timing) on "
        "2013-07-15"
    )


@pytest.mark.parametrize(("days", "status"), [(180, "passed"), (181, "unknown")])
def test_cch_05_is_unknown_when_the_exchange_is_older_than_half_a_year(days, status):
    old = rehearsed(as_of=AS_OF - timedelta(days=days))

    assert judged("CCH-05", identity=calling(), records=old).status == status


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"passed": False, "problems": ("the format broke",)}, "did not pass: the format broke"),
        ({"passed": False}, "did not pass: no reason given"),
        ({"to_model": "large-2013-01"}, "exchanged large-2013-01 for itself"),
        ({"seconds": timed(1e9)}, "expected at most 8 h"),
        ({"seconds": timed(28801)}, "expected at most 8 h"),
    ],
)
def test_cch_05_fails_when_the_exchange_did_not_work(change, said):
    finding = judged("CCH-05", identity=calling(), records=rehearsed(**change))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"performed_by": None}, "names nobody of people.yaml who performed it"),
        ({"performed_by": "gone"}, "names nobody of people.yaml who performed it"),
        ({"to_model": " "}, "does not say for which model"),
        ({"seconds": timed(None)}, "does not say how long it took"),
        ({"done_at": AS_OF - timedelta(days=181)}, "was done on 2013-01-22; expected within 180"),
        ({"done_at": AS_OF + timedelta(days=1)}, "was done on 2013-07-23; expected within 180"),
    ],
)
def test_cch_05_is_unknown_when_a_rehearsal_leaves_open_who_did_what_when(change, said):
    finding = judged("CCH-05", identity=calling(), records=rehearsed(**change))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert said in finding.message


def test_cch_05_is_unknown_when_another_model_is_pinned_by_now():
    finding = judged("CCH-05", identity=calling(pinned_id="large-2013-06"), records=rehearsed())

    assert (finding.status, finding.reason) == ("unknown", "expired")
    assert "went from large-2013-01; large-2013-06 is agreed now" in finding.message


@pytest.mark.parametrize(
    ("identity", "records"),
    [
        (calling(), all_records),
        (calling(id="another"), rehearsed()),
        (calling(pinned_id=None), rehearsed()),
        ({"kind": "llm_app"}, rehearsed()),
    ],
    ids=["never rehearsed", "of another provider", "nothing pinned", "nobody named"],
)
def test_cch_05_is_unknown_when_no_exchange_of_this_provider_is_on_record(identity, records):
    finding = judged("CCH-05", identity=identity, records=records)

    assert (finding.status, finding.reason) == ("unknown", "missing")


def test_cch_05_takes_the_version_s_model_where_the_only_provider_pins_none():
    version = {**AREAS["identity"]["version"], "provider_model_id": "large-2013-01"}
    identity = {**calling(pinned_id=None), "version": version}

    assert judged("CCH-05", identity=identity, records=rehearsed()).status == "passed"


def test_cch_05_does_not_arise_for_a_model_of_our_own():
    finding = judged("CCH-05")

    assert finding.status == "not_applicable"
    assert "which no provider can retire" in finding.message


def test_cch_05_is_unknown_when_a_model_is_called_and_no_provider_is_named():
    version = {**AREAS["identity"]["version"], "provider_model_id": "large-2013-01"}
    ceiling = {**AREAS["cost"]["ceilings"][0], "scope": "provider", "provider": "vendor"}

    by_version = judged("CCH-05", identity={"version": version})
    by_ceiling = judged("CCH-05", cost={"ceilings": [ceiling]})

    assert by_version.reason == by_ceiling.reason == "missing"
    assert "v2 names the provider's large-2013-01" in by_version.message
