"""An export for an auditor: written once, and verified without the workbook."""

import json
import shutil
import zipfile

import pytest

from ops_model.domain.values import canonical_bytes
from ops_model.domain.words import Words
from ops_model.errors import IntegrityError, LedgerError, UsageError
from ops_model.store.archive import write_archive
from ops_model.store.dsse import enveloped, read_envelope
from ops_model.store.export_index import INDEX_FILE, ExportIndex, listed_of
from ops_model.store.ledger import Ledger
from ops_model.store.seal import MANIFEST_FILE
from ops_model.workflow.checkpoints import checkpoint
from ops_model.workflow.export_evidence import export_evidence
from ops_model.workflow.verify import verify_path
from tests.store.ledger_events import SYSTEM, an_attestation, an_event, attested
from tests.workflow.export_samples import (
    SETTINGS,
    a_key,
    a_signed_workbook,
    rebuilt,
    trusting,
)
from tests.workflow.verify_samples import NOTEBOOK, a_run

LINES = "ledger.jsonl"
BUNDLE = f"runs/{SYSTEM}/{NOTEBOOK}/run-1"


@pytest.fixture(scope="module")
def key():
    return a_key()


@pytest.fixture(scope="module")
def workbook(tmp_path_factory, key):
    """A signed workbook with two runs, one of each of two systems; only read."""
    root = a_signed_workbook(tmp_path_factory.mktemp("exported") / "workbook", key)
    a_run(root, "run-2", system="support-assistant")
    checkpoint(root, SETTINGS, key)
    return root


@pytest.fixture(scope="module")
def exported(workbook, key, tmp_path_factory):
    """The zip that the workbook gives."""
    into = tmp_path_factory.mktemp("zip") / "evidence.zip"
    export_evidence(workbook, SETTINGS, into, key=key)
    return into


def unpacked(exported, into):
    """The export as a folder."""
    with zipfile.ZipFile(exported) as archive:
        archive.extractall(into)
    return into


def reindexed(folder, key=None, **changes):
    """The folder with an index that fits what lies in it, as a forger makes one."""
    old = read_envelope(
        (folder / INDEX_FILE).read_bytes(), payload_type="application/vnd.ops-model.export+json"
    )
    files = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != INDEX_FILE):
        with path.open("rb") as file:
            files.append(listed_of(path.relative_to(folder).as_posix(), file))
    index = ExportIndex.model_validate_json(old.content)
    index = index.model_copy(update={"files": tuple(files), **changes})
    (folder / INDEX_FILE).write_bytes(index.as_bytes((key,) if key else ()))
    return folder


def told(path, trust):
    return [(p.where, p.message) for p in verify_path(path, trust).problems]


def test_an_export_holds_all_that_an_auditor_needs_and_nothing_else(exported):
    with zipfile.ZipFile(exported) as archive:
        names = archive.namelist()

    bundle = ["executed.ipynb", MANIFEST_FILE, "records.json"]
    assert names == sorted(
        [
            INDEX_FILE, LINES, "checkpoints.txt", "checkpoint_keys.txt",
            *(f"{BUNDLE}/{name}" for name in bundle),
            *(f"runs/support-assistant/{NOTEBOOK}/run-2/{name}" for name in bundle),
        ]
    )  # fmt: skip


def test_the_same_workbook_gives_the_same_bytes(workbook, exported, key, tmp_path):
    export_evidence(workbook, SETTINGS, tmp_path / "again.zip", key=key)

    assert (tmp_path / "again.zip").read_bytes() == exported.read_bytes()
    assert list(tmp_path.iterdir()) == [tmp_path / "again.zip"]


def test_an_untouched_export_is_verified_with_the_key_alone(exported, workbook, key, tmp_path):
    alone = shutil.copy(exported, tmp_path / "mailed.zip")

    verified = verify_path(alone, trusting(key))

    with Ledger.open(workbook / "ledger.db", readonly=True) as ledger:
        head = ledger.head()
    assert verified.problems == ()
    assert (verified.size, verified.head, verified.root) == (head.size, head.hash, head.root)
    assert (verified.covered.size, verified.covered.since) == (head.size, 0)
    assert verified.compared == (
        "export: 9 files against its index",
        "ledger: 5 entries against their own hash chain",
        "bundles: 2 against the manifests that the ledger recorded",
    )
    assert f"index: signed by {key.keyid}" in verified.told


def test_the_unpacked_folder_is_verified_as_well(exported, key, tmp_path):
    folder = unpacked(exported, tmp_path / "unpacked")

    assert verify_path(folder, trusting(key)).problems == ()


def test_an_export_of_one_system_holds_its_bundles_and_the_whole_ledger(workbook, key, tmp_path):
    done = export_evidence(workbook, SETTINGS, tmp_path / "one.zip", system=SYSTEM, key=key)

    verified = verify_path(tmp_path / "one.zip", trusting(key))
    assert (done.bundles, done.size) == (1, 5)
    assert verified.problems == ()
    assert verified.compared[-1].startswith("bundles: 1 ")


