"""Ways to spoil a system that nothing is wrong with, one at a time, and what has to find each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from ops_model.domain.evidence import Record, Statement
from ops_model.domain.fallback import FaultResult
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import digest_of
from tests.builders import (
    AS_OF,
    a_fallback_drill,
    a_quality,
    a_rollback_drill,
    a_segment,
    a_statement,
    a_verification,
    an_access_drill,
    exact,
)
from tests.rehearsed_systems import SYSTEMS, Rehearsed
from tests.shown_quality import a_split


@dataclass(frozen=True)
class Plant:
    """One thing that is spoiled, the check that has to find it, and in which scenarios.

    `also` are checks by which the same thing shows elsewhere in the walk.
    """

    name: str
    check: str
    scenarios: tuple[str, ...]
    spoil: Callable[[Rehearsed], None]
    also: frozenset[str] = frozenset()
    systems: tuple[str, ...] = SYSTEMS
    of_the_walk: bool = False
    """The walk of four hours finds it alone: its check asks about other rights, or the past."""


def _set(area: str, path: str, value: Any) -> Callable[[Rehearsed], None]:
    """Write one key; a number in the path is a place in a list."""

    def spoil(one: Rehearsed) -> None:
        *way, last = path.split(".")
        node = one.areas[area]
        for step in way:
            node = node[int(step)] if step.isdigit() else node[step]
        node[int(last) if last.isdigit() else last] = value

    return spoil


def _drop(area: str, path: str, **which: str) -> Callable[[Rehearsed], None]:
    """Take a key away, or those of a list that are so."""

    def spoil(one: Rehearsed) -> None:
        *way, last = path.split(".")
        node = one.areas[area]
        for step in way:
            node = node[int(step)] if step.isdigit() else node[step]
        if which:
            node[last] = [x for x in node[last] if not which.items() <= x.items()]
        else:
            node.pop(last)

    return spoil


def _never(*kinds: str) -> Callable[[Rehearsed], None]:
    return lambda one: one.without.update(kinds)


def _shown(build: Callable[[SystemClaims], Record]) -> Callable[[Rehearsed], None]:
    return lambda one: one.instead.append(build)


def _both(*spoils: Callable[[Rehearsed], None]) -> Callable[[Rehearsed], None]:
    def spoil(one: Rehearsed) -> None:
        for each in spoils:
            each(one)

    return spoil


def _right_is(action: str, **changes: Any) -> Callable[[Rehearsed], None]:
    def spoil(one: Rehearsed) -> None:
        for right in one.areas["decisions"]["rights"]:
            if right["action"] == action:
                right.update(changes)

    return spoil


def _no_right(action: str) -> Callable[[Rehearsed], None]:
    return _drop("decisions", "rights", action=action)


def _refused(one: Rehearsed) -> None:
    one.incidents.append({
        "id": "refused", "title": "A lawful refund was refused", "severity": "sev3",
        "state": "closed", "detected_by": "customer", "technically_correct": "true",
        "failure_mode": "wrong-output", "detected_at": "2013-06-01T08:00:00Z",
    })  # fmt: skip


def _taught(one: Rehearsed) -> None:
    _refused(one)
    one.areas["signals"]["rules"][0] |= {"origin": "incident", "incident": "refused"}


def _nobody_decides(one: Rehearsed) -> None:
    one.portfolio["pilots"][-1].pop("decide_by")


def _broken_seal(system: SystemClaims) -> Record:
    return a_verification(system, ledger_problems=("entry 12 is not what it was",))


def _blind(system: SystemClaims) -> Record:
    return a_quality(system, min_detectable_drop=exact(0.09, "share", 300))


def _fallen(system: SystemClaims) -> Record:
    day = datetime(2013, 7, 20, tzinfo=UTC).date()
    return a_quality(system, alarm_at=day, onset_estimate=day)


def _split_long_ago(system: SystemClaims) -> Record:
    return a_split(system, as_of=AS_OF - timedelta(days=700))


def _split_before(system: SystemClaims) -> Record:
    return a_split(system, as_of=datetime(2013, 7, 19, 12, tzinfo=UTC))


def _split_of_another(system: SystemClaims) -> Record:
    return a_split(system, change=exact(-0.3, "share", 300))


def _one_segment_low(system: SystemClaims) -> Record:
    return a_quality(system, segments=(a_segment("JFK", 0.6), a_segment("EWR", 0.9)))


def _other_features(system: SystemClaims) -> Record:
    return a_rollback_drill(system, feature_spec="differs")


def _of_other_models(system: SystemClaims) -> Record:
    other = {"from_digest": "sha256:" + "0" * 64, "to_digest": "sha256:" + "1" * 64}
    return a_rollback_drill(system, **other)


def _from_elsewhere(system: SystemClaims) -> Record:
    return a_rollback_drill(system, from_version="v0")


def _locked_out(system: SystemClaims) -> Record:
    return an_access_drill(system, "ana-ruiz", "permission denied", actions=("disable",))


def _served_a_fifth(system: SystemClaims) -> Record:
    path = system.fallback.paths[0]
    fault = FaultResult(
        fault="hang", served_share=exact(0.2, "share", 20), p95_seconds=exact(2, "s", 20)
    )
    digest = digest_of(path.user_notice.text.encode())
    return a_fallback_drill(system, path=path.id, notice_digest=digest, faults=(fault,),
                            as_of=AS_OF - timedelta(days=1))  # fmt: skip


def _besides(build: Callable[[SystemClaims], Record]) -> Callable[[Rehearsed], None]:
    return lambda one: one.besides.append(build)


SERVING = ("flight-delay", "support-assistant")
CALLING = ("support-assistant", "invoice-extractor")
MINE = ("flight-delay",)


def plant(name, check, scenarios, spoil, *, also=(), systems=SYSTEMS, **more) -> Plant:
    """A plant, written in short."""
    return Plant(name, check, tuple(scenarios.split()), spoil, frozenset(also), systems, **more)


PLANTS: tuple[Plant, ...] = (
    plant("uptime is all that is watched", "QLT-01", "G01",
          _drop("signals", "monitors", signal="output_quality")),
    plant("the approver is asleep", "DEC-02",
          " ".join(f"G{n:02}" for n in range(1, 25)),
          _right_is("rollback", autonomy="needs_approval", approvers=["fay-product"])),
    plant("nobody ever went back", "RBK-02", "G01", _never("rollback_drill")),
    plant("the model was exchanged since the drill", "RBK-02", "G01", _shown(_of_other_models)),
    plant("the drill began at another version", "RBK-02", "G01", _shown(_from_elsewhere)),
    plant("no step looks whether it worked", "RBK-01", "G01 G13",
          lambda one: one.areas["rollback"]["steps"].pop()),
    plant("no outcome is joined", "INC-04", "G02",
          _both(_drop("signals", "logs", holds="labels"),
                _drop("signals", "log_policy.fields.outcome")), of_the_walk=True),
    plant("nobody may compensate", "DEC-01", "G02 G16",
          _right_is("edge_case", money_limit=None), of_the_walk=True),
    plant("the input is not kept", "OBS-01", "G02 G21",
          _drop("signals", "log_policy.fields.input")),
    plant("no rule is written", "RUL-02", "G03", _set("signals", "rules", []), also=["RUL-01"]),
    plant("the rule is held against nothing", "RUL-01", "G03", _never("rule")),
    plant("the feed is watched on weekdays", "OBS-04", "G03 G05",
          _set("signals", "feeds.0.watched", "weekdays"), systems=SERVING),
    plant("no node may fail", "CAP-01", "G04 G19", _set("service_levels", "capacity.nodes", "2"),
          systems=SERVING),
    plant("nobody hears that it is slow", "SLO-01", "G04",
          _set("service_levels", "objectives.1.alerts", [])),
    plant("nothing stands in for scarce compute", "CAP-02", "G04",
          _drop("service_levels", "capacity.alternative"), systems=SERVING),
    plant("the batch goes first", "CAP-03", "G04 G19",
          _both(_set("service_levels", "capacity.priority", "batch_first"),
                _set("service_levels", "capacity.batch.0.capacity_share", "0.6")),
          systems=SERVING),
    plant("the way on is to wait", "FBK-01", "G05", _set("fallback", "paths.0.kind", "wait"),
          also=["FBK-03"], systems=MINE),
    plant("the feed is no dependency, nor is anything", "FBK-01", "G05",
          _set("identity", "dependencies", []), also=["FBK-03"], systems=MINE),
    plant("nobody saw the notice", "FBK-03", "G05 G08", _never("fallback_drill")),
    plant("the monitor cannot see two points", "QLT-03", "G06", _shown(_blind)),
    plant("quality falls since Saturday", "QLT-07", "G06", _shown(_fallen)),
    plant("the fall is taken apart by nothing", "QLT-05", "G06",
          _both(_shown(_fallen), _never("change_decomposition")), also=["QLT-07"]),
    plant("what was taken apart is a fall of two years ago", "QLT-05", "G06",
          _both(_shown(_fallen), _shown(_split_long_ago)), also=["QLT-07"]),
    plant("what was taken apart is the fall before", "QLT-05", "G06",
          _both(_shown(_fallen), _shown(_split_before)), also=["QLT-07"]),
    plant("what was taken apart is a fall of another size", "QLT-05", "G06",
          _both(_shown(_fallen), _shown(_split_of_another)), also=["QLT-07"]),
    plant("a name that may mean any model", "OBS-06", "G07",
          _set("identity", "dependencies.0.pinned_id", "large-latest"), systems=CALLING),
    plant("nobody looks which model answers", "OBS-06", "G07", _never("provider_identity"),
          systems=CALLING),
    plant("nobody signed", "REV-05", "G07 G15 G22", _never("sign_off")),
    plant("nothing replaces the provider", "FBK-01", "G08",
          lambda one: one.areas["fallback"]["paths"].pop(0), systems=CALLING,
          also=["FBK-03"]),
    plant("the way on carries a twentieth", "FBK-02", "G08",
          _set("fallback", "paths.0.capacity_share", "0.05"), systems=CALLING),
    plant("a fault left a fifth of the traffic", "FBK-02", "G08", _besides(_served_a_fifth),
          systems=CALLING),
    plant("the data may not go there", "FBK-04", "G08 G14",
          _set("fallback", "paths.0.data_allowed", "false"), systems=CALLING),
    plant("the alert was never tried", "CST-03", "G09", _never("route_test")),
    plant("there is no ceiling", "CST-01", "G09", _set("cost", "ceilings", []), also=["CST-03"]),
    plant("nobody hears of it on the way", "CST-01", "G09",
          _set("cost", "ceilings.0.warn_at", [])),
    plant("the ceiling stops nothing", "CST-01", "G09",
          _set("cost", "ceilings.0.hard_action", "page_only"), of_the_walk=True),
    plant("nobody may raise the ceiling", "DEC-01", "G09", _no_right("raise_cost_ceiling"),
          of_the_walk=True),
    plant("nobody tries to talk it round", "RUL-04", "G10",
          _drop("signals", "guardrails", scope="jailbreak"), systems=CALLING),
    plant("nobody speaks to the public", "INC-05", "G10",
          _drop("decisions", "communication", audience="public"), systems=("support-assistant",)),
    plant("nobody accepted the handoff", "TRN-01", "G11", _never("attestation.handoff"),
          systems=MINE),
    plant("the deputy left without a handoff", "TRN-01", "G11",
          _set("ownership", "deputy", "gil-gone")),
    plant("a team may override", "DEC-04", "G12",
          _right_is("override_output", holder="gate-team", backup=None)),
    plant("what was answered is not kept", "OBS-01", "G12 G21",
          _drop("signals", "log_policy.fields.output")),
    plant("the old model reads other features", "RBK-06", "G13",
          _set("rollback", "feature_spec_compatible", "false")),
    plant("the drill served other features", "RBK-06", "G13", _shown(_other_features)),
    plant("no steps are written", "RBK-01", "G13", _set("rollback", "steps", [])),
    plant("nothing comes after the second", "FBK-01", "G14",
          lambda one: one.areas["fallback"]["paths"].pop(), systems=CALLING),
    plant("nobody says who the second is", "FBK-04", "G08 G14",
          lambda one: one.areas["fallback"]["paths"][0].pop("provider"), systems=CALLING),
    plant("both live in one region", "FBK-04", "G14",
          _set("identity", "dependencies.1.failure_domains", ["west"]), systems=CALLING),
    plant("a builder has a seat", "REV-02", "G15",
          _set("decisions", "review.seats.0.person", "cy-data"), also=["REV-05"]),
    plant("the ledger was changed", "EVD-01", "G15", _shown(_broken_seal)),
    plant("the auditor was not answered", "CMP-05", "G15",
          _both(_drop("compliance", "audit_questions.0.answer"),
                _drop("compliance", "audit_questions.0.closed_at"))),
    plant("a refusal left no rule", "RUL-03", "G16", _refused),
    plant("what the refusal taught was never counted", "RUL-01", "G16",
          _both(_taught, _never("rule"))),
    plant("no exchange was rehearsed", "CCH-05", "G17", _never("swap_drill"), systems=CALLING),
    plant("nothing was ever compared", "CCH-04", "G17",
          _drop("change", "requests.0.challenger"), also=["CCH-02"], systems=CALLING,
          of_the_walk=True),
    plant("no margin was written", "CCH-04", "G17",
          _drop("change", "requests.0.challenger.margin"), systems=CALLING),
    plant("the comparison has no price", "CCH-02", "G17",
          _both(_drop("change", "requests.0.challenger.estimated_cost"), _never("challenger")),
          systems=CALLING),
    plant("nobody adopts", "CCH-06", "G17", _no_right("adopt_change"), systems=CALLING),
    plant("no case has a floor", "QLT-04", "G18", _set("signals", "critical_segments", [])),
    plant("one case is far below its floor", "QLT-04", "G18", _shown(_one_segment_low)),
    plant("latency was never measured", "SLO-02", "G19", _never("service_level"),
          systems=SERVING),
    plant("our own people never did it", "DEC-04", "G20",
          _never("attestation.access"), also=["OBS-05"], systems=MINE),
    plant("whoever is paged is locked out", "DEC-04", "G20", _besides(_locked_out),
          systems=MINE),
    plant("nobody of ours ever drilled it", "ONC-05", "G20",
          _never("rollback_drill", "fallback_drill", "attestation.attendance"),
          also=["RBK-02"], systems=MINE),
    plant("no plan says who leads", "TRN-02", "G20", _drop("ownership", "transition"),
          systems=MINE),
    plant("nobody ever looked one up", "OBS-03", "G21", _never("reconstruction")),
    plant("logs are kept for a month", "CMP-02", "G21",
          _set("signals", "log_policy.retention_days", "30")),
    plant("nobody follows the rules", "OWN-08", "G22",
          _drop("ownership", "duties.policy_updates")),
    plant("nobody said which law binds", "INC-01", "G22", _set("compliance", "legal", {})),
    plant("the report stopped", "EVD-04", "G23", _never("assessment"), systems=SERVING),
    plant("nobody watches", "OWN-08", "G23", _drop("ownership", "duties.monitoring")),
    plant("it serves and nobody signed", "PRT-07", "G24", _never("sign_off"), systems=SERVING),
    plant("nobody may switch it off", "DEC-02", "G24", _no_right("disable"),
          also=["DEC-01"]),
    plant("nobody may let it live", "DEC-01", "G24", _no_right("go_live"), of_the_walk=True),
    plant("no day to decide on the pilot", "PRT-03", "G24", _nobody_decides,
          systems=("invoice-extractor",)),
)  # fmt: skip


@cache
def rehearsed(
    system_id: str, plant: Plant | None = None
) -> tuple[OperatingModel, SystemClaims, tuple[Statement, ...]]:
    """A system, one thing of it spoiled, with its workbook and what was shown of it.

    It is kept, since many walks begin with the same one.
    """
    one = Rehearsed.good(system_id)
    if plant is not None:
        plant.spoil(one)
    system = one.system()
    told = tuple(a_statement(r, seq) for seq, r in enumerate(one.records(system), start=1))
    return one.model(system), system, told
