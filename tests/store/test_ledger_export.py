"""A ledger as lines: written from the stored bytes, and verified from them again."""

import io

import pytest

from ops_model.store.ledger import Ledger
from ops_model.store.ledger_export import ExportedLedger, line_of
from tests.store.ledger_events import a_ledger, an_event

ENTRIES = 40
SAID = "é\u2028 \\u0001"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The lines of forty entries, and the root that a checkpoint says."""
    path = a_ledger(tmp_path_factory.mktemp("lines") / "ledger.db")
    with Ledger.open(path) as ledger:
        ledger.append_all(
            [an_event(f"event/{n}", data={"number": n, "said": SAID})
             for n in range(ENTRIES)]
        )  # fmt: skip
        return b"".join(map(line_of, ledger.rows())), {ENTRIES: ledger.head().root}


def read(content, roots):
    """The ledger read to its end."""
    ledger = ExportedLedger(io.BytesIO(content), roots)
    entries = list(ledger.entries())
    assert len(entries) == ledger.size
    return ledger


def test_the_lines_give_the_same_entries_head_and_root(exported, tmp_path):
    content, roots = exported

    ledger = read(content, roots)

    assert ledger.problems == []
    assert (ledger.size, ledger.root) == (ENTRIES, roots[ENTRIES])
    assert content.count(b"\n") == ENTRIES


def test_a_flipped_bit_in_an_exported_ledger_is_found(exported):
    """Every seventh byte; each of them is flipped in tests/faults."""
    content, roots = exported

    for place in range(0, len(content), 7):
        changed = bytearray(content)
        changed[place] ^= 1 << (place % 8)
        assert read(bytes(changed), roots).problems, place


def test_a_cut_ledger_is_found_wherever_it_was_cut(exported):
    content, roots = exported

    for length in range(0, len(content), 83):
        assert read(content[:length], roots).problems, length


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:3] + lines[4:],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [*lines, b"\n"],
        lambda lines: [b"\n", *lines],
        lambda lines: [lines[0].replace(b"{", b"{ ", 1), *lines[1:]],
        lambda lines: [lines[0].replace(b'"seq":0', b'"seq":00', 1), *lines[1:]],
        lambda lines: [b"[" * 100_000 + b"\n", *lines],
    ],
)
def test_lines_that_are_left_out_moved_or_added_are_found(exported, change):
    content, roots = exported

    assert read(b"".join(change(content.splitlines(keepends=True))), roots).problems


def test_nothing_behind_a_wrong_line_is_believed(exported):
    content, roots = exported
    lines = content.splitlines(keepends=True)
    lines[5] = lines[5].replace(b"event/5", b"event/6")

    ledger = read(b"".join(lines), roots)

    assert ledger.size == 5
    assert ledger.problems[0].where == "ledger:5"


def test_an_entry_is_the_event_that_was_appended(exported):
    content, roots = exported

    first = next(ExportedLedger(io.BytesIO(content), roots).entries())

    assert first.stored().event == an_event("event/0", data={"number": 0, "said": SAID})


def test_a_ledger_without_entries_is_a_ledger():
    assert read(b"", {}).problems == []
    assert read(b"", {3: "0" * 64}).problems[0].message.startswith("the ledger ends after 0")
