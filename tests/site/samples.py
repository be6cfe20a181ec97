"""Hand-made values of both demo systems, as the pages meet them; and strings that mean harm."""

from datetime import UTC, date, datetime, timedelta

from ops_model.domain.assessment import Assessment, Finding, FiveQuestion, NamedValue
from ops_model.domain.detection import (
    ColumnDrift,
    DriftMeasurement,
    QualityDay,
    QualityMeasurement,
    SegmentQuality,
)
from ops_model.domain.evidence import (
    Attestation,
    ClaimRef,
    Grade,
    InputIdentity,
    Measured,
    RunOrigin,
    Statement,
    Verification,
    VerifiedBundle,
)
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.on_call import CoverageMeasurement, RotaHole
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.ownership import Ownership
from ops_model.domain.people import People, Person
from ops_model.domain.portfolio_status import (
    Ask,
    CeilingSum,
    PilotGate,
    PortfolioStatus,
    SharedGap,
    Standing,
    Waiting,
)
from ops_model.domain.rollback import DrillStep, RollbackDrill
from ops_model.domain.spend import DayCost, SpendMeasurement
from ops_model.domain.system import AISystem, VersionTuple
from ops_model.domain.transition import DutyPhase, MonthShare, TransitionStatus
from ops_model.domain.values import Money, Where, Window, digest_of
from ops_model.domain.workbook import WorkbookSettings
from ops_model.site.build import GradedStatement, SiteInput, SiteRun, SiteSystem

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
RECORDED = datetime(2026, 11, 21, 9, tzinfo=UTC)
FLIGHT, SUPPORT = "flight-delay", "support-assistant"

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
BIDI = "invoice\u202egpj.exe"
CLOSER = "</script><script>alert(2)</script><!--"
EMOJI = "\U0001f9d1\u200d\U0001f680 crew"
LONG = "averyveryverylongnamewithoutanyspace" * 8
HOSTILE = (
    SCRIPT,
    IMAGE,
    BIDI,
    CLOSER,
    EMOJI,
    LONG,
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "\x00nul",
)


def digest(text: str) -> str:
    return digest_of(text.encode())


def share(value, n, half=0.01):
    return Measured(value=value, unit="share", n=n, low=value - half, high=value + half)


def exact(value, unit, n):
    return Measured(value=value, unit=unit, n=n, no_interval="exact")


def timing(seconds):
    return Measured(value=seconds, unit="seconds", n=1, no_interval="single timing")


def log_identity(address="data/flight-delay/predictions"):
    return InputIdentity(
        address=address, kind="folder", files=142, bytes=9_412_880, digest=digest(address)
    )


def quality(system=FLIGHT, *, alarm=True, simulated=False, metric="accuracy"):
    start = date(2013, 7, 22) - timedelta(days=60)
    days = tuple(
        QualityDay(
            day=start + timedelta(days=i),
            quality=share(0.82 - (0.0022 * (i - 20) if i > 20 else 0) + 0.012 * ((i % 7) - 3) / 3,
                          880 + i % 5, 0.026),
            provisional=i > 57,
        )
        for i in range(60)
    )  # fmt: skip
    return QualityMeasurement(
        system=system, as_of=AS_OF, monitor="daily-quality", metric=metric, simulated=simulated,
        window=Window(start=AS_OF - timedelta(days=7), end=AS_OF),
        claims=(ClaimRef(file="signals.yaml", digest=digest("signals")),),
        inputs=(log_identity(f"data/{system}/predictions"), log_identity(f"data/{system}/labels")),
        baseline=share(0.823, 49_120, 0.004), current=share(0.741, 6_180, 0.011),
        change=Measured(value=-0.082, unit="share", n=55_300, low=-0.094, high=-0.070),
        min_detectable_drop=Measured(value=0.014, unit="share", n=6_180, no_interval="exact"),
        rows_per_window=6180.0, windows_with_min_n_share=1.0, labelled_share=0.987,
        alarm_at=date(2013, 6, 25) if alarm else None,
        onset_estimate=date(2013, 6, 12) if alarm else None, false_alarms_per_year=0.9,
        days=days,
        segments=(
            SegmentQuality(column="origin", value="EWR", quality=share(0.712, 2_201, 0.019),
                           baseline=share(0.811, 17_020, 0.006)),
            SegmentQuality(column="origin", value="LGA", quality=share(0.758, 1_980, 0.019),
                           baseline=share(0.829, 16_100, 0.006)),
        ),
    )  # fmt: skip


