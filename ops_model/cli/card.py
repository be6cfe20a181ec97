"""The 2am card in a terminal: plain text that loses no word, and the same as JSON."""

import textwrap
from collections.abc import Iterator
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
_INDENT = 14
# Its details are places to look at: one on each line.
_LISTED = "T+15"


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
    from ops_model.workflow.card import asked_at, two_am_card

    instant = asked_at(model, at, as_of=as_of)
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
    """The whole card in 100 columns: what does not fit on a line goes on below it."""
    steps = (line for row in card.rows for line in (*_answer(row), *_details(row)))
    return [*_head(card), *steps]


def _head(card: "TwoAmCard") -> Iterator[str]:
    walk = card.walk
    gaps = len(walk.gaps)
    said = f"✖ {gaps} of {len(card.rows)} steps have no answer" if gaps else (
        f"✓ all {len(card.rows)} steps are answered on paper; {walk.walked_said}"
    )  # fmt: skip
    yield from _wrapped(f"{card.name} {walk.version} ({walk.system}): the four hours after a page")
    yield from _titled("when", _local(walk.at, card.zone))
    yield from _titled("what", card.happened)
    yield from _titled("runbook", card.runbook or "none is named")
    yield from _titled("minutes", _minutes(walk.minutes))
    yield from _titled("outcome", f"{said}. {card.sentence}")
    yield ""


def _titled(title: str, text: str) -> Iterator[str]:
    for position, line in enumerate(_wrapped(text, indent=10)):
        yield f"{title:<10}{line.strip()}" if position == 0 else line


def _local(at: datetime, zone_name: str) -> str:
    from ops_model.domain.values import zone

    local = at.astimezone(zone(zone_name))
    named = "" if local.tzname() == zone_name else f" ({zone_name})"
    return f"{local:%a %Y-%m-%d %H:%M %Z}{named}"


def _minutes(minutes: "WalkMinutes") -> str:
    drilled = minutes.drilled.value if minutes.drilled is not None else None
    took = f" (drilled: {drilled:.3g} s, {minutes.drilled_means})" if drilled is not None else ""
    return (
        f"page {_span(minutes.page)}, decide {_span(minutes.decide)}, contain "
        f"{_span(minutes.contain)}{took}, contained after {_span(minutes.contained_after)}, "
        f"counted from the page; {_told(minutes.inform)}"
    )


def _told(minutes: float | None) -> str:
    if minutes is None:
        return "no limit is written for telling users"
    return f"users told within {minutes:.3g}"


def _span(minutes: float | None) -> str:
    return "no limit" if minutes is None else f"{minutes:.3g}"


def _answer(row: "CardRow") -> Iterator[str]:
    state = "✓ ok" if row.ok else "✖ gap"
    who = f"  [{row.who}]" if row.who else ""
    check = f"  {row.check}" if row.check else ""
    yield from _wrapped(f"{row.minute:<6} {state:<6} {row.question}{who}{check}", hang=_INDENT)
    yield from _wrapped(row.answer, indent=_INDENT)


def _details(row: "CardRow") -> Iterator[str]:
    details = row.details if row.minute == _LISTED else ("; ".join(row.details),)
    for detail in details:
        yield from _wrapped(detail, indent=_INDENT + 2)


def _wrapped(text: str, *, indent: int = 0, hang: int = 0) -> list[str]:
    """The text in lines from `indent` on; those after the first stand `hang` farther in."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + hang),
        break_on_hyphens=False,
    )  # fmt: skip
