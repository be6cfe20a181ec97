"""Sealing a bundle, whole or not at all, and finding every change to it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops_model.domain.values import canonical_bytes, digest_of
from ops_model.errors import BundleError, IntegrityError
from ops_model.store.checkpoint_key import CheckpointKey
from ops_model.store.dsse import enveloped, read_envelope
from ops_model.store.seal import MANIFEST_FILE, Manifest, manifest_of, seal, verify_bundle
from ops_model.store.statement import read_files
from tests.store.ledger_events import AS_OF, NOTEBOOK_DIGEST, RECORDED, SYSTEM

KEY = CheckpointKey.generate("example.org/ops-model")
FILES = {"executed.ipynb": b'{"cells": []}', "records.json": b"[]", "claims.json": b"{}"}


def a_manifest(**changes):
    fields = {
        "run_id": "run-1", "system": SYSTEM, "notebook": "03_rollback_drill",
        "notebook_digest": NOTEBOOK_DIGEST, "as_of": AS_OF, "tool_version": "0.1.0",
        "recorded_at": RECORDED, "ledger_size": 7,
    }  # fmt: skip
    return Manifest(**{**fields, **changes})


@pytest.fixture
def staging(tmp_path):
    folder = tmp_path / "runs" / ".staging-run-1"
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def final(tmp_path):
    return tmp_path / "runs" / "run-1"


@pytest.fixture
def bundle(staging, final):
    """A sealed bundle, and the digest of its manifest."""
    return final, seal(staging, final, a_manifest())


def statement_of(folder):
    """The in-toto statement in a bundle's envelope."""
    return json.loads(read_envelope((folder / MANIFEST_FILE).read_bytes()).content)


def rewrite(folder, statement, keys=()):
    """Put another statement into the bundle's envelope, as whoever may write there can."""
    content = statement if isinstance(statement, bytes) else canonical_bytes(statement)
    (folder / MANIFEST_FILE).write_bytes(enveloped(content, keys=keys))


def test_a_sealed_bundle_holds_the_files_and_a_manifest_of_them(bundle):
    folder, digest = bundle

    statement = statement_of(folder)

    assert sorted(p.name for p in folder.iterdir()) == sorted([*FILES, MANIFEST_FILE])
    # printf '[]' | sha256sum
    assert {f["name"]: f["digest"] for f in statement["subject"]}["records.json"] == {
        "sha256": "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
    }
    assert statement["predicate"]["sizes"]["records.json"] == 2
    assert digest == digest_of((folder / MANIFEST_FILE).read_bytes())
    assert verify_bundle(folder, manifest_digest=digest) == ()


def test_the_manifest_comes_back_as_it_was_given_with_the_files(bundle):
    folder, _ = bundle
    found = manifest_of(folder)

    assert found.model_copy(update={"files": ()}) == a_manifest()
    assert [f.path for f in found.files] == sorted(FILES)


def test_whoever_needs_only_the_files_of_a_manifest_reads_the_same_and_refuses_the_same(bundle):
    manifest = manifest_of(bundle[0])
    statement = manifest.statement

    assert read_files(statement) == manifest.files
    with pytest.raises(IntegrityError, match="is no manifest"):
        read_files(statement.replace(b"urn:ops-model:run/v1", b"urn:ops-model:run/v9"))


def test_the_manifest_is_canonical(bundle):
    folder, _ = bundle
    content = (folder / MANIFEST_FILE).read_bytes()

    assert canonical_bytes(json.loads(content)) == content
    assert canonical_bytes(statement_of(folder)) == read_envelope(content).content


def test_sealing_leaves_no_staging_behind(bundle, staging):
    assert not staging.exists()


def test_a_bundle_that_is_there_is_never_replaced(staging, final):
    final.mkdir()

    with pytest.raises(BundleError, match="something is there already"):
        seal(staging, final, a_manifest())

    assert list(final.iterdir()) == []
    assert not staging.exists()


