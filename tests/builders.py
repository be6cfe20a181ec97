"""A system that nothing is wrong with, and the evidence for it: take one, then spoil one thing.

    system = a_system(ownership={"accountable": "data-team"})
    model = a_model(system)
    evidence = an_evidence(system, *all_records(system))

Every claim knows a file and a line, as if the store had read it. `all_records` shows everything
that the shipped checks ask for at tier B.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from ops_model.check.api import Evidence
from ops_model.check.enough import judging_of
from ops_model.domain.assessment import Assessment
from ops_model.domain.detection import (
    ColumnDrift,
    DriftMeasurement,
    QualityMeasurement,
    SegmentQuality,
)
from ops_model.domain.evidence import (
    Attestation,
    ClaimRef,
    Measured,
    Record,
    RunOrigin,
    Statement,
    Verification,
    VerifiedBundle,
)
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.operating_model import AREA_FILES, OperatingModel, SystemClaims
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.portfolio import Portfolio
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.sign_off import ReviewPack, SignOff
from ops_model.domain.spend import RouteTest, SpendMeasurement
from ops_model.domain.trials import (
    AccessAttempt,
    AccessDrill,
    EnvironmentRecord,
    Reproduction,
)
from ops_model.domain.values import Claim, Located, Where, Window, digest_of
from ops_model.domain.walk_scene import Judging
from ops_model.domain.workbook import WorkbookSettings

Read = TypeVar("Read", bound=Claim)

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
SHIPPED = "sha256:" + "a" * 64
"""The digest of a notebook that counts as shipped."""
RUN = "run-1"
URGENT = ("rollback", "failover", "disable")
"""What whoever is on call has shown to be able to do."""
NOTICE = "Delays are estimated from the last good weather hour."

QUICKLY = {"max_minutes_to_decide": "5"}
DECLARED = {"by": "bo-li", "at": "2013-02-01T00:00:00Z"}
"""Written a month before the system went live."""

AREAS: Mapping[str, dict[str, Any]] = {
    "identity": {
        "name": "Flight delay",
        "kind": "predictive",
        "tier": "B",
        "purpose": "says whether a flight arrives late",
        "users": "gate staff",
        "customer_facing": "true",
        "stage_history": [
            {
                "stage": "pilot",
                "at": "2012-11-01T00:00:00Z",
                "by": "ana-ruiz",
                "teams": ["model-team", "platform-team"],
            },
            {"stage": "live", "at": "2013-03-01T00:00:00Z", "by": "ana-ruiz"},
        ],
        "version": {
            "label": "v2",
            "model_ref": "models/v2.json",
            "model_digest": "sha256:" + "2" * 64,
            "data_snapshot_digest": "sha256:" + "3" * 64,
            "feature_spec": "weather-and-hour",
            "code_commit": "582320c",
            "trained_by": ["cy-data"],
            "in_production_since": "2013-03-01T00:00:00Z",
        },
        "other_versions": [
            {
                "label": "v1",
                "model_ref": "models/v1.json",
                "model_digest": "sha256:" + "1" * 64,
                "feature_spec": "weather-and-hour",
                "trained_by": ["cy-data"],
            },
            {"label": "v3", "model_ref": "models/v3.json", "trained_by": ["cy-data"]},
        ],
        "dependencies": [
            {
                "id": "weather-feed",
                "kind": "data_feed",
                "name": "hourly weather",
                "expected_outage_hours_per_month": "6",
                "data_sent": ["public"],
                "data_allowed": ["public"],
            }
        ],
        "failure_modes": [
            {
                "id": "wind-unlike-training",
                "description": "says on time because it never saw such wind",
                "kind": "drift",
                "threatens": ["calm-gates"],
                "detect_by": ["inputs"],
                "respond_by": ["rollback"],
                "scenarios": ["G06"],
            }
        ],
        "documentation": "docs/flight-delay.md",
        "support": {"channel": "desk 4", "hours": "always", "first_response_minutes": "15"},
        "care": {
            "monitoring": {"every_days": "1", "owner": "ana-ruiz"},
            "evaluation": {"every_days": "28", "owner": "cy-data"},
            "retraining": {"every_days": "180", "owner": "cy-data"},
            "governance": {"every_days": "90", "owner": "di-legal"},
        },
        "intended_use": ["gate staff plan an hour ahead"],
        "out_of_scope": ["rebooking passengers"],
        "affected_parties": "passengers who wait at the gate",
        "decision_impact": "human_in_loop",
        "teams": {
            "data": "data-team",
            "build": "model-team",
            "product": "gate-team",
            "customer": "desk-team",
        },
        "strategy": [
            {
                "id": "calm-gates",
                "section": "business_case",
                "text": "a best effort towards calm gates",
                "source": "board paper of June 2012, page 4",
                "mechanisms": ["monitor/quality", "rollback"],
            }
        ],
    },
    "ownership": {
        "accountable": "ana-ruiz",
        "deputy": "bo-li",
        "domains": {"reliability": "bo-li", "cost": "ed-fin", "compliance": "di-legal"},
        "lifecycle_owner": "ana-ruiz",
        "duties": {
            "feeding": {"primary": "bo-li", "deputy": "ana-ruiz"},
            "monitoring": {"primary": "ana-ruiz", "deputy": "bo-li"},
            "retraining_judgement": {"primary": "cy-data", "deputy": "bo-li"},
            "cost_control": {"primary": "ed-fin", "deputy": "ana-ruiz"},
            "policy_updates": {"primary": "di-legal", "deputy": "ana-ruiz"},
            "improvement": {"primary": "fay-product", "deputy": "cy-data"},
        },
        "seams": [
            {"from_team": "data-team", "to_team": "model-team", "owner": "bo-li"},
            {"from_team": "model-team", "to_team": "gate-team", "owner": "ana-ruiz"},
            {"from_team": "gate-team", "to_team": "desk-team", "owner": "fay-product"},
        ],
    },
    "on_call": {
        "layers": [
            {
                "id": role,
                "role": role,
                "zone": "UTC",
                "starts": "2013-01-07T00:00:00",
                "rule": "FREQ=WEEKLY",
                "shift_hours": "168",
                "participants": people,
            }
            for role, people in (
                ("primary", ["ana-ruiz", "bo-li"]),
                ("secondary", ["bo-li", "ana-ruiz"]),
            )
        ],
        "escalation": [
            {"target": "primary", "ack_within_minutes": "10"},
            {"target": "secondary", "ack_within_minutes": "10"},
        ],
        "declared": DECLARED,
    },
    "decisions": {
        "rights": [
            {"action": "rollback", "holder": "primary", "autonomy": "tell_after", **QUICKLY},
            {"action": "retrain", "holder": "cy-data", "autonomy": "consult_one"},
            {
                "action": "edge_case",
                "holder": "primary",
                "autonomy": "alone",
                "money_limit": "500.00 USD",
            },
            {"action": "override_output", "holder": "secondary", "autonomy": "alone", **QUICKLY},
            {"action": "adopt_change", "holder": "ana-ruiz", "autonomy": "alone"},
            {"action": "failover", "holder": "primary", "autonomy": "tell_after", **QUICKLY},
            {"action": "disable", "holder": "primary", "autonomy": "tell_after", **QUICKLY},
            {"action": "notify_users", "holder": "primary", "autonomy": "tell_after"},
            {"action": "restore", "holder": "primary", "autonomy": "tell_after"},
            {"action": "raise_cost_ceiling", "holder": "ed-fin", "autonomy": "tell_after"},
        ],
        "communication": [
            {
                "audience": audience,
                "owner": owner,
                "channel": channel,
                "within_minutes": "30",
                "text": "The estimates are wrong; follow the displays.",
            }
            for audience, owner, channel in (
                ("users", "bo-li", "gate screen"),
                ("public", "fay-product", "press desk"),
                ("support", "bo-li", "desk 4"),
                ("owner", "primary", "pager"),
            )
        ],
        "review": {
            "opened_at": "2013-02-11T08:00:00Z",
            "seats": [
                {
                    "seat": seat,
                    "person": person,
                    "questions": [
                        {"question": question, "answer": answer, "answered_by": "ana-ruiz"}
                    ],
                }
                for seat, person, question, answer in (
                    ("product", "fay-product", "who waits when it is wrong?", "the gate, an hour"),
                    ("reliability", "bo-li", "how do we go back?", "the alias, in a minute"),
                    ("compliance", "di-legal", "does it decide on people?", "no, on gates"),
                )
            ],
        },
        "business_statement": "Gates plan an hour ahead, and we accept that one in five is wrong.",
    },
    "rollback": {
        "from_version": "v2",
        "to_version": "v1",
        "author": "bo-li",
        "feature_spec_compatible": "true",
        "steps": [
            {"kind": "switch_alias", "text": "point the alias at v1", "expected_seconds": "20"},
            {"kind": "verify", "text": "ask for the version", "expected_seconds": "10"},
        ],
        "declared": DECLARED,
    },
    "fallback": {
        "paths": [
            {
                "id": "last-good-hour",
                "replaces": "weather-feed",
                "trigger": "no row for two hours",
                "kind": "cache",
                "text": "serve from the last good hour",
                "capacity_share": "1",
                "expected_quality_delta": "-0.04",
                "max_hours": "12",
                "user_notice": {"text": NOTICE, "channel": "gate screen", "within_seconds": "30"},
            }
        ],
    },
    "service_levels": {
        "objectives": [
            {
                "id": "answers",
                "indicator": "availability",
                "target": "0.99",
                "window_days": "28",
                "log": "served",
                "alerts": [
                    {
                        "burn_rate": "14.4",
                        "lookback_hours": "1",
                        "severity": "page",
                        "alert_route": "pager",
                    }
                ],
            },
            {
                "id": "fast-answers",
                "indicator": "latency",
                "target": "0.95",
                "window_days": "28",
                "threshold_ms": "300",
                "log": "served",
                "alerts": [
                    {
                        "burn_rate": "6",
                        "lookback_hours": "6",
                        "severity": "page",
                        "alert_route": "pager",
                    }
                ],
            },
            {
                "id": "few-errors",
                "indicator": "errors",
                "target": "0.99",
                "window_days": "28",
                "log": "served",
            },
        ],
        "agreements": [{"to": "gate staff", "objective": "answers", "target": "0.98"}],
        "capacity": {
            "peak_requests_per_second": "80",
            "nodes": "3",
            "requests_per_second_per_node": "50",
            "scarce": "true",
            "alternative": "the smaller model on ordinary nodes",
            "batch": [
                {
                    "name": "nightly report",
                    "starts_hour_utc": "2",
                    "hours": "2",
                    "capacity_share": "0.4",
                }
            ],
            "priority": "serving_first",
        },
    },
    "signals": {
        "feeds": [
            {
                "id": "weather",
                "owner": "data-team",
                "freshness_max_minutes": "120",
                "watched": "all_days",
                "alert_route": "pager",
            }
        ],
        "log_policy": {
            "fields": {
                "input": "served.wind",
                "output": "served.prediction",
                "intent": "served.question",
                "outcome": "landed.late",
            },
            "retention_days": "365",
            "redaction": "no personal data is logged",
            "store_ref": "log",
        },
        "logs": [
            {
                "id": "served",
                "holds": "predictions",
                "address": "log",
                "timestamp": "at",
                "key": "flight",
            },
            {
                "id": "landed",
                "holds": "labels",
                "address": "labels",
                "timestamp": "at",
                "key": "flight",
            },
            {"id": "training", "holds": "training", "address": "training", "timestamp": "at"},
        ],
        "baselines": [
            {
                "id": "spring",
                "log": "served",
                "start": "2013-03-01T00:00:00Z",
                "end": "2013-04-01T00:00:00Z",
                "digest": "sha256:" + "c" * 64,
                "approved_by": "fay-product",
            }
        ],
        "monitors": [
            {
                "id": "quality",
                "signal": "output_quality",
                "log": "served",
                "labels": "landed",
                "baseline": "spring",
                "metric": "accuracy",
                "min_n": "100",
                "segments": ["origin"],
                "tolerable_drop": "0.05",
                "detect_within_hours": "240",
                "automated": "true",
                "alert_route": "pager",
                "playbook": "look-upstream",
            },
            {
                "id": "inputs",
                "signal": "input_distribution",
                "log": "served",
                "baseline": "spring",
                "metric": "w1_sd",
                "columns": ["wind"],
                "detect_within_hours": "24",
                "automated": "true",
                "alert_route": "pager",
                "playbook": "look-upstream",
            },
            *(
                {
                    "id": signal.replace("_", "-"),
                    "signal": signal,
                    "log": "served",
                    "metric": metric,
                    "automated": "true",
                    "alert_route": "pager",
                    "playbook": "look-upstream",
                    **more,
                }
                for signal, metric, more in (
                    ("confidence", "mean", {"baseline": "spring", "columns": ["probability"]}),
                    ("importance", "rank_correlation", {"baseline": "spring"}),
                    ("outcome", "mean", {"outcome": "gates-kept"}),
                    ("latency", "mean", {}),
                    ("errors", "rate", {}),
                    ("uptime", "rate", {}),
                )
            ),
        ],
        "critical_segments": [
            {
                "id": "overseas",
                "column": "origin",
                "value": "JFK",
                "why": "a missed connection costs a night",
                "monitor": "quality",
                "floor": "0.7",
            }
        ],
        "outcomes": [
            {
                "id": "gates-kept",
                "name": "gates that need no change",
                "unit": "share",
                "direction": "up",
                "baseline": "0.7",
                "target": "0.8",
                "source": "the gate plan",
            }
        ],
        "rules": [
            {
                "id": "share-is-a-share",
                "statement": "a probability lies between 0 and 1",
                "expr": "probability >= 0 and probability <= 1",
                "log": "served",
                "severity": "block",
                "owner": "bo-li",
                "origin": "known",
                "active_from": "2013-01-01",
                "good": [{"probability": "0.4"}],
                "bad": [{"probability": "1.4"}],
            }
        ],
        "retraining": {
            "triggers": ["inputs"],
            "decider": "cy-data",
            "doer": "cy-data",
            "max_days": "14",
            "must_pass": "the accuracy of v2 on the last quarter",
        },
        "playbooks": [
            {"id": "look-upstream", "first_15_minutes": ["look at the feed"], "who": "primary"}
        ],
        "declared": DECLARED,
    },
    "cost": {
        "currency": "USD",
        "ceilings": [
            {
                "id": "daily",
                "amount": "100.00 USD",
                "warn_at": ["0.5", "0.8", "1"],
                "hard_action": "throttle",
                "owner": "ed-fin",
                "alert_route": "pager",
            },
            {
                "id": "training",
                "scope": "training_run",
                "per": "run",
                "amount": "40.00 USD",
                "warn_at": ["0.8"],
                "hard_action": "stop",
                "owner": "ed-fin",
                "alert_route": "pager",
            },
        ],
        "run_budget": {
            "amount": "40000.00 USD",
            "starts": "2013-03-01",
            "months": "12",
            "source": "gate operations",
            "approved_by": "ed-fin",
        },
        "logs": [{"id": "compute", "unit": "hours", "address": "compute"}],
        "hour_prices": [
            {
                "resource": "cpu",
                "valid_from": "2013-01-01T00:00:00Z",
                "per_hour": "0.10",
                "source": "the price list of January",
            }
        ],
        "pilot_assumption": {
            "unit": "gate told",
            "units_per_day": "300",
            "cost_per_day": "37.50 USD",
            "source": "report of the pilot",
        },
        "units": [
            {
                "id": "gate-told",
                "unit": "gate told right",
                "success": "the plan of the gate held",
                "target_cost": "0.05 USD",
                "value": "2.00 USD",
            }
        ],
        "declared": DECLARED,
    },
    "compliance": {
        "legal": {
            "role": "deployer",
            "risk_class": "limited",
            "sector": "other",
            "jurisdictions": ["US"],
        },
        "controls": [
            {
                "framework": "nist-ai-rmf-1.0",
                "control": "GOVERN 2.1",
                "served_by": "ownership.yaml",
                "owner": "di-legal",
                "reviewed_by": "ana-ruiz",
                "reviewed_on": "2013-06-12",
            }
        ],
        "sensitivity": {"data": "public", "exposure": "public", "impact": "moderate"},
        "security": [
            {"id": control, "text": text, "in_place": "true", "owner": "bo-li"}
            for control, text in (
                ("access-by-role", "only gate staff can ask"),
                ("secrets-out-of-code", "keys lie in the vault"),
                ("rate-limit", "a screen asks once a second at most"),
                ("input-is-screened", "a question without a flight is refused"),
                ("override-by-person", "the desk can set a flight's answer by hand"),
            )
        ],
        "audit_questions": [
            {
                "id": "q1",
                "asked_by": "internal audit",
                "asked_at": "2013-05-01T08:00:00Z",
                "due": "2013-05-15",
                "question": "who approved v2?",
                "owner": "di-legal",
                "answer": "the review of 2013-02-25",
                "closed_at": "2013-05-10T08:00:00Z",
            }
        ],
    },
    "change": {
        "requests": [
            {
                "id": "to-v3",
                "kind": "model_swap",
                "from_version": "v2",
                "to_version": "v3",
                "why": "fewer false alarms in storms",
                "requested_by": "cy-data",
                "requested_at": "2013-07-01T08:00:00Z",
                "challenger": {
                    "environment": "test",
                    "metric": "accuracy",
                    "cases": "2000",
                    "margin": "0.01",
                    "cost_multiplier": "2",
                    "estimated_cost": "0.40 USD",
                },
                "rollout": "first-week",
            }
        ],
        "rollouts": [
            {
                "id": "first-week",
                "starts_at": "2013-08-01T08:00:00Z",
                "by": "bo-li",
                "stages": [
                    {"share": share, "min_hours": "24", "abort": "errors above 1 %"}
                    for share in ("0.05", "1")
                ],
            }
        ],
        "environments": [
            {
                "id": "gates",
                "environment": "prod",
                "taken_at": "2013-07-01T08:00:00Z",
                "hardware": "2 cores",
            },
            {
                "id": "lab",
                "environment": "test",
                "taken_at": "2013-07-01T08:00:00Z",
                "hardware": "1 core",
                "differences": [
                    {
                        "member": "hardware",
                        "here": "1 core",
                        "in_production": "2 cores",
                        "owner": "bo-li",
                    }
                ],
            },
        ],
        "candidates": [
            {
                "id": "gust-forecast",
                "text": "a feed of gusts",
                "found_on": "2013-06-01",
                "decide_by": "2013-08-31",
            }
        ],
    },
}
"""Each area's file as its YAML would hold it, every scalar as text."""