def column(name, effect, limit, *, drifted, kind="numeric", reason="effect below the limit"):
    return ColumnDrift(
        name=name, kind=kind, w1_sd=effect if kind == "numeric" else None, js=effect / 2,
        tv=effect if kind == "categorical" else None, limit=limit, drifted=drifted, reason=reason,
        effect=Measured(value=effect, unit="sd" if kind == "numeric" else "tv", n=6_260,
                        low=effect - 0.03, high=effect + 0.03),
    )  # fmt: skip


def drift(system=FLIGHT, *, simulated=False):
    beyond = "effect and calibrated limit both passed"
    return DriftMeasurement(
        system=system, as_of=AS_OF, monitor="inputs", signal="input_distribution",
        simulated=simulated, window=Window(start=AS_OF - timedelta(days=7), end=AS_OF),
        claims=(ClaimRef(file="signals.yaml", digest=digest("signals")),),
        inputs=(log_identity(f"data/{system}/predictions"),),
        reference_start=datetime(2013, 1, 1, tzinfo=UTC),
        reference_end=datetime(2013, 3, 1, tzinfo=UTC),
        rows_reference=50_911, rows_current=6_260, calibrated=True, blocks=8,
        columns=(
            column("temperature", 2.61, 0.42, drifted=True, reason=beyond),
            column("humidity", 0.31, 0.28, drifted=True, reason=beyond),
            column("wind_speed", 0.18, 0.35, drifted=False),
            column("departure_hour", 0.05, 0.11, drifted=False),
            column("carrier", 0.04, 0.09, drifted=False, kind="categorical"),
        ),
    )  # fmt: skip


def spend(system=FLIGHT, *, simulated=False, services=("serving", "training")):
    start = date(2013, 7, 22) - timedelta(days=30)
    days = tuple(
        DayCost(day=start + timedelta(days=i), service=name,
                cost=exact(12.4 + (i % 7) + 4 * place, "USD", 24), requests=860 + i)
        for i in range(30) for place, name in enumerate(services)
    )  # fmt: skip
    return SpendMeasurement(
        system=system, as_of=AS_OF, currency="USD", simulated=simulated,
        window=Window(start=AS_OF - timedelta(days=30), end=AS_OF),
        claims=(ClaimRef(file="cost.yaml", digest=digest("cost")),),
        inputs=(log_identity(f"data/{system}/compute"),),
        total=exact(1041.20, "USD", 1_440), today=exact(11.20, "USD", 8),
        last_full_day=exact(33.40, "USD", 48), ceiling_per_day=exact(60.0, "USD", 1),
        newest_row=AS_OF - timedelta(hours=1), data_age_hours=exact(1.0, "hours", 1),
        unpriced_rows=0, price_source="price list of 1 June 2013, stated in cost.yaml", days=days,
    )  # fmt: skip


def coverage(system=FLIGHT, *, holes=()):
    return CoverageMeasurement(
        system=system, as_of=AS_OF, days=91, people=("ada-moreno", "ben-okafor"), holes=holes,
        claims=(ClaimRef(file="on_call.yaml", digest=digest("on_call")),),
        covered_share=exact(1.0 if not holes else 0.994, "share", 182),
        primary_now="ada-moreno", secondary_now="ben-okafor",
    )  # fmt: skip


def hole():
    return RotaHole(start=AS_OF, end=AS_OF + timedelta(hours=12), role="primary", why="no layer")


