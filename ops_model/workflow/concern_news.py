"""What of the concerns is news: what nobody was told of yet, or not as gravely, or not lately."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_model.check.grades import TOOL
from ops_model.domain.alerts import Alert, AlertAnswer, AlertSeverity, Concern
from ops_model.domain.evidence import Statement

Asked = Mapping[str, str | None]
"""The parts of a route that are asked, and whom each means now, where it means somebody."""


@dataclass(frozen=True)
class Before:
    """What was told of one system before, oldest first, and which codes were answered."""

    alerts: Sequence[Alert]
    answered: Collection[str]

    def is_news(
        self, concern: Concern, asked: Asked, *, as_of: datetime, again: timedelta
    ) -> bool:
        """True when somebody must be told of a concern now.

        That is: a part of its route has nothing of it since it last was over; or it is graver than
        what was told there; or it was told there so long ago, or to whoever held that role then,
        and it still stands. Whoever acknowledged it as grave as it is has it: then nobody is told.
        What is for reading is told once.
        """
        told = [a for a in self._standing(concern) if a.took]
        as_grave = [a for a in told if not concern.is_graver_than(_severity(a, concern))]
        if any(a.code in self.answered for a in as_grave):
            return False
        if concern.severity == "info" and told:
            return False
        lately = [a for a in as_grave if a.sent_at + again > as_of]
        if any(_severity(a, concern) != concern.severity for a in lately):
            # Somebody was told of it as graver, over another route.
            return False
        return not asked.items() <= _have(asked, lately)

    def have(
        self, concern: Concern, asked: Asked, *, as_of: datetime, again: timedelta
    ) -> frozenset[str]:
        """The parts of its route that were told of it lately, though others may not have been."""
        told = [
            a for a in self._standing(concern)
            if a.sent_at + again > as_of and not concern.is_graver_than(_severity(a, concern))
        ]  # fmt: skip
        return frozenset(part for part, _ in _have(asked, told))

    def over(self, standing: Collection[Concern]) -> tuple[tuple[Alert, Concern], ...]:
        """What somebody was told of and stands no more, each with the latest alert about it."""
        now = {concern.subject for concern in standing}
        latest: dict[tuple[str, str], tuple[Alert, Concern]] = {}
        for alert in self.alerts:
            if alert.delivered or alert.took:
                latest.update({c.subject: (alert, c) for c in alert.concerns})
        return tuple(
            (alert, concern)
            for subject, (alert, concern) in latest.items()
            if not alert.over and subject not in now
        )

    def has_failed_so(self, alert: Alert) -> bool:
        """True where this very failure is the last that the ledger says of these concerns."""
        if alert.delivered or alert.took:
            return False
        keys = {c.key for c in alert.concerns}
        same = [a for a in self.alerts if keys & {c.key for c in a.concerns}]
        return bool(same) and _failure(same[-1]) == _failure(alert)

    def _standing(self, concern: Concern) -> list[Alert]:
        """The alerts about a concern since the last that said that it was over."""
        mine = [a for a in self.alerts if any(c.subject == concern.subject for c in a.concerns)]
        ended = max((n for n, a in enumerate(mine) if a.over), default=-1)
        return [a for a in mine[ended + 1 :] if any(c.key == concern.key for c in a.concerns)]


def before_of(statements: Sequence[Statement], as_of: datetime) -> Before:
    """What the tool itself told of a system by an instant; what a notebook prints was not sent."""
    own = [
        s.record for s in statements if s.origin is None and s.actor == TOOL and s.as_of <= as_of
    ]
    answers = [r for r in own if isinstance(r, AlertAnswer)]
    return Before([r for r in own if isinstance(r, Alert)], {a.code for a in answers})


NOTHING_TOLD = Before((), ())


def _severity(alert: Alert, concern: Concern) -> AlertSeverity:
    return next(c.severity for c in alert.concerns if c.key == concern.key)


def _have(asked: Asked, told: Sequence[Alert]) -> AbstractSet[tuple[str, str | None]]:
    return {
        (part, person)
        for part, person in asked.items()
        if any(part in a.took and (person is None or person in a.people) for a in told)
    }


def _failure(alert: Alert) -> tuple[object, ...]:
    keys = frozenset(c.key for c in alert.concerns)
    return keys, alert.severity, alert.over, alert.delivered, alert.took, alert.why_not