PEOPLE = {
    "people": [
        {
            "id": person,
            "name": name,
            "function": function,
            "zone": "UTC",
            "active_from": "2012-01-01",
            **more,
        }
        for person, name, function, more in (
            (
                "ana-ruiz",
                "Ana Ruiz",
                "reliability",
                {"team": "platform-team", "skills": ["systems", "security"]},
            ),
            (
                "bo-li",
                "Bo Li",
                "platform",
                {"team": "platform-team", "skills": ["ml", "systems", "security"]},
            ),
            ("cy-data", "Cy Data", "data_science", {"team": "model-team", "skills": ["ml"]}),
            ("fay-product", "Fay Product", "product", {"skills": ["business_ops"]}),
            ("di-legal", "Di Legal", "compliance", {}),
            ("ed-fin", "Ed Fin", "finance", {"skills": ["business_ops"]}),
            ("flo-risk", "Flo Risk", "executive", {}),
        )
    ],
    "teams": [
        {"id": team, "name": team.replace("-", " ").capitalize(), "kind": kind}
        for team, kind in (
            ("data-team", "data"),
            ("model-team", "build"),
            ("gate-team", "product"),
            ("desk-team", "customer"),
            ("platform-team", "platform"),
        )
    ],
}

PORTFOLIO: dict[str, Any] = {
    "operators_fte": "2",
    "wip_limit": "2",
    "pilots": [
        {
            "system": "flight-delay",
            "targets": ["accuracy of 0.8 over four weeks"],
            "ended_on": "2013-01-15",
            "targets_met_on": "2013-01-15",
            "location": "production",
        }
    ],
}
"""A pilot that met its targets, and was shipped six weeks later."""


