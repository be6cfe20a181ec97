"""The card of a bill beside what the usage logs come to."""

from ops_model.domain.people import People
from ops_model.domain.savings import BillComparison, BillMonth
from ops_model.site import words
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import Row, chip, frame, line, quiet, sentences, table
from ops_model.site.words import GREEN, RED, UNKNOWN, Look, signed

_AGREES = Look("✓", "agrees", GREEN, "good")
_DIFFERS = Look("✖", "not explained", RED, "bad")
_MOST_MONTHS = 12


def bill(record: BillComparison, people: People) -> Html:
    """Month by month: what was billed, what the log comes to, and of what the difference is."""
    del people
    months = sorted(record.months, key=lambda m: m.month, reverse=True)
    head = ("", "month", "billed", "by the log", "difference", "of this explained", "rest")
    apart = [f"{what}: {words.plural(n, 'row')}" for what, n in record.apart.items()]
    return frame(
        f"Bill of {record.vendor} against the log", bill_look(record), record,
        line(tag("strong", bill_in_short(record))),
        table(head, [_month(month) for month in months[:_MOST_MONTHS]]),
        *sentences("Why", [f"{words.month(m.month)}: {m.why}" for m in months if not m.agrees]),
        *sentences("Rows of the bill that are in doubt", apart),
        line(quiet(
            f"{words.plural(record.rows, 'row')} in the columns of FOCUS {record.focus_version}, "
            f"amounts in {record.currency}."
        )),
        simulated=record.simulated,
    )  # fmt: skip


def bill_look(record: BillComparison) -> Look:
    """Whether every month agrees; one that is not known is never agreement."""
    held = [month.agrees for month in record.months]
    if False in held:
        return _DIFFERS
    return UNKNOWN if None in held or not held else _AGREES


def bill_in_short(record: BillComparison) -> str:
    """How many months agree, and where they do not."""
    agrees = [m for m in record.months if m.agrees]
    differ = [words.month(m.month) for m in record.months if m.agrees is False]
    said = f"{len(agrees)} of {words.plural(len(record.months), 'month')} explained"
    return f"{said}; not {', '.join(differ)}." if differ else f"{said}."


def _month(month: BillMonth) -> Row:
    look = UNKNOWN if month.agrees is None else _AGREES if month.agrees else _DIFFERS
    parts = [
        tag("span", f"{name} ", words.value(part, unit=signed(part.unit)))
        for name, part in month.explained.items()
    ]
    return (
        chip(look),
        words.month(month.month),
        words.value(month.billed),
        words.value(month.estimated),
        words.value(month.difference),
        join(parts, ", ") if parts else "nothing",
        tag("strong", words.value(month.rest)),
    )
