"""Every page of the site as text: the first one, a page per reader of each system, areas, runs.

Pages hold no value that is not in their input, so equal input gives equal bytes. Only the page of
a run with figures carries scripts: two, both of this site. What a notebook showed stands on the
page of its run in a frame that may do nothing.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ops_model.domain.evidence import Grade
from ops_model.shipped import shipped
from ops_model.site import words
from ops_model.site.area import area, areas_of
from ops_model.site.compliance_page import compliance
from ops_model.site.controls_page import controls
from ops_model.site.executive import executive
from ops_model.site.history import history
from ops_model.site.index import index
from ops_model.site.links import (
    PORTFOLIO_PAGE,
    area_page,
    root_of,
    run_page,
    system_page,
    two_am_page,
)
from ops_model.site.markup import clean
from ops_model.site.on_call_page import on_call
from ops_model.site.owner import all_gaps, owner
from ops_model.site.product import product
from ops_model.site.prose import prose, sentence
from ops_model.site.run import run_view
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.two_am import two_am

CSP_STILL = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
)
"""All pages but those of runs: no script, no inline style, no address but the style sheet."""
CSP_CARDS = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""Pages of runs: their cards are made of inline styles, and so is a notebook in its frame."""
CSP_DRAWN = f"{CSP_CARDS}; script-src 'self'"
"""Pages of runs with figures: the two scripts of this site draw them."""
CSP_NOTEBOOK = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
"""The notebook in its frame, beside what the frame itself refuses and the page around it."""
_FILTERS = (
    words.basis, words.full, words.grade, words.instant, words.named_unit, words.notebook_name,
    words.plural, words.short_digest, words.shortened, words.size, words.value,
)  # fmt: skip
_OF_SYSTEM: dict[str, Callable[[SiteInput, SiteSystem], dict[str, Any]]] = {
    "index": owner,
    "gaps": all_gaps,
    "on-call": on_call,
    "product": product,
    "compliance": compliance,
    "controls": controls,
    "history": history,
}
"""The pages of a system: the name is that of the file and of the template."""


def render(pages: SiteInput) -> dict[str, str]:
    """Path below the site's folder, and the text of the page."""
    return dict(each_page(pages))


def each_page(pages: SiteInput) -> Iterator[tuple[str, str]]:
    """The pages one by one, each with its path: with their notebooks, many are much to hold."""
    engine = _engine(pages)
    yield "index.html", _page(engine, "index.html", "index.html", **index(pages))
    if pages.portfolio is not None:
        view = executive(pages, pages.portfolio)
        yield PORTFOLIO_PAGE, _page(engine, "portfolio.html", PORTFOLIO_PAGE, page=view)
        for run in pages.together.runs:
            path = run_page(pages.together, run)
            view = run_view(pages, pages.together, run)
            yield path, _page(engine, "run.html", path, page=view)
    for system in pages.systems:
        for path, template, view in _views(pages, system):
            yield path, _page(engine, template, path, page=view)


def _views(pages: SiteInput, system: SiteSystem) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, template and values of every page of one system."""
    for name, view in _OF_SYSTEM.items():
        template = "owner.html" if name == "index" else f"{name.replace('-', '_')}.html"
        yield system_page(system, name), template, view(pages, system)
    for name in areas_of(system):
        yield area_page(system, name), "area.html", area(pages, system, name)
    if system.walk is not None:
        yield two_am_page(system), "two_am.html", two_am(pages, system, system.walk)
    for run in system.runs:
        yield run_page(system.ran, run), "run.html", run_view(pages, system.ran, run, system)


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
        "appendix_csp": CSP_NOTEBOOK,
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
    csp = CSP_STILL
    if template == "run.html":
        csp = CSP_DRAWN if values["page"]["has_figures"] else CSP_CARDS
    text = engine.get_template(template).render(root=root_of(path), csp=csp, **values)
    return text + "\n"
