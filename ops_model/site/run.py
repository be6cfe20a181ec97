"""The page of one run: each record as a card and a figure, and how to check the run."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ops_model.domain.detection import DriftMeasurement, SkewMeasurement
from ops_model.domain.trials import Reproduction
from ops_model.domain.weekly import WeeklyReport
from ops_model.site import named, words
from ops_model.site.appendix import Appendix, appendix
from ops_model.site.cards import card
from ops_model.site.drift_cards import is_as_drift, skew_as_drift
from ops_model.site.figures import caption, figure
from ops_model.site.links import PORTFOLIO_PAGE, check_hrefs, root_of, run_page, system_page
from ops_model.site.markup import Html, tag
from ops_model.site.parts import on_a_page
from ops_model.site.runs import DECLARED, run_look, run_outcome, stopped, weak, why_declared
from ops_model.site.simulated import MadeUp, is_simulated, made_up_among, run_made_up
from ops_model.site.site_input import (
    GradedStatement,
    SiteInput,
    SiteRun,
    SiteRuns,
    SiteSystem,
)
from ops_model.site.standing import FEW, Standing, counted, worst_first

SHOWN_RUNS = 4
"""Of how many runs of a notebook the pages show it: a month of weekly ones. Each costs a page
about 140 kB; the older ones are where they were sealed."""
_TEXT = re.compile(r"(<[^>]*>)")
_CHECK = re.compile(r"\b[A-Z][A-Z0-9]*-\d+\b")


def run_view(
    pages: SiteInput, ran: SiteRuns, run: SiteRun, system: SiteSystem | None = None
) -> dict[str, Any]:
    """All that the template of a run's page needs; `system` where the run was for one."""
    root = root_of(run_page(ran, run))
    told_by = ran.of_run(run.run_id)
    hrefs = {} if system is None else check_hrefs(system, run_page(ran, run))
    records = [_record(pages, graded, _card(graded, told_by, pages, hrefs)) for graded in told_by]
    many = _many(told_by)
    simulated = system is not None and is_simulated(system)
    parts, every = ("", False) if system is None or simulated else run_made_up(system, told_by)
    return {
        "run": run,
        "name": ran.name,
        "system_href": root + (PORTFOLIO_PAGE if system is None else system_page(system)),
        "history_href": "" if system is None else root + system_page(system, "history"),
        "simulated": simulated,
        "simulated_parts": parts,
        "all_simulated": every,
        "made_up_among": made_up_among(pages) if system is None else MadeUp(),
        "look": run_look(ran, run),
        "outcome": _outcome(ran, run, many),
        "many": many,
        "failed": run.state != "finished",
        "facts": _run_facts(run),
        "sealed": _sealed(run),
        "records": records,
        "compared": _compared(ran, run, root),
        "has_figures": any(record["figure"] for record in records),
        "notebook": _notebook(ran, run),
        "shown_runs": SHOWN_RUNS,
    }


def _compared(ran: SiteRuns, run: SiteRun, root: str) -> dict[str, Any] | None:
    """Of a run that repeats another: the way to that one, and where their records differ."""
    if not run.reproduces:
        return None
    first = next((one for one in ran.runs if one.run_id == run.reproduces), None)
    found = ran.reproduction_by(run.run_id)
    record = found.statement.record if found is not None else None
    return {
        "first": run.reproduces,
        "href": root + run_page(ran, first) if first is not None else "",
        "differing": record.differing if isinstance(record, Reproduction) else (),
        "entry": found.statement.seq if found is not None else None,
    }


def _many(told_by: Sequence[GradedStatement]) -> list[tuple[Standing, int]]:
    """Of a run that left many records each with its entry, the worst first; of few, none."""
    if len(told_by) <= FEW + 1:
        return []
    entries = {id(s.statement.record): s.statement.seq for s in told_by}
    found = worst_first(s.statement.record for s in told_by)
    return [(one, entries[id(one.record)]) for one in found]


def _outcome(ran: SiteRuns, run: SiteRun, many: Sequence[tuple[Standing, int]]) -> str:
    if run.message:
        return f"{stopped(run)}."
    if many:
        return " ".join([counted(one for one, _ in many), *why_declared(ran, run)])
    return run_outcome(ran, run)


def shows_notebook(ran: SiteRuns, run: SiteRun) -> bool:
    """Whether the page of a run shows its notebook: where it is one of the latest of that."""
    return run.executed is not None and run in ran.latest(run.notebook, SHOWN_RUNS)


def _notebook(ran: SiteRuns, run: SiteRun) -> Appendix | None:
    """What is shown of the run's notebook, empty for an older run; None where there is none."""
    if run.executed is None:
        return None
    return appendix(run.executed()) if shows_notebook(ran, run) else Appendix()


def _run_facts(run: SiteRun) -> list[tuple[str, str]]:
    facts = [
        ("notebook", run.notebook),
        ("state", run.state),
        ("judged as of", words.instant(run.as_of)),
        ("run on", words.instant(run.recorded_at)),
    ]
    if run.seconds is not None:
        facts.append(("took", f"{words.number(run.seconds)} s"))
    if run.state == "finished":
        facts.append(("left", f"{words.plural(run.records, 'record')}, sealed"))
    return facts


def _sealed(run: SiteRun) -> list[tuple[str, str]]:
    """What names the run and its content beyond doubt."""
    named = (
        ("run", run.run_id), ("in the place of", run.again_of),
        ("notebook's digest", run.notebook_digest),
        ("sealed bundle", run.bundle), ("manifest", run.manifest),
    )  # fmt: skip
    return [(name, text) for name, text in named if text]


def _card(
    graded: GradedStatement,
    told_by: Sequence[GradedStatement],
    pages: SiteInput,
    hrefs: Mapping[str, str],
) -> Html:
    """The card of a record, shorter where another one of the same run shows the same."""
    record = graded.statement.record
    if isinstance(record, SkewMeasurement):
        for one in told_by:
            drift = one.statement.record
            if isinstance(drift, DriftMeasurement) and is_as_drift(record, drift):
                return skew_as_drift(record, drift, f"#entry-{one.statement.seq}")
    told = card(record, pages.people)
    return _with_ways(told, hrefs) if isinstance(record, WeeklyReport) else Html(told)


def _record(pages: SiteInput, graded: GradedStatement, told: Html) -> dict[str, Any]:
    statement = graded.statement
    drawn = figure(statement.record)
    return {
        "seq": statement.seq,
        "title": named.KINDS.get(statement.record.kind, statement.record.kind),
        "card": on_a_page(told),
        "declared": DECLARED if weak(graded) else None,
        "figure": script_json(drawn) if drawn else "",
        "caption": caption(statement.record) if drawn else "",
        "grade": graded.grade,
        "cell": statement.origin.cell if statement.origin else "none",
        "digest": statement.digest,
    }


def _with_ways(html: str, hrefs: Mapping[str, str]) -> Html:
    """A card in which each check that it names leads to its answer, as it stands by now."""

    def way(found: re.Match[str]) -> str:
        check = found[0]
        return tag("a", check, href=hrefs[check]) if check in hrefs else check

    parts = _TEXT.split(html)
    return Html("".join(p if p.startswith("<") else _CHECK.sub(way, p) for p in parts))


def script_json(value: dict[str, Any]) -> Html:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Html(text)
