"""Names in a usage log that no record may hold: a key instead of a model, a person's address.

Whoever writes a row of a log names its service, and so could keep a page from being recorded at
all. Such a name is told by its digest, as a user's is, once its price was looked up; the rows stay
apart, and their cost is in every sum.
"""

from dataclasses import replace
from operator import attrgetter
from typing import Any

from ops_model.analysis.cost import PricedLogs, PricedSum
from ops_model.analysis.usage import UsageSum
from ops_model.domain.redact import found_in, redacted
from ops_model.domain.values import digest_of

_NAMED = ("service", "provider", "item", "purpose", "service_tier", "answered")
_names = attrgetter(*_NAMED)
_DIGEST = 19
"""So much of a digest, its kind included, tells names apart."""


def without_private_names(logs: PricedLogs) -> PricedLogs:
    """The logs with digests for names that hold a secret or reach a person, counted in a note."""
    # Few are different, in sums without number.
    rows = {_names(usage) for log in logs.logs for usage in log.sums}
    named = {name for names in rows for name in names}
    hidden = {name: shown for name in named if (shown := harmless(name)) != name}
    if not hidden:
        return logs

    def told(usage: UsageSum) -> UsageSum:
        changed: dict[str, Any] = {
            key: hidden[held] for key in _NAMED if (held := getattr(usage, key)) in hidden
        }
        return replace(usage, **changed) if changed else usage

    def priced(one: PricedSum) -> PricedSum:
        doubts = tuple(redacted(doubt)[0] for doubt in one.doubts)
        return replace(one, usage=told(one.usage), doubts=doubts)

    return replace(
        logs,
        logs=tuple(replace(log, sums=tuple(map(told, log.sums))) for log in logs.logs),
        sums=tuple(map(priced, logs.sums)),
        notes=(*logs.notes, _note(len(hidden))),
    )


def harmless(name: str) -> str:
    """A name, or its digest where it holds a secret or reaches a person."""
    return digest_of(name.encode())[:_DIGEST] if found_in(name) else name


def _note(many: int) -> str:
    names, hold, stand = ("name", "holds", "stands") if many == 1 else ("names", "hold", "stand")
    return (
        f"{many:,} {names} of a service, model or provider {hold} a secret or personal data and "
        f"{stand} here as a digest; take it out of the usage log"
    )
