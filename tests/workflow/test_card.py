"""The 2am card as a verb: with the ledger of the workbook, on the site, and in a notebook."""

from datetime import timedelta

import pytest

from ops_model import workflow
from ops_model.check.grades import TOOL
from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.four_hours import next_night
from ops_model.domain.values import digest_of
from ops_model.errors import UsageError
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.card import two_am_card
from ops_model.workflow.publish import publish
from tests.builders import AS_OF, a_drift, a_model, a_rollback_drill, a_workbook, people_but
from tests.domain.test_four_hours import AT, FULL, access, spoiled
from tests.site.pages_reader import Reader


@pytest.fixture
def root(tmp_path):
    """A workbook whose ledger holds a drill, the primary's word that the logs open, and drift."""
    folder = a_workbook(tmp_path, **FULL)
    system = read_workbook(folder).system("flight-delay")
    drift = a_drift(system, as_of=AS_OF - timedelta(days=6))
    with Ledger.open(folder / "ledger.db", create=True) as ledger:
        for number, record in enumerate((drift, a_rollback_drill(system), access(system))):
            ledger.append(
                LedgerEvent(
                    id=f"e{number}",
                    type="attestation.given",
                    subject=system.id,
                    as_of=record.as_of,
                    recorded_at=record.as_of,
                    actor="person:ana-ruiz" if record.kind == "attestation" else TOOL,
                    data={"record": record.model_dump(mode="json"), "digest": digest_of(record)},
                )
            )
    return folder


def the_card(root, **more):
    model = read_workbook(root)
    return two_am_card(root, model, "flight-delay", at=AT, **{"as_of": AS_OF, **more})


def test_the_card_reads_what_was_shown_from_the_ledger(root):
    assert the_card(root).walk.gaps == ()


def test_what_was_shown_after_the_instant_that_judges_does_not_count(root):
    before = access(read_workbook(root).system("flight-delay")).as_of.replace(hour=0)
    drilled_only = the_card(root, as_of=before)

    # the drill was ten days before AS_OF, the word on the logs five
    assert [step.minute for step in drilled_only.walk.gaps] == [10]


def test_without_a_ledger_nothing_was_shown(root):
    (root / "ledger.db").unlink()

    assert [step.minute for step in the_card(root).walk.gaps] == [0, 8, 10, 25]


def test_the_card_names_people_and_its_walk_names_ids(root):
    card = the_card(root)

    assert card.rows[1].who == "Ana Ruiz"
    assert card.walk.steps[1].who == "ana-ruiz"


def test_a_name_can_neither_move_the_cursor_nor_turn_the_direction_of_writing(tmp_path):
    hostile = people_but("ana-ruiz", name="Ana\x1b[2J\u202eRuiz")
    model = a_model(spoiled(), people=hostile)
    card = two_am_card(tmp_path, model, "flight-delay", at=AT, as_of=AS_OF, statements=())

    assert card.rows[1].who == "Ana[U+001B][2J[U+202E]Ruiz"
    assert card.rows[1].answer.startswith("Ana[U+001B][2J[U+202E]Ruiz (primary)")


def test_an_unknown_system_is_refused(root):
    with pytest.raises(UsageError, match="no system 'flight-dealy'"):
        two_am_card(root, read_workbook(root), "flight-dealy", at=AT, as_of=AS_OF)


def test_the_next_night_is_a_saturday_at_two_in_the_workbooks_zone(root):
    assert next_night(read_workbook(root), as_of=AS_OF) == AT
    assert next_night(read_workbook(root), as_of=AT) == AT


def test_the_site_holds_the_card_of_the_next_night(root):
    publish(root, as_of=AS_OF, recorded_at=AS_OF)
    page = Reader((root / "site/systems/flight-delay/2am.html").read_text(encoding="utf-8"))

    assert "The four hours after a page on Sat 27 Jul 2013, 02:00 UTC" in page.text
    assert "▲ no gap on paper, never walked" in page.text


def test_a_notebook_shows_the_card_by_ids_and_records_nothing(root, monkeypatch):
    monkeypatch.chdir(root)
    book = workflow.open(system="flight-delay")
    tonight = workflow.two_am(book)
    noon = workflow.two_am(book, at="Wed 12:00")

    assert tonight.record is None
    assert "The four hours after Sat 27 Jul 2013, 02:00 UTC" in tonight.html
    assert "The four hours after Wed 24 Jul 2013, 12:00 UTC" in noon.html
    assert "ana-ruiz (primary)" in tonight.html
    assert "Ana Ruiz" not in tonight.html
