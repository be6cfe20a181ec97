"""The cards of what would lower the cost, and of what an action did lower."""

from collections.abc import Sequence

from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.domain.savings import (
    ActionSaving,
    CacheOpportunity,
    ComputeCost,
    LoadMeasurement,
    RightSizing,
    SavingsMeasurement,
    SliceComparison,
)
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, chip, fact, frame, line, quiet, table, with_level
from ops_model.site.words import AMBER, GREEN, GREY, RED, UNKNOWN, Look, signed

_VERDICTS = {
    "non_inferior": Look("✓", "good enough", GREEN, "good"),
    "not_shown": Look("?", "not shown", GREY, "quiet"),
    "implausible": Look("!", "too good: look at the data", RED, "bad"),
}
_MEASURED = Look("●", "measured", GREY, "quiet")


def cache(record: CacheOpportunity, people: People) -> Html:
    """How much of the prompts began as one before, and what reading that from a cache saves."""
    del people
    rows = [
        fact("input that begins a prompt seen lately", record.hit_tokens),
        fact("input that a cache read", record.cached_now),
        fact("requests repeated whole", record.whole_repeats),
        fact("would save per day", record.saving_per_day),
    ]
    return frame(
        f"Cache of prompts, log {record.log}", cache_look(record), record,
        line(
            tag("strong", f"{words.value(record.hit_tokens)} of the input could have been read "
                f"from a cache, {words.value(record.cached_now)} was."),
        ),
        table(("", "value", "rests on"), rows),
        line(quiet(
            f"A beginning counts when it came within {words.plural(record.ttl_minutes, 'minute')} "
            f"before; {words.plural(record.requests, 'request')}. What writing to the cache costs "
            "is taken off."
        )),
        simulated=record.simulated,
    )  # fmt: skip


def cache_look(record: CacheOpportunity) -> Look:
    """Whether a cache would save something."""
    return _saves(record.saving_per_day)


def _saves(saving: Measured | None) -> Look:
    """Whether there is something to save, by the near end of its interval."""
    if saving is None or saving.value is None:
        return UNKNOWN
    least = saving.value if saving.low is None else saving.low
    if least > 0:
        return Look("▲", "money to save", AMBER, "warn")
    return Look("✓", "nothing to save", GREEN, "good")


def right_sizing(record: RightSizing, people: People) -> Html:
    """Slice by slice: where the cheap model is shown to do, and where it only seems so."""
    del people
    order = {"implausible": 0, "non_inferior": 1, "not_shown": 2}
    slices = sorted(record.slices, key=lambda s: (order[s.verdict], -s.traffic, s.slice))
    shown = [s for s in slices if s.verdict == "non_inferior"]
    head = ("", "slice", *_head(slices), "part of the traffic")
    less = words.number(record.margin)
    rows = [fact("over all", record.overall, unit=signed(record.overall.unit)),
            fact("traffic that may be moved", record.movable),
            *([fact("would save per day", record.saving_per_day)]
              if record.saving_per_day else [])]  # fmt: skip
    return frame(
        f"{record.cheap_model} in the place of {record.dear_model}",
        right_sizing_look(record), record,
        line(
            tag("strong", f"Shown to be good enough in {len(shown)} of "
                f"{words.plural(len(slices), 'slice')}, "
                f"{words.value(record.movable)} of the traffic."),
        ),
        table(("", "value", "rests on"), rows),
        table(head, [_slice(one) for one in slices]),
        line(quiet(
            f"Good enough: at most {less} below, written before it was tried, and shown slice by "
            f"slice with {words.amount(record.false_discovery_rate, 'share')} of false finds at "
            "most. An average over all slices books nothing."
        )),
        simulated=record.simulated,
    )  # fmt: skip


def right_sizing_look(record: RightSizing) -> Look:
    """Whether any slice may be moved."""
    return _SOME if any(one.verdict == "non_inferior" for one in record.slices) else _NONE


_SOME = Look("▲", "some can move", AMBER, "warn")
_NONE = Look("\u2013", "none can move", GREY, "quiet")


def _head(slices: Sequence[SliceComparison]) -> tuple[str]:
    name = "score, cheap less dear"
    return (with_level(name, slices[0].difference) if slices else name,)