def spoil_link(folder):
    (folder / "link").symlink_to("/etc/hostname")


def spoil_broken_link(folder):
    (folder / "link").symlink_to("nowhere")


def spoil_folder(folder):
    (folder / "sub").mkdir()


def spoil_pipe(folder):
    os.mkfifo(folder / "pipe")


def spoil_manifest(folder):
    (folder / "manifest.dsse.json").write_text("{}")


def spoil_case(folder):
    (folder / "Records.json").write_text("[]")


def spoil_name(name):
    def spoil(folder):
        (folder / os.fsdecode(name)).write_text("x")

    return spoil


ODD_NAMES = [b".hidden", b"a b", b"a\nb", b"a\\b", "é".encode(), b"\xff", b"x" * 101, b"a:b", b"~"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_link, "is a symbolic link"),
        (spoil_broken_link, "is a symbolic link"),
        (spoil_folder, "is no file"),
        (spoil_pipe, "is no file"),
        (spoil_manifest, "has the manifest's name"),
        (spoil_case, "twice but for upper and lower case"),
        *((spoil_name(name), "has a name that other systems") for name in ODD_NAMES),
    ],
)
def test_what_is_no_plain_file_is_refused_and_nothing_is_sealed(staging, final, spoil, said):
    spoil(staging)

    with pytest.raises(BundleError, match=said) as refused:
        seal(staging, final, a_manifest())

    assert refused.value.exit_code == 3
    assert not final.exists()
    assert not staging.exists()


def test_an_empty_folder_is_no_bundle(tmp_path, final):
    (tmp_path / "empty").mkdir()

    with pytest.raises(BundleError, match="it is empty"):
        seal(tmp_path / "empty", final, a_manifest())


def test_a_manifest_without_a_canonical_form_is_refused(staging, final):
    with pytest.raises(BundleError, match="no canonical form"):
        seal(staging, final, a_manifest(parameters={"rows": 2**53}))

    assert not final.exists()


def test_a_missing_file_is_found(bundle):
    folder, digest = bundle
    (folder / "records.json").unlink()

    assert verify_bundle(folder, manifest_digest=digest) == ("records.json is missing",)


def test_a_file_that_was_added_is_found(bundle):
    folder, digest = bundle
    (folder / "more\n.txt").write_text("x")

    assert verify_bundle(folder, manifest_digest=digest) == (
        "'more\\n.txt' is not in the manifest",
    )


def test_a_changed_file_is_found_with_its_sizes(bundle):
    folder, digest = bundle
    (folder / "records.json").write_bytes(b"[1]")

    assert verify_bundle(folder, manifest_digest=digest) == (
        "records.json was changed: 3 bytes instead of 2",
    )


def test_a_link_to_the_very_same_content_is_found(bundle, tmp_path):
    folder, digest = bundle
    (folder / "records.json").rename(tmp_path / "elsewhere.json")
    (folder / "records.json").symlink_to(tmp_path / "elsewhere.json")

    assert verify_bundle(folder, manifest_digest=digest) == ("records.json is a symbolic link",)


@pytest.mark.parametrize("spoil", [spoil_link, spoil_folder, spoil_pipe])
def test_whatever_else_lies_in_a_bundle_is_found(bundle, spoil):
    folder, digest = bundle
    spoil(folder)

    (problem,) = verify_bundle(folder, manifest_digest=digest)

    assert "is not in the manifest" in problem


def test_a_missing_manifest_is_found(bundle):
    folder, digest = bundle
    (folder / "manifest.dsse.json").unlink()

    assert verify_bundle(folder, manifest_digest=digest) == ("manifest.dsse.json is missing",)


def exchange(folder, keys=()):
    """Change a file, and the manifest with it."""
    (folder / "records.json").write_bytes(b"[1]")
    statement = statement_of(folder)
    for file in statement["subject"]:
        if file["name"] == "records.json":
            file["digest"]["sha256"] = digest_of(b"[1]").removeprefix("sha256:")
    statement["predicate"]["sizes"]["records.json"] = 3
    rewrite(folder, statement, keys)


