"""A card for any record: each field by its name, each number with its n and interval.

It serves the kinds that have no card of their own; nothing that a record holds is left out, but
for lists so long that nobody would read them, and these say how much is left.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from ops_model.domain.detection_served import ProviderIdentity, RuleMeasurement
from ops_model.domain.evidence import Measured, Measurement, Record
from ops_model.domain.people import People
from ops_model.domain.sign_off import ReviewPack, SignOff, SignOffRevoked
from ops_model.domain.spend import BreachLog, RouteTest
from ops_model.domain.trials import (
    ChallengerResult,
    Reproduction,
    SwapDrill,
)
from ops_model.domain.values import Money, Value, Window
from ops_model.site import named, words
from ops_model.site.challenger_cards import VERDICTS
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import Row, fact, frame, line, quiet, table
from ops_model.site.words import GREEN, GREY, RED, Look

MEASURED = Look("●", "measured", GREY, "quiet")
RECORDED = Look("●", "recorded", GREY, "quiet")
_MOST = 12
_SHOWN_BELOW = frozenset({*Measurement.model_fields, "inputs", "claims"})
_PEOPLE = frozenset({
    "person", "performed_by", "acknowledged_by", "accepted_by", "reviewed_by", "reviewers_said",
})  # fmt: skip


def generic(record: Record, people: People) -> Html:
    """The card of a record, field by field."""
    facts = [row for name in _names(record) for row in _facts(name, record, people)]
    below = [part for name in _names(record) for part in _below(name, record, people)]
    simulated = isinstance(record, Measurement) and record.simulated
    title = named.KINDS.get(record.kind, record.kind.replace("_", " "))
    window = record.window if isinstance(record, Measurement) else None
    return frame(
        title, look_of(record), record,
        *([line(quiet(_window(window)))] if window is not None else []),
        table(("", "value", "rests on"), facts), *below,
        simulated=simulated,
    )  # fmt: skip


def look_of(record: Record) -> Look:
    """What the record found, where it says so in a word."""
    find = _LOOKS.get(type(record))
    if find is not None:
        return find(record)
    return MEASURED if isinstance(record, Measurement) else RECORDED


def _rule(record: RuleMeasurement) -> Look:
    return MEASURED if record.error is None else words.ERRORED


def _counted(count: int, one: str, several: str, none: str) -> Look:
    return _found(words.plural(count, one, several) if count else none, well=not count)


def _found(word: str, *, well: bool) -> Look:
    return Look("✓", word, GREEN, "good") if well else Look("✖", word, RED, "bad")


def _names(record: Record) -> list[str]:
    return [name for name in type(record).model_fields if name not in _SHOWN_BELOW]


def _facts(name: str, record: Record, people: People) -> list[Row]:
    """The rows of a field in the first table; none where it has a table of its own."""
    value = getattr(record, name)
    if isinstance(value, Measured):
        return [fact(_said(name), value)]
    if isinstance(value, Mapping):
        return [_row(f"{_said(name)}: {_said(str(k))}", v, people) for k, v in value.items()]
    if _is_list_of_values(value):
        return [] if value else [(_said(name), "none", "")]
    return [_row(_said(name), _named(name, value, people), people)]


def _row(name: str, value: object, people: People) -> Row:
    if isinstance(value, Measured):
        return fact(name, value)
    return (name, text(value, people), "")


def _below(name: str, record: Record, people: People) -> list[Html]:
    """A field that is a list of things, as a table; a column that says nothing is left out."""
    value = getattr(record, name)
    if not _is_list_of_values(value) or not value:
        return []
    every = type(value[0]).model_fields
    columns = [c for c in every if any(getattr(item, c) is not None for item in value)]
    rows = [
        tuple(text(_named(c, getattr(item, c), people), people) for c in columns)
        for item in value[:_MOST]
    ]
    left = len(value) - _MOST
    more = [line(quiet(f"and {left:,} more"))] if left > 0 else []
    return [
        line(tag("strong", f"{_said(name).capitalize()} ({len(value):,})")),
        table([_said(c) for c in columns], rows), *more,
    ]  # fmt: skip


def _is_list_of_values(value: object) -> bool:
    return isinstance(value, tuple) and (not value or isinstance(value[0], Value))


def _named(name: str, value: object, people: People) -> object:
    """The names of people where a field holds their ids."""
    if name not in _PEOPLE or value is None:
        return value
    ids = value if isinstance(value, tuple) else (value,)
    return ", ".join(people.label(one) for one in ids)


def text(value: object, people: People) -> Html | str:
    """A value as a reader reads it; what is not on record says so."""
    if value is None or value == "":
        return "not on record"
    if isinstance(value, Mapping):
        pairs = [tag("span", f"{_said(str(k))}: ", text(v, people)) for k, v in value.items()]
        return join(pairs, ", ") if pairs else "none"
    if isinstance(value, tuple):
        return _listed(value, people)
    say = next((say for kind, say in _PLAIN if isinstance(value, kind)), None)
    if say is None and isinstance(value, Value):
        known = {name: getattr(value, name) for name in type(value).model_fields}
        return text({name: v for name, v in known.items() if v is not None}, people)
    return str(value) if say is None else say(value)


def _listed(values: Sequence[object], people: People) -> Html | str:
    if not values:
        return "none"
    shown = [tag("span", text(v, people)) for v in values[:_MOST]]
    left = len(values) - _MOST
    return join([*shown, *([Html(f"and {left:,} more")] if left > 0 else [])], ", ")


def _window(window: Window) -> str:
    return f"from {words.instant(window.start)} to {words.instant(window.end)}"


def _said(name: str) -> str:
    return name.replace("_", " ")


# A bool is an int and an instant a day, so each stands before what it is too.
_PLAIN: tuple[tuple[type, Callable[..., Html | str]], ...] = (
    (bool, lambda value: "yes" if value else "no"),
    (Measured, words.full),
    (Money, words.money),
    (datetime, words.instant),
    (date, words.day),
    (int, words.number),
    (float, words.number),
    (Window, _window),
)
_LOOKS: Mapping[type[Record], Callable[..., Look]] = {
    BreachLog: lambda r: _counted(len(r.breaches), "day above", "days above", "none"),
    ChallengerResult: lambda r: VERDICTS[r.verdict],
    ProviderIdentity: lambda r: _found(
        "changed" if r.changed else "as agreed", well=not r.changed
    ),
    Reproduction: lambda r: _found("equal" if r.equal else "differs", well=r.equal),
    RouteTest: lambda r: _found("arrived" if r.delivered else "not arrived", well=r.delivered),
    RuleMeasurement: _rule,
    ReviewPack: lambda r: words.VERDICTS[r.verdict],
    SignOff: lambda r: words.DECISIONS[r.decision],
    SignOffRevoked: lambda _: Look("○", "taken back", GREY, "quiet"),
    SwapDrill: lambda r: words.PASSED if r.passed else words.FAILED,
}
