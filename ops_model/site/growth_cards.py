"""The cards of why the cost grew, and of what one success costs."""

from collections.abc import Mapping

from ops_model.domain.cents import whole_cents
from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.domain.spend import BridgeBar, BridgeDriver, CostBridge, UnitCost
from ops_model.site import words
from ops_model.site.cost_cards import PURPOSES
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import Row, fact, frame, line, quiet, sentences, table
from ops_model.site.words import AMBER, GREEN, GREY, RED, UNKNOWN, Look

DRIVERS: Mapping[BridgeDriver, str] = {
    "volume": "volume",
    "prompt_length": "length of prompts",
    "output_length": "length of answers",
    "model_mix": "mix of models",
    "cache": "cache",
    "retries": "retries",
    "price": "prices",
}
"""What the drivers of a bridge are called."""
FROM = {"pilot": "the pilot assumed", "last_month": "four weeks before"}
"""Where a bridge begins."""


def bridge(record: CostBridge, people: People) -> Html:
    """Each driver to the cent, the largest first, with its owner and what to do about it."""
    cents = record.in_cents()
    look = bridge_look(record)
    before, now, unit = record.assumed_per_day, record.actual_per_day, record.currency
    rows: list[Row] = [
        (FROM[record.since], tag("strong", words.value(before)), "", ""),
        *(
            (DRIVERS[bar.driver], tag("strong", effect(bar, cents, unit)), *_who(bar, people))
            for bar in record.bars
        ),
        ("a day costs now", tag("strong", words.value(now)), "", quiet(words.basis(now))),
    ]
    added = "The lines add up to the cent, in whatever order they are taken." if cents else ""
    days = f"Now is the mean of {words.plural(record.days, 'whole day')}" if record.days else ""
    return frame(
        f"Why a day costs other than {FROM[record.since]}", look, record,
        line(tag("strong", bridge_in_short(record))),
        table(("", f"{unit} per day", "owner", "what to do"), rows),
        line(quiet(". ".join(part for part in (days, added) if part))),
        *_left_out("Beside it, per day, for nobody's question: ", record.left_out),
        *sentences("Taken for granted", record.notes),
        simulated=record.simulated,
    )  # fmt: skip


def bridge_look(record: CostBridge) -> Look:
    """Dearer, cheaper, or not known."""
    before, now = record.assumed_per_day.value, record.actual_per_day.value
    if before is None or now is None:
        return UNKNOWN
    if whole_cents(now) > whole_cents(before):
        return Look("▲", "dearer", AMBER, "warn")
    return Look("✓", "not dearer", GREEN, "good")


def bridge_in_short(record: CostBridge) -> str:
    """From where to where, and the driver that made most of it."""
    before, now = record.assumed_per_day, record.actual_per_day
    if before.value is None or now.value is None:
        return "Not known: see what had to be taken for granted."
    ends = f"{words.value(before)} a day became {words.value(now)}"
    if not record.bars:
        return f"{ends}."
    largest = record.bars[0]
    moved = effect(largest, record.in_cents(), record.currency)
    return f"{ends}; most by {DRIVERS[largest.driver]}, {moved} {record.currency}."


def effect(bar: BridgeBar, cents: Mapping[BridgeDriver, object], unit: str) -> str:
    """What a driver did, with its sign, to the cent where all of them are known."""
    if bar.driver in cents:
        text = f"{cents[bar.driver]:+,.2f}"
        return text.replace("-", "\u2212")
    return words.value(bar.effect, unit=unit)


def _who(bar: BridgeBar, people: People) -> tuple[object, object]:
    planned = f" ({bar.action})" if bar.action else ""
    return people.label(bar.owner) if bar.owner else "nobody", f"{bar.do}{planned}"


def _left_out(said: str, left_out: Mapping[str, Measured]) -> list[Html]:
    """What was spent that serves nobody, by purpose."""
    if not left_out:
        return []
    parts = [
        tag("span", tag("strong", f"{PURPOSES.get(name, name)} "), words.value(cost))
        for name, cost in left_out.items()
    ]
    return [line(said, join(parts, " · "))]


def unit_cost(record: UnitCost, people: People) -> Html:
    """What one success costs, against its target, its worth, and what a person would cost."""
    del people
    rows: list[Row] = [
        fact("cost of one success", record.cost_per_success),
        *([fact("target", record.target)] if record.target else []),
        *([fact("worth", record.worth)] if record.worth else []),
        *([fact("the same by a person", record.by_a_person)] if record.by_a_person else []),
        fact("cost of one unit, successful or not", record.cost_per_unit),
        ("successes", tag("strong", f"{record.successes:,}"),
         quiet(f"on {words.plural(record.days, 'whole day')}")),
    ]  # fmt: skip
    return frame(
        f"Cost of one {record.unit.replace('-', ' ')}", unit_look(record), record,
        line(tag("strong", unit_in_short(record))),
        table(("", "value", "rests on"), rows),
        *_left_out("Not in it, on these days, for nobody's question: ", record.left_out),
        *sentences("What makes it less than sure", record.notes),
        simulated=record.simulated,
    )  # fmt: skip


def unit_look(record: UnitCost) -> Look:
    """Against the target, by the near end of the interval; above what it is worth comes first."""
    cost = record.cost_per_success
    if cost.value is None:
        return UNKNOWN
    low, high = (cost.value, cost.value) if cost.low is None else (cost.low, cost.high)
    worth, target = (m.value if m else None for m in (record.worth, record.target))
    if worth is not None and low > worth:
        return Look("✖", "above its worth", RED, "bad")
    if target is None:
        return Look("●", "no target is set", GREY, "quiet")
    if low > target:
        return Look("▲", "above the target", AMBER, "warn")
    if high is not None and high <= target:
        return Look("✓", "within the target", GREEN, "good")
    return Look("?", "too close to tell", AMBER, "warn")


def unit_in_short(record: UnitCost) -> str:
    """`0.0835 USD a success; target 0.02 USD, worth 0.90 USD`."""
    held = against(record)
    return f"{words.value(record.cost_per_success)} a success{'; ' if held else ''}{held}"


def against(record: UnitCost) -> str:
    """What a success is held against, as declared; empty where nothing is."""
    named = (
        ("target", record.target), ("worth", record.worth), ("by a person", record.by_a_person),
    )  # fmt: skip
    return ", ".join(f"{name} {words.value(one)}" for name, one in named if one is not None)
