"""The cards of service levels: each objective alone, and all of them beside one another."""

from collections.abc import Mapping, Sequence

from ops_model.domain.people import People
from ops_model.domain.service_levels import BurnRate, Objective, ServiceLevelMeasurement
from ops_model.site import words
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import Row, bare, chip, fact, frame, line, quiet, table
from ops_model.site.words import FAILED, PASSED, UNKNOWN, Look

_SPENT = Look("✖", "budget spent", words.RED, "bad")
_BURNING = Look("✖", "burns too fast", words.RED, "bad")
_LEFT = Look("✓", "budget left", words.GREEN, "good")
_UNMEASURED = Look("?", "not measured", words.RED, "bad")
_BUDGETING = {
    "occurrences": "events are counted",
    "timeslices": "slices of time are counted, each good or not",
    "ratio_timeslices": "the mean of slices of time is taken",
}


def level(record: ServiceLevelMeasurement, people: People) -> Html:
    """What was good, what is left of the budget, and how fast it burns."""
    del people
    unit = record.indicator or "service level"
    rows: list[Row] = [
        fact("good", record.good),
        ("target", tag("strong", words.amount(record.target, "share")), quiet("by the claim")),
        fact(_left(record), record.budget_left),
        *(_burn(burn) for burn in record.burn),
    ]
    if record.in_batch is not None:
        rows.append(fact("good while batch work runs", record.in_batch))
    if record.outside_batch is not None:
        rows.append(fact("good in all other hours", record.outside_batch))
    return frame(
        f"Objective {record.objective}: {unit}", level_look(record), record,
        line(_meaning(record)),
        table(("", "value", "rests on"), rows),
        line(quiet(_basis(record))),
        simulated=record.simulated,
    )  # fmt: skip


def side_by_side(
    objectives: Sequence[Objective],
    measured: Sequence[ServiceLevelMeasurement],
    unmeasured: Mapping[str, str],
) -> Html:
    """All objectives in one table, in the order of the file; what was not measured says so."""
    found = {record.objective: record for record in measured}
    rows = [_row(objective, found.get(objective.id)) for objective in objectives]
    kinds = {objective.indicator for objective in objectives}
    looks = [level_look(record) for record in measured]
    look = FAILED if any(one.tone == "bad" for one in looks) else PASSED
    if unmeasured or not measured:
        look = UNKNOWN if look is PASSED else look
    blind = line(
        "No objective is about quality: this service may be up, fast and wrong, and every line "
        "above would stay green. Write one of the indicator quality, with its monitor."
    )
    return bare(
        f"{words.plural(len(objectives), 'objective')} beside one another", look,
        table(("", "objective", "indicator", "target", "good", "budget left"), rows),
        *([] if "quality" in kinds else [blind]),
    )  # fmt: skip


def burns(burn: BurnRate) -> bool:
    """True when a budget burns faster than its alert allows, over both windows."""
    over = burn.rate.value is not None and burn.rate.value > burn.limit
    if burn.short is None:
        return over
    return over and burn.short.value is not None and burn.short.value > burn.limit


def _row(objective: Objective, record: ServiceLevelMeasurement | None) -> Row:
    name, target = tag("strong", objective.id), words.amount(float(objective.target), "share")
    if record is None:
        return (chip(_UNMEASURED), name, objective.indicator, target, "unknown", "unknown")
    return (
        chip(level_look(record)), name, objective.indicator, target, words.brief(record.good),
        tag("strong", words.value(record.budget_left)),
    )  # fmt: skip


def level_look(record: ServiceLevelMeasurement) -> Look:
    """Whether budget is left, and whether it burns faster than an alert allows."""
    left = record.budget_left.value
    if left is None:
        return UNKNOWN
    if left <= 0:
        return _SPENT
    return _BURNING if any(burns(burn) for burn in record.burn) else _LEFT


def _burn(burn: BurnRate) -> Row:
    """One alert: the long window, the short one, and from which rate on both have to burn."""
    value = words.value(burn.rate)
    short = ""
    if burn.short is not None and burn.short_hours is not None:
        n = words.held(words.count(burn.short))
        short = f"; over the last {_span(burn.short_hours)} {words.value(burn.short)} ({n})"
    state = chip(_BURNING) if burns(burn) else ""
    shown = join([tag("strong", f"{value}{short}"), Html(" "), Html(state)])
    both = " in both" if short else ""
    limit = f"alert above {words.number(burn.limit)}{both}; {words.basis(burn.rate)}"
    return (f"budget burns, over {_span(burn.hours)}", shown, quiet(limit))


def _left(record: ServiceLevelMeasurement) -> str:
    spent = record.budget_left.value is not None and record.budget_left.value < 0
    return "error budget left (below 0: overspent)" if spent else "error budget left"


def _span(hours: float) -> str:
    if hours < 1:
        return f"{words.number(hours * 60)} minutes"
    if hours >= 48 and hours % 24 == 0:
        return f"{words.number(hours / 24)} days"
    return f"{words.number(hours)} h"


def _meaning(record: ServiceLevelMeasurement) -> str:
    """What it means and what to do, in one line."""
    left = record.budget_left.value
    if left is None:
        return (
            "Nothing that counts was written in its window, so nothing is known: see whether the "
            "log is still written, and whether `valid` leaves any row."
        )
    if left <= 0:
        return (
            "The error budget is spent: hold back what changes the service until it is back, and "
            "find what spent it."
        )
    if any(burns(burn) for burn in record.burn):
        return "The error budget burns too fast: follow the alert before it is spent."
    return "Errors stay within what the objective allows."


def _basis(record: ServiceLevelMeasurement) -> str:
    """What was read, what nobody can tell, and how long the log has been silent."""
    parts = [_BUDGETING[record.budgeting]]
    if record.rows is not None:
        parts.append(f"{words.plural(record.rows, 'row')} read")
    if record.undecided:
        parts.append(
            f"{words.plural(record.undecided, 'row')} of which nobody can tell, taken as not good"
        )
    silence, longest = record.silence, record.longest_silence
    if silence is not None and longest is not None and silence.value and longest.value is not None:
        parts.append(
            f"no row in the last {_span(silence.value)} (the longest silence before: "
            f"{_span(longest.value)})"
        )
    if record.window is not None:
        parts.append(
            f"from {words.instant(record.window.start)} to {words.instant(record.window.end)}"
        )
    return "; ".join(parts)
