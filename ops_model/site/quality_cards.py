"""The cards of quality: what fell, since when, how sure, what would go unseen, and from where.

A critical segment stands before the headline, since an average hides it.
"""

from collections.abc import Sequence

from ops_model.domain.detection import (
    ChangeDecomposition,
    QualityMeasurement,
    RowsApart,
    SegmentEffect,
    SegmentQuality,
)
from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import (
    chip,
    fact,
    frame,
    line,
    picture,
    quiet,
    sentences,
    table,
    with_level,
)
from ops_model.site.trends import sparkline_svg, trend
from ops_model.site.words import Look, points, signed

ALARM = Look("✖", "alarm", words.RED, "bad")
NO_ALARM = Look("✓", "no alarm", words.GREEN, "good")
BELOW = Look("✖", "below its floor", words.RED, "bad")
NOT_SURE = Look("?", "may lie below its floor", words.RED, "bad")
ABOVE = Look("✓", "above its floor", words.GREEN, "good")
CHANGED = Look("✖", "changed", words.RED, "bad")
UNCHANGED = Look("✓", "did not change", words.GREEN, "good")
NOT_KNOWN = Look("?", "not known", words.AMBER, "warn")
SPLIT = Look("●", "taken apart", words.GREY, "quiet")
_MOST = 8


def quality(record: QualityMeasurement, people: People) -> Html:
    """The worst critical segment; baseline, current window and change; the alarm; the segments."""
    del people
    title = f"Quality, monitor {record.monitor}: {record.metric}"
    body = quality_body(record)
    return frame(title, quality_look(record), record, *body, simulated=record.simulated)


def quality_body(record: QualityMeasurement) -> list[Html]:
    """What the card says, without its frame."""
    shares = (
        f"{record.windows_with_min_n_share * 100:.0f} % of windows hold enough rows; "
        f"{record.labelled_share * 100:.0f} % of rows have a label"
    )
    rows = [
        fact("baseline", record.baseline),
        fact("current window", record.current),
        fact("change", record.change, unit=signed(record.change.unit)),
        fact("smallest drop it would see", record.min_detectable_drop,
             unit=points(record.min_detectable_drop.unit)),
        *([fact(_fall_to_see(record), record.days_to_see)] if record.days_to_see else []),
        *([fact("decisions served since the onset", record.exposed_since_onset)]
          if record.exposed_since_onset else []),
        ("rows per window", tag("strong", words.number(record.rows_per_window)), quiet(shares)),
    ]  # fmt: skip
    return [
        *_critical(record),
        line(alarm_told(record)),
        _course(record),
        table(("", "value", "rests on"), rows),
        *[line(quiet(text)) for text in apart_told(record.apart)],
        *_segments(record),
    ]


def quality_look(record: QualityMeasurement) -> Look:
    """The state: an alarm, else that of the worst critical segment."""
    if record.alarm_at is not None:
        return ALARM
    worst = next((s for s in record.segments if s.floor is not None), None)
    if worst is not None and held(worst, record.better) is not ABOVE:
        return held(worst, record.better)
    return NO_ALARM


def _fall_to_see(record: QualityMeasurement) -> str:
    """`days until a fall of 2.0 points is seen`."""
    if record.drop is None:
        return "days until a fall is seen"
    size = words.amount(record.drop, points(record.baseline.unit))
    return f"days of labels until a fall of {size} is seen"


def held(segment: SegmentQuality, better: str) -> Look:
    """Whether a critical segment lies above its floor, below it, or nobody can tell."""
    value, low, floor = segment.quality.value, segment.quality.low, segment.floor
    if floor is None or value is None or better == "lower":
        return NOT_SURE
    if value < floor:
        return BELOW
    return ABOVE if low is not None and low >= floor else NOT_SURE


def _critical(record: QualityMeasurement) -> list[Html]:
    """The critical segment that lies lowest against its floor, before everything else."""
    worst = next((s for s in record.segments if s.floor is not None), None)
    if worst is None or worst.floor is None:
        return []
    floor = words.amount(worst.floor, worst.quality.unit)
    return [
        line(
            chip(held(worst, record.better)), " The critical segment ",
            tag("strong", f"{worst.column} = {worst.value}"),
            f": {words.full(worst.quality)}, floor {floor}.",
        )
    ]  # fmt: skip


