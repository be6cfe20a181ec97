"""What holds for every shipped check."""

import ast
import inspect
import re
from functools import cache
from pathlib import Path

import pytest

from ops_model.check.api import FIVE_QUESTIONS
from ops_model.check.judge import judge
from ops_model.domain.operating_model import AREA_FILES, SystemClaims
from ops_model.domain.values import NOWHERE
from tests.builders import AREAS, a_model, a_system, all_records, an_evidence, located
from tests.checks.judged import AS_OF, judged, nothing, shipped_catalogue

HERE = Path(__file__).parent
IDS = [check.id for check in shipped_catalogue().checks]
REGISTER = {
    "OM": 6, "OWN": 8, "ONC": 6, "DEC": 4, "REV": 6, "RDY": 9, "RBK": 6, "FBK": 5, "SLO": 3,
    "QLT": 9, "DRF": 7, "OBS": 7, "RUL": 4, "CST": 8, "CAP": 3, "CMP": 5, "SEC": 2, "INC": 7,
    "CCH": 6, "ENV": 6, "TRN": 4, "PRT": 8, "EVD": 6,
}  # fmt: skip
"""How many checks each group of the register has."""
NOT_ASKED_OF_ONE_IN_ORDER = {
    # No partner, no waiver, hypercare over; a pilot that was shipped is decided and no new one.
    "TRN-02", "TRN-04", "RDY-08", "RDY-09", "PRT-03", "PRT-08",
    # Live for less than half a year.
    "PRT-06",
    # No incident, and the first version serves still.
    "RUL-03", "INC-03", "INC-04", "INC-06", "CCH-03", "QLT-02",
    # No framework that speaks to it was published in 2013.
    "CMP-03", "CMP-04",
    # It answers one question, by a model of our own.
    "OBS-06", "RUL-04", "CCH-05",
}  # fmt: skip
"""What does not arise for the system in order; a test of the check's own shows it pass."""
HOLDS_FOR_A_BARE_ONE = {"OM-03", "OM-05", "PRT-08"}
"""What few claims cannot break."""
NOT_ASKED_OF_A_BARE_ONE = {
    # It serves nobody yet, and nobody waived anything.
    "RDY-03", "RDY-08", "RDY-09", "OWN-06", "PRT-06", "EVD-04",
    # Nothing went wrong, and nothing was changed.
    "RUL-03", "INC-03", "INC-04", "INC-06", "CCH-03", "QLT-02",
    # It answers one question, by a model of our own.
    "OBS-06", "RUL-04", "CCH-05",
}  # fmt: skip
"""What does not arise for a system without files, without a past and without incidents."""


@cache
def names_of_tests() -> set[str]:
    names = set()
    for file in HERE.glob("test_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names |= {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    return names


@pytest.mark.parametrize("check_id", IDS)
def test_every_check_has_a_passing_and_a_failing_test(check_id):
    stem = f"test_{check_id.lower().replace('-', '_')}"
    names = names_of_tests()

    passing = [n for n in names if n.startswith(f"{stem}_passes")]
    failing = [n for n in names if n.startswith((f"{stem}_fails", f"{stem}_is_unknown"))]

    assert passing
    assert failing


def test_the_catalogue_holds_every_check_of_the_register_and_no_other():
    assert set(IDS) == {
        f"{group}-{n:02}" for group, count in REGISTER.items() for n in range(1, count + 1)
    }
    assert len(IDS) == 135


@pytest.mark.parametrize("check_id", IDS)
def test_a_system_in_order_passes_every_check(check_id):
    finding = judged(check_id)

    expected = "not_applicable" if check_id in NOT_ASKED_OF_ONE_IN_ORDER else "passed"
    assert finding.status == expected


@pytest.mark.parametrize("check_id", IDS)
def test_a_bare_system_crashes_no_check_and_every_gap_has_a_remedy_and_a_place(check_id):
    areas = ["ownership", "on_call", "decisions", "rollback", "fallback", "service_levels"]
    areas += ["signals", "cost", "compliance", "change"]
    identity = {"stage_history": [], "documentation": None, "support": None}

    finding = judged(check_id, records=nothing, identity=identity, **dict.fromkeys(areas))

    if check_id in HOLDS_FOR_A_BARE_ONE:
        assert finding.status == "passed"
    elif check_id in NOT_ASKED_OF_A_BARE_ONE:
        assert finding.status == "not_applicable"
    else:
        assert finding.status in {"unknown", "failed"}
        assert finding.remedy
    assert finding.looked_at


EMPTIEST = {
    "identity": {
        k: AREAS["identity"][k]
        for k in ("name", "kind", "tier", "purpose", "users", "customer_facing", "version")
    },
    "ownership": {"accountable": "ana-ruiz"},
    "on_call": {"layers": []},
    "decisions": {"rights": []},
    "rollback": {**AREAS["rollback"], "steps": [], "declared": None},
    "fallback": {"paths": []},
    "cost": {"currency": "USD"},
}
"""The least that each file may hold and still be one."""


@cache
def found_in_the_emptiest():
    files = {
        attribute: located(EMPTIEST.get(attribute, {}), f"systems/flight-delay/{file}")
        for attribute, (file, _) in AREA_FILES.items()
    }
    system = SystemClaims.model_validate({"id": "flight-delay", **files})
    model = a_model(system, portfolio=None)
    return judge(shipped_catalogue(), model, system, an_evidence(), as_of=AS_OF)


def test_the_emptiest_valid_files_crash_no_check_and_every_place_can_be_opened():
    findings = found_in_the_emptiest()

    assert "errored" not in {f.status for f in findings}
    assert [f.check for f in findings if NOWHERE in f.looked_at or not f.looked_at] == []


@pytest.mark.parametrize("check_id", IDS)
def test_every_remedy_can_be_read_alone_since_it_names_a_file_or_a_command(check_id):
    found = [f for f in found_in_the_emptiest() if f.check == check_id]
    found.append(judged(check_id, records=nothing))

    remedies = [finding.remedy for finding in found if finding.open]

    assert [r for r in remedies if not re.search(r"[a-z_]+\.yaml|`ops-model ", r)] == []
    assert [r for r in remedies if re.search(r" there[:,]|\b(adds|writes) one\b", r)] == []


@pytest.mark.parametrize("check_id", IDS)
def test_the_reason_of_every_check_is_a_sentence_of_its_own(check_id):
    check = shipped_catalogue().check(check_id)

    reason = inspect.getdoc(check.function)

    assert reason.endswith(".")
    assert check.question.endswith("?")
    assert len(check.question) < 90


@pytest.mark.parametrize("check_id", IDS)
def test_every_finding_that_blocks_names_an_owner_where_there_is_one(check_id):
    finding = judged(check_id, records=nothing)

    assert finding.owner in {"ana-ruiz", "bo-li", "ed-fin", "di-legal"}


def test_the_five_questions_ask_only_checks_that_there_are():
    asked = {check for _, checks in FIVE_QUESTIONS for check in checks}

    assert asked <= set(IDS)


def test_evidence_about_the_present_text_alone_counts():
    """The same records, after every claim file was edited, show nothing about the new text."""
    before = a_system()
    edited = a_system(rollback={"runbook": "another"}, on_call={"runbook": "another"})
    evidence = an_evidence(*all_records(before))

    findings = judge(shipped_catalogue(), a_model(edited), edited, evidence, as_of=AS_OF)

    by_id = {f.check: f for f in findings}
    assert {by_id[i].reason for i in ("RBK-01", "RBK-02", "ONC-01", "ONC-03")} == {"below_grade"}
    assert by_id["QLT-01"].status == "passed"
