from datetime import timedelta

import pytest

from ops_model.check.remedies import waits
from ops_model.domain.evidence import Measured
from tests.builders import AREAS, AS_OF, a_quality, exact
from tests.checks.judged import but, instead, judged, lacking
from tests.shown_signals import a_capture, between, counted

POLICY = AREAS["signals"]["log_policy"]
LATE = timedelta(days=9)
YOUNGER = {
    "version": {**AREAS["identity"]["version"], "in_production_since": "2013-07-22T00:00:00Z"}
}
"""The version that serves began eight hours ago."""


def policy(**changes):
    return {"log_policy": {**POLICY, **changes}}


def fields(**changes):
    named = {**POLICY["fields"], **changes}
    return policy(fields={k: v for k, v in named.items() if v is not None})


def capturing(**shares):
    """A measurement in which these fields have these shares, and every other enough."""
    four = dict.fromkeys(("input", "output", "intent", "outcome"), counted(0.995))
    return but(a_capture, fields={k: v for k, v in {**four, **shares}.items() if v is not None})


def test_obs_01_passes_when_each_of_the_four_is_there_of_nearly_every_row():
    finding = judged("OBS-01")

    assert finding.status == "passed"
    assert finding.message.startswith("of 1,000 rows of log served: input 99.5 % (n 1,000, exact)")
    assert {value.name for value in finding.values} == {"input", "output", "intent", "outcome"}
    assert finding.valid_until == AS_OF + timedelta(days=8)


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        (fields(intent=None), "no column is named for intent"),
        (fields(intent=None, outcome=None), "no column is named for intent, outcome"),
        (fields(intent="asked.why"), "intent stands in asked.why, and signals.yaml has no log as"),
        (fields(output="landed.late"), "output stands in log landed, which holds labels"),
        (policy(coverage_floor="0.5"), "the coverage_floor is 0.5; expected at least 0.95"),
    ],
)
def test_obs_01_fails_when_the_policy_leaves_a_field_out_or_asks_for_little(signals, said):
    finding = judged("OBS-01", signals=signals)

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("share", "status", "reason"),
    [
        (counted(0.99), "passed", None),
        (counted(0.98), "failed", None),
        (between(0.97, 0.985), "failed", None),
        (between(0.985, 0.995), "unknown", "too_few"),
        (between(0.99, 0.999), "passed", None),
        (Measured(value=0.995, unit="share", n=3, no_interval="too few"), "unknown", "too_few"),
        (exact(1.0, "share", 0), "unknown", "too_few"),
        (None, "unknown", "missing"),
    ],
)
def test_obs_01_fails_below_the_floor_and_is_judged_on_the_low_end(share, status, reason):
    finding = judged("OBS-01", records=capturing(intent=share))

    assert (finding.status, finding.reason) == (status, reason)


def test_obs_01_fails_and_names_the_field_that_is_not_written():
    finding = judged("OBS-01", records=capturing(intent=counted(0.6)))

    assert finding.message.endswith("expected at least 0.99, and intent is below")
    assert "what does not write intent" in finding.remedy


def test_obs_01_is_unknown_while_nobody_counted_and_says_what_counts():
    finding = judged("OBS-01", records=lacking("capture"))

    assert finding.reason == "missing"
    assert "no such measurement: how much of each field log served holds" in finding.message
    assert (
        finding.remedy
        == "the reliability owner runs `ops-model run 05_drift_quality flight-delay`"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"as_of": AS_OF - LATE}, "expired"), ({"log": "landed"}, "missing")],
)
def test_obs_01_is_unknown_when_an_old_count_or_one_of_another_log_is_all_there_is(change, reason):
    assert judged("OBS-01", records=but(a_capture, **change)).reason == reason


def test_obs_01_is_unknown_when_an_earlier_version_was_counted():
    counted_before = but(a_capture, as_of=AS_OF - timedelta(days=1))

    finding = judged("OBS-01", identity=YOUNGER, records=counted_before)

    assert finding.reason == "expired"
    assert "what was served before v2, which serves since 2013-07-22" in finding.message


def test_obs_01_is_unknown_without_a_policy_or_without_a_file():
    assert judged("OBS-01", signals={"log_policy": None}).reason == "missing"
    assert judged("OBS-01", signals=None).reason == "missing"


def test_obs_01_is_unknown_and_no_pass_for_a_measurement_of_tomorrow():
    assert judged("OBS-01", records=but(a_capture, as_of=AS_OF + LATE)).reason == "missing"


def test_obs_02_passes_by_a_count_of_the_log():
    finding = judged("OBS-02")

    assert finding.message == (
        "landed.late is there of 97 % (n 1,000, exact) of the outputs; expected at least 0.9"
    )


