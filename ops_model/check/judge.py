"""Judge one system: every check's finding, from claims and recorded evidence alone.

Pure: equal claims, evidence, policy and `as_of` give equal findings, in whatever order checks and
statements arrive. A check that crashes blocks and stops no other.
"""

import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ops_model.check.catalogue import Catalogue, code_of
from ops_model.check.context import Context
from ops_model.check.enough import raising_of
from ops_model.check.foreign import UnansweredError
from ops_model.check.grades import Graded, text_is_the_subject, weakest
from ops_model.check.outcome import Outcome, crash
from ops_model.check.question import Check, CrashedError
from ops_model.check.raising import below
from ops_model.check.recorded import Evidence
from ops_model.check.seen import seen
from ops_model.check.thresholds import check_policy, thresholds_of
from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import AREAS, Area, ClaimRef, Grade
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import Where, iso_utc

NOT_AN_OUTCOME = "returned {}; expected passed, failed, unknown or not_applicable"


def judge(
    catalogue: Catalogue,
    model: OperatingModel,
    system: SystemClaims,
    evidence: Evidence,
    *,
    as_of: datetime,
    claims: tuple[ClaimRef, ...] | None = None,
) -> tuple[Finding, ...]:
    """One finding per check, by area and id.

    Statements about another system, and those made after `as_of`, never reach a check. `claims`
    are the digests of the system's files, for whoever has worked them out already.

    Raises:
        PolicyError: the policy names a check or threshold that does not exist.
    """
    check_policy(catalogue.checks, model.policy)
    told = seen(evidence, system, as_of, model.signers)
    sitting = _Sitting(catalogue, model, system, told, as_of, claims)
    return tuple(sorted(sitting.findings(), key=lambda f: (AREAS.index(f.area), f.check)))


class _CircleError(Exception):
    """Checks that ask each other; raised into the one that closed the circle."""


