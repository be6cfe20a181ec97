"""One organisation's operating model: everything that the workbook claims, read once, frozen."""

from collections.abc import Iterator, Mapping

from pydantic import AwareDatetime

from ops_model.domain.change import Change
from ops_model.domain.compliance import Compliance
from ops_model.domain.cost import CostPlan
from ops_model.domain.decisions import Decisions
from ops_model.domain.evidence import ClaimRef, Statement
from ops_model.domain.fallback import FallbackPlan
from ops_model.domain.incidents import Incident
from ops_model.domain.named_files import path_in
from ops_model.domain.on_call import OnCallRotation
from ops_model.domain.ownership import Ownership
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.portfolio import Portfolio
from ops_model.domain.rollback import RollbackPlan
from ops_model.domain.scalars import Slug
from ops_model.domain.scenarios import Scenario
from ops_model.domain.service_levels import ServiceLevels
from ops_model.domain.signals import Signals
from ops_model.domain.signers import Signer
from ops_model.domain.system import AISystem
from ops_model.domain.values import Claim, ClaimFile, Value, Where, claim_digest
from ops_model.domain.workbook import WorkbookSettings

AREA_FILES: dict[str, tuple[str, type[ClaimFile]]] = {
    "identity": ("system.yaml", AISystem),
    "ownership": ("ownership.yaml", Ownership),
    "on_call": ("on_call.yaml", OnCallRotation),
    "decisions": ("decisions.yaml", Decisions),
    "rollback": ("rollback.yaml", RollbackPlan),
    "fallback": ("fallback.yaml", FallbackPlan),
    "service_levels": ("service_levels.yaml", ServiceLevels),
    "signals": ("signals.yaml", Signals),
    "cost": ("cost.yaml", CostPlan),
    "compliance": ("compliance.yaml", Compliance),
    "change": ("change.yaml", Change),
}
"""Attribute of `SystemClaims`, its file in the system's folder, and the object it holds."""

_NAMED: Mapping[str, tuple[str, str, str]] = {
    "dependency": ("identity", "dependencies", "id"),
    "failure_mode": ("identity", "failure_modes", "id"),
    "strategy": ("identity", "strategy", "id"),
    "version": ("identity", "other_versions", "label"),
    "handoff": ("ownership", "handoffs", "id"),
    "layer": ("on_call", "layers", "id"),
    "right": ("decisions", "rights", "action"),
    "seat": ("decisions", "review.seats", "seat"),
    "condition": ("decisions", "review.conditions", "id"),
    "communication": ("decisions", "communication", "audience"),
    "fallback": ("fallback", "paths", "id"),
    "objective": ("service_levels", "objectives", "id"),
    "agreement": ("service_levels", "agreements", "objective"),
    "feed": ("signals", "feeds", "id"),
    "log": ("signals", "logs", "id"),
    "baseline": ("signals", "baselines", "id"),
    "monitor": ("signals", "monitors", "id"),
    "playbook": ("signals", "playbooks", "id"),
    "segment": ("signals", "critical_segments", "id"),
    "outcome": ("signals", "outcomes", "id"),
    "rule": ("signals", "rules", "id"),
    "contract": ("signals", "contracts", "id"),
    "canaries": ("signals", "canaries", "id"),
    "guardrail": ("signals", "guardrails", "id"),
    "ceiling": ("cost", "ceilings", "id"),
    "unit": ("cost", "units", "id"),
    "comparison": ("cost", "comparisons", "id"),
    "bill": ("cost", "bills", "id"),
    "cost_action": ("cost", "actions", "id"),
    "security": ("compliance", "security", "id"),
    "audit_question": ("compliance", "audit_questions", "id"),
    "change_request": ("change", "requests", "id"),
    "rollout": ("change", "rollouts", "id"),
    "environment": ("change", "environments", "id"),
    "candidate": ("change", "candidates", "id"),
}
"""What a claim may name: the kind, the area and key that hold it, and the field that is its id."""

INCIDENTS_FOLDER = "incidents"
"""The folder of a system that holds one file for each incident."""


