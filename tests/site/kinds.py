"""One record of every kind, for the tests of cards: from the builders, or made here by hand."""

from datetime import date, timedelta

from ops_model.domain.alerts import Alert, AlertAnswer, Concern
from ops_model.domain.detection_served import (
    ContractMeasurement,
    ExpectationResult,
    FreshnessMeasurement,
    GuardrailMeasurement,
    ModelSeen,
    ProviderIdentity,
)
from ops_model.domain.exposure import IncidentReview, WasItThere
from ops_model.domain.sign_off import SignOffRevoked
from ops_model.domain.spend import BreachLog, CeilingAlert, CeilingAnswer, CeilingBreach
from ops_model.domain.trials import (
    AccessAttempt,
    AccessDrill,
    ChallengerResult,
    SliceResult,
    SwapDrill,
)
from tests.builders import a_system, all_records
from tests.site import samples
from tests.site.kinds_of_cost import cost_kinds
from tests.site.samples import AS_OF, FLIGHT, digest, exact, share, timing
from tests.weekly_samples import a_report

DIFFERENCE = samples.Measured(value=0.012, unit="share", n=900, low=0.004, high=0.02)


def every_kind():
    """Kind to a record of it; those of the samples win, since their numbers are known."""
    by_hand = (
        samples.assessment(), samples.attestation(), samples.coverage(holes=(samples.hole(),)),
        samples.drift(), samples.fallback_drill(), samples.quality(), samples.rollback_drill(),
        samples.spend(), samples.transition(), samples.verification(), samples.portfolio(),
        a_report(),
        *further(),
    )  # fmt: skip
    built = {record.kind: record for record in all_records(a_system())}
    return built | {record.kind: record for record in by_hand}


def further():
    """The kinds that no system of the builders needs."""
    common = {"system": FLIGHT, "as_of": AS_OF}
    return (
        *cost_kinds(),
        GuardrailMeasurement(suite="jailbreaks", scope="jailbreak", version="v2",
                             passed=share(0.96, 120), **common),
        ContractMeasurement(contract="rows", log="served", suite=digest("rows"),
                            library="great-expectations 1.24.1", rows=900, rows_of_day=900,
                            results=(ExpectationResult(
                                type="expect_column_values_to_not_be_null", column="p",
                                severity="critical", state="FAIL", bad=share(0.02, 900)),),
                            **common),
        FreshnessMeasurement(feed="weather", newest_age=exact(30, "minutes", 900),
                             longest_gap=exact(200, "minutes", 600), worst_notice_hours=51,
                             limit_minutes=120, **common),
        ProviderIdentity(dependency="vendor", pinned="model-2013-06-01", changed=True,
                         seen=(ModelSeen(model="model-2013-07-01", requests=900),),
                         canary=share(0.2, 50), **common),
        CeilingAlert(
            ceiling="daily", about="2013-07-20", state="crossed", route="page", sent_at=AS_OF,
            delivered=True, code=digest("8"), **common,
        ),
        CeilingAnswer(
            ceiling="daily", about="2013-07-20", person="clara-ng", at=AS_OF, action="throttle",
            code=digest("8"), **common,
        ),
        Alert(severity="page", concerns=(
            Concern(system=FLIGHT, kind="feed", about="weather", severity="page", since=AS_OF,
                    why="the newest row of feed weather was 190 min old", owner="ben-okafor",
                    remedy="ask ben-okafor, who owns the feed", check="OBS-04"),),
              route="page: ben-okafor", people=("ben-okafor",), because="primary at that moment",
              sent_at=AS_OF, delivered=True, took=("page: ben-okafor",), code=digest("9"),
              **common),
        AlertAnswer(person="ben-okafor", at=AS_OF, code=digest("9"), seconds=timing(240),
                    concerns=("feed weather",), **common),
        BreachLog(days=30, breaches=(
            CeilingBreach(day=date(2013, 7, 20), ceiling="day", crossed_at=AS_OF,
                          told_at=AS_OF + timedelta(minutes=4), action="throttle",
                          accepted_by="clara-ng"),
        ), **common),
        ChallengerResult(request="v3", environment="test", from_digest=digest("v2"),
                         to_digest=digest("v3"), metric="accuracy", margin=0.01,
                         difference=DIFFERENCE, cases=900, repeats=1, flips=share(0.04, 900),
                         verdict="non_inferior",
                         slices=(SliceResult(name="EWR", difference=DIFFERENCE,
                                             verdict="undecided"),), **common),
        AccessDrill(person="ben-okafor", attempts=(
            AccessAttempt(action="query_logs", seconds=timing(0.4), ok=True, lines=3),
            AccessAttempt(action="rollback", seconds=timing(1.2), ok=False, why="exit 1")),
            **common),
        SwapDrill(dependency="vendor", from_model="large", to_model="small", environment="test",
                  performed_by="ben-okafor", done_at=AS_OF, seconds=timing(42), passed=False,
                  problems=("two answers of ten had another form",), **common),
        IncidentReview(incident="storm", text_digest=digest("storm"), onset_earliest=AS_OF,
                       lead_hours=exact(2, "hours", 1), decisions=exact(310, "decisions", 310),
                       not_counted="no log tells which customer was reached",
                       before=(WasItThere(thing="runbook", there=False, why="no file"),),
                       **common),
        SignOffRevoked(seat="product", person="ben-okafor", of=digest("sign-off"),
                       meaning="I had not seen the drill.", **common),
    )  # fmt: skip
