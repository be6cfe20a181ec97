"""One incident looked back at: rows counted by hand, who knew first, what stood there before.

A log of one row an hour, from 00:00 to 23:00 on 8 March 2013.
"""

from datetime import UTC, date, datetime, timedelta

import ibis
import pyarrow as pa
import pytest

from ops_model.analysis.exposure import Served, count_served, measure_incident, span_of
from ops_model.domain.detection import DriftMeasurement, QualityMeasurement
from ops_model.domain.evidence import Measured, Statement
from ops_model.domain.incidents import Incident
from ops_model.domain.values import claim_digest, digest_of
from tests.builders import a_system, all_records

DAY = datetime(2013, 3, 8, tzinfo=UTC)
AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)


def at(hours, minutes=0):
    return DAY + timedelta(hours=hours, minutes=minutes)


def an_incident(**changes):
    given = {
        "id": "storm", "title": "late flights called on time", "severity": "sev2",
        "state": "closed", "detected_by": "staff", "failure_mode": "wind-unlike-training",
        "onset_earliest": at(11), "onset_latest": at(13), "detected_at": at(14, 30),
        "contained_at": at(15), "customers_affected": 7, "money_lost": "35.00 USD",
    }  # fmt: skip
    return Incident.model_validate({**given, **changes})


def a_log(hours=range(24)):
    times = pa.array([at(h) for h in hours], pa.timestamp("us", tz="UTC"))
    return ibis.memtable(pa.table({"at": times}))


def counted(table=None, incident=None, as_of=AS_OF):
    span = span_of(incident or an_incident(), as_of=as_of)
    return count_served(table if table is not None else a_log(), log="served", timestamp="at",
                        span=span)  # fmt: skip


def reviewed(incident=None, served=None, statements=(), system=None, as_of=AS_OF):
    served = [counted(incident=incident, as_of=as_of)] if served is None else served
    return measure_incident(
        system or a_system(), incident or an_incident(), statements, served, as_of=as_of
    )


def a_statement(record):
    return Statement(
        seq=1, id="s", subject=record.system, as_of=record.as_of, recorded_at=record.as_of,
        digest=digest_of(record), actor="runner", record=record,
    )  # fmt: skip


def test_rows_from_each_onset_until_containment_are_counted():
    served = counted()

    # 11, 12, 13 and 14 o'clock from the earliest onset; 13 and 14 from the latest; not 15.
    assert (served.since_earliest, served.since_latest) == (4, 2)
    assert served.begins == DAY


def test_decisions_are_the_most_that_the_onset_allows_and_bounded_by_both():
    found = reviewed().decisions

    assert (found.value, found.low, found.high, found.n) == (4, 2, 4, 4)
    assert found.complete


def test_one_onset_makes_the_count_exact():
    incident = an_incident(onset_earliest=at(11), onset_latest=None)

    found = reviewed(incident).decisions

    assert (found.value, found.low, found.no_interval) == (4, None, "exact")


def test_what_was_served_after_the_instant_is_not_counted_and_an_open_end_is_said():
    incident = an_incident(contained_at=at(18))

    review = reviewed(incident, as_of=at(14, 40))

    # 11 to 14 o'clock; 15, 16 and 17 were served later.
    assert (review.decisions.value, review.decisions.low) == (4, 2)
    assert review.contained_at is None
    assert "not contained" in review.not_counted


def test_without_an_onset_nothing_is_counted_and_the_reason_is_said():
    review = reviewed(an_incident(onset_earliest=None, onset_latest=None), served=[])

    assert (review.decisions, review.detection_hours, review.window) == (None, None, None)
    assert review.not_counted.startswith("decisions: the incident's file estimates no onset")


def test_without_a_log_of_what_was_served_nothing_is_counted():
    review = reviewed(served=[])

    assert review.decisions is None
    assert "declares no log of predictions" in review.not_counted


def test_a_log_that_begins_after_the_incident_counts_nothing_and_is_not_zero():
    late = Served(log="served", since_earliest=0, since_latest=0, begins=at(20))

    review = reviewed(served=[late])

    assert review.decisions is None
    assert "log served begins on 2013-03-08T20:00:00Z, after the onset" in review.not_counted