def test_a_bundle_changed_with_its_manifest_differs_from_what_the_ledger_recorded(bundle):
    folder, digest = bundle
    exchange(folder)

    alone = verify_bundle(folder)
    compared = verify_bundle(folder, manifest_digest=digest)

    assert alone == ()  # away from its ledger nothing tells
    assert compared == ("manifest.dsse.json is not the one that the ledger recorded",)


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hostname", "a/b", ".", "", "a\\b"])
def test_a_manifest_that_names_a_file_elsewhere_is_no_manifest(bundle, path):
    folder, _ = bundle
    statement = statement_of(folder)
    name = statement["subject"][0]["name"]
    statement["subject"][0]["name"] = path
    statement["predicate"]["sizes"][path] = statement["predicate"]["sizes"].pop(name)
    rewrite(folder, statement)

    (problem,) = verify_bundle(folder)

    assert problem.startswith("manifest.dsse.json is no manifest")


def test_a_file_listed_twice_is_no_manifest(bundle):
    folder, _ = bundle
    statement = statement_of(folder)
    statement["subject"].append(statement["subject"][0])
    rewrite(folder, statement)

    assert verify_bundle(folder) == (
        "manifest.dsse.json is no manifest: claims.json is listed twice",
    )


def test_sizes_of_other_files_than_the_listed_are_no_manifest(bundle):
    folder, _ = bundle
    statement = statement_of(folder)
    statement["predicate"]["sizes"]["more.json"] = 1
    rewrite(folder, statement)

    assert verify_bundle(folder) == (
        "manifest.dsse.json is no manifest: the sizes are not those of the files",
    )


@pytest.mark.parametrize("key", ["_type", "predicateType"])
def test_a_statement_about_something_else_is_no_manifest(bundle, key):
    folder, _ = bundle
    rewrite(folder, {**statement_of(folder), key: "https://example.org/other"})

    (problem,) = verify_bundle(folder)

    assert problem.startswith("manifest.dsse.json is no manifest")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b" {}"])
def test_a_manifest_that_is_no_envelope_is_a_change(bundle, content):
    folder, _ = bundle
    (folder / MANIFEST_FILE).write_bytes(content)

    (problem,) = verify_bundle(folder)

    assert problem.startswith("manifest.dsse.json is no signed envelope")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_an_envelope_around_no_statement_is_a_change(bundle, content):
    folder, _ = bundle
    rewrite(folder, content)

    (problem,) = verify_bundle(folder)

    assert problem.startswith("manifest.dsse.json is no manifest")


def test_a_bundle_of_an_earlier_version_is_refused_with_a_sentence(bundle):
    folder, _ = bundle
    (folder / MANIFEST_FILE).rename(folder / "manifest.json")

    (problem,) = verify_bundle(folder)

    assert "an earlier version of ops-model sealed this bundle" in problem


def test_a_bundle_that_is_gone_is_a_problem(tmp_path):
    assert verify_bundle(tmp_path / "gone") == ("the bundle is not there",)


def test_a_link_to_a_bundle_is_no_bundle(bundle, tmp_path):
    folder, digest = bundle
    (tmp_path / "link").symlink_to(folder)

    assert verify_bundle(tmp_path / "link", manifest_digest=digest) == (
        "the bundle is no folder of its own",
    )


def flips_missed(folder, **how):
    """Every byte of every file of a bundle changed once: which changes nobody finds."""
    missed, tried = [], 0
    for file in sorted(folder.iterdir()):
        content = file.read_bytes()
        for offset in range(len(content)):
            flipped = bytearray(content)
            flipped[offset] ^= 1 << (offset % 8)
            file.write_bytes(flipped)
            tried += 1
            if not verify_bundle(folder, **how):
                missed.append((file.name, offset))
        file.write_bytes(content)
    assert tried > 1000
    return missed


