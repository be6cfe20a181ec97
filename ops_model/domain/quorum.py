"""How the three seats of a deploy review stand: who decided what, whether it holds, and why not.

One pure function of the ledger, the keys and an instant. The workbook, where there is one, adds
what it knows (`Present`): who sits now, what the policy allows now, what else voids a decision.
Without it the newest pack says what was frozen, which is what an offline verifier has.
"""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ops_model.domain.decisions import SEATS, Seat
from ops_model.domain.evidence import Attestation, Statement
from ops_model.domain.heard import heard_among
from ops_model.domain.quorum_standing import Present, Quorum, SeatState
from ops_model.domain.said import Pack, Word, packs_among, words_among
from ops_model.domain.sign_off import MOST_BY_REFERENCE
from ops_model.domain.signers import Signer
from ops_model.domain.superseded import Latest

APPROVING = frozenset({"approve", "approve_with_conditions"})
DEFAULT_DAYS, MOST_DAYS = 90, 180
"""For how many days a decision is given, where nothing is said, and at most."""


def judged(
    statements: Sequence[Statement],
    signed: AbstractSet[int],
    *,
    as_of: datetime,
    signers: Sequence[Signer] = (),
    present: Present | None = None,
    max_age_days: float = MOST_DAYS,
    held: AbstractSet[int] = frozenset(),
    declared: AbstractSet[int] = frozenset(),
    unheard: Sequence[tuple[str, str]] = (),
    signing: Sequence[tuple[str, int]] = (),
    words: tuple[Word, ...] | None = None,
) -> Quorum:
    """How the seats stand at an instant.

    Args:
        statements: what is on the ledger about one system, up to some entry.
        signed: the numbers of the entries whose signature holds (`store.signed`).
        as_of: the instant that judges; where nobody names one, no earlier than the latest clock
            that the ledger has seen, so that turning a clock back revives nothing.
        signers: the enrolled keys.
        present: what the workbook says now; None judges by what the newest pack froze.
        max_age_days: how old an approval may be, whatever it says of its own end.
        held: the numbers of the entries that the key beside them signed, whosever it is; a refusal
            among them stands, though its key is enrolled no more.
        declared: the numbers of the entries that show no more than that somebody says so: they
            can make a decision fall, and never stand again.
        unheard: the digests of words that count as nobody's and were left out before, with why.
        signing: who signed something that was left out before, and their first such entry.
        words: what `words_among` gives for the same, for whoever has worked it out already.
    """
    heard = heard_among(statements, signed, as_of=as_of, signers=signers, held=held)
    told = heard.statements
    if words is None:
        # The clock is that of all entries, judged ones and later ones.
        words = words_among(
            statements, signed, as_of=as_of, signers=signers, held=held, signing=signing
        )
    packs = packs_among(told, as_of)
    pack = packs[-1] if packs else None
    now = present or _frozen(packs)
    latest = Latest(told, declared, (*unheard, *heard.unheard))
    sitting = _Sitting(latest, words, pack, now, as_of, max_age_days)
    return Quorum(pack, sitting.seats(), now.voids, tuple(sitting.stale()), words)


def _frozen(packs: Sequence[Pack]) -> Present:
    """What the newest pack says, for whoever has no workbook.

    Who may not approve, and how many need not sign, is said by the strictest pack of its version,
    so that one more pack makes nothing lighter.
    """
    if not packs:
        return Present("", {})
    pack, record = packs[-1], packs[-1].record
    same = [p.record for p in packs if p.record.version == record.version]
    seated = {seat: [s.person for s in record.seats if s.seat == seat] for seat in SEATS}
    held = {seat: [s.person for p in same for s in p.seats if s.seat == seat] for seat in SEATS}

    def ground(of: Pack) -> Iterable[str]:
        for name in ("version", "policy", "frameworks"):
            if getattr(of.record, name) != getattr(record, name):
                yield f"the pack at {pack.where} names another {name}"

    return Present(
        record.version, seated, sorted({person for p in same for person in p.builders}), held,
        min(p.by_reference for p in same), conditions=True, ground=ground,
    )  # fmt: skip


