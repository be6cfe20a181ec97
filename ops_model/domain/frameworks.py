"""Frameworks, their controls, and which check groups speak of which: data, dated and uncertain.

A mapping is a hypothesis that what a check group shows supports a control. ops-model says
`supports`, `partly supports` or `not covered`, and never more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ops_model.domain.compliance import FrameworkKey, LegalRole, Sector
from ops_model.domain.jurisdictions import EUROPE
from ops_model.domain.of_last import of_last
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.overclaims import no_overclaim
from ops_model.domain.scalars import Day, Digest, Flag, Text
from ops_model.domain.system import Kind
from ops_model.domain.values import Claim, digest_of

FrameworkStatus = Literal["not_yet", "announced", "voluntary", "in_force", "rescinded", "unknown"]
STATUS_WORDS: Mapping[FrameworkStatus, str] = {
    "not_yet": "not published yet",
    "announced": "announced, not in force yet",
    "voluntary": "published, voluntary",
    "in_force": "in force",
    "rescinded": "rescinded, historical only",
    "unknown": "not known",
}
_SINCE: Mapping[FrameworkStatus, str] = {
    "not_yet": "not published before {}",
    "announced": "announced on {}, not in force yet",
    "voluntary": "voluntary since {}",
    "in_force": "in force since {}",
    "rescinded": "rescinded on {}, historical only",
    "unknown": "not known since {}",
}
SPEAKING: frozenset[FrameworkStatus] = frozenset({"announced", "voluntary", "in_force", "unknown"})
"""The statuses of a framework that one has to look at: neither unpublished nor history."""
Certainty = Literal["sure", "secondary", "unconfirmed"]
"""`secondary`: taken from pages about the source; `unconfirmed`: ask counsel before relying."""
CERTAINTY_WORDS: Mapping[Certainty, str] = {
    "sure": "read in the source",
    "secondary": "from secondary pages, not read in the source",
    "unconfirmed": "unconfirmed, ask counsel",
}

Words = Annotated[Text, AfterValidator(no_overclaim)]
"""What stands beside a control on pages: it claims no more than evidence can show."""


class Scope(Claim):
    """Whom something speaks to; a list that is empty asks nothing."""

    kinds: tuple[Kind, ...] = ()
    roles: tuple[Literal["provider", "deployer"], ...] = ()
    risk_classes: tuple[Literal["none", "limited", "high"], ...] = ()
    jurisdictions: tuple[Literal["EU", "US", "SG"], ...] = ()
    sectors: tuple[Literal["bank", "other_financial", "other"], ...] = ()

    def speaks_to(self, system: SystemClaims) -> bool | None:
        """Whether it speaks to a system; None where the claims do not say."""
        answers = self._asked(system).values()
        if False in answers:
            return False
        return None if None in answers else True

    def not_said(self, system: SystemClaims) -> tuple[str, ...]:
        """The keys of `legal` in compliance.yaml that would have to say whether it speaks."""
        return tuple(key for key, answer in self._asked(system).items() if answer is None)

    def _asked(self, system: SystemClaims) -> dict[str, bool | None]:
        """Each condition, as the system's claims answer it."""
        legal = system.compliance.legal if system.compliance is not None else LegalRole()
        asked: dict[str, bool | None] = {}
        if self.kinds:
            asked["kind"] = system.identity.kind in self.kinds
        if self.roles:
            asked["role"] = _said(legal.role, self.roles, both="both")
        if self.risk_classes:
            asked["risk_class"] = _said(legal.risk_class, self.risk_classes)
        if self.jurisdictions:
            asked["jurisdictions"] = _in_place(legal, self.jurisdictions)
        if self.sectors:
            asked["sector"] = _said(legal.sector, self.sectors)
        return asked


class StatusChange(Scope):
    """From a day on the framework, or the part of it that `articles` names, has this status.

    Without `on` nobody knows the day. The scope is that of the part, within the framework's own.
    """

    on: Day | None = None
    status: FrameworkStatus
    articles: Words | None = None
    certainty: Certainty
    note: Words | None = None


