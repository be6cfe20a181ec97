"""`ops-model erase` as a person meets it."""

import json

import pytest
from click.testing import CliRunner

from ops_model.cli.attest import command as attest_command
from ops_model.cli.erase import command
from ops_model.errors import UsageError
from ops_model.store.ledger import Ledger, verify_ledger
from tests.cli.test_attest import FILES, TEXT
from tests.store.ledger_events import as_appended

WHY = "M Ito asked for it in writing, and nothing holds it back."


@pytest.fixture
def workbook(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    said = CliRunner().invoke(
        attest_command,
        ["flight-delay", "--topic", "ownership", "--as", "m-ito", "--text", TEXT,
         "--workbook", str(tmp_path)],
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    return tmp_path


def erase(workbook, *arguments):
    return CliRunner().invoke(command, [*arguments, "--workbook", str(workbook)])


def kept(workbook):
    listed = erase(workbook, "--list", "flight-delay", "--json")
    return json.loads(listed.stdout)["kept"]


def test_the_list_shows_whose_words_are_kept_and_how_they_are_named(workbook):
    (one,) = kept(workbook)
    result = erase(workbook, "--list", "flight-delay")

    assert (one["seq"], one["person"], one["text"]) == (0, "m-ito", TEXT)
    assert f"{one['words']}  entry 0, attestation by m-ito, 2013-07-22T08:00:00Z" in result.stdout
    assert TEXT in result.stdout


def test_erased_words_are_in_no_file_of_the_ledger_and_it_verifies(workbook):
    path, (one,) = workbook / "ledger.db", kept(workbook)
    assert TEXT.encode() in path.read_bytes()

    result = erase(workbook, "--words", one["words"], "--reason", WHY, "--as", "k-berg")

    assert result.exit_code == 0, result.output
    assert "the words of entry 0 about flight-delay: erased" in result.stdout
    assert "build the site again" in result.stdout
    assert not any(TEXT.encode() in f.read_bytes() for f in workbook.glob("ledger.db*"))
    assert kept(workbook) == []
    with Ledger.open(path) as ledger:
        last = list(ledger.events())[-1].event
    assert (last.type, last.actor, last.subject) == (
        "payload.erased", "person:k-berg", "flight-delay",
    )  # fmt: skip
    assert last.data == {"words": one["words"], "of": 0, "reason": WHY}
    assert verify_ledger(path).problems == ()


def test_giving_the_command_again_is_harmless_and_says_so(workbook):
    (one,) = kept(workbook)
    erase(workbook, "--words", one["words"], "--reason", WHY)

    again = erase(workbook, "--words", one["words"], "--reason", f"{WHY} Once more.", "--json")

    assert json.loads(again.stdout) == {
        "words": one["words"], "entry": 0, "system": "flight-delay", "also": [],
        "erased": False,
    }  # fmt: skip
    assert "were erased already" in again.stderr


def test_words_that_another_entry_claims_too_are_a_finding_and_both_are_named(workbook):
    path, (one,) = workbook / "ledger.db", kept(workbook)
    with Ledger.open(path) as ledger:
        event = as_appended(next(iter(ledger.events())))
        ledger.append(event.model_copy(update={"id": "claimed-once-more"}))

    (problem,) = verify_ledger(path).problems
    result = erase(workbook, "--words", one["words"], "--reason", WHY)

    assert problem.message == "the words of entry 0 are claimed by entry 1 too"
    assert "the same words are claimed by 1 too" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--words", "sha256:abc", "--reason", WHY], "is no commitment"),
        (["--words", "sha256:" + "0" * 64, "--reason", WHY], "no entry of the ledger commits"),
        (["--words", "sha256:" + "0" * 64], "needs both --words and --reason"),
        (["--words", "sha256:" + "0" * 64, "--reason", "asked"], "expected 20 to 4000"),
        (["--words", "sha256:" + "0" * 64, "--reason", "x"], "say in a sentence why it is erased"),
        (
            ["--words", "sha256:" + "0" * 64, "--reason", f"{WHY} m.ito@example.org"],
            "e-mail address",
        ),
        (
            ["--words", "sha256:" + "0" * 64, "--reason", WHY, "--as", "nobody-here"],
            "there is nobody 'nobody-here' in people.yaml",
        ),
        (["--list", "flight-delays"], "there is no system 'flight-delays'"),
    ],
)
def test_what_cannot_be_erased_is_refused_and_changes_nothing(workbook, arguments, said):
    result = erase(workbook, *arguments)

    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert len(kept(workbook)) == 1
