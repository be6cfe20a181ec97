"""Days cut out of a profile: counts of days add up, so each window of a log is a part of it."""

from datetime import date

import numpy as np

from ops_model.analysis.profile import NumericCounts, Profile


def days_between(log: Profile, start: date, end: date) -> Profile:
    """The days of a profile from `start` until before `end`."""
    kept = np.array([start <= day < end for day in log.days], dtype=bool)
    numeric = {
        name: NumericCounts(
            counts.cells[kept], counts.below[kept], counts.above[kept],
            counts.first[kept], counts.second[kept],
        )
        for name, counts in log.numeric.items()
    }  # fmt: skip
    categories = {name: counts[kept] for name, counts in log.categories.items()}
    days = tuple(day for day in log.days if start <= day < end)
    return Profile(log.spec, days, log.rows[kept], numeric, categories)
