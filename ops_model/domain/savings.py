"""What was found about saving: caches, smaller models, machines, bills, what an action brought.

A saving is expected until the days after it are measured; both stand side by side.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime

from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.scalars import ByKey, Slug, Text
from ops_model.domain.values import Value


class CacheOpportunity(Measurement):
    """What a cache of prompt prefixes would have saved, by the hashes of the prompts' blocks.

    `hit_tokens` is the share of input tokens that begin a prompt seen within `ttl_minutes`;
    `whole_repeats` the share of requests whose whole prompt was. `saving_per_day` allows for what
    writing to the cache costs more.
    """

    kind: Literal["cache_opportunity"] = "cache_opportunity"
    log: Slug
    currency: str
    ttl_minutes: int
    requests: int
    hit_tokens: Measured
    whole_repeats: Measured
    cached_now: Measured
    saving_per_day: Measured


class SliceComparison(Value):
    """A dear and a cheap model on the cases of one slice.

    `difference` is cheap less dear. `non_inferior`: shown to be within the margin, all slices
    taken together; `implausible`: so much better, or both of them always wrong, that the data are
    to be doubted, not booked. `traffic` is the slice's part of all of it, compared or not.
    """

    slice: str
    cases: int
    difference: Measured
    p_adjusted: float
    verdict: Literal["non_inferior", "not_shown", "implausible"]
    traffic: float


class RightSizing(Measurement):
    """Where a cheaper model is good enough, by the same cases answered by both.

    `movable` is the share of traffic in slices where that is shown.
    """

    kind: Literal["right_sizing"] = "right_sizing"
    comparison: Slug
    dear_model: str
    cheap_model: str
    margin: float
    false_discovery_rate: float
    overall: Measured
    slices: tuple[SliceComparison, ...]
    movable: Measured
    saving_per_day: Measured | None = None


class ComputeCost(Measurement):
    """What a resource billed by the hour costs for the work that it did.

    `busy` is the share of the charged hours in which it worked; None where the log does not say.
    `reserved_level` is how many units, running all day, are cheapest to reserve;
    `reserved_for_peak_per_day` is what a day would cost if all that ever ran were reserved.
    """

    kind: Literal["compute_cost"] = "compute_cost"
    log: Slug
    resource: str
    currency: str
    hours: Measured
    busy: Measured
    cost_per_thousand: Measured
    cost_per_thousand_busy: Measured | None = None
    reserved_level: int | None = None
    reserved_saving_per_day: Measured | None = None
    reserved_for_peak_per_day: Measured | None = None


class ActionSaving(Value):
    """What one action of `cost.yaml` is expected to save, could save, and did save per day.

    `expected` is the claim, `estimated` what an analysis of the logs says, `measured` the cost per
    day before less after, at the same volume; `no_estimate` and `not_measured` say why not.
    """

    action: Slug
    what: Text
    owner: Slug
    due: date
    expected: Measured
    estimated: Measured | None = None
    no_estimate: str = ""
    measured: Measured | None = None
    not_measured: str = ""


class SavingsMeasurement(Measurement):
    """Every action that is to lower the cost: expected, estimated, measured."""

    kind: Literal["savings"] = "savings"
    currency: str
    actions: tuple[ActionSaving, ...]


class BillMonth(Value):
    """One month: what the log comes to, what was billed, and of what the difference is made.

    `explained` are parts of `difference` (billed less estimated) that have a name, such as
    credits, taxes or services that no log holds; `rest` has none. `agrees` is None where either is
    unknown, as a bill is of which rows are in no sum, and a log of which rows have no price.
    """

    month: date
    estimated: Measured
    billed: Measured
    difference: Measured
    explained: Annotated[Mapping[str, Measured], ByKey] = {}
    rest: Measured
    agrees: bool | None = None
    why: str


class BillComparison(Measurement):
    """A vendor's bill beside what the usage logs come to, month by month.

    `apart` are rows of the bill that are in no sum, by what is wrong with them; those whose unit
    price times quantity is not the cost are counted there too, and explain nothing by that.
    """

    kind: Literal["bill_comparison"] = "bill_comparison"
    bill: Slug
    vendor: str
    currency: str
    focus_version: str
    rows: int
    months: tuple[BillMonth, ...]
    apart: Annotated[Mapping[str, int], ByKey] = {}


class LoadMeasurement(Measurement):
    """The most requests that came within one slot, as a rate, for what the machines have to carry.

    `busiest` begins the slot of `slot_seconds`.
    """

    kind: Literal["load"] = "load"
    slot_seconds: int
    peak_per_second: Measured
    busiest: AwareDatetime
    mean_per_second: Measured
