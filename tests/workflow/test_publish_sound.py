"""The site of a workbook with a system whose files cannot be read."""

import shutil

import pytest

from ops_model.errors import WorkbookError
from ops_model.store.workbook import read_sound_part
from ops_model.workflow.publish import publish, site_input
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, RECORDED
from tests.workflow.test_publish import finished, published, recorded, started
from tests.workflow.tiny import a_workbook, add_second_system

GONE = "flight-delay"
COST = f"systems/{GONE}/cost.yaml"
PORTFOLIO = """
operators_fte: 1
wip_limit: 1
pilots:
  - {system: flight-delay, targets: [good], ended_on: 2012-01-02, targets_met_on: 2012-01-02,
     location: production, cost_to_close: 10 USD}
  - {system: nowhere, targets: [good], ended_on: 2013-01-02, location: sandbox}
"""


@pytest.fixture
def root(tmp_path):
    """Three systems; of one, what will be broken, a run is on the ledger."""
    root = a_workbook(tmp_path)
    add_second_system(root)
    shutil.copytree(root / "systems/support-assistant", root / "systems/third")
    return recorded(root, started(), published(samples.spend()), finished())


def built(root):
    index = publish(root, as_of=AS_OF, recorded_at=RECORDED, sound=read_sound_part(root))
    return {str(p.relative_to(index.parent)): p.read_text(encoding="utf-8")
            for p in index.parent.rglob("*.html")}  # fmt: skip


def spoil(root):
    text = (root / COST).read_text(encoding="utf-8")
    (root / COST).write_text(f"{text}ceilingz: 7\n", encoding="utf-8")
    return text


def test_the_others_have_their_pages_and_it_stands_before_them_as_unknown(root):
    spoil(root)

    pages = built(root)

    first = Reader(pages["index.html"]).text
    assert "? UNKNOWN 1 of 3 systems could not be read" in first
    assert f"{COST}:3 : ceilingz is an unknown key" in first
    assert "2 AI systems, 0 ready to operate; 1 more system could not be read" in first
    assert "DEMO ONLY" in pages["systems/support-assistant/index.html"]
    assert "UNKNOWN" in pages[f"systems/{GONE}/index.html"]


def test_no_page_of_before_survives_and_its_runs_stay_on_the_ledger_alone(root):
    before = built(root)
    spoil(root)

    after = built(root)

    assert [path for path in before if path.startswith(f"runs/{GONE}/")]
    assert not [path for path in after if path.startswith(f"runs/{GONE}/")]
    assert not [path for path in after if path.startswith(f"systems/{GONE}/areas/")]
    own = {path: html for path, html in after.items() if f"/{GONE}/" in path}
    assert not [path for path, html in own.items() if before.get(path) == html]
    assert all("DEMO ONLY" not in html for html in own.values())


def test_once_it_is_mended_the_site_is_what_it_was(root):
    before, text = built(root), spoil(root)
    assert built(root) != before

    (root / COST).write_text(text, encoding="utf-8")

    assert built(root) == before


def test_where_nothing_can_be_read_the_site_of_before_is_left_alone(root):
    before = built(root)
    for system in (root / "systems").iterdir():
        (system / "system.yaml").write_text("tier: 7\n", encoding="utf-8")

    with pytest.raises(WorkbookError) as refused:
        built(root)

    assert len({problem.where for problem in refused.value.problems}) == 3
    there = {str(p.relative_to(root / "site")) for p in (root / "site").rglob("*.html")}
    assert there == set(before)


def test_a_folder_that_is_no_system_is_told_on_the_first_page(root):
    (root / "systems/<b>Bad").mkdir()

    first = Reader(built(root)["index.html"])

    assert "1 entry of systems/ could not be taken for a system" in first.text
    assert "systems/<b>Bad : is no id; expected lowercase letters" in first.text


def test_its_pilot_is_not_told_as_one_that_no_folder_describes(root):
    (root / "portfolio.yaml").write_text(PORTFOLIO, encoding="utf-8")
    spoil(root)

    pages = site_input(root, as_of=AS_OF, recorded_at=RECORDED, sound=read_sound_part(root))

    told = {standing.system: standing.outcome for standing in pages.portfolio.systems}
    assert GONE not in told
    assert told["nowhere"] == "TECH_FAILED"
    assert pages.broken.keys() == {GONE}
    assert GONE not in pages.due


def test_whoever_does_not_ask_for_the_sound_part_is_refused_as_ever(root):
    spoil(root)

    with pytest.raises(WorkbookError, match=COST):
        publish(root, as_of=AS_OF, recorded_at=RECORDED)
