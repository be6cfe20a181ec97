"""Who approved what, told from an export alone."""

import shutil

import pytest

from ops_model.domain.values import digest_of
from ops_model.store.ledger import Ledger
from ops_model.store.ssh_key import SshKey
from ops_model.workflow.checkpoints import checkpoint
from ops_model.workflow.export_evidence import export_evidence
from ops_model.workflow.observe import observe_integrity
from ops_model.workflow.verify import verify_path
from tests.store.ledger_events import AS_OF, SYSTEM, an_event
from tests.workflow.export_samples import SETTINGS, a_key, a_signed_workbook, trusting
from tests.workflow.review_samples import SEATED, a_decision, a_pack, a_review, enrolled


@pytest.fixture(scope="module")
def key():
    return a_key()


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def root(tmp_path, key, keys):
    root = a_signed_workbook(tmp_path / "workbook", key, events=1)
    enrolled(root, keys)
    return root


def verified(root, key, into):
    """The workbook exported, and the export verified elsewhere."""
    checkpoint(root, SETTINGS, key)
    export_evidence(root, SETTINGS, into, key=key)
    return verify_path(into, trusting(key))


def reviews(found):
    return found.as_json()["reviews"]


def test_three_seats_that_signed_are_told_with_their_keys(root, keys, key, tmp_path):
    a_review(root, keys)

    found = verified(root, key, tmp_path / "e.zip")

    (review,) = reviews(found)
    lines = (root / "allowed_signers").read_text().splitlines()
    prints = [SshKey.parse(" ".join(line.split()[2:4])).fingerprint for line in lines]
    assert found.problems == ()
    assert (review["state"], review["complete"], review["version"]) == ("approved", True, "v2")
    assert review["covered"]
    assert [(s["seat"], s["person"], s["standing"], s["key"]) for s in review["seats"]] == [
        (seat, person, "approved", told)
        for (seat, (person, _)), told in zip(SEATED.items(), prints, strict=True)
    ]
    text = "\n".join(found.told)
    assert f"review of {SYSTEM} v2" in text
    assert "approved, three people who built none of it" in text
    assert (
        f"product: p-owner said approve on 2013-07-22T08:00:00Z, signed with {prints[0]}" in text
    )


def test_two_seats_are_no_quorum(root, keys, key, tmp_path):
    a_review(root, keys, seats=("product", "reliability"))

    found = verified(root, key, tmp_path / "e.zip")

    (review,) = reviews(found)
    assert found.ok
    assert (review["state"], review["complete"]) == ("open", False)
    assert review["seats"][2]["standing"] == "missing"
    assert "open, 1 of 3 seats is missing or said no" in "\n".join(found.told)


def test_a_builder_does_not_count(root, keys, key, tmp_path):
    a_review(root, keys, builders=("builder", "r-lead"))

    (review,) = reviews(verified(root, key, tmp_path / "e.zip"))

    assert not review["complete"]
    assert "r-lead is among those who built it" in review["seats"][1]["why"][0]


def test_a_seat_that_was_signed_with_the_key_of_somebody_else_does_not_count(
    root, keys, key, tmp_path
):
    with Ledger.open(root / "ledger.db") as ledger:
        pack = a_pack(ledger)
        for seat in SEATED:
            a_decision(ledger, keys, pack, seat, key="p-owner")

    found = verified(root, key, tmp_path / "e.zip")

    (review,) = reviews(found)
    assert [s["standing"] for s in review["seats"]] == ["approved", "void", "void"]
    assert not review["complete"]


def test_a_revoked_key_does_not_count(root, keys, key, tmp_path):
    a_review(root, keys)
    line = (root / "allowed_signers").read_text().splitlines()[1]
    (root / "revoked_keys").write_text(" ".join(line.split()[2:4]) + "\n")

    (review,) = reviews(verified(root, key, tmp_path / "e.zip"))

    assert review["seats"][1]["standing"] == "void"


