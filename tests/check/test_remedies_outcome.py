"""What has to be declared before provider, outcome and the two together can be measured."""

import pytest

from ops_model.check.remedies_outcome import measure_link, measure_outcome, measure_provider
from tests.builders import AREAS, a_system

RUN = "runs `ops-model run 05_drift_quality flight-delay`"
OUTCOME = AREAS["signals"]["outcomes"][0]
VENDOR = {"id": "vendor", "kind": "model_provider", "name": "a vendor", "pinned_id": "large-1"}
CANARIES = {
    "id": "fixed", "dependency": "vendor", "log": "served", "prompt": "p", "answer": "a",
    "baseline": "spring",
}  # fmt: skip


def asked(**changes):
    return a_system(
        identity={"dependencies": [VENDOR]}, signals={"canaries": [{**CANARIES, **changes}]}
    )


def test_a_provider_is_measured_once_its_canaries_are_declared():
    assert measure_provider(asked()) == f"the reliability owner {RUN}"


def test_a_provider_that_nobody_asks_needs_questions_a_log_and_a_baseline_first():
    system = a_system(identity={"dependencies": [VENDOR]})

    assert measure_provider(system) == (
        "the reliability owner has provider vendor asked the same questions each day, logs the "
        f"answers, and declares the log, a baseline and `canaries` in signals.yaml, then {RUN}"
    )


def test_canaries_that_name_no_log_or_baseline_need_those_first():
    assert measure_provider(asked(log="gone", baseline="gone")) == (
        "the reliability owner declares the log and the baseline of canaries fixed in "
        f"signals.yaml, then {RUN}"
    )


def test_a_system_without_a_provider_names_one_first():
    assert measure_provider(a_system(identity={"dependencies": []})).startswith(
        "the owner names whoever serves the model in system.yaml, then runs"
    )


@pytest.mark.parametrize(
    ("measure", "lacking"),
    [
        (measure_outcome, "`log` and `value` and `baseline_span`"),
        (measure_link, "`log` and `value`"),
    ],
)
def test_an_outcome_that_is_a_claim_alone_needs_its_log_first(measure, lacking):
    assert measure(a_system()) == (
        f"the owner declares {lacking} of outcome gates-kept in signals.yaml, then {RUN}"
    )


@pytest.mark.parametrize("measure", [measure_outcome, measure_link])
def test_an_outcome_with_its_log_is_measured_by_the_run(measure):
    whole = {**OUTCOME, "log": "served", "value": "kept", "baseline_span": "spring"}

    assert measure(a_system(signals={"outcomes": [whole]})) == f"the reliability owner {RUN}"


@pytest.mark.parametrize("measure", [measure_outcome, measure_link])
def test_without_an_outcome_one_is_declared_first(measure):
    for system in (a_system(signals=None), a_system(signals={"outcomes": []})):
        assert measure(system).startswith("the owner declares an outcome and its log")


def test_a_link_needs_a_monitor_of_quality():
    others = [m for m in AREAS["signals"]["monitors"] if m["signal"] != "output_quality"]

    assert measure_link(a_system(signals={"monitors": others})).startswith(
        "the reliability owner writes a monitor of output_quality into signals.yaml, then runs"
    )
