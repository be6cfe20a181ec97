"""The cards of what moved: inputs and score, what a model leans on, serving against training."""

from collections.abc import Sequence

from ops_model.domain.detection import (
    ColumnDrift,
    DriftMeasurement,
    FeatureImportance,
    ImportanceMeasurement,
    SkewMeasurement,
)
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import chip, fact, frame, line, quiet, table, with_level
from ops_model.site.words import UNKNOWN, Look

DRIFTED = Look("✖", "drifted", words.RED, "bad")
WITHIN = Look("✓", "within", words.GREEN, "good")
ONCE = Look("▲", "above once", words.AMBER, "warn")
"""Above its limit in this window, and not in the one before: it takes two in a row."""
HIDDEN = Look("?", "unclear", words.RED, "bad")
"""Far away, beside a reference that lies as far apart itself."""
_MOVED = Look("✖", "leans elsewhere", words.RED, "bad")
_SAME = Look("✓", "leans as before", words.GREEN, "good")
_FLOOR = 0.8
"""Below this rank correlation DRF-04 fails, unless a policy says otherwise."""
_DISTANCES = {
    "sd": "sd is how far a number's distribution moved (W1, Wasserstein), in standard deviations "
    "of the reference",
    "tv": "tv is the total variation, the share of rows that would have to change their value",
    "js": "js is the Jensen-Shannon distance, from 0 (the same) to 1 (nothing shared)",
}


def drift(record: DriftMeasurement, people: People) -> Html:
    """Every column against its limit, the ones beyond it first."""
    del people
    spans = (
        f"Reference {words.instant(record.reference_start)} to "
        f"{words.instant(record.reference_end)} (n = {record.rows_reference:,} rows); "
        f"current window n = {record.rows_current:,} rows. "
    )
    late = (
        f" {words.plural(record.provisional_days, 'day')} of the window may still get rows."
        if record.provisional_days
        else ""
    )
    how = calibration(calibrated=record.calibrated, blocks=record.blocks, factor=record.factor)
    name = record.signal.replace("_", " ")
    title = f"Drift of {name}: {_moved_of(record.columns)} moved"
    return frame(
        title, look_of(record.columns), record,
        line(spans, how, late), *drift_table(record.columns), *_next(record.columns),
        simulated=record.simulated,
    )  # fmt: skip


def skew(record: SkewMeasurement, people: People) -> Html:
    """Every column of what is served against what was trained on."""
    del people
    return _skew(record, drift_table(record.columns))


def skew_as_drift(record: SkewMeasurement, drift: DriftMeasurement, href: str) -> Html:
    """The same beside a drift that found the same of every column: only what moved is repeated.

    Args:
        record: what is served against what was trained on.
        drift: of which `is_as_drift` is true.
        href: where its card stands on the same page.
    """
    moved = [column for column in record.columns if column_look(column) is not WITHIN]
    as_there = line(
        "Every column has the same numbers as against ",
        tag("a", f"the baseline of monitor {drift.monitor}", href=href),
        "; here stand those that moved." if moved else "; none moved.",
    )
    return _skew(record, [as_there, *(drift_table(moved) if moved else [])])


def is_as_drift(record: SkewMeasurement, drift: DriftMeasurement) -> bool:
    """True when a drift found the very same of the same columns."""
    one, other = ({c.name: c for c in of.columns} for of in (record, drift))
    return bool(one) and one == other


def _skew(record: SkewMeasurement, columns: Sequence[Html]) -> Html:
    one = sum(column.drifted for column in record.columns) == 1
    differ = "differs" if one else "differ"
    title = f"Served against trained on, {record.version}: {_moved_of(record.columns)} {differ}"
    rows = (
        f"{record.rows_serving:,} rows of {record.log} against {record.rows_training:,} of "
        f"{record.training_log}, both of {record.version}."
    )
    todo = (
        [line(tag("strong", "To do: "), "find where the way from the feeds to the model differs "
              "from that of training; mend it, or train anew on what is served.")]
        if any(column.drifted for column in record.columns)
        else []
    )  # fmt: skip
    return frame(
        title, look_of(record.columns), record,
        line(rows), *columns, *todo,
        simulated=record.simulated,
    )  # fmt: skip


