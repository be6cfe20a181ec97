"""The notebook on the page of its run: in a frame without rights, or a word on why not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ops_model.site.build import SealedNotebook
from ops_model.site.pages import CSP_CARDS, CSP_DRAWN, CSP_NOTEBOOK, render
from tests.site import samples
from tests.site.notebooks import a_notebook, code, sealed, shown, words
from tests.site.pages_reader import Reader
from tests.site.samples import site_input

PAGE = "runs/flight-delay/06_cost/{}.html"


def pages_of(*runs, statements=()):
    system = samples.flight_system(runs=runs, statements=statements)
    return render(site_input(systems=(system,)))


def a_run(notebook, run_id="r-1", **more):
    return samples.run(run_id, "06_cost", executed=lambda: notebook, **more)


def page_of(notebook):
    return pages_of(a_run(notebook))[PAGE.format("r-1")]


def frame_of(page):
    (frame,) = [a for tag, a in Reader(page).elements if tag == "iframe"]
    return frame


def test_the_notebook_stands_in_a_frame_without_any_right():
    frame = frame_of(page_of(a_notebook()))

    # `sandbox` without a word in it takes everything away: scripts, forms, the page's origin.
    assert frame["sandbox"] is None
    assert frame["title"] == "The executed notebook of this run"
    assert set(frame) == {"sandbox", "title", "srcdoc"}


def test_the_document_in_the_frame_states_a_policy_of_its_own_before_anything_else():
    document = frame_of(page_of(a_notebook()))["srcdoc"]

    page = Reader(document)
    assert ("meta", "content", CSP_NOTEBOOK) in page.attributes
    assert document.index("Content-Security-Policy") < document.index("<style")
    assert "script-src" not in CSP_NOTEBOOK
    assert ("html", "lang", "en") in page.attributes
    assert "script" not in page.tags


BREAKERS = (
    '"></iframe><script>run()</script>', "'></iframe><script>run()</script>", "</main></body>",
    "&quot;&gt;&lt;/iframe&gt;&lt;script&gt;run()&lt;/script&gt;", "]]></iframe>",
    "</style><script>run()</script>", "\x00\"></iframe>", "--></iframe><script>run()</script>",
)  # fmt: skip


@pytest.mark.parametrize(
    "cell_of",
    [words, lambda text: code(source=text), lambda text: code(shown(html=text)),
     lambda text: code(shown(text=text)), lambda text: code(shown(**{text: "x"}))],
    ids=["words", "source", "html", "text", "mime"],
)  # fmt: skip
def test_nothing_breaks_out_of_the_frame(cell_of):
    page = Reader(page_of(sealed(*map(cell_of, BREAKERS))))
    honest = Reader(page_of(a_notebook()))

    assert [tag for tag, _ in page.elements] == [tag for tag, _ in honest.elements]


def test_a_bundle_that_is_not_as_it_was_sealed_is_named_and_nothing_of_it_is_shown():
    broken = SealedNotebook(problem="executed.ipynb was changed")

    page = Reader(page_of(broken))

    assert "Nothing of the notebook is shown : executed.ipynb was changed." in page.text
    assert "iframe" not in page.tags


def test_only_the_latest_runs_of_a_notebook_show_it_and_the_others_say_where_it_lies():
    runs = [
        a_run(a_notebook(), f"r-{day}", recorded_at=samples.RECORDED + timedelta(days=day))
        for day in range(6)
    ]
    other = replace(samples.run("r-other", "05_drift_quality"), executed=a_notebook)

    pages = pages_of(*runs, other)

    framed = [day for day in range(6) if "<iframe" in pages[PAGE.format(f"r-{day}")]]
    assert framed == [2, 3, 4, 5]
    assert "<iframe" in pages["runs/flight-delay/05_drift_quality/r-other.html"]
    assert (
        "Pages show the notebook of the latest 4 runs. That of this one lies sealed in "
        "runs/flight-delay/06_cost/r-0/executed.ipynb ."
    ) in Reader(pages[PAGE.format("r-0")]).text


def test_a_notebook_that_is_not_shown_is_not_read():
    runs = [
        a_run(a_notebook(), f"r-{day}", recorded_at=samples.RECORDED + timedelta(days=day))
        for day in range(1, 6)
    ]
    unread = replace(runs[0], executed=lambda: pytest.fail("read"), recorded_at=samples.RECORDED)

    pages = pages_of(unread, *runs[1:])

    assert "<iframe" not in pages[PAGE.format("r-1")]


def test_a_run_without_a_bundle_says_nothing_of_a_notebook():
    page = pages_of(samples.failed_run())["runs/flight-delay/05_drift_quality/r-broken.html"]

    assert "The executed notebook" not in page


def test_a_page_with_a_notebook_and_no_figure_allows_no_script():
    page = page_of(a_notebook()).replace("&#39;", "'")

    assert f'content="{CSP_CARDS}"' in page
    assert "script-src" not in CSP_CARDS


def test_a_page_with_a_figure_allows_the_scripts_of_the_site_and_nothing_more():
    told = samples.stated(7, samples.spend(), "r-1", "06_cost")
    page = pages_of(a_run(a_notebook()), statements=(told,))[PAGE.format("r-1")]

    assert f'content="{CSP_DRAWN}"' in page.replace("&#39;", "'")
    assert CSP_DRAWN.removeprefix(CSP_CARDS) == "; script-src 'self'"


def test_equal_notebooks_give_equal_pages():
    assert page_of(a_notebook()) == page_of(a_notebook())