def test_a_system_of_which_nothing_is_recorded_cannot_be_exported(workbook, tmp_path):
    with pytest.raises(UsageError, match="the ledger knows nothing of nobody"):
        export_evidence(workbook, SETTINGS, tmp_path / "one.zip", system="nobody")

    assert list(tmp_path.iterdir()) == []


def test_a_changed_bundle_is_not_exported(key, tmp_path):
    root = a_signed_workbook(tmp_path / "workbook", key)
    (root / BUNDLE / "records.json").write_bytes(b"[1]")

    with pytest.raises(IntegrityError, match=r"records\.json was changed.*nothing was written"):
        export_evidence(root, SETTINGS, tmp_path / "one.zip")

    assert not (tmp_path / "one.zip").exists()


def test_an_export_among_the_bundles_is_refused(workbook):
    with pytest.raises(UsageError, match="would lie among the bundles"):
        export_evidence(workbook, SETTINGS, workbook / "runs" / "x.zip")


def test_an_export_without_a_key_says_that_its_index_is_not_vouched_for(workbook, key, tmp_path):
    export_evidence(workbook, SETTINGS, tmp_path / "plain.zip")

    verified = verify_path(tmp_path / "plain.zip", trusting(key))

    assert verified.ok
    assert any(line.startswith("index: signed by none of these keys") for line in verified.told)


def test_the_words_of_people_are_not_in_an_export(key, tmp_path):
    root = a_signed_workbook(tmp_path / "workbook", key)
    words = Words.said("I know this service and I answer for it, says somebody.")
    record = an_attestation(text=words.commitment)
    with Ledger.open(root / "ledger.db") as ledger:
        ledger.append(attested(record), words)
    export_evidence(root, SETTINGS, tmp_path / "plain.zip")

    content = (tmp_path / "plain.zip").read_bytes()
    assert b"I answer for it" not in content
    assert words.commitment.encode() in content
    assert verify_path(tmp_path / "plain.zip", trusting(key)).ok


@pytest.mark.parametrize("name", [LINES, "checkpoints.txt", f"{BUNDLE}/records.json"])
def test_a_changed_file_is_named(exported, key, tmp_path, name):
    folder = unpacked(exported, tmp_path / "unpacked")
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    assert (name, "was changed") in told(folder, trusting(key))


def test_a_missing_and_an_added_file_are_named(exported, key, tmp_path):
    folder = unpacked(exported, tmp_path / "unpacked")
    (folder / "checkpoints.txt").unlink()
    (folder / "more.txt").write_text("more")

    found = told(folder, trusting(key))
    assert ("checkpoints.txt", "is missing") in found
    assert ("more.txt", "is not in the index") in found


def test_a_link_in_the_folder_is_no_file_of_an_export(exported, key, tmp_path):
    folder = unpacked(exported, tmp_path / "unpacked")
    shutil.move(folder / LINES, tmp_path / "elsewhere")
    (folder / LINES).symlink_to(tmp_path / "elsewhere")

    assert (LINES, "is no plain file") in told(folder, trusting(key))


def test_a_forged_ledger_with_an_index_that_fits_is_found_by_the_key(key, tmp_path):
    root = a_signed_workbook(tmp_path / "workbook", key)
    rebuilt(root / "ledger.db", lambda e: [*e[:-1], an_event("another")])
    export_evidence(root, SETTINGS, tmp_path / "forged.zip")

    found = told(tmp_path / "forged.zip", trusting(key))

    assert "are not those that the checkpoint signed" in found[0][1]


def test_a_shortened_ledger_with_an_index_that_fits_is_found_by_the_key(exported, key, tmp_path):
    folder = unpacked(exported, tmp_path / "unpacked")
    lines = (folder / LINES).read_bytes().splitlines(keepends=True)
    (folder / LINES).write_bytes(b"".join(lines[:-1]))
    reindexed(folder)

    assert any(
        "the ledger ends after 4 entries" in what for _, what in told(folder, trusting(key))
    )


def test_a_bundle_left_out_is_found_by_the_ledger(exported, key, tmp_path):
    folder = unpacked(exported, tmp_path / "unpacked")
    shutil.rmtree(folder / BUNDLE)
    reindexed(folder)

    assert told(folder, trusting(key)) == [(BUNDLE, "the bundle is not there")]


def test_a_bundle_made_up_whole_is_found_by_the_ledger(exported, key, tmp_path):
    folder = unpacked(exported, tmp_path / "unpacked")
    shutil.copytree(folder / BUNDLE, folder / BUNDLE.replace("run-1", "run-9"))
    reindexed(folder)

    assert told(folder, trusting(key)) == [
        (BUNDLE.replace("run-1", "run-9"), "no finished run of the ledger names this bundle")
    ]


def test_an_export_that_says_to_be_of_one_system_and_leaves_its_runs_out_is_found(
    exported, key, tmp_path
):
    folder = unpacked(exported, tmp_path / "unpacked")
    reindexed(folder, system="flight-relay")

    assert (INDEX_FILE, "the ledger has no system flight-relay") in told(folder, trusting(key))


