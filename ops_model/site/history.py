"""How a system came to stand where it stands: its assessments, and every run."""

from collections.abc import Iterable
from typing import Any

from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import Grade
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
    del pages
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
        "changes": change_lines(system, changes, path) if recorded else [],
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


def since_last_assessment(system: SiteSystem) -> tuple[str, Changes]:
    """Which assessment is the last on record, and what differs from it."""
    recorded = assessments(system)
    if not recorded:
        return "No earlier assessment is on the ledger", Changes()
    graded, earlier = recorded[0]
    said = f"the assessment as of {words.instant(earlier.as_of)} (entry {graded.statement.seq})"
    return f"Since {said}", changes_between(earlier, system.assessment)


def since_in_short(system: SiteSystem) -> str:
    """How many gaps are out of the way, by a waiver too, and how many are new since the last."""
    since, changes = since_last_assessment(system)
    if not assessments(system):
        return f"{since}."
    return (
        f"{since}: {_many(changes.closed, 'no longer in the way')}, {_many(changes.new, 'new')}."
    )


def _many(checks: tuple[str, ...], what: str) -> str:
    few = f" ({', '.join(checks)})" if 0 < len(checks) <= 3 else ""
    return f"{len(checks) or 'none'} {what}{few}"


def change_lines(system: SiteSystem, changes: Changes, path: str) -> list[dict[str, Any]]:
    """What differs between two assessments, each check with the way to its answer."""
    areas = {f.check: f.area for f in system.assessment.findings}
    root = root_of(path)
    named = (
        ("In the way, and was not", changes.new),
        ("No longer in the way", changes.closed),
        ("Answered otherwise", changes.changed),
    )
    return [
        {
            "what": f"{what} ({len(checks)})",
            "checks": [
                (c, f"{root}{area_page(system, areas[c])}#{c}" if c in areas else "")
                for c in checks
            ],
        }
        for what, checks in named
        if checks
    ] or [{"what": "No answer has changed", "checks": []}]


def _rows(system: SiteSystem, root: str) -> list[dict[str, Any]]:
    shown = entries(system)
    recorded = assessments(system)
    rows = []
    for place, (graded, assessment) in enumerate(recorded[:_MOST_HISTORY]):
        gaps = len(assessment.blocking)
        change = ""
        if place + 1 < len(recorded):
            difference = gaps - len(recorded[place + 1][1].blocking)
            change = f" ({difference:+d})" if difference else " (unchanged)"
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
