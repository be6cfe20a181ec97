"""The verbs of the portfolio: what became of every system, and what an executive decides."""

from functools import lru_cache

from ops_model.domain.portfolio_status import PortfolioStatus
from ops_model.workflow.open_portfolio import Shelf
from ops_model.workflow.shown import Shown


# As `assessed`: one notebook asks about the same shelf several times, and a shelf never changes.
@lru_cache(maxsize=1)
def _status(shelf: Shelf) -> PortfolioStatus:
    from ops_model.workflow.portfolio import judged_portfolio

    return judged_portfolio(shelf.snapshot)


def board_answer(shelf: Shelf) -> Shown:
    """How many had a strategy and how many an operations plan; and what to tell the board."""
    from ops_model.site.portfolio_cards import board_card

    return Shown(None, board_card(_status(shelf)))


def classes(shelf: Shelf) -> Shown:
    """Each system with its class by rule, and why; records where the portfolio stands."""
    from ops_model.site.portfolio_cards import classes_card

    status = _status(shelf)
    return Shown(status, classes_card(status))


def stages(shelf: Shelf) -> Shown:
    """How old each stage is, how long each system and its version have served."""
    from ops_model.site.portfolio_cards import stages_card

    return Shown(None, stages_card(_status(shelf)))


def friction(shelf: Shelf) -> Shown:
    """How many days systems waited, and for what or for whom."""
    from ops_model.site.portfolio_cards import friction_card

    return Shown(None, friction_card(_status(shelf), shelf.people))


def shared_gaps(shelf: Shelf) -> Shown:
    """The three things to do that unblock the most systems."""
    from ops_model.site.portfolio_cards import shared_gaps_card

    return Shown(None, shared_gaps_card(_status(shelf), shelf.people))


def ops_debt(shelf: Shelf) -> Shown:
    """What is open in each system, for how long, weighted by its tier."""
    from ops_model.site.portfolio_cards import debt_card

    return Shown(None, debt_card(_status(shelf)))


def ops_budget(shelf: Shelf) -> Shown:
    """The ceilings added up, and what it costs to operate what is stranded."""
    from ops_model.site.portfolio_cards import budget_card

    return Shown(None, budget_card(_status(shelf)))


def pilot_gate(shelf: Shelf) -> Shown:
    """Whether one more pilot may begin."""
    from ops_model.site.portfolio_cards import gate_card

    return Shown(None, gate_card(_status(shelf)))