@dataclass(frozen=True)
class _Sitting:
    latest: Latest
    words: tuple[Word, ...]
    pack: Pack | None
    present: Present
    as_of: datetime
    max_age_days: float

    def seats(self) -> tuple[SeatState, ...]:
        return self._distinct(self._by_reference([self._state(seat) for seat in SEATS]))

    def stale(self) -> Iterable[str]:
        """What the newest pack rests on that is another by now."""
        if self.pack is not None:
            yield from self._ground(self.pack)

    def _state(self, seat: Seat) -> SeatState:
        """How one seat stands.

        Of several people in it one approval is enough, and one refusal too much.
        """
        given = [word for word in self.words if word.record.seat == seat]
        words = _last_of_each([word for word in given if not word.faults])
        seated = self.present.seated.get(seat, ())
        mine = [word for word in words if word.record.person in seated]
        if (refusal := self._refusal(seat, given, mine)) is not None:
            return SeatState(seat, "refused", refusal, tuple(_why_refused(refusal)))
        standing = [word for word in mine if word.taken_back is None]
        approvals = [word for word in standing if word.record.decision in APPROVING]
        if approvals:
            states = [self._held(word) for word in reversed(approvals)]
            return next((s for s in states if s.standing == "approved"), states[0])
        return _without_approval(seat, given, mine, seated)

    def _refusal(self, seat: Seat, given: Sequence[Word], mine: Sequence[Word]) -> Word | None:
        """A refusal of the present version that nobody has taken back.

        One of somebody who has the seat no longer stands until whoever has it now decides anew.
        One whose key is enrolled no more stands as well, until a decision that counts.
        """
        theirs = {*self.present.seated.get(seat, ()), *self.present.refusing.get(seat, ())}
        no = [
            word
            for word in _last_of_each([w for w in given if _stands_as_refusal(w)])
            if word.taken_back is None and word.record.version == self.present.version
        ]
        counted = _last_of_each([word for word in given if not word.faults])
        own = {word.record.person: word.statement.seq for word in counted}
        last = max((word.statement.seq for word in mine), default=-1)
        standing = [
            word for word in no
            if word.statement.seq >= own.get(word.record.person, -1)
            and (word.record.person in theirs or word.statement.seq > last)
        ]  # fmt: skip
        return standing[-1] if standing else None

    def _held(self, word: Word) -> SeatState:
        """The state of an approval."""
        seat, record = word.record.seat, word.record
        faults = (*self._why_void(word),)
        if faults:
            return SeatState(seat, "void", word, faults)
        if record.decision == "approve_with_conditions" and not self.present.conditions:
            none = f"{word.said} approved with conditions, and decisions.yaml holds none"
            return SeatState(seat, "missing", word, (none,))
        days = min(self.max_age_days, MOST_DAYS)
        ends = min(record.expires, record.as_of + timedelta(days=days))
        if ends <= self.as_of:
            ended = f"the sign-off of {word.said} ended on {ends.date()}"
            return SeatState(seat, "expired", word, (ended,))
        pinned = [s.record for s in self.latest.pinned(record.rests_on)]
        until = [ends, *(r.expires for r in pinned if isinstance(r, Attestation))]
        until += self.present.ends(word)
        # A pinned word that has ended by now was said anew; otherwise it would void the approval.
        return SeatState(seat, "approved", word, until=min(e for e in until if e > self.as_of))

    def _why_void(self, word: Word) -> Iterable[str]:
        if word.record.person in self.present.builders:
            yield f"{word.record.person} is among those who built it"
        yield from self.present.signer(word)
        if word.pack is not None:
            yield from self._ground(word.pack)

    def _ground(self, pack: Pack) -> Iterable[str]:
        """What voids everything that is decided on a pack."""
        frozen = pack.record
        if not frozen.rests_on:
            yield "it names no statement that it rests on"
        if not self.latest.assessed(frozen.assessment, by=frozen.as_of):
            yield "the assessment that was signed is not on record"
        yield from self.present.ground(pack)
        yield from self.latest.fallen(frozen.rests_on, self.as_of, frozen=pack.statement)
        yield from self.latest.other_providers(frozen.as_of)

    def _by_reference(self, states: Sequence[SeatState]) -> list[SeatState]:
        """Void what was decided elsewhere beyond the number of seats that may be."""
        allowed = min(self.present.by_reference, MOST_BY_REFERENCE)
        elsewhere = sorted(
            (s.found.statement.seq, s.seat) for s in states
            if s.found is not None and s.standing == "approved"
            and s.found.record.assurance == "referenced"
        )  # fmt: skip
        over = {
            seat for n, (_, seat) in enumerate(elsewhere, start=1)
            if n > min(allowed, self._allowed_by_pack(seat, states))
        }  # fmt: skip
        said = f"{allowed} of the seats may be decided by reference, and this is one more"
        return [
            replace(s, standing="void", why=(said,), until=None) if s.seat in over else s
            for s in states
        ]

    def _allowed_by_pack(self, seat: Seat, states: Sequence[SeatState]) -> int:
        state = next(s for s in states if s.seat == seat)
        pack = state.found.pack if state.found is not None else None
        return pack.record.by_reference if pack is not None else 0

    def _distinct(self, states: Sequence[SeatState]) -> tuple[SeatState, ...]:
        """Void the second seat that one person decided on: three approvals are three people's."""
        first: dict[str, Seat] = {}
        found = []
        for state in states:
            person = state.found.record.person if state.found is not None else ""
            if state.standing == "approved" and first.setdefault(person, state.seat) != state.seat:
                said = f"{person} decides on the seat of {first[person]} already"
                found.append(replace(state, standing="void", why=(said,), until=None))
            else:
                found.append(state)
        return tuple(found)


