"""What changed since a seat last signed: a pure comparison of two assessments and their grounds.

Whether the signature still holds is for REV-05 to judge; here a reviewer reads what to look at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.decisions import Seat
from ops_model.domain.sign_off import SignOff
from ops_model.domain.system import MemberChange, VersionTuple


@dataclass(frozen=True)
class Changes:
    """What differs between two assessments, by check.

    `closed` stood in the way then and do not now, `new` the other way round; `changed` are open
    in both and say something else, or are answered in another way without being a gap in either.
    """

    closed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """True when every finding says what it said."""
        return not (self.closed or self.new or self.changed)


@dataclass(frozen=True)
class Since:
    """What changed since one seat last signed.

    `changes` is None when the assessment that was signed is not on this ledger. `members` are
    those of the version that differ, None when nobody described the version that was signed.
    """

    seat: Seat
    signed: SignOff
    at: datetime
    changes: Changes | None
    members: tuple[MemberChange, ...] | None
    policy_changed: bool
    frameworks_changed: bool

    @property
    def nothing(self) -> bool:
        """True when what was signed is what stands there now."""
        same = self.changes is not None and self.changes.nothing and self.members == ()
        return same and not self.policy_changed and not self.frameworks_changed


def since_signed(
    seat: Seat,
    sign_offs: Iterable[SignOff],
    assessments: Mapping[str, Assessment],
    versions: Sequence[VersionTuple],
    now: Assessment,
    *,
    policy: str,
) -> Since | None:
    """What changed since this seat's last sign-off; None when it never signed.

    Args:
        seat: the seat that asks.
        sign_offs: those on the ledger, oldest first; later than `now` none counts.
        assessments: the assessments on the ledger, by digest.
        versions: the version that serves, and then those before it that are described.
        now: the assessment of today.
        policy: the digest of what the policy says of this system.
    """
    mine = [s for s in sign_offs if s.seat == seat and s.as_of <= now.as_of]
    if not mine:
        return None
    # Of two at one instant the later entry counts, as on the ledger.
    signed = max(enumerate(mine), key=lambda pair: (pair[1].as_of, pair[0]))[1]
    seen = assessments.get(signed.assessment)
    return Since(
        seat=seat,
        signed=signed,
        at=signed.as_of,
        changes=changes_between(seen, now) if seen is not None else None,
        members=_members(signed, versions),
        policy_changed=signed.policy != policy,
        frameworks_changed=signed.frameworks != now.frameworks,
    )


def _members(signed: SignOff, versions: Sequence[VersionTuple]) -> tuple[MemberChange, ...] | None:
    then = next((v for v in versions if v.digest() == signed.version), None)
    return then.changes_to(versions[0]) if then is not None else None


def changes_between(then: Assessment, now: Assessment) -> Changes:
    """What differs between two assessments of one system; the portfolio is left out."""
    before, after = _by_check(then), _by_check(now)
    every = sorted({*before, *after})
    stood = {c for c in every if _stands(before.get(c))}
    stands = {c for c in every if _stands(after.get(c))}
    rest = [c for c in every if (c in stood) == (c in stands)]
    return Changes(
        closed=tuple(c for c in every if c in stood - stands),
        new=tuple(c for c in every if c in stands - stood),
        changed=tuple(c for c in rest if _differs(before.get(c), after.get(c))),
    )


def _by_check(assessment: Assessment) -> dict[str, Finding]:
    return {f.check: f for f in assessment.findings if f.area != "portfolio"}


def _stands(finding: Finding | None) -> bool:
    return finding is not None and finding.blocks and not finding.waived


def _differs(before: Finding | None, after: Finding | None) -> bool:
    """True when the answer is another; the text of a pass says its age, so it counts not."""
    if before is None or after is None:
        return True
    if _answer(before) != _answer(after):
        return True
    return before.open and before.message != after.message


def _answer(finding: Finding) -> tuple[object, ...]:
    return (finding.status, finding.reason, finding.waived, finding.switched_off, finding.revision)
