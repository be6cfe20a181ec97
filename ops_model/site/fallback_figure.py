"""A picture of what users got under each fault of a vendor."""

from typing import Any, NamedTuple

from ops_model.domain.evidence import Measured
from ops_model.domain.fallback import FAULT_WORDS, FallbackDrill, FaultResult
from ops_model.site.markup import escape
from ops_model.site.plot import BLUE, ORANGE, PALETTE, RED, axis, cut, drawn, margin, names_axis

_GREEN = PALETTE[2]


class _Got(NamedTuple):
    """Requests of one fault, by what their users got."""

    own: int
    told: int
    untold: int
    nothing: int


def _got(fault: FaultResult) -> _Got:
    asked = fault.requests or 0
    served = _count(fault.served_share, asked)
    degraded = _count(fault.degraded_share, served)
    told = _count(fault.notice_share, degraded)
    return _Got(served - degraded, told, degraded - told, asked - served)


def _count(share: Measured | None, of: int) -> int:
    return round((share.value or 0.0) * of) if share is not None else 0


def faults_figure(record: FallbackDrill) -> dict[str, Any]:
    """Per fault: who answered the requests, with a word or without, and how many got nothing."""
    names = [
        f"{'✖' if fault.problems else '✓'} {escape(cut(_name(fault), 24))}"
        for fault in record.faults
    ]
    got = [_got(fault) for fault in record.faults]
    parts = (
        ("the vendor's own", [g.own for g in got], _GREEN),
        ("by the way on, told", [g.told for g in got], BLUE),
        ("not told", [g.untold for g in got], ORANGE),
        ("no answer", [g.nothing for g in got], RED),
    )
    bars = [
        {
            "type": "bar", "orientation": "h", "name": name, "y": names, "x": counts,
            "marker": {"color": colour},
            "hovertemplate": "%{y}<br>%{x} of the requests: " + name + "<extra></extra>",
        }
        for name, counts, colour in parts if any(counts)
    ]  # fmt: skip
    return drawn(
        bars,
        barmode="stack",
        showlegend=True,
        xaxis=axis("requests", rangemode="tozero"),
        yaxis=names_axis(autorange="reversed"),
        margin=margin(names),
        height=150 + 34 * len(names),
    )


def _name(fault: FaultResult) -> str:
    return FAULT_WORDS.get(fault.fault, fault.fault)


def faults_caption(record: FallbackDrill) -> str:
    """What the picture shows, in one sentence."""
    failed = [_name(fault) for fault in record.faults if fault.problems]
    badly = f"the vendor {', '.join(failed)}" if failed else "none"
    return (
        "What users got while the vendor failed in each way: its own answer, one by the way on "
        f"with a notice or without, or none. Not withstood: {badly}."
    )
