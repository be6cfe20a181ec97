"""What policy.yaml decides about one system: limits that differ from what ships, and waivers."""

from datetime import date

import pytest

from ops_model.check.api import passed
from ops_model.check.decided import GradeSet, SeatsSet, ThresholdSet, decided_about
from ops_model.check.question import by_tier
from ops_model.check.verdict import assess
from ops_model.domain.evidence import Grade
from tests.builders import AS_OF, PEOPLE, a_model, a_system, an_evidence, people_but
from tests.check.making import OWNER_FILE, a_catalogue, a_check, crashing, failing, passing
from tests.check.test_verdict import a_waiver


def limited(ctx, *, max_age_days: int = by_tier(30, 90, 180)):
    return passed("it is young", looked_at=[OWNER_FILE])


def decided(*checks, people=PEOPLE, **policy):
    """At tier C, of checks in which whatever holds was declared."""
    system = a_system(tier="C")
    model = a_model(system, policy=policy, people=people)
    judged = a_catalogue(*checks)
    found = assess(judged, model, system, an_evidence(), as_of=AS_OF, ledger_size=7)
    return decided_about(judged.checks, model, system, found)


def test_a_threshold_is_told_as_it_is_at_the_tier_of_the_system_beside_what_ships():
    said = decided(
        a_check("ACME-01", limited), thresholds={"ACME-01": {"max_age_days": {"B": 20, "C": 400}}}
    )

    assert said.thresholds == (ThresholdSet("ACME-01", "max_age_days", "400", "180"),)


def test_switch_offs_that_count_are_told_and_those_that_do_not_are_not():
    off = {"reason": "another law holds for us", "since": "2013-07-01"}
    said = decided(
        failing("ACME-01"), failing("ACME-02"),
        switched_off=[{"check_id": "ACME-01", "decided_by": "flo-risk", **off},
                      {"check_id": "ACME-02", "decided_by": "ada-moreno", **off}],
    )  # fmt: skip

    assert [(s.check_id, s.decided_by) for s in said.switched_off] == [("ACME-01", "flo-risk")]


@pytest.mark.parametrize("value", [180, {"A": 2, "B": 3}])
def test_a_threshold_that_is_as_it_ships_at_this_tier_is_not_told(value):
    said = decided(a_check("ACME-01", limited), thresholds={"ACME-01": {"max_age_days": value}})

    assert said.thresholds == ()


def test_minimum_grades_are_told_by_what_names_them_and_whether_they_ask_for_more():
    # At tier C the group CAP ships E2, but CAP-01, which people say, E1.
    said = decided(
        passing("CAP-01"), passing("CAP-04"), passing("DRF-01"), passing("ACME-01"),
        minimum_grades={"CAP": {"C": "E1"}, "DRF": {"C": "E4"}, "ACME": {"A": "E4"}},
    )  # fmt: skip

    less = GradeSet("CAP", ("CAP-04",), Grade.DECLARED, Grade.ATTESTED, whole=False)
    more = GradeSet("DRF", ("DRF-01",), Grade.REPRODUCED, Grade.OBSERVED, whole=True)
    assert said.grades == (less, more)
    assert [one.stricter for one in said.grades] == [False, True]


@pytest.mark.parametrize(
    ("allowed", "told"),
    [({"C": 1}, SeatsSet(1, 2)), ({"C": 2}, None), ({"A": 2}, None)],
)
def test_seats_that_may_be_decided_elsewhere_are_told_where_they_differ(allowed, told):
    assert decided(passing("ACME-01"), seats_by_reference=allowed).seats == told


def test_more_seats_decided_elsewhere_than_ships_ask_for_less():
    assert [SeatsSet(2, 0).stricter, SeatsSet(0, 2).stricter] == [False, True]


def test_notebooks_of_one_s_own_that_count_are_counted_once():
    digest = "sha256:" + "a" * 64

    assert decided(passing("ACME-01"), approved_notebooks=[digest, digest]).approved == 1


def test_a_waiver_in_force_is_told_with_its_end_and_the_renewals_that_are_counted():
    before = a_waiver(starts="2013-05-01", expires="2013-07-01")

    said = decided(failing("ACME-01"), waivers=[before, a_waiver()]).waivers

    assert [one.why_not for one in said] == ["it expired on 2013-07-01", ""]
    assert said[1].renewals == 1
    assert said[1].until == date(2013, 8, 1)


def test_a_waiver_ends_with_whoever_accepted_it():
    leaving = people_but("flo-risk", active_to="2013-07-25")

    said = decided(failing("ACME-01"), people=leaving, waivers=[a_waiver()]).waivers

    assert said[0].until == date(2013, 7, 26)


@pytest.mark.parametrize(
    ("check", "waiver", "why"),
    [
        (failing("ACME-01"), {"starts": "2013-07-30"}, "it starts on 2013-07-30"),
        (failing("OWN-01"), {}, "OWN-01 cannot be waived"),
        (crashing("ACME-01"), {}, "nobody can answer for a check that crashed"),
        (passing("ACME-01"), {}, "ACME-01 passed, so nothing is to be accepted"),
        (failing("ACME-01", area="portfolio"), {}, "ACME-01 only informs and stands in no way"),
    ],
)
def test_a_waiver_that_covers_nothing_says_why(check, waiver, why):
    said = decided(check, waivers=[a_waiver(check.id, **waiver)])

    assert [one.why_not for one in said.waivers] == [why]