def a_system(system_id: str = "flight-delay", **areas: Any) -> SystemClaims:
    """A system of tier B whose claims are all in order.

    Each keyword is an area (`identity`, `rollback`, ...): a dict changes some of its keys, None
    takes its file away. `tier` is a shortcut for one key of `identity`. `incidents` is a list of
    whole files; there is none by default. `not_there` are paths at which no file lies.
    """
    tier = areas.pop("tier", None)
    if tier is not None:
        areas["identity"] = {**areas.get("identity", {}), "tier": tier}
    built: dict[str, Any] = {
        "id": system_id,
        "not_there": areas.pop("not_there", ()),
        "incidents": [
            located(incident, f"systems/{system_id}/incidents/{incident['id']}.yaml")
            for incident in areas.pop("incidents", ())
        ],
    }
    for attribute, (file, _) in AREA_FILES.items():
        change = areas.get(attribute, {})
        if change is not None:
            built[attribute] = (
                located({**AREAS[attribute], **change}, f"systems/{system_id}/{file}")
                if change
                else _in_order(system_id, attribute)
            )
    return SystemClaims.model_validate(built)


class _ThisOne:
    """A system by which object it is: comparing what it says takes as long as its digests."""

    def __init__(self, system: SystemClaims) -> None:
        self.system = system

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ThisOne) and other.system is self.system

    def __hash__(self) -> int:
        return id(self.system)


