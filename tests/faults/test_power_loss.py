"""The power goes while entries are appended; what was acknowledged has to be there afterwards."""

import shutil

import pytest

from ops_model.errors import OpsModelError
from ops_model.store.ledger import Ledger
from tests.faults.power_loss import images, record

ENTRIES = 120


def lost_in(found, folder):
    """How many acknowledged entries a disk has lost; None when its ledger does not verify."""
    files, acked = found
    for name, content in files.items():
        (folder / name).write_bytes(content)
    try:
        with Ledger.open(folder / "ledger.db") as ledger:
            problems, there = ledger.verify().problems, ledger.size()
    except OpsModelError:
        return None
    return None if problems else max(0, acked - there)


def after_power_loss(tmp_path, *, synchronous, count):
    """For each image: entries lost, or None where the ledger cannot be used any more."""
    at_work = tmp_path / f"at-work-{synchronous}"
    at_work.mkdir()
    log = record(at_work, synchronous=synchronous, entries=ENTRIES)
    lost = []
    for number, found in enumerate(images(log, count)):
        folder = tmp_path / f"{synchronous}-{number}"
        folder.mkdir()
        lost.append(lost_in(found, folder))
        shutil.rmtree(folder)
    return lost


def test_nothing_acknowledged_is_lost_when_the_power_goes(tmp_path):
    assert after_power_loss(tmp_path, synchronous="FULL", count=40) == [0] * 40


def test_the_same_disk_loses_entries_of_a_ledger_that_does_not_wait_for_it(tmp_path):
    lost = after_power_loss(tmp_path, synchronous="NORMAL", count=40)

    assert any(number is None or number > 0 for number in lost)


@pytest.mark.faults
def test_of_a_thousand_disks_none_has_lost_what_was_acknowledged(tmp_path):
    lost = after_power_loss(tmp_path, synchronous="FULL", count=1000)
    control = after_power_loss(tmp_path, synchronous="NORMAL", count=200)

    bad = [number for number in control if number is None or number]
    print(f"\n1000 images, FULL: {sum(bool(n) for n in lost)} lost an entry; "
          f"200 images, NORMAL: {len(bad)} did")  # fmt: skip
    assert lost == [0] * 1000
    assert len(bad) > 20