def test_a_log_that_covers_the_incident_and_holds_no_row_in_it_is_an_honest_zero():
    review = reviewed(served=[counted(a_log([1, 2]))])

    assert (review.decisions.value, review.decisions.no_interval) == (0, "exact")


def test_customers_and_money_are_as_the_file_states_them_and_else_not_counted():
    stated, unstated = reviewed(), reviewed(an_incident(customers_affected=None, money_lost=None))

    assert (stated.customers.value, stated.money.value, stated.money.unit) == (7, 35.0, "USD")
    assert stated.customers.no_interval == "stated in the incident's file, not measured"
    assert (unstated.customers, unstated.money) == (None, None)
    assert "customers: no log tells them apart" in unstated.not_counted
    assert "money: no log tells it" in unstated.not_counted


def test_detection_is_bounded_by_the_estimate_of_the_onset():
    found = reviewed().detection_hours

    # 14:30 is 3.5 h after 11:00 and 1.5 h after 13:00.
    assert (found.low, found.value, found.high) == (1.5, 2.5, 3.5)


def quality(measured_at, alarm_at, monitor="quality"):
    share = Measured(value=0.8, unit="share", n=100, low=0.7, high=0.9)
    return a_statement(
        QualityMeasurement(
            system="flight-delay", as_of=measured_at, monitor=monitor, metric="accuracy",
            baseline=share, current=share, change=share, min_detectable_drop=share,
            rows_per_window=100, windows_with_min_n_share=1, labelled_share=1, alarm_at=alarm_at,
            days=(),
        )
    )  # fmt: skip


def of_quality(**changes):
    return an_incident(monitor="quality", **changes)


def test_an_alarm_counts_from_when_it_was_measured_and_leads_a_later_customer():
    incident = of_quality(customer_reported_at=at(20))

    review = reviewed(incident, statements=[quality(at(14), date(2013, 3, 8))])

    assert review.first_alert_at == at(14)
    assert review.lead_hours.value == 6


def test_a_customer_who_told_us_before_the_alarm_makes_the_lead_negative():
    incident = of_quality(customer_reported_at=at(12))

    assert (
        reviewed(incident, statements=[quality(at(14), date(2013, 3, 8))]).lead_hours.value == -2
    )


@pytest.mark.parametrize(
    "statement",
    [
        quality(at(14), date(2013, 3, 8), monitor="another"),
        quality(at(14), date(2013, 3, 7)),
        quality(at(40), date(2013, 3, 9)),
        quality(at(14), None),
        quality(AS_OF + timedelta(days=1), date(2013, 3, 8)),
    ],
    ids=["another monitor", "before the onset", "after it was over", "no alarm", "in the future"],
)
def test_an_alarm_that_is_not_of_this_incident_does_not_count(statement):
    review = reviewed(of_quality(customer_reported_at=at(20)), statements=[statement])

    assert (review.first_alert_at, review.lead_hours) == (None, None)


def test_drift_counts_as_an_alarm_where_a_column_moved_in_those_days():
    (drift,) = (r for r in all_records(a_system()) if isinstance(r, DriftMeasurement)
                and r.monitor == "inputs")  # fmt: skip
    column = drift.columns[0].model_copy(update={"drifted": True})
    moved = drift.model_copy(update={"as_of": at(14), "columns": (column,)})
    still = drift.model_copy(update={"as_of": at(14)})

    assert reviewed(statements=[a_statement(moved)]).first_alert_at == at(14)
    assert reviewed(statements=[a_statement(still)]).first_alert_at is None


def before(system=None, statements=(), incident=None):
    review = reviewed(incident, system=system, statements=statements)
    return {one.thing: one for one in review.before}


def test_what_was_declared_before_the_onset_was_there_and_says_since_when():
    # The builder's files are declared on 1 February 2013, where they are.
    declared = {"declared": {"by": "bo-li", "at": "2013-02-01T00:00:00Z"}}
    found = before(a_system(ownership=declared))

    for thing in ("owner", "ceiling"):
        assert (found[thing].there, found[thing].since.date()) == (True, date(2013, 2, 1))


