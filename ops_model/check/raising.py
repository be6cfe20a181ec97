"""How a grade is raised, and what was shown or said of an earlier text.

Whoever reads a finding that is worth too little has to learn what to do about it, and who: the
sentences stand here, beside the grades in `check/grades.py` that they are about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ops_model.check.grades import group_of, rests_on_a_word
from ops_model.check.grading import REHEARSALS, Grading
from ops_model.check.remedies import MADE_BY, SHOWN_BY, reproduce
from ops_model.check.speakers import speaker_about, speaker_on_review
from ops_model.domain.evidence import Attestation, Grade, Measurement, Statement
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.system import Tier
from ops_model.domain.values import Where

_OWNERSHIP_PINS = frozenset({"ownership.yaml", "system.yaml", "service_levels.yaml"})
"""The files that an attestation of the topic `ownership` is about."""


_NAMES = {
    Grade.NONE: "not shown",
    Grade.DECLARED: "declared",
    Grade.ATTESTED: "attested",
    Grade.OBSERVED: "observed",
    Grade.REPRODUCED: "reproduced",
}


def below(where: Where, grade: Grade, minimum: Grade, tier: Tier) -> str:
    """What a place is worth, and what a tier asks for instead."""
    return (
        f"{where} is {grade} {_NAMES[grade]}, and tier {tier} asks for {minimum} {_NAMES[minimum]}"
    )


class Raise(NamedTuple):
    """What raises a grade; `who` is the person whom that takes, where it is one alone."""

    remedy: str
    who: str | None = None


@dataclass(frozen=True)
class Raising:
    """What raises the grades of one system, and why one is lower than it was."""

    grading: Grading

    @property
    def _system(self) -> SystemClaims:
        return self.grading.system

    def how_to_raise(self, where: Where, grade: Grade, minimum: Grade, check_id: str) -> Raise:
        """What raises a place from the grade that it has to the one that a check asks for."""
        file = where.path.removeprefix(self.grading.own)
        if grade is Grade.OBSERVED:
            return Raise(self._show_again(where, file))
        if grade is Grade.ATTESTED and self._authors_drill(where, check_id) is not None:
            return Raise(self._perform_by_another())
        if where.path == "ledger":
            return Raise(self._say_or_show_anew(where))
        if minimum <= Grade.ATTESTED:
            return self._attest(file, check_id)
        if file in SHOWN_BY and not rests_on_a_word(check_id):
            return Raise(
                f"{SHOWN_BY[file](self._system)}: that uses this very text and records it"
            )
        return Raise(
            f"no run or drill shows what {check_id} asks of {file}, so that no more than a "
            "person's word can stand behind it: whoever keeps policy.yaml asks for E2 at most"
        )

    def _show_again(self, where: Where, file: str) -> str:
        """What makes an observation a reproduced one: a witness, or the same run once more."""
        used = self.grading.present.get(file)
        measured = [
            s.origin
            for s in self.grading.evidence.told.of(Measurement)
            if (s.place == where or used in s.record.claims) and s.origin is not None
        ]
        if measured:
            return reproduce(self._system, measured[-1].run_id, measured[-1].notebook)
        return self._witness(FallbackDrill if file == "fallback.yaml" else RollbackDrill)

    def _authors_drill(self, where: Where, check_id: str) -> Statement | None:
        """The rollback drill behind a place that counts less, since its author performed it.

        None for a text of which no drill is a witness.
        """
        grading = self.grading
        if where.path != "ledger" and rests_on_a_word(check_id):
            return None
        used = grading.present.get(where.path.removeprefix(grading.own))
        behind = [
            s
            for s in grading.evidence.told.of(RollbackDrill)
            if (s.seq == where.line if where.path == "ledger" else used in s.record.claims)
            and grading.by_its_author(s)
            and not grading.other_texts(s)
            and grading.statement(s).grade is Grade.ATTESTED
        ]
        return behind[-1] if behind else None

    def performed_by_author(self, where: Where, check_id: str) -> str:
        """What says that a drill shows less, since its author performed it; else empty."""
        drill = self._authors_drill(where, check_id)
        plan = self._system.rollback
        if drill is None or plan is None:
            return ""
        return f"the drill was performed by {plan.author}, who wrote the plan"

    def _perform_by_another(self) -> str:
        anew = f"`ops-model drill rollback {self._system.id} --as ID`"
        return (
            f"somebody on call who did not write the plan performs it: {anew}; or "
            f"{self._witness(RollbackDrill)}"
        )

    def _witness(self, drill: type[RollbackDrill | FallbackDrill]) -> str:
        last = self.grading.evidence.latest(drill)
        of = last.statement.digest if last else "DIGEST"
        key = " --key KEY" if self.grading.asks_signed_witness else ""
        return (
            "somebody who neither built the version, wrote the plan nor performed the drill, and "
            f"was there, says so: `ops-model attest {self._system.id} --topic witness "
            f"--of {of} --as ID --text '...'{key}`"
        )

    def _say_or_show_anew(self, where: Where) -> str:
        """What is done about a ledger entry that is worth too little."""
        cited = self.grading.evidence.entry(where.line)
        if cited is not None and isinstance(cited.record, Attestation):
            return (
                f"the owner has somebody who works here say anew what {where} said, with "
                f"`ops-model attest {self._system.id} --topic {cited.record.topic}`"
            )
        others = self.grading.other_texts(cited) if cited is not None else ()
        if cited is not None and others and (anew := self._anew(cited)):
            return f"{anew} again: {where} used another text of {others[0]} than the present one"
        return (
            "the owner runs the shipped notebook, or whoever keeps policy.yaml approves the "
            f"digest of the one behind {where} under `approved_notebooks`"
        )

    def _attest(self, file: str, check_id: str) -> Raise:
        topic = "ownership" if file in _OWNERSHIP_PINS else f"claims --file {file}"
        if group_of(check_id) == "REV":
            who = speaker_on_review(self._system, self.grading.people, self.grading.as_of)
        else:
            who = speaker_about(
                self._system,
                self.grading.people,
                self.grading.as_of,
                file,
                owners_only=topic == "ownership",
            )
        command = (
            f"`ops-model attest {self._system.id} --topic {topic} --as {who.option} --text '...'`"
        )
        again = ""
        if self._earlier_word(file) is not None:
            again = " again, best once after the last edit"
        return Raise(f"{who.called} attests {file}{again}: {command}", who.person)

    def shown_before(self, where: Where) -> str:
        """What says that a ledger entry was shown for an earlier text of a claim file.

        Without it, a measurement would be called a declaration and nobody would see why.
        """
        cited = self.grading.evidence.entry(where.line) if where.path == "ledger" else None
        others = self.grading.other_texts(cited) if cited is not None else ()
        if cited is None or not others:
            return ""
        how = "rehearsed" if isinstance(cited.record, REHEARSALS) else "measured"
        return f"{how} for an earlier text of {others[0]}"

    def said_before(self, where: Where) -> str:
        """What somebody said of an earlier text of a claim file; empty where nobody did.

        Who follows a remedy edits a file that was attested, and has to learn that it shows again.
        """
        file = where.path.removeprefix(self.grading.own)
        earlier = self._earlier_word(file) if where.path.startswith(self.grading.own) else None
        if earlier is None:
            return ""
        return (
            f"{earlier.person} attested an earlier text on {earlier.as_of.date()}; the file has "
            "changed since"
        )

    def _earlier_word(self, file: str) -> Attestation | None:
        """The last attestation of a file, where it was of another text than the present."""
        if file not in self._earlier_words:
            self._earlier_words[file] = self._find_earlier_word(file)
        return self._earlier_words[file]

    @cached_property
    def _earlier_words(self) -> dict[str, Attestation | None]:
        return {}

    def _find_earlier_word(self, file: str) -> Attestation | None:
        last = self.grading.evidence.latest(
            Attestation, matching=lambda word: any(ref.file == file for ref in word.claims)
        )
        if last is None or self.grading.present.get(file) in last.record.claims:
            return None
        return last.record

    def measured_before(self, places: Sequence[Where]) -> tuple[str, str]:
        """The claim file whose earlier text a cited record used, and how to measure anew.

        Both are empty where every record used the present texts: a failure that rests on an
        earlier one may be mended already.
        """
        cited = {p.line for p in places if p.path == "ledger" and p.line is not None}
        for entry in sorted(cited):
            statement = self.grading.evidence.entry(entry)
            others = self.grading.other_texts(statement) if statement is not None else ()
            if statement is not None and others and (anew := self._anew(statement)):
                return others[0], anew
        return "", ""

    def _anew(self, statement: Statement) -> str:
        """How another record of the same kind is made; empty where no command is known."""
        make = MADE_BY.get(statement.record.kind)
        if make is not None:
            return make(self._system)
        origin = statement.origin
        return (
            f"the owner runs `ops-model run {origin.notebook} {self._system.id}`" if origin else ""
        )
