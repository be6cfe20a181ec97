"""`ops-model drill access` as the person on call meets it, with real commands."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.domain.trials import AccessDrill
from ops_model.errors import UsageError
from ops_model.store.ledger import Ledger
from tests.cli.test_attest import FILES

SIGNALS = """\
logs:
  - {{id: served, holds: predictions, address: data/served, timestamp: at}}
log_policy:
  retention_days: 90
  redaction: names are cut out
  store_ref: data/served
  query: {query}
"""
DECISIONS = """\
rights:
  - {{action: rollback, holder: primary, autonomy: alone, no_op: {no_op}}}
  - {{action: failover, holder: k-berg, backup: secondary, autonomy: alone}}
  - {{action: go_live, holder: k-berg, autonomy: alone, no_op: [python, -c, exit(9)]}}
"""
ON_CALL = """\
layers:
  - {id: first, role: primary, zone: UTC, starts: 2013-01-07T00:00:00, rule: FREQ=WEEKLY,
     shift_hours: 168, participants: [m-ito]}
  - {id: second, role: secondary, zone: UTC, starts: 2013-01-07T00:00:00, rule: FREQ=WEEKLY,
     shift_hours: 168, participants: [m-ito]}
"""
FINDS = "[python, -c, \"print('one request: tell nobody')\"]"
MAY = "[python, -c, pass]"


@pytest.fixture
def workbook(tmp_path):
    return written(tmp_path)


def written(root, *, query=FINDS, no_op=MAY, pinned=True):
    files = {
        **FILES,
        "systems/flight-delay/signals.yaml": SIGNALS.format(query=query),
        "systems/flight-delay/decisions.yaml": DECISIONS.format(no_op=no_op),
        "systems/flight-delay/on_call.yaml": ON_CALL,
    }
    if not pinned:
        files["ops-model.yaml"] = "name: Test\nzone: UTC\n"
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def drill(root, *words, person="m-ito"):
    asked = ["drill", "access", "flight-delay", "--as", person, "--workbook", str(root), *words]
    return CliRunner().invoke(ops_model, asked)


def on_record(root):
    if not (root / "ledger.db").exists():
        return []
    with Ledger.open(root / "ledger.db") as ledger:
        return [s for s in ledger.statements("flight-delay") if isinstance(s.record, AccessDrill)]


def test_it_runs_the_query_and_the_no_op_of_each_right_that_the_person_holds(workbook):
    result = drill(workbook)

    assert result.exit_code == 0, result.output
    (statement,) = on_record(workbook)
    assert statement.actor == "tool:ops-model"
    assert statement.record.person == "m-ito"
    assert [(a.action, a.ok, a.lines) for a in statement.record.attempts] == [
        ("query_logs", True, 1),
        ("rollback", True, None),
    ]
    assert "not shown, since no command is declared: failover" in result.stdout


def test_nothing_that_the_query_printed_is_shown_or_recorded(workbook):
    result = drill(workbook)

    assert "tell nobody" not in result.output
    assert b"tell nobody" not in (workbook / "ledger.db").read_bytes()


def test_show_shows_the_person_what_was_found_and_records_none_of_it(workbook):
    result = drill(workbook, "--show")

    assert "one request: tell nobody" in result.stdout
    assert b"tell nobody" not in (workbook / "ledger.db").read_bytes()


def test_one_that_does_not_work_is_recorded_with_a_class_of_reason_and_fails_the_drill(tmp_path):
    refuses = (
        "[python, -c, \"import sys; print('token abc refused', file=sys.stderr); sys.exit(4)\"]"
    )
    root = written(tmp_path, no_op=refuses)

    result = drill(root)

    assert result.exit_code == 1
    assert "it said: token abc refused" in result.stdout
    (statement,) = on_record(root)
    assert [(a.action, a.why) for a in statement.record.attempts] == [
        ("query_logs", ""),
        ("rollback", "exit 4"),
    ]
    assert b"token abc" not in (root / "ledger.db").read_bytes()


def test_json_is_one_object_and_the_rest_goes_to_standard_error(workbook):
    result = drill(workbook, "--json", "--show")

    told = json.loads(result.stdout)
    assert (told["person"], told["passed"], told["undeclared"]) == ("m-ito", True, ["failover"])
    assert [set(a) for a in told["attempts"]] == [
        {"action", "seconds", "ok", "why", "lines"}
    ] * 2  # fmt: skip


def test_a_control_sequence_in_what_a_command_says_is_no_order_to_the_terminal(tmp_path):
    root = written(tmp_path, query="[python, -c, \"print(chr(27) + '[2J')\"]")

    assert "\x1b" not in drill(root, "--show").output


def test_time_is_up_when_it_is_up(tmp_path):
    root = written(tmp_path, query='[python, -c, "import time; time.sleep(60)"]')

    result = drill(root, "--seconds", "0.5")

    assert result.exit_code == 1
    assert on_record(root)[0].record.attempts[0].why == "took over 0.5 s"


def test_where_nothing_is_declared_it_says_where_to_write_it_and_records_nothing(tmp_path):
    root = written(tmp_path, query="[]", no_op="[]")

    refused = drill(root)

    assert isinstance(refused.exception, UsageError)
    assert refused.exception.exit_code == 2
    (problem,) = refused.exception.problems
    assert "none has a no_op" in problem.message
    assert "rollback, failover" in problem.message
    assert problem.where.startswith("systems/flight-delay/signals.yaml")
    assert "`log_policy.query`" in problem.remedy
    assert on_record(root) == []


def test_somebody_without_a_right_can_still_show_that_they_read_the_logs(tmp_path):
    root = written(tmp_path)
    people = root / "people.yaml"
    people.write_text(
        people.read_text() + "  - {id: x-new, name: X, function: support, zone: UTC, "
        "active_from: 2012-01-01}\n"
    )

    assert drill(root, person="x-new").exit_code == 0
    assert [a.action for a in on_record(root)[0].record.attempts] == ["query_logs"]


@pytest.mark.parametrize("person", ["nobody-here", "../x"])
def test_somebody_who_does_not_work_here_is_refused(workbook, person):
    refused = drill(workbook, person=person)

    assert isinstance(refused.exception, UsageError)
    assert on_record(workbook) == []


@pytest.mark.parametrize("days", [-3, 3])
def test_it_cannot_be_dated_back_or_ahead(tmp_path, days):
    root = written(tmp_path, pinned=False)
    then = datetime.now(UTC) + timedelta(days=days)

    refused = drill(root, "--as-of", then.isoformat())

    assert isinstance(refused.exception, UsageError)
    assert "be dated" in str(refused.exception)
    assert on_record(root) == []


def test_a_command_that_is_a_line_for_a_shell_is_no_argument_list(tmp_path):
    root = written(tmp_path, no_op="kubectl auth can-i patch deployment")

    refused = drill(root)

    assert refused.exception.exit_code == 2
    assert "no_op" in str(refused.exception)
