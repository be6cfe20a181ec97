"""No page of a site names an address that a browser would load or lead to, outside of the site."""

import re

import pytest

from ops_model.site.build import build_site
from tests.browser.payloads import OUTSIDE, PAYLOADS
from tests.site import samples, whole
from tests.site.notebooks import a_notebook, sealed
from tests.site.pages_reader import Reader
from tests.site.samples import site_input

# What a browser loads, sends to or follows, by attribute.
LOADED = frozenset(
    {"src", "srcset", "href", "action", "formaction", "data", "poster", "background", "ping",
     "cite", "longdesc", "manifest", "archive", "codebase", "icon", "imagesrcset", "xlink:href",
     "usemap", "classid", "profile"}
)  # fmt: skip
IN_STYLE = re.compile(r"""url\(\s*["']?([^"')]*)|@import\s+["']([^"']*)""", re.IGNORECASE)
OWN = re.compile(r"#|data:|(\.\./)*[\w.-]+(/[\w.-]+)*(#[\w.%-]+)?$")


def addresses(html):
    """Every address on a page, also in its styles and in the documents of its frames."""
    page = Reader(html)
    for _, name, value in page.attributes:
        if name in LOADED:
            yield value
        elif name == "style":
            yield from in_style(value)
        elif name == "srcdoc":
            yield from addresses(value)
        elif name == "content" and "url=" in value.lower():
            yield value.partition("=")[2]
    yield from in_style("".join(page.texts))


def in_style(text):
    return ("".join(found.groups("")) for found in IN_STYLE.finditer(text))


def outside(html):
    return [address for address in addresses(html) if not OWN.match(address)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with every kind of page; the runs carry an honest notebook and every hostile one."""
    hostile = sealed(*[cell for cells in PAYLOADS.values() for cell in cells])
    runs = tuple(
        samples.run(f"r-{name}", name, executed=lambda notebook=notebook: notebook)
        for name, notebook in (("honest", a_notebook()), ("hostile", hostile))
    )
    folder = tmp_path_factory.mktemp("addresses")
    system = samples.flight_system(runs=runs)
    build_site(site_input(systems=(system,), portfolio=samples.portfolio()), folder / "site")
    claimed = samples.hostile_system(f'"><a href="{OUTSIDE}">x</a> javascript:run() {OUTSIDE}')
    build_site(site_input(systems=(claimed,)), folder / "claimed")
    build_site(whole.input_of(whole.whole(), portfolio=samples.portfolio()), folder / "whole")
    return folder


def test_no_page_of_a_site_names_an_address_outside_of_it(site):
    pages = sorted(site.rglob("*.html"))

    found = {str(p.relative_to(site)): outside(p.read_text(encoding="utf-8")) for p in pages}

    assert any("r-hostile" in path for path in found)
    assert {path: named for path, named in found.items() if named} == {}


def test_neither_the_style_sheet_nor_the_loader_names_an_address(site):
    for name in ("site.css", "loader.js"):
        text = (site / "site" / "assets" / name).read_text(encoding="utf-8")

        assert "//" not in re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE), name
        assert not IN_STYLE.search(text), name


@pytest.mark.parametrize(
    "html",
    [f'<img src="{OUTSIDE}x">', f'<a href="{OUTSIDE}">x</a>', '<a href="//x.invalid">x</a>',
     f'<p style="background:URL( \'{OUTSIDE}\' )">x</p>', f"<style>@import '{OUTSIDE}'</style>",
     f'<iframe srcdoc="&lt;img src={OUTSIDE}&gt;"></iframe>', '<a href="javascript:run()">x</a>',
     f'<meta http-equiv="refresh" content="0; URL={OUTSIDE}">', f'<form action="{OUTSIDE}">',
     f'<video poster="{OUTSIDE}"></video>', '<a href="file:///etc/passwd">x</a>'],
)  # fmt: skip
def test_an_address_outside_would_be_found(html):
    assert outside(html) != []


def test_addresses_of_the_site_itself_are_none_of_those():
    html = (
        '<link href="../assets/site.css"><a href="#content">x</a><img src="data:image/png,x">'
        '<a href="../../systems/a-b/areas/cost.html#CST-01">x</a>'
    )

    assert list(addresses(html))
    assert outside(html) == []
