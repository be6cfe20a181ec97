"""Results of trials, one row a case, arm and repeat, spoilt in one place at a time."""

import numpy as np
import pyarrow as pa

from ops_model.analysis.champion import compare
from ops_model.analysis.champion_rules import ComparisonRules
from ops_model.analysis.trial_results import trial_of
from tests.analysis.tables import table


def results(first, second, *, names=("old", "new"), **more):
    """Rows of two arms; `more` are columns of a value a case, or of one a row."""
    cases = len(first)
    columns = {
        "case_id": [f"c{n:06d}" for n in range(cases)] * 2,
        "arm": [names[0]] * cases + [names[1]] * cases,
        "score": [*first, *second],
    }
    for name, values in more.items():
        columns[name] = list(values) * (2 if len(values) == cases else 1)
    return columns


def right_or_wrong(*, both=0, won=0, lost=0, neither=0):
    """Scores of the champion and the challenger: so many cases of each kind."""
    first = [1] * both + [0] * won + [1] * lost + [0] * neither
    second = [1] * both + [1] * won + [0] * lost + [0] * neither
    return first, second


def trial(columns, **asked):
    """The trial of a table, `old` against `new` unless it says otherwise."""
    asked = {"champion": "old", "challenger": "new", "score": "score"} | asked
    return trial_of(table(**columns), where="results.parquet", **asked)


def compared(columns, *, slices=(), score="score", **rules):
    """The comparison of a table of two arms."""
    return compare(trial(columns, slices=slices, score=score), ComparisonRules(**rules))


def scores(cases, *, shift=0.0, spread=0.1, seed=1):
    """Scores between 0 and 1 of both arms, the second shifted."""
    rng = np.random.default_rng(seed)
    base = rng.uniform(0.3, 0.7, cases)
    other = np.clip(base + shift + rng.normal(0, spread, cases), 0, 1)
    return base.tolist(), other.tolist()


def without(columns, keep):
    """Only the rows for which `keep` says so, by row number."""
    rows = [n for n in range(len(columns["arm"])) if keep(n)]
    return {name: [values[n] for n in rows] for name, values in columns.items()}


def as_arrow(columns):
    """The rows as a table of Arrow, to be written to a file."""
    return pa.table(columns)
