"""A site that is built on the one before reads like one that is built from nothing."""

import json
import os
import pickle
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ops_model.domain.awaited import Awaited
from ops_model.domain.evidence import Grade
from ops_model.domain.schedules import Schedule, Slot
from ops_model.domain.values import digest_of
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import Problem
from ops_model.site.build import build_site
from ops_model.site.kept import PAGES_FILE, KeptPages, list_pages
from ops_model.site.pages import each_page
from ops_model.store.sound_part import Broken
from tests.conftest import require
from tests.site import samples
from tests.site.notebooks import a_notebook
from tests.site.samples import AS_OF, RECORDED, site_input

RUN = "runs/flight-delay/05_drift_quality/r-quality.html"
OWNER = "systems/flight-delay/index.html"
OTHER = "systems/support-assistant/index.html"
LIVE = WorkbookSettings(name="Flight operations AI", zone="America/New_York")


def live(**more):
    """A workbook whose instant moves on."""
    return site_input(settings=LIVE, **more)


def pages_in(site):
    return {str(p.relative_to(site)): p.read_text("utf-8") for p in site.rglob("*.html")}


def files_of(site):
    """Which file each page is: another inode is another file."""
    return {str(p.relative_to(site)): p.stat().st_ino for p in site.rglob("*.html")}


def rewritten(site, before):
    return {path for path, inode in files_of(site).items() if before.get(path) != inode}


def with_run(pages, run_id="r-new", system=0, **more):
    """One more run of a system, and what it published."""
    first = pages.systems[system]
    run = samples.run(run_id, "05_drift_quality", executed=a_notebook, **more)
    told = (*first.statements, samples.stated(30, samples.drift(), run_id))
    changed = replace(first, runs=(*first.runs, run), statements=told)
    return replace(pages, systems=(changed, *pages.systems[1:]))


def changed(pages, **more):
    """The first system otherwise."""
    return replace(pages, systems=(replace(pages.systems[0], **more), *pages.systems[1:]))


def renamed(pages):
    claims = pages.systems[0].claims
    identity = claims.identity.model_copy(update={"name": "Flight lateness"})
    return changed(pages, claims=claims.model_copy(update={"identity": identity}))


def regraded(pages):
    told = pages.systems[0].statements
    return changed(pages, statements=tuple(replace(s, grade=Grade.DECLARED) for s in told))


def without_words(pages):
    """The words of the attestation are erased; what stands in their place has the same digest."""
    *told, said, last = pages.systems[0].statements
    record = said.statement.record.model_copy(update={"text": "forgotten"})
    erased = said.statement.model_copy(update={"record": record, "commitment": None})
    held = said.statement.model_copy(update={"commitment": samples.digest("words")})
    return (
        changed(pages, statements=(*told, replace(said, statement=held), last)),
        changed(pages, statements=(*told, replace(said, statement=erased), last)),
    )


def scheduled(pages):
    slot = Slot(AS_OF, samples.FLIGHT, "05_drift_quality")
    line = Schedule(notebook="05_drift_quality", cron="0 8 * * 1")
    settings = pages.settings.model_copy(update={"schedules": (line,)})
    awaited = {samples.FLIGHT: Awaited(slot, AS_OF + timedelta(days=1))}
    return replace(pages, settings=settings, due=awaited)


def called(name):
    """The people, Clara by another name."""
    known = samples.people()
    return known.model_copy(update={"people": tuple(
        p.model_copy(update={"name": name}) if p.id == "clara-ng" else p for p in known.people
    )})  # fmt: skip


def weeks(pages, many):
    """So many runs of one notebook, a week apart."""
    for week in range(many):
        pages = with_run(pages, f"r-week-{week}", recorded_at=RECORDED + timedelta(weeks=week))
    return pages


