"""`ops-model attest` as a person meets it."""

import json

import pytest
from click.testing import CliRunner

from ops_model.cli.attest import command
from ops_model.errors import UsageError
from ops_model.store.ledger import Ledger

TEXT = "I know how this service fails, and I answer for it."

FILES = {
    "ops-model.yaml": "name: Test\nzone: UTC\nas_of: 2013-07-22T08:00:00Z\n",
    "people.yaml": (
        "people:\n"
        "  - {id: m-ito, name: M Ito, function: reliability, zone: UTC, active_from: 2012-01-01}\n"
        "  - {id: k-berg, name: K Berg, function: legal, zone: UTC, active_from: 2012-01-01}\n"
    ),
    "systems/flight-delay/system.yaml": (
        "name: Flight delay\nkind: predictive\ntier: B\npurpose: Tells delays\nusers: Dispatch\n"
        "customer_facing: false\n"
        "version: {label: v2, model_ref: v2.json, in_production_since: 2013-07-01T00:00:00Z}\n"
        "failure_modes:\n"
        "  - {id: stale-weather, description: Weather is old, kind: stale_data}\n"
        "  - {id: wrong-airport, description: Codes are mixed up, kind: wrong_output}\n"
    ),
    "systems/flight-delay/ownership.yaml": (
        "accountable: m-ito\n"
        "handoffs:\n"
        "  - {id: summer, outgoing: m-ito, incoming: k-berg, effective: 2013-08-01, items: []}\n"
    ),
}


@pytest.fixture
def workbook(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def attest(workbook, *arguments, person="m-ito", topic="ownership", text=TEXT):
    given = ["flight-delay", "--topic", topic, "--as", person, "--text", text]
    return CliRunner().invoke(command, [*given, "--workbook", str(workbook), *arguments])


def test_it_says_what_was_recorded_until_when_and_that_nobody_signed(workbook):
    result = attest(workbook)

    assert result.exit_code == 0, result.output
    assert "entry 0: m-ito on ownership of flight-delay" in result.stdout
    assert "about ownership.yaml, system.yaml" in result.stdout
    assert "holds until 2014-01-18T08:00:00Z; asserted, unsigned" in result.stdout


def test_json_is_one_object_and_the_ledger_holds_the_same(workbook):
    result = attest(workbook, "--json", "--days", "30")

    told = json.loads(result.stdout)
    with Ledger.open(workbook / "ledger.db") as ledger:
        (statement,) = ledger.statements("flight-delay")
    assert told["digest"] == statement.digest
    assert told["expires"] == "2013-08-21T08:00:00Z"
    assert told["assurance"] == "asserted"
    assert [claim["file"] for claim in told["claims"]] == ["ownership.yaml", "system.yaml"]


def test_each_call_is_an_entry_of_its_own(workbook):
    attest(workbook)
    attest(workbook)

    with Ledger.open(workbook / "ledger.db") as ledger:
        assert ledger.size() == 2


def test_as_of_is_the_workbooks_unless_given(workbook):
    result = attest(workbook, "--json", "--as-of", "2013-07-01T00:00:00Z")

    assert json.loads(result.stdout)["as_of"] == "2013-07-01T00:00:00Z"


def test_who_does_not_own_it_is_refused_and_nothing_is_recorded(workbook):
    result = attest(workbook, person="k-berg")

    assert isinstance(result.exception, UsageError)
    assert "ownership.yaml:1: k-berg is neither accountable" in str(result.exception)
    assert not (workbook / "ledger.db").exists()


def test_an_id_that_climbs_is_refused(workbook):
    result = attest(workbook, person="../people")

    assert isinstance(result.exception, UsageError)


def test_a_topic_that_there_is_not_is_wrong_use(workbook):
    result = attest(workbook, topic="gossip")

    assert result.exit_code == 2
    assert "gossip" in result.stderr


KNOWS = ("--purpose", "Says which flights are late", "--training", "Trees on a year of flights")


def test_an_owners_knowledge_is_recorded_and_what_it_leaves_out_is_said(workbook):
    result = attest(workbook, *KNOWS, "--failure-mode", "stale-weather", topic="knowledge")

    assert result.exit_code == 0, result.output
    assert "about system.yaml" in result.stdout
    assert "says nothing of wrong-airport" in result.stdout


def test_a_password_in_an_owners_knowledge_is_refused_without_being_repeated(workbook):
    told = ("--purpose", "see https://ops:hunter2secret@wiki.example", "--training", "Trees")

    result = attest(workbook, *told, "--failure-mode", "stale-weather", topic="knowledge")

    assert isinstance(result.exception, UsageError)
    assert "--purpose a text of 42 characters, not shown here" in str(result.exception)
    assert "hunter2secret" not in str(result.exception)


def test_half_of_an_owners_knowledge_is_refused_with_what_is_missing(workbook):
    result = attest(workbook, "--purpose", "Says which flights are late", topic="knowledge")

    assert isinstance(result.exception, UsageError)
    assert "lacks --training and --failure-mode" in str(result.exception)


def test_a_failure_mode_that_cannot_be_an_id_is_refused(workbook):
    result = attest(workbook, *KNOWS, "--failure-mode", "Stale weather", topic="knowledge")

    assert isinstance(result.exception, UsageError)
    assert "--failure-mode 'Stale weather'" in str(result.exception)


def test_a_handoff_says_who_still_has_to_accept_it(workbook):
    result = attest(workbook, "--handoff", "summer", topic="handoff")

    assert "about handoff summer" in result.stdout
    assert "accepted by m-ito" in result.stdout
    assert "still to accept: k-berg" in result.stdout


def test_json_says_too_who_still_has_to_accept(workbook):
    result = attest(workbook, "--handoff", "summer", "--json", topic="handoff")

    assert json.loads(result.stdout)["left_to_say"] == [
        "accepted by m-ito", "still to accept: k-berg",
    ]  # fmt: skip


def test_access_says_what_was_done_and_how_long_it_took(workbook):
    result = attest(
        workbook, "--action", "query_logs", "--seconds", "40", topic="access", person="k-berg"
    )

    assert "about query_logs, 40 s" in result.stdout


def test_named_files_are_confirmed(workbook):
    result = attest(workbook, "--file", "ownership.yaml", topic="claims")

    assert "about ownership.yaml\n" in result.stdout
