"""The cards of ceilings: how each stands at an instant, and the days that went above one."""

from collections.abc import Mapping

from ops_model.domain.people import People
from ops_model.domain.spend import (
    BreachLog,
    BurnWindow,
    CeilingBreach,
    CeilingLevel,
    CeilingState,
    CeilingWatch,
)
from ops_model.site import words
from ops_model.site.ceiling_bar import bar_svg
from ops_model.site.cost_cards import old
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, chip, frame, line, picture, quiet, sentences, table
from ops_model.site.words import AMBER, GREEN, RED, UNKNOWN, Look

LEVELS: Mapping[CeilingLevel, Look] = {
    "crossed": Look("✖", "crossed", RED, "bad"),
    "page": Look("✖", "burns too fast", RED, "bad"),
    "ticket": Look("▲", "on its way above", AMBER, "warn"),
    "warned": Look("▲", "warned", AMBER, "warn"),
    "quiet": Look("✓", "below every warning", GREEN, "good"),
    "unknown": UNKNOWN,
}
"""How the states of a ceiling look, the gravest first."""
_GRAVEST: tuple[CeilingLevel, ...] = (
    "crossed", "page", "unknown", "ticket", "warned", "quiet",
)  # fmt: skip
_SCOPES = {
    "system": "the system", "provider": "provider", "training_run": "a training run",
    "user": "a user",
}  # fmt: skip
_MOST_BREACHES = 10
_MOST_ALSO = 10


def gravest(record: CeilingWatch) -> CeilingLevel:
    """The state that matters most; what is unknown is never taken for quiet."""
    return min((c.state for c in record.ceilings), key=_GRAVEST.index, default="unknown")


def watch_look(record: CeilingWatch) -> Look:
    """How the gravest of the ceilings stands."""
    return LEVELS[gravest(record)]


def watch(record: CeilingWatch, people: People) -> Html:
    """Each ceiling with what is spent under it, how fast, who is told, who may raise it."""
    rows = [_ceiling(state, people) for state in sorted(
        (*record.ceilings, *record.also[:_MOST_ALSO]),
        key=lambda c: (_GRAVEST.index(c.state), c.ceiling),
    )]  # fmt: skip
    more = len(record.also) - _MOST_ALSO
    head = ("", "ceiling", "spent of it", "on its way to", "who, and what happens there")
    return frame(
        f"Ceilings at {words.instant(record.as_of)}", watch_look(record), record,
        line(f"By data {old(record.data_age_minutes)} old."),
        table(head, rows),
        *([line(quiet(f"and {more} others"))] if more > 0 else []),
        *sentences("Who may raise it now", _raising(record, people)),
        simulated=record.simulated,
    )  # fmt: skip


def _ceiling(state: CeilingState, people: People) -> Row:
    what = tag("div", tag("strong", state.ceiling.replace("-", " ")), line(quiet(_scope(state))))
    limit, spent = state.amount.value or 0.0, state.spent.value
    shown = f"{words.value(state.spent)} of {words.value(state.amount)}"
    reached = spent / limit if spent is not None and limit else None
    part = f"{words.amount(reached, 'share')}" if reached is not None else "not known"
    ahead = state.projected.value if state.projected is not None else None
    svg = bar_svg(reached, ahead / limit if ahead is not None and limit else None,
                  state.warn_at, state.state)  # fmt: skip
    return (
        chip(LEVELS[state.state]),
        what,
        tag("div", line(shown), picture(svg, f"{part} of the ceiling"), line(quiet(_pace(state)))),
        tag("div", words.value(state.projected) if state.projected else "not known",
            line(quiet(state.why))),
        tag("div", tag("strong", people.label(state.owner)),
            line(f"told by {state.route}" if state.route else "nobody is told"),
            line(quiet(f"there: {state.hard_action.replace('_', ' ')}"))),
    )  # fmt: skip


def _scope(state: CeilingState) -> str:
    of = f" {state.of}" if state.of else ""
    day = f", on {words.day(state.day)}" if state.day else ""
    return f"{_SCOPES[state.scope]}{of}, per {state.per}{day}"


def _pace(state: CeilingState) -> str:
    """The burn of the window that is nearest to its limit."""
    known = [window for window in state.burn if window.long_rate is not None]
    if not known:
        return ""
    worst = max(known, key=lambda w: _rate(w) / w.limit)
    hours = words.number(worst.long_minutes / 60)
    return (
        f"burns at {_rate(worst):.2g} times its pace over {hours} h; paged from "
        f"{words.number(worst.limit)} on"
    )


def _rate(window: BurnWindow) -> float:
    """The slower of both windows: only when both are fast is somebody paged."""
    return min(window.long_rate or 0.0, window.short_rate or 0.0)


def _raising(record: CeilingWatch, people: People) -> list[str]:
    """The same for all ceilings of one right, so it is said once."""
    said: dict[str, None] = {}
    for state in record.ceilings:
        who = ", ".join(people.label(person) for person in state.may_raise)
        terms = state.raising or ""
        said[f"{who}{', ' if who and terms else ''}{terms}" if who else f"nobody: {terms}"] = None
    return [one for one in said if one != "nobody: "]


def breaches(record: BreachLog, people: People) -> Html:
    """The days above a ceiling, the latest first: who was told, what was done, who accepted."""
    found = sorted(record.breaches, key=lambda b: (b.day, b.ceiling), reverse=True)
    told = sum(b.told_at is not None for b in found)
    acted = sum(b.action is not None for b in found)
    times = words.plural(len(found), "time")
    head = ("day", "ceiling", "crossed", "somebody told", "done", "accepted by")
    more = len(found) - _MOST_BREACHES
    return frame(
        f"Days above a ceiling, of the last {record.days}", breaches_look(record), record,
        line(
            f"A ceiling was crossed {times}; of these somebody was told of {told}, and something "
            f"was done {words.plural(acted, 'time')}."
            if found else "No day of the window went above a ceiling per day."
        ),
        *([table(head, [_breach(b, people) for b in found[:_MOST_BREACHES]])] if found else []),
        *([line(quiet(f"and {more} earlier ones"))] if more > 0 else []),
        simulated=record.simulated,
    )  # fmt: skip


def breaches_look(record: BreachLog) -> Look:
    """How many days went above a ceiling."""
    days = len({breach.day for breach in record.breaches})
    return Look("✖", words.plural(days, "day above", "days above"), RED, "bad") if days else _NONE


_NONE = Look("✓", "none", GREEN, "good")


def _breach(breach: CeilingBreach, people: People) -> Row:
    done = breach.action.replace("_", " ") if breach.action else "nothing on record"
    when = f", {words.instant(breach.action_at)}" if breach.action_at else ""
    return (
        words.day(breach.day),
        breach.ceiling.replace("-", " "),
        f"{breach.crossed_at:%H:%M} UTC",
        words.instant(breach.told_at) if breach.told_at else "nobody on record",
        f"{done}{when}",
        people.label(breach.accepted_by) if breach.accepted_by else "nobody",
    )