def importance(record: ImportanceMeasurement, people: People) -> Html:
    """What each input weighs now and before, heaviest first, and whether the order held."""
    del people
    look = importance_look(record)
    how = {
        "logged": "Weights are the mean size of the attributions that the system logs.",
        "permutation": "Weights are how far the model's answers move when one input of a sample "
        "is shuffled.",
    }[record.method]
    order = _ranked(record.features)
    order_held = fact("order as before (rank correlation, 1 is the same)", record.rank_correlation)
    rows = [
        (tag("strong", f.name), words.number(f.reference), words.number(f.current), place)
        for f, place in order
    ]
    todo = (
        [line(tag("strong", "To do: "), "find why it leans on other inputs; then retrain, go "
              "back, or accept a new baseline.")]
        if look is _MOVED
        else []
    )  # fmt: skip
    return frame(
        f"What the model leans on, monitor {record.monitor}", look, record,
        line(how), table(("", "value", "rests on"), [order_held]),
        table(("input", "before", "now", "place"), rows), *todo,
        simulated=record.simulated,
    )  # fmt: skip


def importance_look(record: ImportanceMeasurement) -> Look:
    """Whether the order of the inputs by weight held."""
    rank = record.rank_correlation.value
    if rank is None:
        return UNKNOWN
    return _MOVED if rank < _FLOOR else _SAME


def _ranked(features: Sequence[FeatureImportance]) -> list[tuple[FeatureImportance, str]]:
    """The features, heaviest now first, each with its place before and now."""
    before = [f.name for f in sorted(features, key=lambda f: (-f.reference, f.name))]
    now = sorted(features, key=lambda f: (-f.current, f.name))
    return [
        (f, f"{before.index(f.name) + 1} → {place}" if before.index(f.name) + 1 != place else
         str(place))
        for place, f in enumerate(now, start=1)
    ]  # fmt: skip


def look_of(columns: Sequence[ColumnDrift]) -> Look:
    """The state of several columns: the worst; unknown where none of them says anything."""
    looks = [column_look(column) for column in columns]
    worst = next((look for look in (DRIFTED, HIDDEN, ONCE) if look in looks), None)
    if worst is not None:
        return worst
    return Look("✓", "within limits", words.GREEN, "good") if WITHIN in looks else UNKNOWN


def calibration(*, calibrated: bool, blocks: int, factor: float) -> str:
    """What the limits rest on, in a sentence."""
    if not calibrated:
        return (
            f"Uncalibrated: {words.plural(blocks, 'whole block')} of the reference, of which it "
            "needs eight; fixed floors decide."
        )
    return (
        f"Limits: as far as {words.plural(blocks, 'block')} of the reference lie apart, times "
        f"{factor:g}, and never below the floor."
    )


def drift_table(columns: Sequence[ColumnDrift]) -> list[Html]:
    """The columns against their limits, those beyond it first, and what the distances are."""
    if not columns:
        return [line("No column was compared.")]
    order = (DRIFTED, HIDDEN, ONCE)
    ordered = sorted(columns, key=lambda c: (
        next((place for place, look in enumerate(order) if column_look(c) is look), len(order)),
        -(c.effect.value or 0.0),
    ))  # fmt: skip
    rows = [
        (
            chip(column_look(c)), tag("strong", c.name), words.brief(c.effect),
            "" if c.before is None else words.held(words.value(c.before)),
            words.number(c.limit), c.reason,
        )
        for c in ordered
    ]  # fmt: skip
    far = with_level("how far it moved", ordered[0].effect)
    head = ("", "column", far, "before", "limit", "why")
    return [line(quiet(_distances(columns))), table(head, rows)]


def column_look(column: ColumnDrift) -> Look:
    """How one column stands against its limit."""
    if column.drifted:
        return DRIFTED
    if column.hidden:
        return HIDDEN
    if column.effect.value is None:
        return UNKNOWN
    return ONCE if column.effect.value > column.limit else WITHIN


def _moved_of(columns: Sequence[ColumnDrift]) -> str:
    moved = sum(column.drifted for column in columns)
    return f"{moved} of {words.plural(len(columns), 'column')}"


def _distances(columns: Sequence[ColumnDrift]) -> str:
    """What the distances of these columns are, each in words."""
    used = {column.effect.unit for column in columns}
    known = [said for unit, said in _DISTANCES.items() if unit in used]
    return f"Here {'; '.join(known)}." if known else ""


def _next(columns: Sequence[ColumnDrift]) -> list[Html]:
    if not any(column.drifted for column in columns):
        return []
    return [
        line(tag("strong", "To do: "), "follow the monitor's playbook: find what changed "
             "upstream; then retrain, go back, or accept a new baseline.")
    ]  # fmt: skip
