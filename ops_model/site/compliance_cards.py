"""The cards of compliance evidence: what changed, which controls it supports, when it ends."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from ops_model.check.controls import ControlAnswer, ControlsAnswer, FrameworkAnswer
from ops_model.domain.assessment import Assessment
from ops_model.domain.compliance import Compliance
from ops_model.domain.people import People
from ops_model.domain.signals import Signals
from ops_model.site import words
from ops_model.site.compliance_page import audit_rows, legal_rows, log_policy_rows
from ops_model.site.controls_page import counts_said, looks_of
from ops_model.site.evidence_rows import evidence_rows
from ops_model.site.finding_parts import judged, overall
from ops_model.site.history import assessments
from ops_model.site.links import system_page
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import bare, chip, frame, line, quiet, table
from ops_model.site.prose import prose
from ops_model.site.seats import since_of, since_view
from ops_model.site.since import Since
from ops_model.site.site_input import SiteSystem
from ops_model.site.words import AMBER, GREEN, GREY, PASSED, RED, UNKNOWN, Look

_SAME = Look("✓", "nothing changed", GREEN, "good")
_CHANGED = Look("▲", "changed", AMBER, "warn")
_NOT_SIGNED = Look("○", "not signed", GREY, "quiet")
_SHOWN = Look("●", "as shown", GREY, "quiet")
_NONE_ASKED = Look("○", "nobody asked", GREY, "quiet")
_ANSWERED = Look("✓", "none overdue", GREEN, "good")
_ENDED = Look("✖", "ended", RED, "bad")
_SOON = Look("▲", "ends soon", AMBER, "warn")
_IN_DATE = Look("✓", "in date", GREEN, "good")
_NO_END = Look("\u2013", "no end", GREY, "quiet")
_SOON_DAYS = 30
_MOST = 40
"""So many entries of evidence are listed; those that end first come first."""


def since_card(system: SiteSystem, people: People) -> Html:
    """What changed since the compliance seat last signed, or since the last assessment."""
    since = since_of(system, "compliance")
    view = since_view(system, since, people, system_page(system, "compliance"))
    lines = [
        line(told["what"], *([": ", _checks(told["checks"])] if told["checks"] else []))
        for told in view["lines"]
    ]
    look = _NOT_SIGNED if since is None else _SAME if since.nothing else _CHANGED
    return frame(
        _compared(system, since), look, system.assessment,
        line(view["signed"] or view["plain"]), *lines,
    )  # fmt: skip


def _checks(checks: Sequence[tuple[str, str, str]]) -> str:
    """Each check in words, and what is to be said of it besides."""
    named = [f"{check}, {beside}" if beside else check for check, _, beside in checks]
    return ("; " if any(beside for _, _, beside in checks) else ", ").join(named)


def _compared(system: SiteSystem, since: Since | None) -> str:
    """What the present answers are compared with, as the card's title."""
    if since is not None:
        return f"What changed since the compliance seat decided on {words.day(since.at.date())}"
    if assessments(system):
        return "What changed since the last assessment on record"
    return "Nothing on record yet to compare with"


def frameworks_card(
    answer: ControlsAnswer, compliance: Compliance | None, assessment: Assessment, people: People
) -> Html:
    """Each framework with its status, certainty and controls; and where the law places us."""
    checks = ("CMP-01", "CMP-03", "CMP-04")
    blocks = [_framework(framework, people) for framework in answer.frameworks]
    legal = legal_rows(compliance)
    return frame(
        f"{words.plural(len(blocks), 'framework')}: controls {counts_said(answer)}",
        overall(_SHOWN, assessment, checks), assessment,
        *([table((), [(quiet(name), said) for name, said in legal])] if legal else []),
        *blocks, *judged(assessment, checks, people),
    )  # fmt: skip


def _framework(framework: FrameworkAnswer, people: People) -> Html:
    notes = [framework.note] if framework.note else []
    if framework.not_said:
        notes.append(f"compliance.yaml does not say {', '.join(framework.not_said)}: ask counsel")
    if framework.review_is_old:
        notes.append(f"its source was last read on {words.day(framework.reviewed_on)}: read it")
    binding = "binding where it applies" if framework.binding else "voluntary"
    head = line(tag("strong", framework.title), f" ({binding})")
    told = [line(prose(framework.said, people)), *[line(quiet(note)) for note in notes]]
    silent = [c.control for c in framework.controls if not _spoken_of(c)]
    rows = [
        (
            chip(looks_of(framework)[c.support]),
            tag("strong", c.control, style="white-space:nowrap"),
            line(c.title),
            join([line(c.why), line(quiet(_behind((*c.passed, *c.still_open))))]),
        )
        for c in framework.controls
        if _spoken_of(c)
    ]
    body = (
        [table(("", "control", "in our words", "why not further, checks"), rows)] if rows else []
    )
    unlooked = [line(chip(looks_of(framework)["not covered"]), " no check of ours speaks of: ",
                     ", ".join(silent))] if silent else []  # fmt: skip
    listed = [*body, *unlooked] or [line(quiet("no control of it is listed"))]
    return join([head, *told, *listed])


