"""The cards of the weekly report: three answers, what changed, what creeps, what is owed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from ops_model.domain.people import People
from ops_model.domain.weekly import Summed, WeeklyReport
from ops_model.domain.weeks import (
    LEAST_WEEKS,
    WEEK,
    QualityWeek,
    SlowSign,
    WeeklyQuality,
    WeekPair,
    week_ends,
)
from ops_model.site import words
from ops_model.site.finding_parts import places_read
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import Row, chip, frame, line, quiet, sentences, table
from ops_model.site.prose import clauses, prose
from ops_model.site.weekly_owed import care_card, hypercare_card, owed_card
from ops_model.site.weekly_words import (
    ASKED,
    FIRST,
    SIGNS,
    STATES,
    change_look,
    quality_look,
    sign_look,
    slow_look,
    spend_in_short,
    spend_look,
    sum_look,
    whole,
)
from ops_model.site.words import FAILED, NOT_APPLICABLE, UNKNOWN, signed

_MOST_CHECKS = 12


def weekly(record: WeeklyReport, people: People) -> Html:
    """The record whole, as the page of a run shows it."""
    return join(
        [
            parts_card(record, people), since_card(record, people), slow_card(record),
            *quality_cards(record), pillars_card(record, people), hypercare_card(record, people),
            care_card(record, people), owed_card(record, people),
        ]
    )  # fmt: skip


def parts_card(record: WeeklyReport, people: People) -> Html:
    """Works, legal, economic: each with what is open in it and what it rests on."""
    look = whole(record.parts)
    said = ", ".join(f"{one.name} {sum_look(one).word}" for one in record.parts)
    return frame(
        f"This week: {said}", look, record,
        table(("", "asked", "what stands against it"), _sums(record, record.parts, people)),
        line(tag("strong", "Verdict: "), chip(words.VERDICTS[record.verdict]), " ",
             quiet("the minimum over all areas, also those of what it is and who owns it")),
    )  # fmt: skip


def pillars_card(record: WeeklyReport, people: People) -> Html:
    """The four pillars, the weakest of which bears the weight."""
    weakest = [ASKED[one.name] for one in record.pillars if sum_look(one).tone == "bad"]
    said = f"{len(weakest)} of {len(record.pillars)} do not hold" if weakest else "all hold"
    title = f"Four pillars: {said}"
    return frame(
        title, whole(record.pillars), record,
        table(("", "pillar", "what stands against it"), _sums(record, record.pillars, people)),
    )  # fmt: skip


def _sums(record: WeeklyReport, sums: Sequence[Summed], people: People) -> list[Row]:
    return [
        (chip(sum_look(one)), tag("strong", ASKED[one.name]), _against(record, one, people))
        for one in sums
    ]


def _against(record: WeeklyReport, one: Summed, people: People) -> Html:
    off = _checks("The policy does not ask", one.off, record.asked)
    if not one.checks:
        return join(off or [line("Nothing is asked of it yet.")])
    held = f"{one.passed} of {words.plural(one.checks, 'check')} passed"
    aside = [*_checks("Waived", one.waived_checks, record.asked), *off]
    told = [
        line(
            chip(FAILED if f.status == "failed" else UNKNOWN), " ", tag("strong", f.check), " ",
            prose(clauses(f.message, 180), people), " ",
            quiet(people.label(f.owner) if f.owner else "nobody yet"),
        )
        for f in one.first
    ]  # fmt: skip
    rest = one.open[len(one.first) :]
    more = [line(quiet(f"Also open: {_named(rest, record.asked)}"))] if rest else []
    read = [places_read(one.rests_on)] if one.rests_on else []
    older = one.entries - len(one.rests_on)
    also = [line(quiet(f"and {words.plural(older, 'older entry', 'older entries')}"))]
    rests = [*read, *(also if older > 0 else [])]
    return join([line(f"{held}."), *told, *more, *aside, *rests])


def _named(checks: Sequence[str], asked: Mapping[str, str]) -> str:
    """Each check with its question in a few words, as far as one can read."""
    more = len(checks) - _MOST_CHECKS
    named = [f"{check} ({asked[check]})" if check in asked else check for check in checks]
    return ", ".join(named[:_MOST_CHECKS]) + (f" and {more} more" if more > 0 else "")


def since_card(record: WeeklyReport, people: People) -> Html:
    """What changed since the report of about a week before, or that there was none."""
    since = record.since
    if since is None:
        return frame(
            "Since last week", FIRST, record,
            line(tag("strong", "There was no weekly report before this one"),
                 ", so that nothing can be compared with it; the next one will be."),
            *_numbers(record),
        )  # fmt: skip
    ago = words.plural(since.days, "day")
    aside = [line(
        tag("strong", "There was no report a week ago: "),
        f"this compares with the one of {ago} before.",
    )] if since.aside else []  # fmt: skip
    changed = [
        *sentences("Got worse", list(since.worsened)),
        *_checks("Stands in the way now, and did not then", since.opened, record.asked),
        *_checks("Newly waived or switched off, not closed", since.accepted, record.asked),
        *_checks("Closed since then", since.closed, record.asked),
        *_checks("Says something else", since.changed, record.asked),
        *sentences("Signed since", [prose(text, people) for text in since.signed]),
        *sentences("Incidents since", [prose(text, people) for text in since.incidents]),
    ]
    then = line(
        tag("strong", "Verdict: "), chip(words.VERDICTS[since.verdict]), " then, ",
        chip(words.VERDICTS[record.verdict]), " now",
    )  # fmt: skip
    return frame(
        f"Since the report of {words.instant(since.at)}, {ago} ago", change_look(record), record,
        *aside, then, *(changed or [line("No finding, sign-off or incident is another.")]),
        *_numbers(record),
    )  # fmt: skip


def _checks(title: str, checks: Sequence[str], asked: Mapping[str, str]) -> list[Html]:
    return [line(tag("strong", f"{title}: "), _named(checks, asked))] if checks else []


def _numbers(record: WeeklyReport) -> list[Html]:
    """Spend and quality of this week beside the week before."""
    rows = [_quality_row(quality, record.as_of) for quality in record.quality if quality.weeks]
    if record.spend is not None:
        rows.insert(0, _spend_row(record.spend, record.as_of))
    if not rows:
        return [line(quiet("Neither spend nor quality of a week is on record."))]
    return [table(("", "seven days", "the seven before", "the newest seven"), rows)]


def _spend_row(spend: WeekPair, as_of: datetime) -> Row:
    ends = week_ends(0, as_of=as_of)
    before = words.full(spend.before) if spend.before is not None else "not on record"
    name = join([line(tag("strong", "spend")), line(quiet(spend_in_short(spend)))])
    return (
        chip(spend_look(spend)), name, _dated(before, ends - WEEK),
        _dated(words.full(spend.now), ends),
    )  # fmt: skip


def _quality_row(quality: WeeklyQuality, as_of: datetime) -> Row:
    now, before = quality.weeks[-1], quality.before
    late = [line(quiet("labels may still come"))] if now.provisional else []
    told = words.full(before.quality) if before is not None else "not on record"
    return (
        chip(quality_look(quality, as_of)),
        join([line(tag("strong", quality.metric)), *late]),
        _dated(told, now.ends - WEEK),
        _dated(words.full(now.quality), now.ends),
    )


def _dated(told: str, ends: datetime) -> Html:
    """A number with the last day of its week."""
    return join([line(told), line(quiet(f"to {words.day(_last_day(ends))}"))])


def _last_day(ends: datetime) -> date:
    return (ends - timedelta(days=1)).date()


def slow_card(record: WeeklyReport) -> Html:
    """The signs of a slow death, each as a slope over the recorded weeks."""
    worse = record.worse
    title = f"Slow death: {words.plural(len(worse), 'sign')} of {len(record.signs)} worsening"
    head = ("", "sign", "each week", "newest week", "over")
    return frame(
        title, slow_look(record), record,
        table(head, [_sign(sign) for sign in record.signs]),
        line(quiet(
            "A sign worsens when the whole interval of its slope is on the bad side of nothing, "
            "and the slope beyond its floor. It is steady when the whole interval lies within the "
            "floor; in between it cannot be told, nor where neither of the last two weeks is "
            "known. "
            f"Below {LEAST_WEEKS} recorded weeks nothing is said."
        )),
    )  # fmt: skip


def _sign(sign: SlowSign) -> Row:
    named = join([line(tag("strong", SIGNS[sign.sign])), line(quiet(sign.what))])
    if sign.per_week is None or not sign.weeks:
        return (chip(sign_look(sign)), named, sign.why_none, "", "")
    left = f", {sign.left_out} left out" if sign.left_out else ""
    newest = sign.weeks[-1]
    last = _dated(words.amount(newest.value, sign.unit), newest.ends)
    if sign.state == "past":
        since = f"{STATES['past'].word} {words.day(_last_day(newest.ends))}"
        return (chip(sign_look(sign)), named, since, last, f"{_weeks(sign)}{left}")
    slope = sign.per_week
    known = words.value(slope, unit=signed(sign.unit))
    low_high = words.interval(slope, unit=signed(sign.unit))
    floor = f"floor {words.amount(sign.floor, sign.unit)}"
    told = [line(known), line(quiet(f"{low_high}; {floor}"))]
    return (
        chip(sign_look(sign)), named,
        join(told if slope.value is not None else [line(quiet(low_high))]),
        last, f"{_weeks(sign)}{left}",
    )  # fmt: skip


def _weeks(sign: SlowSign) -> str:
    return words.plural(len(sign.weeks), "week")


def quality_cards(record: WeeklyReport) -> list[Html]:
    """Quality week by week of each monitor; one that says so where there is none."""
    if not record.quality:
        none = line("No quality is on record yet, so that nobody would see it fall.")
        look = UNKNOWN if record.live else NOT_APPLICABLE
        return [frame("Weekly quality", look, record, none)]
    return [_quality(record, quality) for quality in record.quality]


def _quality(record: WeeklyReport, quality: WeeklyQuality) -> Html:
    beyond = [week for week in quality.weeks if week.beyond]
    last = quality.weeks[-4:]
    rows = [
        (
            words.day(_last_day(week.ends)),
            _value(week),
            _limits(week.low_limit, week.high_limit, quality.baseline.unit),
        )
        for week in reversed(last)
    ]  # fmt: skip
    said = (
        f"{words.plural(len(beyond), 'week')} of {len(quality.weeks)} beyond the limits, between "
        "which a week of the baseline lies but for three in a thousand."
        if not quality.why_no_limits
        else f"No limits: {quality.why_no_limits}."
    )
    return frame(
        f"Weekly {quality.metric}, monitor {quality.monitor}",
        quality_look(quality, record.as_of), record,
        line(f"Baseline {words.full(quality.baseline)}. {said}"),
        table(("seven days to", "value", "limits"), rows),
    )  # fmt: skip


def _value(week: QualityWeek) -> Html:
    late = [line(quiet("labels may still come"))] if week.provisional else []
    return join([line(words.full(week.quality)), *late])


def _limits(low: float | None, high: float | None, unit: str) -> str:
    if low is None or high is None:
        return "none"
    return f"{words.amount(low, unit)} to {words.amount(high, unit)}"
