"""The four answers that a check may give, and one answer for several."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ops_model.domain.assessment import NamedValue, Status, UnknownReason
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Where

_LONGEST_NAME = 100  # of an exception


class NoOutcomeError(ValueError):
    """An answer that would mislead; what is wrong with it is in our words, and may be shown."""


def crash(error: BaseException) -> str:
    """What is said of a crash; what others wrote into an exception may be a secret."""
    if type(error) is NoOutcomeError:
        return f"answered what is no outcome: {error}"
    return f"crashed with {type(error).__name__[:_LONGEST_NAME]}"


@dataclass(frozen=True)
class Outcome:
    """What a check answers; built by `passed`, `failed`, `unknown` and `not_applicable` only."""

    status: Status
    message: str
    looked_at: tuple[Where, ...] = ()
    remedy: str = ""
    reason: UnknownReason | None = None
    values: tuple[NamedValue, ...] = ()
    owner: str | None = None
    valid_until: datetime | None = None
    through: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what would mislead: a pass over nothing, a gap without a remedy.

        Raises:
            NoOutcomeError: it would.
        """
        if self.status == "passed" and not self.looked_at:
            msg = "a check cannot pass without having looked at anything"
            raise NoOutcomeError(msg)
        if self.status in {"failed", "unknown"} and not self.remedy:
            msg = f"a check that answers {self.status} owes a remedy"
            raise NoOutcomeError(msg)
        if (self.status == "unknown") != (self.reason is not None):
            msg = "an unknown, and only an unknown, says why it is not known"
            raise NoOutcomeError(msg)
        if self.status == "errored" or not self.message:
            msg = "a check says passed, failed, unknown or not_applicable, and why"
            raise NoOutcomeError(msg)


def _values(values: dict[str, Measured] | None) -> tuple[NamedValue, ...]:
    return tuple(NamedValue(name=n, measured=m) for n, m in values.items()) if values else ()


def passed(
    message: str,
    *,
    looked_at: Sequence[Where],
    values: dict[str, Measured] | None = None,
    valid_until: datetime | None = None,
) -> Outcome:
    """It holds, at most until `valid_until`. A pass that looked at nothing cannot be built."""
    return Outcome(
        "passed", message, tuple(looked_at), values=_values(values), valid_until=valid_until
    )


def failed(
    message: str,
    *,
    looked_at: Sequence[Where],
    remedy: str,
    values: dict[str, Measured] | None = None,
    owner: str | None = None,
    through: Sequence[str] = (),
) -> Outcome:
    """It does not hold; `remedy` is one thing that a named role can do tomorrow.

    `through` are the checks that alone leave a sum of others open, so that whoever answers for
    each of them answers for the sum.
    """
    return Outcome(
        "failed",
        message,
        tuple(looked_at),
        remedy,
        values=_values(values),
        owner=owner,
        through=tuple(through),
    )


def unknown(
    reason: UnknownReason,
    message: str,
    *,
    looked_at: Sequence[Where],
    remedy: str,
    values: dict[str, Measured] | None = None,
    owner: str | None = None,
    through: Sequence[str] = (),
) -> Outcome:
    """It cannot be answered from what is recorded; blocks like a failure."""
    return Outcome(
        "unknown",
        message,
        tuple(looked_at),
        remedy,
        reason,
        _values(values),
        owner=owner,
        through=tuple(through),
    )


def not_applicable(message: str, *, looked_at: Sequence[Where] = ()) -> Outcome:
    """The question does not arise here, and why."""
    return Outcome("not_applicable", message, tuple(looked_at))


def all_of(outcomes: Sequence[Outcome]) -> Outcome:
    """One answer for several: as good as the worst of them; the empty "all" is refused.

    A failure says all failures, an unknown all unknowns; a pass says and shows everything, and
    lasts as long as the first of them to expire.

    Raises:
        NoOutcomeError: there are none.
    """
    if not outcomes:
        msg = "all of nothing is no answer; say not_applicable or unknown"
        raise NoOutcomeError(msg)
    given = {o.status for o in outcomes}
    worst = next(s for s in _WORST_FIRST if s in given)
    same = [o for o in outcomes if o.status == worst]
    expiries = [o.valid_until for o in same if o.valid_until]
    return Outcome(
        worst,
        "; ".join(dict.fromkeys(o.message for o in same)),
        tuple(dict.fromkeys(place for o in same for place in o.looked_at)),
        "; ".join(dict.fromkeys(o.remedy for o in same if o.remedy)),
        next((o.reason for o in same if o.reason), None),
        tuple(value for o in same for value in o.values),
        next((o.owner for o in same if o.owner), None),
        min(expiries, default=None),
    )


_WORST_FIRST: tuple[Status, ...] = ("failed", "unknown", "passed", "not_applicable")