def rollback_drill(system=FLIGHT, *, passed=True):
    steps = (
        ("start the server", 1.91, ""), ("decide", 0.02, ""), ("switch alias to v1", 0.14, ""),
        ("20 healthy answers in a row", 1.32, "version v1"), ("reconcile records", 0.21, ""),
        ("switch back to v2", 0.12, ""),
    )  # fmt: skip
    return RollbackDrill(
        system=system, as_of=AS_OF, environment="prod_like", performed_by="ben-okafor",
        claims=(ClaimRef(file="rollback.yaml", digest=digest("rollback")),),
        inputs=(InputIdentity(address=f"runs/{system}/.drills/r1.jsonl", kind="journal", files=1,
                              bytes=41_220, digest=digest("journal")),),
        from_version="v2", to_version="v1", done_at=AS_OF, seconds=timing(1.48), healthy=passed,
        healthy_needed=20, requests=162, failed_requests=0, records_before=400, records_after=562,
        lost=0 if passed else 3, duplicated=0, changed=0, restored=True, passed=passed,
        problems=() if passed else ("3 acknowledged requests have no stored record",),
        steps=tuple(
            DrillStep(name=n, seconds=timing(s), ok=passed, detail=d) for n, s, d in steps
        ),
    )  # fmt: skip


def fallback_drill(system=FLIGHT):
    return FallbackDrill(
        system=system, as_of=AS_OF, environment="prod_like", path="last-good-hour",
        performed_by="ben-okafor", done_at=AS_OF, seconds=timing(0.61), requests=120,
        claims=(ClaimRef(file="fallback.yaml", digest=digest("fallback")),),
        served_share=exact(1.0, "share", 120), degraded_share=exact(0.78, "share", 120),
        notice_seen=True, notice_seconds=timing(0.61), notice_matches_plan=True, lost=0,
        returned=True, passed=True,
        steps=(DrillStep(name="feed gone", seconds=timing(0.61), ok=True),
               DrillStep(name="feed back", seconds=timing(0.4), ok=True)),
    )  # fmt: skip


def attestation(system=FLIGHT, text="I answer for this system, also at night and on Sundays."):
    return Attestation(
        system=system, as_of=AS_OF, topic="ownership", person="clara-ng", text=text,
        claims=(ClaimRef(file="ownership.yaml", digest=digest("ownership")),),
        expires=AS_OF + timedelta(days=180),
    )  # fmt: skip


def transition(system=FLIGHT, *, exception=None, stepped_back_on=()):
    led = ((2, 0.5), (3, 0.5), (4, 0.5), (5, 1.0), (6, 0.5), (7, 0.5))
    return TransitionStatus(
        system=system, as_of=AS_OF, partner_team="harbor", exception=exception,
        claims=(ClaimRef(file="ownership.yaml", digest=digest("ownership")),),
        duties=(
            DutyPhase(duty="monitoring", phase="own_led", passed_for_it=("RBK-02",)),
            DutyPhase(
                duty="feeding", phase="shared", next_phase="own_led",
                next_from=date(2013, 9, 1), passed_for_next=("DRF-02", "OBS-04"),
                stepped_back_on=stepped_back_on,
            ),
        ),
        own_led=tuple(MonthShare(month=date(2013, m, 1), share=exact(v, "share", 2))
                      for m, v in led),
        own_drills=tuple(
            MonthShare(month=date(2013, m, 1),
                       share=Measured(value=None, unit="share", n=0, no_interval="too few"))
            for m, _ in led
        ),
    )  # fmt: skip


def verification(system=FLIGHT, *, problems=()):
    return Verification(
        system=system, as_of=AS_OF, ledger_size=20,
        bundles=(VerifiedBundle(run_id="r-quality", manifest=digest("m"), problems=problems),),
    )  # fmt: skip


