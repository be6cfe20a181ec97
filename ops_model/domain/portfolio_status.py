"""All systems together at one instant: what became of each, what holds it up, and what it takes.

Everything here is a rule over claims, assessments and sign-offs; nothing of it is typed. Days are
whole days between dates, so they are exact.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer

from ops_model.domain.assessment import Verdict
from ops_model.domain.evidence import Measured, Record
from ops_model.domain.scalars import CheckId, CurrencyCode, Slug, Text
from ops_model.domain.system import Stage, Tier
from ops_model.domain.values import Money, Value

PORTFOLIO = "portfolio"
"""The id under which what is about all systems together is run, sealed and recorded."""
QUESTIONS = 5
"""How many questions every system has to answer."""
COMPLETE = "OM-01"
"""The check whether every section of the operations plan is written."""

SystemClass = Literal[
    "RECKLESS", "STRANDED", "UNKNOWN", "FRAGILE", "TECH_FAILED", "PASSED", "PILOT", "OPERATED",
    "RETIRED",
]  # fmt: skip
CLASSES: Mapping[SystemClass, str] = {
    "RECKLESS": "serves users without a valid sign-off, or with gates unmet and no way back shown",
    "STRANDED": "met its targets half a year ago or longer, and serves nobody",
    "UNKNOWN": "serves nobody, and portfolio.yaml does not say what it is",
    "FRAGILE": "serves users with gates unmet; going back works",
    "TECH_FAILED": "ended without meeting its targets",
    "PASSED": "met its targets lately, and waits to be shipped",
    "PILOT": "still has to meet its targets",
    "OPERATED": "serves users, and nothing stands in the way",
    "RETIRED": "serves nobody any more",
}
"""What each class means, the one that needs an executive most first."""
TIER_WEIGHTS: Mapping[Tier, int] = {"A": 3, "B": 2, "C": 1}
"""How much a day of an open gap weighs in the ops debt, by the tier of its system."""


class Standing(Value):
    """One system: its class by rule, how old its stage is, and what is still open.

    `tier`, `stage` and `verdict` are None for a pilot that no folder describes. `answered` counts
    the five questions; an operations plan answers all of them and has every section (OM-01).
    `gates` are the checks that apply, `open_gaps` those that are not met,
    waived ones too. `signed` is a valid sign-off, `goes_back` a rollback that was rehearsed and
    held. `debt` adds up the days of each open gap, weighted by tier; a gap that was first seen
    today counts as one day. `cost_basis` is what `cost_to_close` pays for, as somebody declared.
    """

    system: Slug
    outcome: SystemClass
    tier: Tier | None = None
    stage: Stage | None = None
    stage_days: int | None = None
    in_production: bool = False
    tenure_days: int | None = None
    version: str | None = None
    version_days: int | None = None
    verdict: Verdict | None = None
    answered: int = 0
    gates: int = 0
    gates_met: int = 0
    open_gaps: int = 0
    had_strategy: bool = False
    had_plan: bool = False
    signed: bool = False
    goes_back: bool = False
    debt: int = 0
    oldest_gap: date | None = None
    cost_to_close: Money | None = None
    cost_basis: Text | None = None
    simulated: bool = False

    @model_serializer(mode="wrap")
    def _what_is_so(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what is not known or not so: the systems of a large workbook fit one record."""
        plain: dict[str, Any] = handler(self)
        return {k: v for k, v in plain.items() if v is not None and v is not False}

    @property
    def sections_open(self) -> bool:
        """True where every question is answered, so that only sections lack in the plan."""
        return not self.had_plan and self.answered == QUESTIONS

    @property
    def why(self) -> str:
        """Why it is of its class, in a few words."""
        if self.outcome != "RECKLESS":
            return CLASSES[self.outcome]
        if self.signed:
            return "serves users with gates unmet, and no way back was shown"
        if self.verdict is None:
            return "serves users by portfolio.yaml, and no folder under systems/ describes it"
        return "serves users without a valid sign-off" + ("; going back works" * self.goes_back)


class Waiting(Value):
    """Days that systems waited, by why (`stall`), by seat of a review, or by the seat's team.

    `systems` counts those that waited; `still` lists those that wait now.
    """

    by: Literal["stall", "seat", "team"]
    what: str
    days: int
    systems: int
    still: tuple[Slug, ...] = ()