def _slice(one: SliceComparison) -> Row:
    unit = signed(one.difference.unit)
    return (
        chip(_VERDICTS[one.verdict]), one.slice, words.brief(one.difference, unit=unit),
        words.amount(one.traffic, "share"),
    )  # fmt: skip


def compute(record: ComputeCost, people: People) -> Html:
    """What a machine costs for its work, how long it waits, and how many are worth reserving."""
    del people
    rows: list[Row] = [
        fact("cost for a thousand", record.cost_per_thousand),
        *([fact("of these for the busy part", record.cost_per_thousand_busy)]
          if record.cost_per_thousand_busy else []),
        fact("hours charged", record.hours),
        fact("busy", record.busy),
        *_reserved(record),
    ]  # fmt: skip
    busy = words.value(record.busy)
    said = f"Busy for {busy} of what is paid for." if record.busy.value is not None else (
        "The log does not say how much of it was busy."
    )  # fmt: skip
    return frame(
        f"Machine {record.resource}, log {record.log}", compute_look(record), record,
        line(tag("strong", said)),
        table(("", "value", "rests on"), rows),
        simulated=record.simulated,
    )  # fmt: skip


def compute_look(record: ComputeCost) -> Look:
    """Whether reserving would save something; without prices for it there is nothing to say."""
    saving = record.reserved_saving_per_day
    return _saves(saving) if saving is not None else _MEASURED


def _reserved(record: ComputeCost) -> list[Row]:
    if record.reserved_level is None:
        saving = record.reserved_saving_per_day
        return [fact("what reserving would save", saving)] if saving is not None else []
    level = words.plural(record.reserved_level, "unit")
    return [
        ("cheapest to reserve", tag("strong", level), quiet("all day, the rest on demand")),
        *([fact("that would save per day", record.reserved_saving_per_day)]
          if record.reserved_saving_per_day else []),
        *([fact("reserving for the peak would cost per day", record.reserved_for_peak_per_day)]
          if record.reserved_for_peak_per_day else []),
    ]  # fmt: skip


def savings(record: SavingsMeasurement, people: People) -> Html:
    """Every action with its owner: what it was to save, could save, and did save."""
    head = ("action", "owner, due", "expected", "by the logs", "measured")
    return frame(
        "What lowers the cost", savings_look(record), record,
        table(head, [_action(a, people) for a in record.actions]),
        line(quiet(
            f"In {record.currency} per day. Measured is before less after at the same volume, "
            "from the first day on which an action worked."
        )),
        simulated=record.simulated,
    )  # fmt: skip


def savings_look(record: SavingsMeasurement) -> Look:
    """How many actions are shown to save, by the near end of the interval."""
    measured = [action.measured for action in record.actions if action.measured is not None]
    proven = sum((one.low or 0.0) > 0 for one in measured)
    if proven:
        return Look("✓", f"{proven} of {len(record.actions)} shown to save", GREEN, "good")
    if measured:
        return Look("▲", "measured, none shown to save", AMBER, "warn")
    return Look("●", "none measured yet", GREY, "quiet")


def _action(action: ActionSaving, people: People) -> Row:
    return (
        tag("div", tag("strong", action.action.replace("-", " ")), line(quiet(action.what))),
        tag("div", people.label(action.owner), line(quiet(f"due {words.day(action.due)}"))),
        words.value(action.expected),
        _told(action.estimated, action.no_estimate),
        _told(action.measured, action.not_measured),
    )


def _told(measured: Measured | None, why_not: str) -> object:
    if measured is None:
        return quiet(why_not or "not measured")
    return tag("div", tag("strong", words.value(measured)), line(quiet(words.basis(measured))))


def load(record: LoadMeasurement, people: People) -> Html:
    """The busiest moment, and the mean beside it."""
    del people
    rows = [
        fact("most in a second", record.peak_per_second),
        fact("mean in a second", record.mean_per_second),
        ("busiest from", tag("strong", words.instant(record.busiest)),
         quiet(f"counted over {words.plural(record.slot_seconds, 'second')}")),
    ]  # fmt: skip
    return frame(
        "How much came at once", _MEASURED, record,
        table(("", "value", "rests on"), rows),
        simulated=record.simulated,
    )  # fmt: skip
