"""Who may decide what, alone or with whom."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from ops_model.domain.people import Function
from ops_model.domain.values import Money, Slug, Text, Value

Action = Literal[
    "rollback", "failover", "override_output", "disable", "edge_case", "retrain", "adopt_change",
    "raise_cost_ceiling", "notify_users", "notify_regulator", "go_live", "restore",
]  # fmt: skip
Autonomy = Literal["alone", "tell_after", "consult_one", "needs_approval"]


class DecisionRight(Value):
    """One action and who may take it; `holder` is a person id, or `primary` or `secondary`."""

    action: Action
    holder: Slug
    backup: Slug | None = None
    autonomy: Autonomy
    approvers: tuple[Slug, ...] = ()
    max_minutes_to_decide: Annotated[int, Field(ge=0)] = 15
    money_limit: Money | None = None

    @property
    def needs_nobody_else(self) -> bool:
        """True when the holder need not wait for anybody."""
        return self.autonomy in {"alone", "tell_after"}


Seat = Literal["product", "reliability", "compliance"]
SEATS: Mapping[Seat, frozenset[Function]] = {
    "product": frozenset({"product", "business"}),
    "reliability": frozenset({"reliability", "platform"}),
    "compliance": frozenset({"compliance", "legal"}),
}
"""The seats of a deploy review (S1.25), and the functions of the people who may sit there."""


class ReviewSeat(Value):
    """Who decides for one function whether a version may go live."""

    seat: Seat
    person: Slug


class Decisions(Value):
    """The file `decisions.yaml`."""

    rights: tuple[DecisionRight, ...]
    review: tuple[ReviewSeat, ...] = ()
    business_statement: Text | None = None

    def right(self, action: Action) -> DecisionRight | None:
        """The right for `action`, or None when nobody was given it."""
        return next((r for r in self.rights if r.action == action), None)
