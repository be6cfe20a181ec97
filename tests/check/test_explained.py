"""A check explains itself: from its code, the register and the policy, and no text beside it."""

from ops_model.check.api import check, passed
from ops_model.check.explained import lines, markdown, who_may_waive
from ops_model.check.reads import Reads, reads_of
from ops_model.domain.of_last import of_last
from ops_model.domain.rollback import RollbackDrill
from ops_model.workflow.assess import catalogue_of
from tests.check.making import a_catalogue, passing


@of_last
def _about(ctx):
    """A helper of the check, which remembers its answer."""
    return ctx.evidence.latest(RollbackDrill), ctx.system.cost


@check("ACME-01", question="Is it?", area="cost", source=["own"], revision=1)
def asks_a_lot(ctx, *, most_days: int = 3):
    """Because we asked."""
    _about(ctx)
    found = ctx.finding_of("OWN-01")
    people = ctx.model.people
    return passed(f"{found} {people}", looked_at=[ctx.system.identity.where])


def test_what_a_check_reads_is_found_in_its_code_and_in_what_that_calls():
    assert reads_of(asks_a_lot) == Reads(
        files=("cost.yaml", "people.yaml", "system.yaml"),
        records=("rollback_drill",),
        findings=True,
    )
    assert str(reads_of(asks_a_lot)) == (
        "cost.yaml, people.yaml, system.yaml; rollback_drill on record; what other checks found"
    )


def test_a_check_without_source_at_hand_names_nothing_and_breaks_nothing():
    assert reads_of(passing("ACME-01")) == Reads()


def test_every_shipped_check_reads_something():
    assert [c.id for c in catalogue_of(None).checks if reads_of(c) == Reads()] == []


def test_a_check_of_one_s_own_without_a_row_is_an_operating_rule_of_its_own():
    said = list(lines(asks_a_lot, a_catalogue(asks_a_lot)))

    assert said[-1] == (
        "no control of a framework is mapped to it: it is an operating rule of its own"
    )
    assert "threshold most_days: 3" in said


def test_a_mapped_check_names_its_controls_with_how_sure_one_is_and_how_far():
    catalogue = catalogue_of(None)

    said = list(lines(catalogue.check("CST-08"), catalogue))

    assert (
        "  iso-42001-2023 A.4.5, computing as a resource (in part only; weak: no framework "
        "requires a cost ceiling)"
    ) in said


def test_who_may_waive_is_said_of_each():
    catalogue = catalogue_of(None)

    said = {i: who_may_waive(catalogue.check(i)) for i in ("CST-01", "OWN-01", "CST-08", "PRT-01")}

    assert said["CST-01"] == "nobody, since one of the five questions rests on it"
    assert said["OWN-01"] == "nobody"
    assert said["CST-08"] == "an executive who did not build it, for 90 days at most"
    assert said["PRT-01"].startswith("nobody needs to")


def test_the_page_of_all_checks_has_an_entry_for_each_by_area():
    catalogue = catalogue_of(None)

    page = markdown(catalogue)

    assert page.count("\n### ") == len(catalogue.checks)
    assert page.index("## Model") < page.index("### OM-01") < page.index("## Ownership")
