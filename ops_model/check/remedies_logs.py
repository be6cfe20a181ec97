"""How service levels, and what the logs hold, are measured: what has to be declared first."""

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.service_levels import Objective


def measure_level(system: SystemClaims, objective: Objective | None = None) -> str:
    """How an objective is measured: it says by what, and which rows of a log are good."""
    run = f"the reliability owner runs `ops-model run 05_drift_quality {system.id}`"
    levels = system.service_levels
    if objective is None:
        objectives = levels.objectives if levels is not None else ()
        objective = next((o for o in objectives if _unmeasurable(o)), None)
    lacking = _unmeasurable(objective) if objective is not None else ""
    if objective is None or not lacking:
        return run
    return (
        f"the reliability owner writes {lacking} of objective {objective.id} in "
        f"service_levels.yaml first, then {run}"
    )


def _unmeasurable(objective: Objective) -> str:
    """What an objective lacks to be measured, as text; empty when nothing."""
    if objective.monitor is not None or objective.feed is not None:
        return ""
    if objective.log is None:
        by = {"quality": "`monitor`", "freshness": "`feed`"}
        return by.get(objective.indicator, "`log` and `good`")
    return "" if objective.good is not None else "`good`"


def look_into_logs(system: SystemClaims) -> str:
    """How it is counted what the log of what is served holds, and decisions are looked up."""
    run = f"the reliability owner runs `ops-model run 05_drift_quality {system.id}`"
    signals = system.signals
    lacking = []
    if signals is None or signals.served is None:
        lacking.append("a log that holds predictions (`logs`)")
    elif signals.served.key is None:
        lacking.append(f"`key` of log {signals.served.id}")
    if signals is None or signals.log_policy is None or not signals.log_policy.fields:
        lacking.append("`log_policy` with its `fields`")
    if not lacking:
        return run
    return (
        f"the reliability owner writes {' and '.join(lacking)} in signals.yaml first, then {run}"
    )


def measure_feeds(system: SystemClaims) -> str:
    """How it is counted when the data of a feed last arrived: by the newest row of its log."""
    run = f"the reliability owner runs `ops-model run 05_drift_quality {system.id}`"
    feeds = system.signals.feeds if system.signals is not None else ()
    without = [feed.id for feed in feeds if feed.log is None]
    if not feeds or not without:
        return run
    return (
        f"the reliability owner writes `log` of feed {', '.join(without)} in signals.yaml first, "
        f"then {run}"
    )
