"""The trained models: plain numbers that predict what scikit-learn predicts."""

import pytest

from ops_model.example import train
from ops_model.example.flights import CATEGORICAL, FEATURES, NUMERIC


@pytest.fixture(scope="module")
def winter(all_flights):
    return train.training_rows(all_flights, train.MARCH)


@pytest.fixture(scope="module")
def small(winter):
    """A tenth of the winter: enough to fit, and quick."""
    return winter[::10].reset_index(drop=True)


@pytest.fixture(scope="module")
def summer(all_flights):
    """Two days of July, with destinations and weather that winter never saw."""
    days = (all_flights["timestamp"] >= "2013-07-08") & (all_flights["timestamp"] < "2013-07-10")
    return all_flights[days]


def test_the_plain_model_predicts_what_the_pipeline_predicts(small, summer):
    pipeline = train.fit(small)
    plain = train.as_parameters(pipeline, small, version="v0")

    expected = pipeline.predict_proba(summer[[*FEATURES]])[:, 1]

    assert plain.predict_many(summer) == pytest.approx(expected, abs=1e-9)
    one_by_one = [plain.predict(row) for row in summer[[*FEATURES]].head(50).to_dict("records")]
    assert one_by_one == pytest.approx(expected[:50], abs=1e-9)


def test_training_twice_gives_the_same_digest(small):
    once = train.as_parameters(train.fit(small), small, version="v0")
    again = train.as_parameters(train.fit(small), small, version="v0")

    assert once.digest == again.digest


def test_the_model_has_the_features_and_nothing_else(v2):
    assert tuple(v2.numeric) == NUMERIC
    assert tuple(v2.categories) == CATEGORICAL


def test_the_model_in_production_was_trained_on_january_and_february(v2):
    # 27,004 flights of January and 24,951 of February, less 1,946 that never arrived.
    assert v2.rows == 50_009
    assert v2.trained_on == "2013-01-01 to 2013-02-28"


def test_training_sees_no_row_without_a_label_and_none_from_march(winter):
    assert winter["late"].notna().all()
    assert winter["timestamp"].max() < train.MARCH


def test_an_out_of_fold_probability_is_from_a_model_that_did_not_see_the_day(small):
    # Two days whose labels are turned round must not change their own probabilities.
    whole = train.out_of_fold(small)
    day = small["timestamp"].dt.strftime("%Y-%m-%d")
    turned = small.copy()
    chosen = day == day.iloc[0]
    turned.loc[chosen, "late"] = ~turned.loc[chosen, "late"].astype(bool)

    after = train.out_of_fold(turned)

    assert after[chosen].tolist() == whole[chosen].tolist()
    assert after[~chosen].tolist() != whole[~chosen].tolist()
