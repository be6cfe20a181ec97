"""Which fields of a claim name something else, what kind of thing, and where each is written.

A reference that names nothing is a finding (OM-06) and no error of reading: a workbook under
construction has many. A test walks every claim and refuses an id that stands in no table here.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from ops_model.domain.change import (
    ChangeCandidate,
    ChangeRequest,
    Difference,
    EnvironmentSnapshot,
    RolloutPlan,
    SwapPlan,
)
from ops_model.domain.compliance import (
    AuditQuestion,
    ControlClaim,
    RuleChangeHandled,
    SecurityControl,
)
from ops_model.domain.cost import CostCeiling, RunBudget, UnitEconomics, UsageLog
from ops_model.domain.decisions import (
    CommunicationPath,
    Condition,
    DecisionRight,
    ReviewQuestion,
    ReviewSeat,
)
from ops_model.domain.fallback import FallbackPath
from ops_model.domain.incidents import ClockRun, FollowUp, Incident, PostMortem
from ops_model.domain.named_files import path_in, paths_named
from ops_model.domain.on_call import Absence, Escalation, Layer, OnCallRotation, Override
from ops_model.domain.operating_model import AREA_FILES, OperatingModel, SystemClaims
from ops_model.domain.ownership import (
    Domains,
    DutyAssignment,
    Handoff,
    Ownership,
    Seam,
    TransitionPlan,
)
from ops_model.domain.policy import SwitchOff, Waiver
from ops_model.domain.rollback import RollbackPlan
from ops_model.domain.routes import means_somebody, parts_of
from ops_model.domain.saving_claims import Bill, CostAction, ModelComparison
from ops_model.domain.scenarios import SHIPPED_SCENARIOS
from ops_model.domain.service_levels import BurnRateAlert, Objective, ServiceLevelAgreement
from ops_model.domain.signals import BusinessRule, OutcomeMetric, RetrainPolicy
from ops_model.domain.signals_logged import Baseline, DataContract, DataFeed, Log
from ops_model.domain.signals_watched import (
    CanarySet,
    CriticalSegment,
    GuardrailSuite,
    Monitor,
    Playbook,
)
from ops_model.domain.system import (
    AISystem,
    Care,
    Dependency,
    FailureMode,
    Hypercare,
    LifecycleTeams,
    StageChange,
    StrategyClaim,
    VersionTuple,
)
from ops_model.domain.values import Claim, Declared, Where, value_fields

_ANYBODY = "person, team or role"
_OWNER = "person or team"
_ROUTE = "alert_route"
FILE = "file"
"""The kind of what lies below the workbook; an address in its place is no reference."""

REFERS: Mapping[type[Claim], Mapping[str, str]] = {
    Declared: {"by": "person"},
    AISystem: {"documentation": FILE},
    StageChange: {"by": "person", "teams": "team"},
    VersionTuple: {"trained_by": "person"},
    LifecycleTeams: {"data": "team", "build": "team", "product": "team", "customer": "team"},
    FailureMode: {"threatens": "strategy", "detect_by": "monitor", "scenarios": "scenario"},
    Care: {"owner": _OWNER},
    Hypercare: {"owner": _OWNER},
    Ownership: {"accountable": _OWNER, "deputy": _OWNER, "lifecycle_owner": _OWNER},
    Domains: {"reliability": _OWNER, "cost": _OWNER, "compliance": _OWNER},
    DutyAssignment: {"primary": _OWNER, "deputy": _OWNER},
    Seam: {"from_team": "team", "to_team": "team", "owner": _OWNER},
    Handoff: {"outgoing": "person", "incoming": "person"},
    TransitionPlan: {"partner_team": "team"},
    OnCallRotation: {"runbook": FILE},
    Layer: {"participants": "person"},
    Override: {"person": "person"},
    Absence: {"person": "person"},
    Escalation: {"target": _ANYBODY},
    DecisionRight: {"holder": _ANYBODY, "backup": _ANYBODY, "approvers": _ANYBODY},
    ReviewSeat: {"person": "person"},
    ReviewQuestion: {"answered_by": "person"},
    Condition: {"owner": _OWNER},
    CommunicationPath: {"owner": _ANYBODY},
    RollbackPlan: {"author": "person", "runbook": FILE},
    FallbackPath: {
        "replaces": "dependency",
        "provider": "dependency",
        "shares_failure_domain_with": "dependency",
    },
    Objective: {"log": "log", "monitor": "monitor", "feed": "feed"},
    ServiceLevelAgreement: {"objective": "objective"},
    BurnRateAlert: {"alert_route": _ROUTE},
    DataFeed: {"owner": _OWNER, "log": "log", "alert_route": _ROUTE},
    Log: {"warehouse": "warehouse"},
    Baseline: {"log": "log", "created_by": "person", "approved_by": "person"},
    Monitor: {
        "log": "log",
        "labels": "log",
        "feed": "feed",
        "outcome": "outcome",
        "canaries": "canaries",
        "attributions": "log",
        "baseline": "baseline",
        "playbook": "playbook",
        "alert_route": _ROUTE,
    },
    Playbook: {"who": _ANYBODY},
    CriticalSegment: {"monitor": "monitor"},
    OutcomeMetric: {"log": "log", "baseline_span": "baseline"},
    BusinessRule: {"log": "log", "owner": _OWNER, "incident": "incident"},
    DataContract: {"log": "log", "owner": _OWNER},
    CanarySet: {
        "dependency": "dependency",
        "log": "log",
        "baseline": "baseline",
        "traffic": "log",
    },
    GuardrailSuite: {"log": "log"},
    RetrainPolicy: {"triggers": "monitor", "decider": _ANYBODY, "doer": _ANYBODY},
    CostCeiling: {"provider": "dependency", "owner": _OWNER, "alert_route": _ROUTE},
    RunBudget: {"approved_by": "person"},
    CostAction: {"owner": _OWNER, "comparison": "comparison"},
    UsageLog: {"warehouse": "warehouse"},
    UnitEconomics: {"log": "log", "monitor": "monitor", "outcome": "outcome"},
    ModelComparison: {"warehouse": "warehouse"},
    Bill: {"warehouse": "warehouse"},
    SecurityControl: {"owner": _OWNER},
    ControlClaim: {"owner": _OWNER, "reviewed_by": "person"},
    AuditQuestion: {"owner": _OWNER},
    RuleChangeHandled: {"decided_by": "person"},
    ChangeRequest: {
        "from_version": "version",
        "to_version": "version",
        "requested_by": "person",
        "rollout": "rollout",
    },
    RolloutPlan: {"by": "person"},
    SwapPlan: {"dependency": "dependency"},
    Difference: {"owner": _OWNER},
    ChangeCandidate: {"decided_by": "person"},
    Incident: {"monitor": "monitor", "failure_mode": "failure_mode", "version": "version"},
    ClockRun: {"owner": _OWNER},
    FollowUp: {"owner": _OWNER},
    PostMortem: {"owner": _OWNER, "new_rules": "rule"},
    Waiver: {"accepted_by": "person"},
    SwitchOff: {"decided_by": "person"},
}
"""Field by field, the kind of thing that it names. Whether the kind is good enough (a team as an
owner, say) is for another check."""

NAMES_ITSELF: Mapping[type[Claim], frozenset[str]] = {
    cls: frozenset({"id"})
    for cls in (
        SystemClaims, Dependency, StrategyClaim, FailureMode, Handoff, Layer, Condition,
        FallbackPath, Objective, DataFeed, Log, Baseline, Monitor, Playbook, CriticalSegment,
        OutcomeMetric, BusinessRule, DataContract, CanarySet, GuardrailSuite,
        UsageLog, CostCeiling, UnitEconomics, ModelComparison, Bill,
        CostAction, SecurityControl, AuditQuestion, ChangeRequest, RolloutPlan,
        EnvironmentSnapshot, ChangeCandidate, Incident,
    )
}  # fmt: skip
"""The ids that are a thing's own name."""

