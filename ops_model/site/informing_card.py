"""The card of who is told when one goes back: in which words, by when, and who makes it good."""

from collections.abc import Sequence

from ops_model.domain.decisions import CommunicationPath
from ops_model.domain.people import People
from ops_model.domain.walk import FourHours
from ops_model.site.four_hours_card import ANSWERED, GAP, step_rows
from ops_model.site.game_day_cards import TELLING, paths_table
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import bare, chip, line, quiet, table


def informing_card(walk: FourHours, paths: Sequence[CommunicationPath], people: People) -> Html:
    """Who tells whom by when, the clocks that start, and who may promise what to a customer.

    Args:
        walk: the four hours from the instant on at which one goes back.
        paths: the ways to tell somebody.
        people: by which people are called.
    """
    asked = [
        row
        for row, step in zip(step_rows(walk, people), walk.steps, strict=True)
        if step.minute in TELLING
    ]
    rows = [
        (
            chip(row.look),
            join([tag("strong", row.question), tag("br"), row.answer,
                  *(Html(tag("br") + quiet(detail)) for detail in row.details)]),
            row.who,
            row.check,
        )
        for row in asked
    ]  # fmt: skip
    open_ones = [row for row in asked if row.look is GAP]
    return bare(
        "Who is told, and how it is made good",
        GAP if open_ones else ANSWERED,
        line(quiet("A drill tells nobody; in earnest this is what is due.")),
        paths_table(paths, people, at=walk.at),
        table(("", "question and answer", "who", ""), rows),
    )
