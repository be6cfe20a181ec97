"""The page of one run: each record as a card and a figure, and how to check the run."""

import json
from collections.abc import Sequence
from typing import Any

from ops_model.site import named, words
from ops_model.site.appendix import Appendix, appendix
from ops_model.site.cards import card
from ops_model.site.figures import caption, figure
from ops_model.site.links import PORTFOLIO_PAGE, root_of, run_page, system_page
from ops_model.site.markup import Html
from ops_model.site.parts import on_a_page
from ops_model.site.runs import DECLARED, run_look, run_outcome, stopped, weak, why_declared
from ops_model.site.simulated import all_made_up, is_simulated, parts_made_up
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


def run_view(
    pages: SiteInput, ran: SiteRuns, run: SiteRun, system: SiteSystem | None = None
) -> dict[str, Any]:
    """All that the template of a run's page needs; `system` where the run was for one."""
    root = root_of(run_page(ran, run))
    told_by = ran.of_run(run.run_id)
    records = [_record(pages, graded) for graded in told_by]
    many = _many(told_by)
    simulated = system is not None and is_simulated(system)
    return {
        "run": run,
        "name": ran.name,
        "system_href": root + (PORTFOLIO_PAGE if system is None else system_page(system)),
        "history_href": "" if system is None else root + system_page(system, "history"),
        "simulated": simulated,
        "simulated_parts": "" if simulated else parts_made_up(told_by),
        "all_simulated": all_made_up(told_by),
        "look": run_look(ran, run),
        "outcome": _outcome(ran, run, many),
        "many": many,
        "failed": run.state != "finished",
        "facts": _run_facts(run),
        "sealed": _sealed(run),
        "records": records,
        "has_figures": any(record["figure"] for record in records),
        "notebook": _notebook(ran, run),
        "shown_runs": SHOWN_RUNS,
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


def _record(pages: SiteInput, graded: GradedStatement) -> dict[str, Any]:
    statement = graded.statement
    drawn = figure(statement.record)
    return {
        "seq": statement.seq,
        "title": named.KINDS.get(statement.record.kind, statement.record.kind),
        "card": on_a_page(card(statement.record, pages.people)),
        "declared": DECLARED if weak(graded) else None,
        "figure": script_json(drawn) if drawn else "",
        "caption": caption(statement.record) if drawn else "",
        "grade": graded.grade,
        "cell": statement.origin.cell if statement.origin else "none",
        "digest": statement.digest,
    }


def script_json(value: dict[str, Any]) -> Html:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Html(text)