def test_a_decision_that_was_edited_after_it_was_signed_is_a_forgery(root, keys, key, tmp_path):
    with Ledger.open(root / "ledger.db") as ledger:
        pack = a_pack(ledger)
        a_decision(ledger, keys, pack, "product")
        stored = [s.event for s in ledger.events(subject=SYSTEM)][-1]
        proof = stored.data["proof"]
    root2 = shutil.copytree(root, tmp_path / "other")
    with Ledger.open(root2 / "ledger.db") as ledger:
        a_decision(ledger, keys, pack, "compliance")
        given = list(ledger.events(subject=SYSTEM))[-1]
    data = {**given.event.data, "record": given.told(), "proof": proof}
    moved = given.event.model_copy(update={"data": data})
    with Ledger.open(root / "ledger.db") as ledger:
        seq = ledger.append(moved)

    found = verified(root, key, tmp_path / "e.zip")

    assert [p.where for p in found.problems] == [f"ledger:{seq}"]
    assert "the signature does not hold" in found.problems[0].message


def test_a_signer_who_saw_another_ledger_is_told(root, keys, key, tmp_path):
    with Ledger.open(root / "ledger.db") as ledger:
        a_decision(ledger, keys, a_pack(ledger), "product", ledger_root="0" * 64)

    found = verified(root, key, tmp_path / "e.zip")

    assert "the signer saw another ledger of" in found.problems[0].message


def test_a_review_behind_the_newest_checkpoint_is_said_to_be_vouched_for_by_nobody(
    root, keys, key, tmp_path
):
    a_review(root, keys)
    export_evidence(root, SETTINGS, tmp_path / "e.zip")

    found = verify_path(tmp_path / "e.zip", trusting(key))

    assert [review["covered"] for review in reviews(found)] == [False]
    assert any(line.endswith(", covered by no checkpoint") for line in found.told)
    assert found.word == (
        "unchanged, as far as a checkpoint reaches: the first 2 of 8 entries, but for 1 bundle "
        "that no key that you named signed; who signed rests on allowed_signers and revoked_keys, "
        "which no key that you named covers"
    )


def test_an_earlier_review_is_told_as_it_stood_before_the_next(root, keys, key, tmp_path):
    a_review(root, keys)
    a_review(root, keys, seats=(), label="v3")

    earlier, newest = reviews(verified(root, key, tmp_path / "e.zip"))

    assert (earlier["version"], earlier["complete"], earlier["current"]) == ("v2", True, False)
    assert (newest["version"], newest["current"]) == ("v3", True)


def test_an_export_of_one_system_says_so_and_hides_no_review_of_another(root, keys, key, tmp_path):
    a_review(root, keys)
    with Ledger.open(root / "ledger.db") as ledger:
        ledger.append(an_event("else", subject="support-assistant"))
    checkpoint(root, SETTINGS, key)
    export_evidence(root, SETTINGS, tmp_path / "e.zip", system="support-assistant", key=key)

    found = verify_path(tmp_path / "e.zip", trusting(key))

    assert found.ok
    assert [review["system"] for review in reviews(found)] == [SYSTEM]
    assert any(line.startswith("bundles of support-assistant only") for line in found.told)


def test_an_uncovered_refusal_that_was_taken_back_is_covered_by_no_checkpoint(
    root, keys, key, tmp_path
):
    with Ledger.open(root / "ledger.db") as ledger:
        pack = a_pack(ledger)
        a_decision(ledger, keys, pack, "product", decision="no_go")
        for seat in ("reliability", "compliance"):
            a_decision(ledger, keys, pack, seat)
        checkpoint(root, SETTINGS, key)
        a_decision(ledger, keys, pack, "product")
    export_evidence(root, SETTINGS, tmp_path / "e.zip", key=key)

    (review,) = reviews(verify_path(tmp_path / "e.zip", trusting(key)))

    assert (review["state"], review["covered"]) == ("approved", False)