def finding(check="RBK-02", status="passed", **more):
    texts = {
        "slug": "drilled_recently",
        "revision": 1,
        "area": "rollback",
        "question": "Was going back rehearsed lately, in under ten minutes?",
        "grade": Grade.OBSERVED,
        "minimum_grade": Grade.OBSERVED,
        "message": "going back took 1.5 s, 0 days ago",
        "looked_at": (Where(path="ledger", line=6),),
        "values": (NamedValue(name="decided_to_healthy", measured=timing(1.48)),),
    }
    return Finding(check=check, status=status, **(texts | more))


_CHECKS = (
    ("OM-06", "references_name_something", "model", "Does every reference name something?"),
    ("OWN-01", "owner_is_a_person", "ownership", "Is one named person accountable?"),
    ("OWN-04", "owner_has_deputy", "ownership", "Is there a deputy who can act?"),
    ("ONC-01", "rota_has_no_hole", "ownership", "Is somebody paged at every hour?"),
    ("ONC-02", "two_people_at_least", "ownership", "Can the rota stand a holiday?"),
    ("ONC-03", "page_escalates", "ownership", "Does an unanswered page go on?"),
    ("ONC-04", "nobody_absent_is_paged", "ownership", "Is nobody paged who is away?"),
    ("DEC-01", "rights_are_given", "decisions", "Who may roll back, fail over, disable?"),
    ("DEC-02", "decider_is_awake", "decisions", "May the person on call decide alone at 2am?"),
    ("RDY-01", "five_questions", "decisions", "Are the five questions answered?"),
    ("RDY-06", "eight_items", "decisions", "Are the eight operational items in place?"),
    ("RBK-01", "plan_is_specific", "rollback", "Is the way back written down step by step?"),
    ("RBK-02", "drilled_recently", "rollback", "Was it rehearsed, in under ten minutes?"),
    ("RBK-03", "no_retraining", "rollback", "Does going back need no training?"),
    ("RBK-05", "nothing_lost", "rollback", "Did going back lose nothing?"),
    ("FBK-01", "path_exists", "reliability", "Is there a way on when a dependency is down?"),
    ("FBK-03", "users_are_told", "reliability", "Do users read what happens, in which words?"),
    ("QLT-01", "quality_is_watched", "detection", "Would quality tell us before customers?"),
    ("QLT-03", "drop_can_be_seen", "detection", "How small a drop would be seen?"),
    ("DRF-01", "inputs_are_watched", "detection", "Is the drift of inputs watched?"),
    ("DRF-02", "no_drift_beyond_limit", "detection", "Have inputs stayed within their limits?"),
    ("CST-01", "ceiling_is_set", "cost", "Is there a ceiling per day, with an action?"),
    ("CST-02", "spend_below_ceiling", "cost", "Is spend known and below the ceiling?"),
    ("EVD-01", "evidence_is_unchanged", "compliance", "Is the evidence what was recorded?"),
    ("EVD-03", "evidence_is_current", "compliance", "Has no evidence expired?"),
    ("EVD-06", "numbers_carry_n", "compliance", "Does every number carry n and interval?"),
)
_ENTRY = {
    "ONC": 2, "RBK-01": 4, "RBK-02": 4, "RBK-05": 4, "FBK": 5, "QLT": 6, "DRF": 7, "CST": 8,
    "OWN": 9, "EVD": 3,
}  # fmt: skip
_MESSAGE = {
    "QLT": "accuracy 74.1 % against a baseline of 82.3 %; a drop of 1.4 points would be seen",
    "CST": "33.40 USD on the last full day, ceiling 60.00 USD",
    "ONC": "91 days resolved, no hole",
    "RBK": "going back took 1.48 s, 0 days ago, nothing lost",
}


def _place(check):
    line = _ENTRY.get(check, _ENTRY.get(check.split("-")[0]))
    return Where(path="ledger", line=line) if line else Where(path="systems/x/system.yaml", line=3)


def findings(spoiled):
    """All checks passed, but for `spoiled`: check id to the fields that differ."""
    rows = []
    for check, slug, area, question in _CHECKS:
        plain = {
            "slug": slug, "area": area, "question": question, "values": (),
            "message": _MESSAGE.get(check.split("-")[0], "written down, and current"),
            "looked_at": (_place(check),),
        }  # fmt: skip
        rows.append(finding(check, **(plain | spoiled.get(check, {}))))
    return tuple(rows)


