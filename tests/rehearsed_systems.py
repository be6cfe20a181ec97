"""Three systems with which no game day finds anything, and the ways to spoil them.

They are those of the example by kind: one predictive, one that answers customers, one pilot that
never served. Take one, spoil one thing (`planted_gaps`), and a walk has to find that alone.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ops_model.domain.detection_served import ModelSeen
from ops_model.domain.evidence import Attestation, Record
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import digest_of
from tests.builders import (
    AREAS,
    PEOPLE,
    PORTFOLIO,
    a_fallback_drill,
    a_model,
    a_system,
    all_records,
    an_attestation,
)
from tests.shown_running import a_swap
from tests.shown_signals import a_guardrail, an_identity

AT = datetime(2013, 7, 27, 2, tzinfo=UTC)
"""Saturday, 02:00; ana-ruiz is primary and bo-li secondary."""
SYSTEMS = ("flight-delay", "support-assistant", "invoice-extractor")
SHA = "sha256:" + "e" * 64
Areas = dict[str, Any]


def _right(action: str, **more: Any) -> dict[str, Any]:
    values = {"holder": "primary", "backup": "secondary", "autonomy": "alone"}
    return {"action": action, "max_minutes_to_decide": "5", **values, **more}


RIGHTS = [
    *(_right(action) for action in ("rollback", "failover", "override_output", "disable")),
    _right("edge_case", money_limit="4200.00 EUR"),
    _right("notify_users"),
    _right("restore", autonomy="consult_one"),
    _right("retrain", holder="cy-data", backup="bo-li", autonomy="consult_one"),
    _right("adopt_change", holder="ana-ruiz"),
    _right("raise_cost_ceiling", holder="ed-fin"),
    _right("go_live", holder="fay-product", autonomy="needs_approval", approvers=["di-legal"]),
]


def _modes(*kinds: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"id": kind.replace("_", "-"), "description": f"it fails as {kind}", "kind": kind,
         "detect_by": ["quality", "inputs"], "respond_by": [response]}
        for kind, response in kinds
    ]  # fmt: skip


def _common() -> Areas:
    areas = deepcopy(dict(AREAS))
    areas["identity"]["failure_modes"] = _modes(
        ("wrong_output", "rollback"), ("stale_data", "fallback"), ("unavailable", "fallback"),
        ("cost_runaway", "disable"), ("drift", "rollback"),
    )  # fmt: skip
    areas["identity"]["failure_modes"][0]["scenarios"] = ["G01"]
    areas["decisions"]["rights"] = deepcopy(RIGHTS)
    signals = areas["signals"]
    signals["outcomes"][0]["baseline_span"] = "spring"
    areas["cost"]["units"][0]["value"] = "2.00 USD"
    return areas


def flight_delay() -> Areas:
    """A model of our own that a partner runs with us, with a handoff that is done."""
    areas = _common()
    areas["ownership"]["duties"]["improvement"]["deputy"] = "pat-partner"
    areas["ownership"]["handoffs"] = [
        {"id": "to-ana", "outgoing": "bo-li", "incoming": "ana-ruiz", "effective": "2013-07-15",
         "items": [{"topic": "runbook", "evidence": "gone through on 10 July"}]}
    ]  # fmt: skip
    areas["ownership"]["transition"] = {
        "partner_team": "partner-team",
        "ladders": [
            {"duty": "improvement", "steps": [{"phase": "own_led", "starts": "2013-03-01"}]}
        ],
    }
    return areas


def _calls_a_model(areas: Areas) -> None:
    """A model of a provider, another one after it, and people after both."""
    identity = areas["identity"]
    identity["kind"] = "llm_app"
    for version in (identity["version"], *identity["other_versions"]):
        version["provider_model_id"] = "large-2013-01"
        version["prompt_digest"] = "sha256:" + version["label"][-1] * 64
        version.pop("model_digest", None)
    common = {"kind": "model_provider", "deprecation_notice_days": "30",
              "data_sent": ["internal"], "data_allowed": ["internal"]}  # fmt: skip
    identity["dependencies"] = [
        {**common, "id": "vendor", "name": "Example AI", "pinned_id": "large-2013-01",
         "expected_outage_hours_per_month": "3", "failure_domains": ["west"]},
        {**common, "id": "second", "name": "Other AI", "pinned_id": "medium-2013-02",
         "expected_outage_hours_per_month": "2", "failure_domains": ["east"]},
    ]  # fmt: skip
    identity["failure_modes"] += _modes(
        ("unsafe_output", "disable"), ("provider_change", "fallback")
    )
    areas["change"]["requests"][0]["challenger"]["repeats"] = "3"
    path = {**areas["fallback"]["paths"][0], "capacity_share": "0.9"}
    areas["fallback"]["paths"] = [
        {**path, "id": "other-provider", "replaces": "vendor", "provider": "second",
         "kind": "second_provider", "data_sent": ["internal"]},
        {**path, "id": "people", "replaces": "second", "kind": "human_queue"},
    ]  # fmt: skip
    areas["signals"]["guardrails"] = [
        {"id": scope.replace("_", "-"), "scope": scope, "items": "suite.jsonl",
         "items_digest": SHA, "floor": "0.95", "min_n": "100", "judge": "rule", "log": "served"}
        for scope in ("in_scope", "out_of_scope", "jailbreak")
    ]  # fmt: skip
    areas["signals"]["canaries"] = [
        {"id": "fixed", "dependency": "vendor", "log": "served", "prompt": "prompt",
         "answer": "answer", "baseline": "spring"}
    ]  # fmt: skip


def support_assistant() -> Areas:
    """An assistant at tier A that customers ask."""
    areas = _common()
    _calls_a_model(areas)
    areas["identity"] |= {"tier": "A", "customer_facing": "true"}
    return areas


def invoice_extractor() -> Areas:
    """A pilot at tier C that met its targets and serves nobody."""
    areas = _common()
    _calls_a_model(areas)
    areas["identity"] |= {"tier": "C", "customer_facing": "false", "stage_history": [
        {"stage": "pilot", "at": "2012-11-01T00:00:00Z", "by": "ana-ruiz"},
        {"stage": "pilot_passed", "at": "2013-07-01T00:00:00Z", "by": "ana-ruiz"},
    ]}  # fmt: skip
    areas["service_levels"].pop("capacity")
    areas["signals"]["feeds"] = []
    areas["decisions"]["communication"].pop(1)
    return areas


BUILT: dict[str, Callable[[], Areas]] = {
    "flight-delay": flight_delay,
    "support-assistant": support_assistant,
    "invoice-extractor": invoice_extractor,
}
WAITING = {"system": "invoice-extractor", "targets": ["97 of 100 read right"],
           "ended_on": "2013-07-01", "targets_met_on": "2013-07-01", "location": "test_env",
           "decide_by": "2013-09-30"}  # fmt: skip
PARTNER = {"id": "partner-team", "name": "Partner", "kind": "partner"}
MORE_PEOPLE = [
    {"id": "pat-partner", "name": "Pat Partner", "function": "reliability", "zone": "UTC",
     "active_from": "2012-01-01", "employer": "partner", "team": "partner-team"},
    {"id": "gil-gone", "name": "Gil Gone", "function": "platform", "zone": "UTC",
     "active_from": "2012-01-01", "active_to": "2013-07-19"},
]  # fmt: skip


@dataclass
class Rehearsed:
    """One of the three, as it is taken apart before it is walked."""

    system_id: str
    areas: Areas
    portfolio: dict[str, Any] = field(default_factory=dict)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    without: set[str] = field(default_factory=set)
    instead: list[Callable[[SystemClaims], Record]] = field(default_factory=list)
    besides: list[Callable[[SystemClaims], Record]] = field(default_factory=list)

    @classmethod
    def good(cls, system_id: str) -> "Rehearsed":
        """The system in order."""
        portfolio = deepcopy({**PORTFOLIO, "pilots": [*PORTFOLIO["pilots"], WAITING]})
        return cls(system_id, BUILT[system_id](), portfolio)

    def system(self) -> SystemClaims:
        """Its claims."""
        return a_system(self.system_id, incidents=self.incidents, **self.areas)

    def model(self, system: SystemClaims) -> OperatingModel:
        """The workbook around it."""
        people = {
            "people": [*PEOPLE["people"], *MORE_PEOPLE],
            "teams": [*PEOPLE["teams"], PARTNER],
        }
        return a_model(system, people=people, portfolio=self.portfolio)

    def records(self, system: SystemClaims) -> list[Record]:
        """What was shown of it, but for the kinds that were taken away."""
        shown = [*all_records(system), *_shown_besides(system)]
        new = [build(system) for build in self.instead]
        gone = self.without | {r.kind for r in new}
        kept = [r for r in shown if _name(r) not in gone and r.kind not in gone]
        found = [*kept, *new, *(build(system) for build in self.besides)]
        return [*found, *(_witness(system, r) for r in found if r.kind in _REHEARSED)]


_REHEARSED = ("rollback_drill", "fallback_drill", "swap_drill")


def _witness(system: SystemClaims, drill: Record) -> Attestation:
    """The signed word of somebody who was at a drill, which tier A asks for."""
    return an_attestation(
        system, topic="witness", of=digest_of(drill), person="di-legal", claims=(),
        text="I was there and saw it.", assurance="signed",
    )  # fmt: skip


def _name(record: Record) -> str:
    """What a record is taken away by: its kind, and the topic of a word."""
    return f"{record.kind}.{record.topic}" if isinstance(record, Attestation) else record.kind


def _shown_besides(system: SystemClaims) -> list[Record]:
    """What the builders do not show, since the system that they build has none of it."""
    paths = system.fallback.paths if system.fallback is not None else ()
    suites = system.signals.guardrails if system.signals is not None else ()
    found: list[Record] = [
        a_fallback_drill(system, path=p.id, notice_digest=digest_of(p.user_notice.text.encode()))
        for p in paths
        if p.user_notice is not None
    ]
    found += [a_guardrail(system, suite.scope) for suite in suites]
    for provider in system.identity.dependencies:
        if provider.kind == "model_provider":
            pinned = str(provider.pinned_id)
            seen = (ModelSeen(model=pinned, requests=900),)
            found.append(an_identity(system, dependency=provider.id, pinned=pinned, seen=seen))
            found.append(a_swap(system, dependency=provider.id, from_model=pinned))
    for handoff in system.ownership.handoffs if system.ownership is not None else ():
        said = {"topic": "handoff", "claims": (), "handoff": handoff.id, "of": handoff.digest()}
        found += [an_attestation(system, **{**said, "person": person, "text": "Taken over."})
                  for person in handoff.parties(system.ownership.accountable)]  # fmt: skip
    return found
