"""What rests on people's words once they are erased, and what never held them."""

import json
from datetime import timedelta

import pytest

from ops_model.domain.snapshot import snapshot_as_json
from ops_model.domain.words import NOT_HERE
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.assess import assess_system
from ops_model.workflow.attest import attest
from ops_model.workflow.erase import erase
from ops_model.workflow.open import take_snapshot
from ops_model.workflow.open_portfolio import take_portfolio
from ops_model.workflow.publish import publish
from tests.cli.test_attest import FILES
from tests.workflow.test_attest import AS_OF, NOW

SAID = "I know how this service fails, and I answer for it, also at night."
WHY = "M Ito asked for it in writing, and nothing holds it back."


@pytest.fixture
def root(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    attest(
        tmp_path, read_workbook(tmp_path), "flight-delay", topic="ownership", person="m-ito",
        text=SAID, as_of=AS_OF, recorded_at=NOW, event_id="attestation/1",
    )  # fmt: skip
    return tmp_path


def forget(root):
    with Ledger.open(root / "ledger.db") as ledger:
        (told,) = ledger.statements("flight-delay")[:1]
    return erase(
        root, read_workbook(root), told.commitment, reason=WHY, person=None, as_of=AS_OF,
        recorded_at=NOW + timedelta(minutes=1),
    )  # fmt: skip


def judged(root):
    found = assess_system(root, read_workbook(root), "flight-delay", as_of=AS_OF, recorded_at=NOW)
    return [(f.check, f.status, f.message) for f in found.findings]


@pytest.mark.parametrize("of_all", [False, True], ids=["one system", "all systems"])
def test_what_a_kernel_gets_and_a_bundle_seals_holds_no_words_of_people(root, of_all):
    model = read_workbook(root)
    with Ledger.open(root / "ledger.db") as ledger:
        taken = (
            take_portfolio(root, model, as_of=AS_OF, ledger=ledger)
            if of_all
            else take_snapshot(root, model, "flight-delay", as_of=AS_OF, ledger=ledger)
        )

    assert SAID not in json.dumps(snapshot_as_json(taken))
    assert taken.statements[0].record.text.startswith("sha256:")


def test_no_verdict_rests_on_words_that_can_be_erased(root):
    before = judged(root)

    assert forget(root).there
    assert judged(root) == before


def test_a_page_shows_the_words_until_they_are_erased_and_then_that_they_were(root):
    def pages():
        publish(root, as_of=AS_OF, recorded_at=NOW)
        return "".join(p.read_text() for p in (root / "site").rglob("*.html"))

    assert SAID in pages()
    forget(root)

    after = pages()
    assert SAID not in after
    assert NOT_HERE in after
