"""The 2am card in a terminal: one screen of plain text, and the same as JSON."""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.context import print_json

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.domain.walk import WalkMinutes
    from ops_model.workflow.card import CardRow, TwoAmCard

WIDTH = 100
MOST_LINES = 60
_INDENT = 14
# Where there is room for more than the answers, these come first.
_DETAILS_FIRST = ("T+15", "T+12", "T+90", "T+60", "T+180", "T+45", "T+120", "T+240")


def print_card(
    root: Path,
    model: "OperatingModel",
    system_id: str,
    *,
    at: str | None,
    as_of: datetime,
    as_json: bool,
) -> bool:
    """Print the card of a system at `at`, by default the next Saturday 02:00.

    Returns:
        True when every step is answered.
    """
    from ops_model.domain.values import iso_utc
    from ops_model.workflow.card import NIGHT, two_am_card
    from ops_model.workflow.oncall import instant_of

    instant = instant_of(at or NIGHT, zone_name=model.settings.zone, as_of=as_of)
    card = two_am_card(root, model, system_id, at=instant, as_of=as_of)
    if as_json:
        print_json(
            {
                "system": system_id,
                "as_of": iso_utc(as_of),
                "at": iso_utc(instant),
                "card": card_json(card),
            }
        )
    else:
        for line in card_lines(card):
            click.echo(line)
    return not card.walk.gaps


def card_json(card: "TwoAmCard") -> dict[str, Any]:
    """The walk by ids, with the keys of a game day and what is derived from it."""
    walk = card.walk.model_dump(mode="json")
    for step, told in zip(walk["steps"], card.walk.steps, strict=True):
        step["looked_at"] = [str(place) for place in told.looked_at]
    contained = card.walk.minutes.contained_after
    return {
        **walk,
        "minutes": {**walk["minutes"], "contained_after": contained},
        "gaps": [
            {"minute": s.minute, "check": s.check, "answer": s.answer} for s in card.walk.gaps
        ],
        "sentence": card.walk.sentence,
    }


def card_lines(card: "TwoAmCard") -> list[str]:
    """The card on at most 60 lines of 100 columns; details fill what the answers leave free."""
    head = list(_head(card))
    blocks = {row.minute: list(_answer(row)) for row in card.rows}
    details = {row.minute: row.details for row in card.rows}
    free = MOST_LINES - len(head) - sum(len(block) for block in blocks.values())
    for minute in _DETAILS_FIRST:
        lines = list(_details(details.get(minute, ()), listed=minute == "T+15"))
        if lines and len(lines) <= free:
            blocks[minute] += lines
            free -= len(lines)
    return [*head, *(line for block in blocks.values() for line in block)]


def _head(card: "TwoAmCard") -> Iterator[str]:
    walk = card.walk
    gaps = len(walk.gaps)
    said = f"✖ {gaps} of {len(card.rows)} steps have no answer" if gaps else (
        f"✓ all {len(card.rows)} steps are answered"
    )  # fmt: skip
    yield from _wrapped(f"{card.name} {walk.version} ({walk.system}): the four hours after a page")
    yield from _titled("when", _local(walk.at, card.zone))
    yield from _titled("what", card.happened)
    yield from _titled("runbook", card.runbook or "none is named")
    yield from _titled("minutes", _minutes(walk.minutes))
    yield from _titled("outcome", f"{said}. {card.sentence}", most=4)
    yield ""


def _titled(title: str, text: str, most: int = 2) -> Iterator[str]:
    for position, line in enumerate(_wrapped(text, indent=10, most=most)):
        yield f"{title:<10}{line.strip()}" if position == 0 else line


def _local(at: datetime, zone_name: str) -> str:
    from ops_model.domain.values import zone

    return f"{at.astimezone(zone(zone_name)):%a %Y-%m-%d %H:%M %Z} ({zone_name})"


def _minutes(minutes: "WalkMinutes") -> str:
    drilled = minutes.drilled.value if minutes.drilled is not None else None
    took = f" (drilled: {drilled:.3g} s)" if drilled is not None else ""
    return (
        f"page {_span(minutes.page)}, decide {_span(minutes.decide)}, contain "
        f"{_span(minutes.contain)}{took}, contained after {_span(minutes.contained_after)}; "
        f"tell users {_span(minutes.inform)}"
    )


def _span(minutes: float | None) -> str:
    return "no limit" if minutes is None else f"{minutes:.3g}"


def _answer(row: "CardRow") -> Iterator[str]:
    state = "✓ ok" if row.ok else "✖ gap"
    who = f"  [{row.who}]" if row.who else ""
    check = f"  {row.check}" if row.check else ""
    head = f"{row.minute:<6} {state:<6} {row.question}{who}{check}"
    yield textwrap.shorten(head, WIDTH, placeholder=" …") if len(head) > WIDTH else head
    yield from _wrapped(row.answer, indent=_INDENT, most=2)


def _details(details: Sequence[str], *, listed: bool) -> Iterator[str]:
    if listed:
        for detail in details:
            yield from _wrapped(detail, indent=_INDENT + 2, most=1)
    elif details:
        yield from _wrapped("; ".join(details), indent=_INDENT + 2, most=2)


def _wrapped(text: str, *, indent: int = 0, most: int = 2) -> list[str]:
    margin = " " * indent
    return textwrap.wrap(
        text, WIDTH, initial_indent=margin, subsequent_indent=margin, max_lines=most,
        placeholder=" …", break_on_hyphens=False,
    )  # fmt: skip
