"""What is claimed about saving: models to compare, bills to hold beside the log, actions."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ops_model.domain.scalars import Day, Flag, RelativePath, Share, Slug, Text
from ops_model.domain.values import Claim, Money


class ModelComparison(Claim):
    """The same questions answered by a dear and a cheap model, side by side, one row each.

    `address` holds `case`, `dear` and `cheap` (the score of either, higher is better) and `slice`,
    by which requests can be told apart when they are routed. `margin` is by how much the cheap one
    may score lower, written before it is tried. `share` is the column with a slice's part of all
    traffic, compared or not; without it each case counts alike.
    """

    id: Slug
    address: RelativePath
    dear_model: Text
    cheap_model: Text
    case: Text = "case_id"
    dear: Text = "dear"
    cheap: Text = "cheap"
    slice: Text | None = None
    margin: Annotated[Decimal, Field(gt=0, le=1)]
    share: Text | None = None
    warehouse: Slug | None = None
    simulated: Flag = False

    @model_validator(mode="after")
    def _two_of_each(self) -> Self:
        for key, dear, cheap in (
            ("model", self.dear_model, self.cheap_model), ("column", self.dear, self.cheap),
        ):  # fmt: skip
            if dear == cheap:
                msg = f"dear and cheap are the same {key} {dear!r}; expected one of each"
                raise ValueError(msg)
        return self


class Bill(Claim):
    """What a vendor billed, in the columns of FOCUS 1.0 to 1.3.

    `services` are those of the usage logs that it bills; all, where none is named. Of the bill's
    own rows only those count whose column `only_column` holds one of `only_values`, where given.
    """

    id: Slug
    address: RelativePath
    vendor: Text
    services: tuple[Text, ...] = ()
    only_column: Text | None = None
    only_values: tuple[Text, ...] = ()
    tolerance: Share = Decimal("0.02")
    warehouse: Slug | None = None
    simulated: Flag = False

    @model_validator(mode="after")
    def _column_and_values(self) -> Self:
        if (self.only_column is None) != (not self.only_values):
            msg = "only_column and only_values: got one of the two; expected both or neither"
            raise ValueError(msg)
        return self


class CostAction(Claim):
    """Something that will lower the cost; what it did lower is read from evidence.

    `comparison` is the one that shows that a cheaper model is good enough; `done` the first day on
    which it worked, from which on the saving is measured, over `services` (all, where none is
    named).
    """

    id: Slug
    kind: Literal[
        "right_size", "route", "cache", "trim_prompt", "batch", "spot", "reserve", "autoscale",
        "cap_output",
    ]  # fmt: skip
    text: Text
    owner: Slug
    due: Day
    expected_saving_per_day: Money
    comparison: Slug | None = None
    done: Day | None = None
    services: tuple[Text, ...] = ()