@lru_cache(maxsize=256)
def _in_order(system_id: str, attribute: str) -> Claim:
    """An area that nothing spoils; being frozen, it may belong to any number of systems."""
    file, area = AREA_FILES[attribute]
    return area.model_validate(located(AREAS[attribute], f"systems/{system_id}/{file}"))


@lru_cache(maxsize=64)
def _digests(claims: _ThisOne, attributes: tuple[str, ...]) -> tuple[ClaimRef, ...]:
    return claims.system.claim_refs(*attributes)


def refs_of(system: SystemClaims, *attributes: str) -> tuple[ClaimRef, ...]:
    """What a record repeats of the claims that it rests on, worked out once for a system.

    All records of a system rest on the same few areas.
    """
    return _digests(_ThisOne(system), attributes)


def a_model(
    *systems: SystemClaims,
    policy: Mapping[str, Any] | None = None,
    people: Mapping[str, Any] | None = None,
    portfolio: Mapping[str, Any] | None = PORTFOLIO,
    zone: str = "UTC",
) -> OperatingModel:
    """A workbook of these systems, with the people and the pilots that there are."""
    return OperatingModel(
        settings=WorkbookSettings(name="Test", zone=zone),
        people=_everybody() if people is None else _read(People, people, "people.yaml"),
        policy=_read(Policy, policy or {}, "policy.yaml"),
        portfolio=_pilots() if portfolio is PORTFOLIO else _read_pilots(portfolio),
        systems=systems,
    )


