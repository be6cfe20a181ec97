"""No history of a review ends in a go-live without three people of three functions."""

from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.review_histories import history, judge, may_go_live, signed_in

AFTER = (timedelta(0), timedelta(days=2), timedelta(days=200))


def goes_live(random: Random) -> bool:
    """Play a story, hold each end against the naive word; true when one end is a go-live."""
    story = history(random)
    signed = signed_in(story)
    lived = False
    for later in AFTER:
        as_of = story.latest + later
        quorum = judge(story, signed, as_of)
        if quorum.complete:
            lived = True
            assert len({state.found.record.person for state in quorum.seats}) == 3
            assert may_go_live(story, as_of)
    return lived


@given(st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_goes_live_that_three_people_did_not_sign(random):
    goes_live(random)


def test_some_stories_end_well_so_that_the_others_were_refused_for_a_reason():
    assert sum(goes_live(Random(seed)) for seed in range(60)) >= 3
