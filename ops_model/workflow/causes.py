"""The cause tree of a fall: data source, provider, prompt, each by what is on record or is read.

A branch of which nothing is known says so; silence would read as "did not change".
"""

from datetime import datetime, timedelta
from typing import Protocol

from ops_model.check.recorded import Evidence
from ops_model.domain.detection import CauseBranch, DriftMeasurement
from ops_model.domain.detection_served import FreshnessMeasurement, ProviderIdentity
from ops_model.errors import WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.declared import Opened
from ops_model.workflow.judged_logs import Judging

RECENT = timedelta(days=8)
"""How old a record may be that speaks of the window under watch."""
_MOST_NAMES = 3


class Evident(Opened, Protocol):
    """One system at one instant, with what had been shown by then."""

    @property
    def evidence(self) -> Evidence:
        """What is on record by the instant that judges."""


def causes(book: Evident, judging: Judging) -> tuple[CauseBranch, ...]:
    """What may lie behind a change of a monitor: each branch changed, did not, or is not known."""
    return _data_source(book), _provider(book), _prompt(book, judging)


def _data_source(book: Evident) -> CauseBranch:
    """Whether inputs moved, or a feed stood still."""
    stale = _stale_feeds(book)
    drift = _drift(book)
    if isinstance(drift, str):
        known = stale or drift
        return CauseBranch(branch="data_source", changed=True if stale else None, why=known)
    moved = [column.name for column in drift.drifted]
    if moved:
        many = f"{len(moved)} of {len(drift.columns)} columns moved"
        why = f"{many}, by monitor {drift.monitor}: {_listed(moved)}"
        return CauseBranch(branch="data_source", changed=True, why=_both(why, stale))
    if stale:
        return CauseBranch(branch="data_source", changed=True, why=stale)
    untold = [column.name for column in drift.columns if column.effect.value is None]
    if untold or not drift.columns:
        why = f"monitor {drift.monitor} held too few rows to say whether {_listed(untold)} moved"
        return CauseBranch(branch="data_source", changed=None, why=why)
    why = f"none of {len(drift.columns)} columns moved, by monitor {drift.monitor}"
    return CauseBranch(branch="data_source", changed=False, why=why)


def _drift(book: Evident) -> DriftMeasurement | str:
    """The drift of the inputs: on record for these days, else measured now, else why neither."""
    signals = book.system.signals
    if signals is None or not signals.of("input_distribution"):
        return "no monitor watches input_distribution, so nobody knows whether inputs moved"
    found = book.evidence.latest(
        DriftMeasurement,
        matching=lambda r: r.signal == "input_distribution" and _recent(book, r.as_of),
    )
    if found is not None:
        return found.record
    from ops_model.workflow.measure_drift import drift_of

    try:
        return drift_of(book, "input_distribution")
    except WarehouseError as error:
        return f"drift of the inputs could not be measured: {error.problems[0].message}"


def _stale_feeds(book: Evident) -> str:
    """Feeds whose newest row, or longest gap, is older than they may be; empty when none is."""
    signals = book.system.signals
    late = [
        feed.id
        for feed in (signals.feeds if signals is not None else ())
        if (age := _oldest(book, feed.id)) is not None and age > feed.freshness_max_minutes
    ]
    return f"the data of {_listed(late)} was older than it may be" if late else ""


def _oldest(book: Evident, feed: str) -> float | None:
    found = book.evidence.latest(
        FreshnessMeasurement, matching=lambda r: r.feed == feed and _recent(book, r.as_of)
    )
    if found is None:
        return None
    known = (found.record.newest_age.value, found.record.longest_gap.value)
    return max((value for value in known if value is not None), default=None)


def _provider(book: Evident) -> CauseBranch:
    """Whether the model behind a provider is still the one that was agreed."""
    found: dict[str, ProviderIdentity] = {}
    for one in book.evidence.all(ProviderIdentity, matching=lambda r: _recent(book, r.as_of)):
        found[one.record.dependency] = one.record
    if not found:
        if book.system.signals is None or not book.system.signals.canaries:
            why = "nobody is asked each day: signals.yaml declares no canaries"
            return CauseBranch(branch="provider", changed=None, why=why)
        from ops_model.workflow.measure_provider import provider_identity_of

        try:
            found = {one.dependency: one for one in provider_identity_of(book)}
        except WarehouseError as error:
            why = f"provider identity could not be measured: {error.problems[0].message}"
            return CauseBranch(branch="provider", changed=None, why=why)
    changed = [name for name, record in found.items() if record.changed]
    if changed:
        why = f"{_listed(changed)} answers otherwise than agreed, by its canaries or its own name"
        return CauseBranch(branch="provider", changed=True, why=why)
    untold = [name for name, one in found.items() if one.canaries and one.alarm_above is None]
    if untold:
        why = f"too few fixed questions were answered by {_listed(untold)} to tell"
        return CauseBranch(branch="provider", changed=None, why=why)
    why = f"{_listed(list(found))} answers as agreed, by its canaries and its own name"
    return CauseBranch(branch="provider", changed=False, why=why)


def _prompt(book: Evident, judging: Judging) -> CauseBranch:
    """Whether another version serves in the window than in the baseline, prompt included."""
    version = judging.log.version
    if version is None:
        why = f"log {judging.log.id} does not say which version (model and prompt) served a row"
        return CauseBranch(branch="prompt", changed=None, why=why)
    from ops_model.analysis.versions import count_versions
    from ops_model.store.warehouse import LogRequest, open_logs, readable_logs

    request = LogRequest(
        judging.log.address, {version: "scalar"}, timestamp=judging.log.timestamp,
        before=book.as_of, warehouse=declared.warehouse_of(book, judging.log),
    )  # fmt: skip
    try:
        table = open_logs(book.root, {"served": request})["served"]
        with readable_logs(judging.log.address):
            before, now = count_versions(
                table, version, timestamp=judging.log.timestamp,
                baseline=judging.plan.baseline_days, window=judging.plan.window,
            )  # fmt: skip
    except WarehouseError as error:
        why = f"the versions that served could not be read: {error.problems[0].message}"
        return CauseBranch(branch="prompt", changed=None, why=why)
    new = {name: rows for name, rows in now.items() if name not in before}
    if not before or not now:
        why = "no row that names its version was served in the baseline, or in the window"
        return CauseBranch(branch="prompt", changed=None, why=why)
    if new:
        told = [f"{name} ({rows:,} of {sum(now.values()):,} rows)" for name, rows in new.items()]
        why = f"the window was served by {_listed(told)}, the baseline by {_listed(list(before))}"
        return CauseBranch(branch="prompt", changed=True, why=why)
    why = f"baseline and window were served by {_listed(list(now))}"
    return CauseBranch(branch="prompt", changed=False, why=why)


def _recent(book: Evident, at: datetime) -> bool:
    return book.as_of - RECENT <= at <= book.as_of


def _both(one: str, other: str) -> str:
    return f"{one}; {other}" if other else one


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