def _read(file: type[Read], content: Mapping[str, Any], path: str) -> Read:
    return file.model_validate(located(content, path))


def _read_pilots(portfolio: Mapping[str, Any] | None) -> Portfolio | None:
    return None if portfolio is None else _read(Portfolio, portfolio, "portfolio.yaml")


@cache
def _everybody() -> People:
    """The people of most models; being frozen, they may belong to any number."""
    return _read(People, PEOPLE, "people.yaml")


@cache
def _pilots() -> Portfolio:
    return _read(Portfolio, PORTFOLIO, "portfolio.yaml")


def people_but(person: str, **changes: Any) -> dict[str, Any]:
    """Everybody, one of them changed."""
    return {
        **PEOPLE,
        "people": [{**p, **changes} if p["id"] == person else p for p in PEOPLE["people"]],
    }


def located(content: Any, path: str) -> Any:
    """Plain data as the store reads it: each mapping and key with the line where it stands."""
    line = 0

    def place(node: Any) -> Any:
        nonlocal line
        if isinstance(node, list):
            return [place(item) for item in node]
        if not isinstance(node, Mapping):
            return node
        here, places = Where(path=path, line=line + 1), {}
        out = Located()
        for key, value in node.items():
            line += 1
            places[key] = Where(path=path, line=line)
            out[key] = place(value)
            if isinstance(out[key], Located):
                places |= {f"{key}.{below}": w for below, w in out[key].places.items()}
        out.where, out.places = here, places
        return out

    return place(content)


