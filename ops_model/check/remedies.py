"""How a thing is shown or named: what has to be declared first, and then the command that works.

A remedy that somebody follows to the letter has to end in what it promises, so the parts that
several checks share stand here, beside what each command needs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

from ops_model.check.remedies_cost import (
    measure_bridge,
    measure_ceilings,
    measure_load,
    measure_spend,
    measure_unit_cost,
    try_routes,
)
from ops_model.check.remedies_drills import (
    compare_again,
    observe_env,
    rehearse_swap,
    show_access,
    walk_game_day,
)
from ops_model.check.remedies_logs import look_into_logs, measure_feeds, measure_level
from ops_model.check.remedies_outcome import measure_link, measure_outcome, measure_provider
from ops_model.check.remedies_served import (
    measure_contracts,
    measure_guardrails,
    measure_rules,
)
from ops_model.domain.fallback import FallbackPath
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.rollback_plan import UNWRITTEN
from ops_model.domain.signals import Signals
from ops_model.domain.signals_watched import Monitor


def near(name: str, known: Iterable[str]) -> str:
    """`did you mean answers?` where an id that there is comes close; else an empty text."""
    by_lower = {one.lower(): one for one in known}
    close = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return f"did you mean {by_lower[close[0]]}?" if close else ""


def called(label: str) -> str:
    """A version by its label, or in words where a new file's `unknown` stands still."""
    return "the version in system.yaml" if label == UNWRITTEN else label


def rehearse_rollback(system: SystemClaims, who: str = "the primary on call") -> str:
    """How going back is rehearsed: a drill needs a server to switch."""
    drill = f"{who} runs `ops-model drill rollback {system.id}`"
    plan = system.rollback
    if plan is not None and plan.target is None:
        return f"{plan.author} writes `target` in rollback.yaml first, then {drill}"
    return drill


def rehearse_fallback(
    system: SystemClaims, path: FallbackPath | None = None, who: str = "the primary on call"
) -> str:
    """How an outage is rehearsed on one path, or on any that is planned."""
    paths = system.fallback.paths if system.fallback is not None else ()
    wanted = path.id if path is not None else None
    # Without a name the drill takes the first that it can, this one among them once it can be.
    first = next((p for p in paths if p.rehearsable or p.id == wanted), None)
    chosen = path or first
    by_name = f" --path {wanted}" if wanted and first is not None and first.id != wanted else ""
    drill = f"{who} runs `ops-model drill fallback {system.id}{by_name}`"
    if chosen is not None and chosen.rehearsable:
        return drill
    of = f" of path {chosen.id}" if chosen is not None else " of a path"
    what = f"`target` or `vendor`{of} in fallback.yaml"
    return f"the reliability owner writes {what} first, then {drill}"


def measure_monitor(system: SystemClaims, monitor: Monitor) -> str:
    """How a monitor measures: it compares rows of a log with those of a baseline."""
    run = f"runs `ops-model run 05_drift_quality {system.id}`"
    lacking = _incomparable(system.signals, monitor) if system.signals is not None else []
    if not lacking:
        return f"the reliability owner {run}"
    return (
        f"the reliability owner declares {' and '.join(lacking)} of monitor {monitor.id} in "
        f"signals.yaml, then {run}"
    )


def split_change(system: SystemClaims, monitor: Monitor | None = None) -> str:
    """How a change of quality is taken apart: the monitor names by which columns."""
    signals = system.signals
    watching = () if signals is None else signals.of("output_quality")
    chosen = monitor or next(iter(watching), None)
    if signals is None or chosen is None:
        return _measure_monitors(system)
    if chosen.segments:
        return measure_monitor(system, chosen)
    lacking = [*_incomparable(signals, chosen), "the segments"]
    return (
        f"the reliability owner declares {' and '.join(lacking)} of monitor {chosen.id} in "
        f"signals.yaml, then runs `ops-model run 05_drift_quality {system.id}`"
    )


def _incomparable(signals: Signals, monitor: Monitor) -> list[str]:
    """What a monitor lacks to be measured."""
    needs = {
        "the log": signals.log(monitor.log) is not None,
        "the baseline": signals.baseline(monitor.baseline) is not None,
    }
    if monitor.signal == "output_quality" and monitor.metric == "mean":
        needs["the score"] = monitor.score is not None
    elif monitor.signal == "output_quality":
        needs["the label"] = monitor.label is not None
    elif monitor.signal in {"input_distribution", "confidence"}:
        needs["the columns"] = bool(monitor.columns or monitor.prediction)
    return [what for what, there in needs.items() if not there]


def _measure_monitors(system: SystemClaims) -> str:
    """How the file of the monitors is used: by the first that can be measured, else the first."""
    signals = system.signals
    watching = [] if signals is None else [*signals.of("output_quality"),
                *signals.of("input_distribution")]  # fmt: skip
    if signals is None or not watching:
        return (
            "the reliability owner declares a log, a baseline and a monitor in signals.yaml, "
            f"then runs `ops-model run 05_drift_quality {system.id}`"
        )
    able = [monitor for monitor in watching if not _incomparable(signals, monitor)]
    return measure_monitor(system, (able or watching)[0])


