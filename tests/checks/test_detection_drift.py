from datetime import timedelta

import pytest

from ops_model.domain.detection import FeatureImportance
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF, a_column, a_drift, a_system, all_records
from tests.checks.judged import but, judged, lacking
from tests.shown_quality import a_skew, an_importance, features

MONITORS = AREAS["signals"]["monitors"]
QUALITY, INPUTS, CONFIDENCE, IMPORTANCE = MONITORS[:4]
CANARY = {**CONFIDENCE, "id": "canary", "signal": "provider_identity", "metric": "match"}
LOGS = [log for log in AREAS["signals"]["logs"] if log["holds"] != "training"]
BEFORE = Window(start=AS_OF - timedelta(days=300), end=AS_OF - timedelta(days=200))
"""A window that ended before v2 began to serve."""


def monitors(*given):
    return {"monitors": list(given)}


def sure(**changes):
    """All records, how sure the model is measured with these changes."""

    def records(system):
        new = a_drift(
            system,
            **{
                "monitor": "confidence",
                "signal": "confidence",
                "columns": (a_column("probability"),),
                **changes,
            },
        )
        return (
            *(r for r in all_records(system) if getattr(r, "monitor", "") != "confidence"),
            new,
        )

    return records


def rho(value, low, high, n=8):
    return Measured(value=value, unit="rho", n=n, low=low, high=high)


def test_drf_03_passes_when_the_score_lies_where_it_lay():
    assert judged("DRF-03").message == "none of 1 column moved (2,000 rows against 9,000)"


def test_drf_03_fails_when_the_model_is_less_sure_than_it_was():
    moved = (a_column("probability", effect=0.4, drifted=True),)

    finding = judged("DRF-03", records=sure(columns=moved))

    assert finding.status == "failed"
    assert "probability by 0.4 standard deviations (n 1,000, exact), limit 0.1" in finding.message


def test_drf_03_is_unknown_when_only_inputs_were_measured():
    finding = judged("DRF-03", records=but(a_drift))

    assert finding.reason == "missing"
    assert "monitor confidence has never measured anything" in finding.message


def test_drf_03_is_unknown_when_no_monitor_watches_it():
    finding = judged("DRF-03", signals=monitors(QUALITY, INPUTS))

    assert finding.reason == "missing"
    assert "writes a monitor of confidence into signals.yaml" in finding.remedy


def test_drf_03_is_unknown_when_measured_before_the_version_began_to_serve():
    assert judged("DRF-03", records=sure(window=BEFORE)).reason == "expired"


@pytest.mark.parametrize("kind", ["llm_app", "agent", "agentic_workflow"])
def test_drf_03_does_not_arise_for_a_model_that_is_called_where_canaries_are_asked(kind):
    finding = judged("DRF-03", identity={"kind": kind}, signals=monitors(QUALITY, CANARY))

    assert finding.status == "not_applicable"
    assert "canary answers stand in for it (canary)" in finding.message


def test_drf_03_is_unknown_for_a_model_that_is_called_and_watched_by_nothing():
    finding = judged("DRF-03", identity={"kind": "agent"}, signals=monitors(QUALITY))

    assert finding.reason == "missing"
    assert finding.remedy.endswith("or one of provider_identity (canary answers)")


def test_drf_04_passes_when_the_order_of_inputs_is_that_of_before():
    assert judged("DRF-04").message == (
        "monitor importance: 3 inputs in the order of before by a rank correlation of 0.95 "
        "(n 3, 0.9 to 1)"
    )


def test_drf_04_fails_when_it_leans_on_other_inputs_and_names_the_one_that_moved_most():
    weighs = (
        FeatureImportance(name="wind", reference=0.6, current=0.1),
        FeatureImportance(name="temp", reference=0.3, current=0.5),
        FeatureImportance(name="hour", reference=0.1, current=0.4),
    )
    other = but(an_importance, rank_correlation=rho(0.2, -0.1, 0.5), features=weighs)

    finding = judged("DRF-04", records=other)

    assert finding.status == "failed"
    assert finding.message.endswith("expected at least 0.8; wind went from place 1 to 3")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rank_correlation": rho(0.9, 0.7, 1.0)}, "expected 0.8 with the lower end"),
        ({"features": features("wind", "temp")}, "expected at least 3"),
        (
            {"rank_correlation": Measured(value=0.9, unit="rho", n=3, no_interval="too few")},
            "how sure that is stands nowhere",
        ),
    ],
)
def test_drf_04_is_unknown_when_too_little_shows_it(change, said):
    finding = judged("DRF-04", records=but(an_importance, **change))

    assert finding.reason == "too_few"
    assert said in finding.message


