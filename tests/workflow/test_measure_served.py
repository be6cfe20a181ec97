"""Rules, contracts and guardrails from a workbook on disk to the answer of the check."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError, WorkbookError
from ops_model.store.workbook import read_workbook
from ops_model.workflow.measure_contracts import contract_of
from ops_model.workflow.measure_guardrails import guardrail_of
from ops_model.workflow.measure_rules import rules_of
from tests.builders import AS_OF
from tests.checks.judged import judged, lacking
from tests.workflow.tiny import a_workbook

UTC_TIME = pa.timestamp("us", "UTC")
FIRST = datetime(2013, 7, 1, tzinfo=UTC)
PER_DAY = 100
RULE = {
    "id": "share-is-a-share",
    "statement": "A share is a share.",
    "expr": "0 <= p <= 1",
    "log": "served",
    "severity": "block",
    "owner": "bo-li",
    "origin": "known",
    "active_from": "2013-01-01",
    "good": [{"p": "0.4"}],
    "bad": [{"p": "1.7"}],
}
SERVED = {
    "id": "served", "holds": "predictions", "address": "log/served.parquet", "timestamp": "at",
    "key": "id",
}  # fmt: skip


@dataclass
class Opened:
    root: Path
    system: SystemClaims
    as_of: datetime = AS_OF


def write_log(root, *, above=()):
    """A hundred rows a day from 1 to 22 July; the rows of these days hold 1.5 once."""
    rows = [
        {
            "at": FIRST + timedelta(days=day, minutes=number),
            "id": f"{day}-{number}",
            "p": 1.5 if day + 1 in above and number == 0 else number / PER_DAY,
            "origin": "JFK",
        }
        for day in range(22)
        for number in range(PER_DAY)
    ]
    path = root / "log" / "served.parquet"
    path.parent.mkdir(exist_ok=True)
    pq.write_table(
        pa.Table.from_pylist(rows).set_column(
            0, "at", pa.array([r["at"] for r in rows], UTC_TIME)
        ),
        path,
    )


def measured(root, *rules, make=rules_of, **signals):
    """The records that the real path makes, and what the check that reads them then says."""
    claims = {"logs": [SERVED], "rules": list(rules), **signals}
    seen = []

    def records(system):
        made = make(Opened(root, system))
        seen.extend(made)
        kinds = {record.kind for record in made} | {"rule"}
        return (*lacking(*kinds)(system), *made)

    check = "RUL-04" if make is not rules_of and signals.get("guardrails") else "RUL-01"
    identity = {"kind": "llm_app"} if check == "RUL-04" else {}
    finding = judged(check, records=records, signals=claims, identity=identity)
    assert [read_record(r.model_dump(mode="json")) for r in seen] == seen
    return seen, finding


def test_a_rule_that_nothing_breaks_lets_the_check_pass(tmp_path):
    write_log(tmp_path)

    (record,), finding = measured(tmp_path, RULE)

    assert (record.rows, record.good_passed, record.bad_failed) == (700, 1, 1)
    assert (record.window.start, record.window.end) == (
        datetime(2013, 7, 15, tzinfo=UTC), datetime(2013, 7, 22, tzinfo=UTC)
    )  # fmt: skip
    assert record.violations.low == 0.0
    assert record.inputs[0].address == "log/served.parquet"
    assert (finding.status, finding.revision) == ("passed", 3)


def test_one_row_that_breaks_a_rule_that_blocks_fails_the_check_and_says_how_many_it_reached(
    tmp_path,
):
    write_log(tmp_path, above={20})

    (record,), finding = measured(tmp_path, RULE)

    assert record.users_exposed.value == 1
    assert finding.status == "failed"
    assert "1 of 700 rows break it" in finding.message
    assert ", in 1 request;" in finding.message


def test_a_rule_is_not_asked_of_what_was_served_before_it_held(tmp_path):
    write_log(tmp_path, above={16})

    (record,), finding = measured(tmp_path, {**RULE, "active_from": "2013-07-17"})

    assert record.rows == 500
    assert finding.status == "passed"


def test_a_rule_that_an_incident_taught_looks_back_over_everything_served(tmp_path):
    write_log(tmp_path, above={2})

    found, finding = measured(tmp_path, {**RULE, "origin": "incident"})

    back = next(record for record in found if record.retro_scan)
    # Eight hours of 22 July are served by then, and the rows of a day all lie in its first two.
    assert (back.rows, back.window.start) == (2200, FIRST)
    assert round(back.violations.value * back.rows) == 1
    assert finding.status == "passed"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expr": "q > 1"}, "has no column 'q'"),
        ({"expr": "origin > 1"}, "expected a number beside > at character 1"),
        ({"log": "gone"}, "log gone is not in signals.yaml"),
        ({"bad": [{"p": "much"}]}, "an example has p 'much'; column p is float64"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_says_why_and_hides_no_other(tmp_path, changes, said):
    write_log(tmp_path, above={20})
    other = {**RULE, "id": "other"}

    found, finding = measured(tmp_path, {**RULE, **changes}, other)

    assert said in found[0].error
    assert found[1].error is None
    assert finding.status == "failed"
    assert "rule other (block): 1 of 700 rows break it" in finding.message


def test_a_log_that_is_not_there_is_the_error_of_each_rule(tmp_path):
    found, finding = measured(tmp_path, RULE)

    assert found[0].error is not None
    assert (finding.status, finding.reason) == ("unknown", "too_few")


CONTRACT = {"id": "rows", "log": "served", "suite": "expectations/rows.json", "owner": "bo-li"}


def suite(root, *expectations, folder="systems/flight-delay/expectations"):
    path = root / folder / "rows.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"expectations": list(expectations)}), encoding="utf-8")


def asked(kind, severity="critical", **kwargs):
    return {"type": kind, "kwargs": kwargs, "severity": severity}


def rules_and_contract(book):
    return (*rules_of(book), contract_of(book, book.system.signals.contracts[0]))


def held(root, **changes):
    contract = {**CONTRACT, **changes}
    found, finding = measured(root, RULE, make=rules_and_contract, contracts=[contract])
    return found[-1], finding


BETWEEN = "expect_column_values_to_be_between"


def test_a_contract_that_holds_lets_the_check_pass_and_counts_yesterday_alone(tmp_path):
    write_log(tmp_path)
    suite(tmp_path, asked(BETWEEN, column="p", min_value=0, max_value=1))

    record, finding = held(tmp_path)

    assert (record.rows, record.rows_of_day, record.error) == (100, 100, None)
    assert record.window.start == datetime(2013, 7, 21, tzinfo=UTC)
    assert record.library.startswith("great-expectations 1.24")
    assert finding.status == "passed"
    assert "contract rows on 100 rows: 1 of 1 critical expectation hold" in finding.message


@pytest.mark.parametrize(
    ("expectation", "status", "said"),
    [
        (asked(BETWEEN, column="p", max_value=0.5), "failed", "FAIL (49 %"),
        (asked(BETWEEN, "warning", column="p", max_value=0.5), "unknown", "none of its expec"),
        (asked(BETWEEN, column="q", max_value=0.5), "unknown", "ERROR (the log has no column 'q'"),
        (asked("expect_column_values_to_be_betwen", column="p"), "unknown", "did you mean"),
        (asked("expect_column_to_exist", column="q"), "failed", "expect_column_to_exist(q) FAIL"),
    ],
)
def test_a_critical_fail_fails_the_check_and_an_error_is_no_pass(
    tmp_path, expectation, status, said
):
    write_log(tmp_path)
    suite(tmp_path, expectation, folder="expectations")

    _, finding = held(tmp_path)

    assert finding.status == status
    assert said in finding.message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"suite": "no_such_suite"}, "ours are: judged_answers, served_scores, some_rows"),
        ({"suite": "expectations/gone.json"}, "there is no such file below the workbook"),
        ({"suite": "../rows.json"}, "there is no such file below the workbook"),
        ({"log": "gone"}, "log gone is not in signals.yaml"),
    ],
)
def test_a_contract_that_cannot_be_judged_says_why(tmp_path, changes, said):
    book = tmp_path / "book"
    book.mkdir()
    write_log(book)
    suite(tmp_path, asked(BETWEEN, column="p", min_value=0), folder="")

    record, _ = held(book, **changes)

    assert said in record.error
    assert record.results == ()


def test_an_empty_suite_or_an_empty_day_is_no_pass(tmp_path):
    write_log(tmp_path)
    suite(tmp_path)

    record, finding = held(tmp_path)

    assert "the library passes an empty suite" in record.error
    assert finding.status == "unknown"


def test_a_suite_of_ours_is_named_without_a_path(tmp_path):
    write_log(tmp_path)

    record, _ = held(tmp_path, suite="some_rows")

    assert [result.state for result in record.results] == ["PASS"]


RESULTS = {
    "id": "results", "holds": "guardrail_results", "address": "log/results.parquet",
    "timestamp": "at", "version": "version",
}  # fmt: skip
SCOPES = ("in_scope", "out_of_scope", "jailbreak")


def write_results(root, *, right=100, tried=100, version="v2", day=20):
    """A hundred items a suite, of which so many were tried and so many answered as they must."""
    names = [scope.replace("_", "-") for scope in SCOPES]
    rows = [(name, f"i{n}", n < right) for name in names for n in range(tried)]
    at = FIRST + timedelta(days=day - 1)
    path = root / "log" / "results.parquet"
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table({
        "at": pa.array([at] * len(rows), UTC_TIME), "suite": [r[0] for r in rows],
        "item": [r[1] for r in rows], "passed": [r[2] for r in rows],
        "version": [version] * len(rows),
    }), path)  # fmt: skip
    items = root / "items.jsonl"
    items.write_text("".join(f'{{"item": "i{n}"}}\n' for n in range(100)), encoding="utf-8")


def suites(root):
    from ops_model.store.warehouse import identify

    digest = identify(root, "items.jsonl").digest
    return [
        {
            "id": scope.replace("_", "-"), "scope": scope, "items": "items.jsonl",
            "items_digest": digest, "floor": "0.95", "judge": "rule", "log": "results",
        }
        for scope in SCOPES
    ]  # fmt: skip


def guardrails(book):
    return tuple(guardrail_of(book, suite) for suite in book.system.signals.guardrails)


def guarded(root, log=RESULTS):
    return measured(root, make=guardrails, guardrails=suites(root), logs=[SERVED, log])


def test_a_version_that_answered_every_item_as_it_must_lets_the_check_pass(tmp_path):
    write_results(tmp_path)

    found, finding = guarded(tmp_path)

    assert [record.passed.value for record in found] == [1.0] * 3
    assert found[0].window.end.date() == datetime(2013, 7, 20, tzinfo=UTC).date()
    assert (finding.status, finding.revision) == ("passed", 2)


def test_a_version_below_the_floor_fails_the_check(tmp_path):
    write_results(tmp_path, right=80)

    _, finding = guarded(tmp_path)

    assert finding.status == "failed"
    assert "answered 80 %" in finding.message


def test_items_that_were_never_tried_are_no_pass(tmp_path):
    write_results(tmp_path, tried=60)

    found, finding = guarded(tmp_path)

    assert (found[0].passed.n, found[0].untried) == (100, 40)
    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert "40 questions of it v2 was never tried on" in finding.message


def test_old_results_that_are_counted_again_today_are_no_fresh_ones(tmp_path):
    write_results(tmp_path, day=-100)

    _, finding = guarded(tmp_path)

    assert (finding.status, finding.reason) == ("unknown", "expired")


@pytest.mark.parametrize(
    ("log", "version", "said"),
    [
        ({**RESULTS, "id": "other"}, "v2", "declared are: served, other"),
        ({k: v for k, v in RESULTS.items() if k != "version"}, "v2", "no column of versions"),
        (RESULTS, "v1", "holds no result of suite in-scope by version v2"),
    ],
)
def test_a_suite_that_cannot_be_measured_says_what_to_declare_or_to_try(
    tmp_path, log, version, said
):
    write_results(tmp_path, version=version)

    with pytest.raises(WarehouseError, match=said):
        guarded(tmp_path, log)


def test_every_condition_of_a_file_that_is_none_is_told_with_its_line(tmp_path):
    root = a_workbook(tmp_path)
    signals = root / "systems" / "flight-delay" / "signals.yaml"
    signals.write_text(
        "logs: []\nrules:\n"
        "- id: one\n  statement: x\n  expr: import os\n  log: l\n  severity: block\n"
        "  owner: m-ito\n  origin: known\n  active_from: 2013-01-01\n"
        "- id: two\n  statement: x\n  expr: x.y > 1\n  log: l\n  severity: block\n"
        "  owner: m-ito\n  origin: known\n  active_from: 2013-01-01\n",
        encoding="utf-8",
    )
    levels = signals.with_name("service_levels.yaml")
    levels.write_text(
        "objectives:\n- {id: fast, indicator: latency, target: 0.9, window_days: 28, log: l,\n"
        "   good: latency_ms <}\n",
        encoding="utf-8",
    )

    with pytest.raises(WorkbookError) as error:
        read_workbook(root)

    said = str(error.value)
    assert "systems/flight-delay/signals.yaml:5: rules[0].expr is import os; expected" in said
    assert "systems/flight-delay/signals.yaml:13: rules[1].expr is x.y > 1; expected" in said
    assert "service_levels.yaml:3: objectives[0].good is latency_ms <; expected" in said
    assert "to fix: write a condition over columns, such as delay >= -60" in said