class SystemClaims(Claim):
    """All that the workbook says about one system; an area that has no file is None.

    `not_there` are the paths that the files name, as of a runbook, and at which no file lay below
    the workbook when it was read.
    """

    id: Slug
    identity: AISystem
    ownership: Ownership | None = None
    on_call: OnCallRotation | None = None
    decisions: Decisions | None = None
    rollback: RollbackPlan | None = None
    fallback: FallbackPlan | None = None
    service_levels: ServiceLevels | None = None
    signals: Signals | None = None
    cost: CostPlan | None = None
    compliance: Compliance | None = None
    change: Change | None = None
    incidents: tuple[Incident, ...] = ()
    not_there: tuple[str, ...] = ()

    @property
    def where(self) -> Where:
        """The first line of the system's own file."""
        return self.identity.where

    def missing_file(self, attribute: str) -> Where:
        """The place where the file of an absent area would stand."""
        return Where(path=f"systems/{self.id}/{AREA_FILES[attribute][0]}")

    def lies_there(self, text: str | None) -> bool | None:
        """Whether a file lies where a claim says that one does; None where the text is no path."""
        path = path_in(text)
        return None if path is None else path not in self.not_there

    def names(self) -> Mapping[str, frozenset[str]]:
        """The ids that a mechanism or another reference may name, by kind.

        A kind is a word as in `monitor/accuracy`; what an absent area would hold is empty.
        """
        return {kind: self.named(kind) for kind in (*_NAMED, "incident", "duty")}

    def named(self, kind: str) -> frozenset[str]:
        """The ids of one kind; none where there is no such kind."""
        if kind == "incident":
            return frozenset(incident.id for incident in self.incidents)
        if kind == "duty":
            return frozenset(self.ownership.duties if self.ownership is not None else ())
        found = self._ids(*_NAMED[kind]) if kind in _NAMED else frozenset()
        return found | {self.identity.version.label} if kind == "version" else found

    def _ids(self, area: str, keys: str, key: str) -> frozenset[str]:
        held = getattr(self, area)
        for name in keys.split(".") if held is not None else ():
            held = getattr(held, name)
        return frozenset(getattr(thing, key) for thing in held or ())

    def has(self, mechanism: str) -> bool:
        """True when a mechanism exists: an area's file (`rollback`), or a thing in one."""
        kind, _, name = mechanism.partition("/")
        if name:
            return name in self.named(kind)
        return kind in AREA_FILES and getattr(self, kind) is not None

    def files(self) -> Iterator[ClaimFile]:
        """The files that there are, in the order of the areas, incidents last."""
        areas = (getattr(self, attribute) for attribute in AREA_FILES)
        yield from (area for area in areas if area is not None)
        yield from self.incidents

    def claim_refs(self, *attributes: str) -> tuple[ClaimRef, ...]:
        """The digests of the named areas' files (all that exist, when none is named)."""
        refs = []
        for attribute in attributes or tuple(AREA_FILES):
            value = getattr(self, attribute)
            if value is not None:
                refs.append(ClaimRef(file=AREA_FILES[attribute][0], digest=claim_digest(value)))
        if not attributes:
            refs += [
                ClaimRef(file=f"{INCIDENTS_FOLDER}/{i.id}.yaml", digest=claim_digest(i))
                for i in self.incidents
            ]
        return tuple(refs)


class OperatingModel(Value):
    """The whole workbook, frozen."""

    settings: WorkbookSettings
    people: People
    policy: Policy
    portfolio: Portfolio | None = None
    signers: tuple[Signer, ...] = ()
    systems: tuple[SystemClaims, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    """Those of the workbook's own; the shipped ones are no claims of it."""

    def system(self, system_id: str) -> SystemClaims | None:
        """The system of this id, or None."""
        return next((s for s in self.systems if s.id == system_id), None)

    def builders(self, system: SystemClaims) -> tuple[str, ...]:
        """Who built the version that serves: those who trained it, and the build team's people."""
        return builders_of(system, self.people)


def builders_of(system: SystemClaims, people: People) -> tuple[str, ...]:
    """Who built the version that serves: those who trained it, and the build team's people."""
    identity = system.identity
    team = (person.id for person in people.members(identity.teams.build))
    return tuple(dict.fromkeys((*identity.version.trained_by, *team)))


class Snapshot(Value):
    """What a kernel gets instead of the ledger: one system's claims and statements, by ids.

    Bundles seal claims and policy from here, so people appear without names and contacts.
    """

    workbook: str
    system: SystemClaims
    people: People
    policy: Policy
    portfolio: Portfolio | None = None
    signers: tuple[Signer, ...] = ()
    settings: WorkbookSettings
    as_of: AwareDatetime
    ledger_size: int
    statements: tuple[Statement, ...] = ()
    scenarios: tuple[Scenario, ...] = ()


class PortfolioSnapshot(Value):
    """What a kernel gets for a run about all systems together: the same of every one, by ids."""

    workbook: str
    systems: tuple[SystemClaims, ...]
    people: People
    policy: Policy
    portfolio: Portfolio | None = None
    signers: tuple[Signer, ...] = ()
    settings: WorkbookSettings
    as_of: AwareDatetime
    ledger_size: int
    statements: tuple[Statement, ...] = ()
    scenarios: tuple[Scenario, ...] = ()

    def told_of(self) -> Mapping[str, tuple[Statement, ...]]:
        """The statements about each system, in their order; none for whoever has none."""
        told: dict[str, list[Statement]] = {system.id: [] for system in self.systems}
        for statement in self.statements:
            told.setdefault(statement.subject, []).append(statement)
        return {subject: tuple(statements) for subject, statements in told.items()}

    def of(self, system: SystemClaims, told: tuple[Statement, ...]) -> Snapshot:
        """The part that is about one system, with what was told of it."""
        return Snapshot(
            workbook=self.workbook,
            system=system,
            people=self.people,
            policy=self.policy,
            portfolio=self.portfolio,
            signers=self.signers,
            settings=self.settings,
            as_of=self.as_of,
            ledger_size=self.ledger_size,
            statements=told,
            scenarios=self.scenarios,
        )

    def claim_refs(self) -> tuple[ClaimRef, ...]:
        """The digests of the files that such a run rests on, as far as there are any."""
        if self.portfolio is None:
            return ()
        return (ClaimRef(file="portfolio.yaml", digest=claim_digest(self.portfolio)),)
