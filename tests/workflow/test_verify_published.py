"""Records that entries say to come from a run, beside what that run sealed."""

import json

import pytest

from ops_model.domain.values import canonical_bytes, digest_of
from ops_model.store.ledger import Ledger
from ops_model.store.seal import Manifest, seal
from ops_model.workflow.checkpoints import checkpoint
from ops_model.workflow.export_evidence import export_evidence
from ops_model.workflow.observe import observe_integrity
from ops_model.workflow.verify import verify_path
from tests.store.ledger_events import (
    AS_OF,
    NOTEBOOK_DIGEST,
    RECORDED,
    SYSTEM,
    a_drill,
    an_event,
    finished,
    published,
)
from tests.workflow.export_samples import SETTINGS, a_key, a_signed_workbook, trusting
from tests.workflow.verify_samples import NOTEBOOK, a_run

RUN = "run-9"
PLACE = f"runs/{SYSTEM}/{NOTEBOOK}/{RUN}"
WORSE = a_drill(passed=False)


@pytest.fixture
def key():
    return a_key()


@pytest.fixture
def root(tmp_path, key):
    return a_signed_workbook(tmp_path / "workbook", key, runs=0, events=1)


def a_sealed(root, *sealed, told=(), keys=(), **data):
    """A bundle with these records, and entries that tell of others, before the run's end."""
    staging = root / "staging"
    staging.mkdir()
    plain = [{"cell": 3, "record": record.model_dump(mode="json")} for record in sealed]
    (staging / "records.json").write_bytes(canonical_bytes(plain))
    manifest = Manifest(
        run_id=RUN, system=SYSTEM, notebook=NOTEBOOK, notebook_digest=NOTEBOOK_DIGEST,
        as_of=AS_OF, recorded_at=RECORDED, ledger_size=0,
    )  # fmt: skip
    digest = seal(staging, root / PLACE, manifest, keys=keys)
    end = finished(RUN, bundle=PLACE, manifest=digest)
    end = end.model_copy(update={"data": {**end.data, **data}})
    with Ledger.open(root / "ledger.db") as ledger:
        for number, record in enumerate(told):
            ledger.append(published(record, f"{RUN}/record/{number}", run_id=RUN))
        ledger.append(end)


def everywhere(root, key, tmp_path):
    """What the workbook, its export and the tool's own look at the system say is wrong."""
    checkpoint(root, SETTINGS, key)
    into = tmp_path / "e.zip"
    export_evidence(root, SETTINGS, into, key=key)
    with Ledger.open(root / "ledger.db", readonly=True) as ledger:
        seen = observe_integrity(root, SYSTEM, ledger, as_of=AS_OF)
    return (
        [str(p.message) for p in verify_path(root, trusting(key)).problems],
        [str(p.message) for p in verify_path(into, trusting(key)).problems],
        [p for bundle in seen.bundles for p in bundle.problems],
    )


def test_the_records_of_a_run_are_those_that_it_sealed(root, key, tmp_path):
    a_sealed(root, a_drill(), WORSE, told=(a_drill(), WORSE), keys=(key,))

    assert everywhere(root, key, tmp_path) == ([], [], [])


def test_a_changed_record_in_the_name_of_a_sealed_run_is_found(root, key, tmp_path):
    a_sealed(root, WORSE, told=(WORSE,))
    with Ledger.open(root / "ledger.db") as ledger:
        ledger.append(published(a_drill(), "forged", run_id=RUN))

    for problems in everywhere(root, key, tmp_path):
        assert len(problems) == 1
        assert f"was added to {RUN} after that run had ended" in problems[0]


def test_a_record_that_the_bundle_does_not_hold_is_found_and_one_left_out(root, key, tmp_path):
    a_sealed(root, WORSE, told=(a_drill(),))

    for problems in everywhere(root, key, tmp_path):
        assert "whose bundle has no such record" in problems[0]
        assert problems[1] == "1 of its records are not on the ledger"


def test_the_same_record_twice_is_one_too_many(root, key, tmp_path):
    a_sealed(root, WORSE, told=(WORSE, WORSE))

    for problems in everywhere(root, key, tmp_path):
        assert len(problems) == 1


def test_a_run_that_repeats_another_publishes_none_of_its_records(root, key, tmp_path):
    a_sealed(root, WORSE, reproduces="run-1")

    assert everywhere(root, key, tmp_path) == ([], [], [])


def test_a_bundle_that_no_named_key_signed_is_told_in_the_last_line(root, key, tmp_path):
    a_sealed(root, WORSE, told=(WORSE,))
    checkpoint(root, SETTINGS, key)
    export_evidence(root, SETTINGS, tmp_path / "e.zip", key=key)

    for path in (root, tmp_path / "e.zip"):
        found = verify_path(path, trusting(key))
        assert found.word == "unchanged, but for 1 bundle that no key that you named signed"
        assert found.as_json()["unsigned_bundles"] == [PLACE]
        assert any(t.startswith("1 of 1 bundles carries no signature") for t in found.told)
    assert verify_path(root).word == "unchanged"


def test_a_bundle_that_the_named_key_signed_needs_no_word(root, key):
    a_sealed(root, WORSE, told=(WORSE,), keys=(key,))
    checkpoint(root, SETTINGS, key)

    found = verify_path(root, trusting(key))

    assert (found.word, found.as_json()["unsigned_bundles"]) == ("unchanged", [])


def test_a_bundle_alone_says_what_it_was_compared_with(root, key, tmp_path):
    a_sealed(root, WORSE, told=(WORSE,), keys=(key,))
    (root / PLACE).rename(tmp_path / "mailed")

    alone = verify_path(tmp_path / "mailed")
    named = verify_path(tmp_path / "mailed", trusting(key))

    assert alone.word == "unchanged against its own manifest; name the key with --key"
    assert (named.word, named.told) == ("unchanged", (f"signed by {key.keyid}",))
    assert named.as_json()["signed_by"] == [key.keyid]


def test_records_that_are_none_are_a_problem_and_no_crash(root, key, tmp_path):
    folder = a_run(root, "run-8", publish=False)
    digest = None
    for content in (b'{"a": 1}', b"[1]", b"no json"):
        staging = root / "staging"
        staging.mkdir()
        (staging / "records.json").write_bytes(content)
        place = f"runs/{SYSTEM}/{NOTEBOOK}/odd-{digest_of(content)[-4:]}"
        manifest = Manifest(
            run_id=place[-8:], system=SYSTEM, notebook=NOTEBOOK, notebook_digest=NOTEBOOK_DIGEST,
            as_of=AS_OF, recorded_at=RECORDED, ledger_size=0,
        )  # fmt: skip
        digest = seal(staging, root / place, manifest)
        with Ledger.open(root / "ledger.db") as ledger:
            ledger.append(finished(place[-8:], bundle=place, manifest=digest))
    found = verify_path(root, trusting(key)).problems

    assert folder.exists()
    assert [p.message for p in found].count("records.json is no list of records") == 3


def test_odd_entries_in_the_name_of_a_run_are_found_and_stop_nothing(root, key, tmp_path):
    a_sealed(root, WORSE, told=(WORSE,))
    with Ledger.open(root / "ledger.db") as ledger:
        for number, record in enumerate([None, [1], "text"]):
            data = json.loads(json.dumps({"record": record, "origin": {"run_id": RUN}}))
            ledger.append(an_event(f"odd/{number}", type="evidence.published", data=data))

    found = [p.message for p in verify_path(root, trusting(key)).problems]

    assert len(found) == 3