def day_by_day():
    """A site through everything that may happen to it, each time with a name."""
    yield "first", (pages := live())
    yield "the same again", pages
    yield "a run more", (pages := with_run(pages))
    yield (
        "five runs of a notebook, so that an older one is shown without it",
        (pages := weeks(pages, 5)),
    )
    yield "a system is renamed", (pages := renamed(pages))
    yield "grades are derived otherwise", (pages := regraded(pages))
    before, after = without_words(pages)
    yield "words are there", before
    yield "words are erased", after
    made_up = samples.stated(41, samples.spend(simulated=True), "r-quality")
    after = changed(after, statements=(*after.systems[0].statements, made_up))
    yield "cost is made up", after
    yield "a report is waited for", (pages := scheduled(after))
    yield "somebody is called otherwise", (pages := replace(pages, people=called("Clara N.")))
    named = pages.settings.model_copy(update={"name": "Flights"})
    yield "the workbook is called otherwise", (pages := replace(pages, settings=named))
    yield "an hour later", (pages := replace(pages, as_of=AS_OF + timedelta(hours=1)))
    yield "another version", (pages := replace(pages, tool_version="9.9.9"))
    yield "the portfolio is shown", (pages := replace(pages, portfolio=samples.portfolio()))
    yield (
        "a verdict is better",
        (pages := changed(pages, assessment=samples.assessment(verdict="READY"))),
    )
    mended, gone = pages, samples.FLIGHT
    for what, problem in (("cannot be read", "tier is D"), ("is wrong otherwise", "tier is E")):
        apart = {gone: Broken((Problem(problem, f"systems/{gone}/system.yaml:3", "write C"),))}
        yield f"a system {what}", replace(pages, systems=pages.systems[1:], broken=apart)
    yield "it is mended", mended
    yield "a system goes", replace(pages, systems=pages.systems[1:])


def test_a_site_built_on_the_one_before_reads_like_one_built_from_nothing(tmp_path):
    site, before = tmp_path / "site", {}
    for what, pages in day_by_day():
        build_site(pages, site)
        there = files_of(site)

        made = {page.path: page for page in each_page(pages)}
        assert there.keys() == made.keys(), what
        # What is another file now was written from the very text that it would be compared with.
        for path in (path for path, inode in there.items() if before.get(path) == inode):
            assert (site / path).read_text("utf-8") == made[path].text(), (what, path)
        before = there


def test_a_verdict_that_another_process_sent_is_the_same_as_one_that_was_given_here(tmp_path):
    site, here = tmp_path / "site", live()
    sent = pickle.loads(pickle.dumps(here.systems[0].assessment))
    assert type(sent.findings) is not type(here.systems[0].assessment.findings)
    build_site(here, site)
    before = files_of(site)

    build_site(changed(here, assessment=sent), site)

    assert not [path for path in rewritten(site, before) if path.startswith("systems/")]


def test_one_more_run_is_written_with_the_pages_of_its_system_and_those_of_all(tmp_path):
    site = tmp_path / "site"
    build_site(live(), site)
    before = files_of(site)

    build_site(with_run(live()), site)

    new = rewritten(site, before)
    runs = {path for path in new if path.startswith("runs/")}
    assert runs == {"runs/flight-delay/05_drift_quality/r-new.html"}
    assert "index.html" in new
    assert OWNER in new
    assert not [path for path in new if "support-assistant" in path]


def test_a_system_that_cannot_be_read_any_more_leaves_no_old_page_and_the_others_theirs(tmp_path):
    site, pages = tmp_path / "site", live()
    build_site(pages, site)
    before = files_of(site)
    apart = {samples.FLIGHT: Broken((Problem("tier is D", f"{OWNER}:3", "write C"),))}

    build_site(replace(pages, systems=pages.systems[1:], broken=apart), site)

    there = pages_in(site)
    assert "UNKNOWN" in there[OWNER]
    assert RUN not in there
    assert not [path for path in there if path.startswith("systems/flight-delay/areas/")]
    assert not [path for path in rewritten(site, before) if "support-assistant" in path]


def test_on_another_day_the_pages_of_runs_stay_as_they_are(tmp_path):
    site = tmp_path / "site"
    build_site(live(), site)
    before = files_of(site)

    build_site(live(as_of=AS_OF + timedelta(days=1)), site)

    new = rewritten(site, before)
    assert OWNER in new
    assert not [path for path in new if path.startswith("runs/")]


def test_a_page_that_is_kept_does_not_read_its_notebook_again(tmp_path):
    def unread():
        pytest.fail("the notebook of an unchanged run was read again")

    build_site(with_run(live()), tmp_path / "site")
    pages = with_run(live())
    runs = tuple(replace(run, executed=unread) for run in pages.systems[0].runs if run.executed)
    kept = tuple(run for run in pages.systems[0].runs if not run.executed)

    build_site(changed(pages, runs=(*kept, *runs)), tmp_path / "site")

    assert (
        "<iframe" in (tmp_path / "site/runs/flight-delay/05_drift_quality/r-new.html").read_text()
    )


