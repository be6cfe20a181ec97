"""Days of cost and successes whose true cost is known, to see how often an interval holds it."""

from decimal import Decimal

import numpy as np

from ops_model.analysis.cost_per import DayOf, cost_per

TRUE_COST = 0.4


def intervals(*, alike, days, runs, seed=1):
    """The cost per success of many spans of so many days.

    Days differ in load, and in what a success costs, by 20 %; by `alike` that stays with the day
    after.
    """
    rng = np.random.default_rng(seed)
    for _ in range(runs):
        shocks = rng.normal(0, 1, days)
        level = np.empty(days)
        level[0] = shocks[0]
        for day in range(1, days):
            level[day] = alike * level[day - 1] + np.sqrt(1 - alike**2) * shocks[day]
        each = TRUE_COST * np.exp(0.2 * level - 0.02)
        good = rng.poisson(160 * rng.lognormal(0, 0.3, days)) + 1
        yield cost_per(
            [
                DayOf(Decimal(repr(float(one * n))), int(n))
                for one, n in zip(each, good, strict=True)
            ],
            "USD",
        )
