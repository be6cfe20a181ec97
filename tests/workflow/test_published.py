"""Records that runs sealed beside those that entries tell of, and roots that signers saw."""

import json

import pytest

from ops_model.domain.values import canonical_bytes, digest_of
from ops_model.store.ledger import Ledger
from ops_model.workflow.published import Published, roots_at, saw_another
from tests.store.ledger_events import a_ledger

SYSTEM, RUN, END = "flight-delay", "run-1", 9
PLAIN = {"kind": "spend", "note": 'in words, with \u00e9 and "quotes"', "parts": [{"x": 1.5}]}
NESTED = {"kind": "spend", "of": [{"cell": 3, "record": {"kind": "other"}}, {"cell": 4}]}


def sealed(*records):
    """The file of a bundle, each record of the next cell."""
    return canonical_bytes([{"cell": cell, "record": r} for cell, r in enumerate(records, 2)])


def problems(records, *told, again=False, first=0):
    """What is wrong where entries from `first` on tell of `told`, each of the next cell."""
    noted = Published()
    for number, record in enumerate(told):
        origin = {"run_id": RUN, "cell": number + 2}
        data = {"record": record, "digest": digest_of(record), "origin": origin}
        noted.note(first + number, "evidence.published", SYSTEM, data)
    return [what for what, _ in noted.problems(SYSTEM, RUN, END, records, again=again)]


@pytest.mark.parametrize("records", [(), (PLAIN,), (PLAIN, NESTED), (NESTED, PLAIN, NESTED)])
def test_equal_records_are_equal_whatever_they_hold(records):
    assert problems(sealed(*records), *records) == []


def test_a_file_that_is_written_in_another_way_is_compared_by_what_it_says():
    spaced = json.dumps(json.loads(sealed(PLAIN, NESTED)), indent=1).encode()

    assert problems(spaced, PLAIN, NESTED) == []


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (sealed(PLAIN), "whose bundle has no such record"),
        (sealed(PLAIN, PLAIN), "whose bundle has no such record"),
        (sealed(NESTED, PLAIN), "whose bundle has no such record"),
        (sealed(PLAIN, NESTED, PLAIN), "1 of its records are not on the ledger"),
        (sealed(PLAIN, NESTED)[:-1], "is no list of records"),
        (b" " * 3, "is no list of records"),
        (sealed(PLAIN, NESTED).replace(b'"cell":2', b'"cell":7'), "has no such record"),
        (sealed(PLAIN, NESTED).replace(b'"cell":2', b'"cell":02'), "is no list of records"),
    ],
)
def test_other_records_than_the_entries_are_found(spoilt, said):
    found = problems(spoilt, PLAIN, NESTED)

    assert found
    assert said in found[0]


def test_a_record_behind_the_end_is_found_though_the_bundle_holds_it():
    assert problems(sealed(PLAIN), PLAIN, first=END + 1)[0].startswith("was added to run-1 after")


def test_a_run_that_repeats_another_publishes_none_of_its_records():
    assert problems(sealed(PLAIN), again=True) == []
    assert problems(sealed(PLAIN)) == ["1 of its records are not on the ledger"]


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(a_ledger(tmp_path / "ledger.db", count=6), readonly=True) as opened:
        yield opened


def test_roots_that_were_looked_for_together_answer_as_those_of_one_system(ledger):
    right, wrong, later = ledger.root_at(2), "0" * 64, ledger.root_at(5)
    # Entry 4 cannot have seen five entries, though their root is the right one.
    sound, forged = {2: [(5, right)]}, {2: [(4, wrong)], 5: [(4, later)], 90: [(4, wrong)]}
    roots = roots_at(ledger, [sound, forged, {}])

    together = [saw_another(ledger, seen, roots) for seen in (sound, forged)]

    assert together == [saw_another(ledger, seen) for seen in (sound, forged)]
    assert together[0] == []
    assert [p.message for p in together[1]] == [
        f"the signer saw another ledger of {size} entries" for size in (2, 5, 90)
    ]
