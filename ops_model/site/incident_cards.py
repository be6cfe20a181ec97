"""The cards of a post-mortem: what happened, whom it reached, what was there, what was learned."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.exposure import IncidentReview, WasItThere
from ops_model.domain.incidents import STATES, ClockRun, FollowUp, Incident
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.people import People
from ops_model.domain.scenarios import SHIPPED_SCENARIOS
from ops_model.site import words
from ops_model.site.finding_parts import judged, overall
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import bare, chip, fact, frame, line, quiet, sentences, table
from ops_model.site.prose import prose
from ops_model.site.words import AMBER, GREEN, GREY, PASSED, RED, UNKNOWN, Look

CHECKS = ("INC-01", "INC-02", "INC-03", "INC-04", "INC-05", "INC-06", "INC-07")
"""What is asked about incidents, in the order of the catalogue."""
_THINGS: Mapping[str, str] = {
    "owner": "an owner", "runbook": "a runbook", "monitor": "a monitor of this failure",
    "ceiling": "a cost ceiling", "rollback_drill": "a rollback that was rehearsed",
    "fallback_drill": "a fallback that was rehearsed",
}  # fmt: skip
_REACHED = Look("✓", "reached", GREEN, "good")
_NOT_REACHED = Look("○", "not yet", GREY, "quiet")
_OVER = Look("✓", "closed", GREEN, "good")
_GOES_ON = Look("✖", "still open", RED, "bad")
_WE_FIRST = Look("✓", "we knew first", GREEN, "good")
_THEY_FIRST = Look("✖", "customers knew first", RED, "bad")
_BY_PEOPLE = Look("▲", "noticed without an alarm", AMBER, "warn")
_THERE = Look("✓", "there before", GREEN, "good")
_NOT_THERE = Look("✖", "not there", RED, "bad")
_TOO_SLOW = Look("✖", "there, but too slow", RED, "bad")
_ALL_THERE = Look("✓", "all was there", GREEN, "good")
_DONE = Look("✓", "done", GREEN, "good")
_DUE = Look("○", "not due yet", GREY, "quiet")
_OVERDUE = Look("✖", "overdue", RED, "bad")
_LATE = Look("▲", "done late", AMBER, "warn")
_NOT_JUDGED = Look("\u2013", "not judged", GREY, "quiet")
_NO_PROOF = Look("▲", "no check proves it", AMBER, "warn")
_WRITTEN = Look("✓", "written", GREEN, "good")
_OWED = Look("✖", "owed", RED, "bad")
_MET = Look("✓", "met", GREEN, "good")
_MISSED = Look("✖", "missed", RED, "bad")


def course_card(incident: Incident, as_of: datetime, people: People) -> Html:
    """The incident by its file: states, timeline, clocks."""
    closed = incident.has_reached("closed")
    states = [
        chip(_REACHED if incident.has_reached(state) else _NOT_REACHED) + f" {state}"
        for state in STATES
    ]
    rows = [(words.instant(entry.at), entry.text) for entry in incident.timeline]
    clocks = [_clock(clock, as_of, people) for clock in incident.clocks]
    told = {
        "severity": incident.severity, "noticed by": incident.detected_by,
        "version": incident.version or "not written down",
        "failure mode": incident.failure_mode or "not written down",
        "set right by": incident.remediation or "not written down",
    }  # fmt: skip
    return bare(
        f"{incident.id}: {incident.title}", _OVER if closed else _GOES_ON,
        line(join([Html(state) for state in states], " · ")),
        table((), [(quiet(name), said) for name, said in told.items()]),
        *([table(("when", "what happened"), rows)] if rows else [line("No timeline is written.")]),
        *([table(("", "clock", "due", "owner"), clocks)] if clocks else []),
        line(quiet(str(incident.where))),
    )  # fmt: skip


def _clock(clock: ClockRun, as_of: datetime, people: People) -> tuple[object, ...]:
    met = clock.met_at is not None and clock.met_at <= clock.due
    late = clock.met_at is not None or clock.due < as_of
    look = _MET if met else _MISSED if late else _DUE
    return (
        chip(look), clock.clock.replace("_", " "), words.instant(clock.due),
        people.label(clock.owner),
    )  # fmt: skip


def review(record: IncidentReview, people: People) -> Html:
    """The record whole, as the page of a run shows it."""
    del people  # it names nobody
    return join([exposure_card(record), before_card(record)])


def exposure_card(record: IncidentReview) -> Html:
    """Who knew first, how long it ran, and whom it reached, each number with what it rests on."""
    rows = [
        fact(name, measured)
        for name, measured in (
            ("decisions served in it", record.decisions),
            ("customers", record.customers),
            ("money lost", record.money),
            ("from onset to detection", record.detection_hours),
            ("our alarm before the first customer", record.lead_hours),
        )
        if measured is not None
    ]
    when = [
        (quiet("earliest onset"), _at(record.onset_earliest)),
        (quiet("latest onset"), _at(record.onset_latest)),
        (quiet("first alarm on record"), _at(record.first_alert_at)),
        (quiet("first customer told us"), _at(record.customer_reported_at)),
        (quiet("contained"), _at(record.contained_at)),
    ]
    left = record.not_counted.split("; ") if record.not_counted else []
    title = f"{record.incident}: {_reached(record)}"
    return frame(
        title, _who_first(record), record,
        *([table(("", "", "rests on"), rows)] if rows else []), table((), when),
        *sentences("Not counted", left), simulated=record.simulated,
    )  # fmt: skip


def _at(at: datetime | None) -> str:
    return words.instant(at) if at is not None else "none on record"


def _reached(record: IncidentReview) -> str:
    if record.decisions is None or record.decisions.value is None:
        return "how many decisions it reached is not known"
    low, high = record.decisions.low, record.decisions.value
    span = f"{low:,.0f} to {high:,.0f}" if low is not None else f"{high:,.0f}"
    return f"it reached {span} decisions"


def _who_first(record: IncidentReview) -> Look:
    lead = record.lead_hours
    if lead is not None and lead.value is not None:
        return _WE_FIRST if lead.value >= 0 else _THEY_FIRST
    if record.first_alert_at is not None:
        return _WE_FIRST
    return _BY_PEOPLE if record.customer_reported_at is None else _THEY_FIRST


def before_card(record: IncidentReview) -> Html:
    """What the first minutes need, and whether it stood there before the incident (S0.21)."""
    absent = [one for one in record.before if not one.there]
    rows = [
        (chip(_stood(one, record)), tag("strong", _THINGS[one.thing]), one.why)
        for one in record.before
    ]
    there = len(record.before) - len(absent)
    title = f"{there} of {len(record.before)} stood there before it began"
    return frame(title, _NOT_THERE if absent else _ALL_THERE, record, table((), rows))


def _stood(one: WasItThere, record: IncidentReview) -> Look:
    """Whether a thing was there; what was, and could not help in that time, says so."""
    if one.there:
        return _THERE
    began = record.onset_earliest
    stood = one.since is not None and began is not None and one.since <= began
    return _TOO_SLOW if stood else _NOT_THERE


def actions_card(incident: Incident, assessment: Assessment, today: date, people: People) -> Html:
    """Causes, and what is done about them; a check proves an action, and not its author."""
    post_mortem = incident.post_mortem
    if post_mortem is None:
        said = line("No post-mortem is written: name its owner and a day within five working "
                    "days of the end, under `post_mortem` in the incident's file.")  # fmt: skip
        return bare("No post-mortem yet", UNKNOWN, said, *judged(assessment, ("INC-03",), people))
    by_check = {finding.check: finding for finding in assessment.findings}
    rows = [_action(action, by_check, today, people) for action in post_mortem.actions]
    held = f"held on {words.day(post_mortem.held_on)}" if post_mortem.held_on else "not held yet"
    open_ones = sum(action.done_on is None for action in post_mortem.actions)
    overdue = any(a.done_on is None and a.due < today for a in post_mortem.actions)
    look = _OVERDUE if overdue else _DUE if open_ones else _DONE
    title = f"{words.plural(len(rows), 'action')}, {open_ones} still open; post-mortem {held}"
    head = ("", "what will be different", "owner, due", "proven by")
    return frame(
        title, overall(look, assessment, ("INC-03",)), assessment,
        *sentences("Causes", post_mortem.causes), *([table(head, rows)] if rows else []),
        *([line(tag("strong", "blameless: "), post_mortem.blameless)]
          if post_mortem.blameless else []),
        *judged(assessment, ("INC-03",), people),
    )  # fmt: skip


def _action(
    action: FollowUp, by_check: Mapping[str, Finding], today: date, people: People
) -> tuple[object, ...]:
    if action.done_on is not None:
        look = _DONE if action.done_on <= action.due else _LATE
    else:
        look = _OVERDUE if action.due < today else _DUE
    when = f"{people.label(action.owner)}, {words.day(action.due)}"
    return (chip(look), line(action.text), line(when), _proof(action, by_check))


def _proof(action: FollowUp, by_check: Mapping[str, Finding]) -> Html:
    if action.proven_by is None:
        return line(chip(_NO_PROOF))
    finding = by_check.get(action.proven_by)
    look = words.look(finding) if finding is not None else _NOT_JUDGED
    return line(chip(look), " ", tag("span", action.proven_by, style="white-space:nowrap"))


def lessons_card(
    incident: Incident,
    system: SystemClaims,
    assessment: Assessment,
    people: People,
    *,
    written: Collection[str] = SHIPPED_SCENARIOS,
) -> Html:
    """The rules and scenarios that the incident asks for, and whether they are written.

    `written` are the ids of the scenarios that there are, shipped or the workbook's own.
    """
    rules = {r.id: r for r in system.signals.rules} if system.signals is not None else {}
    rehearsed = {s for mode in system.identity.failure_modes for s in mode.scenarios}
    named = incident.post_mortem
    rows: list[tuple[object, ...]] = []
    for rule_id in named.new_rules if named is not None else ():
        rule = rules.get(rule_id)
        said = rule.statement if rule is not None else "signals.yaml has no rule of this id"
        complete = rule is not None and rule.incident == incident.id and bool(rule.bad)
        rows.append((chip(_WRITTEN if complete else _OWED), f"rule {rule_id}", said))
    for scenario in named.new_scenarios if named is not None else ():
        there = scenario in rehearsed and scenario in written
        said = "rehearses a failure mode of system.yaml"
        if scenario not in written:
            begin = f"ops-model drill scenario-from {system.id} {incident.id}"
            said = f"nobody wrote it: `{begin}` begins it"
        elif not there:
            said = "no failure mode of system.yaml names it under `scenarios`"
        look = _WRITTEN if there else _OWED
        rows.append((chip(look), f"scenario {scenario}", prose(said, people)))
    if incident.technically_correct and not (named is not None and named.new_rules):
        rows.append((chip(_OWED), "a rule", "the output was right by the model and wrong for the "
                     "business, so a rule is missing"))  # fmt: skip
    none = [line("No rule and no scenario is named: either nothing was missing, or nobody asked.")]
    checks = ("RUL-03", "INC-07")
    owed = any(_OWED.text in str(row[0]) for row in rows)
    look = overall(_OWED if owed else _WRITTEN if rows else UNKNOWN, assessment, checks)
    return frame(
        "What has to be written so that it is noticed next time", look, assessment,
        *([table((), rows)] if rows else none), *judged(assessment, checks, people),
    )  # fmt: skip


def incident_checks_card(assessment: Assessment, people: People) -> Html:
    """The checks of incidents as they stand today."""
    mine = [f for f in assessment.findings if f.check in CHECKS]
    open_ones = [f for f in mine if f.open]
    title = f"{len(mine) - len(open_ones)} of {words.plural(len(mine), 'check')} in order"
    rows = [
        (
            chip(words.look(f)),
            tag("strong", f.check, style="white-space:nowrap"),
            line(prose(f.message, people)),
        )
        for f in mine
    ]
    look = overall(PASSED, assessment, CHECKS)
    return frame(title, look, assessment, table((), rows))
