"""Every page of the site as text: the first one, a page per reader of each system, areas, runs.

Pages hold no value that is not in their input, so equal input gives equal bytes. Only the page of
a run with figures carries scripts: two, both of this site; and a page with a next report that is
due a third, which holds that instant against the reader's clock. What a notebook showed stands on
the page of its run in a frame that may do nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from types import CodeType
from typing import Any

from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context

from ops_model.domain.evidence import Grade
from ops_model.shipped import shipped
from ops_model.site import words
from ops_model.site.area import area, areas_of
from ops_model.site.compliance_page import compliance
from ops_model.site.controls_page import controls
from ops_model.site.due import DueView, due_after, due_of_all, due_on
from ops_model.site.executive import executive
from ops_model.site.fleet_page import fleet
from ops_model.site.history import history
from ops_model.site.index import index
from ops_model.site.links import (
    FLEET_PAGE,
    PORTFOLIO_PAGE,
    area_page,
    page_of,
    root_of,
    run_page,
    system_page,
    two_am_page,
)
from ops_model.site.made_from import MadeFrom
from ops_model.site.markup import Html, clean
from ops_model.site.on_call_page import on_call
from ops_model.site.owner import all_gaps, owner
from ops_model.site.product import product
from ops_model.site.prose import clauses, prose, sentence
from ops_model.site.run import run_view, shows_notebook
from ops_model.site.site_input import SiteInput, SiteRun, SiteRuns, SiteSystem
from ops_model.site.two_am import two_am
from ops_model.site.unread import unread_system, unread_systems

CSP_STILL = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
)
"""All pages but those of runs: no script, no inline style, no address but the style sheet."""
CSP_DUE = f"{CSP_STILL}; script-src 'self'"
"""The same with a next report that is due, or with many systems: a script of this site looks at
the reader's clock, or finds among them."""
CSP_CARDS = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""Pages of runs: their cards are made of inline styles, and so is a notebook in its frame."""
CSP_DRAWN = f"{CSP_CARDS}; script-src 'self'"
"""Pages of runs with figures, or with a next one that is due: scripts of this site."""
CSP_NOTEBOOK = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
"""The notebook in its frame, beside what the frame itself refuses and the page around it."""
_FILTERS = (
    clauses, words.basis, words.full, words.grade, words.instant, words.named_unit,
    words.notebook_name, words.plural, words.short_digest, words.shortened, words.size,
    words.value,
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


@dataclass(frozen=True)
class Page:
    """A page of the site, its text not written yet.

    `made_from` is the digest of all that the text hangs on, empty where that is the whole site.
    """

    path: str
    made_from: str
    text: Callable[[], str]


def render(pages: SiteInput) -> dict[str, str]:
    """Path below the site's folder, and the text of the page."""
    return {page.path: page.text() for page in each_page(pages)}


def each_page(pages: SiteInput) -> Iterator[Page]:
    """The pages one by one; each is written when its text is asked for, or not at all."""
    write, made = partial(_page, _engine(pages)), MadeFrom(pages)
    whole = due_of_all(pages)
    yield Page("index.html", "", lambda: write("index.html", "index.html", whole, **index(pages)))
    if pages.systems:
        yield Page(
            FLEET_PAGE, "", lambda: write("fleet.html", FLEET_PAGE, whole, page=fleet(pages))
        )
    if (portfolio := pages.portfolio) is not None:
        yield Page(
            PORTFOLIO_PAGE, "",
            lambda: write(
                "portfolio.html", PORTFOLIO_PAGE, whole, page=executive(pages, portfolio)
            ),
        )  # fmt: skip
        yield from _runs(pages, pages.together, None, write, made)
    for system in pages.systems:
        yield from _of_system(pages, system, write, made.of_system(system))
        yield from _runs(pages, system.ran, system, write, made)
    for one in unread_systems(pages):
        yield from _of_unread(pages, one.name, write, made.of_unread(one.name))


def _of_unread(
    pages: SiteInput, system_id: str, write: Callable[..., str], made_from: str
) -> Iterator[Page]:
    """One page wherever a reader looks for theirs, so that no link to one leads nowhere."""

    @cache
    def text() -> str:
        page = unread_system(pages, system_id)
        # All lie in one folder, so every way from them is the same.
        return write("unread.html", page_of(system_id), None, page=page)

    for name in (*_OF_SYSTEM, "2am"):
        yield Page(page_of(system_id, name), made_from, text)


def _of_system(
    pages: SiteInput, system: SiteSystem, write: Callable[..., str], made_from: str
) -> Iterator[Page]:
    """Every page of a system but those of its runs."""

    def page(path: str, template: str, view: Callable[[], dict[str, Any]]) -> Page:
        return Page(
            path, made_from, lambda: write(template, path, due_on(pages, system), page=view())
        )

    for name, view in _OF_SYSTEM.items():
        template = "owner.html" if name == "index" else f"{name.replace('-', '_')}.html"
        yield page(system_page(system, name), template, partial(view, pages, system))
    for name in areas_of(system):
        yield page(area_page(system, name), "area.html", partial(area, pages, system, name))
    if system.walk is not None:
        walk = partial(two_am, pages, system, system.walk)
        yield page(two_am_page(system), "two_am.html", walk)


def _runs(
    pages: SiteInput,
    ran: SiteRuns,
    system: SiteSystem | None,
    write: Callable[..., str],
    made: MadeFrom,
) -> Iterator[Page]:
    """The page of each run."""
    for run in ran.runs:
        path = run_page(ran, run)
        made_from = made.of_run(ran, run, system, shown=shows_notebook(ran, run))
        yield Page(path, made_from, partial(_run_text, pages, ran, run, system, write))


def _run_text(
    pages: SiteInput,
    ran: SiteRuns,
    run: SiteRun,
    system: SiteSystem | None,
    write: Callable[..., str],
) -> str:
    view = run_view(pages, ran, run, system)
    return write("run.html", run_page(ran, run), due_after(pages, run, system), page=view)


class _Compiled(BytecodeCache):
    """Templates compiled once in a process: that took most of the time of building a small site.

    What is compiled is the same for every workbook: no filter that reads one is called before.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from the same source."""
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._known[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


@pass_context
def _prose(context: Context, text: str) -> Html:
    return prose(text, context["people"])


@pass_context
def _sentence(context: Context, text: str) -> Html:
    return sentence(text, context["people"])


def _engine(pages: SiteInput) -> Environment:
    engine = Environment(
        loader=FileSystemLoader(shipped("templates") / "site"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )
    engine.filters |= {function.__name__: function for function in _FILTERS}
    engine.filters |= {"prose": _prose, "sentence": _sentence}
    engine.globals |= {
        "workbook": pages.settings.name,
        "people": pages.people,
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


def _page(
    engine: Environment,
    template: str,
    path: str,
    due: DueView | None,
    **values: Any,  # noqa: ANN401 - whatever the template names
) -> str:
    csp = CSP_STILL if due is None and not values.get("many") else CSP_DUE
    if template == "run.html":
        drawn = due is not None or values["page"]["has_figures"]
        csp = CSP_DRAWN if drawn else CSP_CARDS
    found = engine.get_template(template)
    return found.render(root=root_of(path), csp=csp, due=due, **values) + "\n"
