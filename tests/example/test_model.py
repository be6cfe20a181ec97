"""The model as plain numbers: what it predicts, refuses, saves and loads."""

import hashlib
import math

import numpy as np
import pandas as pd
import pytest

from ops_model.errors import UsageError
from ops_model.example.model import CategoryTerm, FlightModel, NumericTerm


def a_model(**changes):
    """One numeric and one categorical input, with weights that can be worked out by hand."""
    return FlightModel(
        **{
            "version": "v9", "feature_spec": "spec-1", "trained_on": "by hand",
            "trained_with": "a pencil", "rows": 1, "threshold": 0.5, "intercept": -1.0,
            "numeric": {"hour": NumericTerm(fill=12.0, mean=10.0, scale=4.0, weight=2.0)},
            "categories": {"origin": CategoryTerm(weights={"JFK": 0.5}, other=-0.5)},
            **changes,
        }
    )  # fmt: skip


# hour 14 is one scale above the mean: -1 + 2 * 1 + 0.5 = 1.5, and 1 / (1 + e^-1.5) = 0.8175745.
def test_a_prediction_is_the_logistic_of_the_weighted_sum():
    probability = a_model().predict({"hour": 14, "origin": "JFK"})

    assert probability == pytest.approx(0.8175744761936437, abs=1e-15)


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_number_that_was_not_reported_takes_the_median_of_training(missing):
    model = a_model()

    assert model.predict({"hour": missing, "origin": "JFK"}) == model.predict(
        {"hour": 12.0, "origin": "JFK"}
    )


@pytest.mark.parametrize("unseen", ["HNL", None, ""])
def test_a_category_that_was_never_seen_takes_the_weight_of_the_others(unseen):
    # -1 + 2 * 1 - 0.5 = 0.5, and 1 / (1 + e^-0.5) = 0.6224593.
    assert a_model().predict({"hour": 14, "origin": unseen}) == pytest.approx(0.6224593312018546)


@pytest.mark.parametrize(
    ("features", "named"),
    [
        ({"hour": 14}, "origin is missing"),
        ({"hour": "noon", "origin": "JFK"}, "'noon'; expected a finite number"),
        ({"hour": True, "origin": "JFK"}, "True; expected a finite number"),
        ({"hour": math.inf, "origin": "JFK"}, "inf; expected a finite number"),
        ({"hour": 14, "origin": 7}, "7; expected text"),
    ],
)
def test_a_feature_that_is_missing_or_of_the_wrong_kind_is_refused_by_name(features, named):
    with pytest.raises(UsageError, match=named):
        a_model().predict(features)


@pytest.mark.parametrize(("hour", "expected"), [(1e6, 1.0), (-1e6, 0.0)])
def test_a_sum_that_is_far_out_is_certain_and_no_overflow(hour, expected):
    assert a_model().predict({"hour": hour, "origin": "JFK"}) == pytest.approx(expected)


def test_many_are_predicted_as_each_alone():
    model = a_model()
    rows = pd.DataFrame(
        {"hour": [14.0, np.nan, 3.0, 1e6, -1e6], "origin": ["JFK", "EWR", None, "JFK", "JFK"]}
    )

    many = model.predict_many(rows)

    assert many == pytest.approx([model.predict(row) for row in rows.to_dict("records")])


def test_a_model_is_the_same_after_saving_and_loading(tmp_path):
    model = a_model()

    model.save(tmp_path / "v9.json")

    assert FlightModel.load(tmp_path / "v9.json") == model


def test_the_digest_is_that_of_the_file(tmp_path):
    model = a_model()

    model.save(tmp_path / "v9.json")

    content = (tmp_path / "v9.json").read_bytes()
    assert model.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file"),
        (b'{"version": "v9"', "the file"),
        (b'{"version": "v9"}', "feature_spec"),
        (b"\x80\x04\x95", "the file"),
    ],
)
def test_a_file_that_is_no_model_is_refused_with_its_place(tmp_path, content, said):
    path = tmp_path / "v9.json"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=f"is no model: {said}") as refused:
        FlightModel.load(path)

    assert refused.value.problems[0].where == str(path)


def test_a_model_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        FlightModel.load(tmp_path / "v9.json")