def monitored(hours, window_days=7):
    """The builder's system, its monitor of this failure so quick; declared on 1 February 2013."""
    system = a_system()
    monitors = tuple(
        m.model_copy(update={"detect_within_hours": hours, "window_days": window_days})
        for m in system.signals.monitors
    )
    signals = system.signals.model_copy(update={"monitors": monitors})
    return system.model_copy(update={"signals": signals})


def test_a_monitor_that_could_alarm_before_it_was_over_was_there():
    # From 11:00 to 15:00.
    assert before(monitored(4))["monitor"].there


@pytest.mark.parametrize(
    ("hours", "said"), [(5, "within 5 h"), (720, "within 720 h"), (None, "within 672 h")]
)
def test_a_monitor_that_alarms_only_after_it_was_over_was_there_but_too_slow(hours, said):
    found = before(monitored(hours, window_days=28))["monitor"]

    assert (found.there, found.since.date()) == (False, date(2013, 2, 1))
    assert f"there, but too slow: it alarms {said}, and this ran for 4 h" in found.why


def test_an_alarm_on_record_in_its_time_shows_that_the_monitor_was_quick_enough():
    alarm = [quality(at(14), date(2013, 3, 8))]
    watched = an_incident(monitor="quality")

    assert before(monitored(720), alarm, watched)["monitor"].there
    late = [quality(at(16), date(2013, 3, 8))]
    assert not before(monitored(720), late, watched)["monitor"].there


def test_what_was_declared_during_the_incident_was_not_there():
    late = {"declared": {"by": "bo-li", "at": "2013-03-08T12:00:00Z"}}

    owner = before(a_system(ownership=late))["owner"]

    assert (owner.there, owner.since) == (False, at(12))
    assert "only since 2013-03-08" in owner.why


def test_a_file_without_a_date_shows_nothing():
    owner = before(a_system(ownership={"declared": None}))["owner"]

    assert (owner.there, owner.since) == (False, None)
    assert "nothing on record shows since when" in owner.why


def test_a_drill_counts_from_the_first_on_record_that_passed():
    (drill,) = (r for r in all_records(a_system()) if r.kind == "rollback_drill")
    early = drill.model_copy(update={"as_of": at(-48), "done_at": at(-48)})
    failed = early.model_copy(update={"passed": False})

    assert before(statements=[a_statement(early)])["rollback_drill"].there
    assert not before(statements=[a_statement(drill)])["rollback_drill"].there
    assert before(statements=[a_statement(failed)])["rollback_drill"].since is None


def test_a_monitor_that_counts_a_rule_broken_is_no_older_than_its_rule():
    system = a_system()
    rule = system.signals.rules[0].model_copy(
        update={"expr": "visib >= 2", "log": "served", "active_from": date(2013, 3, 18)}
    )
    monitor = system.signals.monitors[0].model_copy(
        update={"id": "fog", "signal": "rule_violation", "log": "served", "columns": ("visib",)}
    )
    signals = system.signals.model_copy(update={"rules": (rule,), "monitors": (monitor,)})

    found = before(
        system.model_copy(update={"signals": signals}), incident=an_incident(monitor="fog")
    )

    assert (found["monitor"].there, found["monitor"].since.date()) == (False, date(2013, 3, 18))


def test_the_record_pins_the_text_of_the_incident():
    incident = an_incident()

    assert reviewed(incident).text_digest == claim_digest(incident)


def test_every_number_says_what_it_rests_on():
    review = reviewed(of_quality(customer_reported_at=at(20)),
                      statements=[quality(at(14), date(2013, 3, 8))])  # fmt: skip

    assert [path for path, measured in review.measured() if not measured.complete] == []


def test_an_onset_before_the_system_s_first_stage_measures_nothing_and_says_so():
    incident = an_incident(onset_earliest=datetime(1950, 1, 1, tzinfo=UTC))

    found = reviewed(incident)

    assert (found.window, found.decisions, found.detection_hours) == (None, None, None)
    said = "detection and decisions: the onset 1950-01-01T00:00:00Z lies before the system's first"
    assert found.not_counted.startswith(said)
