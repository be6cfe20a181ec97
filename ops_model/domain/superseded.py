"""What two records are about the same thing, and whether the newer one shows less.

A decision rests on what had been shown. It falls with that: when a word ended, or was followed by
a record of the same that is worse. Newer evidence that shows as much makes nothing fall, and what
somebody merely declares takes the place of nothing that was observed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from ops_model.domain.assessment import Assessment
from ops_model.domain.detection import DriftMeasurement, QualityMeasurement
from ops_model.domain.detection_served import ProviderIdentity, RuleMeasurement
from ops_model.domain.evidence import Attestation, Record, Statement, Verification
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.service_levels import ServiceLevelMeasurement
from ops_model.domain.trials import (
    AccessDrill,
    ChallengerResult,
    EnvironmentRecord,
    Reproduction,
    SwapDrill,
)

_SUBJECT = (
    "monitor", "path", "rule", "suite", "dependency", "objective", "ceiling", "unit", "outcome",
    "log", "incident", "route", "request", "scenario", "notebook", "seat", "topic", "person",
    "action", "handoff", "of", "contract", "feed", "retro_scan",
)  # fmt: skip
"""The fields that tell apart what two records of one kind are about."""


def subject_of(record: Record) -> tuple[object, ...]:
    """What a record is about; a newer record of the same takes the place of an older one."""
    named = tuple(getattr(record, field) for field in _fields(type(record)))
    # A word that a text is right is about that text, another about another.
    files = tuple(ref.file for ref in record.claims) if isinstance(record, Attestation) else ()
    return (record.kind, *named, *files)


@cache
def _fields(kind: type[Record]) -> tuple[str, ...]:
    return tuple(field for field in _SUBJECT if field in kind.model_fields)


# Each instant that was read has a zone of its own, and to compare two such takes eight times as
# long as to compare two spans.
_START = datetime(1970, 1, 1, tzinfo=UTC)


def order(statement: Statement) -> tuple[timedelta, int]:
    """Where a statement stands in the order of time; the later entry wins a tie."""
    return statement.record.as_of - _START, statement.seq


class Latest:
    """The statements of one system, and the latest about each subject.

    Args:
        statements: what is on the ledger about the system.
        declared: the numbers of those that show no more than that somebody says so.
        unheard: the digests of what is on the ledger and counts as nobody's word, with why.
    """

    def __init__(
        self,
        statements: Sequence[Statement],
        declared: AbstractSet[int] = frozenset(),
        unheard: Sequence[tuple[str, str]] = (),
    ) -> None:
        in_order = sorted(statements, key=order)
        # Printed once more, a record is no newer than it was.
        self._known = {s.digest: s for s in sorted(statements, key=lambda s: -s.seq)}
        subjects = [(subject_of(s.record), s) for s in in_order]
        self._latest = dict(subjects)
        self._shown = {subject: s for subject, s in subjects if s.seq not in declared}
        self._unheard = dict(unheard)
        self._providers = [s for s in in_order if isinstance(s.record, ProviderIdentity)]

    def pinned(self, digests: Sequence[str]) -> list[Statement]:
        """The statements of these digests, as far as they are on record."""
        return [self._known[digest] for digest in digests if digest in self._known]

    def assessed(self, digest: str, *, by: datetime) -> bool:
        """True when an assessment of this digest was on record by an instant."""
        found = self._known.get(digest)
        return found is not None and isinstance(found.record, Assessment) and found.as_of <= by

    def fallen(
        self, digests: Sequence[str], as_of: datetime, *, frozen: Statement
    ) -> Iterator[str]:
        """What became of the statements that something rests on, where that is worse.

        `frozen` is the entry that names them: what was merely declared by then was passed over.
        """
        for digest in digests:
            pinned = self._known.get(digest)
            if pinned is None:
                missing = f"what it rests on is not on record: {digest[:19]}..."
                yield self._unheard.get(digest, missing)
                continue
            yield from self._became(pinned, as_of, frozen)

    def _became(self, pinned: Statement, as_of: datetime, frozen: Statement) -> Iterator[str]:
        """What became of one: by the latest of all, and by the latest that shows more than a word.

        What was observed before the pinned one was known when it was decided on, and so was what
        was only declared before the pack was frozen.
        """
        subject = subject_of(pinned.record)
        latest, shown = self._latest[subject], self._shown.get(subject)
        name, record = pinned.record.kind.replace("_", " "), latest.record
        if isinstance(record, Attestation) and record.expires <= as_of:
            yield f"the {name} at {latest.place} ended on {record.expires.date()}"
            return
        for newer in (latest, shown):
            if newer is None or order(newer) < order(pinned):
                continue
            if newer is not shown and newer.seq < frozen.seq and newer.as_of <= frozen.as_of:
                continue
            if worse(pinned.record, newer.record):
                yield f"the {name} at {newer.place} is worse than the one that it rests on"
                return

    def other_providers(self, since: datetime) -> Iterator[str]:
        """Models behind the curtain that changed since."""
        for seen in self._providers:
            record = seen.record
            if isinstance(record, ProviderIdentity) and record.changed and record.as_of > since:
                yield f"{record.dependency} answers with another model by {seen.place}"


def worse(before: Record, after: Record) -> bool:
    """True when a newer record of the same shows less than the one before.

    Assessments are left out: they sum up the others, each of which speaks for itself.
    """
    rank = next((r for kind, r in _RANK.items() if isinstance(before, kind)), None)
    return rank is not None and rank(after) > rank(before)


_RANK: Mapping[type[Record], Callable[[Any], int]] = {
    RollbackDrill: lambda drill: not drill.passed,
    FallbackDrill: lambda drill: not drill.passed,
    SwapDrill: lambda drill: not drill.passed,
    CoverageMeasurement: lambda rota: bool(rota.holes or rota.undecidable),
    DriftMeasurement: lambda found: bool(found.drifted),
    QualityMeasurement: lambda found: found.alarm_at is not None,
    RuleMeasurement: lambda found: found.error is not None or (found.violations.value or 0) > 0,
    ServiceLevelMeasurement: lambda found: (found.budget_left.value or 0) <= 0,
    ChallengerResult: lambda found: ("better", "non_inferior", "undecided", "worse").index(
        found.verdict
    ),
    EnvironmentRecord: lambda found: (found.ci_passed is False) + (found.rebuilt_alike is False),
    AccessDrill: lambda drill: not drill.passed,
    Reproduction: lambda again: not again.equal,
    Verification: lambda seen: bool(
        seen.ledger_problems or any(bundle.problems for bundle in seen.bundles)
    ),
}
"""How bad the status of a record is, for each kind that has one; more is worse."""
