"""What a record says, in half a sentence: for tables, where its card would be too much."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from ops_model.domain.assessment import Assessment
from ops_model.domain.detection import DriftMeasurement, QualityMeasurement
from ops_model.domain.evidence import Record
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.transition import TransitionStatus
from ops_model.site import named, words
from ops_model.site.fallback_cards import several_faults, withstood
from ops_model.site.told_more import TELL_MORE


def told(record: Record) -> str:
    """The result in a few words; the name of the kind where there is no result to tell."""
    tell = _TELL.get(type(record))
    return tell(record) if tell else named.KINDS.get(record.kind, record.kind)


def _assessment(record: Assessment) -> str:
    gaps = words.plural(len(record.blocking), "check stands", "checks stand")
    return f"{record.verdict}, {gaps} in the way"


def _coverage(record: CoverageMeasurement) -> str:
    holes = words.plural(len(record.holes), "hole")
    return f"On-call coverage of {words.plural(record.days, 'day')}: {holes}"


def _rollback(record: RollbackDrill) -> str:
    took = words.value(record.seconds)
    return f"Rollback drill {_word(record)}: {record.to_version} healthy after {took}"


def _fallback(record: FallbackDrill) -> str:
    took = words.value(record.seconds)
    stood = f", {withstood(record)}" if several_faults(record) else ""
    return f"Fallback drill {_word(record)}: path {record.path} answered after {took}{stood}"


def _word(record: RollbackDrill | FallbackDrill) -> str:
    return "passed" if record.passed else "failed"


def _quality(record: QualityMeasurement) -> str:
    alarm = f"alarm raised on {words.day(record.alarm_at)}" if record.alarm_at else "no alarm"
    name, before = record.metric[:1].upper() + record.metric[1:], words.value(record.baseline)
    return f"{name} {_now(record)} against a baseline of {before}, {alarm}"


def _now(record: QualityMeasurement) -> str:
    """`65.7 % (n 25,115, 60.4 to 71.1 %, the 28 days to 20 Jul 2013)`."""
    rests_on = words.rests_on(record.current)
    if record.window is None:
        return f"{words.value(record.current)} ({rests_on})"
    days = words.plural((record.window.end - record.window.start).days, "day")
    last = words.day((record.window.end - timedelta(microseconds=1)).date())
    return f"{words.value(record.current)} ({rests_on}, the {days} to {last})"


def _drift(record: DriftMeasurement) -> str:
    moved = len(record.drifted)
    columns = words.plural(len(record.columns), "column")
    name = record.signal.replace("_", " ")
    hidden = sum(column.hidden and not column.drifted for column in record.columns)
    open_ones = f", of {hidden} nobody can tell" if hidden else ""
    return f"Drift of {name}: {moved} of {columns} beyond the limit{open_ones}"


def _spend(record: SpendMeasurement) -> str:
    last = f"{words.value(record.last_full_day)} on the last full day"
    over = f"{words.plural(record.days_over_ceiling, 'day')} over the ceiling"
    return f"Spend: {words.value(record.today)} today so far, {last}, {over}"


def _transition(record: TransitionStatus) -> str:
    own = sum(duty.phase == "own_led" for duty in record.duties)
    duties = words.plural(len(record.duties), "duty", "duties")
    return f"Transition: {own} of {duties} led by our own people"


_TELL: Mapping[type[Record], Callable[..., str]] = {
    Assessment: _assessment,
    CoverageMeasurement: _coverage,
    DriftMeasurement: _drift,
    FallbackDrill: _fallback,
    QualityMeasurement: _quality,
    RollbackDrill: _rollback,
    SpendMeasurement: _spend,
    TransitionStatus: _transition,
    **TELL_MORE,
}
