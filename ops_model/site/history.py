"""How a system came to stand where it stands: its assessments, and every run."""

from collections.abc import Iterable
from typing import Any

from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.evidence import Grade
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.head import head
from ops_model.site.links import area_page, entries, link_to, root_of, system_page
from ops_model.site.runs import RunRow, run_rows
from ops_model.site.since import Changes, changes_between
from ops_model.site.site_input import GradedStatement, SiteInput, SiteSystem

_MOST_RUNS = 12
_MOST_HISTORY = 20


def history(pages: SiteInput, system: SiteSystem) -> dict[str, Any]:
    """All that the template of the page of runs and history needs."""
    path = system_page(system, "history")
    runs = run_rows(system.ran, root_of(path))
    recorded = assessments(system)
    since, changes = since_last_assessment(system)
    return {
        **head(system, path),
        "history": _rows(system, root_of(path)),
        "more_history": max(len(recorded) - _MOST_HISTORY, 0),
        "runs": runs[:_MOST_RUNS],
        "older_runs": by_month(runs[_MOST_RUNS:]),
        "many_older": max(len(runs) - _MOST_RUNS, 0),
        "since": since,
        "changes": change_lines(system, changes, pages.people, path)
        if changes is not None
        else [],
    }


def by_month(rows: Iterable[RunRow]) -> list[tuple[str, list[RunRow]]]:
    """The rows of each month under its name, as they come: two years of weeks in 24 lines."""
    months: dict[str, list[RunRow]] = {}
    for row in rows:
        months.setdefault(words.month(row.run.as_of), []).append(row)
    return list(months.items())


def assessments(system: SiteSystem) -> list[tuple[GradedStatement, Assessment]]:
    """The assessments of a system that were observed, the latest first.

    What a notebook prints that nobody approved is no verdict of before.
    """
    found = [
        (s, s.statement.record)
        for s in system.statements
        if isinstance(s.statement.record, Assessment) and s.grade >= Grade.OBSERVED
    ]
    return sorted(found, key=lambda f: (f[1].as_of, f[0].statement.seq), reverse=True)


def since_last_assessment(system: SiteSystem) -> tuple[str, Changes | None]:
    """Which assessment is the last before the one of now, and what differs; None without one.

    One of the same instant that says the same is the one of now, on record.
    """
    now = system.assessment
    for graded, earlier in assessments(system):
        changes = changes_between(earlier, now)
        if earlier.as_of < now.as_of or not changes.nothing:
            as_of = words.instant(earlier.as_of)
            return f"Since the assessment as of {as_of} (entry {graded.statement.seq})", changes
    return "No earlier assessment is on the ledger", None


def since_in_short(system: SiteSystem) -> str:
    """How many gaps are closed, only answered for, and new since the last assessment.

    Empty where none is either: a first screen has no room for what did not happen.
    """
    since, changes = since_last_assessment(system)
    if changes is None:
        return f"{since}."
    between = (
        (changes.waived, "newly waived, not closed"),
        (changes.switched_off, "newly switched off, not closed"),
        (changes.unasked, "not asked any more"),
        (changes.lapsed, "no longer waived or switched off"),
    )
    told = [_many(checks, what) for checks, what in between if checks]
    if not (changes.closed or told or changes.new):
        return ""
    said = [_many(changes.closed, "closed"), *told, _many(changes.new, "new")]
    return f"{since}: {'; '.join(said) if told else ', '.join(said)}."


def in_words(finding: Finding) -> str:
    """A check with its question in a few words: `RBK-02 (drilled recently)`."""
    return f"{finding.check} ({finding.slug.replace('_', ' ')})"


def _many(checks: tuple[str, ...], what: str) -> str:
    few = f" ({', '.join(checks)})" if 0 < len(checks) <= 3 else ""
    return f"{len(checks) or 'none'} {what}{few}"


def change_lines(
    system: SiteSystem, changes: Changes, people: People, path: str
) -> list[dict[str, Any]]:
    """What differs between two assessments, each check with the way to its answer.

    A check has its words, where it is answered, and what is to be said besides: of one that is
    only waived or switched off how it stands, who answers for that, and until when.
    """
    found = {f.check: f for f in system.assessment.findings}
    root = root_of(path)
    named = (
        ("In the way, and was not", changes.new),
        ("No longer waived or switched off, and in the way", changes.lapsed),
        ("Newly waived, not closed", changes.waived),
        ("Newly switched off, not closed", changes.switched_off),
        ("Was open, and no check asks it any more", changes.unasked),
        ("Closed", changes.closed),
        ("Answered otherwise", changes.changed),
    )
    beside = {*changes.waived, *changes.switched_off, *changes.closed}
    return [
        {
            "what": f"{what} ({len(checks)})",
            "checks": [
                (
                    in_words(found[c]),
                    f"{root}{area_page(system, found[c].area)}#{c}",
                    _beside(system, found[c], people) if c in beside else "",
                )
                if c in found
                else (c, "", "")
                for c in checks
            ],
        }
        for what, checks in named
        if checks
    ] or [{"what": "No answer has changed", "checks": []}]


def _beside(system: SiteSystem, finding: Finding, people: People) -> str:
    """How a gap stands that is only answered for, and by whom and until when it is."""
    if not finding.open:
        return "does not apply any more" if finding.status == "not_applicable" else ""
    status = words.STATUSES[finding.status].word
    return f"{status}, {_by_whom(system, finding, people)}"


def _by_whom(system: SiteSystem, finding: Finding, people: People) -> str:
    ends = words.day(finding.valid_until.date()) if finding.valid_until is not None else ""
    if finding.switched_off:
        decided = (s for s in system.decided.switched_off if s.check_id == finding.check)
        said = [f"{people.label(s.decided_by)} from {words.day(s.since)}" for s in decided]
        who = said[0] if said else "the policy"
        return f"switched off by {who}{f' until {ends}' if ends else ', no end'}"
    counting = [
        w for w in system.decided.waivers
        if w.waiver.check_id == finding.check and not w.why_not
    ]  # fmt: skip
    if counting:
        longest = max(counting, key=lambda said: said.until)
        who = people.label(longest.waiver.accepted_by)
        return f"accepted by {who} until {words.day(longest.until)}"
    through = f" with {', '.join(finding.through)}" if finding.through else ""
    return f"waived{through}{f' until {ends}' if ends else ''}"


def _rows(system: SiteSystem, root: str) -> list[dict[str, Any]]:
    shown = entries(system)
    recorded = assessments(system)
    rows = []
    for place, (graded, assessment) in enumerate(recorded[:_MOST_HISTORY]):
        gaps = len(assessment.blocking)
        change = ""
        if place + 1 < len(recorded):
            change = f" ({_change(recorded[place + 1][1], assessment)})"
        rows.append(
            {
                "look": words.VERDICTS[assessment.verdict],
                "as_of": assessment.as_of,
                "recorded_at": graded.statement.recorded_at,
                "gaps": f"{words.plural(gaps, 'check')}{change}",
                "link": link_to(graded.statement.place, shown, root),
            }
        )
    return rows


def _change(before: Assessment, now: Assessment) -> str:
    """How many more stand in the way, and how many more somebody only answers for."""
    more = len(now.blocking) - len(before.blocking)
    aside = sum(f.accepted for f in now.findings) - sum(f.accepted for f in before.findings)
    told = [f"{more:+d}" if more else "unchanged"]
    told += [f"{aside:+d} waived or switched off"] if aside else []
    return ", ".join(told)
