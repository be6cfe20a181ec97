"""Freeze what a deploy review decides on, or show what is frozen while it still holds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.check.context import Context
from ops_model.check.remedies import sign_with_key
from ops_model.check.seen import seen
from ops_model.domain.assessment import Assessment
from ops_model.domain.decisions import Condition, Seat
from ops_model.domain.evidence import Statement
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.quorum_standing import Quorum, SeatState
from ops_model.domain.reviewed import voids_ended
from ops_model.domain.said import Pack
from ops_model.domain.sign_off import ReviewPack
from ops_model.domain.until import reference_of
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError
from ops_model.workflow.clock import Clock, clock_of
from ops_model.workflow.open import known_system, refuse_ahead
from ops_model.workflow.review_open import require_none_void, require_open
from ops_model.workflow.review_pack import pack_of

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger


@dataclass(frozen=True)
class Review:
    """How the review of one system stands, and what is frozen for it.

    `assessment` is the present one, or that of the pack where nothing was assessed just now;
    `frozen` is true when the pack was frozen just now. `rests_on` are the entries that the pack
    names by digest, and `zone` is where the organisation is. `first` is who does what before
    anybody can decide, where something voids all decisions.
    """

    system: SystemClaims
    quorum: Quorum
    assessment: Assessment | None = None
    frozen: bool = False
    rests_on: tuple[Statement, ...] = ()
    zone: str = "UTC"
    first: tuple[str, ...] = ()

    @property
    def pack(self) -> Pack:
        """The newest pack; a review has one."""
        if self.quorum.pack is None:
            raise no_pack(self.system.id)
        return self.quorum.pack

    @property
    def stale_because(self) -> tuple[str, ...]:
        """Why nobody can decide on the pack any more, or all decisions are void."""
        return (*self.quorum.voids, *self.quorum.stale)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What the approvals with conditions rest on, as decisions.yaml says."""
        decisions = self.system.decisions
        return decisions.review.conditions if decisions is not None else ()

    def command(self, seat: Seat) -> str:
        """How a seat decides on the pack, to the letter."""
        return sign_with_key(self.system.id, seat, self.pack.digest)

    def as_json(self) -> dict[str, Any]:
        """What scripts may rely on."""
        pack, quorum = self.pack, self.quorum
        return {
            "system": self.system.id,
            "pack_digest": pack.digest,
            "entry": pack.statement.seq,
            "frozen": self.frozen,
            "version": pack.record.label,
            "verdict": pack.record.verdict,
            "seats": [row for state in quorum.seats for row in _rows(pack.record, state)],
            "builders": list(pack.record.builders),
            "by_reference": pack.record.by_reference,
            "rests_on": [
                {"kind": s.record.kind, "entry": s.seq, "digest": s.digest} for s in self.rests_on
            ],
            "conditions": [
                one.model_dump(mode="json", include={"id", "text", "owner", "due"})
                for one in self.conditions
            ],
            "quorum": quorum.complete,
            "state": quorum.state,
            "stale_because": list(self.stale_because),
            "first": list(self.first),
        }


def _rows(pack: ReviewPack, state: SeatState) -> Iterator[dict[str, Any]]:
    """One row for whoever decided on a seat, or one for each who may."""
    told = {"state": state.standing, "why": list(state.why)}
    if state.found is not None:
        record = state.found.record
        yield {
            "seat": state.seat, "person": record.person, "decision": record.decision,
            "at": iso_utc(record.as_of), "assurance": record.assurance, **told,
            "until": iso_utc(state.until) if state.until is not None else None,
            "signed_until": iso_utc(record.expires), "reference": reference_of(state),
            "digest": state.found.statement.digest,
        }  # fmt: skip
        return
    held: list[str | None] = [seat.person for seat in pack.seats if seat.seat == state.seat]
    for person in held or [None]:
        yield {
            "seat": state.seat, "person": person, "decision": None, "at": None,
            "assurance": None, **told, "until": None, "signed_until": None, "reference": None,
            "digest": None,
        }  # fmt: skip


def no_pack(system_id: str) -> UsageError:
    """The refusal where nothing was frozen yet."""
    return UsageError(
        f"no review of {system_id} has been frozen yet, so there is nothing to decide on",
        remedy=f"run `ops-model review {system_id}`, and read what it shows",
    )