class Framework(Scope):
    """A framework: what it is, whom it speaks to, and how its status changed."""

    key: FrameworkKey
    title: Words
    changes: Annotated[tuple[StatusChange, ...], Field(min_length=1)]
    superseded_by: FrameworkKey | None = None
    binding: Flag
    reviewed_by: Words
    reviewed_on: Day
    source: Words
    note: Words | None = None

    def of_part(self, part: str | None) -> tuple[StatusChange, ...]:
        """The changes of a part, or of the whole."""
        return tuple(change for change in self.changes if change.articles == part)

    def status_on(self, day: date, part: str | None = None) -> StatusChange:
        """The status of the framework, or of a part of it, on a day.

        A part is nothing while the whole is not published, history with it, and unknown with it.
        A part that begins later is announced. Without a dated change nobody knows.
        """
        found, status = self._found_on(day, part)
        if (found.status, found.articles) == (status, part):
            return found
        return found.model_copy(update={"status": status, "articles": part})

    def status_word_on(self, day: date, part: str | None = None) -> FrameworkStatus:
        """What `status_on` says in one word, for whoever asks no more."""
        return self._found_on(day, part)[1]

    def _found_on(self, day: date, part: str | None) -> tuple[StatusChange, FrameworkStatus]:
        """The change that a status rests on, and the status."""
        whole, status = _at(self.of_part(None), day)
        if part is None or status in {"not_yet", "rescinded", "unknown"}:
            return whole, status
        found, own = _at(self.of_part(part), day)
        return found, "announced" if own == "not_yet" else own

    def speaks_on(self, day: date, system: SystemClaims) -> bool | None:
        """Whether it is published on a day, is no history, and speaks to the system."""
        return self.status_word_on(day) in SPEAKING and self.speaks_to(system)

    def changed_between(self, after: date, until: date) -> tuple[StatusChange, ...]:
        """The dated changes of the whole and its parts after one day, up to another."""
        dated = [c for c in self.changes if c.on is not None and after < c.on <= until]
        return tuple(sorted(dated, key=lambda change: (change.on or until, change.articles or "")))


class Control(Scope):
    """One control by its id, with a title in our own words; `part` is the part it begins with."""

    framework: FrameworkKey
    id: Words
    title: Words
    part: Words | None = None


class ControlMapping(Claim):
    """That what a check group shows supports a control; `weak` can support it in part only.

    `group` is the letters of the ids, or one id where a row speaks of one check alone.
    """

    group: Words
    shows: Words
    framework: FrameworkKey
    control: Words
    weak: Flag = False
    certainty: Words

    def covers(self, check_id: str) -> bool:
        """True when the row speaks of this check."""
        return check_id == self.group or check_id.startswith(f"{self.group}-")


