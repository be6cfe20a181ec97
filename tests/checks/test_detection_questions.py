from datetime import timedelta

import pytest

from ops_model.domain.detection_served import AnsweredQuestion
from ops_model.domain.evidence import Measured
from tests.builders import AREAS, AS_OF, an_access_drill
from tests.checks.judged import but, judged, lacking
from tests.shown_signals import QUESTIONS, a_reading, a_reconstruction, between

MONITORS = {m["signal"]: m for m in AREAS["signals"]["monitors"]}


def asking(**answered):
    """Decisions looked up, each question answered well but for these; None is no query."""
    shares = {**dict.fromkeys(QUESTIONS, between(0.93, 1.0, 50)), **answered}
    return but(
        a_reconstruction,
        questions=tuple(
            AnsweredQuestion(question=q, answered=share, query="a query")
            for q, share in shares.items()
            if share is not None
        ),
    )


def test_obs_03_passes_when_all_four_are_answered_of_the_decisions_looked_up():
    finding = judged("OBS-03")

    assert finding.status == "passed"
    assert "of 50 decisions that were looked up in log served, what went in:" in finding.message
    assert len(finding.values) == 4


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("went_in", "what went in"),
        ("came_out", "what came out"),
        ("purpose", "what it was for"),
        ("got_what_we_wanted", "whether we got what we wanted"),
    ],
)
@pytest.mark.parametrize("share", [None, between(0.0, 0.1, 50)])
def test_obs_03_fails_as_theater_when_one_of_the_four_cannot_be_told(question, said, share):
    finding = judged("OBS-03", records=asking(**{question: share}))

    assert finding.status == "failed"
    assert finding.message.startswith(f"THEATER: {said} cannot be told")


@pytest.mark.parametrize(
    ("signals", "watched"),
    [
        (["uptime"], "uptime"),
        (["uptime", "latency", "errors"], "errors, latency, uptime"),
        ([], "nothing"),
    ],
)
def test_obs_03_fails_as_theater_when_only_the_service_is_watched(signals, watched):
    finding = judged("OBS-03", signals={"monitors": [MONITORS[s] for s in signals]})

    assert finding.status == "failed"
    assert finding.message.startswith(f"THEATER: watched is {watched} alone")


@pytest.mark.parametrize(
    "records",
    [asking(purpose=between(0.8, 0.95, 50)), but(a_reconstruction, sampled=34)],
)
def test_obs_03_is_unknown_when_too_few_were_looked_up(records):
    assert judged("OBS-03", records=records).reason == "too_few"


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        (lacking("reconstruction"), "missing"),
        (but(a_reconstruction, log="landed"), "missing"),
        (but(a_reconstruction, as_of=AS_OF - timedelta(days=9)), "expired"),
    ],
)
def test_obs_03_is_unknown_while_nobody_looked_lately(records, reason):
    finding = judged("OBS-03", records=records)

    assert finding.reason == reason
    assert finding.remedy == (
        "the reliability owner runs `ops-model run 05_drift_quality flight-delay`"
    )


def test_obs_03_is_unknown_when_nothing_served_is_logged():
    assert judged("OBS-03", signals={"logs": []}).reason == "missing"
    assert judged("OBS-03", signals=None).reason == "missing"


def read(*people, **changes):
    """These people read the logs, and nobody else did."""

    def records(system):
        others = (r for r in lacking()(system) if getattr(r, "action", None) != "query_logs")
        return (*others, *(a_reading(system, person, **changes) for person in people))

    return records


BOTH = ("ana-ruiz", "bo-li")


def took(seconds):
    return Measured(value=seconds, unit="s", n=1, no_interval="single timing")


def test_obs_05_passes_when_everybody_who_is_paged_next_has_read_the_logs():
    finding = judged("OBS-05", records=read(*BOTH))

    assert finding.message == (
        "ana-ruiz read log on 2013-07-18 in 40 s; bo-li read log on 2013-07-18 in 40 s"
    )
    assert finding.valid_until == AS_OF + timedelta(days=86)


def test_obs_05_is_unknown_while_one_of_them_never_did_and_says_the_command():
    finding = judged("OBS-05", records=read("ana-ruiz"))

    assert finding.reason == "missing"
    assert finding.message == "no word of bo-li that they can read log"
    assert "--topic access --action query_logs --as bo-li --seconds N" in finding.remedy


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"as_of": AS_OF - timedelta(days=91)}, "expired"),
        ({"seconds": None}, "missing"),
        ({"seconds": took(-1)}, "missing"),
        ({"seconds": took(None)}, "missing"),
        ({"action": "rollback"}, "missing"),
        ({"topic": "witness"}, "missing"),
        ({"expires": AS_OF}, "missing"),
    ],
)
def test_obs_05_is_unknown_for_a_word_that_is_old_untimed_or_of_something_else(change, reason):
    assert judged("OBS-05", records=read(*BOTH, **change)).reason == reason