def test_a_bundle_that_looks_otherwise_is_read_again(tmp_path):
    looks = []

    def page(look):
        run = samples.run(
            "r-1",
            "06_cost",
            seen=lambda: look,
            executed=lambda: looks.append(look) or a_notebook(),
        )
        return changed(live(), runs=(run,))

    for look in ("as sealed", "as sealed", "somebody wrote there"):
        build_site(page(look), tmp_path / "site")

    assert looks == ["as sealed", "somebody wrote there"]


def test_pages_that_somebody_touched_are_written_again(tmp_path):
    site = tmp_path / "site"
    build_site(live(), site)
    before, folder = pages_in(site), "systems/support-assistant"
    written, emptied, gone, link, older = (
        site / folder / f"{name}.html"
        for name in ("index", "gaps", "product", "controls", "history")
    )
    written.write_text(written.read_text().replace("not", "now"))
    emptied.write_text("")
    gone.unlink()
    link.unlink()
    (tmp_path / "elsewhere").write_text("x")
    link.symlink_to(tmp_path / "elsewhere")
    # As long as it was, and of the time that it had.
    seen = older.stat()
    older.write_text(older.read_text().replace("verdict", "VERDICT"))
    os.utime(older, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert older.stat().st_size == seen.st_size
    assert pages_in(site) != before

    build_site(live(), site)

    assert pages_in(site) == before
    assert not link.is_symlink()


def test_a_site_can_be_built_from_nothing_whatever_its_list_says(tmp_path):
    site = tmp_path / "site"
    build_site(live(), site)
    before, forged = pages_in(site), site / "systems/support-assistant/index.html"
    forged.write_text("READY")
    listed = json.loads((site / PAGES_FILE).read_text())
    listed = {path: (made, digest_of((site / path).read_bytes()))
              for path, (made, _) in listed.items()}  # fmt: skip
    list_pages(site, listed)
    build_site(live(), site)
    assert forged.read_text() == "READY"

    build_site(live(), site, afresh=True)

    assert pages_in(site) == before


def test_the_list_holds_the_digest_of_each_page_written_or_kept(tmp_path):
    site = tmp_path / "site"
    for pages in (live(), with_run(live())):
        build_site(pages, site)

        listed = json.loads((site / PAGES_FILE).read_text())
        assert OWNER in listed
        assert RUN in listed
        for path, (_, digest) in listed.items():
            assert digest == digest_of((site / path).read_bytes()), path


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[]", b'{"index.html": 3}', b'{"a": ["b", "c", "d"]}',
                b"[" * 100_000],
)  # fmt: skip
def test_a_list_of_pages_that_cannot_be_read_costs_a_full_build_and_no_more(tmp_path, content):
    (tmp_path / PAGES_FILE).write_bytes(content)

    assert not KeptPages(tmp_path).link("index.html", "made", tmp_path / "new")


def test_a_build_that_fails_leaves_the_pages_it_would_have_kept(tmp_path):
    site = tmp_path / "site"
    build_site(live(), site)
    before = pages_in(site)
    broken = samples.run("r-2", "06_cost", executed=lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        build_site(changed(live(), runs=(broken,)), site)

    assert pages_in(site) == before


def test_on_a_disk_without_second_names_a_page_is_copied(tmp_path):
    other = Path("/dev/shm")
    require(other.is_dir() and other.stat().st_dev != tmp_path.stat().st_dev, "a second disk")
    (tmp_path / "page.html").write_text("a page")
    list_pages(tmp_path, {"page.html": ("made", digest_of(b"a page"))})
    place = other / f"ops-model-test-{os.getpid()}.html"
    try:
        linked = KeptPages(tmp_path).link("page.html", "made", place)

        assert linked == digest_of(b"a page")
        assert place.read_text() == "a page"
        assert place.stat().st_mtime_ns == (tmp_path / "page.html").stat().st_mtime_ns
    finally:
        place.unlink(missing_ok=True)


def test_what_is_made_from_the_whole_site_is_never_kept(tmp_path):
    build_site(live(), tmp_path / "site")

    listed = json.loads((tmp_path / "site" / PAGES_FILE).read_text())

    assert "index.html" not in listed
    assert OWNER in listed
