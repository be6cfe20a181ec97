"""Who has shown that they can do a thing with their own access: by their word, or by a drill."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ops_model.domain.decisions import DecisionRight
from ops_model.domain.evidence import AccessAction, Attestation, Measured, Statement
from ops_model.domain.on_call import ROLES
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.trials import AccessDrill


@dataclass(frozen=True)
class AccessShown:
    """The last that is known of one person and one action.

    By a person's own word it is `ok` and nobody saw it; in a drill a command ran, and `why` says
    what became of it where it did not work.
    """

    person: str
    action: AccessAction
    seconds: Measured | None
    ok: bool
    why: str
    drilled: bool
    statement: Statement

    @property
    def as_of(self) -> datetime:
        """When it was said or tried."""
        return self.statement.record.as_of

    @property
    def on(self) -> date:
        """The day on which it was said or tried."""
        return self.as_of.date()

    @property
    def took(self) -> str:
        """` in 0.4 s`; empty where it was not timed."""
        value = self.seconds.value if self.seconds is not None else None
        return "" if value is None else f" in {value:.3g} s"


def last_shown(
    statements: Iterable[Statement], person: str, action: AccessAction, *, as_of: datetime
) -> AccessShown | None:
    """The newest of a person's words in date and of their drills, whichever it says.

    One that did not work takes the place of an earlier one that did: access is lost as well.
    """
    found = [
        shown
        for statement in statements
        if (shown := _shown(statement, person, action, as_of)) is not None
    ]
    return max(found, key=lambda s: (s.as_of, s.statement.seq), default=None)


def _shown(
    statement: Statement, person: str, action: AccessAction, as_of: datetime
) -> AccessShown | None:
    record = statement.record
    if isinstance(record, Attestation):
        meant = (record.topic, record.person, record.action) == ("access", person, action)
        if not meant or record.expires <= as_of:
            return None
        return AccessShown(
            person, action, record.seconds, ok=True, why="", drilled=False, statement=statement
        )  # fmt: skip
    if not isinstance(record, AccessDrill) or record.person != person:
        return None
    tried = next((a for a in record.attempts if a.action == action), None)
    if tried is None:
        return None
    return AccessShown(
        person, action, tried.seconds, ok=tried.ok, why=tried.why, drilled=True,
        statement=statement,
    )  # fmt: skip


def rights_held(system: SystemClaims, person: str, as_of: datetime) -> Iterator[DecisionRight]:
    """The rights that a person holds, as holder, as backup, or by a turn in the rota."""
    for right in system.decisions.rights if system.decisions is not None else ():
        if person in people_behind(system, right, as_of):
            yield right


def people_behind(system: SystemClaims, right: DecisionRight, as_of: datetime) -> tuple[str, ...]:
    """The people behind a right: those of the rota where it names a role, and the backup's too."""
    names = [name for name in (right.holder, right.backup) if name is not None]
    return tuple(dict.fromkeys(p for name in names for p in _behind(system, name, as_of)))


def _behind(system: SystemClaims, name: str, as_of: datetime) -> tuple[str, ...]:
    role = next((role for role in ROLES if role == name), None)
    if role is None:
        return (name,)
    rota = system.on_call
    return rota.rostered(role, as_of) if rota is not None else ()