def exact(value: float, unit: str = "count", n: int = 1) -> Measured:
    return Measured(value=value, unit=unit, n=n, no_interval="exact")


def share(value: float, n: int = 1000) -> Measured:
    return Measured(value=value, unit="share", n=n, low=value - 0.02, high=value + 0.02)


def a_coverage(system: SystemClaims, **changes: Any) -> CoverageMeasurement:
    values = {
        "system": system.id,
        "as_of": AS_OF,
        "claims": refs_of(system, "on_call", "decisions"),
        "days": 91,
        "covered_share": exact(1.0, "share", 2184),
        "people": ("ana-ruiz", "bo-li"),
        "people_by_role": dict.fromkeys(("primary", "secondary"), ("ana-ruiz", "bo-li")),
        "holes": (),
        "primary_now": "ana-ruiz",
        "secondary_now": "bo-li",
    }
    return CoverageMeasurement(**{**values, **changes})


def a_rollback_drill(system: SystemClaims, **changes: Any) -> RollbackDrill:
    values = {
        "system": system.id,
        "as_of": AS_OF - timedelta(days=10),
        "claims": refs_of(system, "rollback"),
        "environment": "prod_like",
        "performed_by": "ana-ruiz",
        "from_version": "v2",
        "to_version": "v1",
        "done_at": AS_OF - timedelta(days=10),
        "seconds": Measured(value=42.0, unit="s", n=1, no_interval="single timing"),
        "healthy": True,
        "healthy_needed": 3,
        "requests": 500,
        "failed_requests": 0,
        "records_before": 200,
        "records_after": 700,
        "lost": 0,
        "duplicated": 0,
        "changed": 0,
        "restored": True,
        "steps": (),
        "passed": True,
    }
    return RollbackDrill(**{**values, **changes})


def a_fallback_drill(system: SystemClaims, **changes: Any) -> FallbackDrill:
    values = {
        "system": system.id,
        "as_of": AS_OF - timedelta(days=10),
        "claims": refs_of(system, "fallback"),
        "environment": "prod_like",
        "path": "last-good-hour",
        "performed_by": "ana-ruiz",
        "done_at": AS_OF - timedelta(days=10),
        "seconds": Measured(value=1.5, unit="s", n=1, no_interval="single timing"),
        "requests": 300,
        "served_share": share(0.97, 300),
        "degraded_share": share(0.9, 300),
        "notice_seen": True,
        "notice_seconds": Measured(value=2.0, unit="s", n=1, no_interval="single timing"),
        "notice_digest": digest_of(NOTICE.encode()),
        "notice_matches_plan": True,
        "lost": 0,
        "returned": True,
        "passed": True,
    }
    return FallbackDrill(**{**values, **changes})