class _Sitting:
    """One judgement: remembers findings, and who is asking whom."""

    def __init__(
        self,
        catalogue: Catalogue,
        model: OperatingModel,
        system: SystemClaims,
        told: Evidence,
        as_of: datetime,
        claims: tuple[ClaimRef, ...] | None,
    ) -> None:
        self._checks = {c.id: c for c in sorted(catalogue.checks, key=lambda c: c.id)}
        self._origins = catalogue.origins
        self._model, self._system = model, system
        self._ctx = Context(system, model, told, as_of, self._asked, catalogue.register, claims)
        self._raising = self._ctx.once(raising_of)
        self._grading = self._raising.grading
        self._found: dict[str, Finding] = {}
        self._asking: list[str] = []
        self._circles: dict[str, str] = {}
        self._summing_up: set[str] = set()
        self._owners: dict[Area, str | None] = {}

    def findings(self) -> list[Finding]:
        """Every check's finding; they are judged in the order of their ids, whatever was given.

        Asked once: the context is let go of then. It and this hold each other, and with them all
        evidence would stay until somebody looks for circles.
        """
        for check in self._checks.values():
            if check.id not in self._found:
                self._judge(check)
        del self._ctx
        return list(self._found.values())

    def _asked(self, check_id: str) -> Finding | None:
        if check_id not in self._checks:
            return None
        self._summing_up.update(self._asking[-1:])
        if check_id in self._asking:
            circle = sorted(self._asking[self._asking.index(check_id) :])
            self._circles |= dict.fromkeys(circle, ", ".join(circle))
            raise _CircleError
        if check_id not in self._found:
            self._judge(self._checks[check_id])
        return self._found[check_id]

    def _judge(self, check: Check) -> None:
        self._asking.append(check.id)
        try:
            finding = self._answer(check)
        except CrashedError as error:
            finding = self._errored(check, str(error), self._origin(check))
        except UnansweredError as error:
            finding = self._errored(check, str(error), error.place or self._origin(check))
        # A check may raise anything, and the others go on; `sys.exit(0)` must not end this with 0.
        except (Exception, SystemExit) as error:  # noqa: BLE001 - see above
            place = last_line(error, check) or self._origin(check)
            finding = self._errored(check, crash(error), place)
        finally:
            self._asking.pop()
        if check.id in self._circles:
            asked = f"asks in a circle: {self._circles[check.id]}"
            finding = self._errored(check, asked, self._origin(check))
        self._found[check.id] = finding

    def _answer(self, check: Check) -> Finding:
        tier = self._system.identity.tier
        outcome: object = check(self._ctx, **thresholds_of(check, self._model.policy, tier))
        if not isinstance(outcome, Outcome):
            message = NOT_AN_OUTCOME.format(type(outcome).__name__)
            return self._errored(check, message, self._origin(check))
        return self._graded(check, outcome)

    def _graded(self, check: Check, outcome: Outcome) -> Finding:
        looked_at = tuple(dict.fromkeys(outcome.looked_at))
        counted = self._grading.places(looked_at, check.id)
        lowest = weakest([g for _, g in counted])
        minimum = self._minimum(check)
        holds = outcome.status == "passed" and lowest.grade >= minimum
        until = _until(outcome, [g for _, g in counted], minimum) if holds else None
        over = until if until is not None and until < self._grading.as_of else None
        answer: dict[str, object] = {
            "status": outcome.status,
            "reason": outcome.reason,
            "grade": lowest.grade if _shows_something(outcome) else Grade.NONE,
            "minimum_grade": minimum,
            "message": outcome.message,
            "remedy": outcome.remedy,
            "owner": self._named(outcome) or self._owner(check),
            "looked_at": looked_at,
            "values": outcome.values,
            "through": outcome.through,
            "valid_until": None if over else until,
        }
        if outcome.status == "failed":
            answer |= self._of_an_earlier_text(check, outcome)
        elif outcome.status == "passed" and not holds:
            weak = next((w for w, g in counted if g == lowest), outcome.looked_at[0])
            answer |= self._below_grade(check, outcome, weak, lowest.grade)
        elif over is not None:
            answer |= self._over(outcome, over)
        return self._finding(check, **answer)

    def _over(self, outcome: Outcome, until: datetime) -> dict[str, object]:
        """What a pass says that has ended by itself: nothing shows that it still holds."""
        return {
            "status": "unknown",
            "reason": "expired",
            "message": f"{outcome.message.rstrip('.')}; that held until {iso_utc(until)}",
            "remedy": f"the owner renews what it rests on: {outcome.looked_at[0]}; then "
            f"`ops-model check {self._system.id}` judges anew",
        }

    def _below_grade(
        self, check: Check, outcome: Outcome, weak: Where, grade: Grade
    ) -> dict[str, object]:
        """What a pass says that rests on less than is asked for."""
        tier, minimum = self._system.identity.tier, self._minimum(check)
        message = f"{outcome.message.rstrip('.')}; {below(weak, grade, minimum, tier)}"
        # Where more than a word is asked for, another word would not help.
        said = self._raising.said_before(weak) if minimum is Grade.ATTESTED else ""
        attested = grade is Grade.ATTESTED
        lowered = self._raising.performed_by_author(weak, check.id) if attested else ""
        if before := said or self._raising.shown_before(weak) or lowered:
            message = f"{message}; {before}"
        remedy, who = self._raising.how_to_raise(weak, grade, minimum, check.id)
        return {
            "status": "unknown",
            "reason": "below_grade",
            "message": message,
            "remedy": remedy,
            "owner": who or self._named(outcome) or self._owner(check),
        }

    def _of_an_earlier_text(self, check: Check, outcome: Outcome) -> dict[str, object]:
        """What a failure says besides where it was measured before a claim file was edited.

        What only sums up other findings says it through them.
        """
        if check.id in self._summing_up or text_is_the_subject(check.id):
            return {}
        file, anew = self._raising.measured_before(outcome.looked_at)
        if not file:
            return {}
        return {
            "message": f"{outcome.message}; measured on an earlier text of {file}",
            "remedy": f"if {file} puts it right by now, {anew}; else {outcome.remedy}",
        }

    def _errored(self, check: Check, message: str, place: Where) -> Finding:
        return self._finding(
            check,
            status="errored",
            grade=Grade.NONE,
            minimum_grade=self._minimum(check),
            message=f"{message}, so this is not answered",
            remedy=f"mend the check at {place}, or report it to whoever keeps that file",
            owner=self._owner(check),
            looked_at=(place,),
        )

    def _finding(self, check: Check, **answer: Any) -> Finding:  # noqa: ANN401 - the fields of a finding
        return Finding(
            check=check.id,
            slug=check.slug,
            revision=check.revision,
            area=check.area,
            question=check.question,
            **answer,
        )

    def _minimum(self, check: Check) -> Grade:
        return self._model.policy.minimum_grade(check.id, self._system.identity.tier)

    def _origin(self, check: Check) -> Where:
        return self._origins.get(check.id, Where(path=check.area))

    def _named(self, outcome: Outcome) -> str | None:
        """Whom an answer names; a person who does not work here closes no gap."""
        owner = outcome.owner
        is_person = self._model.people.person(owner) is not None
        return None if is_person and self._ctx.why_not_active(owner) else owner

    def _owner(self, check: Check) -> str | None:
        """Who answers for the area; where nobody who works here does, owner or deputy."""
        if check.area not in self._owners:
            self._owners[check.area] = self._owner_of(check.area)
        return self._owners[check.area]

    def _owner_of(self, area: Area) -> str | None:
        ownership = self._system.ownership
        if ownership is None:
            return None
        domains = ownership.domains
        by_area = {
            "rollback": domains.reliability,
            "reliability": domains.reliability,
            "detection": domains.reliability,
            "cost": domains.cost,
            "compliance": domains.compliance,
        }
        held = by_area.get(area)
        named = (held, ownership.accountable, ownership.deputy)
        present = (name for name in named if name and not self._ctx.why_not_active(name))
        return next(present, held or ownership.accountable)


def _shows_something(outcome: Outcome) -> bool:
    return outcome.status in {"passed", "failed"} or outcome.reason in {"expired", "too_few"}


def _until(outcome: Outcome, places: Sequence[Graded], minimum: Grade) -> datetime | None:
    """When the pass ends by itself: its own limit, or an attestation that its grade needs."""
    needed = [g.until for g in places if g.until is not None and g.without < minimum]
    own = [outcome.valid_until] if outcome.valid_until else []
    return min([*own, *needed], default=None)


def last_line(error: BaseException, check: Check) -> Where | None:
    """The last line of the check's own file that the crash went through."""
    file = code_of(check).co_filename
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    if not lines:
        return None
    return Where(path="/".join(Path(file).parts[-2:]), line=lines[-1])
