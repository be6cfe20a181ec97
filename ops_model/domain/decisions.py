"""Who may decide what, alone or with whom."""

from typing import Annotated, Literal

from pydantic import Field

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


class Decisions(Value):
    """The file `decisions.yaml`."""

    rights: tuple[DecisionRight, ...]
    business_statement: Text | None = None

    def right(self, action: Action) -> DecisionRight | None:
        """The right for `action`, or None when nobody was given it."""
        return next((r for r in self.rights if r.action == action), None)