ROLES = frozenset({"primary", "secondary"})


class Reference(NamedTuple):
    """One id, the kind of thing that it names, and the claim and key under which it stands."""

    name: str
    kind: str
    node: Claim
    key: str

    @property
    def where(self) -> Where:
        """Where it stands."""
        return self.node.place_of(self.key)


def nodes(value: object) -> list[Claim]:
    """A claim and every claim inside it, in the order in which they are written."""
    found: list[Claim] = []
    _gather(value, found)
    return found


def _gather(value: object, found: list[Claim]) -> None:
    if isinstance(value, tuple):
        for item in value:
            _gather(item, found)
    elif isinstance(value, Claim):
        found.append(value)
        for name in value_fields(type(value)):
            if (held := getattr(value, name)) is not None:
                _gather(held, found)
    elif isinstance(value, Mapping):
        for item in value.values():
            _gather(item, found)


def accepted(model: OperatingModel, system: SystemClaims) -> tuple[Waiver | SwitchOff, ...]:
    """What policy.yaml lets the system off: its waivers, and what is switched off for all."""
    waivers = (w for w in model.policy.waivers if w.system == system.id)
    return (*waivers, *model.policy.switched_off)


def references(model: OperatingModel, system: SystemClaims) -> tuple[Reference, ...]:
    """Every reference of the system's files, its waivers and what is switched off, in order.

    The team of each person whom they name is one too; that of a stranger to the system is not,
    since one system's verdict depends on no other's people. Nor is the system that a waiver names
    a reference: which others there are bears on no verdict, and `ops-model doctor` says where a
    waiver names none.
    """
    written = tuple(r for n in nodes((*system.files(), *accepted(model, system))) for r in _of(n))
    named = dict.fromkeys(reference.name for reference in written)
    people = [person for name in named if (person := model.people.person(name)) is not None]
    teams = (
        Reference(person.team, "team", person, "team")
        for person in people
        if person.team is not None
    )
    return (*written, *teams)