def _spoken_of(control: ControlAnswer) -> bool:
    return bool(control.passed or control.still_open or control.not_asked or control.claims)


def _behind(checks: Sequence[str]) -> str:
    more = f" and {len(checks) - 8} more" if len(checks) > 8 else ""
    return ", ".join(checks[:8]) + more


def log_policy_card(signals: Signals | None, assessment: Assessment, people: People) -> Html:
    """What is written down of each request, for how long, and what the tests of it showed."""
    checks = ("CMP-02", "OBS-01", "OBS-02", "OBS-03")
    policy = signals.log_policy if signals is not None else None
    told = judged(assessment, checks, people)
    if policy is None:
        said = line("No `log_policy` is written in signals.yaml, so nobody can say what is kept.")
        return bare("No log policy", UNKNOWN, said, *told)
    rows = [(quiet(name), line(said)) for name, said in log_policy_rows(policy)]
    title = f"Logs are kept for {words.plural(policy.retention_days, 'day')}"
    return frame(title, overall(PASSED, assessment, checks), assessment, table((), rows), *told)


def audit_card(
    compliance: Compliance | None, assessment: Assessment, today: date, people: People
) -> Html:
    """What auditors asked, who answers, until when; what is overdue first."""
    asked = audit_rows(compliance, people, today)
    rows = [
        (
            chip(row["look"]), line(row["question"], " ", quiet(row["asked"])),
            line(row["answer"] or "no answer yet", " ", quiet(row["evidence"])),
            f"{row['owner']}, {row['due']}",
        )
        for row in asked
    ]  # fmt: skip
    checks = ("CMP-05",)
    own = _ANSWERED if rows else _NONE_ASKED
    head = ("", "asked", "answered, as declared; on what ground", "owner, due")
    none = [line("No question of an auditor is written in compliance.yaml.")]
    return frame(
        words.plural(len(rows), "audit question"), overall(own, assessment, checks), assessment,
        *([table(head, rows)] if rows else none), *judged(assessment, checks, people),
    )  # fmt: skip


def evidence_card(system: SiteSystem, people: People) -> Html:
    """What the answers rest on, with grade and end; what ends first comes first."""
    rests_on = evidence_rows(system, people, "")
    as_of = system.assessment.as_of
    looks = [how_it_ends(row.until, as_of) for row in rests_on]
    rows = [
        (
            chip(look), line(row.what), words.grade(row.grade), words.day(row.as_of),
            words.day(row.until) if row.until is not None else "", quiet(f"ledger:{row.seq}"),
        )
        for look, row in zip(looks, rests_on, strict=True)
    ]  # fmt: skip
    checks = ("EVD-01", "EVD-02", "EVD-03", "EVD-04", "EVD-05", "EVD-06")
    soon = sum(look in {_SOON, _ENDED} for look in looks)
    title = (
        f"{len(rows)} entries of evidence, {soon} of them ended or end within {_SOON_DAYS} days"
    )
    head = ("", "what it is", "grade", "made", "ends", "entry")
    more = [line(quiet(f"and {len(rows) - _MOST} more"))] if len(rows) > _MOST else []
    own = _SOON if soon else _IN_DATE
    none = [line("Nothing is on record that any answer rests on.")]
    return frame(
        title, overall(own, system.assessment, checks), system.assessment,
        *([table(head, rows[:_MOST])] if rows else none), *more,
        *judged(system.assessment, checks, people),
    )  # fmt: skip


def how_it_ends(until: datetime | None, as_of: datetime) -> Look:
    """Whether an entry of evidence has ended, ends within a month, or later, or never."""
    if until is None:
        return _NO_END
    if until <= as_of:
        return _ENDED
    return _SOON if until - as_of <= timedelta(days=_SOON_DAYS) else _IN_DATE


def our_rules_card(answer: ControlsAnswer, assessment: Assessment) -> Html:
    """What no framework asks for, and we ask nevertheless; never shown as a duty by law."""
    rows = [
        (
            line(tag("strong", rule.rule)),
            join(
                [
                    tag(
                        "span",
                        chip(words.STATUSES.get(status, words.NOT_APPLICABLE)),
                        f" {check} ",
                    )
                    for check, status in zip(rule.checks, rule.statuses, strict=True)
                ],
                " ",
            ),
        )
        for rule in answer.ours
    ]
    title = f"{words.plural(len(rows), 'rule')} of our own that no framework asks for"
    return frame(
        title, _SHOWN, assessment, table(("our rule", "what asks it, as it stands"), rows)
    )


def security_card(assessment: Assessment, people: People) -> Html:
    """Whether the safeguards match how sensitive the data is, and where it may go."""
    checks = ("SEC-01", "SEC-02")
    look = overall(PASSED, assessment, checks)
    return frame("Safeguards and data that leaves", look, assessment,
                 *judged(assessment, checks, people))  # fmt: skip
