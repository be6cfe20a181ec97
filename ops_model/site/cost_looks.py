"""How each kind of record about cost stands, in glyph and word."""

from collections.abc import Callable, Mapping

from ops_model.domain.evidence import Record
from ops_model.domain.savings import (
    BillComparison,
    CacheOpportunity,
    ComputeCost,
    RightSizing,
    SavingsMeasurement,
)
from ops_model.domain.spend import (
    BreachLog,
    CeilingWatch,
    CostBridge,
    CostForecast,
    SpendMeasurement,
    UnitCost,
)
from ops_model.site.bill_cards import bill_look
from ops_model.site.ceiling_cards import breaches_look, watch_look
from ops_model.site.cost_cards import forecast_look, spend_look
from ops_model.site.growth_cards import bridge_look, unit_look
from ops_model.site.saving_cards import (
    cache_look,
    compute_look,
    right_sizing_look,
    savings_look,
)
from ops_model.site.words import Look

COST_LOOKS: Mapping[type[Record], Callable[..., Look]] = {
    BillComparison: bill_look,
    BreachLog: breaches_look,
    CacheOpportunity: cache_look,
    CeilingWatch: watch_look,
    ComputeCost: compute_look,
    CostBridge: bridge_look,
    CostForecast: forecast_look,
    RightSizing: right_sizing_look,
    SavingsMeasurement: savings_look,
    SpendMeasurement: spend_look,
    UnitCost: unit_look,
}