def test_an_entry_that_changes_no_answer_leaves_a_review_covered(root, keys, key, tmp_path):
    a_review(root, keys)
    checkpoint(root, SETTINGS, key)
    with Ledger.open(root / "ledger.db") as ledger:
        ledger.append(an_event("later"))
    export_evidence(root, SETTINGS, tmp_path / "e.zip", key=key)

    (review,) = reviews(verify_path(tmp_path / "e.zip", trusting(key)))

    assert review["covered"]


def test_who_built_it_and_whether_they_decided_is_told(root, keys, key, tmp_path):
    a_review(root, keys, seats=("product",))
    open_one = verified(root, key, tmp_path / "e.zip")
    a_review(root, keys, seats=("reliability",), label="v3", builders=("builder", "r-lead"))
    of_builder = verified(root, key, tmp_path / "f.zip")

    assert reviews(open_one)[0]["builders"] == ["builder"]
    assert "  built by builder; none of them decided" in open_one.told
    assert reviews(of_builder)[1]["builders_deciding"] == ["r-lead"]
    told = "  built by builder, r-lead; r-lead decided too, which does not count"
    assert told in of_builder.told


def test_under_an_index_that_no_named_key_signed_nobody_is_plainly_approved(
    root, keys, key, tmp_path
):
    a_review(root, keys)
    checkpoint(root, SETTINGS, key)
    export_evidence(root, SETTINGS, tmp_path / "e.zip")

    found = verify_path(tmp_path / "e.zip", trusting(key))

    assert found.as_json()["index"] == {"signed_by": [], "system": None}
    assert found.word.endswith(
        "; who signed rests on allowed_signers and revoked_keys, which no key that you named "
        "covers"
    )
    said = next(line for line in found.told if line.startswith("review of"))
    assert "as far as allowed_signers of this file is true, approved" in said


def test_a_signed_index_names_its_key_and_rests_on_nothing_else(root, keys, key, tmp_path):
    a_review(root, keys)

    found = verified(root, key, tmp_path / "e.zip")

    assert found.as_json()["index"]["signed_by"] == [key.keyid]
    assert "rests on" not in found.word


def test_missing_signers_are_told(root, keys, key, tmp_path):
    a_review(root, keys)
    (root / "allowed_signers").unlink()

    found = verified(root, key, tmp_path / "e.zip")

    assert "allowed_signers is missing: no signature could be tried" in found.told


def test_a_signer_who_saw_another_ledger_is_told_of_the_workbook_too(root, keys):
    with Ledger.open(root / "ledger.db") as ledger:
        pack = a_pack(ledger)
        a_decision(ledger, keys, pack, "product", ledger_root="0" * 64)
        seen = observe_integrity(root, SYSTEM, ledger, as_of=AS_OF)

    said = "the signer saw another ledger of"
    assert any(said in p.message for p in verify_path(root).problems)
    assert any(said in problem for problem in seen.ledger_problems)


def test_a_signer_who_saw_more_entries_than_there_are_is_told(root, keys, key, tmp_path):
    with Ledger.open(root / "ledger.db") as ledger:
        a_decision(ledger, keys, a_pack(ledger), "product", ledger_size=900)

    assert any("another ledger of 900" in p.message for p in verify_path(root).problems)
    exported = verified(root, key, tmp_path / "e.zip")
    assert "another ledger of 900" in exported.problems[0].message


def test_a_forged_signature_is_told_of_the_workbook_too(root, keys):
    with Ledger.open(root / "ledger.db") as ledger:
        a_decision(ledger, keys, a_pack(ledger), "product")
        given = list(ledger.events(subject=SYSTEM))[-1]
        record = {**given.told(), "nonce": "another"}
        data = {**given.event.data, "record": record, "digest": digest_of(record)}
        forged = {"id": "signoff/forged", "data": data}
        seq = ledger.append(given.event.model_copy(update=forged))

    found = [p.message for p in verify_path(root).problems if p.where == f"ledger:{seq}"]
    assert any("the signature does not hold" in message for message in found)


def test_an_export_without_reviews_has_none(root, key, tmp_path):
    assert reviews(verified(root, key, tmp_path / "e.zip")) == []