def a_quality(system: SystemClaims, **changes: Any) -> QualityMeasurement:
    values = {
        "system": system.id,
        "as_of": AS_OF,
        "claims": refs_of(system, "signals"),
        "monitor": "quality",
        "metric": "accuracy",
        "baseline": share(0.85),
        "current": share(0.80),
        "change": share(-0.05),
        "min_detectable_drop": exact(0.02, "share", 1000),
        "rows_per_window": 1000.0,
        "windows_with_min_n_share": 1.0,
        "labelled_share": 0.99,
        "false_alarms_per_year": 0.37,
        "days": (),
        "segments": (a_segment("JFK", 0.80), a_segment("EWR", 0.82)),
    }
    return QualityMeasurement(**{**values, **changes})


def a_segment(value: str, quality: float, n: int = 1000) -> SegmentQuality:
    return SegmentQuality(
        column="origin", value=value, quality=share(quality, n), baseline=share(0.85)
    )


def a_column(name: str = "wind", *, effect: float = 0.05, drifted: bool = False) -> ColumnDrift:
    return ColumnDrift(
        name=name,
        kind="numeric",
        effect=exact(effect, "sd", 1000),
        limit=0.1,
        drifted=drifted,
        reason="moved" if drifted else "",
    )


def a_drift(system: SystemClaims, **changes: Any) -> DriftMeasurement:
    values = {
        "system": system.id,
        "as_of": AS_OF,
        "claims": refs_of(system, "signals"),
        "monitor": "inputs",
        "signal": "input_distribution",
        "reference_start": AS_OF - timedelta(days=90),
        "reference_end": AS_OF - timedelta(days=60),
        "rows_reference": 9000,
        "rows_current": 2000,
        "calibrated": True,
        "blocks": 30,
        "columns": (a_column(),),
    }
    return DriftMeasurement(**{**values, **changes})


def a_spend(system: SystemClaims, **changes: Any) -> SpendMeasurement:
    values = {
        "system": system.id,
        "as_of": AS_OF,
        "claims": refs_of(system, "cost"),
        "currency": "USD",
        "total": exact(900, "USD", 900),
        "today": exact(12.5, "USD", 8),
        "last_full_day": exact(40, "USD", 24),
        "window": Window(start=AS_OF - timedelta(days=91), end=AS_OF),
        "ceiling_per_day": exact(100, "USD"),
        "newest_row": AS_OF - timedelta(hours=1),
        "data_age_hours": exact(1, "h"),
        "unpriced_rows": 0,
        "price_source": "contract",
        "days": (),
    }
    return SpendMeasurement(**{**values, **changes})


def a_verification(system: SystemClaims, **changes: Any) -> Verification:
    values = {
        "system": system.id,
        "as_of": AS_OF,
        "ledger_size": 40,
        "bundles": (VerifiedBundle(run_id=RUN, manifest="sha256:" + "b" * 64),),
    }
    return Verification(**{**values, **changes})


def an_attestation(system: SystemClaims, *attributes: str, **changes: Any) -> Attestation:
    """Somebody's word on the present text of these areas (all of them, when none is named)."""
    values = {
        "system": system.id,
        "as_of": AS_OF - timedelta(days=5),
        "claims": refs_of(system, *attributes),
        "topic": "ownership",
        "person": "ana-ruiz",
        "text": "I own it and know how it fails.",
        "expires": AS_OF + timedelta(days=100),
    }
    return Attestation(**{**values, **changes})


def an_access(system: SystemClaims, person: str, **changes: Any) -> Attestation:
    """A person took an urgent step with their own access (went back, by default), and says so."""
    said = {"topic": "access", "action": "rollback", "claims": (), "person": person}
    return an_attestation(system, **{**said, "text": "I did this myself in test.", **changes})


def an_access_drill(
    system: SystemClaims,
    person: str,
    why: str = "",
    *,
    actions: Sequence[str] = ("query_logs",),
    seconds: float = 0.4,
    **changes: Any,
) -> AccessDrill:
    """A person ran what shows their access, and it worked, or did not for a reason."""
    attempts = tuple(
        AccessAttempt(action=action, seconds=exact(seconds, "s"), ok=not why, why=why)
        for action in actions
    )
    values = {"system": system.id, "as_of": AS_OF - timedelta(days=2), "person": person}
    return AccessDrill(**{**values, "attempts": attempts, **changes})


