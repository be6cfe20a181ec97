"""Differences of cases of which it is known how many there are of each."""

import numpy as np

from ops_model.analysis.differences import differences_of


def right_or_wrong(cases, better, worse):
    """So many cases, each asked once of both and right or wrong."""
    values = np.zeros(cases)
    values[:better], values[better : better + worse] = 1.0, -1.0
    return differences_of(values, once=True, reach=1.0)
