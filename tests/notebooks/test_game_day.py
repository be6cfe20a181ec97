"""N08 through our own runner on the starter workbook: the record, the cards, the digest."""

import shutil
from datetime import UTC, datetime

import nbformat
import pytest

from ops_model.domain.records import read_record
from ops_model.domain.values import claim_digest, digest_of
from ops_model.shipped import shipped
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.run import run_notebook
from tests.site.pages_reader import Reader

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("night") / "workbook"
    shutil.copytree(shipped("templates") / "workbook", folder)
    return folder


def run(root, **parameters):
    return run_notebook(
        root, "N08", "flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK, parameters=parameters
    )


@pytest.fixture(scope="module")
def ran(root):
    outcome = run(root, scenario="G25", at="Sat 02:00")
    assert outcome.error is None
    return outcome


@pytest.fixture(scope="module")
def record(ran):
    (found,) = ran.records
    return read_record(found.record)


@pytest.fixture(scope="module")
def shown(root, ran):
    book = nbformat.read(root / ran.bundle / "executed.ipynb", as_version=4)
    outputs = [o for cell in book.cells if cell.cell_type == "code" for o in cell.outputs]
    pages = [Reader(o.data["text/html"]).text for o in outputs if "text/html" in o.get("data", {})]
    return dict(zip(("short", "promises", "walk", "telling", "gaps", "there"), pages, strict=True))


def test_the_record_is_of_the_scenarios_text_and_of_all_claim_files(root, record):
    model = read_workbook(root)
    (own,) = model.scenarios

    assert (record.scenario, record.failure_mode) == ("G25", "storm-called-clear")
    assert record.scenario_digest == claim_digest(own)
    assert record.claims == model.system("flight-delay").claim_refs()
    # Saturday 27 July 2013, 02:00 in New York
    assert record.at == datetime(2013, 7, 27, 6, tzinfo=UTC)


def test_the_first_card_is_the_night_in_short_with_the_sentence(record, shown):
    assert f"✖ {len(record.gaps)} gaps G25" in shown["short"]
    assert record.prompt[:60] in shown["short"]
    assert "log access has to be worked out" in shown["short"]


def test_promised_stands_beside_actual(shown):
    assert "promised what there is" in shown["promises"]
    assert "“We do not give passengers false comfort.”" in shown["promises"]
    assert "Rests on rule/no-comfort-in-fog, decisions; broken tonight" in shown["promises"]


def test_the_walk_says_what_becomes_known_and_each_line_to_work_through(record, shown):
    assert all(inject.text in shown["walk"] for inject in record.injects)
    assert all(answer.question in shown["walk"] for answer in record.answers)


def test_who_tells_users_stands_there_with_words_and_time(shown):
    # Within 30 minutes of two in the morning
    assert "users mara-lindqvist Sat 02:30 , within 30 min" in shown["telling"]
    assert "“Estimates are not reliable at the moment." in shown["telling"]
    assert "may promise up to 10,000.00 USD" in shown["telling"]


def test_each_gap_names_its_check_who_mends_it_and_how(record, shown):
    for gap in record.gaps:
        assert gap.check in shown["gaps"]
    assert "`" not in shown["gaps"]
    assert "ops-model drill rollback flight-delay" in shown["gaps"]


def test_the_command_for_whoever_was_there_names_the_record_on_the_ledger(root, record, shown):
    with Ledger.open(root / "ledger.db", readonly=True) as ledger:
        (statement,) = [
            s for s in ledger.statements("flight-delay") if s.record.kind == "game_day"
        ]

    assert statement.digest == digest_of(record)
    assert f"--topic attendance --of {statement.digest} --as ID" in shown["there"]


def test_nothing_sealed_holds_the_name_of_a_person(root, ran, record):
    names = [person.name for person in read_workbook(root).people.people]

    sealed = (root / ran.bundle / "executed.ipynb").read_text("utf-8")
    assert not any(name in sealed or name in record.model_dump_json() for name in names)


def test_a_scenario_that_tries_another_kind_fails_with_the_words_for_it(root):
    outcome = run(root, scenario="G10")

    assert outcome.state == "failed"
    assert "scenario G10 tries" in outcome.error