@pytest.mark.parametrize("change", [{"size": 4}, {"head": "0" * 64}, {"root": "0" * 64}])
def test_an_index_of_another_ledger_is_found(exported, key, tmp_path, change):
    folder = reindexed(unpacked(exported, tmp_path / "unpacked"), **change)

    assert any("tells of another ledger" in what for _, what in told(folder, trusting(key)))


def test_an_index_in_the_name_of_the_key_that_it_did_not_sign_is_forged(exported, key, tmp_path):
    folder = unpacked(exported, tmp_path / "unpacked")
    envelope = json.loads((folder / INDEX_FILE).read_bytes())
    envelope["signatures"][0]["sig"] = "A" * 86 + "=="
    (folder / INDEX_FILE).write_bytes(canonical_bytes(envelope))

    ((where, what),) = told(folder, trusting(key))
    assert where == INDEX_FILE
    assert "does not hold" in what


def test_an_index_that_somebody_else_signed_is_not_the_workbooks(exported, key, tmp_path):
    stranger = a_key()
    folder = reindexed(unpacked(exported, tmp_path / "unpacked"), stranger)

    assert told(folder, trusting(key)) == [
        (INDEX_FILE, f"is signed by no key that you named: {stranger.keyid}")
    ]
    assert told(folder, trusting(key, stranger)) == []


def test_a_folder_without_an_index_is_no_export(exported, tmp_path):
    folder = unpacked(exported, tmp_path / "unpacked")
    (folder / INDEX_FILE).unlink()

    with pytest.raises(LedgerError, match="is no bundle and no workbook"):
        verify_path(folder)


def test_a_zip_that_is_no_export_is_refused(tmp_path):
    write_archive(tmp_path / "other.zip", {"notes.txt": b"mine"})

    assert not verify_path(tmp_path / "other.zip").ok


def test_half_of_a_download_is_no_alarm(exported, tmp_path):
    whole = exported.read_bytes()

    for content in (b"PK\3\4 and no more", whole[: len(whole) // 2], b""):
        (tmp_path / "broken.zip").write_bytes(content)
        with pytest.raises(
            LedgerError, match=r"could not be read.*\n.*download it again"
        ) as found:
            verify_path(tmp_path / "broken.zip")
        assert found.value.exit_code == 3


def test_a_zip_of_one_bundle_is_verified_as_that(workbook, tmp_path):
    files = {f"run-1/{path.name}": path for path in (workbook / BUNDLE).iterdir()}
    write_archive(tmp_path / "bundle.zip", files)

    assert verify_path(tmp_path / "bundle.zip").compared == (
        "bundle: against its own manifest only",
    )
    write_archive(tmp_path / "bundle.zip", {**files, "run-1/records.json": b"[2]"})
    assert told(tmp_path / "bundle.zip", trusting()) != []


def _flipped(folder, name, places, trust):
    """The places of a file where one flipped bit is not found."""
    path, missed = folder / name, []
    content = path.read_bytes()
    for place in places(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << (place % 8)
        path.write_bytes(changed)
        if verify_path(folder, trust).ok:
            missed.append(place)
    path.write_bytes(content)
    return missed


def test_a_flipped_bit_in_any_file_is_found(exported, key, tmp_path):
    """Every 29th byte of every file; all of them are flipped in tests/faults."""
    folder = unpacked(exported, tmp_path / "unpacked")
    names = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]

    for name in names:
        assert _flipped(folder, name, lambda size: range(0, size, 29), trusting(key)) == [], name


def test_a_flipped_bit_in_a_bundle_whose_index_fits_is_found(exported, key, tmp_path):
    """By the ledger's digest of the manifest, and the manifest's of each file."""
    folder = unpacked(exported, tmp_path / "unpacked")
    for name in ("records.json", "executed.ipynb", MANIFEST_FILE):
        path = folder / BUNDLE / name
        content = path.read_bytes()
        for place in range(0, len(content), 41):
            changed = bytearray(content)
            changed[place] ^= 1
            path.write_bytes(changed)
            assert not verify_path(reindexed(folder), trusting(key)).ok, (name, place)
        path.write_bytes(content)
    assert verify_path(reindexed(folder), trusting(key)).ok


def test_every_truncation_of_the_ledger_is_found(exported, key, tmp_path):
    folder = unpacked(exported, tmp_path / "unpacked")
    content = (folder / LINES).read_bytes()

    for length in range(0, len(content), 97):
        (folder / LINES).write_bytes(content[:length])
        assert not verify_path(reindexed(folder), trusting(key)).ok, length


def test_an_export_in_a_later_form_is_refused_and_not_half_read(exported, tmp_path):
    folder = unpacked(exported, tmp_path / "unpacked")
    append_version = json.loads(
        read_envelope(
            (folder / INDEX_FILE).read_bytes(),
            payload_type="application/vnd.ops-model.export+json",
        ).content
    )
    content = canonical_bytes({**append_version, "version": 2})
    (folder / INDEX_FILE).write_bytes(
        enveloped(content, payload_type="application/vnd.ops-model.export+json")
    )

    ((_, what),) = told(folder, trusting())
    assert "is no index of an export" in what
