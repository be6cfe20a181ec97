"""Who may decide what, alone or with whom."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ops_model.domain.people import Function
from ops_model.domain.scalars import AwareTime, Day, Route, Slug, Text
from ops_model.domain.values import Claim, ClaimFile, Money

Action = Literal[
    "rollback", "failover", "override_output", "disable", "edge_case", "retrain", "adopt_change",
    "raise_cost_ceiling", "notify_users", "notify_regulator", "go_live", "restore",
]  # fmt: skip
URGENT: tuple[Action, ...] = ("rollback", "failover", "override_output", "disable")
"""What may have to be decided while customers are harmed, at any hour."""
Autonomy = Literal["alone", "tell_after", "consult_one", "needs_approval"]


class DecisionRight(Claim):
    """One action and who may take it; `holder` is a person id, or `primary` or `secondary`.

    `no_op` is an argument list that shows that one could, and changes nothing (a dry run, a
    permission asked for); it is run without a shell by whoever shows it.
    """

    action: Action
    holder: Slug
    backup: Slug | None = None
    autonomy: Autonomy
    approvers: tuple[Slug, ...] = ()
    max_minutes_to_decide: Annotated[int, Field(ge=0)] = 15
    money_limit: Money | None = None
    no_op: tuple[str, ...] = ()

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


class ReviewQuestion(Claim):
    """What a seat asked before deciding, and what was answered, by whom and on what ground."""

    question: Text
    answer: Text | None = None
    answered_by: Slug | None = None
    evidence: Text | None = None


class ReviewSeat(Claim):
    """Who decides for one function whether a version may go live, and what they ask."""

    seat: Seat
    person: Slug
    questions: tuple[ReviewQuestion, ...] = ()


class Condition(Claim):
    """Something that has to be done for an approval to hold, by whom and until when."""

    id: Slug
    text: Text
    owner: Slug
    due: Day


class DeployReview(Claim):
    """The conversation before a version goes live; what each seat decided is evidence.

    `would_change` lists what would turn a refusal into an approval.
    """

    opened_at: AwareTime | None = None
    seats: tuple[ReviewSeat, ...] = ()
    conditions: tuple[Condition, ...] = ()
    would_change: tuple[Text, ...] = ()


class CommunicationPath(Claim):
    """Who tells whom, where, and how soon after it is known that something is wrong."""

    audience: Literal["users", "public", "support", "staff", "regulator", "owner"]
    owner: Slug
    channel: Route
    within_minutes: Annotated[int, Field(gt=0)]
    text: Text | None = None


class Decisions(ClaimFile):
    """The file `decisions.yaml`. Each action has one right: two of them would be nobody's."""

    rights: tuple[DecisionRight, ...]
    review: DeployReview = DeployReview()
    business_statement: Text | None = None
    communication: tuple[CommunicationPath, ...] = ()

    @model_validator(mode="after")
    def _one_right_for_each(self) -> Self:
        actions = [right.action for right in self.rights]
        twice = sorted({action for action in actions if actions.count(action) > 1})
        if twice:
            msg = f"rights hold {', '.join(twice)} more than once; expected one right for each"
            raise ValueError(msg)
        return self

    def right(self, action: Action) -> DecisionRight | None:
        """The right for `action`, or None when nobody was given it."""
        return next((r for r in self.rights if r.action == action), None)
