"""The verbs of the weekly report: three answers, what changed, what creeps, and what is owed.

Each shows a part of one record, which `three_parts` records; nothing here measures anything.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from ops_model.workflow.open import Book
from ops_model.workflow.show import assessed, latest, nothing
from ops_model.workflow.shown import Shown

if TYPE_CHECKING:
    from ops_model.domain.weekly import WeeklyReport


# As `assessed`: one notebook asks about the same book several times, and a book never changes.
@lru_cache(maxsize=1)
def _report(book: Book) -> "WeeklyReport":
    from ops_model.workflow.weekly import weekly_report

    return weekly_report(book, assessed(book))


def three_parts(book: Book) -> Shown:
    """Does it work, may it be used, is it worth its money; records the weekly report."""
    from ops_model.site.weekly_cards import parts_card

    found = _report(book)
    return Shown(found, parts_card(found, book.people))


def since_last_week(book: Book) -> Shown:
    """What changed since the report of about a week before, or that there was none."""
    from ops_model.site.weekly_cards import since_card

    return Shown(None, since_card(_report(book), book.people))


def slow_death(book: Book) -> Shown:
    """Drift, cost, questions of auditors and use, each as a slope over the recorded weeks."""
    from ops_model.site.weekly_cards import slow_card
    from ops_model.site.weekly_figure import slow_figure

    found = _report(book)
    return Shown(None, slow_card(found), slow_figure(found))


def weekly_quality(book: Book) -> Shown:
    """Quality week by week, each with its n, between its control limits."""
    from ops_model.site.weekly_cards import quality_cards
    from ops_model.site.weekly_figure import quality_weeks_figure

    found = _report(book)
    return Shown(None, "".join(quality_cards(found)), quality_weeks_figure(found))


def four_pillars(book: Book) -> Shown:
    """Ownership, monitoring, incident response, post-mortems: each the minimum of its checks."""
    from ops_model.site.weekly_cards import pillars_card

    return Shown(None, pillars_card(_report(book), book.people))


def care(book: Book) -> Shown:
    """The first days in production counted down, and the four kinds of care with their days."""
    from ops_model.site.weekly_owed import care_card, hypercare_card

    found = _report(book)
    return Shown(None, hypercare_card(found, book.people) + care_card(found, book.people))


def cost_actions(book: Book) -> Shown:
    """Every action that is to lower the cost, as last measured: expected beside measured."""
    plan = book.system.cost
    if plan is None or not plan.actions:
        return nothing("cost.yaml plans no action that lowers the cost.")
    return latest(book, "savings")


def owed(book: Book) -> Shown:
    """The next three things to do, and every open gap by age and tier."""
    from ops_model.site.weekly_owed import owed_card

    return Shown(None, owed_card(_report(book), book.people))
