"""Who has practised on a system: read from drills and attended ones, never declared."""

from datetime import timedelta

from ops_model.domain.familiarity import last_drilled
from ops_model.domain.values import digest_of
from tests.builders import (
    AS_OF,
    a_fallback_drill,
    a_rollback_drill,
    a_statement,
    a_system,
    an_attestation,
)

TEN_DAYS_AGO = AS_OF - timedelta(days=10)


def drilled(*records, as_of=AS_OF):
    return last_drilled([a_statement(r, n) for n, r in enumerate(records, 1)], as_of=as_of)


def test_whoever_performed_a_drill_last_drilled_at_its_instant():
    rollback = a_rollback_drill(a_system(), performed_by="ana-ruiz")
    fallback = a_fallback_drill(a_system(), performed_by="bo-li")

    assert drilled(rollback, fallback) == {"ana-ruiz": TEN_DAYS_AGO, "bo-li": TEN_DAYS_AGO}


def test_whoever_attested_that_they_attended_has_drilled_too_even_when_that_is_long_ago():
    old = AS_OF - timedelta(days=400)
    drill = a_rollback_drill(a_system(), as_of=old, performed_by=None)
    there = an_attestation(
        a_system(), topic="attendance", person="bo-li", of=digest_of(drill),
        as_of=old + timedelta(days=9), expires=old + timedelta(days=90),
    )  # fmt: skip

    # The drill was on that day, however much later it was said.
    assert drilled(drill, there) == {"bo-li": old}


def test_whoever_attended_something_that_was_no_drill_has_not_drilled():
    elsewhere = "sha256:" + "9" * 64
    for of in (elsewhere, None):
        there = an_attestation(a_system(), topic="attendance", person="bo-li", of=of)
        assert drilled(there, a_rollback_drill(a_system(), performed_by=None)) == {}


def test_another_attestation_is_no_drill():
    assert drilled(an_attestation(a_system(), topic="ownership")) == {}


def test_a_drill_that_the_tool_performed_alone_is_nobodys():
    assert drilled(a_rollback_drill(a_system(), performed_by=None)) == {}


def test_a_drill_that_failed_was_a_drill():
    assert "ana-ruiz" in drilled(a_rollback_drill(a_system(), passed=False))


def test_of_two_drills_the_later_one_counts_in_whatever_order_they_are_told():
    new = a_rollback_drill(a_system())
    old = a_rollback_drill(a_system(), as_of=AS_OF - timedelta(days=90))

    assert drilled(old, new) == drilled(new, old) == {"ana-ruiz": TEN_DAYS_AGO}


def test_what_comes_later_does_not_count():
    assert drilled(a_rollback_drill(a_system()), as_of=AS_OF - timedelta(days=11)) == {}
