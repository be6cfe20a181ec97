"""Every byte of an exported ledger, and of every file of an export, flipped one by one."""

import io
import zipfile

import pytest

from ops_model.errors import LedgerError
from ops_model.store.ledger import Ledger
from ops_model.store.ledger_export import ExportedLedger, line_of
from ops_model.workflow.checkpoints import checkpoint
from ops_model.workflow.export_evidence import export_evidence
from ops_model.workflow.verify import verify_path
from tests.store.ledger_events import a_ledger
from tests.workflow.export_samples import SETTINGS, a_key, a_signed_workbook, trusting
from tests.workflow.review_samples import a_review, enrolled

pytestmark = pytest.mark.faults


def flipped(content, place):
    changed = bytearray(content)
    changed[place] ^= 1 << (place % 8)
    return bytes(changed)


def test_every_flipped_byte_of_an_exported_ledger_of_a_hundred_entries_is_found(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 100)
    with Ledger.open(path) as ledger:
        content = b"".join(map(line_of, ledger.rows()))
        roots = {100: ledger.head().root}

    def found(changed):
        exported = ExportedLedger(io.BytesIO(changed), roots)
        for _ in exported.entries():
            pass
        return bool(exported.problems)

    assert not found(content)
    missed = [p for p in range(len(content)) if not found(flipped(content, p))]
    ends = [n + 1 for n, byte in enumerate(content[:-1]) if byte == ord("\n")]
    cuts = [*range(0, len(content), 11), *ends]
    cut = [n for n in cuts if not found(content[:n])]
    print(f"{len(content)} flips, {len(missed)} missed; {len(cuts)} cuts, {len(cut)} missed")
    assert (missed, cut) == ([], [])


def test_every_flipped_byte_of_every_file_of_an_export_is_found(tmp_path):
    key = a_key()
    root = a_signed_workbook(tmp_path / "workbook", key)
    enrolled(root, tmp_path / "keys")
    a_review(root, tmp_path / "keys")
    checkpoint(root, SETTINGS, key)
    export_evidence(root, SETTINGS, tmp_path / "e.zip", key=key)
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        archive.extractall(tmp_path / "e")
    trust = trusting(key)
    assert verify_path(tmp_path / "e", trust).ok

    flips, missed = 0, []
    for path in sorted(p for p in (tmp_path / "e").rglob("*") if p.is_file()):
        content = path.read_bytes()
        for place in range(len(content)):
            path.write_bytes(flipped(content, place))
            flips += 1
            if verify_path(tmp_path / "e", trust).ok:
                missed.append((path.name, place))
        path.write_bytes(content)
    print(f"{flips} flips in the files of an export, {len(missed)} missed")
    assert missed == []


def test_every_flipped_byte_of_the_zip_itself_is_found_or_changes_nothing(tmp_path):
    """Not one byte of the archive's own headers may be another: there is one form."""
    key = a_key()
    root = a_signed_workbook(tmp_path / "workbook", key)
    export_evidence(root, SETTINGS, tmp_path / "e.zip", key=key)
    content = (tmp_path / "e.zip").read_bytes()
    trust = trusting(key)

    def contents(path):
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def verifies(path):
        try:
            return verify_path(path, trust).ok
        except LedgerError:  # the end of the archive itself is gone: exit code 3
            return False

    passed = []
    for place in range(len(content)):
        (tmp_path / "f.zip").write_bytes(flipped(content, place))
        if verifies(tmp_path / "f.zip"):
            assert contents(tmp_path / "f.zip") == contents(tmp_path / "e.zip"), place
            passed.append(place)
    print(f"{len(content)} flips in a zip, {len(passed)} of which change no content")
