"""A system that nothing is wrong with, and the evidence for it: take one, then spoil one thing.

    system = a_system(ownership={"accountable": "data-team"})
    model = a_model(system)
    evidence = an_evidence(system, *all_records(system))

Every claim knows a file and a line, as if the store had read it. `all_records` shows everything
that the shipped checks ask for at tier B, but for the deploy review (REV), which no record shows.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ops_model.check.api import Evidence
from ops_model.domain.cost import SpendMeasurement
from ops_model.domain.evidence import (
    Attestation,
    Measured,
    Record,
    RunOrigin,
    Statement,
    Verification,
    VerifiedBundle,
)
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.operating_model import (
    AREA_FILES,
    OperatingModel,
    SystemClaims,
    WorkbookSettings,
)
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.signals import ColumnDrift, DriftMeasurement, QualityMeasurement
from ops_model.domain.values import Located, Where, digest_of

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
SHIPPED = "sha256:" + "a" * 64
"""The digest of a notebook that counts as shipped."""
RUN = "run-1"
NOTICE = "Delays are estimated from the last good weather hour."

AREAS: Mapping[str, dict[str, Any]] = {
    "identity": {
        "name": "Flight delay",
        "kind": "predictive",
        "tier": "B",
        "purpose": "says whether a flight arrives late",
        "users": "gate staff",
        "customer_facing": "true",
        "stage_history": [{"stage": "live", "at": "2013-03-01T00:00:00Z", "by": "ana-ruiz"}],
        "version": {
            "label": "v2",
            "model_ref": "models/v2.json",
            "trained_by": ["cy-data"],
            "in_production_since": "2013-03-01T00:00:00Z",
        },
        "dependencies": [{"id": "weather-feed", "kind": "data_feed", "name": "hourly weather"}],
        "documentation": "docs/flight-delay.md",
        "support": {"channel": "desk 4", "hours": "always", "first_response_minutes": "15"},
    },
    "ownership": {
        "accountable": "ana-ruiz",
        "deputy": "bo-li",
        "domains": {"reliability": "bo-li", "cost": "ed-fin", "compliance": "di-legal"},
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
    },
    "decisions": {
        "rights": [
            {"action": "rollback", "holder": "primary", "autonomy": "tell_after"},
            {"action": "retrain", "holder": "cy-data", "autonomy": "consult_one"},
            {"action": "edge_case", "holder": "primary", "autonomy": "alone"},
            {"action": "override_output", "holder": "secondary", "autonomy": "alone"},
        ],
        "review": {
            "seats": [
                {"seat": "product", "person": "fay-product"},
                {"seat": "reliability", "person": "bo-li"},
                {"seat": "compliance", "person": "di-legal"},
            ],
        },
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
    },
    "fallback": {
        "paths": [
            {
                "id": "last-good-hour",
                "replaces": "weather-feed",
                "trigger": "no row for two hours",
                "kind": "cache",
                "text": "serve from the last good hour",
                "user_notice": {"text": NOTICE, "channel": "gate screen", "within_seconds": "30"},
            }
        ],
    },
    "service_levels": {
        "objectives": [
            {"id": "answers", "indicator": "availability", "target": "0.99", "window_days": "28"}
        ],
        "agreements": [{"to": "gate staff", "objective": "answers", "target": "0.98"}],
    },
    "signals": {
        "logs": [
            {"id": "served", "holds": "predictions", "address": "log", "timestamp": "at"},
            {"id": "landed", "holds": "labels", "address": "labels", "timestamp": "at"},
        ],
        "baselines": [
            {
                "id": "spring",
                "log": "served",
                "start": "2013-03-01T00:00:00Z",
                "end": "2013-04-01T00:00:00Z",
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
                "tolerable_drop": "0.05",
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
                "automated": "true",
                "playbook": "look-upstream",
            },
        ],
        "playbooks": [
            {"id": "look-upstream", "first_15_minutes": ["look at the feed"], "who": "primary"}
        ],
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
            }
        ],
    },
    "compliance": {},
    "change": {},
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
        }
        for person, name, function in (
            ("ana-ruiz", "Ana Ruiz", "reliability"),
            ("bo-li", "Bo Li", "platform"),
            ("cy-data", "Cy Data", "data_science"),
            ("fay-product", "Fay Product", "product"),
            ("di-legal", "Di Legal", "compliance"),
            ("ed-fin", "Ed Fin", "finance"),
            ("flo-risk", "Flo Risk", "executive"),
        )
    ],
    "teams": [{"id": "data-team", "name": "Data team", "kind": "data"}],
}


def a_system(system_id: str = "flight-delay", **areas: Any) -> SystemClaims:
    """A system of tier B whose claims are all in order.

    Each keyword is an area (`identity`, `rollback`, ...): a dict changes some of its keys, None
    takes its file away. `tier` is a shortcut for one key of `identity`.
    """
    tier = areas.pop("tier", None)
    if tier is not None:
        areas["identity"] = {**areas.get("identity", {}), "tier": tier}
    built: dict[str, Any] = {"id": system_id}
    for attribute, (file, _) in AREA_FILES.items():
        change = areas.get(attribute, {})
        if change is not None:
            content = {**AREAS[attribute], **change}
            built[attribute] = located(content, f"systems/{system_id}/{file}")
    return SystemClaims.model_validate(built)


def a_model(
    *systems: SystemClaims,
    policy: Mapping[str, Any] | None = None,
    people: Mapping[str, Any] | None = None,
    zone: str = "UTC",
) -> OperatingModel:
    """A workbook of these systems, with the people that they name."""
    return OperatingModel(
        settings=WorkbookSettings(name="Test", zone=zone),
        people=People.model_validate(located(people or PEOPLE, "people.yaml")),
        policy=Policy.model_validate(located(policy or {}, "policy.yaml")),
        systems=systems,
    )


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
        "claims": system.claim_refs("on_call", "decisions"),
        "days": 91,
        "covered_share": exact(1.0, "share", 2184),
        "people": ("ana-ruiz", "bo-li"),
        "holes": (),
        "primary_now": "ana-ruiz",
        "secondary_now": "bo-li",
    }
    return CoverageMeasurement(**{**values, **changes})


def a_rollback_drill(system: SystemClaims, **changes: Any) -> RollbackDrill:
    values = {
        "system": system.id,
        "as_of": AS_OF - timedelta(days=10),
        "claims": system.claim_refs("rollback"),
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
        "claims": system.claim_refs("fallback"),
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
        "claims": system.claim_refs("signals"),
        "monitor": "quality",
        "metric": "accuracy",
        "baseline": share(0.85),
        "current": share(0.80),
        "change": share(-0.05),
        "min_detectable_drop": exact(0.02, "share", 1000),
        "rows_per_window": 1000.0,
        "windows_with_min_n_share": 1.0,
        "labelled_share": 0.99,
        "days": (),
    }
    return QualityMeasurement(**{**values, **changes})


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
        "claims": system.claim_refs("signals"),
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
        "claims": system.claim_refs("cost"),
        "currency": "USD",
        "total": exact(900, "USD", 900),
        "today": exact(12.5, "USD", 8),
        "last_full_day": exact(40, "USD", 24),
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
        "claims": system.claim_refs(*attributes),
        "topic": "ownership",
        "person": "ana-ruiz",
        "text": "I own it and know how it fails.",
        "expires": AS_OF + timedelta(days=100),
    }
    return Attestation(**{**values, **changes})


def all_records(system: SystemClaims) -> tuple[Record, ...]:
    """Everything that the checks ask to be shown at tier B, the deploy review aside."""
    return (
        an_attestation(system),
        a_coverage(system),
        a_rollback_drill(system),
        a_fallback_drill(system),
        a_quality(system),
        a_drift(system),
        a_spend(system),
        a_verification(system),
    )


def with_record(records: tuple[Record, ...], new: Record) -> tuple[Record, ...]:
    """The records, the one of the same kind replaced."""
    return tuple(new if r.kind == new.kind else r for r in records)


def without(records: tuple[Record, ...], kind: type[Record]) -> tuple[Record, ...]:
    """The records, but for those of a kind."""
    return tuple(r for r in records if not isinstance(r, kind))


def a_statement(record: Record, seq: int = 1, **changes: Any) -> Statement:
    """A record on the ledger, from a person, the tool or a shipped notebook, as its kind comes."""
    by_tool = isinstance(record, CoverageMeasurement | Verification)
    said = isinstance(record, Attestation)
    origin = RunOrigin(
        run_id=RUN,
        notebook="05_drift_quality",
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
        "actor": "tool:ops-model" if by_tool else "person:ana-ruiz" if said else f"run:{RUN}",
        "origin": None if by_tool or said else origin,
        "record": record,
    }
    return Statement(**{**values, **changes})


def an_evidence(*records: Record | Statement) -> Evidence:
    """Evidence of these records, in their order on the ledger."""
    statements = tuple(
        r if isinstance(r, Statement) else a_statement(r, seq)
        for seq, r in enumerate(records, start=1)
    )
    return Evidence(statements, frozenset({SHIPPED}))


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
    return root


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