DRIFTED = {
    "DRF-02": {
        "status": "failed", "owner": "clara-ng",
        "message": "2 of 5 columns moved beyond their limit: temperature 2.61 sd (limit 0.42), "
        "humidity 0.31 sd (limit 0.28)",
        "remedy": "retrain on spring and summer flights, or record why the drift is "
        "tolerable, then run notebook 05_drift_quality",
        "values": (NamedValue(name="temperature", measured=Measured(
            value=2.61, unit="sd", n=6_260, low=2.58, high=2.64)),),
    },
}  # fmt: skip
UNMEASURED = {"QLT-01": {"status": "unknown", "reason": "missing", "remedy": "run it"}}
NEVER_DRILLED = {
    "RBK-02": {
        "status": "unknown", "reason": "missing", "grade": Grade.NONE, "owner": "dev-patel",
        "message": "no rollback drill of support-assistant is on record",
        "remedy": "run notebook 03_rollback_drill",
        "looked_at": (Where(path="systems/support-assistant/rollback.yaml", line=1),),
    },
    "FBK-01": {
        "status": "unknown", "reason": "missing", "grade": Grade.NONE,
        "message": "no fallback drill of support-assistant is on record",
        "remedy": "run notebook 04_fallback_drill",
        "looked_at": (Where(path="systems/support-assistant/fallback.yaml", line=4),),
    },
    "RDY-01": {
        "status": "failed", "message": "2 of 5 questions have no answer", "owner": "dev-patel",
        "remedy": "drill the rollback and the fallback",
    },
}  # fmt: skip
_QUESTIONS = (
    ("Who is paged at 2am?",
     "Ada Moreno, then Ben Okafor after 10 minutes; 91 days without a hole", 2),
    ("Can you go back in under ten minutes, and was it tested?",
     "1.48 s (single timing, n = 1), drilled 22 Jul 2013", 4),
    ("Do you see quality fall before customers do?",
     "Breached: accuracy fell, alarm since 2013-06-25. Daily accuracy; a drop of 1.4 points would "
     "be seen within a week (n = 6,180)", 6),
    ("What may it cost per day, and who stops it?",
     "60.00 USD; 33.40 USD on the last full day; stop, Clara Ng", 8),
    ("What happens when the vendor is down?",
     "no vendor; the weather feed: served from the last good hour, notice seen in 0.6 s", 5),
)  # fmt: skip


def five_questions(open_ones=()):
    return tuple(
        FiveQuestion(
            question=text, answered=place not in open_ones,
            answer="declared, never drilled" if place in open_ones else answer,
            evidence=(Where(path="ledger", line=entry),),
        )
        for place, (text, answer, entry) in enumerate(_QUESTIONS)
    )  # fmt: skip


def assessment(system=FLIGHT, verdict="NOT READY", *, spoiled=None, open_ones=(), **more):
    rows = findings(DRIFTED if spoiled is None else spoiled)
    areas = {}
    for row in rows:
        if areas.get(row.area, "passed") == "passed":
            areas[row.area] = row.status
    values = {
        "verdict_without_waivers": verdict, "valid_until": AS_OF + timedelta(days=8),
        "policy": digest("policy"), "ledger_size": 20,
    }  # fmt: skip
    return Assessment(
        system=system, as_of=AS_OF, verdict=verdict, areas=areas, findings=rows,
        five_questions=five_questions(open_ones), **(values | more),
    )  # fmt: skip


def support_assessment():
    return assessment(SUPPORT, "DEMO ONLY", spoiled=NEVER_DRILLED, open_ones=(1, 4))


def people(*, extra=()):
    common = {"zone": "America/New_York", "active_from": date(2012, 1, 1)}
    return People(
        people=(
            Person(id="ada-moreno", name="Ada Moreno", function="reliability", **common),
            Person(id="ben-okafor", name="Ben Okafor", function="reliability", **common),
            Person(id="clara-ng", name="Clara Ng", function="product", **common),
            Person(id="dev-patel", name="Dev Patel", function="product", **common),
            *extra,
        )
    )  # fmt: skip


