"""Frameworks, their controls, and which check groups speak of which: data, dated and uncertain.

A mapping is a hypothesis that what a check group shows supports a control. ops-model says
`supports`, `partly supports` or `not covered`, and never more.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from ops_model.domain.compliance import FrameworkKey
from ops_model.domain.jurisdictions import EUROPE
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.system import Kind
from ops_model.domain.values import Day, Digest, Text, Value, digest_of

FrameworkStatus = Literal["in_force", "voluntary", "announced", "rescinded", "unknown"]
Certainty = Literal["sure", "secondary", "unconfirmed"]
"""`secondary`: taken from pages about the source; `unconfirmed`: ask counsel before relying."""
CERTAINTY_WORDS: Mapping[Certainty, str] = {
    "sure": "read in the source",
    "secondary": "from secondary pages, not read in the source",
    "unconfirmed": "unconfirmed, ask counsel",
}


class StatusChange(Value):
    """From a day on the framework, or the part of it that `articles` names, has this status.

    Without `on` nobody knows the day; the status is then `unknown` to whoever asks by date.
    """

    on: Day | None = None
    status: FrameworkStatus
    articles: Text | None = None
    certainty: Certainty
    note: Text | None = None


class Framework(Value):
    """A framework: what it is, whom it speaks to, and how its status changed."""

    key: FrameworkKey
    title: Text
    changes: Annotated[tuple[StatusChange, ...], Field(min_length=1)]
    superseded_by: FrameworkKey | None = None
    kinds: tuple[Kind, ...] = ()
    roles: tuple[Literal["provider", "deployer"], ...] = ()
    risk_classes: tuple[Literal["none", "limited", "high"], ...] = ()
    jurisdictions: tuple[Literal["EU", "US", "SG"], ...] = ()
    binding: bool
    reviewed_by: Text
    reviewed_on: Day
    source: Text
    note: Text | None = None

    def status_on(self, day: date) -> StatusChange:
        """The change of the whole framework in force on a day; `unknown` before the first."""
        begun = [c for c in self.changes if c.articles is None and c.on and c.on <= day]
        if begun:
            return max(begun, key=lambda change: (change.on or day, change.status))
        return StatusChange(status="unknown", certainty="unconfirmed")


class Control(Value):
    """One control by its id, with a title in our own words."""

    framework: FrameworkKey
    id: str
    title: Text


class ControlMapping(Value):
    """That what a check group shows supports a control; `weak` can support it in part only."""

    group: str
    shows: Text
    framework: FrameworkKey
    control: str
    weak: bool = False
    certainty: Text


class Register(Value):
    """All that is known of frameworks: `checks/frameworks.yaml` and `checks/controls.csv`."""

    frameworks: tuple[Framework, ...] = ()
    controls: tuple[Control, ...] = ()
    mappings: tuple[ControlMapping, ...] = ()

    def framework(self, key: str) -> Framework | None:
        """The framework of this key, or None."""
        return next((f for f in self.frameworks if f.key == key), None)

    def knows(self, framework: str, control: str) -> bool:
        """True when the register has this control of this framework."""
        return any(c.framework == framework and c.id == control for c in self.controls)

    def binds(self, key: str, system: SystemClaims) -> bool | None:
        """Whether a framework speaks to a system; None where the claims do not say."""
        framework = self.framework(key)
        if framework is None:
            return False
        return _all_of(_asked(framework, system))

    def digest_on(self, day: date, system: SystemClaims) -> Digest:
        """What a sign-off rests on: the status on a day of each framework that may speak to it."""
        return digest_of(
            {
                f.key: f.status_on(day).status
                for f in self.frameworks
                if self.binds(f.key, system) is not False
            }
        )


def _asked(framework: Framework, system: SystemClaims) -> list[bool | None]:
    """Each condition of a framework, as the system's claims answer it."""
    legal = system.compliance.legal if system.compliance is not None else None
    asked: list[bool | None] = []
    if framework.kinds:
        asked.append(system.identity.kind in framework.kinds)
    if framework.roles:
        role = legal.role if legal is not None else "unknown"
        asked.append(None if role == "unknown" else role == "both" or role in framework.roles)
    if framework.risk_classes:
        risk = legal.risk_class if legal is not None else "unknown"
        asked.append(None if risk == "unknown" else risk in framework.risk_classes)
    if framework.jurisdictions:
        places = set(legal.jurisdictions) if legal is not None else set()
        wanted = {j for j in framework.jurisdictions if j != "EU"}
        europe = "EU" in framework.jurisdictions and bool(places & EUROPE)
        asked.append(bool(places & wanted) or europe if places else None)
    return asked


def _all_of(asked: list[bool | None]) -> bool | None:
    if False in asked:
        return False
    return None if None in asked else True