def _stands_as_refusal(word: Word) -> bool:
    """True for a refusal that counts, or that would if its key were enrolled still."""
    return word.record.decision == "no_go" and (not word.faults or word.unenrolled)


def _why_refused(refusal: Word) -> Iterable[str]:
    yield f"{refusal.said} said no"
    if refusal.unenrolled:
        why = "; ".join(refusal.faults)
        yield f"{why}; a refusal stays until the seat decides anew with a decision that counts"


def _last_of_each(words: Sequence[Word]) -> list[Word]:
    """The last decision of each person, oldest first.

    By the ledger's order and not by the clock, which somebody may have set back.
    """
    latest = {w.record.person: w for w in sorted(words, key=lambda w: w.statement.seq)}
    return sorted(latest.values(), key=lambda word: word.statement.seq)


def _without_approval(
    seat: Seat, given: Sequence[Word], mine: Sequence[Word], seated: Collection[str]
) -> SeatState:
    """The state of a seat on which nobody approves."""
    kept = [word for word in mine if word.taken_back is None]
    if kept:
        decided = f"{kept[-1].said} did not approve"
        return SeatState(seat, "abstained", kept[-1], (decided,))
    if mine:
        return SeatState(seat, "void", mine[-1], (f"{mine[-1].said} took it back",))
    bad = [word for word in given if word.faults and word.record.person in seated]
    if bad:
        why = tuple(f"that of {bad[-1].said} does not count: {f}" for f in bad[-1].faults)
        return SeatState(seat, "void", bad[-1], why)
    gone = [w for w in _last_of_each(given) if w.record.person not in seated]
    others = [f"that of {word.said} does not count without the seat" for word in gone]
    return SeatState(seat, "missing", None, ("; ".join(["no sign-off is on record", *others]),))
