"""What a place is worth that a check cites, for one system at one instant.

A ledger entry has its statement's grade. A claim has the grade of what covers the present digest
of its file: E1 by itself, E2 by an attestation in date, or that of a measurement or drill that
used this very text; one that used another text is cited as no more than a declaration. Of what
only people can say no run is a witness, so that there a person's word alone counts. See
`docs/decisions/0002-what-a-claim-is-worth.md` and `0011-what-only-people-can-say.md`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ops_model.check.grades import (
    DECLARED,
    OBSERVED,
    Asks,
    Graded,
    asks_of,
    best,
    grade_of,
    text_is_the_subject,
)
from ops_model.check.recorded import Evidence
from ops_model.check.speakers import works_here
from ops_model.domain.evidence import Attestation, ClaimRef, Grade, Measurement, Statement
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import SystemClaims, builders_of
from ops_model.domain.people import People
from ops_model.domain.proven import other_texts
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.sign_off import SignOff, SignOffRevoked
from ops_model.domain.signers import Signer
from ops_model.domain.spend import RouteTest
from ops_model.domain.trials import (
    EnvironmentRecord,
    GameDayResult,
    Reproduction,
    SwapDrill,
)
from ops_model.domain.values import NOWHERE, Where, zone
from ops_model.domain.voice import ABOUT_CLAIMS, may_still_say

_OBSERVING = (
    Measurement, RollbackDrill, FallbackDrill, SwapDrill, EnvironmentRecord, RouteTest
)  # fmt: skip
REHEARSALS = (RollbackDrill, FallbackDrill)


@dataclass(frozen=True)
class Grading:
    """Grades statements and places for one system at one instant.

    `claims` are the digests of the system's files, for whoever has worked them out already, and
    `signers` the keys that stand in `allowed_signers`.
    """

    system: SystemClaims
    people: People
    evidence: Evidence
    as_of: datetime
    claims: tuple[ClaimRef, ...] | None = None
    signers: tuple[Signer, ...] = ()

    @cached_property
    def present(self) -> dict[str, ClaimRef]:
        """The claim files as they are now."""
        claims = self.claims if self.claims is not None else self.system.claim_refs()
        return {ref.file: ref for ref in claims}

    @cached_property
    def _saw(self) -> dict[tuple[str, str], list[Statement]]:
        """The measurements and drills that used a text, by its file and digest."""
        return _by_text(self.evidence.told.of(*_OBSERVING))

    @cached_property
    def _said(self) -> dict[tuple[str, str], list[Statement]]:
        """What people said of a text, by its file and digest."""
        return _by_text(self.evidence.told.of(Attestation))

    # A hundred checks cite the same few places and entries, and one judgement changes nothing.
    @cached_property
    def _graded(self) -> dict[object, Graded]:
        return {}

    @cached_property
    def _placed(self) -> dict[Asks, dict[str | int | None, Graded | None]]:
        return {}

    def _once(self, key: object, grade: Callable[[], Graded]) -> Graded:
        if key not in self._graded:
            self._graded[key] = grade()
        return self._graded[key]

    @cached_property
    def own(self) -> str:
        """The system's own folder; claim files are named relative to it."""
        return f"systems/{self.system.id}/"

    def places(self, looked_at: Sequence[Where], check_id: str) -> list[tuple[Where, Graded]]:
        """The places that a check looked at, each with its grade.

        What lies outside the system and the ledger (such as `people.yaml`) bears on no system
        alone, and is left out.
        """
        if text_is_the_subject(check_id):
            return [(where, OBSERVED) for where in looked_at]
        asks = asks_of(check_id)
        placed = self._placed.setdefault(asks, {})
        found = []
        for where in looked_at:
            key = where.line if where.path == "ledger" else where.path
            if key not in placed:
                placed[key] = self._place(where, asks)
            if (graded := placed[key]) is not None:
                found.append((where, graded))
        return found

    def _place(self, where: Where, asks: Asks) -> Graded | None:
        """The grade of a ledger entry or a file, whatever its line; None for one of no system."""
        if where.path == "ledger":
            entry = self.evidence.entry(where.line)
            return self._for_now(entry, asks) if entry is not None else Graded(Grade.NONE)
        if where.path.startswith(self.own):
            return self._file(where.path.removeprefix(self.own), asks)
        return DECLARED if where.path == NOWHERE.path else None

    def statement(self, statement: Statement) -> Graded:
        """The grade of a ledger entry."""
        return self._once(statement.seq, lambda: self._of(statement))

    def _of(self, statement: Statement) -> Graded:
        if isinstance(statement.record, Attestation):
            held = self._holds(statement.record)
            ends = self._ends(statement.record)
            return Graded(Grade.ATTESTED, ends) if held else Graded(Grade.NONE)
        if isinstance(statement.record, SignOff | SignOffRevoked):
            return self._decided(statement, statement.record)
        if isinstance(statement.record, GameDayResult):
            return self._walked(statement)
        grade = grade_of(statement, self.evidence)
        if grade is Grade.OBSERVED and isinstance(statement.record, REHEARSALS):
            return self._rehearsed(statement)
        if grade is Grade.OBSERVED and self._reproduced(statement):
            return Graded(Grade.REPRODUCED)
        return Graded(grade)

    def _rehearsed(self, drill: Statement) -> Graded:
        """What the tool saw of a drill, and a grade less where its author performed it.

        See `docs/decisions/0049-who-wrote-the-plan-shows-less.md`.
        """
        by_author = self.by_its_author(drill)
        alone = Grade.ATTESTED if by_author else Grade.OBSERVED
        until = self._witnessed_until(drill)
        if until is None:
            return Graded(alone)
        return Graded(Grade.OBSERVED if by_author else Grade.REPRODUCED, until, alone)

    def by_its_author(self, drill: Statement) -> bool:
        """True for a rollback drill that whoever wrote the plan performed."""
        plan, record = self.system.rollback, drill.record
        if plan is None or not isinstance(record, RollbackDrill):
            return False
        return record.performed_by == plan.author

    def _reproduced(self, statement: Statement) -> bool:
        """True when the run of a measurement came out the same the last time it was repeated."""
        if not isinstance(statement.record, Measurement) or statement.origin is None:
            return False
        return self._came_out_equal.get(statement.origin.run_id, False)

    @cached_property
    def _came_out_equal(self) -> dict[str, bool]:
        """The runs that the tool executed again, and whether their records were equal."""
        return {
            again.record.run_id: again.record.equal
            for again in sorted(self.evidence.all(Reproduction), key=lambda e: e.statement.seq)
            if grade_of(again.statement, self.evidence) is Grade.OBSERVED
        }

    def _for_now(self, statement: Statement, asks: Asks) -> Graded:
        """What a ledger entry is worth for the claims as they are now, on this question.

        Without this a drill of the old plan would count for the new one as soon as any drill has
        covered the new text, a failed one of an earlier `as_of` too.
        """
        graded = self.statement(statement)
        if asks.who and self.by_its_author(statement):
            # That its author could carry the plan out was seen like anything else.
            graded = max(graded, Graded(grade_of(statement, self.evidence)), key=lambda g: g.grade)
        if not self.other_texts(statement):
            return graded
        return Graded(min(graded.grade, Grade.DECLARED))

    def other_texts(self, statement: Statement) -> tuple[str, ...]:
        """The claim files that a measurement or drill used in another text than the present."""
        if not isinstance(statement.record, _OBSERVING):
            return ()
        return other_texts(statement.record, self.present)

    def _file(self, file: str, asks: Asks) -> Graded:
        ref = self.present.get(file)
        if ref is None:
            return Graded(Grade.NONE)
        attested = [
            Graded(Grade.ATTESTED, self._ends(s.record), Grade.DECLARED)
            for s in self._said.get((ref.file, ref.digest), ())
            if isinstance(s.record, Attestation) and self._stands_by(s.record, file, asks)
        ]
        # A run that used the file saw nothing of what stands beside that in it.
        shown = [] if asks.word else [self._once(file, lambda: self._shown(ref))]
        return best([Graded(Grade.DECLARED), *attested, *shown])

    def _shown(self, ref: ClaimRef) -> Graded:
        """The best of what measurements and drills showed of a text; none where none used it."""
        saw = self._saw.get((ref.file, ref.digest), ())
        grades = [self.statement(s) for s in saw]
        return best([Graded(Grade.NONE), *grades])

    def _stands_by(self, word: Attestation, file: str, asks: Asks) -> bool:
        """True when the word counts for a file: its speaker may still give it, on this question.

        Who built a version is no judge of its review.
        """
        built = asks.review and word.person in builders_of(self.system, self.people)
        return not built and self._in_date(word) and self._answers_for(word, file)

    def _answers_for(self, word: Attestation, file: str) -> bool:
        """True when the speaker of a word works here still, and answers for the file today."""
        here = works_here(self.people, word.person, self.as_of)
        return here and may_still_say(self.system, word, file)

    def _ends(self, word: Attestation) -> datetime:
        """When a word ends: as it says, or one about claims with its speaker's last day."""
        person = self.people.person(word.person)
        gone = person.gone_at if person is not None else None
        if word.topic not in ABOUT_CLAIMS or gone is None:
            return word.expires
        return min(word.expires, gone)

    def _holds(self, word: Attestation) -> bool:
        """True when an attestation counts: in date, and where it is about claims, still theirs."""
        if word.topic not in ABOUT_CLAIMS:
            return self._in_date(word)
        theirs = all(self._answers_for(word, ref.file) for ref in word.claims)
        return self._in_date(word) and theirs

    def _walked(self, game_day: Statement) -> Graded:
        """A game day that people attended is their word; alone at a desk it is a declaration.

        So is one that no shipped or approved notebook walked: people were there, and at what?
        """
        if grade_of(game_day, self.evidence) < Grade.OBSERVED:
            return Graded(Grade.DECLARED)
        ends = [
            e.record.expires
            for e in self.evidence.all(Attestation)
            if e.record.topic == "attendance"
            and e.record.of == game_day.digest
            and self._in_date(e.record)
        ]
        if not ends:
            return Graded(Grade.DECLARED)
        return Graded(Grade.ATTESTED, max(ends), Grade.DECLARED)

    def _decided(self, statement: Statement, decision: SignOff | SignOffRevoked) -> Graded:
        """A decision is its seat's own when its signature holds, or it says where it was taken."""
        shown = statement.seq in self.evidence.signed
        if decision.assurance == "referenced":
            shown = statement.proof is not None and statement.proof.kind == "reference"
        if isinstance(decision, SignOffRevoked):
            return Graded(Grade.ATTESTED if shown else Grade.NONE)
        held = shown and self._in_date(decision)
        return Graded(Grade.ATTESTED, decision.expires) if held else Graded(Grade.NONE)

    def _in_date(self, attestation: Attestation | SignOff) -> bool:
        """True when somebody who worked here then said it, and it has not expired."""
        person = self.people.person(attestation.person)
        return (
            person is not None
            and person.active_on(attestation.as_of.astimezone(zone(person.zone)).date())
            and self.as_of < attestation.expires
        )

    @property
    def asks_signed_witness(self) -> bool:
        """True at tier A, and wherever people sign: where a key stands in `allowed_signers`."""
        return asks_signed_witness(self.system, self.signers)

    def _witnessed_until(self, drill: Statement) -> datetime | None:
        """When the last witness's word ends, or None when nobody independent was there.

        Where nobody is named as having performed it, nobody can be shown to be somebody else.
        Nor is a builder of the version somebody else, and whoever typed an unsigned word is not
        known: where signing is asked, only a signed one is a witness's.
        """
        performed_by = getattr(drill.record, "performed_by", None)
        if performed_by is None:
            return None
        involved = {performed_by, *builders_of(self.system, self.people)}
        if isinstance(drill.record, RollbackDrill) and self.system.rollback:
            involved.add(self.system.rollback.author)
        words = [
            e.record.expires
            for e in self.evidence.all(Attestation)
            if e.record.topic == "witness"
            and e.record.of == drill.digest
            and e.record.person not in involved
            and (not self.asks_signed_witness or e.statement.seq in self.evidence.signed)
            and self._in_date(e.record)
        ]
        return max(words, default=None)


def asks_signed_witness(system: SystemClaims, signers: Sequence[Signer]) -> bool:
    """True at tier A, and wherever people sign: where a key stands in `allowed_signers`."""
    return bool(signers) or system.identity.tier == "A"


def _by_text(statements: Sequence[Statement]) -> dict[tuple[str, str], list[Statement]]:
    found: dict[tuple[str, str], list[Statement]] = {}
    for statement in statements:
        for ref in statement.record.claims:
            found.setdefault((ref.file, ref.digest), []).append(statement)
    return found
