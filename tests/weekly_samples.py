"""A book at one instant with records of many weeks, and a weekly report made by hand."""

from datetime import timedelta
from pathlib import Path

from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import Measured, RunOrigin
from ops_model.domain.operating_model import Snapshot
from ops_model.domain.spend import DayCost
from ops_model.domain.values import digest_of
from ops_model.domain.weekly import (
    CareDue,
    HypercareCount,
    OpenFinding,
    OwedGap,
    OwedStep,
    SinceReport,
    Summed,
    WeeklyReport,
)
from ops_model.domain.weeks import QualityWeek, SlowSign, WeeklyQuality, WeekPair, WeekValue
from ops_model.shipped import shipped_notebook_digests
from ops_model.workflow.open import Book
from tests.builders import AS_OF, a_model, a_statement, exact

WEEK = timedelta(days=7)
MIDNIGHT = AS_OF.replace(hour=0)


def told(record, seq, *, notebook="05_drift_quality", **changes):
    """A record as a run of a shipped notebook leaves it on the ledger."""
    origin = RunOrigin(
        run_id=f"run-{seq}", notebook=notebook, cell=3, inputs_verified=True,
        notebook_digest=min(shipped_notebook_digests()),
    )  # fmt: skip
    if isinstance(record, Assessment):
        origin = origin.model_copy(update={"notebook": "07_weekly_ops_report"})
    values = {"origin": origin, "actor": f"run:run-{seq}"}
    return a_statement(record, seq, **{**values, **changes})


def a_book(system, *statements, as_of=AS_OF, policy=None):
    """The system with these statements, the later ones left out, as a run opens it."""
    model = a_model(system, policy=policy)
    snapshot = Snapshot(
        workbook=str(Path("/nowhere")), system=system, people=model.people.without_names(),
        policy=model.policy, portfolio=model.portfolio, settings=model.settings, as_of=as_of,
        ledger_size=len(statements), statements=tuple(s for s in statements if s.as_of <= as_of),
    )  # fmt: skip
    return Book(Path("/nowhere"), snapshot)


def some_days(weeks, cost, *, requests=700, reason="exact", until=MIDNIGHT):
    """What each of seven days of some weeks cost, the oldest first; `cost` takes the week."""
    return tuple(
        DayCost(
            day=(until - timedelta(days=back)).date(), service="api", requests=requests,
            cost=Measured(value=cost(weeks - 1 - (back - 1) // 7), unit="USD", n=requests,
                          no_interval=reason),
        )
        for back in range(7 * weeks, 0, -1)
    )  # fmt: skip


def a_sign(sign="cost", *, low=0.5, high=1.5, value=1.0, weeks=12, **changes):
    known = {
        "sign": sign, "what": "the cost of a week, per day", "unit": "USD", "worse": "up",
        "floor": 0.2,
        "weeks": tuple(
            WeekValue(ends=MIDNIGHT - back * WEEK, value=20.0 - back)
            for back in range(weeks - 1, -1, -1)
        ),
        "per_week": Measured(value=value, unit="USD a week", n=weeks, low=low, high=high),
    }  # fmt: skip
    return SlowSign(**{**known, **changes})


def a_sum(name="works", status="failed", **changes):
    known = {
        "name": name, "status": status, "checks": 12, "passed": 10, "open": ("QLT-07", "RBK-02"),
        "first": (
            OpenFinding(check="QLT-07", status="failed", message="quality falls since 2013-06-12",
                        remedy="follow the playbook", owner="ada-moreno"),
        ),
    }  # fmt: skip
    return Summed(**{**known, **changes})


def a_since(**changes):
    known = {
        "at": AS_OF - WEEK, "days": 7, "verdict": "NOT READY", "opened": ("QLT-07",),
        "closed": ("RBK-02",), "changed": (), "signed": (), "incidents": (),
    }  # fmt: skip
    return SinceReport(**{**known, **changes})


def a_quality_week(back=0, value=0.8, **changes):
    known = {
        "ends": MIDNIGHT - back * WEEK, "low_limit": 0.75, "high_limit": 0.9,
        "quality": Measured(value=value, unit="share", n=700, low=value - 0.02, high=value + 0.02),
    }  # fmt: skip
    return QualityWeek(**{**known, **changes})


def a_report(**changes):
    """The week of a system of which something is to be told in every part."""
    known = {
        "system": "flight-delay", "as_of": AS_OF, "assessment": digest_of(b"assessment"),
        "verdict": "NOT READY", "tier": "B", "live": True,
        "parts": (a_sum(), a_sum("legal", "unknown"), a_sum("economic", "passed", open=())),
        "since": a_since(),
        "quality": (
            WeeklyQuality(monitor="accuracy", metric="accuracy",
                          baseline=Measured(value=0.82, unit="share", n=4000, low=0.81, high=0.83),
                          weeks=(a_quality_week(1), a_quality_week(0, 0.7))),
        ),
        "spend": WeekPair(now=exact(90, "USD", 168), before=exact(70, "USD", 168),
                          limit=exact(140, "USD")),
        "signs": (a_sign(), a_sign("usage", worse="down", what="requests per day")),
        "pillars": tuple(a_sum(name, "passed", open=()) for name in (
            "ownership", "monitoring", "incident_response", "post_mortems")),
        "hypercare": HypercareCount(
            live_since=AS_OF - timedelta(days=14), days=90, day=14,
            ends=(AS_OF + timedelta(days=76)).date(), drill_by=(AS_OF + timedelta(days=16)).date(),
        ),
        "care": (CareDue(care="monitoring", every_days=1, owner="ada-moreno",
                         done_on=AS_OF.date(), due_on=(AS_OF + timedelta(days=1)).date()),),
        "gaps": (OwedGap(check="QLT-07", since=AS_OF - 2 * WEEK, days=14, weight=28),),
        "debt": exact(28, "weighted gap days", 1),
        "steps": (OwedStep(what="follow the playbook", owner="ada-moreno", checks=("QLT-07",)),),
    }  # fmt: skip
    return WeeklyReport(**{**known, **changes})