def claims(system=FLIGHT, *, name="Flight delay", owner="clara-ng", simulated=False, **more):
    values = {
        "name": name, "kind": "predictive", "tier": "B", "purpose": "late arrivals",
        "users": "dispatchers", "customer_facing": True, "simulated": simulated,
        "version": VersionTuple(label="v2", model_ref="models/v2.json",
                           in_production_since=datetime(2013, 3, 1, tzinfo=UTC)),
    }  # fmt: skip
    return SystemClaims(
        id=system, identity=AISystem(**(values | more)), ownership=Ownership(accountable=owner)
    )


def run(run_id, notebook, **more):
    values = {
        "state": "finished", "as_of": AS_OF, "recorded_at": RECORDED, "seconds": 6.2,
        "bundle": f"runs/{FLIGHT}/{notebook}/{run_id}", "manifest": digest(run_id), "records": 1,
        "notebook_digest": digest(notebook),
    }  # fmt: skip
    return SiteRun(run_id=run_id, notebook=notebook, **(values | more))


def failed_run(run_id="r-broken", **more):
    values = {
        "state": "failed", "bundle": None, "manifest": None, "records": 0, "reason": "error",
        "cell": 4, "error": "WarehouseError",
        "message": "data/flight-delay/labels has no column 'label'; expected label "
        "(did you mean 'labels'?)",
    }  # fmt: skip
    return run(run_id, "05_drift_quality", **(values | more))


def stated(seq, record, run_id=None, notebook="05_drift_quality", grade=Grade.OBSERVED):
    origin = RunOrigin(
        run_id=run_id, notebook=notebook, notebook_digest=digest(notebook), cell=3,
        inputs_verified=True,
    ) if run_id else None  # fmt: skip
    actor = f"person:{record.person}" if isinstance(record, Attestation) else "tool:ops-model"
    return GradedStatement(
        Statement(seq=seq, id=f"s{seq}", subject=record.system, as_of=AS_OF, recorded_at=RECORDED,
                  digest=digest_of(record), actor=actor, origin=origin, record=record),
        grade,
    )  # fmt: skip


def flight_system(**more):
    rows = {
        "claims": claims(),
        "assessment": assessment(),
        "runs": (
            run("r-rollback", "03_rollback_drill"), run("r-fallback", "04_fallback_drill"),
            run("r-quality", "05_drift_quality", records=3), run("r-ready", "01_readiness"),
            failed_run(),
        ),
        "statements": (
            stated(2, coverage()),
            stated(3, verification()),
            stated(4, rollback_drill(), "r-rollback", "03_rollback_drill"),
            stated(5, fallback_drill(), "r-fallback", "04_fallback_drill"),
            stated(6, quality(), "r-quality"),
            stated(7, drift(), "r-quality"),
            stated(8, spend(), "r-quality"),
            stated(9, attestation(), grade=Grade.ATTESTED),
            stated(19, assessment(spoiled=DRIFTED | UNMEASURED), "r-ready", "01_readiness"),
        ),
    }  # fmt: skip
    return SiteSystem(**(rows | more))


def support_system(**more):
    rows = {
        "claims": claims(SUPPORT, name="Support assistant", owner="dev-patel", simulated=True,
                         kind="llm_app", tier="A"),
        "assessment": support_assessment(),
        "runs": (run("r-quality-2", "05_drift_quality", records=2,
                     bundle=f"runs/{SUPPORT}/05_drift_quality/r-quality-2"),),
        "statements": (
            stated(12, coverage(SUPPORT)),
            stated(13, quality(SUPPORT, alarm=False, simulated=True, metric="judged good"),
                   "r-quality-2"),
            stated(14, spend(SUPPORT, simulated=True, services=("large", "small", "embedding")),
                   "r-quality-2"),
        ),
    }  # fmt: skip
    return SiteSystem(**(rows | more))


