"""What has to be declared before rules, contracts and suites are measured, and then the run."""

import pytest

from ops_model.check.remedies_served import (
    measure_contracts,
    measure_guardrails,
    measure_rules,
)
from tests.builders import AREAS, a_system

RUN = "runs `ops-model run 05_drift_quality flight-delay`"
RULE = AREAS["signals"]["rules"][0]
CONTRACT = {"id": "rows", "log": "served", "suite": "some_rows", "owner": "bo-li"}
SUITE = {"id": "tricks", "scope": "jailbreak", "floor": "0.9", "judge": "rule", "log": "tried"}
TRIED = {
    "id": "tried", "holds": "guardrail_results", "address": "log/tried", "timestamp": "at",
}  # fmt: skip


def remedies(**signals):
    system = a_system(signals=signals)
    return measure_rules(system), measure_contracts(system), measure_guardrails(system)


def test_without_a_file_or_a_claim_the_claim_comes_first():
    for system in (
        a_system(signals=None),
        a_system(signals={"rules": [], "contracts": [], "guardrails": []}),
    ):
        assert measure_rules(system).startswith("the owner declares a rule")
        assert measure_contracts(system).startswith("the owner declares a contract")
        assert measure_guardrails(system).startswith("the owner declares a guardrail suite")


@pytest.mark.parametrize("log", ["served", "gone"])
def test_a_rule_and_a_contract_need_their_log(log):
    rule, contract, _ = remedies(
        rules=[{**RULE, "log": log}], contracts=[{**CONTRACT, "log": log}]
    )

    first = "" if log == "served" else "declares log gone in signals.yaml, then "
    assert rule == contract == f"the reliability owner {first}{RUN}"


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        ([], "declares a log of the results (`holds: guardrail_results`) of suite tricks"),
        ([TRIED], "declares `version` of log tried in signals.yaml"),
        ([{**TRIED, "version": "v"}], "has v2 tried on suite tricks and the results logged"),
    ],
)
def test_a_suite_needs_a_log_of_results_that_says_which_version_was_tried(logs, said):
    remedy = remedies(logs=[*AREAS["signals"]["logs"], *logs], guardrails=[SUITE])[2]

    assert said in remedy
    assert remedy.endswith(f"then {RUN}")
