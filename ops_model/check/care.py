"""The ongoing care of a system in production: each kind, when it was done last, when it is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from ops_model.check.context import Context
from ops_model.check.grades import grade_of
from ops_model.check.sign_off import counting
from ops_model.check.wording import aged, counted
from ops_model.domain.assessment import Assessment
from ops_model.domain.detection import DriftMeasurement, QualityMeasurement
from ops_model.domain.detection_served import GuardrailMeasurement
from ops_model.domain.evidence import Grade, Record
from ops_model.domain.system import Care
from ops_model.domain.trials import ChallengerResult
from ops_model.domain.values import Where

CareName = Literal["monitoring", "evaluation", "retraining", "governance"]
CARES: tuple[CareName, ...] = ("monitoring", "evaluation", "retraining", "governance")


@dataclass(frozen=True)
class Kept:
    """One kind of care: how seldom it may be done, when it was done last, and where that stands.

    `since` is the day from which it counts: that of the last time, or else of going live.
    """

    key: CareName
    care: Care | None
    most_days: int
    since: datetime
    done_at: datetime | None
    where: Where | None

    @property
    def due(self) -> datetime:
        """When it is to be done next."""
        days = self.care.every_days if self.care is not None else self.most_days
        return self.since + timedelta(days=days)


def kept(ctx: Context, key: CareName, *, most_days: int, live: datetime) -> Kept:
    """How one kind of care stands; `most_days` is how seldom it may be done at most."""
    done_at, where = max(_done(ctx, key), key=lambda done: done[0], default=(None, None))
    care: Care | None = getattr(ctx.system.identity.care, key)
    return Kept(key, care, most_days, done_at or live, done_at, where)


def care_owed(ctx: Context, key: CareName) -> bool:
    """What is prompted and not trained is trained again only where somebody plans it."""
    trained = ctx.system.identity.kind == "predictive"
    return key != "retraining" or trained or ctx.system.identity.care.retraining is not None


def why_overdue(ctx: Context, kind: Kept) -> str:
    """Why a kind of care is not as it should be; empty when it is."""
    care = kind.care
    if care is None:
        return "nobody plans it"
    if care.every_days > kind.most_days:
        return f"planned every {care.every_days} days; expected every {kind.most_days} at most"
    if why := ctx.why_nobody(care.owner):
        return why
    if ctx.as_of <= kind.due:
        return ""
    late = aged(ctx.as_of - kind.due, timedelta(days=1))
    last = f"last done on {kind.done_at.date()}" if kind.done_at else "never done"
    due_each = counted(care.every_days, "day")
    return f"{care.owner} is {late} days late ({last}, due each {due_each})"


_SHOWN_BY: dict[CareName, tuple[type[Record], ...]] = {
    "monitoring": (DriftMeasurement, QualityMeasurement),
    "evaluation": (QualityMeasurement, ChallengerResult, GuardrailMeasurement),
    # To have tried a challenger is to have looked, not to have trained.
    "retraining": (),
    "governance": (Assessment,),
}


def _done(ctx: Context, key: CareName) -> Iterator[tuple[datetime, Where]]:
    """Each time at which a kind of care was done, with its place."""
    for kind in _SHOWN_BY[key]:
        for found in ctx.evidence.all(kind):
            # Whoever may write the notebook may write that it was done.
            if grade_of(found.statement, ctx.evidence) > Grade.DECLARED:
                yield found.record.as_of, found.where
    if key == "governance":
        # A decision that nobody signed is no care.
        yield from ((word.record.as_of, word.where) for word in counting(ctx))
    if key == "retraining":
        yield from _trained(ctx)


def _trained(ctx: Context) -> Iterator[tuple[datetime, Where]]:
    """When a version came into service, or somebody decided on a new one."""
    version, change = ctx.system.identity.version, ctx.system.change
    since = version.in_production_since
    if since is not None and since <= ctx.as_of:
        yield since, version.where
    for candidate in change.candidates if change is not None else ():
        day = candidate.decided_on
        if candidate.decision is not None and day is not None and day <= ctx.today:
            yield datetime.combine(day, time(), tzinfo=UTC), candidate.where
