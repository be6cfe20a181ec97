"""Whether all seven signals of an AI system are watched, by monitors that are shown to run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    check,
    earliest,
    failed,
    no_file,
    passed,
    unknown,
)
from ops_model.check.telling import (
    last_measured,
    means_nobody,
    told_until,
    why_nobody_is_told,
)
from ops_model.domain.evidence import Measurement
from ops_model.domain.monitors_shown import Lately, can_be_measured
from ops_model.domain.signals import Signals
from ops_model.domain.signals_watched import Monitor, Signal
from ops_model.domain.system import Kind
from ops_model.domain.values import Where

SEVEN: Mapping[str, tuple[Signal, ...]] = {
    "uptime": ("uptime",),
    "latency": ("latency",),
    "errors": ("errors",),
    "output quality": ("output_quality",),
    "drift": ("confidence",),
    "feature distribution": ("input_distribution",),
    "outcome": ("outcome",),
}
"""Three signals that every service needs and four that an AI system needs besides (S4.10)."""


@check(
    "OBS-07",
    question="Are all seven signals watched, with somebody told and a playbook?",
    area="detection",
    source=["S4.10"],
    revision=2,
)
def seven_signals_watched(ctx: Context) -> Outcome:
    """Uptime, latency and errors are green while an AI system answers nonsense.

    A monitor counts while what it measured last is in date by the check that judges its signal; of
    one that never measured nobody knows whether it runs.
    """
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    live = [
        m for m in signals.monitors
        if m.automated and m.playbook and not why_nobody_is_told(ctx, m.alert_route)
    ]  # fmt: skip
    matrix = {
        name: [m for m in live if m.signal in any_of]
        for name, any_of in _seven(ctx.system.identity.kind).items()
    }
    if not all(matrix.values()):
        return _not_watched(ctx, signals, matrix)
    return _shown(ctx, matrix)


def _seven(kind: Kind) -> Mapping[str, tuple[Signal, ...]]:
    if kind == "predictive":
        return SEVEN
    return {**SEVEN, "drift": ("confidence", "provider_identity")}


def _not_watched(
    ctx: Context, signals: Signals, matrix: Mapping[str, Sequence[Monitor]]
) -> Outcome:
    """The answer where no monitor that leads to something watches a signal."""
    unwatched = [name for name, monitors in matrix.items() if not monitors]
    seven = _seven(ctx.system.identity.kind)
    signs = {signal for name in unwatched for signal in seven[name]}
    wanting = [monitor for monitor in signals.monitors if monitor.signal in signs]
    silent = [why for m in wanting if (why := means_nobody(ctx, m.alert_route))]
    return failed(
        f"{len(matrix) - len(unwatched)} of {len(matrix)} signals are watched; no monitor "
        f"with an alert_route and a playbook runs by itself for {', '.join(unwatched)}"
        + "".join(f"; {why}" for why in dict.fromkeys(silent)),
        looked_at=[monitor.where for monitor in wanting] or [signals.place_of("monitors")],
        remedy="the reliability owner gives signals.yaml an automated monitor with a playbook and "
        f"an alert_route to somebody who is there for {', '.join(unwatched)}",
    )


def _shown(ctx: Context, matrix: Mapping[str, Sequence[Monitor]]) -> Outcome:
    """Whether what was measured shows of each signal that a monitor of it runs."""
    looks = {
        name: [_look(ctx, monitor) for monitor in monitors] for name, monitors in matrix.items()
    }
    shown = {name: [look for look in of_it if not look.why] for name, of_it in looks.items()}
    if not all(shown.values()):
        return _not_shown(
            ctx, {n: of_it for n, of_it in looks.items() if not shown[n]}, len(looks)
        )
    said = "; ".join(f"{n}: {', '.join(k.monitor.id for k in ks)}" for n, ks in shown.items())
    counted = [look for of_it in shown.values() for look in of_it]
    # A signal is watched while any of its monitors is.
    ends = [max(look.until for look in of_it if look.until) for of_it in shown.values()]
    return passed(
        said,
        looked_at=list(dict.fromkeys(place for look in counted for place in look.places)),
        valid_until=earliest(*ends),
    )


@dataclass(frozen=True)
class _Look:
    """What was measured last of a monitor, until when it counts, and why it does not."""

    monitor: Monitor
    found: Recorded[Measurement] | None = None
    until: datetime | None = None
    why: str = ""

    @property
    def places(self) -> tuple[Where, ...]:
        """The claim, and the measurement that shows it."""
        return (self.monitor.where, *([self.found.where] if self.found is not None else []))


def _look(ctx: Context, monitor: Monitor) -> _Look:
    lately = Lately(ctx.system, ctx.evidence.told, ctx.as_of, ctx.model.policy)
    found = last_measured(ctx.system, monitor, ctx.evidence)
    why = lately.why_not_by(monitor, [found.record] if found is not None else [])
    if found is None or why:
        return _Look(monitor, found, why=f"monitor {monitor.id} {why}")
    in_date = found.record.as_of + lately.counts_for(monitor)
    return _Look(monitor, found, earliest(in_date, told_until(ctx, monitor.alert_route)))


def _not_shown(ctx: Context, lacking: Mapping[str, Sequence[_Look]], of: int) -> Outcome:
    """The answer where no measurement shows of a signal that a monitor of it runs."""
    never = {n: ls for n, ls in lacking.items() if all(look.found is None for look in ls)}
    looks = [look for of_it in lacking.values() for look in of_it]
    said = [look.why for look in looks if look.found is not None]
    if never:
        each = [f"{n} (monitor {', '.join(k.monitor.id for k in ks)})" for n, ks in never.items()]
        run = "they run" if len(each) > 1 else "it runs"
        said.append(
            f"no measurement is on record of {', '.join(each)}, so whether {run} is not known"
        )
    unseen = [k.monitor.id for ks in never.values() for k in ks
              if not can_be_measured(ctx.system, k.monitor)]  # fmt: skip
    names = (
        f"names what shows {', '.join(unseen)}: an objective of service_levels.yaml with a log, "
        "the log of its outcome; then "
        if unseen else ""
    )  # fmt: skip
    return unknown(
        "missing" if never else "expired",
        f"{of - len(lacking)} of {of} signals are shown to be watched; {'; '.join(said)}",
        looked_at=[place for look in looks for place in look.places],
        remedy=f"the reliability owner {names}runs `ops-model run 05_drift_quality "
        f"{ctx.system.id}`",
    )
