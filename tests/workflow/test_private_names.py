"""Names in a usage log that no record may hold: told by a digest, and counted; nothing stops."""

import json

import pytest

from ops_model.domain.redact import found_in
from ops_model.workflow.measure import spend_of
from ops_model.workflow.measure_bridge import bridge_of
from tests.workflow.usage_book import every_day, opened, write_calls

KEY = "sk-ant-api03-" + "A1b2C3d4E5" * 5
ADDRESS = "bob@example.com"


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("service", ADDRESS), ("gen_ai_request_model", KEY)
    ],
)  # fmt: skip
def test_a_name_that_no_record_may_hold_is_a_digest_in_every_record(tmp_path, column, name):
    write_calls(tmp_path, every_day(10) + every_day(1, **{column: name}))
    book = opened(tmp_path)
    told = [json.dumps(record.model_dump(mode="json")) for record in
            (spend_of(book), bridge_of(book, "last_month"))]  # fmt: skip

    assert [found_in(text) for text in told] == [(), ()]
    assert "sha256:" in told[0]
    assert spend_of(book).warnings[-1].startswith("1 name of a service, model or provider holds")


def test_what_such_a_name_cost_is_in_every_sum(tmp_path):
    write_calls(tmp_path, every_day(10) + every_day(10, service=ADDRESS))
    spend = spend_of(opened(tmp_path))
    # 61 days, today included, of 20 requests at 0.0084 each.
    assert spend.total.value == pytest.approx(61 * 20 * 0.0084)
    assert len({row.service for row in spend.days}) == 2


def test_a_log_without_such_a_name_is_told_as_it_is(tmp_path):
    write_calls(tmp_path, every_day(10))
    spend = spend_of(opened(tmp_path))

    assert (spend.warnings, {row.service for row in spend.days}) == ((), {"chat"})
