"""Every page says until when its next report is due, and whom to ask when it did not come."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ops_model.domain.awaited import Awaited
from ops_model.domain.schedules import Slot
from ops_model.domain.system import StageChange
from ops_model.domain.workbook import WorkbookSettings
from ops_model.site.build import build_site
from ops_model.site.pages import CSP_CARDS, CSP_DUE, CSP_STILL, render
from tests.builders import located
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, FLIGHT, SCRIPT

LINE = {"notebook": "05_drift_quality", "cron": "0 6 * * 1", "grace_hours": 6}
LIVE = {"name": "Live", "zone": "UTC", "schedules": [LINE]}
OWNER = "systems/flight-delay/index.html"
RUN = "runs/flight-delay/05_drift_quality/r-quality.html"


def settings(**more):
    return WorkbookSettings.model_validate(located({**LIVE, **more}, "ops-model.yaml"))


def waiting(after=timedelta(days=1), system=FLIGHT):
    """The demo's systems in a workbook that is live, where one report is waited for."""
    slot = Slot(AS_OF + after - timedelta(hours=6), system, "05_drift_quality")
    return samples.site_input(
        settings=settings(), due={system: Awaited(slot, AS_OF + after)},
        portfolio=samples.portfolio(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def pages():
    return render(waiting())


def of_system(pages):
    return {path: html for path, html in pages.items() if path.startswith("systems/flight")}


def test_every_page_of_a_system_carries_the_instant_for_eyes_and_for_the_script(pages):
    for path, html in of_system(pages).items():
        page = Reader(html)

        assert page.values("data-due-by") == ["2013-07-23T08:00:00Z"], path
        assert "is due by 23 Jul 2013, 08:00 UTC" in page.text, path
        assert "after that, do not rely on this page" in page.text, path


def test_the_pages_of_all_systems_say_which_report_is_due_first(pages):
    for path in ("index.html", "portfolio.html"):
        assert "05 drift quality of Flight delay, is due by 23 Jul" in Reader(pages[path]).text


def test_the_banner_names_the_report_and_whom_to_ask_and_is_hidden_until_then(pages):
    for path, html in of_system(pages).items():
        late = [a for tag, a in Reader(html).elements if "late" in a.get("class", "")]

        assert ["hidden" in a for a in late] == [True], path
        assert "OVERDUE</strong>: 05 drift quality of Flight delay was due by" in html, path
        assert "Ask Clara Ng." in html, path


def test_a_page_that_was_built_too_late_says_so_without_any_script():
    html = render(waiting(-timedelta(minutes=1)))["systems/flight-delay/index.html"]
    boxes = {a["class"]: a for tag, a in Reader(html).elements if tag == "p" and "class" in a}

    assert "hidden" not in boxes["late notice bad"]
    assert "hidden" in boxes["waits small soft"]


def test_only_the_script_that_reads_the_clock_is_let_in(pages):
    for path, html in of_system(pages).items():
        sources = [a.get("src", "") for tag, a in Reader(html).elements if tag == "script"]

        assert [source.rpartition("/")[2] for source in sources] == ["due.js"], path
        assert f'content="{CSP_DUE}"' in html.replace("&#39;", "'"), path
    assert CSP_DUE.removeprefix(CSP_STILL) == "; script-src 'self'"


def test_the_page_of_a_run_says_when_the_next_of_its_notebook_is_due(pages):
    page = Reader(pages[RUN])

    # The run is of Monday 22 July 08:00; the next Monday is the 29th, with 6 h of grace.
    assert page.values("data-due-by") == ["2013-07-29T12:00:00Z"]
    assert "NOT THE NEWEST" in page.text
    assert "../../../systems/flight-delay/history.html" in page.values("href")


def a_page_of_a_run(line=LINE, **identity):
    """The page of a run of Flight delay, with this line and this of the system changed."""
    given = waiting()
    one, *others = given.systems
    changed = one.claims.identity.model_copy(update=identity)
    claims = one.claims.model_copy(update={"identity": changed})
    systems = (replace(one, claims=claims), *others)
    return render(replace(given, systems=systems, settings=settings(schedules=[line])))[RUN]


def test_the_page_of_a_run_of_a_system_that_its_line_does_not_name_carries_nothing_of_it():
    assert "data-due-by" in a_page_of_a_run({**LINE, "systems": [FLIGHT]})
    assert "data-due-by" not in a_page_of_a_run({**LINE, "systems": ["support-assistant"]})


def test_the_page_of_a_run_of_a_system_that_retired_before_the_next_carries_nothing_of_it():
    def ends(after):
        stages = ("live", AS_OF - timedelta(days=400)), ("retired", AS_OF + after)
        return tuple(StageChange(stage=stage, at=at, by="clara-ng") for stage, at in stages)

    assert "data-due-by" in a_page_of_a_run(stage_history=ends(timedelta(days=9)))
    assert "data-due-by" not in a_page_of_a_run(stage_history=ends(timedelta(days=1)))


def owned(deputy, **left):
    """The banner of Flight delay, where Clara Ng left as `left` says and has this deputy."""
    given = waiting()
    one, *others = given.systems
    ownership = one.claims.ownership.model_copy(update={"deputy": deputy})
    systems = (
        replace(one, claims=one.claims.model_copy(update={"ownership": ownership})),
        *others,
    )
    everybody = given.people.people
    people = tuple(p.model_copy(update=left) if p.id == "clara-ng" else p for p in everybody)
    gone = given.people.model_copy(update={"people": people})
    return Reader(render(replace(given, systems=systems, people=gone))[OWNER]).text


def test_who_has_left_by_then_is_not_asked_but_whoever_stands_in_or_nobody():
    last = {"active_to": AS_OF.date()}

    assert "Ask Dev Patel." in owned("dev-patel", **last)
    assert "Ask Clara Ng." in owned("dev-patel", active_to=AS_OF.date() + timedelta(days=1))
    assert "nobody who answers for the system is here any more" in owned(None, **last)
    assert "nobody who answers for the system is here any more" in owned("gone-long-ago", **last)


def test_the_pages_of_all_systems_count_the_reports_that_are_waited_for():
    def of_all(first, second):
        dues = {
            system: Awaited(Slot(AS_OF, system, "05_drift_quality"), AS_OF + after)
            for system, after in ((FLIGHT, first), ("support-assistant", second))
        }
        return Reader(render(replace(waiting(), due=dues))["index.html"]).text

    hour = timedelta(hours=1)

    assert "The next report, the first of 2 that are waited for, 05 drift" in of_all(hour, hour)
    both = of_all(-2 * hour, -hour)
    assert "2 reports of 2 systems; the first, 05 drift quality of Flight delay" in both
    assert "nobody has published them here. Ask whoever runs the schedule" in both
    one = of_all(-hour, hour)
    assert "05 drift quality of Flight delay was due by" in one
    assert "reports of 2" not in one
    assert "Ask Clara Ng." in one


def test_the_page_of_a_run_is_the_same_whatever_else_is_due(pages):
    others = render(waiting(timedelta(days=9)))

    assert pages[RUN] == others[RUN]


def test_the_page_of_a_run_that_no_line_repeats_carries_nothing_of_it():
    unplanned = settings(schedules=[{**LINE, "notebook": "06_cost"}])
    html = render(replace(waiting(), settings=unplanned))[RUN]

    assert "data-due-by" not in html


def test_a_system_that_no_line_speaks_of_has_still_pages(pages):
    for path, html in pages.items():
        if path.startswith("systems/support"):
            assert not {"script", "time"} & Reader(html).tags, path
            assert f'content="{CSP_STILL}"' in html.replace("&#39;", "'"), path


def test_a_replay_never_speaks_of_a_report_that_is_due():
    pinned = replace(waiting(), settings=settings(as_of=AS_OF), due={})
    for path, html in render(pinned).items():
        assert "data-due-by" not in html, path
        assert "OVERDUE" not in html, path


def test_hostile_names_stay_text_in_the_banner():
    system = samples.hostile_system(SCRIPT)
    one = Awaited(Slot(AS_OF, system.claims.id, "05_drift_quality"), AS_OF)
    given = samples.site_input(
        settings=settings(), systems=(system,), due={system.claims.id: one}
    )  # fmt: skip
    html = render(given)[f"systems/{system.claims.id}/index.html"]

    assert "&lt;script&gt;" in html
    assert html.count("<script") == 1  # that of the page


def test_the_script_lies_beside_the_pages_and_is_small(tmp_path):
    build_site(waiting(), tmp_path / "site")

    assert (tmp_path / "site" / "assets" / "due.js").stat().st_size < 1000


def test_the_policy_of_a_run_without_figures_lets_no_script_in_unless_one_is_due(pages):
    path = "runs/flight-delay/05_drift_quality/r-broken.html"
    plain = render(replace(waiting(), settings=settings(schedules=[])))[path]

    assert f'content="{CSP_CARDS}"' in plain.replace("&#39;", "'")
    assert "script" not in Reader(plain).tags