def portfolio():
    """Three systems: one reckless and one stranded, which the samples describe or only name."""
    return PortfolioStatus(
        system="portfolio",
        as_of=AS_OF,
        systems=(
            Standing(system=FLIGHT, outcome="FRAGILE", tier="B", stage="live", stage_days=143,
                     in_production=True, tenure_days=143, version="v2", version_days=143,
                     verdict="NOT READY", answered=5, gates=26, gates_met=25, open_gaps=1,
                     had_strategy=True, had_plan=True, signed=True, goes_back=True, debt=18,
                     oldest_gap=date(2013, 7, 13)),
            Standing(system=SUPPORT, outcome="RECKLESS", tier="A", stage="limited",
                     stage_days=30, in_production=True, tenure_days=30, verdict="DEMO ONLY",
                     answered=3, gates=26, gates_met=23, open_gaps=3, had_strategy=True, debt=90,
                     oldest_gap=date(2013, 6, 22)),
            Standing(system="invoice-extractor", outcome="STRANDED", had_strategy=True,
                     cost_to_close=Money(amount="48000.00", currency="USD")),
        ),
        waiting=(Waiting(by="stall", what="no_operators", days=224, systems=1,
                         still=("invoice-extractor",)),),
        next_gaps=(SharedGap(what="drill the rollback", checks=("RBK-02", "RBK-05"),
                             systems=(FLIGHT, SUPPORT), gaps=3),),
        debt=exact(108, "weighted gap days", 4),
        ceilings=CeilingSum(total=Money(amount="30.00", currency="USD"),
                            limit=Money(amount="40.00", currency="USD"), systems=2, holds=True),
        asks=(Ask(currency="USD", amount=Money(amount="48000.00", currency="USD"),
                  systems=("invoice-extractor",)),),
        gate=PilotGate(refused=True, why="1 is stranded; from 1 on none may begin", stranded=1,
                       wip_limit=1, operators_fte=1.5),
    )  # fmt: skip


def site_input(**more):
    values = {
        "settings": WorkbookSettings(name="Flight operations AI", zone="America/New_York",
                                     as_of=AS_OF, note="Built from the flights of 2013."),
        "people": people(), "as_of": AS_OF, "tool_version": "0.1.0",
        "systems": (flight_system(), support_system()),
    }  # fmt: skip
    return SiteInput(**(values | more))


def hostile_system(text):
    """A system that carries `text` wherever data can stand."""
    name = text.replace("\x00", "") or "x"
    record = quality(metric=text)
    moved = drift().model_copy(
        update={"columns": (column(text, 1.0, 0.1, drifted=True, reason=text),)}
    )
    costs = spend(services=(text, "plain"))
    drill = rollback_drill(passed=False).model_copy(
        update={
            "problems": (text,),
            "steps": (DrillStep(name=text, seconds=timing(1), ok=False, detail=text),),
        }
    )
    rota = coverage(holes=(hole().model_copy(update={"why": text}),))
    spoiled = {
        "RBK-02": {
            "status": "failed",
            "message": text,
            "remedy": text,
            "question": text,
            "looked_at": (Where(path=text, line=1), Where(path="ledger", line=31)),
            "values": (
                NamedValue(
                    name=text, measured=Measured(value=1, unit=text, n=1, no_interval=text)
                ),
            ),
        }
    }
    return SiteSystem(
        claims=claims(name=name, tier="A"),
        assessment=assessment(spoiled=spoiled),
        runs=(run("r-hostile", "05_drift_quality", records=5),
              failed_run("r-failed", error=text, message=text, reason=text),
              run(text, text, state="started", bundle=None, manifest=None)),
        statements=(
            stated(31, record, "r-hostile"), stated(32, moved, "r-hostile"),
            stated(33, costs, "r-hostile"), stated(34, drill, "r-hostile"),
            stated(35, rota, "r-hostile"), stated(36, attestation(text=name)),
        ),
    )  # fmt: skip
