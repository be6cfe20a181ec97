"""Whether a measurement tells of the version that serves: how much of its window that served."""

import math
from datetime import datetime, timedelta
from typing import TypeVar

from ops_model.check.context import Context
from ops_model.check.outcome import Outcome, unknown
from ops_model.check.recorded import Recorded
from ops_model.check.remedies import called, measure_importances
from ops_model.check.wording import old_as
from ops_model.domain.detection import ImportanceMeasurement
from ops_model.domain.evidence import Measurement
from ops_model.domain.signals_watched import Monitor
from ops_model.domain.values import Where

M = TypeVar("M", bound=Measurement)

LEAST_SERVED_SHARE = 0.5
"""How much of the counted time the version in production has to have served, at least.

Of less, most rows are those of another version: it would be praised, or blamed, for the other.
"""


def not_of_this_version(
    ctx: Context,
    found: Recorded[M],
    *,
    subject: str,
    claim: Where,
    remedy: str,
    rows_by_label: bool = False,
    last_days: int | None = None,
) -> Outcome | None:
    """The answer where a measurement tells of another version than serves; None where it does not.

    What was counted before people were served at all is no other version's.

    Args:
        ctx: the check's context.
        found: the measurement.
        subject: what it is about, such as `rule no-comfort-in-fog`.
        claim: the claim that it would show.
        remedy: what makes a new one.
        rows_by_label: True where only rows with the label of the version in production were
            counted. A label stays when its model is exchanged, so that the window still has to
            reach into its time.
        last_days: how many of the last days of its window have to be the version's, where it
            counts more of them than tell of now; all of them, unless told.
    """
    version, record = ctx.system.identity.version, found.record
    since, window = version.in_production_since, record.window
    name, day = called(version.label), record.as_of.date()
    if since is None:
        if rows_by_label or not ctx.system.identity.in_production_at(ctx.as_of):
            return None
        return unknown(
            "missing",
            f"{subject}: nobody wrote since when {name} serves, so its measurement of {day} may "
            "be of what was served before",
            looked_at=[version.where, claim, found.where],
            remedy="the owner writes `version.in_production_since` in system.yaml",
        )
    end = window.end if window is not None else record.as_of
    begin = _begin(ctx, window.start if window is not None else end, end, last_days)
    if end <= since:
        why = (
            f"its measurement of {day} is of what was served before {name}, which serves since "
            f"{since.date()}"
        )
    elif rows_by_label or end - since >= LEAST_SERVED_SHARE * (end - begin):
        return None
    else:
        share = math.floor(1000 * ((end - since) / (end - begin))) / 10
        why = (
            f"of the last {old_as(end - begin)} that its measurement of {day} counts, {name} "
            f"served {old_as(end - since)} ({share:g} %), since {since.date()}; expected at least "
            "half"
        )
    return unknown(
        "expired",
        f"{subject}: {why}",
        looked_at=[claim, found.where],
        remedy=_once_served(ctx, name, since, LEAST_SERVED_SHARE * (end - begin), remedy),
    )


def _begin(ctx: Context, start: datetime, end: datetime, last_days: int | None) -> datetime:
    """From when on what was counted until `end` may be another version's."""
    if last_days is not None:
        start = max(start, end - timedelta(days=last_days))
    live = ctx.system.identity.went_live_at
    return start if live is None else min(max(start, live), end)


def _once_served(ctx: Context, name: str, since: datetime, needed: timedelta, remedy: str) -> str:
    """The remedy, and when it helps: a version that has just begun is measured by the other's."""
    if ctx.as_of - since >= needed:
        return remedy
    return f"once {name} has served for {old_as(needed)}, {remedy}"


def of_another_model(
    ctx: Context, found: Recorded[ImportanceMeasurement], monitor: Monitor
) -> Outcome | None:
    """The answer where a model file was asked that is not the one that serves; None where it was.

    The record identifies every file that was read. Attributions that the system logged itself are
    of whatever served.
    """
    version, record = ctx.system.identity.version, found.record
    name, digest = called(version.label), version.model_digest
    if record.method == "logged" or digest in {read.digest for read in record.inputs}:
        return None
    if digest is None:
        return unknown(
            "missing",
            f"monitor {monitor.id}: nobody wrote the model_digest of {name}, so whether its file "
            f"was asked on {record.as_of.date()} is not known",
            looked_at=[version.where, monitor.where, found.where],
            remedy="the owner writes `version.model_digest` in system.yaml, the SHA-256 of the "
            "model file that serves",
        )
    again = measure_importances(ctx.system, monitor)
    if monitor.model is not None and monitor.model.digest != digest:
        again = (
            "the reliability owner writes the model file that serves, and its digest, under "
            f"`model` of monitor {monitor.id} in signals.yaml; then {again}"
        )
    return unknown(
        "expired",
        f"monitor {monitor.id}: the model file that was asked on {record.as_of.date()} is not "
        f"that of {name} (`version.model_digest` in system.yaml)",
        looked_at=[version.place_of("model_digest"), monitor.where, found.where],
        remedy=again,
    )
