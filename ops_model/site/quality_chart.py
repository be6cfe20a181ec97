"""The control chart of quality as a plain picture, for a page that loads no script."""

from collections.abc import Callable, Sequence

from ops_model.domain.detection import QualityDay, QualityMeasurement
from ops_model.site import words
from ops_model.site.markup import escape

_WIDE, _HIGH, _LEFT, _TOP, _BASE, _FOOT = 900, 320, 70, 12, 230, 300
"""The picture, where its plot begins, ends, and where the bars of rows stand."""
_GREY, _LINE, _BAD = "#777777", "#2a86c4", "#d55e00"


CAPTION = (
    "A dot is a day: orange beyond the control limits (dotted), open while labels may still come. "
    "The dashed line is the baseline; the bars are the rows of each day."
)


def control_chart(record: QualityMeasurement) -> str:
    """Value, limits and rows of each day as SVG text; empty where no day has a value."""
    days = record.days
    seen = [v for d in days for v in (d.quality.value, d.low_limit, d.high_limit) if v is not None]
    if not seen:
        return ""
    low, high = min(seen), max(seen)
    room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    low, high = low - room, high + room
    unit = record.baseline.unit
    if unit == "share":
        low, high = max(low, 0.0), min(high, 1.0)
    step = (_WIDE - _LEFT - 10) / max(len(days), 1)

    def across(position: int) -> float:
        return _LEFT + (position + 0.5) * step

    def up(value: float) -> float:
        return _BASE - (value - low) / (high - low) * (_BASE - _TOP)

    parts = [
        *[_text(_LEFT - 8, up(v) + 4, words.amount(v, unit), "end") for v in (low, high)],
        *[_path([(across(i), up(v)) for i, d in enumerate(days)
                 if (v := getattr(d, name)) is not None]) for name in ("low_limit", "high_limit")],
        *_baseline(record, up),
        *_moments(record, across),
        *[_dot(across(i), up(d.quality.value), d) for i, d in enumerate(days)
          if d.quality.value is not None],
        *_rows(days, across, step),
        _text(_LEFT, _HIGH - 4, words.day(days[0].day), "start"),
        _text(_WIDE - 10, _HIGH - 4, words.day(days[-1].day), "end"),
    ]  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" '
        f'width="{_WIDE}" height="{_HIGH}" font-family="sans-serif" font-size="13">'
        f"{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{_GREY}" text-anchor="{anchor}">{escape(text)}</text>'  # noqa: E501 - one element


def _path(points: Sequence[tuple[float, float]]) -> str:
    """A dotted line; nothing for fewer than two points."""
    if len(points) < 2:
        return ""
    told = "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<path d="M{told}" fill="none" stroke="{_GREY}" stroke-dasharray="2 3"/>'


def _baseline(record: QualityMeasurement, up: Callable[[float], float]) -> list[str]:
    value = record.baseline.value
    if value is None:
        return []
    at = up(value)
    return [
        f'<path d="M{_LEFT},{at:.1f}H{_WIDE - 10}" stroke="#e69f00" stroke-dasharray="8 4"/>',
        _text(_LEFT - 8, at + 4, words.value(record.baseline), "end"),
    ]


def _moments(record: QualityMeasurement, across: Callable[[int], float]) -> list[str]:
    """Onset and alarm as lines through all of it, named above the bars of rows."""
    parts = []
    for at, name, dashes in (
        (record.onset_estimate, "onset", ' stroke-dasharray="2 3"'),
        (record.alarm_at, "alarm", ""),
    ):
        place = next((i for i, d in enumerate(record.days) if d.day == at), None)
        if at is None or place is None:
            continue
        x = across(place)
        parts += [
            f'<path d="M{x:.1f},{_TOP}V{_FOOT}" stroke="{_BAD}"{dashes}/>',
            _text(x + (4 if name == "alarm" else -4), _BASE + 12, f"{name} {words.day(at)}",
                  "start" if name == "alarm" else "end"),
        ]  # fmt: skip
    return parts


def _dot(x: float, y: float, day: QualityDay) -> str:
    """A day; open while labels may still come, of another colour beyond its limits."""
    colour = _BAD if day.beyond else _LINE
    fill = "none" if day.provisional else colour
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4 if day.beyond else 3}" fill="{fill}" stroke="{colour}"/>'  # noqa: E501 - one element


def _rows(days: Sequence[QualityDay], across: Callable[[int], float], step: float) -> list[str]:
    """How many rows each day rests on, and how many the longest bar is."""
    most = max(d.quality.n or 0 for d in days)
    if most == 0:
        return []
    tall = _FOOT - _BASE - 20
    wide = max(step * 0.7, 0.5)
    bars = [
        f'<rect x="{across(i) - wide / 2:.1f}" y="{_FOOT - n / most * tall:.1f}" '
        f'width="{wide:.1f}" height="{n / most * tall:.1f}" fill="{_GREY}"/>'
        for i, d in enumerate(days)
        if (n := d.quality.n or 0)
    ]
    return [*bars, _text(_LEFT - 8, _FOOT - tall + 8, f"n {most:,}", "end")]
