"""What an action could save per day, by the analysis that fits its kind; or why none does."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ops_model.domain.evidence import Measured
from ops_model.domain.saving_claims import CostAction
from ops_model.domain.savings import CacheOpportunity, ComputeCost, RightSizing
from ops_model.domain.spend import BridgeDriver, CostBridge

Analysed = CacheOpportunity | RightSizing | ComputeCost | CostBridge
"""Records that say what could be saved."""
Estimate = tuple[Measured | None, str]
A = TypeVar("A", bound=Analysed)
_OF_SOME_SERVICES = frozenset({"right_size", "route"})
_AT_MOST = "at most: all services together, and the action is of some"


def estimate(action: CostAction, found: Sequence[Analysed]) -> Estimate:
    """The saving per day that the analyses expect of an action, and why there is none.

    Args:
        action: one of `cost.yaml`.
        found: whatever was analysed, at the same instant.
    """
    asked = _BY_KIND.get(action.kind)
    if asked is None:
        return None, f"no analysis estimates what {action.kind} saves"
    known, why = asked(action, found)
    if known is not None and known.value is None:
        return None, known.no_interval or "not known"
    if known is not None and action.services and action.kind not in _OF_SOME_SERVICES:
        known = known.model_copy(update={"low": None, "high": None, "no_interval": _AT_MOST})
    return known, why


def _of_cache(_: CostAction, found: Sequence[Analysed]) -> Estimate:
    """The cache that forgets soonest, of each log: nobody has to trust that one keeps longer."""
    soonest: dict[str, CacheOpportunity] = {}
    for one in sorted(_all(CacheOpportunity, found), key=lambda c: c.ttl_minutes):
        soonest.setdefault(one.log, one)
    return _sum(
        [one.saving_per_day for one in soonest.values()],
        "no log holds the hashes of prompt prefixes (`prefix` of a log in cost.yaml)",
    )


def _of_models(action: CostAction, found: Sequence[Analysed]) -> Estimate:
    if action.comparison is None:
        return None, "it names no comparison that shows that a cheaper model is good enough"
    for one in _all(RightSizing, found):
        if one.comparison == action.comparison:
            saving = one.saving_per_day
            return saving, "" if saving else f"comparison {one.comparison} shows no saving"
    return None, f"comparison {action.comparison} was not analysed"


def _of_reserving(_: CostAction, found: Sequence[Analysed]) -> Estimate:
    savings = [one.reserved_saving_per_day for one in _all(ComputeCost, found)]
    return _sum(
        [one for one in savings if one is not None],
        "no hour has a price for what is reserved (`reserved_per_hour` in cost.yaml)",
    )


def _of_length(
    driver: BridgeDriver, what: str
) -> Callable[[CostAction, Sequence[Analysed]], Estimate]:
    def asked(_: CostAction, found: Sequence[Analysed]) -> Estimate:
        for bridge in _all(CostBridge, found):
            effect = bridge.drivers.get(driver)
            began = "the pilot assumed" if bridge.since == "pilot" else "four weeks before"
            if effect is None or effect.value is None:
                return None, f"it is not known what longer {what} cost"
            if effect.value <= 0:
                return None, f"{what} cost no more than {began}"
            doubt = effect.no_interval or "exact"
            back = f"if {what} were as {began}" + ("" if doubt == "exact" else f"; {doubt}")
            return effect.model_copy(update={"no_interval": back}), ""
        return None, f"it is not known what longer {what} cost"

    return asked


_BY_KIND: Mapping[str, Callable[[CostAction, Sequence[Analysed]], Estimate]] = {
    "cache": _of_cache,
    "right_size": _of_models,
    "route": _of_models,
    "reserve": _of_reserving,
    "trim_prompt": _of_length("prompt_length", "prompts"),
    "cap_output": _of_length("output_length", "answers"),
}


def _all(kind: type[A], found: Sequence[Analysed]) -> list[A]:
    return [one for one in found if isinstance(one, kind)]


def _sum(parts: Sequence[Measured], why_none: str) -> Estimate:
    """One number as it is; of several their sum, whose interval nobody worked out."""
    if not parts:
        return None, why_none
    if len(parts) == 1:
        return parts[0], ""
    values = [part.value for part in parts if part.value is not None]
    if len(values) < len(parts):
        return None, "not known of every log"
    reason = f"the sum of {len(parts)} estimates"
    return Measured(
        value=sum(values), unit=parts[0].unit, n=sum(p.n or 0 for p in parts), no_interval=reason
    ), ""