def alarm_told(record: QualityMeasurement) -> str:
    """Whether quality fell, since when, and how often such an alarm is false."""
    rate = record.false_alarms_per_year
    expected = f" ({words.number(rate)} false alarms a year by design)" if rate is not None else ""
    if record.alarm_at is None:
        return f"No alarm in {words.plural(len(record.days), 'day')}{expected}."
    onset = f", onset about {words.day(record.onset_estimate)}" if record.onset_estimate else ""
    return f"Quality fell: alarm on {words.day(record.alarm_at)}{onset}{expected}."


def apart_told(apart: RowsApart) -> list[str]:
    """What was counted apart, a sentence each; nothing where nothing was."""
    told = (
        (apart.labels_early, "label", "from before the row to be judged, which judge nothing"),
        (apart.labels_repeated, "label", "of rows beyond the last label of each, which counts"),
        (apart.served_repeated, "served row", "of keys that were served before; each counts"),
        (
            apart.not_numbers,
            "score",
            "that are no number, infinite or too large to add up, which count nowhere",
        ),
    )
    return [
        f"Counted apart: {words.plural(rows, what)} {why}." for rows, what, why in told if rows
    ]


def _course(record: QualityMeasurement) -> Html:
    values, label = trend(record)
    return picture(sparkline_svg(values, label), label)


def _segments(record: QualityMeasurement) -> list[Html]:
    segments = record.segments
    if not segments:
        return []
    turned = -1.0 if record.better == "lower" else 1.0
    worst = sorted(segments, key=lambda s: turned * _rise(s))[:_MOST]
    rows = [
        (f"{s.column} = {s.value}", words.brief(s.quality), words.brief(s.baseline)) for s in worst
    ]
    title = line(tag("strong", f"Segments, largest fall first ({len(worst)} of {len(segments)})"))
    now, before = (with_level(name, worst[0].quality) for name in ("now", "baseline"))
    return [title, table(("segment", now, before), rows)]


def _rise(segment: SegmentQuality) -> float:
    if segment.quality.value is None or segment.baseline.value is None:
        return 0.0
    return segment.quality.value - segment.baseline.value


def change(record: ChangeDecomposition, people: People) -> Html:
    """What each column's segments add to the change, largest first; then the causes."""
    del people
    title = f"Where quality changed, monitor {record.monitor}: {record.metric}"
    return frame(title, SPLIT, record, *change_body(record), simulated=record.simulated)


def change_body(record: ChangeDecomposition) -> list[Html]:
    """What the card says, without its frame."""
    unit = signed(record.change.unit)
    columns = dict.fromkeys(s.column for s in record.segments)
    causes = [
        (chip(_told(c.changed)), tag("strong", c.branch.replace("_", " ")), c.why)
        for c in record.causes
    ]
    tree = [line(tag("strong", "What may lie behind it")), table((), causes)] if causes else []
    return [
        line(f"Quality changed by {words.full(record.change, unit=unit)}; below 0 is worse."),
        *[part for column in columns for part in _column(record, column, unit)],
        *tree,
        line(quiet(
            "More or fewer of a case is a question for whoever brings them; the same cases "
            "answered worse is one for the model, its data or its prompt."
        )),
    ]  # fmt: skip


def _told(changed: bool | None) -> Look:  # noqa: FBT001 - the one thing that it is about
    if changed is None:
        return NOT_KNOWN
    return CHANGED if changed else UNCHANGED


def _column(record: ChangeDecomposition, column: str, unit: str) -> list[Html]:
    """One column: its segments that add most, and what it leaves."""
    own = sorted(
        (s for s in record.segments if s.column == column),
        key=lambda s: (-_size(s), s.value),
    )
    rows = [
        (s.value, words.brief(s.mix, unit=unit), words.brief(s.quality, unit=unit))
        for s in own[:_MOST]
    ]
    rest = next((r.rest for r in record.rests if r.column == column), record.rest)
    known = own[0].quality if own else rest
    head = (
        column,
        *(with_level(name, known) for name in ("more or fewer of them", "their own quality")),
    )
    said = _shown(own, rest, unit) or ["every value has rows enough"]
    return [*sentences(f"By {column}", said), table(head, rows)]


def _shown(own: Sequence[SegmentEffect], rest: Measured, unit: str) -> list[str]:
    few = f"values of too few rows add {words.full(rest, unit=unit)}"
    said = [few] if rest.n or rest.value else []
    if len(own) > _MOST:
        said.append(f"the {_MOST} that add most of {len(own)} are shown")
    return said


def _size(segment: SegmentEffect) -> float:
    return abs(segment.mix.value or 0.0) + abs(segment.quality.value or 0.0)
