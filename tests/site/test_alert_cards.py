"""Who was told lately, on the page of whoever is on call."""

from datetime import timedelta

from ops_model.check.grades import TOOL
from ops_model.domain.alerts import Alert, AlertAnswer, Concern
from ops_model.domain.evidence import Grade
from ops_model.domain.spend import CeilingAlert, CeilingAnswer
from ops_model.site.alert_cards import MOST_SHOWN, alert_rows
from ops_model.site.site_input import GradedStatement, SiteSystem
from tests.builders import a_statement
from tests.site.samples import AS_OF, FLIGHT, assessment, claims, digest, people, timing

MINUTE = timedelta(minutes=1)
COMMON = {"system": FLIGHT, "as_of": AS_OF}


def an_alert(**changes):
    concern = Concern(
        system=FLIGHT, kind="feed", about="weather", severity="page", since=AS_OF,
        why="the newest row was 190 min old", remedy="ask",
        simulated=changes.pop("made_up", False),
    )  # fmt: skip
    return Alert(**{
        **COMMON, "severity": "page", "concerns": (concern,),
        "route": "page: flight-delay primary",
        "people": ("ben-okafor",), "because": "primary", "sent_at": AS_OF, "delivered": True,
        "took": ("page: flight-delay primary",), "code": digest("9"), **changes,
    })  # fmt: skip


def rows(*records, origin=None):
    told = tuple(
        GradedStatement(a_statement(r, n, actor=TOOL, origin=origin), Grade.OBSERVED)
        for n, r in enumerate(records, start=1)
    )
    return alert_rows(SiteSystem(claims(), assessment(), told), people())


def test_an_alert_stands_with_whom_it_was_for_and_who_has_it_after_how_long():
    answer = AlertAnswer(person="ada-moreno", at=AS_OF, code=digest("9"), seconds=timing(240),
                         **COMMON)  # fmt: skip

    (row,) = rows(an_alert(), answer)

    assert (row.look.word, row.what) == (
        "paged", ("feed weather: the newest row was 190 min old",)
    )  # fmt: skip
    assert (row.whom, row.answer) == ("Ben Okafor", "Ada Moreno after 4 minutes")


def test_an_alert_of_a_ceiling_stands_among_the_others():
    alert = CeilingAlert(ceiling="daily", about="2013-07-20", state="crossed", route="page",
                         sent_at=AS_OF, delivered=True, code=digest("8"), **COMMON)  # fmt: skip
    answer = CeilingAnswer(ceiling="daily", about="2013-07-20", person="clara-ng",
                           at=AS_OF + 2 * MINUTE, code=digest("8"), **COMMON)  # fmt: skip

    assert [(r.look.word, r.answer) for r in rows(alert, answer, an_alert())] == [
        ("paged", ""), ("crossed", "Clara Ng after 2 minutes")
    ]  # fmt: skip


def test_what_reached_nobody_is_over_or_was_made_up_is_said_to_be():
    untold = an_alert(delivered=False, took=(), why_not="down", code=None)
    over = an_alert(over=True, code=None)

    shown = rows(untold, over, an_alert(made_up=True))

    assert [row.look.word for row in shown] == ["paged", "over", "told nobody"]
    assert shown[0].what[0].startswith("SIMULATED: feed weather")


def test_who_is_named_by_the_route_is_not_named_again():
    assert rows(an_alert(route="mail: ben-okafor"))[0].whom == ""


def test_what_a_notebook_prints_of_an_alert_told_nobody():
    origin = a_statement(an_alert()).origin

    assert rows(an_alert(), origin=origin) == []


def test_the_latest_stand_on_the_page_and_the_ledger_has_all():
    assert len(rows(*(an_alert(sent_at=AS_OF - n * MINUTE) for n in range(20)))) == MOST_SHOWN
