"""What changed since a seat last signed: a pure comparison of two assessments and their grounds.

Whether the signature still holds is for REV-05 to judge; here a reviewer reads what to look at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.decisions import Seat
from ops_model.domain.sign_off import SignOff
from ops_model.domain.system import MemberChange, VersionTuple


@dataclass(frozen=True)
class Changes:
    """What differs between two assessments, by check; each stands in one group at most.

    `closed` were open then, waived or not, and are passed or do not apply now. `waived` and
    `switched_off` are open now, and somebody answers for them who did not then: nothing was
    mended. `new` stand in the way now and were not open then; `lapsed` do too, and were waived or
    switched off then. `unasked` were open then, and no check asks for them now. `changed` say
    something else, or are answered in another way without being a gap in either.
    """

    closed: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    lapsed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """True when every finding says what it said."""
        return not any(getattr(self, group.name) for group in fields(self))


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
    groups: dict[str, list[str]] = {}
    for check in sorted({*before, *after}):
        groups.setdefault(_group(before.get(check), after.get(check)), []).append(check)
    return Changes(**{g.name: tuple(groups.get(g.name, ())) for g in fields(Changes)})


def _by_check(assessment: Assessment) -> dict[str, Finding]:
    return {f.check: f for f in assessment.findings if f.area != "portfolio"}


def _group(before: Finding | None, after: Finding | None) -> str:
    """The field of `Changes` in which a check stands; empty where it says what it said."""
    then, now = _state(before), _state(after)
    if now in {"waived", "switched_off"} and now != then:
        return now
    was_open = then not in {"met", "unasked"}
    if now == "in the way" and now != then:
        return "lapsed" if was_open else "new"
    if was_open and now in {"met", "unasked"}:
        return "closed" if now == "met" else "unasked"
    return "changed" if _differs(before, after) else ""


def _state(
    finding: Finding | None,
) -> Literal["unasked", "met", "switched_off", "waived", "in the way"]:
    if finding is None:
        return "unasked"
    if not finding.open:
        return "met"
    if finding.switched_off:
        return "switched_off"
    return "waived" if finding.waived else "in the way"


def _differs(before: Finding | None, after: Finding | None) -> bool:
    """True when the answer is another; the text of a pass says its age, so it counts not."""
    if before is None or after is None:
        return True
    if _answer(before) != _answer(after):
        return True
    return before.open and before.message != after.message


def _answer(finding: Finding) -> tuple[object, ...]:
    return (finding.status, finding.reason, finding.waived, finding.switched_off, finding.revision)