def test_drf_04_is_unknown_when_an_input_was_left_out():
    # Wind, temp and hour were measured.
    wide = {**IMPORTANCE, "columns": ["wind", "gust"]}

    finding = judged("DRF-04", signals=monitors(wide), records=but(an_importance))

    assert finding.message.endswith("left out: gust")


def test_drf_04_is_unknown_when_importances_were_never_measured():
    finding = judged("DRF-04", records=lacking("importance"))

    assert finding.reason == "missing"
    assert "(file, digest and loader) of monitor importance in signals.yaml" in finding.remedy
    assert finding.remedy.endswith("runs `ops-model run 05_drift_quality flight-delay`")


def test_drf_06_is_unknown_when_it_was_never_compared_and_says_how():
    finding = judged("DRF-06", records=lacking("train_serve_skew"))

    assert finding.reason == "missing"
    assert finding.remedy == (
        "the reliability owner runs `ops-model run 05_drift_quality flight-delay`"
    )


def test_drf_04_is_unknown_when_measured_before_the_version_began_to_serve():
    assert judged("DRF-04", records=but(an_importance, window=BEFORE)).reason == "expired"


EXCHANGED = {"version": {**AREAS["identity"]["version"], "model_digest": "sha256:" + "7" * 64}}
"""The model file under the label v2 is another one than was asked."""


def asked(**changes):
    """All records, those of importance as they were made while v2 was what it was then."""
    return but(lambda system, **given: an_importance(a_system(), **given), **changes)


def pinning(digest):
    """The monitor of importance, which may load the model file of this digest."""
    model = {"file": "models/v2.json", "digest": digest, "loader": "flights.models:load"}
    return {**IMPORTANCE, "model": model, "columns": ["wind", "temp", "hour"]}


def test_drf_04_is_unknown_when_another_model_file_was_asked_than_the_one_that_serves():
    old, new = AREAS["identity"]["version"]["model_digest"], EXCHANGED["version"]["model_digest"]

    pins_the_old = judged(
        "DRF-04", identity=EXCHANGED, signals=monitors(pinning(old)), records=asked()
    )
    pins_the_new = judged(
        "DRF-04", identity=EXCHANGED, signals=monitors(pinning(new)), records=asked()
    )

    assert pins_the_old.reason == pins_the_new.reason == "expired"
    assert pins_the_old.message == (
        "monitor importance: the model file that was asked on 2013-07-22 is not that of v2 "
        "(`version.model_digest` in system.yaml)"
    )
    assert pins_the_old.remedy == (
        "the reliability owner writes the model file that serves, and its digest, under `model` "
        "of monitor importance in signals.yaml; then the reliability owner runs `ops-model run "
        "05_drift_quality flight-delay`"
    )
    assert pins_the_new.remedy == (
        "the reliability owner runs `ops-model run 05_drift_quality flight-delay`"
    )


def test_drf_04_is_unknown_when_nobody_wrote_which_model_file_serves():
    nameless = {"version": {**AREAS["identity"]["version"], "model_digest": None}}

    finding = judged("DRF-04", identity=nameless, records=asked())

    assert finding.reason == "missing"
    assert finding.remedy.startswith("the owner writes `version.model_digest` in system.yaml")


def test_drf_04_takes_attributions_that_the_system_logged_for_those_of_what_served():
    finding = judged("DRF-04", identity=EXCHANGED, records=asked(method="logged", inputs=()))

    assert finding.status == "passed"


def test_drf_04_is_unknown_when_no_monitor_watches_them():
    assert judged("DRF-04", signals=monitors(QUALITY)).reason == "missing"


def test_drf_04_does_not_arise_for_a_model_that_is_called():
    finding = judged("DRF-04", identity={"kind": "llm_app"}, signals=monitors(QUALITY))

    assert finding.status == "not_applicable"
    assert "input topics, refusals and canary answers" in finding.message


def test_drf_06_passes_when_what_is_served_lies_where_training_lay():
    assert judged("DRF-06").message == (
        "v2: none of 1 column lies elsewhere than in training (2,000 rows served against 9,000 of "
        "training)"
    )


def test_drf_06_fails_and_names_the_worst_columns_first():
    apart = (
        a_column("wind", effect=0.2, drifted=True),
        a_column("temp", effect=1.4, drifted=True),
        a_column("gate"),
    )

    finding = judged("DRF-06", records=but(a_skew, columns=apart))

    assert finding.status == "failed"
    assert finding.message.startswith(
        "v2: 2 of 3 columns lie elsewhere than in training (2,000 rows served against 9,000 of "
        "training): temp by 1.4 standard deviations"
    )
    assert [v.name for v in finding.values] == ["temp", "wind"]


def test_drf_06_is_unknown_when_only_the_version_before_was_compared():
    finding = judged("DRF-06", records=but(a_skew, version="v1"))

    assert finding.reason == "missing"
    assert "was never compared with what v2 was trained on" in finding.message


