"""The workbook and an export of it never disagree about whose words count."""

import json
import shutil
from pathlib import Path

import pytest

from ops_model.cli.attest import command as attest_command
from ops_model.domain.sign_off import SignOff
from ops_model.domain.signers import NAMESPACE
from ops_model.domain.values import digest_of
from ops_model.domain.workbook import WorkbookSettings
from ops_model.store.ledger import Ledger
from ops_model.workflow.export_evidence import export_evidence
from ops_model.workflow.trust import Trust
from ops_model.workflow.verify import verify_path
from tests.cli import reviewing
from tests.cli.reviewing import SEATED, enrol, pack, refusal, review, run, sign

SETTINGS = WorkbookSettings(name="Test", zone="UTC")
OWNER = "ana-ruiz"
NAMED = f'namespaces="{NAMESPACE}"'


@pytest.fixture(scope="module")
def of(tmp_path_factory):
    """Key files by name."""
    return reviewing.keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def spoken(tmp_path_factory, of):
    """A workbook whose owner said without a key that they own it, and whose pack rests on that."""
    root = reviewing.a_review(tmp_path_factory.mktemp("words") / "workbook", of)
    assert attest(root, OWNER).exit_code == 0
    assert review(root, "--anew").exit_code == 0
    return root


@pytest.fixture
def root(spoken, tmp_path):
    return Path(shutil.copytree(spoken, tmp_path / "workbook"))


def attest(root, person, *arguments, topic="ownership"):
    return run(
        attest_command, root, "--topic", topic, "--as", person,
        "--text", "I own it and I know how it fails.", *arguments,
    )  # fmt: skip


def decided(root, of, *seats):
    named = pack(root)
    for seat in seats or SEATED:
        result = sign(root, seat, pack=named, key=of[SEATED[seat]])
        assert result.exit_code == 0, repr(result.exception)


def told_by_both(root, into):
    """State and seats of the review by the workbook, and by its export alone."""
    shown = review(root, "--as-of", "2013-07-22T08:00:00Z", "--json")
    assert shown.exit_code == 0, repr(shown.exception)
    inside = json.loads(shown.stdout)
    export_evidence(root, SETTINGS, into)
    (*_, outside) = verify_path(into, Trust()).as_json()["reviews"]
    assert inside["pack_digest"] == outside["pack"]
    return (
        (inside["state"], [s["state"] for s in inside["seats"]]),
        (outside["state"], [s["standing"] for s in outside["seats"]]),
        " ".join(outside["stale_because"]),
    )


def referenced_all_the_same(root):
    """Append a decision of the seat of product by reference, as whoever may write can."""
    reference = {"kind": "reference", "reference": "GOV-118, minutes"}
    with Ledger.open(root / "ledger.db") as ledger:
        given = next(s for s in ledger.events() if s.event.type == "signoff.given")
        record = SignOff.model_validate(given.told()).model_copy(
            update={"seat": "product", "person": SEATED["product"], "assurance": "referenced",
                    "nonce": "another"}
        )  # fmt: skip
        digest = digest_of(record)
        data = {"record": record.model_dump(mode="json"), "digest": digest, "proof": reference}
        changed = {"id": f"signoff/{digest}", "actor": f"person:{record.person}", "data": data}
        ledger.append(given.event.model_copy(update=changed))


def test_a_word_without_a_key_counts_for_both_while_its_speaker_has_none(root, of, tmp_path):
    decided(root, of)

    inside, outside, _ = told_by_both(root, tmp_path / "e.zip")

    assert inside == outside == ("approved", ["approved"] * 3)


def test_what_rests_on_an_unsigned_word_of_somebody_with_a_key_stands_for_neither(
    root, of, tmp_path
):
    decided(root, of)
    enrol(root, of, *SEATED.values(), OWNER)

    inside, outside, why = told_by_both(root, tmp_path / "e.zip")

    assert inside == outside == ("stale", ["void"] * 3)
    assert "ana-ruiz has a key enrolled since always in allowed_signers" in why


def test_a_key_that_is_enrolled_only_later_keeps_the_word_for_both(root, of, tmp_path):
    decided(root, of)
    enrol(root, of, *SEATED.values(), OWNER, ana_ruiz=f'{NAMED},valid-after="20990101"')

    inside, outside, _ = told_by_both(root, tmp_path / "e.zip")

    assert inside == outside == ("approved", ["approved"] * 3)


def test_whoever_signed_a_word_once_decides_by_reference_for_neither(root, of, tmp_path):
    """Also when the key is taken out of allowed_signers, so that the word counts no more."""
    person = SEATED["product"]
    decided(root, of, "reliability", "compliance")
    said = attest(
        root, person, "--key", of[person], "--action", "query_logs", "--seconds", "5",
        topic="access",
    )  # fmt: skip
    assert said.exit_code == 0, repr(said.exception)
    enrol(root, of, SEATED["reliability"], SEATED["compliance"])
    assert "has a key, which signed" in refusal(sign(root, ref="GOV-118, minutes"))
    referenced_all_the_same(root)

    inside, outside, _ = told_by_both(root, tmp_path / "e.zip")

    assert inside == outside == ("open", ["void", "approved", "approved"])
