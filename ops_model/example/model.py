"""A trained model as plain parameters: a logistic regression that needs no library to serve.

The file holds numbers and names only, in canonical JSON, so reading it runs nothing, and the
SHA-256 of the file is the model's digest.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError

from ops_model.domain.scalars import Text
from ops_model.domain.values import Value, canonical_bytes, digest_of
from ops_model.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# exp overflows above 709; a sum that is this far out is certain either way.
_CERTAIN = 700.0

Number = Annotated[float, Field(allow_inf_nan=False)]


class NumericTerm(Value):
    """One numeric input; `fill` stands in for a value that was not reported."""

    fill: Number
    mean: Number
    scale: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    weight: Number


class CategoryTerm(Value):
    """One input of categories; `other` is the weight of all that were rare or never seen."""

    weights: Mapping[str, Number]
    other: Number = 0.0


class FlightModel(Value):
    """The chance that a flight arrives more than 15 minutes late."""

    version: Text
    feature_spec: Text
    trained_on: Text
    trained_with: Text
    rows: int
    threshold: Annotated[float, Field(gt=0, lt=1)]
    intercept: Number
    numeric: Mapping[str, NumericTerm]
    categories: Mapping[str, CategoryTerm]

    @classmethod
    def load(cls, path: Path) -> "FlightModel":
        """The model that a file holds.

        Raises:
            UsageError: the file cannot be read, or holds no such model.
        """
        remedy = "name a model file, such as data/flight-delay/models/v2.json"
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            message = f"the model cannot be read: {error.strerror}"
            raise UsageError(message, where=str(path), remedy=remedy) from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the file"
            message = f"is no model: {place}: {first['msg']}"
            raise UsageError(message, where=str(path), remedy=remedy) from error

    def save(self, path: Path) -> None:
        """Write the canonical JSON; `sha256sum` of the file is `digest`."""
        path.write_bytes(canonical_bytes(self))

    @property
    def digest(self) -> str:
        """`sha256:` and the SHA-256 of the file that `save` writes."""
        return digest_of(self)

    @property
    def feature_spec_digest(self) -> str:
        """The digest of the feature spec: its name, and the inputs that it has, in no order."""
        inputs = {"numeric": sorted(self.numeric), "categories": sorted(self.categories)}
        return digest_of({"name": self.feature_spec, **inputs})

    def predict(self, features: Mapping[str, float | str | None]) -> float:
        """The probability for one flight, in plain Python.

        None or NaN stands for a value that was not reported. Keys that are no feature are left
        alone.

        Raises:
            UsageError: a feature is missing or is not of its kind.
        """
        total = self.intercept
        for name, numeric in self.numeric.items():
            value = _number(features, name)
            known = numeric.fill if value is None else value
            total += numeric.weight * (known - numeric.mean) / numeric.scale
        for name, category in self.categories.items():
            total += category.weights.get(_text(features, name), category.other)
        return _sigmoid(total)

    def predict_many(self, rows: "pd.DataFrame") -> "np.ndarray[Any, np.dtype[np.float64]]":
        """The probabilities of many flights: the same sum, column by column."""
        import numpy as np

        total = np.full(len(rows), self.intercept)
        for name, numeric in self.numeric.items():
            known = rows[name].to_numpy(float, na_value=np.nan)
            known = np.where(np.isnan(known), numeric.fill, known)
            total += numeric.weight * (known - numeric.mean) / numeric.scale
        for name, category in self.categories.items():
            total += rows[name].map(category.weights).fillna(category.other).to_numpy(float)
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(total, -_CERTAIN, _CERTAIN))))


@dataclass(frozen=True)
class AskedModel:
    """The model as whoever asks for its importances wants it: a frame in, a number per row out."""

    model: FlightModel

    def predict(self, rows: "pd.DataFrame") -> "np.ndarray[Any, np.dtype[np.float64]]":
        """The chance of each row.

        Raises:
            UsageError: the frame lacks an input of the model.
        """
        needed = [*self.model.numeric, *self.model.categories]
        if lacking := [name for name in needed if name not in rows.columns]:
            raise UsageError(
                f"the model needs {', '.join(lacking)} too",
                remedy="name every input of the model in `columns:` of the monitor",
            )
        return self.model.predict_many(rows)


def load_for_importance(path: Path) -> AskedModel:
    """What `signals.yaml` names as the loader of the model: a file in, an asked model out."""
    return AskedModel(FlightModel.load(path))


def _number(features: Mapping[str, float | str | None], name: str) -> float | None:
    value = _present(features, name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UsageError(f"feature {name} is {value!r}; expected a finite number, or null")
    return float(value)


def _text(features: Mapping[str, float | str | None], name: str) -> str:
    value = _present(features, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UsageError(f"feature {name} is {value!r}; expected text, or null")
    return value


def _present(features: Mapping[str, float | str | None], name: str) -> float | str | None:
    if name not in features:
        raise UsageError(
            f"feature {name} is missing",
            remedy="send every feature; null stands for one that was not reported",
        )
    value = features[name]
    # A table says NaN where JSON says null.
    return None if isinstance(value, float) and math.isnan(value) else value


def _sigmoid(total: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-_CERTAIN, min(_CERTAIN, total))))
