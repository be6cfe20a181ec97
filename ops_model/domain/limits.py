"""How old, slow or large a thing may be: what the policy says of a check, else its default."""

from collections.abc import Mapping

from ops_model.domain.policy import Policy
from ops_model.domain.system import Tier

ByTier = tuple[float, float, float]
"""One limit at each of the tiers A, B and C."""


def limit_of(policy: Policy, tier: Tier, check: str, name: str, default: ByTier) -> float:
    """The threshold `name` of a check at a tier, in the unit that its name says.

    Args:
        policy: whose thresholds come first.
        tier: of the system.
        check: whose threshold it is, such as `RBK-02`.
        name: of the threshold, such as `max_age_days`.
        default: what holds where the policy says nothing.
    """
    given = policy.thresholds.get(check, {}).get(name)
    if isinstance(given, Mapping):
        given = given.get(tier)
    try:
        return float(str(given))
    except ValueError:
        # A threshold of another form is refused when checks are judged; the default holds here.
        return default["ABC".index(tier)]