def review(
    root: Path,
    model: OperatingModel,
    system_id: str,
    *,
    as_of: datetime | None = None,
    recorded_at: datetime,
    anew: bool = False,
) -> Review:
    """Observe and assess a system, and freeze a pack where none holds.

    A pack that still holds is shown as it is: new evidence that shows as much changes nothing.
    While something voids all decisions none is frozen, since nobody could decide on it.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        system_id: the system to review.
        as_of: the instant that judges; not given, the workbook's pinned one, or now.
        recorded_at: the wall clock.
        anew: freeze another pack, so that the seats see what is there now.

    Raises:
        UsageError: there is no such system, or its review has no seats or is not open, or a pack
            is asked for, or none is there to show, while something voids all decisions.
        PolicyError, CatalogueError: the policy or a check file is wrong.
        LedgerError: the ledger cannot be read or written.
        IntegrityError: the ledger is not the one that was signed.
    """
    from ops_model.workflow.assess import assess_system
    from ops_model.workflow.ledgers import open_ledger

    system = known_system(model, system_id)
    with open_ledger(root, model.settings, create=True) as ledger:
        clock = clock_of(model, ledger, as_of, recorded_at)
    require_open(model, system, clock.as_of)
    if anew:
        require_none_void(model, system, clock.as_of)
    assessment = assess_system(
        root, model, system.id, as_of=clock.as_of, recorded_at=clock.recorded_at
    )
    with open_ledger(root, model.settings) as ledger:
        standing = standing_of(root, model, system, ledger, as_of=clock.as_of)
        if standing.quorum.pack is None:
            require_none_void(model, system, clock.as_of)
        elif standing.quorum.voids or not (standing.quorum.stale or anew):
            return replace(standing, assessment=assessment)
        _freeze(root, model, system, ledger, assessment, clock)
        frozen = standing_of(root, model, system, ledger, as_of=clock.as_of)
    return replace(frozen, assessment=assessment, frozen=True)


def shown(
    root: Path,
    model: OperatingModel,
    system_id: str,
    *,
    as_of: datetime | None,
    recorded_at: datetime,
) -> Review:
    """How the review of a system stands; nothing is recorded.

    `assessment` is that of the pack. An instant that somebody names may lie in the past.

    Raises:
        UsageError: there is no such system, its review has no pack, or the instant is to come.
        LedgerError: the ledger cannot be read.
    """
    from ops_model.workflow.ledgers import open_ledger

    system = known_system(model, system_id)
    with open_ledger(root, model.settings, readonly=True) as ledger:
        if as_of is not None:
            refuse_ahead(as_of, max(recorded_at, ledger.latest_recorded() or recorded_at))
        else:
            as_of = clock_of(model, ledger, None, recorded_at).as_of
        review = standing_of(root, model, system, ledger, as_of=as_of)
        named = review.pack.record.assessment
        told = ledger.statements(system.id, words=False)
    known = (s.record for s in told if s.digest == named and isinstance(s.record, Assessment))
    return replace(review, assessment=next(known, None))


def standing_of(
    root: Path, model: OperatingModel, system: SystemClaims, ledger: "Ledger", *, as_of: datetime
) -> Review:
    """How the review stands, without recording anything."""
    from ops_model.workflow.assess import catalogue_of
    from ops_model.workflow.reviewed import quorum_for

    catalogue = catalogue_of(root)
    ctx = _context(root, model, system, ledger, as_of, until=None)
    quorum = quorum_for(ctx, catalogue)
    return Review(
        system,
        quorum,
        rests_on=tuple(_named(ctx, quorum.pack)),
        zone=model.settings.zone,
        first=tuple(voids_ended(system, at=as_of, today=ctx.today)),
    )


def _named(ctx: Context, pack: Pack | None) -> Iterator[Statement]:
    """The entries that a pack names, in the ledger's order; of two equal ones the first."""
    wanted = set(pack.record.rests_on) if pack is not None else set()
    for statement in sorted(ctx.evidence.statements, key=lambda s: s.seq):
        if statement.digest in wanted:
            wanted.remove(statement.digest)
            yield statement


def _context(
    root: Path,
    model: OperatingModel,
    system: SystemClaims,
    ledger: "Ledger",
    as_of: datetime,
    *,
    until: int | None,
) -> Context:
    from ops_model.workflow.assess import catalogue_of, evidence_of

    told = ledger.statements(system.id, until=until, words=False)
    evidence = seen(evidence_of(told, model.policy, model.signers), system, as_of, model.signers)
    return Context(system, model, evidence, as_of, register=catalogue_of(root).register)


def _freeze(
    root: Path,
    model: OperatingModel,
    system: SystemClaims,
    ledger: "Ledger",
    assessment: Assessment,
    clock: Clock,
) -> None:
    """Append the assessment and the pack that names it, both or none."""
    from ops_model.workflow.assess import told_by_tool

    ctx = _context(root, model, system, ledger, clock.as_of, until=assessment.ledger_size)
    pack = pack_of(ctx, assessment)
    size = ledger.size()
    ledger.append_all(
        [told_by_tool(record, size, clock.recorded_at) for record in (assessment, pack)]
    )
