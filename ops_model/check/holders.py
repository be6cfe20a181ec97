"""Who is behind a name at an instant: people by id, whatever right, rota or team it stands for."""

from datetime import datetime

from ops_model.check.context import Context
from ops_model.domain.decisions import DecisionRight
from ops_model.domain.on_call import ROLES


def holders_of(ctx: Context, right: DecisionRight) -> frozenset[str]:
    """The holder and the backup of a right, with the people of the rota or team that it names."""
    return behind(ctx, right.holder, right.backup, at=ctx.as_of)


def behind(ctx: Context, *names: str | None, at: datetime) -> frozenset[str]:
    """These names, with the people of the rota at an instant or of the team that they mean."""
    rota, people = ctx.system.on_call, ctx.model.people
    named = {name for name in names if name is not None}
    turns = [rota.rostered(role, at) for role in ROLES if role in named and rota is not None]
    members = [tuple(person.id for person in people.members(name)) for name in named]
    return frozenset(named).union(*turns, *members)
