"""What so many drills show by themselves, and no more than that."""

from collections.abc import Mapping, Sequence
from math import comb
from typing import Annotated

from pydantic import Field

from ops_model.domain.evidence import ClaimRef, Record
from ops_model.domain.rollback import RollbackDrill, RollbackPlan
from ops_model.domain.system import AISystem
from ops_model.domain.values import Value
from ops_model.domain.walk import works_at_least

_MISSES = 0.05
"""The bound is wrong in at most one of twenty cases."""
_HALVINGS = 60


class Bound(Value):
    """`passed` of `k` drills passed: so it works in `at_least` of all cases, at 95 %.

    None where no drill is on record.
    """

    k: Annotated[int, Field(ge=0)]
    passed: Annotated[int, Field(ge=0)]
    at_least: float | None

    @property
    def told(self) -> str:
        """The bound in a sentence, which says more of few drills than their number does."""
        if self.at_least is None:
            return "no drill of these versions is on record"
        return (
            f"{self.passed} of {self.k} drills passed; that alone shows only that it works in "
            f"{100 * self.at_least:.0f} % of cases or more (95 % confidence)"
        )


def bound(results: Sequence[bool]) -> Bound:
    """The honest bound from drills of which each passed or did not.

    Without a failure it is the k-th root of 0.05; else the share at which so many passes or more
    would come about by luck in one of twenty times.

    Source: Clopper and Pearson 1934, the one-sided lower limit.
    """
    k, passed = len(results), sum(results)
    return Bound(k=k, passed=passed, at_least=_at_least(k, passed) if k else None)


def _at_least(k: int, passed: int) -> float:
    if passed == k:
        return works_at_least(k)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _this_many_or_more(k, passed, middle) < _MISSES:
            low = middle
        else:
            high = middle
    return low


def _this_many_or_more(k: int, passed: int, share: float) -> float:
    return sum(
        comb(k, n) * share**n * (1 - share) ** (k - n) for n in range(passed, k + 1)
    )  # fmt: skip


def of_present_versions(drill: RollbackDrill, plan: RollbackPlan, identity: AISystem) -> bool:
    """True when a drill went between the versions of the plan, made of what they are made of now.

    A label stays when its model is exchanged; records of before that was kept say nothing of it.
    """
    if (drill.from_version, drill.to_version) != (plan.from_version, plan.to_version):
        return False
    return not any(
        exchanged(drilled, label, identity)
        for label, drilled in (
            (drill.from_version, drill.from_digest),
            (drill.to_version, drill.to_digest),
        )
    )


def other_texts(record: Record, present: Mapping[str, ClaimRef]) -> tuple[str, ...]:
    """The claim files that a record used in another text than the present one.

    Args:
        record: a drill or a measurement; one that names no text says nothing of any.
        present: the claim files as they are now, by name.
    """
    return tuple(ref.file for ref in record.claims if ref != present.get(ref.file))


def shows_going_back(drill: RollbackDrill, plan: RollbackPlan, identity: AISystem) -> bool:
    """True when a drill of the present versions rests on more than the server's own word."""
    return drill.rests_on != "word" and of_present_versions(drill, plan, identity)


def exchanged(drilled: str | None, label: str, identity: AISystem) -> bool:
    """True when a version is made of something else now than it was in a drill."""
    present = identity.known_version(label)
    return drilled is not None and present is not None and drilled != present.digest()
