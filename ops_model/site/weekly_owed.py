"""The cards of what is owed: the first weeks, the care plan, open gaps and the next steps."""

from ops_model.domain.people import People
from ops_model.domain.weekly import HypercareCount, OwedGap, WeeklyReport
from ops_model.site import words
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import chip, frame, line, quiet, table
from ops_model.site.prose import prose
from ops_model.site.weekly_words import (
    NOTHING,
    OVERDUE,
    OWED,
    WATCHED,
    care_look,
    hypercare_in_short,
)
from ops_model.site.words import FAILED, NOT_APPLICABLE, PASSED, WAIVED, Look

_MOST_GAPS = 12


def hypercare_card(record: WeeklyReport, people: People) -> Html:
    """How many of the first days are left, and what is due in them."""
    count = record.hypercare
    if count is None:
        said = "The first days in production are over." if record.live else (
            "It serves nobody, so that its first days have not begun."
        )  # fmt: skip
        return frame("The first days in production", NOT_APPLICABLE, record, line(said))
    drilled = count.drilled_on is not None and count.drilled_on <= count.drill_by
    late = not drilled and record.as_of.date() > count.drill_by
    rows = [
        (chip(WATCHED), "days", f"{hypercare_in_short(count)}; they end {words.day(count.ends)}"),
        (
            chip(PASSED if drilled else OVERDUE if late else OWED), "drill",
            f"by {words.day(count.drill_by)}: {_drilled(count)}",
        ),
        (chip(_review_look(record, count)), "review", _review(record, count)),
        (chip(WATCHED if count.monitoring_every_days else OWED), "monitoring", _watched(count)),
    ]  # fmt: skip
    owner = people.label(count.owner) if count.owner else "nobody yet"
    return frame(
        f"The first days in production: day {count.day} of {count.days}",
        OVERDUE if late or _review_look(record, count) is OVERDUE else WATCHED, record,
        table(("", "what", "how it stands"), rows), line(quiet(f"Whoever looks: {owner}")),
    )  # fmt: skip


def _drilled(count: HypercareCount) -> str:
    return f"done {words.day(count.drilled_on)}" if count.drilled_on else "none yet"


def _review_look(record: WeeklyReport, count: HypercareCount) -> Look:
    if count.reviewed_on is not None:
        return PASSED
    if count.review_is_late(record.as_of.date()):
        return OVERDUE
    return OWED if count.review_on is None else WATCHED


def _review(record: WeeklyReport, count: HypercareCount) -> str:
    if count.review_on is None:
        return "no day is set for it in system.yaml"
    due = words.day(count.review_on)
    if count.reviewed_on is not None:
        return f"due {due}, signed {words.day(count.reviewed_on)}"
    late = count.review_is_late(record.as_of.date())
    return f"was due {due}; nobody has signed since" if late else f"on {due}"


def _watched(count: HypercareCount) -> str:
    days = count.monitoring_every_days
    return f"every {words.plural(days, 'day')}" if days else "how often is not written"


def care_card(record: WeeklyReport, people: People) -> Html:
    """The four kinds of care: last done, next due, overdue."""
    if not record.care:
        said = line("It serves nobody, so that it needs no care yet.")
        return frame("Care plan", NOT_APPLICABLE, record, said)
    rows = [
        (
            chip(care_look(one)), tag("strong", one.care),
            f"every {words.plural(one.every_days, 'day')}" if one.every_days else "not written",
            words.day(one.done_on) if one.done_on else "not on record",
            words.day(one.due_on),
            people.label(one.owner) if one.owner else "nobody yet",
            line(prose(one.wrong, people)) if one.wrong else "",
        )
        for one in record.care
    ]  # fmt: skip
    late = sum(one.overdue for one in record.care)
    wrong = any(one.wrong for one in record.care)
    head = ("", "care", "how often", "last done", "next due", "owner", "what is wrong")
    look = OVERDUE if late else OWED if wrong else PASSED
    title = f"Care plan: {late} of {words.plural(len(record.care), 'kind')} overdue"
    return frame(title, look, record, table(head, rows))


def owed_card(record: WeeklyReport, people: People) -> Html:
    """The next three things to do, and the gaps that have stood longest."""
    if not record.gaps:
        return frame("No gap is open", NOTHING, record)
    steps = [
        (tag("strong", str(number)), line(prose(step.what, people)),
         tag("strong", people.label(step.owner) if step.owner else "nobody yet"),
         quiet(", ".join(step.checks[:6]) + (" …" if len(step.checks) > 6 else "")))
        for number, step in enumerate(record.steps, start=1)
    ]  # fmt: skip
    more = len(record.gaps) - _MOST_GAPS
    left = [line(quiet(f"and {words.plural(more, 'more gap')}"))] if more > 0 else []
    gaps = words.plural(len(record.gaps), "open gap")
    return frame(
        f"Ops debt: {gaps}, {words.full(record.debt)}", OWED, record,
        line(tag("strong", "Next")), table(("", "what to do", "owner", "closes"), steps),
        line(tag("strong", "Standing")),
        table(("", "check", "on record since", "days", "weight"),
              [_gap(record, gap) for gap in record.gaps[:_MOST_GAPS]]),
        *left,
        line(quiet(
            f"Each gap weighs its days, at least one, three times at tier A and twice at tier B; "
            f"this system is of tier {record.tier}. A waiver answers for a gap and closes none."
        )),
    )  # fmt: skip


def _gap(record: WeeklyReport, gap: OwedGap) -> tuple[object, ...]:
    return (
        chip(WAIVED if gap.waived else FAILED),
        join([tag("strong", gap.check), Html(" "), quiet(record.asked.get(gap.check, ""))]),
        words.day(gap.since.date()), f"{gap.days:,}", f"{gap.weight:,}",
    )  # fmt: skip
