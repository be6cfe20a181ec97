"""The rows of evidence on the compliance page: who each record is from."""

from dataclasses import replace

import pytest

from ops_model.domain.evidence import Grade
from ops_model.domain.values import Where
from ops_model.site.build import GradedStatement
from ops_model.site.evidence_rows import evidence_rows
from tests.builders import a_coverage, a_statement, a_system, an_access_drill, an_attestation
from tests.site import whole
from tests.site.samples import people


def by_ana(system):
    return an_access_drill(system, "ana-ruiz")


@pytest.mark.parametrize(
    ("build", "actor", "said"),
    [
        (an_attestation, "person:ana-ruiz", "a person"),
        (by_ana, "tool:ops-model", "what the tool saw somebody do"),
        (by_ana, "person:ana-ruiz", "whoever wrote it"),
        (a_coverage, "tool:ops-model", "the tool itself"),
    ],
)
def test_what_no_run_left_says_whose_word_it_is(build, actor, said):
    claims = a_system()
    told = a_statement(build(claims), 1).model_copy(update={"actor": actor, "origin": None})
    system = whole.whole([told.record], system=claims)
    row = rows_of(system, told)

    assert row.link.text == said


def rows_of(system, told):
    """The row of the one statement, whether or not an answer rests on it."""
    finding = system.assessment.findings[0].model_copy(
        update={"looked_at": (Where(path="ledger", line=1),)}
    )
    assessment = system.assessment.model_copy(update={"findings": (finding,)})
    graded = GradedStatement(told, Grade.ATTESTED)
    (row,) = evidence_rows(
        replace(system, assessment=assessment, statements=(graded,)), people(), ""
    )
    return row
