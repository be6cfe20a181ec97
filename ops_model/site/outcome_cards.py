"""The cards of the business outcome, and of what quality has to do with it."""

from ops_model.domain.detection import OutcomeMeasurement, QualityOutcomeLink
from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, fact, frame, line, picture, quiet, table
from ops_model.site.trends import sparkline_svg
from ops_model.site.words import AMBER, GREEN, RED, Look

_BETTER = Look("✓", "moves as wanted", GREEN, "good")
_WORSE = Look("✖", "moves the wrong way", RED, "bad")
_OPEN = Look("?", "not shown to move", RED, "bad")
_TOGETHER = Look("✓", "go together", GREEN, "good")
_AGAINST = Look("✖", "go against each other", RED, "bad")
_NOT_SHOWN = Look("?", "not shown to go together", AMBER, "warn")


def outcome(record: OutcomeMeasurement, people: People) -> Html:
    """The outcome now, its baseline, and how far it moved in the wanted sense."""
    del people
    look = outcome_look(record)
    rows: list[Row] = [
        fact("baseline", record.baseline),
        fact("current window", record.current),
        fact("moved, in the wanted sense", record.change, unit=words.signed(record.change.unit)),
    ]
    if record.target is not None:
        target = words.amount(record.target, record.current.unit)
        rows.append(("target", tag("strong", target), quiet(f"wanted {record.direction}")))
    days = record.window
    counted = (
        f"Counted from {words.day(days.start)} to {words.day(days.end)}, the last not included: "
        "of later days it is not known yet. "
        if days
        else ""
    )
    odd = record.apart.not_numbers
    left = f" {words.plural(odd, 'row')} held no finite number, and count nowhere." if odd else ""
    return frame(
        f"Outcome {record.outcome}", look, record,
        line(_OUTCOMES[look]),
        table(("", "value", "rests on"), rows),
        line(quiet(f"{counted}Days are the unit of the intervals.{left}")),
        simulated=record.simulated,
    )  # fmt: skip


def outcome_look(record: OutcomeMeasurement) -> Look:
    """Whether it moves as wanted, the wrong way, or nobody can tell."""
    return _side(record.change, _BETTER, _WORSE, _OPEN)


def link(record: QualityOutcomeLink, people: People) -> Html:
    """How strongly quality and the outcome move together, and on how much that rests."""
    del people
    look = link_look(record)
    rows: list[Row] = [fact("correlation", record.correlation)]
    if record.effective_periods is not None:
        worth = tag("strong", words.number(record.effective_periods))
        rows.append(("periods that tell something new", worth, quiet(_NEIGHBOURS)))
    left = words.plural(record.periods_left_out, "period")
    apart = f" {left} had too few rows, and count nowhere." if record.periods_left_out else ""
    return frame(
        f"Quality of monitor {record.monitor} and outcome {record.outcome}", look, record,
        line(_LINKS[look]),
        table(("", "value", "rests on"), rows),
        _course("quality", [p.quality for p in record.periods]),
        _course("outcome", [p.outcome for p in record.periods]),
        line(quiet(
            f"Periods of {words.plural(record.period_days, 'day')}; what moves together need not "
            f"be cause and effect.{apart}"
        )),
        simulated=record.simulated,
    )  # fmt: skip


def link_look(record: QualityOutcomeLink) -> Look:
    """Whether quality and the outcome go together, in the wanted sense."""
    wanted = record.correlation if record.direction == "up" else _mirrored(record.correlation)
    return _side(wanted, _TOGETHER, _AGAINST, _NOT_SHOWN)


def _side(measured: Measured, above: Look, below: Look, between: Look) -> Look:
    """Which side of 0 all of the interval lies on."""
    if measured.low is None or measured.high is None:
        return between
    if measured.low > 0:
        return above
    return below if measured.high < 0 else between


def _mirrored(measured: Measured) -> Measured:
    low, high = measured.low, measured.high
    turned = {
        "low": None if high is None else -high, "high": None if low is None else -low,
    }  # fmt: skip
    return measured.model_copy(update=turned)


def _course(name: str, values: list[float]) -> Html:
    label = f"{name}, period by period"
    drawn = picture(sparkline_svg(values, label), label)
    return line(drawn, " ", quiet(label)) if drawn else drawn


_NEIGHBOURS = "neighbouring periods resemble one another (Fisher's interval with fewer of them)"
_OUTCOMES = {
    _BETTER: "It moved towards what was wanted of the system.",
    _WORSE: "It moved away from what was wanted: the owner asks why, in the next review.",
    _OPEN: "Whether it moves cannot be told from these days: wait for more of them, or ask in the "
    "review whether the system helps at all.",
}
_LINKS = {
    _TOGETHER: "When quality rises, so does what was wanted: the metric measures the right thing.",
    _AGAINST: "What was wanted gets worse as quality rises: choose a metric that it depends on.",
    _NOT_SHOWN: "That quality has to do with what was wanted is not shown: a fall of this metric "
    "may cost nothing, and what costs may not show in it. Compare more periods, or choose a "
    "metric that the outcome depends on.",
}
