"""The cards of what is spent: today, under each ceiling, until it is reached, and beyond it."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.domain.spend import CostForecast, SpendMeasurement
from ops_model.site import words
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import Row, fact, frame, line, picture, quiet, sentences, table
from ops_model.site.trends import sparkline_svg, trend
from ops_model.site.words import AMBER, GREEN, RED, UNKNOWN, Look

_MOST_NAMED = 6


def spend(record: SpendMeasurement, people: People) -> Html:
    """Today with the age of the data, the last days against the ceiling, what has no price."""
    del people
    over, ceiling = record.days_over_ceiling, record.ceiling_per_day
    title = f"Spend: {words.plural(over, 'day')} over the ceiling"
    values, label = trend(record)
    return frame(
        title if ceiling else "Spend: no ceiling is set", spend_look(record), record,
        line(tag("strong", f"Today so far {words.value(record.today)}"), f", {_how_old(record)}"),
        picture(sparkline_svg(values, label), label),
        table(("", "value", "rests on"), _amounts(record)),
        *_parted(record),
        *sentences("Counted, and never priced", _uncounted(record)),
        *sentences("What makes the total doubtful", record.warnings[:_MOST_NAMED]),
        line(quiet(f"Prices: {record.price_source}")),
        simulated=record.simulated,
    )  # fmt: skip


def spend_look(record: SpendMeasurement) -> Look:
    """Whether a day was over the ceiling; without a ceiling or a price nobody can tell."""
    if record.ceiling_per_day is None or record.unpriced_rows:
        return UNKNOWN
    return _OVER if record.days_over_ceiling else _BELOW


_OVER = Look("✖", "over the ceiling", RED, "bad")
_BELOW = Look("✓", "below the ceiling", GREEN, "good")


def _how_old(record: SpendMeasurement) -> str:
    if record.newest_row is None:
        return "and the logs hold no row at all"
    newest = words.instant(record.newest_row)
    return f"by data {old(record.data_age_hours)} old (newest row {newest})"


def old(age: Measured) -> str:
    """An age in minutes or hours as a person says it: `40 minutes`, `7.3 h`, `3 days`."""
    if age.value is None:
        return "of unknown age, as of no row,"
    minutes = age.value * (60 if age.unit == "hours" else 1)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return words.plural(round(minutes), "minute")
    hours = minutes / 60
    return f"{hours:.3g} h" if hours < 72 else words.plural(round(hours / 24), "day")


def _amounts(record: SpendMeasurement) -> list[Row]:
    return [
        fact("ceiling per day", record.ceiling_per_day),
        fact("today so far", record.today),
        fact("last full day", record.last_full_day),
        fact("in the whole window", record.total),
        ("rows without a price", tag("strong", f"{record.unpriced_rows:,}"),
         quiet("counted, never taken for zero")),
    ]  # fmt: skip


def _parted(record: SpendMeasurement) -> list[Html]:
    """The total by what it was for and whom it is owed to, where there is more than one."""
    parts = ((record.by_purpose, "for"), (record.by_provider, "owed to"))
    return [
        line(f"The whole window, {what}: ", join(_shares(by, record.total), " · "))
        for by, what in parts
        if len(by) > 1
    ]


def _shares(by: Mapping[str, Measured], total: Measured) -> list[Html]:
    ordered = sorted(by.items(), key=lambda item: (-(item[1].value or 0.0), item[0]))
    whole = total.value or 0.0
    return [
        tag(
            "span", tag("strong", f"{PURPOSES.get(name, name)} "),
            f"{words.value(cost)}{_per_cent(cost, whole)}",
        )
        for name, cost in ordered
    ]  # fmt: skip


def _per_cent(part: Measured, whole: float) -> str:
    return f" ({words.amount((part.value or 0.0) / whole, 'share')})" if whole else ""


PURPOSES: Mapping[str, str] = {
    "prod": "what users asked", "retry": "asked again", "shadow": "shadow", "fallback": "fallback",
    "challenger": "challenger", "eval": "tests of our own",
}  # fmt: skip
"""What the purposes of requests are called."""


def _uncounted(record: SpendMeasurement) -> list[str]:
    named = [f"{what}: {words.plural(n, 'row')}" for what, n in record.unpriced.items()]
    odd = [f"{what}: {words.plural(n, 'row')}" for what, n in record.apart.items()]
    silent = record.silent_days
    days = f"{words.plural(len(silent), 'day')} without any row, of which nothing is known"
    first = f"{days}: {days_of(silent)}" if silent else ""
    return [*([first] if first else []), *named[:_MOST_NAMED], *odd[:_MOST_NAMED]]


def days_of(days: Sequence[date]) -> str:
    """Days as a reader takes them in: spans, and how many more there are."""
    ordered = sorted(days)
    spans: list[str] = []
    for _, run in groupby(enumerate(ordered), key=lambda e: e[1].toordinal() - e[0]):
        held = [day for _, day in run]
        last = f" to {words.day(held[-1])}" if len(held) > 1 else ""
        spans.append(f"{words.day(held[0])}{last}")
    more = len(spans) - _MOST_NAMED
    return ", ".join(spans[:_MOST_NAMED]) + (f" and {more} more spans" if more > 0 else "")


def forecast(record: CostForecast, people: People) -> Html:
    """The day on which a ceiling is crossed, between which days, or why that is not known."""
    del people
    rows: list[Row] = [
        *([fact("a day costs now", record.per_day_now)] if record.per_day_now else []),
        fact("grows per day by", record.growth_per_day),
        *([fact("intervals of this kind held", record.coverage)] if record.coverage else []),
    ]
    based = f"The interval rests on {words.plural(record.series, 'other series', 'other series')}."
    return frame(
        f"When ceiling {record.ceiling.replace('-', ' ')} is reached", forecast_look(record),
        record,
        *_when(record), table(("", "value", "rests on"), rows),
        *([line(quiet(based))] if record.earliest is not None else []),
        simulated=record.simulated,
    )  # fmt: skip


def _when(record: CostForecast) -> list[Html]:
    """The day in bold; that there is no interval, and why, below it."""
    day, _, why = reached(record).partition("; ")
    said = [line(tag("strong", f"{day[:1].upper()}{day[1:]}"))]
    return [*said, line(quiet(f"{why[:1].upper()}{why[1:]}"))] if why else said


def forecast_look(record: CostForecast) -> Look:
    """Whether it is reached within the horizon, not, or nobody can tell."""
    if record.crosses_on is not None:
        return Look("▲", "reached", AMBER, "warn")
    return _BELOW_YET if record.growth_per_day.value is not None else UNKNOWN


_BELOW_YET = Look("✓", "not within the horizon", GREEN, "good")


def reached(record: CostForecast) -> str:
    """When a ceiling is reached, with its interval or why there is none, in one sentence."""
    if record.crosses_on is None:
        known = record.growth_per_day.value is not None
        within = f"within {words.plural(record.horizon_days, 'day')}"
        said = f"not reached {within}" if known else "not known"
    else:
        now = record.crosses_on <= record.as_of.date()
        said = "reached today already" if now else f"reached on {words.day(record.crosses_on)}"
    if record.earliest is not None or record.latest is not None:
        latest = words.day(record.latest) if record.latest else "later than the horizon"
        earliest = words.day(record.earliest) if record.earliest else "any day"
        return f"{said}, between {earliest} and {latest}"
    why = (record.no_interval or "").removeprefix("no interval: ")
    return f"{said}; no interval: {why}" if why else said