def test_every_flipped_byte_of_every_file_is_found_by_the_digest_on_the_ledger(bundle):
    folder, digest = bundle

    assert flips_missed(folder, manifest_digest=digest) == []
    assert verify_bundle(folder, manifest_digest=digest) == ()


def test_every_flipped_byte_of_every_file_is_found_by_the_signature_alone(staging, final):
    seal(staging, final, a_manifest(), keys=[KEY])

    assert flips_missed(final, keys=[KEY.verifier]) == []
    assert verify_bundle(final, keys=[KEY.verifier]) == ()


def test_a_signed_bundle_changed_with_its_manifest_is_found_by_its_key(staging, final):
    seal(staging, final, a_manifest(), keys=[KEY])
    signed = read_envelope((final / MANIFEST_FILE).read_bytes()).signatures
    exchange(final)
    unsigned = json.loads((final / MANIFEST_FILE).read_bytes())
    moved = {**unsigned, "signatures": [s.model_dump() for s in signed]}

    assert verify_bundle(final) == ()
    assert verify_bundle(final, keys=[KEY.verifier]) == ("manifest.dsse.json is signed by nobody",)
    (final / MANIFEST_FILE).write_bytes(canonical_bytes(moved))
    assert verify_bundle(final, keys=[KEY.verifier]) == (
        f"manifest.dsse.json has a signature of key {KEY.keyid} that does not hold",
    )


def test_a_bundle_signed_with_another_key_is_not_vouched_for(staging, final):
    other = CheckpointKey.generate("elsewhere.example/ledger")
    digest = seal(staging, final, a_manifest(), keys=[other])

    assert verify_bundle(final, keys=[KEY.verifier]) == (
        f"manifest.dsse.json is signed by no key that is trusted, but by '{other.keyid}'",
    )
    # The ledger that recorded this very manifest vouches for it.
    assert verify_bundle(final, keys=[KEY.verifier], manifest_digest=digest) == ()


def test_a_second_signature_beside_the_trusted_one_is_passed_over(staging, final):
    other = CheckpointKey.generate("elsewhere.example/ledger")
    seal(staging, final, a_manifest(), keys=[other, KEY])

    assert verify_bundle(final, keys=[KEY.verifier]) == ()


def sealing_process(staging, final, code):
    """Seal in a process of its own, so that its limits and its death are its own."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ops_model.errors import OpsModelError\n"
        "from ops_model.store.seal import seal\n"
        "from tests.store.test_seal import a_manifest\n"
        f"{code}\n"
        "try:\n"
        "    seal(Path(sys.argv[1]), Path(sys.argv[2]), a_manifest())\n"
        "except OpsModelError as error:\n"
        "    print(error)\n"
        "    sys.exit(error.exit_code)\n"
    )
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-c", script, str(staging), str(final)],
        check=False, cwd=root, capture_output=True, text=True,
    )  # fmt: skip


def test_a_disk_that_is_full_while_sealing_leaves_no_bundle_and_says_so(staging, final):
    # A file of more than 100 bytes cannot be written: the manifest is one.
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))"

    finished = sealing_process(staging, final, limit)

    assert finished.returncode == 3, finished.stderr
    assert "could not be sealed: File too large; nothing was kept" in finished.stdout
    assert "free some space and run again" in finished.stdout
    assert not final.exists()
    assert not staging.exists()


@pytest.mark.parametrize("files_on_disk", [0, 2, 4])
def test_a_process_killed_while_sealing_leaves_no_bundle(staging, final, files_on_disk):
    # Dies in the middle of the n-th time that something is put on the disk.
    die = (
        "import os, signal\n"
        "calls = iter(range(100))\n"
        "real = os.fsync\n"
        "def fsync(descriptor):\n"
        f"    if next(calls) == {files_on_disk}:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    real(descriptor)\n"
        "os.fsync = fsync\n"
    )

    finished = sealing_process(staging, final, die)

    assert finished.returncode == -signal.SIGKILL
    assert not final.exists()
    assert staging.exists()
