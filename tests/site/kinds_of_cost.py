"""Records about cost with known numbers, for the tests of cards, figures and pages."""

from datetime import date, timedelta

from ops_model.domain.evidence import Measured
from ops_model.domain.savings import (
    ActionSaving,
    BillComparison,
    BillMonth,
    CacheOpportunity,
    ComputeCost,
    LoadMeasurement,
    RightSizing,
    SavingsMeasurement,
    SliceComparison,
)
from ops_model.domain.spend import (
    BridgeBar,
    BurnWindow,
    CeilingState,
    CeilingWatch,
    CostBridge,
    CostForecast,
    UnitCost,
)
from tests.site.samples import AS_OF, FLIGHT, exact, share

COMMON = {"system": FLIGHT, "as_of": AS_OF}


def usd(value, n=900):
    return exact(value, "USD", n)


def between(value, low, high, unit="USD", n=900):
    return Measured(value=value, unit=unit, n=n, low=low, high=high)


def not_known(why, unit="USD"):
    return Measured(value=None, unit=unit, n=0, no_interval=why)


def ceiling_state(ceiling="day", state="warned", spent=8.5, projected=11.0, **more):
    return CeilingState(**{
        "ceiling": ceiling, "scope": "system", "per": "day", "amount": usd(10, 1),
        "spent": usd(spent), "warn_at": (0.5, 0.8), "warned_at": (0.5, 0.8),
        "burn": (BurnWindow(long_minutes=60, short_minutes=10, limit=6, long_rate=2.5,
                            short_rate=3.0),),
        "projected": usd(projected, 14), "state": state, "why": "80% of it is spent",
        "owner": "clara-ng", "route": "mail: clara-ng", "hard_action": "throttle",
        "may_raise": ("ben-okafor",), "raising": "by at most 50.00 USD",
    } | more)  # fmt: skip


def watch(*states):
    return CeilingWatch(
        currency="USD", newest_row=AS_OF - timedelta(minutes=40),
        data_age_minutes=exact(40, "minutes", 1), ceilings=states or (ceiling_state(),), **COMMON,
    )  # fmt: skip


def bridge(**more):
    # 9.82 + 6.94 + 4.88 + 0.01 - 2.97 = 18.68
    effects = {"volume": 6.944, "prompt_length": 4.879, "price": -2.968, "retries": 0.005}
    drivers = {name: usd(value) for name, value in effects.items()}
    bars = tuple(
        BridgeBar(driver=name, effect=effect, owner="clara-ng", do=f"look at {name}",
                  action="shorter" if name == "prompt_length" else None)
        for name, effect in drivers.items()
    )  # fmt: skip
    return CostBridge(**{
        "currency": "USD", "method": "shapley", "assumed_per_day": usd(9.82, 1),
        "actual_per_day": usd(18.68), "drivers": drivers, "bars": bars, "days": 28,
        "left_out": {"shadow": usd(0.17, 30)}, "notes": ("the pilot names no retries",),
    } | COMMON | more)  # fmt: skip


def forecast(**more):
    return CostForecast(**{
        "ceiling": "day", "growth_per_day": between(0.14, 0.11, 0.17), "horizon_days": 120,
        "crosses_on": date(2013, 8, 6), "no_interval": "3 series are known",
        "per_day_now": usd(8.1, 7),
    } | COMMON | more)  # fmt: skip


def unit_cost(**more):
    return UnitCost(**{
        "unit": "settled-question", "successes": 7900, "days": 28,
        "cost_per_success": between(0.0834, 0.08, 0.087), "target": usd(0.02, 1),
        "worth": usd(0.90, 1), "cost_per_unit": between(0.017, 0.016, 0.018),
        "notes": ("one day has no row",), "left_out": {"challenger": usd(3.02, 60)},
    } | COMMON | more)  # fmt: skip


def cache(saving=3.2, **more):
    return CacheOpportunity(**{
        "log": "usage", "currency": "USD", "ttl_minutes": 5, "requests": 12031,
        "hit_tokens": share(0.37, 12031), "whole_repeats": share(0.01, 12031),
        "cached_now": share(0.02, 12031),
        "saving_per_day": between(saving, saving - 0.4, saving + 0.4),
    } | COMMON | more)  # fmt: skip


def right_sizing():
    return RightSizing(
        comparison="small-for-large", dear_model="large", cheap_model="small", margin=0.05,
        false_discovery_rate=0.05, overall=between(-0.02, -0.03, -0.01, "share", 1800),
        slices=tuple(
            SliceComparison(slice=name, cases=300,
                            difference=between(d, d - 0.03, d + 0.03, "share", 300),
                            p_adjusted=0.01, verdict=verdict, traffic=traffic)
            for name, d, verdict, traffic in (
                ("delivery", -0.002, "non_inferior", 0.3), ("refund", -0.14, "not_shown", 0.5),
                ("product", 0.28, "implausible", 0.2),
            )
        ),
        movable=share(0.3, 900), saving_per_day=usd(1.4), **COMMON,
    )  # fmt: skip


def compute():
    return ComputeCost(
        log="compute", resource="cpu-2", currency="USD", hours=exact(1344, "hours", 1344),
        busy=share(0.63, 1344), cost_per_thousand=usd(7.1), cost_per_thousand_busy=usd(4.4),
        reserved_level=2, reserved_saving_per_day=between(1.1, 1.0, 1.2),
        reserved_for_peak_per_day=usd(-0.4), **COMMON,
    )  # fmt: skip


def savings(measured=None):
    return SavingsMeasurement(
        currency="USD", actions=(
            ActionSaving(action="ask-for-the-cache", what="ask for it again", owner="clara-ng",
                         due=date(2013, 7, 31), expected=usd(3.2, 1), estimated=usd(3.1),
                         measured=measured, not_measured="" if measured else "not done yet"),
        ), **COMMON,
    )  # fmt: skip


def month(at=date(2013, 6, 1), agrees=False, **more):
    return BillMonth(**{
        "month": at, "estimated": usd(594.1), "billed": usd(635.31), "difference": usd(41.21),
        "explained": {"question-filter": usd(18.60)}, "rest": usd(22.61), "agrees": agrees,
        "why": "22.61 USD have no name",
    } | more)  # fmt: skip


def bill(*months):
    return BillComparison(
        bill="vendor-bill", vendor="vendor", currency="USD", focus_version="1.0", rows=521,
        months=months or (month(), month(date(2013, 5, 1), True, why="explained")),
        apart={"in another currency": 2}, **COMMON,
    )  # fmt: skip


def load():
    return LoadMeasurement(
        slot_seconds=10, peak_per_second=exact(0.6, "requests/s", 9000), busiest=AS_OF,
        mean_per_second=exact(0.02, "requests/s", 9000), **COMMON,
    )  # fmt: skip


def cost_kinds():
    """One record of each kind that is about cost, but for spend and what was sent."""
    return (
        watch(), bridge(), forecast(), unit_cost(), cache(), right_sizing(), compute(),
        savings(), bill(), load(),
    )  # fmt: skip
