"""Which record about a thing stands: the latest, and never one that shows less than another."""

from datetime import timedelta

from ops_model.check.context import Context
from ops_model.check.current import shown_of_each
from ops_model.workflow.review_pack import pack_of
from tests.builders import AS_OF, a_model, a_rollback_drill, a_statement, a_system, an_evidence
from tests.shown_model import an_assessment

SYSTEM = a_system()
EARLIER = AS_OF - timedelta(days=3)


def of_an_unknown_notebook(record, seq):
    entry = a_statement(record, seq)
    unknown = entry.origin.model_copy(update={"notebook_digest": "sha256:" + "f" * 64})
    return entry.model_copy(update={"origin": unknown})


def the_one(*statements):
    (found,) = shown_of_each(an_evidence(*statements))
    return found.statement.seq


OBSERVED = a_statement(a_rollback_drill(SYSTEM, as_of=EARLIER), 1)
NEWER = a_rollback_drill(SYSTEM, passed=False, as_of=AS_OF)


def test_what_is_only_declared_takes_the_place_of_nothing_that_was_observed():
    assert the_one(OBSERVED, of_an_unknown_notebook(NEWER, 2)) == 1


def test_what_was_observed_later_takes_the_place_of_what_was_observed_before():
    assert the_one(OBSERVED, a_statement(NEWER, 2)) == 2


def test_where_nothing_was_observed_the_latest_declaration_stands():
    older = of_an_unknown_notebook(OBSERVED.record, 1)

    assert the_one(older, of_an_unknown_notebook(NEWER, 2)) == 2


def test_a_pack_rests_on_the_drill_that_was_observed_and_not_on_a_newer_declaration():
    evidence = an_evidence(OBSERVED, of_an_unknown_notebook(NEWER, 2))
    ctx = Context(SYSTEM, a_model(SYSTEM), evidence, AS_OF)

    assert pack_of(ctx, an_assessment(SYSTEM)).rests_on == (OBSERVED.digest,)