@pytest.mark.parametrize(
    ("tier", "share", "status", "reason"),
    [
        ("B", counted(0.9), "passed", None),
        ("B", counted(0.899), "failed", None),
        ("A", counted(0.94), "failed", None),
        ("C", counted(0.8), "passed", None),
        ("B", between(0.8, 0.89), "failed", None),
        ("B", between(0.85, 0.95), "unknown", "too_few"),
    ],
)
def test_obs_02_fails_when_too_few_outcomes_are_joined(tier, share, status, reason):
    finding = judged("OBS-02", tier=tier, records=but(a_capture, outcome_join=share))

    assert (finding.status, finding.reason) == (status, reason)


MONITORED = {
    "monitors": [
        {**AREAS["signals"]["monitors"][0], "label": "late"},
        *AREAS["signals"]["monitors"][1:],
    ]
}
"""The monitor of quality joins the very column that the policy calls the outcome."""


def test_obs_02_passes_by_the_labels_of_a_monitor_where_nothing_else_was_counted():
    quality = a_quality
    shown = instead("capture", lambda s: quality(s, current=exact(0.8, "share", 990)))

    finding = judged("OBS-02", signals=MONITORED, records=shown)

    # 990 of 1,000 rows had a label, which is the 0.99 that the monitor says
    assert finding.status == "passed"
    assert "found landed.late of 99 % (n 1,000, exact) of the rows" in finding.message


def test_obs_02_fails_by_the_labels_of_a_monitor():
    def records(system):
        kept = lacking("capture", "quality")(system)
        return (*kept, a_quality(system, labelled_share=0.5))

    finding = judged("OBS-02", signals=MONITORED, records=records)

    assert finding.status == "failed"
    assert "of 50 % (n 2,000, exact)" in finding.message
    assert "`late_days`" in finding.remedy


def test_obs_02_is_unknown_where_the_monitor_found_no_row():
    def records(system):
        empty = Measured(value=None, unit="share", n=0, no_interval="too few")
        kept = lacking("capture", "quality")(system)
        return (*kept, a_quality(system, current=empty, labelled_share=0.0))

    assert judged("OBS-02", signals=MONITORED, records=records).reason == "too_few"


def test_obs_02_is_unknown_where_a_monitor_joins_another_column():
    other = {"monitors": [{**AREAS["signals"]["monitors"][0], "label": "cancelled"}]}

    finding = judged("OBS-02", signals=other, records=lacking("capture"))

    assert finding.reason == "missing"
    assert (
        finding.remedy
        == "the reliability owner runs `ops-model run 05_drift_quality flight-delay`"
    )


def test_obs_02_is_unknown_where_a_monitor_never_ran_and_says_how_it_does():
    monitored = {**MONITORED["monitors"][0], "prediction": "prediction"}

    finding = judged(
        "OBS-02", signals={"monitors": [monitored]}, records=lacking("capture", "quality")
    )

    assert finding.reason == "missing"
    assert "`ops-model run 05_drift_quality flight-delay`" in finding.remedy


def test_obs_02_is_unknown_when_no_column_holds_the_outcome():
    finding = judged("OBS-02", signals=fields(outcome=None))

    assert finding.reason == "missing"
    assert "names no column of the outcome" in finding.message


def test_obs_02_is_unknown_when_no_log_of_what_was_served_is_declared():
    labels = [AREAS["signals"]["logs"][1]]

    finding = judged("OBS-02", signals={"logs": labels, "monitors": []})

    assert "no log of what was served is declared" in finding.message


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("check_id", ["OBS-01", "OBS-02"])
def test_a_count_of_hardly_a_row_answers_nothing(check_id, rows):
    one = counted(1.0, 1)
    few = but(
        a_capture,
        rows=rows,
        fields=dict.fromkeys(("input", "output", "intent", "outcome"), one),
        outcome_join=one,
    )

    assert judged(check_id, records=few).reason == "too_few"


def test_obs_01_fails_when_all_four_stand_in_one_column():
    one = fields(**dict.fromkeys(("input", "output", "intent", "outcome"), "served.prediction"))

    finding = judged("OBS-01", signals=one)

    assert finding.status == "failed"
    assert finding.message == (
        "input and output and intent and outcome stand in one column, served.prediction"
    )


def test_obs_01_fails_and_says_what_has_to_be_done_anew_after_the_claim_is_mended():
    finding = judged("OBS-01", signals=fields(intent=None))

    assert "`ops-model attest flight-delay --topic claims --file signals.yaml" in finding.remedy
    assert "runs `ops-model run 05_drift_quality flight-delay` again" in finding.remedy
    # What can be done at once is no gap that only waits.
    assert not waits(finding.remedy)


def test_obs_02_is_unknown_when_the_output_is_its_own_outcome():
    finding = judged("OBS-02", signals=fields(outcome="served.prediction"))

    assert finding.reason == "missing"
    assert "names the output as its own outcome" in finding.message


def test_obs_02_is_unknown_where_the_monitor_found_hardly_a_row():
    def records(system):
        kept = lacking("capture", "quality")(system)
        return (*kept, a_quality(system, current=exact(1.0, "share", 3)))

    finding = judged("OBS-02", signals=MONITORED, records=records)

    assert finding.reason == "too_few"
    assert "found 3 rows with an outcome in its window; expected at least 20" in finding.message
