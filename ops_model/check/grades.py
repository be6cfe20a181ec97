"""How well a thing has been shown: derived from where it comes from, never a field of a record.

A ledger entry has its statement's grade. A claim has the grade of what covers the present digest
of its file: E1 by itself, E2 by an attestation in date, or that of a measurement or drill that
used this very text; one that used another text is cited as no more than a declaration. See
`docs/decisions/0002-what-a-claim-is-worth.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ops_model.check.api import Evidence
from ops_model.domain.evidence import Attestation, ClaimRef, Grade, Measurement, Statement
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.people import People
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.values import NOWHERE, Where, zone

TOOL = "tool:ops-model"
_OBSERVING = (Measurement, RollbackDrill, FallbackDrill)
_DRILLS = (RollbackDrill, FallbackDrill)
_TEXT_IS_THE_SUBJECT = frozenset({"OM", "EVD", "PRT"})


@dataclass(frozen=True)
class Graded:
    """A grade, and what is left of it (`without`) once the attestation in it ends at `until`."""

    grade: Grade
    until: datetime | None = None
    without: Grade = Grade.NONE


@dataclass(frozen=True)
class Grading:
    """Grades statements and places for one system at one instant."""

    system: SystemClaims
    people: People
    evidence: Evidence
    as_of: datetime

    @cached_property
    def _present(self) -> dict[str, ClaimRef]:
        """The claim files as they are now."""
        return {ref.file: ref for ref in self.system.claim_refs()}

    @property
    def _own(self) -> str:
        """The system's own folder; claim files are named relative to it."""
        return f"systems/{self.system.id}/"

    def place(self, where: Where, group: str) -> Graded | None:
        """The grade of a place that a check of `group` looked at.

        None for a place outside the system and the ledger (such as `people.yaml`), which bears on
        no system alone.
        """
        if group in _TEXT_IS_THE_SUBJECT:
            return Graded(Grade.OBSERVED)
        if where.path == "ledger":
            found = [s for s in self.evidence.statements if s.seq == where.line]
            return self._cited(found[0]) if found else Graded(Grade.NONE)
        if where == NOWHERE:
            return Graded(Grade.DECLARED)
        own = self._own
        return self._claim(where.path.removeprefix(own)) if where.path.startswith(own) else None

    def statement(self, statement: Statement) -> Graded:
        """The grade of a ledger entry."""
        if isinstance(statement.record, Attestation):
            held = self._in_date(statement.record)
            return Graded(Grade.ATTESTED, statement.record.expires) if held else Graded(Grade.NONE)
        grade = grade_of(statement, self.evidence)
        if grade is Grade.OBSERVED and isinstance(statement.record, _DRILLS):
            until = self._witnessed_until(statement)
            if until is not None:
                return Graded(Grade.REPRODUCED, until, Grade.OBSERVED)
        return Graded(grade)

    def how_to_raise(self, where: Where, grade: Grade) -> str:
        """What raises a place from the grade that it has, as a command."""
        system, file = self.system.id, where.path.removeprefix(self._own)
        if grade is Grade.OBSERVED:
            drill = FallbackDrill if file == "fallback.yaml" else RollbackDrill
            last = self.evidence.latest(drill)
            of = last.statement.digest if last else "DIGEST"
            return (
                "somebody who neither wrote the plan nor performed the drill, and was there, says "
                f"so: `ops-model attest {system} --topic witness --of {of} --as ID --text '...'`"
            )
        if where.path == "ledger":
            cited = next((s for s in self.evidence.statements if s.seq == where.line), None)
            if cited is not None and isinstance(cited.record, Attestation):
                return (
                    f"the owner has somebody who works here say anew what {where} said, with "
                    f"`ops-model attest {system} --topic {cited.record.topic}`"
                )
            others = self._other_texts(cited) if cited else ()
            if others and others[0] in _SHOWN_BY:
                return (
                    f"{where} used another text of {others[0]}; `ops-model "
                    f"{_SHOWN_BY[others[0]]} {system}` uses the present one"
                )
            return (
                f"run the shipped notebook, or approve the digest of the one behind {where} in "
                "policy.yaml"
            )
        if file in _SHOWN_BY:
            return f"`ops-model {_SHOWN_BY[file]} {system}` uses this very text and records it"
        topic = "ownership" if file in _OWNERSHIP_PINS else f"claims --file {file}"
        return (
            f"the owner attests {file}: `ops-model attest {system} --topic {topic} --as ID "
            "--text '...'`"
        )

    def _cited(self, statement: Statement) -> Graded:
        """What a ledger entry is worth for the claims as they are now.

        Without this a drill of the old plan would count for the new one as soon as any drill has
        covered the new text, a failed one of an earlier `as_of` too.
        """
        graded = self.statement(statement)
        if not self._other_texts(statement):
            return graded
        return Graded(min(graded.grade, Grade.DECLARED))

    def _other_texts(self, statement: Statement) -> tuple[str, ...]:
        """The claim files that a measurement or drill used in another text than the present."""
        if not isinstance(statement.record, _OBSERVING):
            return ()
        used = statement.record.claims
        return tuple(ref.file for ref in used if ref != self._present.get(ref.file))

    def _claim(self, file: str) -> Graded:
        ref = self._present.get(file)
        if ref is None:
            return Graded(Grade.NONE)
        covering = [s for s in self.evidence.statements if ref in s.record.claims]
        observed = [self.statement(s) for s in covering if isinstance(s.record, _OBSERVING)]
        attested = [
            Graded(Grade.ATTESTED, s.record.expires, Grade.DECLARED)
            for s in covering
            if isinstance(s.record, Attestation) and self._in_date(s.record)
        ]
        return best([Graded(Grade.DECLARED), *attested, *observed])

    def _in_date(self, attestation: Attestation) -> bool:
        """True when somebody who worked here then said it, and it has not expired."""
        person = self.people.person(attestation.person)
        return (
            person is not None
            and person.active_on(attestation.as_of.astimezone(zone(person.zone)).date())
            and self.as_of < attestation.expires
        )

    def _witnessed_until(self, drill: Statement) -> datetime | None:
        """When the last witness's word ends, or None when nobody independent was there.

        Where nobody is named as having performed it, nobody can be shown to be somebody else.
        """
        involved = {getattr(drill.record, "performed_by", None)}
        if None in involved:
            return None
        if isinstance(drill.record, RollbackDrill) and self.system.rollback:
            involved.add(self.system.rollback.author)
        words = [
            e.record.expires
            for e in self.evidence.all(Attestation)
            if e.record.topic == "witness"
            and e.record.of == drill.digest
            and e.record.person not in involved
            and self._in_date(e.record)
        ]
        return max(words, default=None)


