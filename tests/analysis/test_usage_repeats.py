"""Rows that came twice, found a part at a time: the parts say together what one look says."""

import pyarrow as pa
import pytest

from ops_model.analysis import usage_repeats, usage_rows
from ops_model.analysis.usage import INPUT, MODEL, OUTPUT
from ops_model.analysis.usage_rows import Asked, Steps
from tests.analysis.tables import at, table

NO_STEPS = Steps((), ())
MANY = 4_000
# Every tenth row comes twice, every seventh once more with other tokens, every third has no id.
IDS = [None if n % 3 == 0 else f"r{n}" for n in range(MANY)]
ROWS = [(IDS[n], n % 50) for n in range(MANY)]
ROWS += [ROWS[n] for n in range(0, MANY, 10)] + [(IDS[n], 99) for n in range(0, MANY, 7)]


def rows_of(told):
    """Rows of an id and input tokens each, as they are summed."""
    ids, tokens = zip(*told, strict=True)
    log = table(
        timestamp=[at(1)] * len(ids), service=["chat"] * len(ids), request_id=pa.array(ids),
        **{MODEL: ["large"] * len(ids), INPUT: list(tokens), OUTPUT: [1] * len(ids)},
    )  # fmt: skip
    asked = Asked("tokens", "timestamp", 1440, (), NO_STEPS, NO_STEPS, (), "", None)
    return usage_rows.priceable(log, asked)


def told_of(found):
    """How many rows too many, their input tokens, and how many share an id and differ."""
    rows, tokens = (sum(int(row[name]) for row in found.excess) for name in ("rows", "a0"))
    return rows, tokens, found.contradicting


@pytest.mark.parametrize("sorted_at_once", [10_000, 700])
@pytest.mark.parametrize("compared_at_once", [10_000, 90])
def test_repeats_are_the_same_in_one_part_and_in_many(sorted_at_once, compared_at_once):
    twice = [n for n in range(0, MANY, 10) if IDS[n]]
    changed = [n for n in range(0, MANY, 7) if IDS[n]]

    found = usage_repeats.repeats(
        rows_of(ROWS), len(ROWS), sorted_at_once=sorted_at_once, compared_at_once=compared_at_once
    )

    assert told_of(found) == (len(twice), sum(n % 50 for n in twice), len(changed))


def test_a_log_of_which_every_row_came_twice_has_one_of_each_left():
    found = usage_repeats.repeats(rows_of([("a", 7), ("b", 5)] * 2), 4)

    assert told_of(found) == (2, 12, 0)


def test_rows_without_an_id_and_rows_of_one_id_each_are_no_repeats():
    found = usage_repeats.repeats(rows_of([("a", 7), (None, 7), ("", 7), (None, 7)]), 4)

    assert told_of(found) == (0, 0, 0)
