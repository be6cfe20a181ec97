"""Training: a scikit-learn pipeline on the flights of January, or of January and February.

A prediction is `late` from a probability of one half on: for a calibrated model this makes the
fewest wrong predictions, and it was set before any later month was looked at.

The log of the training rows, which drift and skew are compared with, holds out-of-fold
probabilities: each day is scored by a model that did not see that day, as serving is.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops_model.errors import WarehouseError
from ops_model.example.flights import CATEGORICAL, FEATURES, NUMERIC
from ops_model.example.model import CategoryTerm, FlightModel, NumericTerm

if TYPE_CHECKING:
    import pandas as pd

FEATURE_SPEC = "flight-features-1"
THRESHOLD = 0.5
# Midnight in New York, where the flights start.
JANUARY = datetime(2013, 1, 1, 5, tzinfo=UTC)
FEBRUARY = datetime(2013, 2, 1, 5, tzinfo=UTC)
MARCH = datetime(2013, 3, 1, 5, tzinfo=UTC)
_FOLDS = 5
# A destination with fewer flights shares one weight with all others like it.
_RARE = 200
_MOST_STEPS = 1000


def settings() -> dict[str, float]:
    """What was chosen by hand, and makes another model when it is chosen otherwise."""
    return {"threshold": THRESHOLD, "folds": _FOLDS, "rare": _RARE, "most_steps": _MOST_STEPS}


def training_rows(flights: "pd.DataFrame", until: datetime) -> "pd.DataFrame":
    """The flights with a label that were scheduled from 1 January to `until`."""
    chosen = (
        (flights["timestamp"] >= JANUARY)
        & (flights["timestamp"] < until)
        & flights["late"].notna()
    )
    return flights[chosen].reset_index(drop=True)


def fit(rows: "pd.DataFrame") -> Any:  # noqa: ANN401 - scikit-learn ships no types
    """The fitted pipeline; its solver draws no random numbers."""
    pipeline = _pipeline()
    pipeline.fit(rows[[*FEATURES]], rows["late"].astype(int))
    return pipeline


def train(flights: "pd.DataFrame", *, version: str, until: datetime) -> FlightModel:
    """Train on the rows before `until` and keep the parameters only.

    Raises:
        WarehouseError: scikit-learn is not installed.
    """
    rows = training_rows(flights, until)
    return as_parameters(fit(rows), rows, version=version)


def as_parameters(
    pipeline: Any,  # noqa: ANN401 - scikit-learn ships no types
    rows: "pd.DataFrame",
    *,
    version: str,
) -> FlightModel:
    """A fitted pipeline as plain numbers; predicts what the pipeline predicts."""
    import sklearn

    columns = pipeline.named_steps["columns"]
    steps = columns.named_transformers_["numeric"].named_steps
    filled, scaled = steps["fill"], steps["scale"]
    encoder = columns.named_transformers_["categories"]
    logistic = pipeline.named_steps["logistic"]
    weights = dict(
        zip(columns.get_feature_names_out(), (float(w) for w in logistic.coef_[0]), strict=True)
    )
    numeric = {
        name: NumericTerm(
            fill=float(filled.statistics_[position]),
            mean=float(scaled.mean_[position]),
            scale=float(scaled.scale_[position]),
            weight=weights[f"numeric__{name}"],
        )
        for position, name in enumerate(NUMERIC)
    }
    categories = {
        name: _category_term(
            name, encoder.categories_[i], encoder.infrequent_categories_[i], weights
        )
        for i, name in enumerate(CATEGORICAL)
    }
    return FlightModel(
        version=version,
        feature_spec=FEATURE_SPEC,
        trained_on=_days_in_new_york(rows),
        trained_with=f"scikit-learn {sklearn.__version__}",
        rows=len(rows),
        threshold=THRESHOLD,
        intercept=float(logistic.intercept_[0]),
        numeric=numeric,
        categories=categories,
    )


def _days_in_new_york(rows: "pd.DataFrame") -> str:
    local = rows["timestamp"].dt.tz_convert("America/New_York")
    return f"{local.min():%Y-%m-%d} to {local.max():%Y-%m-%d}"


def _category_term(
    name: str,
    all_values: Sequence[str],
    rare: Sequence[str] | None,
    weights: Mapping[str, float],
) -> CategoryTerm:
    rare_values = set() if rare is None else set(rare)
    return CategoryTerm(
        weights={
            str(value): weights[f"categories__{name}_{value}"]
            for value in all_values
            if value not in rare_values
        },
        other=weights.get(f"categories__{name}_infrequent_sklearn", 0.0),
    )


def out_of_fold(rows: "pd.DataFrame") -> "pd.Series[float]":
    """The probability of each row from a model that saw no flight of its day.

    Raises:
        WarehouseError: scikit-learn is not installed.
    """
    import pandas as pd

    pipeline = _pipeline()
    from sklearn.model_selection import GroupKFold, cross_val_predict

    days = rows["timestamp"].dt.strftime("%Y-%m-%d")
    found = cross_val_predict(
        pipeline,
        rows[[*FEATURES]],
        rows["late"].astype(int),
        groups=days,
        cv=GroupKFold(_FOLDS),
        method="predict_proba",
    )
    return pd.Series(found[:, 1], index=rows.index)


def _pipeline() -> Any:  # noqa: ANN401 - scikit-learn ships no types
    try:
        from sklearn.compose import ColumnTransformer
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import OneHotEncoder, StandardScaler
    except ModuleNotFoundError as error:
        raise WarehouseError(
            "the demo trains with scikit-learn, which is not installed",
            remedy="pip install 'ops-model[demo]'",
        ) from error
    numeric = Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    categories = OneHotEncoder(min_frequency=_RARE, handle_unknown="infrequent_if_exist")
    columns = ColumnTransformer(
        [("numeric", numeric, list(NUMERIC)), ("categories", categories, list(CATEGORICAL))]
    )
    return Pipeline([("columns", columns), ("logistic", LogisticRegression(max_iter=_MOST_STEPS))])
