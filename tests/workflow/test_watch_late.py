"""What is told though it was crossed between two watches, by late rows, or by several."""

from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from ops_model.cli.watch_text import watch_lines
from ops_model.domain.spend import CeilingAlert
from ops_model.store.workbook import read_workbook
from ops_model.workflow.measure_ceilings import ceiling_watch_of
from ops_model.workflow.watch import watch_each
from tests.workflow.spending import (
    CEILING,
    COST,
    NOON,
    START,
    TODAY,
    a_workbook,
    book,
    each_slot,
    log_usage,
)
from tests.workflow.telling import DEAR, Box, on_record, told

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RUN = """- {id: run, scope: training_run, per: run, amount: 100.00 USD, warn_at: [0.5],
   hard_action: stop, owner: ana, alert_route: "mail: ana"}
"""
USER = RUN.replace("id: run, scope: training_run, per: run", "id: user, scope: user, per: day")


def log_rows(root, rows):
    """Write a log from (instant, tokens, {further columns})."""
    log_usage(root, [(at, tokens) for at, tokens, _ in rows])
    path = root / "data/usage/all.parquet"
    table = pq.read_table(path)
    for name in {name for _, _, said in rows for name in said}:
        table = table.append_column(name, pa.array([said.get(name) for _, _, said in rows]))
    pq.write_table(table, path)
    return root


def titles(box):
    return [message.title for _, message in box.sent]


def test_a_ceiling_that_is_crossed_after_the_last_watch_of_a_day_is_told_the_next_day(tmp_path):
    root, box = a_workbook(tmp_path, pinned=False), Box()
    log_usage(root, [*each_slot(0, until=TODAY + DAY + HOUR), (TODAY + 23.7 * HOUR, 500)])

    for hours in (23, 24.1, 25):
        told(root, box, as_of=TODAY + hours * HOUR)

    mine = [t for t in titles(box) if "crossed" in t]
    assert mine == ["answers: ceiling daily crossed on 2026-03-21"]
    assert [a.about for a in on_record(root, CeilingAlert, as_of=TODAY + 2 * DAY)
            if a.state == "crossed"] == ["2026-03-21"]  # fmt: skip


def test_rows_that_come_days_late_are_told_and_wake_nobody(tmp_path):
    root, box = a_workbook(tmp_path, pinned=False), Box()
    rows = each_slot(0, until=TODAY + 3 * DAY + HOUR)
    log_usage(root, [*rows, (TODAY + 15 * HOUR, 500)])

    told(root, box, as_of=TODAY + 3 * DAY + HOUR)

    assert box.addresses == ["mail://"]
    assert box.sent[0][1].body.startswith("daily of answers: crossed on 2026-03-21; it is over.")


def test_a_day_that_was_told_while_it_lasted_is_not_told_again_when_it_is_over(tmp_path):
    root, box = a_workbook(tmp_path, pinned=False), Box()
    log_usage(root, [*DEAR, *each_slot(0, since=NOON, until=NOON + DAY)])

    told(root, box)
    told(root, box, as_of=NOON + DAY)

    assert titles(box) == ["answers: ceiling daily crossed"] * 2


def test_each_user_above_a_ceiling_is_told(tmp_path):
    root, box = a_workbook(tmp_path, ceilings=USER), Box()
    log_rows(root, [
        (TODAY + h * HOUR, tokens, {"user_group": name})
        for name, tokens in (("big", 50), ("second", 20), ("tiny", 1)) for h in range(12)
    ])  # fmt: skip

    told(root, box)

    assert [m.body.splitlines()[0] for _, m in box.sent] == [
        "user (big) of answers: crossed.", "user (second) of answers: crossed."
    ]  # fmt: skip


def test_a_user_who_spends_much_today_is_found_behind_many_of_yesterday(tmp_path):
    rows = [(NOON - DAY + HOUR, 330, {"user_group": f"u{n:02}"}) for n in range(25)] + [
        (TODAY + 6 * HOUR, 150, {"user_group": "late"}),
        (NOON - HOUR, 1, {"user_group": "x"}),
    ]
    root = log_rows(a_workbook(tmp_path, ceilings=USER), rows)

    state = ceiling_watch_of(book(root)).ceilings[0]

    assert (state.of, state.state, state.spent.value) == ("late", "crossed", 150.0)


