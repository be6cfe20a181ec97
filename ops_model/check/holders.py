"""Who is behind a name at an instant: people by id, whatever right, rota or team it stands for."""

from datetime import datetime

from ops_model.check.context import Context
from ops_model.domain import routes
from ops_model.domain.decisions import DecisionRight
from ops_model.domain.ownership import Ownership


def holders_of(ctx: Context, right: DecisionRight) -> frozenset[str]:
    """The holder and the backup of a right, with the people of the rota or team that it names."""
    return behind(ctx, right.holder, right.backup, at=ctx.as_of)


def behind(ctx: Context, *names: str | None, at: datetime) -> frozenset[str]:
    """These names, with the people of the rota at an instant or of the team that they mean."""
    return routes.behind(ctx.system, ctx.model.people, *names, at=at)


def owner_to_act(ctx: Context, ownership: Ownership) -> str:
    """Who is to act for the system: no remedy waits for somebody who is not there."""
    absent = ctx.why_not_active(ownership.accountable)
    return "whoever becomes the owner" if absent else ownership.accountable