def all_records(system: SystemClaims) -> tuple[Record, ...]:
    """Everything that the checks ask to be shown at tier B."""
    # Each builds on this module, so that they are imported when it is whole.
    from tests import shown_model, shown_quality, shown_running, shown_signals

    return (
        an_attestation(system),
        an_attestation(system, topic="claims", text="These files say what we do."),
        *(
            an_access(system, person, action=action)
            for person in ("ana-ruiz", "bo-li")
            for action in URGENT
        ),
        a_coverage(system),
        a_rollback_drill(system),
        a_fallback_drill(system),
        a_quality(system),
        a_drift(system),
        a_spend(system),
        a_verification(system),
        *shown_quality.records(system),
        *shown_signals.records(system),
        *shown_running.records(system),
        *shown_model.records(system),
    )


def with_record(records: tuple[Record, ...], new: Record) -> tuple[Record, ...]:
    """The records, the one of the same kind replaced."""
    return tuple(new if r.kind == new.kind else r for r in records)


def without(records: tuple[Record, ...], kind: type[Record]) -> tuple[Record, ...]:
    """The records, but for those of a kind."""
    return tuple(r for r in records if not isinstance(r, kind))


def a_statement(record: Record, seq: int = 1, **changes: Any) -> Statement:
    """A record on the ledger, from a person, the tool or a shipped notebook, as its kind comes."""
    seen = (
        AccessDrill | CoverageMeasurement | EnvironmentRecord | Reproduction | ReviewPack
        | RouteTest | Verification
    )  # fmt: skip
    by_tool = isinstance(record, seen)
    said = isinstance(record, Attestation | SignOff)
    origin = RunOrigin(
        run_id=RUN,
        notebook="07_weekly_ops_report" if isinstance(record, Assessment) else "05_drift_quality",
        notebook_digest=SHIPPED,
        cell=3,
        inputs_verified=True,
    )
    values = {
        "seq": seq,
        "id": f"event-{seq}",
        "subject": record.system,
        "as_of": record.as_of,
        "recorded_at": record.as_of,
        "digest": digest_of(record),
        "actor": _actor(record, by_tool=by_tool),
        "origin": None if by_tool or said else origin,
        "record": record,
    }
    return Statement(**{**values, **changes})


def _actor(record: Record, *, by_tool: bool) -> str:
    """Who is noted on the ledger for a record: the tool, whoever says it, or a run."""
    if isinstance(record, Attestation | SignOff):
        return f"person:{record.person}"
    return "tool:ops-model" if by_tool else f"run:{RUN}"


def an_evidence(*records: Record | Statement) -> Evidence:
    """Evidence of these records, in their order on the ledger."""
    statements = tuple(
        r if isinstance(r, Statement) else a_statement(r, seq)
        for seq, r in enumerate(records, start=1)
    )
    return Evidence(statements, frozenset({SHIPPED}), signed_among(statements))


def judging(
    model: OperatingModel,
    system: SystemClaims,
    statements: Iterable[Statement] = (),
    *,
    as_of: datetime = AS_OF,
) -> Judging:
    """How a walk weighs these statements: as the checks do."""
    told = tuple(statements)
    evidence = Evidence(told, frozenset({SHIPPED}), signed_among(told))
    return judging_of(model, system, evidence, as_of=as_of)


def signed_among(statements: Iterable[Statement]) -> frozenset[int]:
    """The entries that say that they are signed; that a signature holds is `store.signed`'s."""
    return frozenset(s.seq for s in statements if getattr(s.record, "assurance", "") == "signed")


def a_workbook(root: Path, *, policy: Mapping[str, Any] | None = None, **areas: Any) -> Path:
    """A workbook on disk that holds `flight-delay`; areas are spoilt as by `a_system`.

    The files are JSON, which is YAML too.
    """
    folder = root / "systems" / "flight-delay"
    folder.mkdir(parents=True)
    settings = {"name": "Test", "zone": "UTC", "as_of": AS_OF.isoformat()}
    _write(root / "ops-model.yaml", settings)
    _write(root / "people.yaml", PEOPLE)
    _write(root / "policy.yaml", policy or {})
    for attribute, (file, _) in AREA_FILES.items():
        change = areas.get(attribute, {})
        if change is not None:
            _write(folder / file, {**AREAS[attribute], **change})
    for incident in areas.get("incidents", ()):
        (folder / "incidents").mkdir(exist_ok=True)
        _write(folder / "incidents" / f"{incident['id']}.yaml", incident)
    return root


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
