"""Real load of 14 days as if it were paid for by the token, and incidents planted into it.

ServeGen holds requests per second of production clients in windows of ten minutes, and the mean
tokens of their requests in windows of six hours. Its language clients with tokens are priced as if
`m-large` were gpt-4o (2.50 and 10.00 USD per million) and the others gpt-4o-mini (0.15 and 0.60):
a scenario, and nobody's bill. What a client asked in a window without tokens is left out.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import inf

import duckdb
import numpy as np

from ops_model.analysis.ceilings import Ceiling, day_standing
from ops_model.analysis.spend_slots import SLOT, SLOTS_A_DAY, SpendSlots

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 14
QUIET = range(6, 13)
"""Days 7 to 13, counted from one: no day is above the ceiling there."""
INCIDENTS = 200
SEED = 7
_COST = """
with tokens as (
  select model, client, window_s, input_tokens_mean i, output_tokens_mean o from '{tokens}'
  where category = 'language' and not isnan(input_tokens_mean) and not isnan(output_tokens_mean)
)
select a.model || '-' || a.client as service, floor(a.window_s / 600)::int as slot,
       sum(a.rate_rps * 600 * (t.i * p.i + t.o * p.o) / 1e6) as cost
from '{arrivals}' a
join (values ('m-large', 2.5, 10.0), ('m-mid', 0.15, 0.6), ('m-small', 0.15, 0.6))
  p(model, i, o) using (model)
join tokens t on t.model = a.model and t.client = a.client
  and t.window_s = floor(a.window_s / 21600) * 21600
where a.category = 'language' group by all
"""


@dataclass(frozen=True)
class Load:
    """What each service costs in each slot of ten minutes."""

    services: tuple[str, ...]
    costs: np.ndarray

    @property
    def slots(self):
        """The cost of all services together."""
        return [Decimal(str(round(float(cost), 6))) for cost in self.costs.sum(axis=0)]

    def days(self):
        """What each service cost on each day."""
        return self.costs.reshape(len(self.services), DAYS, SLOTS_A_DAY).sum(axis=2)


def read(arrivals, tokens):
    """The load of the two files."""
    with duckdb.connect() as engine:
        rows = engine.execute(_COST.format(arrivals=arrivals, tokens=tokens)).fetchall()
    services = tuple(sorted({service for service, _, _ in rows}))
    place = {service: number for number, service in enumerate(services)}
    costs = np.zeros((len(services), DAYS * SLOTS_A_DAY))
    for service, slot, cost in rows:
        costs[place[service], slot] += cost
    return Load(services, costs)


def qualifying(load):
    """Each service that cost something every day, and over 50 USD in all: its cost by day."""
    first = START.date()
    return [
        {first + timedelta(days=n): float(cost) for n, cost in enumerate(days)}
        for days in load.days()
        if (days > 0).all() and days.sum() > 50
    ]


def day(number):
    """The date of a day, counted from nought."""
    return date.fromordinal(START.date().toordinal() + number)


def ceiling_of(load):
    """1.4 times the median of the quiet days."""
    days = load.days().sum(axis=0)[list(QUIET)]
    return Ceiling(Decimal(str(round(1.4 * float(np.median(days)), 2))))


def standings(costs, ceiling, first, last):
    """How each slot from one to before another stands, as seen at its end."""
    ones, none = (1,) * len(costs), (0,) * len(costs)
    slots = SpendSlots(START, tuple(costs), ones, none, START + len(costs) * SLOT)
    for slot in range(first, last):
        at = START + (slot + 1) * SLOT
        # The last slot of a day is looked at within that day.
        seen = at - timedelta(seconds=1) if (slot + 1) % SLOTS_A_DAY == 0 else at
        yield slot, day_standing(slots, ceiling, as_of=seen)


def quiet_states(load):
    """The states that each of the quiet days goes through."""
    ceiling, costs = ceiling_of(load), load.slots
    return [
        {s.state for _, s in standings(costs, ceiling, d * SLOTS_A_DAY, (d + 1) * SLOTS_A_DAY)}
        for d in QUIET
    ]


def minutes_to_alert(load, times, *, incidents=INCIDENTS, seed=SEED):
    """Minutes until somebody is told, by rule, of incidents that multiply the cost until the end.

    Each begins in a slot drawn from the first four of the quiet days. `page` is a burn rate or the
    ceiling itself, `any` a ticket too, `sum` the ceiling alone.
    """
    ceiling, costs, factor = ceiling_of(load), load.slots, Decimal(str(times))
    first, end = QUIET[0] * SLOTS_A_DAY, (QUIET[-1] + 1) * SLOTS_A_DAY
    drawn = np.random.default_rng(seed).integers(first, first + 4 * SLOTS_A_DAY, incidents)
    found = {"page": [], "any": [], "sum": []}
    for begins in map(int, drawn):
        planted = [*costs[:begins], *(c * factor for c in costs[begins:end])]
        seen = {}
        for slot, standing in standings(planted, ceiling, begins, end):
            minutes = (slot + 1 - begins) * 10
            seen.setdefault(standing.state, minutes)
            if standing.state == "crossed":
                break
        crossed = seen.get("crossed", inf)
        paged = min(seen.get("page", inf), crossed)
        found["sum"].append(crossed)
        found["page"].append(paged)
        found["any"].append(min(seen.get("ticket", inf), paged))
    return found