@pytest.mark.parametrize(
    ("tier", "seconds", "status"),
    [("B", 300, "passed"), ("B", 301, "failed"), ("A", 121, "failed"), ("C", 600, "passed")],
)
def test_obs_05_fails_when_reading_them_takes_too_long(tier, seconds, status):
    records = read(*BOTH, seconds=took(seconds))

    assert judged("OBS-05", tier=tier, records=records).status == status


def test_obs_05_passes_without_those_who_are_paged_after_the_next_weeks_only():
    later = {
        "layers": [
            {**layer, "participants": ["ana-ruiz", "ana-ruiz", "bo-li"]}
            for layer in AREAS["on_call"]["layers"]
        ]
    }
    policy = {"thresholds": {"OBS-05": {"days_ahead": "1"}}}

    # 28 weeks after the first turn ana-ruiz has the week, by the second place in three
    finding = judged("OBS-05", on_call=later, policy=policy, records=read("ana-ruiz"))

    assert finding.status == "passed"


def test_obs_05_is_unknown_when_nobody_is_primary():
    finding = judged("OBS-05", on_call={"layers": [AREAS["on_call"]["layers"][1]]})

    assert finding.message == "nobody is primary in the next 28 days"


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ({"signals": {"logs": []}}, "no log of what was served is declared"),
        ({"signals": {"log_policy": None}}, "where the logs lie is not written"),
        ({"signals": None}, "there is no systems/flight-delay/signals.yaml"),
        ({"on_call": None}, "there is no systems/flight-delay/on_call.yaml"),
    ],
)
def test_obs_05_is_unknown_when_there_is_nothing_to_read_or_nobody_who_does(areas, said):
    finding = judged("OBS-05", **areas)

    assert finding.reason == "missing"
    assert said in finding.message


def test_obs_03_is_unknown_when_each_question_was_asked_of_one_decision():
    one = dict.fromkeys(QUESTIONS, Measured(value=1.0, unit="share", n=1, no_interval="exact"))

    assert judged("OBS-03", records=asking(**one)).reason == "too_few"


def ran(why="", *, days=2, said_days=None, seconds=0.4):
    """bo-li ran the query, and read the logs by their own word before or after that."""

    def records(system):
        kept = [r for r in lacking()(system) if getattr(r, "action", None) != "query_logs"]
        drill = an_access_drill(
            system, "bo-li", why, as_of=AS_OF - timedelta(days=days), seconds=seconds
        )
        said = () if said_days is None else (
            a_reading(system, "bo-li", as_of=AS_OF - timedelta(days=said_days)),
        )  # fmt: skip
        return (*kept, a_reading(system, "ana-ruiz"), drill, *said)

    return records


def test_obs_05_passes_by_a_query_that_ran_and_says_how_long_it_took():
    finding = judged("OBS-05", records=ran())

    assert (finding.status, finding.grade) == ("passed", "E2")
    assert "bo-li ran the query of log on 2013-07-20 in 0.4 s" in finding.message
    assert [v.measured.value for v in finding.values] == [40.0, 0.4]


def test_obs_05_fails_when_the_query_ran_in_vain_and_says_who_puts_it_right():
    finding = judged("OBS-05", records=ran("nothing printed", said_days=30))

    assert finding.status == "failed"
    assert "bo-li tried to read log on 2013-07-20, in vain: nothing printed" in finding.message
    assert "the platform gives bo-li access to log" in finding.remedy


def test_obs_05_counts_the_newest_of_a_word_and_a_query():
    assert judged("OBS-05", records=ran("exit 1", said_days=1)).status == "passed"
    assert judged("OBS-05", records=ran("exit 1", said_days=3)).status == "failed"


def test_obs_05_fails_when_the_query_takes_too_long():
    assert judged("OBS-05", records=ran(seconds=301)).status == "failed"


def test_obs_05_is_unknown_when_the_query_was_run_too_long_ago():
    assert judged("OBS-05", records=ran(days=91)).reason == "expired"


def test_obs_05_names_the_drill_where_a_query_is_declared():
    policy = {**AREAS["signals"]["log_policy"], "query": ["psql", "-c", "..."]}

    finding = judged("OBS-05", signals={"log_policy": policy}, records=read("ana-ruiz"))

    assert finding.remedy == "bo-li runs `ops-model drill access flight-delay --as bo-li`"
