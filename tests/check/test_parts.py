"""An assessment in three parts and on four pillars: nothing is judged anew, nothing falls out."""

import pytest

from ops_model.check.parts import PARTS, four_pillars, three_parts
from ops_model.domain.evidence import AREAS
from ops_model.domain.values import Where
from tests.site import samples

MISSING = {"status": "unknown", "reason": "missing", "message": "nothing on record"}
FAILED = {"status": "failed", "message": "it fell", "owner": "clara-ng"}


def parts(spoiled, **more):
    return {one.name: one for one in three_parts(samples.assessment(spoiled=spoiled, **more))}


def pillars(spoiled):
    return {one.name: one for one in four_pillars(samples.assessment(spoiled=spoiled))}


def test_a_system_without_a_gap_works_is_legal_and_economic():
    assert {name: one.status for name, one in parts({}).items()} == {
        "works": "passed", "legal": "passed", "economic": "passed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("check", "part"),
    [("QLT-01", "works"), ("FBK-01", "works"), ("EVD-03", "legal"), ("DEC-01", "legal"),
     ("CST-02", "economic")],
)  # fmt: skip
def test_a_failed_check_fails_its_own_part_alone(check, part):
    found = parts({check: FAILED})

    assert [name for name, one in found.items() if one.status == "failed"] == [part]
    assert found[part].open == (check,)
    assert found[part].first[0].owner == "clara-ng"


def test_unknown_is_no_pass_and_failed_weighs_more():
    assert parts({"CST-02": MISSING})["economic"].status == "unknown"
    both = parts({"CST-02": MISSING, "CST-01": FAILED})["economic"]
    assert both.status == "failed"


def test_a_check_that_crashed_is_unknown():
    assert parts({"CST-02": {"status": "errored"}})["economic"].status == "unknown"


def test_a_waived_finding_is_counted_and_does_not_count_against_the_part():
    found = parts({"CST-02": {**FAILED, "waived": True}})["economic"]

    assert (found.status, found.waived, found.open) == ("passed", 1, ())
    assert found.waived_checks == ("CST-02",)


def test_what_was_switched_off_or_does_not_apply_is_not_asked_and_the_first_is_named():
    found = parts({
        "CST-01": {"status": "not_applicable"}, "CST-02": {**FAILED, "switched_off": True},
    })["economic"]  # fmt: skip

    assert (found.status, found.checks) == ("not_applicable", 0)
    assert found.off == ("CST-02",)


def test_a_part_rests_on_the_newest_entries_that_its_checks_looked_at():
    places = tuple(Where(path="ledger", line=line) for line in range(30))
    found = parts({"CST-02": {"looked_at": places}})["economic"]

    assert found.entries == 30
    assert [place.line for place in found.rests_on] == list(range(18, 30))


def test_no_area_stands_in_two_parts_and_only_those_that_come_before_stand_in_none():
    named = [area for areas in PARTS.values() for area in areas]

    assert len(named) == len(set(named))
    assert set(AREAS) - set(named) == {"model", "ownership", "portfolio"}


@pytest.mark.parametrize(
    ("check", "pillar"),
    [("OWN-01", "ownership"), ("DRF-02", "monitoring"), ("RBK-02", "incident_response")],
)
def test_the_weakest_check_is_the_pillar(check, pillar):
    assert [n for n, one in pillars({check: FAILED}).items() if one.status == "failed"] == [pillar]


def test_post_mortems_are_a_pillar_of_their_own():
    learned = samples.finding("INC-03", "failed", area="incidents", message="none was held")
    assessment = samples.assessment(spoiled={})
    found = four_pillars(
        assessment.model_copy(update={"findings": (*assessment.findings, learned)})
    )

    assert {one.name: one.status for one in found} == {
        "ownership": "passed", "monitoring": "passed", "incident_response": "passed",
        "post_mortems": "failed",
    }  # fmt: skip
