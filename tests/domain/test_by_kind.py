"""What is found by its kind is what a search through everything finds, in the same order."""

from datetime import timedelta

from ops_model.domain.by_kind import ByKind
from ops_model.domain.evidence import Attestation, Measurement, Record, Verification
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.trials import AccessDrill
from tests.builders import a_statement, a_system, all_records

RECORD = next(r for r in all_records(a_system()) if isinstance(r, Verification))
TOLD = tuple(
    a_statement(record, seq)
    for seq, record in enumerate((*all_records(a_system()), *all_records(a_system())), start=1)
)


def searched(*kinds):
    return tuple(s for s in TOLD if isinstance(s.record, kinds))


def test_a_base_finds_all_that_is_made_from_it_in_the_order_in_which_it_was_told():
    told = ByKind(TOLD)

    assert told.of(Record) == told.all == TOLD
    assert told.of(Measurement) == searched(Measurement)
    assert len({type(s.record) for s in told.of(Measurement)}) > 1


def test_several_kinds_are_mixed_as_they_were_told_and_none_comes_twice():
    several = (Attestation, RollbackDrill, Record, Measurement)

    assert ByKind(TOLD).of(*several) == TOLD
    assert ByKind(TOLD).of(Attestation, RollbackDrill) == searched(Attestation, RollbackDrill)


def test_nothing_is_found_of_a_kind_that_nobody_told():
    without = ByKind([s for s in TOLD if not isinstance(s.record, Verification | AccessDrill)])

    assert without.of(Verification, AccessDrill) == ()


def test_the_newest_comes_first_and_of_one_instant_the_later_entry():
    older = RECORD.model_copy(update={"as_of": RECORD.as_of - timedelta(days=1)})
    # The clock of an entry says nothing of the instant that its record speaks of.
    told = [a_statement(r, seq) for seq, r in enumerate((RECORD, older, RECORD), start=1)]

    assert [s.seq for s in ByKind(told).newest_first(Verification)] == [3, 1, 2]
    assert ByKind(told).newest_first(Attestation) == ()
