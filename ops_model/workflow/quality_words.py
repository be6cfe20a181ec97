"""A log's quality in plain words: what fell, since when, how sure, what could go unseen."""

from typing import TYPE_CHECKING

from ops_model.domain.evidence import Measured
from ops_model.workflow.any_log_quality import QualityAnswer

if TYPE_CHECKING:
    from ops_model.domain.detection import SegmentQuality


def quality_in_words(answer: QualityAnswer) -> list[str]:
    """A sentence each, the cases that matter most before the headline."""
    from ops_model.site.quality_cards import apart_told

    return [
        *_critical(answer),
        _headline(answer),
        *_since(answer),
        _sure(answer),
        *_unseen(answer),
        *apart_told(answer.apart),
    ]


def value(measured: Measured) -> str:
    """A number in its unit, or `unknown`."""
    from ops_model.site import words

    return words.value(measured)


def _critical(answer: QualityAnswer) -> list[str]:
    """The critical case that lies lowest against its floor; without one, the worst segment."""
    from ops_model.site import words
    from ops_model.site.quality_cards import held

    worst = next((s for s in answer.result.segments if s.floor is not None), None)
    if worst is None:
        return [*_without_rows(answer), *_worst(answer)]
    state = held(worst, answer.plan.better).word
    floor = words.amount(worst.floor or 0.0, worst.quality.unit)
    return [
        f"{_named(worst)} is at {words.full(worst.quality)}, with a floor of {floor}: {state}.",
        *_without_rows(answer),
    ]


def _without_rows(answer: QualityAnswer) -> list[str]:
    """The critical cases of which no row was served, or too few: they are no pass."""
    told = {(s.column, s.value) for s in answer.result.segments if s.quality.value is not None}
    lacking = [f"{c} = {value}" for c, value, _ in answer.asked.critical if (c, value) not in told]
    return (
        [f"Of {', '.join(lacking)} nothing can be said: too few labelled rows."] if lacking else []
    )


def _worst(answer: QualityAnswer) -> list[str]:
    from ops_model.site import words

    known = [s for s in answer.result.segments if None not in (s.quality.value, s.baseline.value)]
    if not known:
        return []
    worst = known[0]
    return [
        f"Worst of {words.plural(len(known), 'segment')}: {_named(worst)}, {value(worst.quality)} "
        f"after {value(worst.baseline)}."
    ]


def _named(segment: "SegmentQuality") -> str:
    return f"{segment.column} = {segment.value}"


def _headline(answer: QualityAnswer) -> str:
    """Whether it fell: what it was, what it is, and the change with its interval."""
    from ops_model.site import words

    result, days = answer.result, (answer.window.end - answer.window.start).days
    span = f"the last {words.plural(days, 'settled day')}"
    was = f"{answer.asked.metric} was {value(result.baseline)} in the baseline"
    if result.change.value is None:
        return f"Nobody can say whether quality fell: {was}, and {span} hold too few labels."
    change = words.full(result.change, unit=words.signed(result.change.unit))
    turned = "; below 0 is worse" if answer.plan.better == "lower" else ""
    what = f"{was} and is {value(result.current)} in {span}: {change}{turned}"
    return f"{_verdict(answer)}: {what}."


def _verdict(answer: QualityAnswer) -> str:
    result = answer.result
    if result.alarm_at is not None:
        return "Quality fell"
    if result.change.high is not None and result.change.high < 0:
        return "Quality fell, and no alarm was raised yet"
    if result.change.low is None and None in (result.baseline.low, result.current.low):
        return "One day tells no fall from chance"
    return "No fall is seen"


def _since(answer: QualityAnswer) -> list[str]:
    from ops_model.site import words

    result = answer.result
    if result.alarm_at is None or result.onset_estimate is None:
        return []
    served = result.exposed_since_onset
    told = "" if served is None else f"; {words.amount(served.value or 0.0, 'decisions')} since"
    return [
        f"It began about {words.day(result.onset_estimate)}, and the alarm of "
        f"{words.day(result.alarm_at)} saw it{told}."
    ]


def _sure(answer: QualityAnswer) -> str:
    from ops_model.analysis.change_point import FALSE_ALARM_CHANCE

    if answer.result.false_alarms_per_year is None:
        return "No alarm is set: a baseline of one day does not tell how much days vary."
    return (
        f"Where nothing changes, {FALSE_ALARM_CHANCE * 100:.0f} % of years have such an alarm; "
        "the intervals allow for days that differ."
    )


def _unseen(answer: QualityAnswer) -> list[str]:
    """What could have happened without being seen."""
    from ops_model.site import words

    result = answer.result
    drop = result.min_detectable_drop
    said = []
    if drop.value is None:
        said.append("So few labels show no fall of any size.")
    else:
        size = words.amount(drop.value, words.points(drop.unit))
        days = words.plural(answer.plan.window_days, "day")
        said.append(f"A fall smaller than {size} would mostly go unseen in {days}.")
    if result.days_to_see is not None:
        said.append(_days_to_see(result.days_to_see, result.drop, drop.unit))
    if result.labelled_share < 1:
        without = words.amount(1 - result.labelled_share, "share")
        said.append(f"{without} of the rows of these days have no label, and may be otherwise.")
    late = sum(d.provisional for d in result.days)
    if late:
        said.append(f"{words.plural(late, 'day')} may still get labels and decided nothing.")
    return said


def _days_to_see(days: Measured, drop: float, unit: str) -> str:
    from ops_model.site import words

    size = words.amount(drop, words.points(unit))
    if days.value is None:
        return f"The alarm would not see a fall of {size}: {days.no_interval}."
    slow = days.no_interval or f"one time in ten more than {days.high:.0f}"
    takes = words.plural(round(days.value), "day")
    return f"The alarm takes {takes} of labels to see a fall of {size}; {slow}."
