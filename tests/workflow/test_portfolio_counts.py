"""Which recorded verdicts say since when a gap has stood."""

import pytest

from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.open_portfolio import take_portfolio
from ops_model.workflow.portfolio import judged_portfolio
from ops_model.workflow.publish import site_input
from tests.site.samples import AS_OF, RECORDED, digest
from tests.workflow.test_publish import finished, published, recorded, started
from tests.workflow.tiny import a_workbook

LONG_AGO = AS_OF.replace(year=2012)


@pytest.fixture
def root(tmp_path):
    """A workbook whose verdict of today was also recorded a year ago, by its own notebook."""
    root = a_workbook(tmp_path)
    pages = site_input(root, as_of=AS_OF, recorded_at=RECORDED)
    earlier = pages.systems[0].assessment.model_copy(update={"as_of": LONG_AGO})
    then = {"as_of": LONG_AGO}
    return recorded(root, started(**then), published(earlier, **then), finished(**then))


def oldest_gaps(root):
    """The oldest gap, as the pages have it and as the portfolio's notebook has it."""
    on_pages = site_input(root, as_of=AS_OF, recorded_at=RECORDED).portfolio
    with Ledger.open(root / "ledger.db") as ledger:
        snapshot = take_portfolio(root, read_workbook(root), as_of=AS_OF, ledger=ledger)
    return {status.systems[0].oldest_gap for status in (on_pages, judged_portfolio(snapshot))}


def test_a_verdict_of_a_notebook_that_nobody_approved_makes_no_gap_older(root):
    assert oldest_gaps(root) == {AS_OF.date()}


def test_that_of_an_approved_one_does(root):
    listed = digest("notebook")
    (root / "policy.yaml").write_text(f"approved_notebooks: ['{listed}']\n", encoding="utf-8")

    assert oldest_gaps(root) == {LONG_AGO.date()}
