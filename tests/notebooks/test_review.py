"""N02 and N12 through our own runner, on the starter's claims without any evidence."""

import shutil
from datetime import UTC, datetime

import nbformat
import pytest

from ops_model.domain.records import read_record
from ops_model.domain.values import digest_of
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook
from ops_model.workflow.run import run_notebook
from tests.site.pages_reader import Reader

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("review") / "workbook"
    shutil.copytree(shipped("templates") / "workbook", folder)
    return folder


def run(root, notebook, system):
    outcome = run_notebook(root, notebook, system, as_of=AS_OF, recorded_at=WALL_CLOCK)
    assert outcome.error is None
    executed = nbformat.read(root / outcome.bundle / "executed.ipynb", as_version=4)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    shown = [Reader(cell.outputs[0].data["text/html"]).text for cell in code[2:]]
    (found,) = outcome.records
    return read_record(found.record), shown


@pytest.fixture(scope="module")
def reviewed(root):
    return run(root, "N02", "flight-delay")


@pytest.fixture(scope="module")
def evidence(root, reviewed):
    return run(root, "N12", "flight-delay")


def test_the_review_records_the_assessment_that_its_text_names_by_digest(reviewed):
    record, shown = reviewed

    assert record.kind == "assessment"
    assert digest_of(record) in shown[-1]


def test_the_version_shows_its_eight_members_and_what_changed(root, reviewed):
    identity = read_workbook(root).system("flight-delay").identity
    (before,) = (v for v in identity.other_versions if v.label == "v1")
    changed = before.changes_to(identity.version)

    card = reviewed[1][0]

    assert f"v2: {len(changed)} members of 8 changed since v1" in card
    for member in ("model", "prompt", "data", "feature spec", "code", "config", "image"):
        assert member in card


def test_each_seat_says_who_may_sit_who_does_and_what_was_asked(reviewed):
    card = reviewed[1][1]

    assert "3 of 3 seats are taken" in card
    assert "product: somebody from business or product" in card
    assert "ruth-adeyemi (compliance)" in card
    assert "What does a passenger do who was told the wrong thing?" in card
    assert "no sign-off is on record" in card


def test_the_statement_the_condition_and_the_checks_of_the_review_are_shown(reviewed):
    card = reviewed[1][2]

    assert "rebooks by app instead of at the desk" in card
    assert "The sheet of the desks says each morning" in card
    for check in ("REV-03", "REV-05", "REV-06"):
        assert check in card


def test_a_no_go_lists_what_would_change_it(reviewed):
    record, shown = reviewed
    card = shown[-2]

    assert record.verdict == "DEMO ONLY"
    assert "no go, as it stands" in card
    assert "without waivers" in card
    assert "what would change it" in card
    assert "A version that was trained on the spring as well." in card


def test_compliance_says_that_nobody_signed_and_what_changed_since_the_last_assessment(evidence):
    assert "Nobody has signed for this seat yet" in evidence[1][0]
    assert "Since the assessment as of 22 Jul 2013" in evidence[1][0]


def test_controls_are_supported_partly_or_not_covered_and_never_more(evidence):
    everything = " ".join(evidence[1])

    assert "partly supports" in evidence[1][1]
    assert "not covered" in evidence[1][1]
    for word in ("compliant", "certified", "guaranteed"):
        assert word not in everything.lower()


def test_our_own_rules_stand_apart_from_the_frameworks(evidence):
    assert "a ceiling on what a day may cost" in evidence[1][2]


def test_log_policy_questions_and_evidence_are_shown_with_their_checks(evidence):
    _, shown = evidence

    assert "Logs are kept for 400 days" in shown[3]
    assert "CMP-02" in shown[3]
    assert "SEC-01" in shown[4]
    assert "CMP-05" in shown[5]
    for check in ("EVD-01", "EVD-02", "EVD-03", "EVD-04", "EVD-05", "EVD-06"):
        assert check in shown[6]


def test_a_system_with_few_files_is_reviewed_too_and_the_holes_are_named(root):
    record, shown = run(root, "N02", "invoice-extractor")

    assert record.verdict == "DEMO ONLY"
    assert "no version before it is described" in shown[0]


def test_a_system_without_logs_shows_compliance_evidence_with_its_holes(root):
    record, shown = run(root, "N12", "invoice-extractor")

    assert record.kind == "assessment"
    assert "No question of an auditor is written" in shown[5]