class SharedGap(Value):
    """One thing to do, or one check's remedies, that close gaps in several systems (S4.22).

    Work that several gaps share is counted once. `waits` says that no command of this release can
    record what would close them.
    """

    what: Text
    checks: tuple[CheckId, ...]
    systems: tuple[Slug, ...]
    gaps: int
    waits: bool = False


class CeilingSum(Value):
    """The ceilings of the systems added up, against that of the portfolio.

    Only what is in one currency is added; `holds` is None where not everything can be compared.
    `left_out` are the systems whose ceiling is in another currency or not set.
    """

    total: Money | None = None
    limit: Money | None = None
    override: Text | None = None
    systems: int = 0
    left_out: tuple[Slug, ...] = ()
    holds: bool | None = None


class Ask(Value):
    """What closing the gaps of the stranded pilots costs, in one currency (S3.32)."""

    currency: CurrencyCode
    amount: Money
    systems: tuple[Slug, ...]


class PilotGate(Value):
    """Whether one more pilot may begin (S3.23): people to operate, and none too many stranded.

    Where nobody wrote how many operate (`operators_fte` is None), it is not known and refused.
    """

    refused: bool
    why: Text
    stranded: int
    wip_limit: int
    operators_fte: float | None = None


class PortfolioStatus(Record):
    """What N13 shows and the executive's page tells, about every system of the workbook.

    `not_costed` are the stranded pilots whose gaps nobody put a price on.
    """

    kind: Literal["portfolio_status"] = "portfolio_status"
    systems: tuple[Standing, ...]
    waiting: tuple[Waiting, ...] = ()
    next_gaps: tuple[SharedGap, ...] = ()
    debt: Measured
    ceilings: CeilingSum = CeilingSum()
    asks: tuple[Ask, ...] = ()
    not_costed: tuple[Slug, ...] = ()
    gate: PilotGate | None = None

    def of(self, *outcomes: SystemClass) -> tuple[Standing, ...]:
        """The systems of these classes."""
        return tuple(s for s in self.systems if s.outcome in outcomes)

    @property
    def had_strategy(self) -> int:
        """How many systems had a strategy paper."""
        return sum(s.had_strategy for s in self.systems)

    @property
    def had_plan(self) -> int:
        """How many systems had an operations plan."""
        return sum(s.had_plan for s in self.systems)

    @property
    def board_answer(self) -> str:
        """What to answer when the board asks why the pilots failed (S3.31)."""
        parts = [
            f"Of {_systems(len(self.systems))}, {self.had_strategy} had a strategy and "
            f"{self.had_plan} had an operations plan.",
            self._pilots(),
            self._production(),
            self._money(),
        ]
        return " ".join(part for part in parts if part)

    def _pilots(self) -> str:
        stranded, failed = self.of("STRANDED"), self.of("TECH_FAILED")
        if not stranded and not failed:
            return "No pilot failed, and none is stranded."
        said = [f"{len(failed)} failed technically"]
        said += [f"{len(stranded)} met {_its(len(stranded))} targets and {_is(len(stranded))} "
                 "stranded for want of somebody to operate it"]  # fmt: skip
        opening = "'The pilots failed' is the wrong answer: " if stranded else "Of the pilots, "
        return f"{opening}{' and '.join(said)}."

    def _production(self) -> str:
        serving = [s for s in self.systems if s.in_production]
        if not serving:
            return "None serves users."
        reckless = sum(s.outcome == "RECKLESS" for s in serving)
        # A gate that nobody judged is not met, and a waiver answers for a gap and closes none.
        unmet = sum(s.open_gaps > 0 or s.verdict is None for s in serving)
        return (
            f"{_systems(len(serving)).capitalize()} {'serves' if len(serving) == 1 else 'serve'} "
            f"users, {reckless} of them without a valid sign-off or a way back, and "
            f"{unmet} on gates that are not met."
        )

    def _money(self) -> str:
        if not self.asks:
            return ""
        amounts = " and ".join(
            f"{ask.amount.amount:,.2f} {ask.amount.currency}" for ask in self.asks
        )
        open_ones = f"; {', '.join(self.not_costed)} not costed yet" if self.not_costed else ""
        return f"To operate what is stranded costs {amounts}{open_ones}."


def _systems(count: int) -> str:
    return f"{count} system{'' if count == 1 else 's'}"


def _its(count: int) -> str:
    return "its" if count == 1 else "their"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