class Register(Claim):
    """All that is known of frameworks: `checks/frameworks.yaml` and the two lists beside it.

    `check_ids` are the checks that were loaded with it, of which its rows speak.
    """

    frameworks: tuple[Framework, ...] = ()
    controls: tuple[Control, ...] = ()
    mappings: tuple[ControlMapping, ...] = ()
    check_ids: tuple[str, ...] = ()

    def framework(self, key: str) -> Framework | None:
        """The framework of this key, or None."""
        return next((f for f in self.frameworks if f.key == key), None)

    def controls_of(self, framework: str) -> tuple[Control, ...]:
        """The controls of a framework that the register lists."""
        return tuple(c for c in self.controls if c.framework == framework)

    def control(self, framework: str, control: str) -> Control | None:
        """A control of a framework, or None."""
        return _controls(self).get((framework, control))

    def knows(self, framework: str, control: str) -> bool:
        """True when the register has this control of this framework."""
        return self.control(framework, control) is not None

    def mapped(self, framework: str, control: str) -> tuple[ControlMapping, ...]:
        """The rows that speak of a control."""
        return tuple(m for m in self.mappings if (m.framework, m.control) == (framework, control))

    def mapped_by(self, check_id: str) -> tuple[ControlMapping, ...]:
        """The rows that speak of a check."""
        return tuple(m for m in self.mappings if m.covers(check_id))

    def digest_on(self, day: date, system: SystemClaims) -> Digest:
        """What a sign-off rests on: the status on a day of all that may speak to the system."""
        return digest_of(self.statuses_on(day, system))

    def statuses_on(
        self, day: date, system: SystemClaims
    ) -> dict[str, dict[str, FrameworkStatus]]:
        """The status on a day of all that may speak to the system, by key and part.

        The part of a whole is an empty text. What is not published is left out, so that learning
        of a future framework voids nothing.
        """
        statuses: dict[str, dict[str, FrameworkStatus]] = {}
        for framework in self.frameworks:
            if framework.speaks_to(system) is False:
                continue
            parts = {c.articles for c in framework.changes if c.speaks_to(system) is not False}
            named = {part or "": framework.status_word_on(day, part) for part in parts}
            published: dict[str, FrameworkStatus] = {
                part: status for part, status in named.items() if status != "not_yet"
            }
            if published:
                statuses[framework.key] = published
        return statuses


# Each claim of each system is held against it.
@of_last
def _controls(register: Register) -> dict[tuple[str, str], Control]:
    return {(c.framework, c.id): c for c in reversed(register.controls)}


@dataclass(frozen=True)
class Unread:
    """What could not be read of a register, so that a name may stand there all the same.

    `frameworks` and `controls` say that some of their names are not known, `parts` of which
    frameworks some changes are not.
    """

    frameworks: bool = False
    controls: bool = False
    parts: frozenset[str] = frozenset()

    def __or__(self, other: "Unread") -> "Unread":
        """What could not be read of two folders."""
        return Unread(
            self.frameworks or other.frameworks,
            self.controls or other.controls,
            self.parts | other.parts,
        )


def status_said(framework: Framework, day: date, part: str | None = None) -> str:
    """The status on a day in words, with its certainty: `in force since 2025-02-02 (...)`."""
    status = framework.status_on(day, part)
    if status.on is None:
        return f"{STATUS_WORDS[status.status]} ({CERTAINTY_WORDS['unconfirmed']})"
    to_come = status.status == "announced" and status.on > day
    words = "announced, in force from {} on" if to_come else _SINCE[status.status]
    return f"{words.format(status.on)} ({CERTAINTY_WORDS[status.certainty]})"


def _at(changes: tuple[StatusChange, ...], day: date) -> tuple[StatusChange, FrameworkStatus]:
    """The change that holds on a day, and the status by it.

    Before the first of them it is the first one, `not_yet`; where one has no day it is unknown.
    One that has no day and is another than `unknown` may have begun after any that has.
    """
    dated = sorted((c for c in changes if c.on), key=lambda c: (c.on or day, c.status))
    begun = [c for c in dated if c.on and c.on <= day]
    ever = any(c.on is None and c.status != "unknown" for c in changes)
    if begun and not ever:
        return begun[-1], begun[-1].status
    if not dated or len(dated) < len(changes):
        part = changes[0].articles if changes else None
        unknown = StatusChange(status="unknown", certainty="unconfirmed", articles=part)
        return unknown, unknown.status
    return dated[0], "not_yet"


def _said(claimed: Sector | str, wanted: tuple[str, ...], both: str | None = None) -> bool | None:
    """Whether a claim is one of those wanted; None where it is `unknown`."""
    if claimed == "unknown":
        return None
    return claimed == both or claimed in wanted


def _in_place(legal: LegalRole, wanted: tuple[str, ...]) -> bool | None:
    """Whether one of the places is wanted, the Union's law holding in all of Europe."""
    places = set(legal.jurisdictions)
    if not places:
        return None
    return bool(places & set(wanted)) or ("EU" in wanted and bool(places & EUROPE))
