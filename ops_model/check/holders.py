"""Who is behind a decision right at an instant: people by id, whatever the right names."""

from ops_model.check.api import Context
from ops_model.domain.decisions import DecisionRight
from ops_model.domain.on_call import ROLES


def holders_of(ctx: Context, right: DecisionRight) -> frozenset[str]:
    """The holder and the backup of a right, with the people of the rota or team that it names."""
    rota, people = ctx.system.on_call, ctx.model.people
    named = {name for name in (right.holder, right.backup) if name is not None}
    turns = [
        rota.rostered(role, ctx.as_of) for role in ROLES if role in named and rota is not None
    ]
    members = [tuple(person.id for person in people.members(name)) for name in named]
    return frozenset(named).union(*turns, *members)
