"""The simulated assistant: the stated distributions, and the same rows each time."""

from datetime import UTC, datetime, timedelta

import pytest

from ops_model.example import simulate

UNTIL = datetime(2013, 7, 22, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def logs():
    return simulate.simulate(until=UNTIL)


def test_the_usage_log_has_the_columns_of_the_contract(logs):
    usage, _ = logs

    assert {
        "timestamp", "service", "gen_ai_provider_name", "gen_ai_request_model",
        "gen_ai_usage_input_tokens", "gen_ai_usage_output_tokens", "status",
    } <= set(usage.columns)  # fmt: skip


def test_cached_input_is_part_of_the_input(logs):
    usage, _ = logs
    cached = usage["gen_ai_usage_cache_read_input_tokens"]

    assert (cached <= usage["gen_ai_usage_input_tokens"]).all()
    assert cached.sum() > 0


def test_a_failed_request_gives_no_output(logs):
    usage, _ = logs
    failed = usage[usage["status"] == "error"]

    assert (failed["gen_ai_usage_output_tokens"] == 0).all()
    assert len(failed) / len(usage) == pytest.approx(0.012, abs=0.002)


def test_the_same_seed_gives_the_same_rows(logs):
    again = simulate.simulate(until=UNTIL)

    assert all(once.equals(twice) for once, twice in zip(logs, again, strict=True))


def test_nothing_happens_after_the_instant(logs):
    assert all(rows["timestamp"].max() < UNTIL for rows in logs)


def test_an_earlier_instant_gives_the_same_usage_up_to_it(logs):
    until = UNTIL - timedelta(days=100)

    earlier, _ = simulate.simulate(until=until)

    usage, _ = logs
    assert earlier.equals(usage[usage["timestamp"] < until])


def test_weekends_are_quiet_and_requests_grow(logs):
    usage, _ = logs
    per_day = usage.groupby(usage["timestamp"].dt.date).size()
    sundays = [n for day, n in per_day.items() if day.weekday() == 6]
    mondays = [n for day, n in per_day.items() if day.weekday() == 0][:-1]

    # 0.60 against 1.15 by the stated week; 16 weeks at 0.35 % a day make 1.48.
    assert sum(sundays) / len(sundays) < 0.6 * sum(mondays) / len(mondays)
    assert mondays[16] / mondays[0] == pytest.approx(1.48, abs=0.2)


def test_judged_answers_were_served_and_answered(logs):
    usage, judged = logs
    answered = usage[(usage["service"] == "answers") & (usage["status"] == "ok")]

    assert set(judged["request_id"]) <= set(answered["request_id"])
    assert len(judged) / len(answered) == pytest.approx(0.12, abs=0.01)


def test_refunds_get_worse_and_more(logs):
    _, judged = logs
    month = judged["timestamp"].dt.month
    refunds = judged["topic"] == "refund"

    # By the stated slopes: 0.90 in March; 0.90 - 0.0008 * 132 days = 0.79 in mid July.
    assert judged[refunds & (month == 3)]["judge_ok"].mean() == pytest.approx(0.89, abs=0.03)
    assert judged[refunds & (month == 7)]["judge_ok"].mean() == pytest.approx(0.79, abs=0.03)
    assert refunds[month == 7].mean() == pytest.approx(0.32, abs=0.03)
