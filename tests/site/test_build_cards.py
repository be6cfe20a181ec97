"""The cards of how a version was built, whose access was shown, and of the time in and back."""

from datetime import timedelta

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.lead_time import in_and_back
from ops_model.domain.trials import DifferenceSeen
from ops_model.site.access_told import deploying, log_access
from ops_model.site.build_cards import hours_and_minutes
from ops_model.site.cards import card
from tests.builders import (
    AS_OF,
    a_rollback_drill,
    a_statement,
    a_system,
    an_access,
    an_access_drill,
    exact,
)
from tests.shown_running import an_environment
from tests.site import whole
from tests.site.pages_reader import Reader
from tests.site.samples import people

SYSTEM = a_system()


def text(html):
    return Reader(html).text


def shown(record):
    return text(card(record, people()))


def an_hour(hours):
    return Measured(value=hours, unit="h", n=1, no_interval="exact")


def told(*records):
    return in_and_back([a_statement(record, seq) for seq, record in enumerate(records, 1)])


def test_a_drill_of_access_says_what_worked_what_did_not_and_what_the_tool_does_not_know():
    drill = an_access_drill(SYSTEM, "ana-ruiz", "exit 1", actions=("query_logs", "rollback"))

    said = shown(drill)

    assert "0 of 2 worked" in said
    assert "read the logs" in said
    assert "exit 1" in said
    assert "whose access it was is the word of whoever ran it" in said


def test_a_build_that_nobody_looked_at_closely_says_so_of_each_part():
    bare = an_environment(
        SYSTEM, ci_run=None, ci_passed=None, tests=None, commit=None, pull_request=None,
        reviewed_by=(), build_digest=None, rebuild_digest=None,
    )  # fmt: skip

    assert shown(bare).count("not looked at") == 5


def test_a_build_says_who_was_seen_to_read_it_and_who_is_only_said_to_have():
    said = shown(
        an_environment(SYSTEM, reviewed_by=("ada-moreno",), reviewers_said=("ben-okafor",))
    )

    assert "Ada Moreno (the commit says so), Ben Okafor (said, not seen)" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ("passed", "both times")),
        ({"rebuild_digest": "sha256:" + "f" * 64}, ("failed", "what serves is")),
        ({"rebuild_digest": None, "rebuild_problem": "the build: exit 1"}, ("failed", "exit 1")),
        ({"ci_passed": False}, ("failed", "and not all passed")),
    ],
)
def test_a_build_is_as_good_as_its_tests_and_its_second_build(changes, words):
    said = shown(an_environment(SYSTEM, **changes))

    assert all(word in said for word in words)


def test_differences_from_production_are_listed_and_their_sources_too():
    seen = DifferenceSeen(member="packages", here="sha256:aa", in_production="sha256:bb")

    said = shown(
        an_environment(
            SYSTEM, differences=(seen,), compared_with="gates", sources=("commit: --commit",)
        )
    )

    assert "packages: sha256:aa here, sha256:bb there" in said
    assert "1 difference from gates" in said
    assert "commit: --commit" in said


def test_the_time_in_is_the_median_of_versions_and_the_time_back_that_of_healthy_drills():
    pair = told(
        an_environment(SYSTEM, lead_time=an_hour(60)),
        an_environment(SYSTEM, lead_time=an_hour(54)),  # the same version, looked at again
        an_environment(SYSTEM, lead_time=an_hour(10), version_digest="sha256:" + "1" * 64),
        a_rollback_drill(SYSTEM, seconds=exact(4, "s")),
        a_rollback_drill(SYSTEM, seconds=exact(6, "s")),
        a_rollback_drill(SYSTEM, seconds=exact(900, "s"), healthy=False, passed=False),
    )

    assert (pair.into.value, pair.into.n) == (32, 2)
    assert (pair.back.value, pair.back.n) == (5, 2)
    assert pair.times == 32 * 3600 / 5


def test_the_card_says_how_many_times_as_long_or_what_would_show_it():
    both = told(an_environment(SYSTEM, lead_time=an_hour(54)),
                a_rollback_drill(SYSTEM, seconds=exact(6, "s")))  # fmt: skip

    assert "32,400 times as long as going back" in text(hours_and_minutes(both, "flight-delay"))
    neither = text(hours_and_minutes(told(), "flight-delay"))
    assert "ops-model observe env flight-delay --repository DIR" in neither
    assert "ops-model drill rollback flight-delay" in neither


def test_the_on_call_page_says_who_opened_the_logs_last_and_who_tried_in_vain():
    word = an_access(SYSTEM, "ada-moreno", action="query_logs")
    vain = an_access_drill(SYSTEM, "ada-moreno", "took over 60 s")
    ran = an_access_drill(SYSTEM, "ben-okafor", as_of=AS_OF - timedelta(days=1))

    found = log_access(
        whole.whole(records=(word, vain, ran), system=SYSTEM), people(), AS_OF
    )  # fmt: skip

    assert found == {
        "opened": ["Ben Okafor, 21 Jul 2013, 08:00 UTC, by the declared query in 0.4 s"],
        "in_vain": ["Ada Moreno, 20 Jul 2013, 08:00 UTC, took over 60 s"],
    }


def test_the_on_call_page_says_how_long_deploying_takes_beside_going_back():
    system = whole.whole(records=(an_environment(SYSTEM, lead_time=an_hour(54)),), system=SYSTEM)

    assert deploying(system) == "a version takes 54 h from its commit to its first user"
    assert deploying(whole.whole(records=(), system=SYSTEM)) == ""
