"""Minimum grades that a policy sets too low.

What can be neither waived nor switched off would get round it where it could be met by less.
"""

from collections.abc import Iterable, Iterator
from typing import get_args

from ops_model.check.grades import group_of
from ops_model.check.waivers import NEVER_SWITCHED_OFF
from ops_model.domain.evidence import Grade
from ops_model.domain.policy import Policy
from ops_model.domain.system import Tier
from ops_model.errors import Problem

_TIERS: tuple[Tier, ...] = get_args(Tier)
_SHIPPED = Policy()


def lowered(policy: Policy, checks: Iterable[str]) -> Iterator[Problem]:
    """Each entry by which checks that cannot be switched off would be met by less than ships.

    Args:
        policy: what the company decided.
        checks: the ids of the checks that are loaded.
    """
    found: dict[tuple[str, Tier, Grade], list[str]] = {}
    for check_id in sorted(NEVER_SWITCHED_OFF.intersection(checks)):
        for tier in _TIERS:
            least = _SHIPPED.minimum_grade(check_id, tier)
            if policy.minimum_grade(check_id, tier) < least:
                name = _entry(policy, check_id, tier)
                found.setdefault((name, tier, least), []).append(check_id)
    for (name, tier, least), lowers in found.items():
        yield Problem(
            f"{name} asks for {policy.minimum_grades[name][tier]} at tier {tier}; expected at "
            f"least {least} for {', '.join(lowers)}: what cannot be switched off rests on no less "
            "than ships",
            str(policy.place_of(f"minimum_grades.{name}.{tier}")),
            f"write {least}"
            + ("" if name in lowers else ", or name the checks that may rest on less one by one"),
        )


def _entry(policy: Policy, check_id: str, tier: Tier) -> str:
    """The key of `minimum_grades` that speaks of a check at a tier: its id, or else its group."""
    alone = tier in policy.minimum_grades.get(check_id, {})
    return check_id if alone else group_of(check_id)
