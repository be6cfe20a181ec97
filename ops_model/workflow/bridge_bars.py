"""Who answers for each driver of the cost, and what is done about it."""

from collections.abc import Mapping

from ops_model.domain.cost import CostPlan
from ops_model.domain.evidence import Measured
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.saving_claims import CostAction
from ops_model.domain.spend import BridgeBar, BridgeDriver

ACTS_ON: Mapping[str, BridgeDriver] = {
    "trim_prompt": "prompt_length", "cap_output": "output_length", "right_size": "model_mix",
    "route": "model_mix", "cache": "cache", "autoscale": "volume", "reserve": "price",
    "batch": "price", "spot": "price",
}  # fmt: skip
"""Which driver each kind of action works on."""
_HELPS: Mapping[BridgeDriver, str] = {
    "volume": "hold what one success costs against its target: more work may be what was wanted",
    "prompt_length": "read a long prompt of last week, and send less history and fewer documents",
    "output_length": "set the most tokens that an answer may have, and ask for short answers",
    "model_mix": "show by a paired comparison where a cheaper model will do, and route there",
    "cache": "put what never changes at the beginning of the prompt, where a cache can hold it",
    "retries": "find out which errors are tried again, and wait longer or give up sooner",
    "price": "compare the price list with the contract; reserve, or batch what may wait",
}
_LESS = "nothing: it makes a day cheaper"
_SAME = "nothing: it is as it was"


def bars_of(
    system: SystemClaims, effects: Mapping[BridgeDriver, Measured]
) -> tuple[BridgeBar, ...]:
    """One bar for each driver, the largest first, each with an owner.

    The owner is that of the action of `cost.yaml` that works on the driver: the next one that is
    due, or the last one done. Without one it is whoever has the duty `cost_control`, and what to
    do is what usually helps.
    """
    ordered = sorted(effects, key=lambda name: (-abs(effects[name].value or 0.0), name))
    return tuple(_bar(system, name, effects[name]) for name in ordered)


def _bar(system: SystemClaims, driver: BridgeDriver, effect: Measured) -> BridgeBar:
    action = _action(system.cost, driver)
    if action is not None:
        return BridgeBar(
            driver=driver, effect=effect, owner=action.owner, action=action.id, do=action.text
        )
    value = effect.value
    do = _HELPS[driver]
    if value is not None and value <= 0:
        do = _LESS if value < 0 else _SAME
    return BridgeBar(driver=driver, effect=effect, owner=_who_controls(system), do=do)


def _action(cost: CostPlan | None, driver: BridgeDriver) -> CostAction | None:
    fitting = [a for a in (cost.actions if cost else ()) if ACTS_ON.get(a.kind) == driver]
    planned = [action for action in fitting if action.done is None]
    if planned:
        return min(planned, key=lambda action: (action.due, action.id))
    return max(fitting, key=lambda action: (action.done or action.due, action.id), default=None)


def _who_controls(system: SystemClaims) -> str | None:
    owned = system.ownership
    if owned is None:
        return None
    duty = owned.duties.get("cost_control")
    return duty.primary if duty is not None else owned.domains.cost or owned.accountable
