import pytest

from ops_model.check.remedies import (
    MADE_BY,
    all_made_later,
    called,
    decide,
    measure_monitor,
    measure_spend,
    near,
    rehearse_fallback,
    rehearse_rollback,
    resolve_rota,
    waits,
)
from ops_model.check.remedies_drills import compare_challenger, rehearse_swap
from tests.builders import AREAS, a_system, all_records

TARGET = {"environment": "test", "start": ["python", "serve.py"], "sample": {"wind": "1"}}
PATH = AREAS["fallback"]["paths"][0]
QUALITY = AREAS["signals"]["monitors"][0]


def test_an_id_close_to_one_that_there_is_is_offered_and_no_other():
    assert near("answer", ["answers", "freshness"]) == "did you mean answers?"
    assert near("Answers", ["answers"]) == "did you mean answers?"
    assert near("latency", ["answers"]) == near("answers", []) == ""


def test_a_version_that_nobody_named_yet_is_called_so_in_words():
    assert called("v2") == "v2"
    assert called("unknown") == "the version in system.yaml"


def test_a_drill_of_going_back_needs_a_target_first():
    drill = "the primary on call runs `ops-model drill rollback flight-delay`"

    assert rehearse_rollback(a_system(rollback={"target": TARGET})) == drill
    assert rehearse_rollback(a_system(rollback={"target": None})) == (
        f"bo-li writes `target` in rollback.yaml first, then {drill}"
    )


def test_a_drill_of_an_outage_needs_a_target_of_the_path_first():
    drill = "the primary on call runs `ops-model drill fallback flight-delay`"
    with_target = a_system(fallback={"paths": [PATH, {**PATH, "id": "other", "target": TARGET}]})
    first, other = with_target.fallback.paths

    assert rehearse_fallback(with_target, other) == rehearse_fallback(with_target) == drill
    assert rehearse_fallback(with_target, first) == (
        "the reliability owner writes `target` or `vendor` of path last-good-hour in "
        f"fallback.yaml first, then {drill}"
    )


def test_a_path_that_is_not_the_first_to_be_rehearsed_is_named_in_the_command():
    vendor = {"environment": "test", "client": "shop:ask", "model": "m"}
    paths = [{**PATH, "target": TARGET}, {**PATH, "id": "other", "vendor": vendor}]
    system = a_system(fallback={"paths": paths})
    _, other = system.fallback.paths

    assert rehearse_fallback(system, other) == (
        "the primary on call runs `ops-model drill fallback flight-delay --path other`"
    )


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"label": "late"}, ""),
        ({"label": "late", "baseline": None}, "the baseline"),
        ({"log": "gone", "baseline": None}, "the log and the baseline and the label"),
    ],
)
def test_a_monitor_is_measured_once_it_has_what_it_compares(changes, lacking):
    system = a_system(signals={"monitors": [{**QUALITY, **changes}]})
    first = f"declares {lacking} of monitor quality in signals.yaml, then " if lacking else ""

    assert measure_monitor(system, system.signals.monitors[0]) == (
        f"the reliability owner {first}runs `ops-model run 05_drift_quality flight-delay`"
    )


def test_spend_is_measured_once_each_log_has_a_price():
    log = {"id": "usage", "unit": "tokens", "address": "usage"}
    price = {
        "model": "m",
        "valid_from": "2013-01-01T00:00:00Z",
        "input_per_million": "1",
        "cache_read_per_million": "1",
        "output_per_million": "1",
        "source": "the vendor's list",
    }
    priced = a_system(cost={"logs": [log], "token_prices": [price]})
    run = "runs `ops-model run 06_cost flight-delay`"

    assert measure_spend(priced) == f"the cost owner {run}"
    assert measure_spend(a_system(cost={"logs": [log], "token_prices": []})) == (
        f"the cost owner declares `token_prices` in cost.yaml, then {run}"
    )


def test_a_rota_is_resolved_once_there_is_one():
    assert resolve_rota(a_system(on_call=None)).startswith(
        "the reliability owner writes on_call.yaml first, then runs `ops-model check flight-delay`"
    )


def test_every_record_that_a_check_may_cite_as_measured_can_be_made_anew():
    kinds = {record.kind for record in all_records(a_system())}
    by_people_or_the_tool = {
        "attestation", "verification", "assessment", "review_pack", "sign_off"
    }  # fmt: skip

    assert kinds - by_people_or_the_tool <= set(MADE_BY)


def test_what_waited_in_an_earlier_release_is_known_again_alone_and_together():
    assert waits("no command of this release records this yet (`ops-model compare` is to)")
    assert all_made_later().startswith("no command of this release records these yet")


def test_a_comparison_that_names_no_results_is_told_to_name_them_first():
    run = "runs `ops-model run 10_champion_challenger flight-delay`"
    plan = {**AREAS["change"]["requests"][0]["challenger"], "results": "trial.parquet"}
    ready = a_system(change={"requests": [{**AREAS["change"]["requests"][0], "challenger": plan}]})

    assert compare_challenger(a_system()) == (
        f"writes `results` of the challenger of to-v3 in change.yaml, then {run}"
    )
    assert compare_challenger(ready) == run
    assert "writes a request with a `challenger`" in compare_challenger(a_system(change=None))


def test_an_exchange_that_nobody_planned_is_planned_before_it_is_rehearsed():
    swap = {"dependency": "vendor", "to_model": "large-2", "rehearsed_on": {
        "environment": "test", "client": "shop:ask", "model": "large-1"}}  # fmt: skip
    other = {**swap, "dependency": "other"}
    drill = "the primary on call runs `ops-model drill swap flight-delay`"

    assert rehearse_swap(a_system(), "vendor").endswith(f"first, then {drill}")
    assert rehearse_swap(a_system(change={"swaps": [swap]}), "vendor") == drill
    assert rehearse_swap(a_system(change={"swaps": [other, swap]}), "vendor").endswith(
        "`ops-model drill swap flight-delay --dependency vendor`"
    )


def test_a_seat_is_told_what_to_read_and_with_what_to_decide():
    one = decide("flight-delay", ["product"])
    two = decide("flight-delay", ["product", "compliance"])

    assert not waits(one)
    assert "`ops-model review flight-delay`" in one
    assert "`ops-model sign flight-delay --as product --decision approve --meaning '...'" in one
    assert "the people in the seats of product and compliance read" in two
    assert two.endswith("--key ~/.ssh/id_ed25519`, or `--as compliance` there")