def test_drf_06_is_unknown_when_compared_before_the_version_began_to_serve():
    assert judged("DRF-06", records=but(a_skew, window=BEFORE)).reason == "expired"


@pytest.mark.parametrize("change", [{"rows_serving": 99}, {"rows_training": 99}, {"columns": ()}])
def test_drf_06_is_unknown_with_too_few_rows_or_no_column(change):
    assert judged("DRF-06", records=but(a_skew, **change)).reason == "too_few"


def test_drf_06_is_unknown_when_no_log_holds_the_training_data():
    finding = judged("DRF-06", signals={"logs": LOGS})

    assert finding.reason == "missing"
    assert "(`holds: training`)" in finding.remedy


def test_drf_06_does_not_arise_for_a_model_that_others_train():
    version = {**AREAS["identity"]["version"], "trained_by": []}

    finding = judged(
        "DRF-06", identity={"kind": "llm_app", "version": version}, signals={"logs": LOGS}
    )

    assert finding.status == "not_applicable"


def test_drf_06_is_unknown_for_a_model_that_is_called_and_was_tuned_by_us():
    finding = judged("DRF-06", identity={"kind": "llm_app"}, signals={"logs": LOGS})

    assert finding.reason == "missing"


def blind(name="wind"):
    """A column of which too few values are there to say how far it moved."""
    few = Measured(value=None, unit="sd", n=20, no_interval="too few")
    return a_column(name).model_copy(update={"effect": few})


SCORE = blind("probability")


@pytest.mark.parametrize(
    ("check_id", "records"),
    [
        ("DRF-02", but(a_drift, columns=(blind(),))),
        ("DRF-03", sure(columns=(SCORE,))),
        ("DRF-06", but(a_skew, columns=(blind(),))),
    ],
)
def test_drift_is_unknown_where_too_few_values_say_how_far_a_column_moved(check_id, records):
    finding = judged(check_id, records=records)

    assert finding.reason == "too_few"
    assert "too few values to say: " in finding.message


@pytest.mark.parametrize(
    ("check_id", "records", "column"),
    [
        ("DRF-02", but(a_drift, columns=(a_column("airline_logo"),)), "wind"),
        ("DRF-03", sure(columns=(a_column("airline_logo"),)), "probability"),
        ("DRF-06", but(a_skew, columns=(a_column("airline_logo"),)), "wind"),
    ],
)
def test_drift_is_unknown_where_another_column_than_the_watched_one_was_measured(
    check_id, records, column
):
    finding = judged(check_id, records=records)

    assert finding.reason == "too_few"
    assert f"left out: {column}" in finding.message


def test_drf_03_is_unknown_against_a_baseline_that_is_too_short():
    finding = judged("DRF-03", records=sure(calibrated=False, blocks=3))

    assert finding.reason == "too_few"
    assert "its baseline of 3 blocks is too short to say how far is far" in finding.message


def test_drf_03_fails_against_a_short_baseline_too_when_a_column_moved():
    moved = (a_column("probability", effect=0.4, drifted=True),)

    assert judged("DRF-03", records=sure(calibrated=False, columns=moved)).status == "failed"


def test_drf_03_is_unknown_when_the_monitor_names_nothing_that_it_watches():
    whole = {**CONFIDENCE, "columns": []}

    finding = judged("DRF-03", signals=monitors(whole), records=sure())

    assert "it names no column that it is to watch" in finding.message


def test_drf_03_is_unknown_for_one_row_whatever_the_monitor_asks_for():
    easy = {**CONFIDENCE, "min_n": "1"}

    finding = judged(
        "DRF-03", signals=monitors(easy), records=sure(rows_current=1, rows_reference=1)
    )

    assert finding.reason == "too_few"
    assert "expected at least 20 rows" in finding.message


def test_drf_02_is_unknown_when_its_window_ended_long_ago():
    # 200 days ago.
    finding = judged("DRF-02", records=but(a_drift, window=BEFORE))

    assert finding.reason == "expired"
    assert "which is 200 days ago; expected at most 8" in finding.message


@pytest.mark.parametrize(
    "rank", [rho(0.95, 0.9, 1.0, n=0), Measured(value=0.95, unit="rho", n=1, no_interval="exact")]
)
def test_drf_04_is_unknown_for_an_order_that_nothing_was_counted_for(rank):
    finding = judged("DRF-04", records=but(an_importance, rank_correlation=rank))

    assert finding.reason == "too_few"
    assert "how sure that is stands nowhere" in finding.message


def test_drf_06_is_unknown_when_training_was_compared_with_itself():
    assert judged("DRF-06", records=but(a_skew, log="training")).reason == "missing"