def grade_of(statement: Statement, evidence: Evidence) -> Grade:
    """What a statement is worth by its origin alone.

    An attestation is E2; what the tool itself observed is E3; a record of a run is E3 when the
    notebook is shipped or approved and the runner identified the inputs again, else E1. A
    witness (E4) and the end of an attestation need the system and an instant: see `Grading`.
    """
    if isinstance(statement.record, Attestation):
        return Grade.ATTESTED
    if statement.origin is None:
        return Grade.OBSERVED if statement.actor == TOOL else Grade.DECLARED
    approved = statement.origin.notebook_digest in evidence.approved_notebooks
    return Grade.OBSERVED if approved and statement.origin.inputs_verified else Grade.DECLARED


def best(grades: Sequence[Graded]) -> Graded:
    """The highest; of equals, the one that lasts longest."""
    top = max(g.grade for g in grades)
    equal = [g for g in grades if g.grade == top]
    return max(equal, key=lambda g: (g.until is None, g.until))


def weakest(grades: Sequence[Graded]) -> Graded:
    """The lowest; declared when there is none."""
    return min(grades, key=lambda g: g.grade, default=Graded(Grade.DECLARED))


_SHOWN_BY = {
    "rollback.yaml": "drill rollback",
    "fallback.yaml": "drill fallback",
    "signals.yaml": "run 05_drift_quality",
    "cost.yaml": "run 06_cost",
    "on_call.yaml": "check",
    "decisions.yaml": "check",
}
"""The claim files that a run, a drill or the tool uses, and the command that does."""
_OWNERSHIP_PINS = frozenset({"ownership.yaml", "system.yaml", "service_levels.yaml"})
"""The files that an attestation of the topic `ownership` is about."""
