"""The card of a fallback drill, and the scorecard of a vendor that failed: one row a fault."""

from ops_model.domain.evidence import Measured
from ops_model.domain.fallback import FAULT_WORDS, FallbackDrill, FaultResult
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.evidence_cards import drill_card, yes
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, chip, fact, line, quiet, table
from ops_model.site.words import FAILED, PASSED

_HEAD = ("", "the vendor", "answered", "told of it", "lost", "switched after", "95 % within",
         "back after")  # fmt: skip
_INSTEAD = "in place of an answer"


def several_faults(record: FallbackDrill) -> bool:
    """True where a vendor failed in several ways, each counted for itself."""
    return len(record.faults) > 1


def withstood(record: FallbackDrill) -> str:
    """`8 of 10 faults withstood`."""
    well = sum(not fault.problems for fault in record.faults)
    return f"{well} of {words.plural(len(record.faults), 'fault')} withstood"


def fallback(record: FallbackDrill, people: People) -> Html:
    """What users got while the dependency was gone, and the notice that they saw."""
    rows = [
        _switched(record),
        fact("served", record.served_share),
        fact("of these degraded", record.degraded_share),
        _told(record),
        ("requests during the drill", f"{record.requests:,}",
         f"{record.lost:,} got neither an answer nor a notice"),
        ("back to normal", "", yes(record.returned)),
        *_swapped(record),
    ]  # fmt: skip
    title = f"Fallback drill, path {record.path} ({record.environment})"
    return drill_card(record, people, title, rows, *_scorecard(record))


def _scorecard(record: FallbackDrill) -> list[Html]:
    """What users got under each fault; nothing where one dependency was simply gone."""
    if not several_faults(record):
        return []
    each = record.faults[0].requests
    instead = [", ".join(_instead(fault)) for fault in record.faults]
    rows = [_row(fault) for fault in record.faults]
    if any(instead):
        rows = [(*row, said) for row, said in zip(rows, instead, strict=True)]
    head = (*_HEAD, _INSTEAD) if any(instead) else _HEAD
    rests = "Each of one drill, so none has an interval; all requests of a fault are in its times."
    return [
        line(f"{withstood(record)}, {each} requests under each."),
        table(head, rows),
        line(quiet(rests)),
    ]


def _switched(record: FallbackDrill) -> Row:
    """How soon users got an answer that did not need the vendor, under the slowest fault."""
    if record.seconds.value is None:
        return ("outage to first degraded answer", tag("strong", "never"), "")
    return fact("outage to first degraded answer", record.seconds)


def _told(record: FallbackDrill) -> Row:
    """Whether users were told, in the words of the plan, and each time."""
    notice = "seen" if record.notice_seen else "not seen"
    wording = "as planned" if record.notice_matches_plan else "not as planned"
    untold = sum(_untold(fault) for fault in record.faults)
    but = f"; {untold:,} degraded answers had none" if untold else ""
    well = record.notice_seen and record.notice_matches_plan and not untold
    return ("notice to users", f"{notice}, its words {wording}{but}", yes(well))


def _untold(fault: FaultResult) -> int:
    notice = fault.notice_share
    if notice is None or notice.value is None:
        return 0
    return round((1 - notice.value) * (notice.n or 0))


def _swapped(record: FallbackDrill) -> list[Row]:
    """Whether a model that the vendor swapped was noticed, where that was tried."""
    if record.swap_noticed is None:
        return []
    silent = sum(fault.silent_swaps or 0 for fault in record.faults)
    told = f"{silent:,} answers of it reached users without a word"
    noticed = chip(PASSED if record.swap_noticed else FAILED)
    return [("another model than was asked for", told, noticed)]


def _row(fault: FaultResult) -> tuple[object, ...]:
    return (
        chip(FAILED if fault.problems else PASSED),
        FAULT_WORDS.get(fault.fault, fault.fault),
        _value(fault.served_share),
        _value(fault.notice_share),
        f"{fault.lost or 0:,}",
        _value(fault.switch_seconds),
        _value(fault.p95_seconds),
        _value(fault.return_seconds),
    )


def _instead(fault: FaultResult) -> list[str]:
    instead = [f"{what} ({count:,})" for what, count in fault.errors.items()]
    if fault.silent_swaps:
        instead.append(f"another model, without a word ({fault.silent_swaps:,})")
    return instead


def _value(measured: Measured | None) -> str:
    """The number, or a dash where there was nothing to count or it never happened."""
    if measured is None or measured.value is None:
        return "\u2013"
    return words.value(measured)
