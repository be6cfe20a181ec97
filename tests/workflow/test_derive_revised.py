"""A check that was revised since: what it found then, what it finds now, by which revisions."""

from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import Grade
from ops_model.workflow.derive import compared
from tests.builders import a_system
from tests.shown_model import a_report


def found(**changes):
    """An assessment with the finding of one check, told with these changes."""
    told = {
        "check": "REV-05", "slug": "sign_off_valid", "revision": 2, "area": "decisions",
        "question": "Did all sign?", "status": "passed", "grade": Grade.ATTESTED,
        "minimum_grade": Grade.ATTESTED, "message": "all did",
    }  # fmt: skip
    # The five questions were never asked here, so whatever it finds, it is a demo.
    finding = Finding(**{**told, **changes})
    return a_report(a_system(), verdict="DEMO ONLY", findings=(finding,))


def test_a_revised_check_that_finds_the_same_says_so_and_nothing_twice():
    told = compared("bundle", found(revision=1), found())

    assert told.derived
    assert told.differing == ("REV-05 was revised since, and finds the same: passed (all did)",)


def test_a_revised_check_that_finds_another_thing_names_both_with_their_revisions():
    told = compared("bundle", found(revision=1, status="failed", message="two did"), found())

    assert told.differing[-1] == (
        "REV-05 was revised since: sealed failed (two did) by revision 1, now passed (all did) by "
        "revision 2"
    )


def test_a_revised_check_that_says_the_same_in_other_words_shows_both():
    told = compared("bundle", found(revision=1, message="they did"), found())

    assert told.differing == (
        "REV-05 was revised since: sealed passed (they did) by revision 1, now passed (all did) "
        "by revision 2",
    )


def test_a_check_that_is_the_same_still_says_what_was_sealed_and_what_is_found_again():
    told = compared("bundle", found(message="they did"), found())

    assert told.differing == ("REV-05: sealed passed (they did), again passed (all did)",)
