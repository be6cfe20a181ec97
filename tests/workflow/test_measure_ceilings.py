"""Every ceiling now, the days above one, and when it is crossed next."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ops_model.analysis.cost import PricedLogs, PricedSum
from ops_model.analysis.usage import UsageLogSums, UsageSum
from ops_model.domain.cost import CostCeiling
from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.workflow.measure_breaches import breaches_of
from ops_model.workflow.measure_ceilings import ceiling_watch_of
from ops_model.workflow.measure_forecast import forecasts_of
from ops_model.workflow.under_ceiling import blind_to, worst_under
from tests.workflow.spending import NOON, START, TODAY, a_workbook, book, each_slot, log_usage

HOUR = timedelta(hours=1)


def watched(tmp_path, rows, **asked):
    return ceiling_watch_of(book(log_usage(a_workbook(tmp_path), rows), **asked))


def test_a_watch_says_what_is_spent_how_old_that_is_and_who_may_raise_it(tmp_path):
    seen = watched(tmp_path, each_slot(1, since=START, until=NOON - HOUR / 2))
    state = seen.ceilings[0]

    assert (state.state, state.spent.value, state.amount.value) == ("quiet", 69.0, 144.0)
    assert seen.data_age_minutes.value == 40  # the last row is of 11:20
    assert (state.may_raise, state.raising) == (("ana",), "by at most 50.00 USD")
    assert read_record(seen.model_dump(mode="json")) == seen


def test_a_log_that_stopped_is_unknown_however_little_was_spent(tmp_path):
    seen = watched(tmp_path, each_slot(1, until=NOON - 3 * HOUR))
    state = seen.ceilings[0]

    assert state.state == "unknown"
    assert "log usage: the newest row is 3.2 h old" in state.why
    assert state.spent.no_interval.startswith("lower bound")


def test_rows_without_a_price_are_no_quiet_day(tmp_path):
    rows = [*each_slot(1, until=NOON - HOUR), (NOON - HOUR / 2, 5, "unheard-of")]

    state = watched(tmp_path, rows).ceilings[0]

    assert state.state == "unknown"
    assert "price of 1 of its rows" in state.why
    assert state.spent.no_interval == "lower bound: 1 of 67 rows have no price"


def test_rows_of_after_the_instant_do_not_count(tmp_path):
    rows = [*each_slot(1), (NOON + HOUR, 1000)]

    assert watched(tmp_path, rows).ceilings[0].spent.value == 72


def test_a_plan_without_a_ceiling_says_what_to_write(tmp_path):
    root = log_usage(a_workbook(tmp_path, ceilings=" []"), each_slot(1))

    with pytest.raises(WarehouseError, match="declares no ceiling") as refused:
        ceiling_watch_of(book(root))

    assert "cost.yaml:" in str(refused.value)


def test_each_day_above_a_ceiling_is_in_the_log_with_the_slot_that_crossed_it(tmp_path):
    # 144 a day is not above 144; on day 5 a row of 100 at 20:05 makes it 220 by then.
    crossed = START + timedelta(days=5, hours=20, minutes=5)
    root = log_usage(a_workbook(tmp_path), [*each_slot(1), (crossed, 100)])

    log = breaches_of(book(root))

    assert [(b.day, b.crossed_at) for b in log.breaches] == [
        (crossed.date(), crossed + timedelta(minutes=5))
    ]
    assert (log.breaches[0].told_at, log.breaches[0].action, log.days) == (None, None, 91)


def test_today_above_the_ceiling_is_in_the_log_too(tmp_path):
    root = log_usage(a_workbook(tmp_path), [*each_slot(1), (NOON - HOUR, 100)])

    assert [b.day for b in breaches_of(book(root)).breaches] == [TODAY.date()]


def test_a_forecast_says_when_a_usual_day_crosses_and_that_nothing_bounds_it(tmp_path):
    # Two more tokens each day from 90 on: 20 days are known, the first may not be whole.
    rows = [(START + timedelta(days=d), 90 + 2 * d) for d in range(20)]
    rows += [(START + timedelta(days=d, hours=23, minutes=30), 0) for d in range(20)]
    root = log_usage(a_workbook(tmp_path), [*rows, (NOON - HOUR, 0)])

    found = forecasts_of(book(root))[0]

    assert (found.growth_per_day.value, found.growth_per_day.n) == (pytest.approx(2.0), 19)
    # The median of the last seven is 122; 12 days later it is 146.
    assert found.crosses_on == TODAY.date() + timedelta(days=12)
    assert found.no_interval.startswith("no interval: 1 series")
    assert read_record(found.model_dump(mode="json")) == found


def test_a_day_without_a_row_is_left_out_of_a_forecast(tmp_path):
    quiet = (TODAY - timedelta(days=3)).date()
    root = log_usage(a_workbook(tmp_path), [r for r in each_slot(1) if r[0].date() != quiet])

    growth = forecasts_of(book(root))[0].growth_per_day

    assert (growth.value, growth.n) == (0.0, 18)


def test_a_price_in_another_currency_than_a_ceiling_is_refused_at_its_line(tmp_path):
    euros = "- {id: daily, amount: 9.00 EUR, hard_action: stop, owner: ana}\n"
    root = log_usage(a_workbook(tmp_path, ceilings=euros), each_slot(1))

    for measure in (ceiling_watch_of, breaches_of, forecasts_of):
        with pytest.raises(WarehouseError, match="EUR; expected USD"):
            measure(book(root))


def priced(*rows, newest=NOON):
    """Sums of (hours ago, cost, what else the row says), and the log they are of."""
    sums = []
    for hours, cost, said in rows:
        plain = {"provider": "", "user_group": "", "run": "", "purpose": "prod"}
        usage = UsageSum(
            at=NOON - hours * HOUR, service="s", item="m", since=None, valid=True,
            rows=1, failed=0, amounts=(), **{**plain, **said},
        )  # fmt: skip
        sums.append(PricedSum(usage, Decimal(cost), "a list", ()))
    log = UsageLogSums("tokens", tuple(p.usage for p in sums), newest, "usage")
    return PricedLogs("USD", (log,), tuple(sums))


def found_under(logs, *, blind="", earlier=(), **ceiling):
    said = {"id": "c", "amount": "10.00 USD", "hard_action": "stop", "owner": "ana", **ceiling}
    limit = CostCeiling.model_validate(said)
    start = datetime(2026, 3, 8, tzinfo=UTC)
    return worst_under(limit, logs, start=start, as_of=NOON, blind=blind, earlier=earlier)


def worst(logs, **asked):
    return found_under(logs, **asked).worst


def test_a_provider_is_counted_by_the_rows_that_name_it():
    logs = priced((1, 11, {"provider": "a"}), (1, 2, {"provider": "b"}))

    assert worst(logs, scope="provider", provider="a").standing.state == "crossed"
    assert worst(logs, scope="provider", provider="b").standing.spent == 2


def test_a_provider_is_named_in_whatever_case():
    logs = priced((1, 1, {"provider": "a"}), (2, 11, {"provider": "A"}))

    assert worst(logs, scope="provider", provider="a").standing.spent == 12


def test_rows_that_name_no_provider_leave_its_ceiling_unknown_where_they_may_cross_it():
    logs = priced((1, 1, {"provider": "a"}), (2, 11, {}))

    found = worst(logs, scope="provider", provider="a")

    assert (found.standing.state, found.doubt) == (
        "unknown",
        "1 of the day's rows name no provider",
    )
    assert "with them 12.00 may be spent, and not 1.00" in found.standing.why


def test_rows_that_name_no_provider_and_change_nothing_are_only_said():
    found = worst(priced((1, 1, {"provider": "a"}), (2, 1, {})), scope="provider", provider="a")

    assert (found.standing.state, found.rows) == ("quiet", 1)
    assert found.doubt == "1 of the day's rows name no provider"


def test_requests_of_nobody_may_be_those_of_the_user_that_stands_worst():
    asked = priced((1, 1, {"user_group": "u"}), (2, 11, {}))
    tried = priced((1, 1, {"user_group": "u"}), (2, 11, {"purpose": "eval"}))

    assert worst(asked, scope="user").standing.state == "unknown"
    assert worst(tried, scope="user").standing.state == "quiet"


def test_a_provider_that_no_row_names_is_unknown_and_never_nothing():
    found = worst(priced((1, 11, {"provider": "a"})), scope="provider", provider="c")

    assert found.standing.state == "unknown"
    assert found.standing.why.endswith("those that they name: a")


def test_of_users_the_one_that_stands_worst_counts_and_is_named():
    logs = priced((1, 3, {"user_group": "u1"}), (1, 12, {"user_group": "u2"}), (1, 99, {}))

    found = worst(logs, scope="user")

    assert (found.of, found.standing.state, found.standing.spent) == ("u2", "crossed", 12)


def test_every_user_above_a_ceiling_is_found():
    logs = priced(*[(1, 11, {"user_group": f"u{n}"}) for n in range(104)])

    found = found_under(logs, scope="user")

    assert len(found.also) == 103


def test_a_user_who_is_named_by_an_address_is_told_by_its_digest():
    found = worst(priced((1, 12, {"user_group": "mia@example.com"})), scope="user")

    assert re.fullmatch(r"sha256:[0-9a-f]{12}", found.of)


def test_rows_without_a_user_leave_a_ceiling_for_users_unknown():
    assert worst(priced((1, 99, {})), scope="user").standing.state == "unknown"


def test_a_run_is_counted_whole_and_one_that_ended_long_ago_is_over():
    run = {"scope": "training_run", "per": "run"}
    lately = priced((30, 6, {"run": "r1"}), (2, 6, {"run": "r1"}))
    over = priced((60, 60, {"run": "r1"}), (1, 1, {}))

    assert (worst(lately, **run).of, worst(lately, **run).standing.state) == ("r1", "crossed")
    assert worst(over, **run).standing.state == "quiet"


def test_a_log_that_names_no_run_cannot_say_that_none_is_too_dear():
    found = worst(priced((1, 99, {})), scope="training_run", per="run")

    assert found.standing.state == "unknown"


def test_of_several_logs_the_silent_one_is_named():
    speaking = priced((0.5, 1, {}))
    silent = UsageLogSums("hours", speaking.logs[0].sums, NOON - 30 * HOUR, "compute")
    logs = PricedLogs("USD", (*speaking.logs, silent), speaking.sums)

    assert blind_to(logs, START, NOON).startswith("log compute: the newest row is 30.0 h old")
