"""What is told once, what is told again, and what is over."""

from datetime import UTC, datetime, timedelta

import pytest

from ops_model.domain.alerts import Alert, Concern
from ops_model.workflow.concern_news import Before

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
CODE = "sha256:" + "1" * 64


def concern(severity="ticket", about="weather", of=""):
    return Concern(
        system="answers", kind="feed", about=about, of=of, severity=severity, since=NOON,
        why="it is late", remedy="ask",
    )  # fmt: skip


def alert(*concerns, at=NOON, **changes):
    return Alert(**{
        "system": "answers", "as_of": at, "sent_at": at, "severity": concerns[0].severity,
        "concerns": concerns, "route": "mail: ana", "delivered": True, "took": ("mail: ana",),
        "code": CODE, "people": ("ana",), **changes,
    })  # fmt: skip


FAILED = {"delivered": False, "took": (), "why_not": "the channel did not take it", "code": None}


ANA, BEN = {"mail: ana": "ana"}, {"page: answers primary": "ben"}


def news(before, *, now=NOON + HOUR, answered=(), of=None, asked=ANA):
    return Before(before, answered).is_news(of or concern(), asked, as_of=now, again=DAY)


def have(before, of=None, *, now=NOON + HOUR, asked=ANA):
    return Before(before, ()).have(of or concern(), asked, as_of=now, again=DAY)


@pytest.mark.parametrize(
    ("before", "more", "expected"),
    [
        ([], {}, True),
        ([alert(concern())], {}, False),
        ([alert(concern("page"))], {}, False),
        ([alert(concern("page"))], {"asked": BEN}, False),
        ([alert(concern("info"))], {"of": concern("info"), "now": NOON + 9 * DAY}, False),
        ([alert(concern())], {"of": concern("page")}, True),
        ([alert(concern(about="other"))], {}, True),
        ([alert(concern(of="2026-03-20"))], {"of": concern(of="2026-03-21")}, True),
        ([alert(concern(), **FAILED)], {}, True),
        ([alert(concern())], {"now": NOON + DAY}, True),
        ([alert(concern())], {"now": NOON + DAY - HOUR}, False),
        ([alert(concern())], {"now": NOON + 9 * DAY, "answered": [CODE]}, False),
        ([alert(concern())], {"of": concern("page"), "answered": [CODE]}, True),
        ([alert(concern()), alert(concern(), at=NOON + HOUR, over=True)], {}, True),
    ],
)
def test_each_is_told_once_until_it_is_graver_over_or_long_unanswered(before, more, expected):
    assert news(before, **more) is expected


def test_it_is_over_when_it_stands_no_more_and_somebody_was_told():
    told, other = concern(), concern(about="other")
    before = Before([alert(told), alert(other), alert(other, over=True)], ())

    assert [c.about for _, c in before.over([])] == ["weather"]
    assert before.over([told]) == ()


def test_another_time_of_the_same_is_not_said_to_be_over():
    before = Before([alert(concern(of="2026-03-20"))], ())

    assert before.over([concern(of="2026-03-21")]) == ()


def test_what_nobody_got_is_never_said_to_be_over():
    assert Before([alert(concern(), **FAILED)], ()).over([]) == ()


def test_who_has_this_very_alert_is_not_told_again_when_others_are():
    half = alert(concern(), delivered=False, took=("mail: ana",), why_not="page: down")

    assert have([half]) == {"mail: ana"}
    assert have([half], concern("page")) == frozenset()
    assert have([half], now=NOON + DAY) == frozenset()


def test_a_channel_that_takes_nothing_keeps_no_other_from_being_asked_again():
    half = alert(concern(), delivered=False, took=("mail: ana",), why_not="chat: all: not set")
    both = {**ANA, "chat: all": None}

    assert news([half], asked=both)
    assert have([half], asked=both) == {"mail: ana"}
    assert news([half], asked=both, now=NOON + DAY)
    assert have([half], asked=both, now=NOON + DAY) == frozenset()


def test_whoever_holds_a_role_next_is_told_of_what_nobody_acknowledged():
    page, route = concern("page"), "page: answers primary"
    told = alert(page, route=route, took=(route,))

    assert not news([told], of=page, asked={route: "ana"})
    assert news([told], of=page, asked={route: "ben"})
    assert not news([told], of=page, asked={route: "ben"}, answered=[CODE])


def test_the_same_failure_is_noted_once_and_another_anew():
    failed = alert(concern(), **FAILED)
    before = Before([failed], ())

    assert before.has_failed_so(alert(concern(), at=NOON + HOUR, **FAILED))
    assert not before.has_failed_so(alert(concern(), **{**FAILED, "why_not": "not set"}))
    assert not before.has_failed_so(alert(concern()))