def _of(node: Claim) -> Iterator[Reference]:
    for key, kind in _naming(type(node)):
        value = getattr(node, key)
        for written in value if isinstance(value, tuple) else (value,):
            if kind == _ROUTE:
                parts = parts_of(written or "")
                yield from (Reference(str(p), kind, node, key) for p in parts if p.to is not None)
                continue
            name = path_in(written) if kind == FILE else written
            if name is not None:
                yield Reference(name, kind, node, key)


@cache
def _naming(cls: type[Claim]) -> tuple[tuple[str, str], ...]:
    """The keys of a class that name something, those of its bases too, each with the kind."""
    return tuple(item for base in cls.__mro__ for item in REFERS.get(base, {}).items())


def nameable(model: OperatingModel, system: SystemClaims) -> Mapping[str, frozenset[str]]:
    """The ids that there are, by the kind of thing that a reference may name."""
    people = frozenset(person.id for person in model.people.people)
    teams = frozenset(team.id for team in model.people.teams)
    areas = {attribute: getattr(system, attribute) for attribute in AREA_FILES}
    return {
        **system.names(),
        FILE: frozenset(paths_named(areas)) - {*system.not_there},
        "person": people,
        "team": teams,
        "warehouse": frozenset(w.id for w in model.settings.warehouses),
        "scenario": SHIPPED_SCENARIOS | {scenario.id for scenario in model.scenarios},
        _OWNER: people | teams,
        _ANYBODY: people | teams | ROLES,
        _ROUTE: _of_somebody(model, system),
    }


def _of_somebody(model: OperatingModel, system: SystemClaims) -> frozenset[str]:
    """The parts of the system's routes behind which there is somebody."""
    signals, levels, cost = system.signals, system.service_levels, system.cost
    routes = [
        *(m.alert_route for m in (signals.monitors if signals is not None else ())),
        *(f.alert_route for f in (signals.feeds if signals is not None else ())),
        *(a.alert_route for o in (levels.objectives if levels else ()) for a in o.alerts),
        *(c.alert_route for c in (cost.ceilings if cost is not None else ())),
    ]
    parts = dict.fromkeys(part for route in routes for part in parts_of(route or ""))
    known = model.settings.alert_routes
    return frozenset(str(p) for p in parts if means_somebody(p, system.id, model.people, known))