def measure_importances(system: SystemClaims, monitor: Monitor | None = None) -> str:
    """How importances are measured: by logged attributions, or by asking a declared model."""
    run = f"runs `ops-model run 05_drift_quality {system.id}`"
    signals = system.signals
    if monitor is None and signals is not None:
        monitor = next(iter(signals.of("importance")), None)
    if signals is None or monitor is None:
        return (
            "the reliability owner writes a monitor of importance into signals.yaml, with the "
            f"inputs as columns and a baseline, then {run}"
        )
    needs = {
        "the columns": bool(monitor.columns),
        "the baseline": signals.baseline(monitor.baseline) is not None,
        "the log": monitor.attributions is not None or signals.log(monitor.log) is not None,
        "`attributions` (a log of them) or `model` (file, digest and loader)": (
            signals.log(monitor.attributions) is not None or monitor.model is not None
        ),
    }
    lacking = [what for what, there in needs.items() if not there]
    if not lacking:
        return f"the reliability owner {run}"
    return (
        f"the reliability owner declares {' and '.join(lacking)} of monitor {monitor.id} in "
        f"signals.yaml, then {run}"
    )


def measure_skew(system: SystemClaims) -> str:
    """How serving is compared with training: by two logs, and the columns of an input monitor."""
    run = f"runs `ops-model run 05_drift_quality {system.id}`"
    signals = system.signals
    logs = () if signals is None else signals.logs
    watching = () if signals is None else signals.of("input_distribution")
    needs = {
        "a log of what was trained on": any(log.holds == "training" for log in logs),
        "one of what is served": any(log.served for log in logs),
        "a monitor of input_distribution with its columns": any(m.columns for m in watching),
    }
    lacking = [what for what, there in needs.items() if not there]
    if not lacking:
        return f"the reliability owner {run}"
    return f"the reliability owner declares {' and '.join(lacking)} in signals.yaml, then {run}"


def resolve_rota(system: SystemClaims) -> str:
    """How the rota is resolved, together with who may decide."""
    check = f"`ops-model check {system.id}`, which resolves the rota and records it"
    if system.on_call is None:
        return f"the reliability owner writes on_call.yaml first, then runs {check}"
    return f"the owner runs {check}"


def review_incident(system: SystemClaims, incident_id: str | None = None) -> str:
    """How an incident is looked back at: from the logs and the ledger, as it is written now."""
    over = [i for i in system.incidents if i.has_reached("contained")]
    name = incident_id or (over[-1].id if over else "ID")
    return f"the owner runs `ops-model run 09_incident_postmortem {system.id} -p incident={name}`"


def reproduce(system: SystemClaims, run_id: str = "RUN_ID", notebook: str = "NOTEBOOK") -> str:
    """How a sealed run is executed again, from what was sealed with it."""
    return f"the owner runs `ops-model run {notebook} {system.id} --reproduce {run_id}`"


SHOWN_BY: Mapping[str, Callable[[SystemClaims], str]] = {
    "rollback.yaml": rehearse_rollback,
    "fallback.yaml": rehearse_fallback,
    "signals.yaml": _measure_monitors,
    "cost.yaml": measure_spend,
    "on_call.yaml": resolve_rota,
    "decisions.yaml": resolve_rota,
}
"""The claim files that a run, a drill or the tool uses, and how each is used."""
MADE_BY: Mapping[str, Callable[[SystemClaims], str]] = {
    "rollback_drill": rehearse_rollback,
    "fallback_drill": rehearse_fallback,
    "quality": _measure_monitors,
    "change_decomposition": split_change,
    "drift": _measure_monitors,
    "importance": measure_importances,
    "train_serve_skew": measure_skew,
    "spend": measure_spend,
    "cost_bridge": measure_bridge,
    "cost_forecast": measure_ceilings,
    "ceiling_watch": measure_ceilings,
    "ceiling_breaches": measure_ceilings,
    "unit_cost": measure_unit_cost,
    "load": measure_load,
    "route_test": try_routes,
    "service_level": measure_level,
    "capture": look_into_logs,
    "reconstruction": look_into_logs,
    "freshness": measure_feeds,
    "on_call_coverage": resolve_rota,
    "incident_review": review_incident,
    "reproduction": reproduce,
    "rule": measure_rules,
    "contract": measure_contracts,
    "guardrail": measure_guardrails,
    "provider_identity": measure_provider,
    "outcome": measure_outcome,
    "quality_outcome": measure_link,
    "game_day": walk_game_day,
    "access_drill": show_access,
    "environment": observe_env,
    "challenger": compare_again,
    "swap_drill": rehearse_swap,
}
"""The kinds of record, and how another of the kind is made."""

_NOT_YET = "no command of this release records this yet"
_LATER = (
    "no command of this release records these yet; until then an executive may answer for each by "
    "a waiver in policy.yaml, with a compensating control"
)


def waits(remedy: str) -> bool:
    """True of a remedy that nobody could follow yet; whoever ranks gaps puts those last.

    Verdicts of earlier releases hold such remedies, and are shown as they were.
    """
    return _NOT_YET in remedy


def all_made_later() -> str:
    """What stands in the place of several of them at once."""
    return _LATER


def decide(system_id: str, seats: Sequence[str]) -> str:
    """How seats decide; nobody may answer for them instead."""
    reads = f"what `ops-model review {system_id}` shows"
    command = f"`{sign_with_key(system_id, seats[0])}`"
    if len(seats) == 1:
        return f"whoever has the seat of {seats[0]} reads {reads}, and decides with {command}"
    *others, last = seats
    instead = " or ".join(f"`--as {seat}`" for seat in seats[1:])
    return (
        f"the people in the seats of {', '.join(others)} and {last} read {reads}, and each "
        f"decides with {command}, or {instead} there"
    )


def sign_with_key(system_id: str, seat: str, pack: str | None = None) -> str:
    """The command with which a seat decides; without a pack it asks which one was read."""
    named = f" --pack {pack}" if pack is not None else ""
    return (
        f"ops-model sign {system_id} --as {seat} --decision approve --meaning '...'{named} "
        "--key ~/.ssh/id_ed25519"
    )
