"""Every page of the site as text: index, one review and 2am page per system, one page per run.

Pages hold no value that is not in their input, so equal input gives equal bytes. Index and review
pages carry no script; the page of a run with figures loads two, both of this site.
"""

import json
from functools import partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ops_model.domain.evidence import Grade
from ops_model.shipped import shipped
from ops_model.site import words
from ops_model.site.cards import card
from ops_model.site.figures import caption, figure
from ops_model.site.links import root_of, run_page, system_page, two_am_page
from ops_model.site.markup import Html, clean
from ops_model.site.prose import prose, sentence
from ops_model.site.review import all_made_up, is_simulated, parts_made_up, review, simulated_parts
from ops_model.site.runs import run_look, run_outcome, run_rows, stopped
from ops_model.site.site_input import GradedStatement, SiteInput, SiteRun, SiteSystem
from ops_model.site.two_am import two_am
from ops_model.site.verdicts import why

CSP_STILL = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
)
"""Index and review pages: no script, no inline style, no address but the style sheet."""
CSP_DRAWN = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'"
)
"""Pages of runs: plotly sets inline styles, and cards are made of them."""
_MOST_RUNS = 6
_FILTERS = (
    words.basis, words.full, words.grade, words.instant, words.notebook_name, words.plural,
    words.short_digest, words.size, words.value,
)  # fmt: skip


def render(pages: SiteInput) -> dict[str, str]:
    """Path below the site's folder, and the text of the page."""
    engine = _engine(pages)
    rendered = {"index.html": _page(engine, "index.html", "index.html", **_index(pages))}
    for system in pages.systems:
        path = system_page(system)
        view = {**review(pages, system), "two_am": system.walk is not None}
        rendered[path] = _page(engine, "system.html", path, page=view)
        if system.walk is not None:
            path = two_am_page(system)
            sheet = two_am(pages, system, system.walk)
            rendered[path] = _page(engine, "two_am.html", path, page=sheet)
        for run in system.runs:
            path = run_page(system, run)
            rendered[path] = _page(engine, "run.html", path, page=_run(pages, system, run))
    return rendered


def _engine(pages: SiteInput) -> Environment:
    engine = Environment(
        loader=FileSystemLoader(shipped("templates") / "site"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters |= {function.__name__: function for function in _FILTERS}
    engine.filters["prose"] = partial(prose, people=pages.people)
    engine.filters["sentence"] = partial(sentence, people=pages.people)
    engine.globals |= {
        "workbook": pages.settings.name,
        "as_of": pages.as_of,
        "replay": pages.settings.as_of is not None,
        "tool_version": pages.tool_version,
        "reasons": words.REASONS,
        "statuses": words.STATUSES,
        "verdicts": words.VERDICTS,
        "grades": list(Grade),
    }
    return engine


def _shown(value: object) -> object:
    """What a template writes: control and direction characters of data made visible first."""
    plain = isinstance(value, str) and not hasattr(value, "__html__")
    return clean(str(value)) if plain else value


def _page(engine: Environment, template: str, path: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template names
    csp = CSP_DRAWN if template == "run.html" else CSP_STILL
    text = engine.get_template(template).render(root=root_of(path), csp=csp, **values)
    return text + "\n"


def _index(pages: SiteInput) -> dict[str, Any]:
    rows = [_index_row(pages, system) for system in pages.systems]
    ready = sum(system.assessment.verdict == "READY" for system in pages.systems)
    return {
        "summary": f"{words.plural(len(rows), 'AI system')}, {ready} ready to operate.",
        "note": pages.settings.note or "",
        "rows": rows,
    }


def _index_row(pages: SiteInput, system: SiteSystem) -> dict[str, Any]:
    assessment, ownership = system.assessment, system.claims.ownership
    runs = run_rows(system, "")
    return {
        "name": system.claims.identity.name,
        "href": system_page(system),
        "two_am": two_am_page(system) if system.walk is not None else "",
        "tier": system.claims.identity.tier,
        "kind": words.SYSTEM_KINDS[system.claims.identity.kind],
        "simulated": is_simulated(system),
        "simulated_parts": simulated_parts(system),
        "verdict": words.VERDICTS[assessment.verdict],
        "why": why(assessment),
        "answered": sum(q.answered for q in assessment.five_questions),
        "asked": len(assessment.five_questions),
        "gaps": words.plural(len(assessment.blocking), "check"),
        "owner": pages.people.label(ownership.accountable if ownership else None),
        "runs": runs[:_MOST_RUNS],
        "older": len(runs[_MOST_RUNS:]),
    }


def _run(pages: SiteInput, system: SiteSystem, run: SiteRun) -> dict[str, Any]:
    root = root_of(run_page(system, run))
    told_by = system.of_run(run.run_id)
    records = [_record(pages, graded) for graded in told_by]
    return {
        "run": run,
        "name": system.claims.identity.name,
        "system_href": root + system_page(system),
        "simulated": is_simulated(system),
        "simulated_parts": "" if is_simulated(system) else parts_made_up(told_by),
        "all_simulated": all_made_up(told_by),
        "look": run_look(system, run),
        "outcome": f"{stopped(run)}." if run.message else run_outcome(system, run),
        "failed": run.state != "finished",
        "facts": _run_facts(run),
        "sealed": _sealed(run),
        "records": records,
        "has_figures": any(record["figure"] for record in records),
    }


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
        ("run", run.run_id), ("notebook's digest", run.notebook_digest),
        ("sealed bundle", run.bundle), ("manifest", run.manifest),
    )  # fmt: skip
    return [(name, text) for name, text in named if text]


def _record(pages: SiteInput, graded: GradedStatement) -> dict[str, Any]:
    statement = graded.statement
    drawn = figure(statement.record)
    return {
        "seq": statement.seq,
        "title": words.KINDS.get(statement.record.kind, statement.record.kind),
        "card": Html(card(statement.record, pages.people)),
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
