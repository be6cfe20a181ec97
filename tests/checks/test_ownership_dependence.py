from datetime import date, timedelta

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.transition import MonthShare, TransitionStatus
from tests.builders import AS_OF, all_records
from tests.checks.judged import judged

PLAN = {
    "partner_team": "platform-team",
    "ladders": [
        {"duty": "monitoring", "steps": [{"phase": "own_led", "starts": "2013-03-01"}]},
    ],
}


def course(*shares, year=2013):
    """A share for each of the last months, July being the last; None where it is not known."""
    return tuple(
        MonthShare(
            month=date(year, 7 - back, 1),
            share=Measured(
                value=value, unit="share", n=0 if value is None else 4,
                no_interval="too few" if value is None else "exact",
            ),
        )
        for back, value in zip(reversed(range(len(shares))), shares, strict=True)
    )  # fmt: skip


def led(own_led, own_drills=(), *, exception=None, year=2013, **changes):
    """The finding with this course on record."""

    def records(system):
        values = {
            "system": system.id,
            "as_of": AS_OF - timedelta(days=5),
            "claims": system.claim_refs("ownership"),
            "partner_team": "platform-team",
            "duties": (),
            "own_led": course(*own_led, year=year),
            "own_drills": course(*own_drills, year=year),
            "exception": exception,
        }
        return (*all_records(system), TransitionStatus(**{**values, **changes}))

    return judged("TRN-04", records=records, ownership={"transition": PLAN})


def test_trn_04_passes_while_the_share_of_our_own_people_holds_or_rises():
    finding = led([0.25, 0.25, 0.5, 0.5], [None, 0.5, None, 1.0])

    assert finding.message == (
        "led by our own people: duties 25 % in 2013-04, 25 % in 2013-05, 50 % in 2013-06, 50 % in "
        "2013-07; drills 50 % in 2013-05, 100 % in 2013-07"
    )
    # It is looked at again after 35 days.
    assert finding.valid_until == AS_OF + timedelta(days=30)


@pytest.mark.parametrize(
    ("duties", "drills", "said"),
    [
        ([0.5, 0.5, 0.25, 0.5], [], "duties from 50 % in 2013-05 to 25 % in 2013-06"),
        ([0.5, 0.5, 0.5, 0.5], [1, None, 0.5], "drills from 100 % in 2013-05 to 50 % in 2013-07"),
    ],
)
def test_trn_04_fails_for_a_share_that_fell(duties, drills, said):
    finding = led(duties, drills)

    assert finding.status == "failed"
    assert said in finding.message
    assert "`transition` in ownership.yaml" in finding.remedy


def test_trn_04_looks_at_the_last_three_months_and_no_further():
    # It fell from March to April; the three steps that count begin in April.
    assert led([0.75, 0.5, 0.5, 0.5, 0.5]).status == "passed"


def test_trn_04_passes_over_a_fall_that_is_explained_in_words():
    explained = led([0.5, 0.25], exception="Kenji is on parental leave until autumn.")
    empty = led([0.5, 0.25], exception="leave")

    assert "a fall is explained: Kenji" in explained.message
    assert "the exception explains nothing: it has 1 word" in empty.message


def test_trn_04_is_unknown_without_a_course_of_this_very_plan():
    never = judged("TRN-04", ownership={"transition": PLAN})
    old = led([0.5, 0.5], as_of=AS_OF - timedelta(days=36))
    other = led([0.5, 0.5], claims=())
    short = led([0.5])

    assert [f.reason for f in (never, old, other, short)] == [
        "missing", "expired", "expired", "too_few",
    ]  # fmt: skip
    assert "`ops-model run 11_handoff_transition flight-delay`" in never.remedy


def test_trn_04_does_not_arise_without_a_partner():
    assert judged("TRN-04").status == "not_applicable"


def test_trn_04_is_unknown_for_a_course_of_months_long_past():
    """A record of today that tells of the summer before says nothing of this one."""
    assert led((0.5, 0.5)).status == "passed"
    assert led((0.5, 0.5), year=2009).reason == "too_few"


def test_trn_04_fails_for_a_fall_that_four_letters_explain():
    assert led((1, 0.5), exception="a b c d").status == "failed"
