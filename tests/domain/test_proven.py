"""What so many drills show by themselves."""

from math import comb

import pytest

from ops_model.domain.proven import bound, of_present_versions, shows_going_back
from tests.builders import a_rollback_drill, a_system

SYSTEM = a_system()


@pytest.mark.parametrize(
    ("k", "at_least"), [(1, 0.05), (2, 0.2236), (10, 0.7411), (20, 0.8609), (59, 0.9505)]
)
def test_k_drills_without_a_failure_show_the_kth_root_of_one_twentieth(k, at_least):
    found = bound([True] * k)

    assert (found.k, found.passed) == (k, k)
    assert found.at_least == pytest.approx(at_least, abs=5e-5)


@pytest.mark.parametrize(
    ("k", "passed", "at_least"),
    # Clopper and Pearson, one-sided at 95 %, as tables of the binomial distribution have them.
    [(10, 9, 0.6058), (10, 5, 0.2224), (20, 19, 0.7839), (3, 1, 0.0170)],
)
def test_drills_of_which_some_failed_show_less(k, passed, at_least):
    found = bound([True] * passed + [False] * (k - passed))

    assert found.at_least == pytest.approx(at_least, abs=5e-5)
    # At the bound so many passes or more come about in one of twenty times.
    luck = sum(
        comb(k, n) * found.at_least**n * (1 - found.at_least) ** (k - n)
        for n in range(passed, k + 1)
    )
    assert luck == pytest.approx(0.05)


def test_drills_that_all_failed_show_nothing():
    assert bound([False, False]).at_least == pytest.approx(0, abs=1e-12)


def test_without_a_drill_there_is_no_bound_and_that_is_said():
    assert bound([]).at_least is None
    assert bound([]).told == "no drill of these versions is on record"


def test_the_bound_is_told_with_its_drills():
    assert bound([True, True]).told == (
        "2 of 2 drills passed; that alone shows only that it works in 22 % of cases or more "
        "(95 % confidence)"
    )


def test_a_drill_of_other_labels_or_of_a_model_that_was_exchanged_is_of_other_versions():
    plan, identity = SYSTEM.rollback, SYSTEM.identity
    goal = identity.known_version("v1").digest()

    same = a_rollback_drill(SYSTEM, to_digest=goal)
    exchanged = a_rollback_drill(SYSTEM, to_digest="sha256:" + "0" * 64)
    elsewhere = a_rollback_drill(SYSTEM, to_version="v0")

    assert of_present_versions(same, plan, identity)
    assert not of_present_versions(exchanged, plan, identity)
    assert not of_present_versions(elsewhere, plan, identity)


def test_a_drill_that_rests_on_the_servers_own_word_shows_nothing_of_going_back():
    plan, identity = SYSTEM.rollback, SYSTEM.identity

    assert shows_going_back(a_rollback_drill(SYSTEM, rests_on="reference"), plan, identity)
    assert shows_going_back(a_rollback_drill(SYSTEM), plan, identity)
    assert not shows_going_back(a_rollback_drill(SYSTEM, rests_on="word"), plan, identity)