def test_a_run_of_three_weeks_is_counted_from_its_beginning(tmp_path):
    hours = range(20 * 24 + 12)
    rows = [(START + h * HOUR, 3, {"run_id": "long"}) for h in hours]
    ceiling = RUN.replace("100.00", "1400.00")
    root = log_rows(a_workbook(tmp_path, ceilings=ceiling), rows)

    state = ceiling_watch_of(book(root)).ceilings[0]

    assert (state.state, state.spent.value) == ("crossed", 3.0 * len(hours))


def test_a_run_that_is_over_and_was_too_dear_is_told_once_and_fails_no_gate(tmp_path):
    rows = [(NOON - 25 * HOUR, 500, {"run_id": "a"}), (NOON - HOUR / 12, 0, {"run_id": ""})]
    root, box = log_rows(a_workbook(tmp_path, ceilings=RUN), rows), Box()

    told(root, box)
    told(root, box)

    assert [m.body.splitlines()[0] for _, m in box.sent] == [
        "run (a) of answers: crossed; it is over."
    ]
    seen = watch_each(root, read_workbook(root), ["answers"], as_of=NOON)
    assert not seen.grave
    assert "CROSSED   run (a): 500.00 USD of 100.00 USD per run" in [
        *watch_lines(seen.seen[0], "UTC")
    ]


def test_a_ceiling_that_was_raised_and_is_crossed_again_is_told_again(tmp_path):
    root, box = log_usage(a_workbook(tmp_path, pinned=False), DEAR), Box()
    told(root, box)
    raised = COST.format(ceilings=CEILING.replace("144.00", "1000.00"))
    (root / "systems/answers/cost.yaml").write_text(raised)

    later = NOON + HOUR / 2
    told(root, box, as_of=later)
    assert len(box.sent) == 2
    log_usage(root, [*DEAR, (NOON, 2000)])
    told(root, box, as_of=later)
    told(root, box, as_of=later)

    assert len(box.sent) == 4
    amounts = [a.amount.value for a in on_record(root, CeilingAlert, as_of=later)]
    assert amounts == [144.0, 1000.0]


def test_rows_without_a_price_fail_the_gate_though_a_warning_is_reached(tmp_path):
    rows = [*each_slot(1), *[(at, 5, "unheard-of") for at, _ in each_slot(1, since=TODAY)]]
    root, box = log_usage(a_workbook(tmp_path), rows), Box()

    seen = watch_each(root, read_workbook(root), ["answers"], as_of=NOON)
    told(root, box)

    assert seen.grave
    assert seen.seen[0].ceilings[0].state == "unknown"
    assert "price of 72 of its rows is not known" in box.sent[0][1].body
    assert "50% of the ceiling is reached" in box.sent[0][1].body


def test_a_day_on_its_way_above_fails_the_gate_where_rows_have_no_price(tmp_path):
    root = a_workbook(tmp_path, ceilings=CEILING.replace("144.00", "140.00"))

    def looked_at(rows):
        log_usage(root, rows)
        seen = watch_each(root, read_workbook(root), ["answers"], as_of=NOON)
        return seen.seen[0].ceilings[0].state, seen.grave

    assert looked_at(each_slot(1)) == ("ticket", False)
    assert looked_at([*each_slot(1), (NOON - HOUR, 5, "unheard-of")]) == ("ticket", True)


def test_each_share_is_told_while_rows_without_a_price_leave_the_rest_unknown(tmp_path):
    root, box = a_workbook(tmp_path, pinned=False), Box()
    evening = TODAY + 20 * HOUR
    rows = [*each_slot(1, until=evening), (TODAY + HOUR, 5, "unheard-of")]
    log_usage(root, rows)

    for at in (NOON, NOON + HOUR, evening, evening):
        told(root, box, as_of=at)

    alerts = on_record(root, CeilingAlert, as_of=evening)
    assert [(a.state, a.share) for a in alerts] == [("unknown", 0.5), ("unknown", 0.8)]


def test_a_ceiling_of_nothing_is_quiet_until_something_is_spent(tmp_path):
    root = a_workbook(tmp_path, ceilings=CEILING.replace("144.00", "0.00"))

    free = ceiling_watch_of(book(log_usage(root, each_slot(0)))).ceilings[0]
    dear = ceiling_watch_of(book(log_usage(root, [*each_slot(0), (TODAY, 1)]))).ceilings[0]

    assert (free.state, free.warned_at, dear.state) == ("quiet", (), "crossed")
