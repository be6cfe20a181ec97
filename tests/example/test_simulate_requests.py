"""The requests and outcomes of the simulated assistant: as stated, and the same each time."""

from datetime import UTC, datetime, timedelta

import pytest

from ops_model.example import simulate, simulate_requests
from ops_model.example.simulate import PINNED

UNTIL = datetime(2013, 7, 22, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def logs():
    return simulate.simulate(until=UNTIL)


@pytest.fixture(scope="module")
def requests(logs):
    return simulate_requests.requests_log(*logs)


@pytest.fixture(scope="module")
def outcomes(logs, requests):
    return simulate_requests.outcome_log(requests, logs[1], until=UNTIL)


def test_every_request_to_answers_is_there_with_how_it_went(logs, requests):
    usage, judged = logs
    intents = requests.set_index("request_id")["intent"]

    assert len(requests) == (usage["service"] == "answers").sum()
    assert (intents[judged["request_id"]].to_numpy() == judged["topic"].to_numpy()).all()
    assert (requests["status"] == "ok").mean() == pytest.approx(0.988, abs=0.002)


def test_latency_follows_what_was_written_and_a_failure_takes_half_a_minute(requests):
    served = requests[requests["status"] == "ok"]["latency_ms"]

    # 600 ms and 7 ms a token, of which the median is 260.
    assert served.median() == pytest.approx(2420, rel=0.03)
    assert set(requests[requests["status"] == "error"]["latency_ms"]) == {30_000}


def test_the_agreed_model_says_its_name_and_a_failure_says_nothing(requests):
    named = requests.groupby("status")["gen_ai_response_model"].agg(lambda m: set(m.dropna()))

    assert named.to_dict() == {"ok": {PINNED}, "error": set()}


def test_an_outcome_is_known_a_day_later_and_not_before(outcomes):
    assert outcomes["timestamp"].max() < UNTIL - timedelta(days=1)
    assert outcomes["timestamp"].max() > UNTIL - timedelta(days=1, hours=2)


def test_settled_grows_from_18_of_100_and_hardly_follows_a_bad_answer(logs, outcomes):
    judged = logs[1].merge(outcomes, on="request_id")
    month = outcomes["timestamp"].dt.month

    assert outcomes[month == 3]["settled"].mean() == pytest.approx(0.178, abs=0.01)
    assert outcomes[month == 7]["settled"].mean() == pytest.approx(0.212, abs=0.01)
    assert judged[~judged["judge_ok"]]["settled"].mean() == pytest.approx(0.02, abs=0.01)


def test_the_same_seed_gives_the_same_rows(logs, requests, outcomes):
    assert requests.equals(simulate_requests.requests_log(*logs))
    assert outcomes.equals(simulate_requests.outcome_log(requests, logs[1], until=UNTIL))
