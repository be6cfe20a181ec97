"""What of the concerns is news: what nobody was told of yet, or not as gravely, or not lately."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_model.check.grades import TOOL
from ops_model.domain.alerts import SEVERITIES, Alert, AlertAnswer, AlertSeverity, Concern
from ops_model.domain.evidence import Statement


@dataclass(frozen=True)
class Before:
    """What was told of one system before, oldest first, and which codes were answered."""

    alerts: Sequence[Alert]
    answered: Collection[str]

    def is_news(self, concern: Concern, *, as_of: datetime, again: timedelta) -> bool:
        """True when somebody must be told of a concern now.

        That is: nobody was told of it since it last was over; or it is graver than what they were
        told; or it was told so long ago, still stands, and nobody has acknowledged it.
        """
        told = [a for a in self._standing(concern) if a.delivered]
        if not told:
            return True
        if concern.is_graver_than(max((_severity(a, concern) for a in told), key=_haste)):
            return True
        if any(a.code in self.answered for a in told):
            return False
        return max(a.sent_at for a in told) + again <= as_of

    def took(self, concern: Concern) -> frozenset[str]:
        """The parts of a route that have this very alert, though others did not take it."""
        standing = self._standing(concern)
        whole = max((n for n, a in enumerate(standing) if a.delivered), default=-1)
        since = [a for a in standing[whole + 1 :] if a.severity == concern.severity]
        return frozenset(part for a in since for part in a.took)

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


def _haste(severity: AlertSeverity) -> int:
    return SEVERITIES.index(severity)


def _failure(alert: Alert) -> tuple[object, ...]:
    keys = frozenset(c.key for c in alert.concerns)
    return keys, alert.severity, alert.over, alert.delivered, alert.took, alert.why_not
