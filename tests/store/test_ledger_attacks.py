"""Ten ways to bend a ledger by somebody who can write its file, and what finds each."""

import pytest

from ops_model.store.ledger import Ledger, verify_ledger
from tests.store.ledger_attacks import (
    ALONE,
    CURRENT,
    ENTRIES,
    OLD,
    PAST,
    SEEN,
    a_ledger_to_attack,
)
from tests.store.ledger_events import a_ledger, an_event


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """For each attack, who found something."""
    found = {}
    for attack in SEEN:
        path = tmp_path_factory.mktemp(attack.__name__) / "ledger.db"
        roots = a_ledger_to_attack(path)
        assert verify_ledger(path, roots=roots).problems == ()
        attack(path)
        asked = {ALONE: {}, CURRENT: {ENTRIES: roots[ENTRIES]}, PAST: {OLD: roots[OLD]}}
        found[attack] = {
            who for who, known in asked.items() if verify_ledger(path, roots=known).problems
        }
    return found


@pytest.mark.parametrize("attack", SEEN, ids=lambda attack: attack.__name__)
def test_every_attack_is_found_with_a_current_checkpoint_and_told_who_finds_it(attacked, attack):
    assert CURRENT in attacked[attack]
    assert attacked[attack] == SEEN[attack]


def test_a_root_that_does_not_fit_is_told_with_both_roots(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 3)
    with Ledger.open(path) as ledger:
        there = ledger.root_at(2)

    (problem,) = verify_ledger(path, roots={2: "ab" * 32}).problems

    assert str(problem) == (
        f"ledger: the first 2 entries give the root {there}; a signed checkpoint says {'ab' * 32}"
    )


def test_a_ledger_that_is_shorter_than_a_checkpoint_says_so(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 3)

    (problem,) = verify_ledger(path, roots={5: "ab" * 32, 4: "cd" * 32}).problems

    assert str(problem) == (
        "ledger: there are 3 entries; a signed checkpoint says that there were 5"
    )


def test_the_root_of_an_empty_ledger_can_be_compared_too(tmp_path):
    path = a_ledger(tmp_path / "ledger.db")

    assert verify_ledger(path, roots={0: verify_ledger(path).root}).problems == ()
    assert len(verify_ledger(path, roots={0: "ab" * 32}).problems) == 1


def test_the_root_of_a_ledger_is_that_of_its_entries_at_every_size(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", create=True) as ledger:
        roots = []
        for number in range(9):
            roots.append(ledger.head().root)
            ledger.append(an_event(f"event/{number}"))

        assert [ledger.root_at(size) for size in range(9)] == roots
        assert ledger.verify(roots=dict(enumerate(roots))).problems == ()
