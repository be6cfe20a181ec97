"""What can be asked of the logs, and by whom: four questions, and whoever is paged next."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.answers import no_served_log, of_this_version, own_access
from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    by_tier,
    check,
    counted,
    failed,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import counts_enough
from ops_model.check.remedies_drills import read_logs
from ops_model.check.remedies_logs import look_into_logs
from ops_model.domain.bounds import at_least
from ops_model.domain.detection_served import Reconstruction
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import Log, LogPolicy
from ops_model.domain.signals_watched import Signal

OF_ANY_SERVICE: frozenset[Signal] = frozenset({"uptime", "latency", "errors", "cost"})
"""Signals that every service has, and that say nothing of what it answered."""
QUESTIONS: Mapping[str, str] = {
    "went_in": "what went in",
    "came_out": "what came out",
    "purpose": "what it was for",
    "got_what_we_wanted": "whether we got what we wanted",
}
"""The four questions (S3.26), as a sentence names them."""


@check(
    "OBS-03",
    question="Can it be told of one decision what went in, came out, why, and what it did?",
    area="detection",
    source=["S3.26", "S3.37"],
    revision=2,
)
def four_questions_answered(
    ctx: Context,
    *,
    min_share: Annotated[float, Field(ge=0.7, le=1)] = 0.9,
    min_sampled: Annotated[int, Field(ge=20)] = 35,
    max_age_days: int = 8,
) -> Outcome:
    """Dashboards of uptime and latency beside answers that nobody can explain are a theater.

    At least `min_sampled` decisions are looked up: of fewer, `min_share` cannot be shown even
    where every one of them was found.
    """
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    watched = {monitor.signal for monitor in signals.monitors}
    if watched <= OF_ANY_SERVICE:
        return failed(
            f"THEATER: watched is {', '.join(sorted(watched)) or 'nothing'} alone, and none of "
            "that tells what was answered",
            looked_at=[signals.place_of("monitors")],
            remedy="the reliability owner writes a monitor of what the system answers into "
            "signals.yaml, such as one of output_quality",
        )
    log = signals.served
    if log is None:
        return no_served_log(signals)
    found = of_this_version(
        ctx,
        Reconstruction,
        subject=f"log {log.id}",
        max_age_days=max_age_days,
        missing="no such measurement: whether single decisions can be looked up in log "
        f"{log.id} is on no record",
        claim=log.where,
        remedy=look_into_logs(ctx.system),
        matching=lambda one: one.log == log.id,
        ended_within_days=max_age_days,
    )
    if isinstance(found, Outcome):
        return found
    return _looked_up(ctx, log, found, min_share, min_sampled, max_age_days)


@check(
    "OBS-05",
    question="Has whoever is paged next read the logs lately, with their own access?",
    area="detection",
    source=["S1.36"],
    revision=2,
)
def on_call_reads_logs(
    ctx: Context,
    *,
    days_ahead: Annotated[int, Field(ge=1)] = 28,
    max_age_days: int = 90,
    within_seconds: Annotated[int, Field(gt=0, le=600)] = by_tier(120, 300, 600),
) -> Outcome:
    """At 2am nobody should have to work out where the logs are, and that they may not read them.

    Everybody counts who is primary within `days_ahead`.
    """
    signals, rota = ctx.system.signals, ctx.system.on_call
    if signals is None:
        return no_file(ctx, "signals")
    if rota is None:
        return no_file(ctx, "on_call")
    policy = _store(signals)
    if isinstance(policy, Outcome):
        return policy
    end = ctx.as_of + timedelta(days=days_ahead)
    shifts = rota.roster("primary", ctx.as_of, end).shifts
    people = dict.fromkeys(s.person for s in shifts if s.start < end and s.end > ctx.as_of)
    if not people:
        return unknown(
            "missing",
            f"nobody is primary in the next {days_ahead} days",
            looked_at=[rota.where],
            remedy="the reliability owner fills the layers of primary in on_call.yaml",
        )
    return all_of([_read(ctx, policy, p, max_age_days, within_seconds) for p in people])


def _store(signals: Signals) -> LogPolicy | Outcome:
    """The policy that says where the logs lie, or the answer where nothing does."""
    policy = signals.log_policy
    if signals.served is None:
        return no_served_log(signals)
    if policy is not None and policy.store_ref is not None:
        return policy
    return unknown(
        "missing",
        "where the logs lie is not written (store_ref of log_policy)",
        looked_at=[policy.where if policy else signals.where],
        remedy="the reliability owner writes `store_ref` under `log_policy` in signals.yaml: "
        "where whoever is paged finds the logs",
    )


def _read(
    ctx: Context, policy: LogPolicy, person: str, max_age_days: int, within_seconds: int
) -> Outcome:
    """Whether one person has read the logs lately and soon enough: by a drill, or their word."""
    store = policy.store_ref
    do_it = read_logs(ctx.system, person)
    shown = own_access(ctx, person, "query_logs")
    if shown is None:
        return unknown(
            "missing",
            f"no word of {person} that they can read {store}",
            looked_at=[policy.place_of("store_ref")],
            remedy=do_it,
        )
    looked_at = [policy.place_of("store_ref"), shown.statement.place]
    if not shown.ok:
        return failed(
            f"{person} tried to read {store} on {shown.on}, in vain: {shown.why}",
            looked_at=looked_at,
            remedy=f"the platform gives {person} access to {store}, or the reliability owner "
            f"corrects `log_policy.query` in signals.yaml; then {do_it}",
        )
    did, took = "ran the query of" if shown.drilled else "read", shown.seconds
    said_so = f"{person} {did} {store} on {shown.on}"
    if ctx.as_of - shown.as_of > timedelta(days=max_age_days):
        return unknown(
            "expired",
            f"{said_so}, longer ago than the {max_age_days} days that are allowed",
            looked_at=looked_at,
            remedy=do_it,
        )
    if took is None or took.value is None or took.value < 0:
        return unknown(
            "missing",
            f"{said_so}; how long that took is not said",
            looked_at=looked_at,
            remedy=do_it,
        )
    if took.value > within_seconds:
        return failed(
            f"{said_so} in {took.value:.3g} s; expected at most {within_seconds}",
            looked_at=looked_at,
            remedy="the reliability owner writes the query for one request, as the run of "
            "05_drift_quality shows it, as `log_policy.query` in signals.yaml and into the "
            f"runbook that on_call.yaml names; then {do_it}",
            values={person: took},
        )
    return passed(
        f"{said_so} in {took.value:.3g} s",
        looked_at=looked_at,
        values={person: took},
        valid_until=shown.as_of + timedelta(days=max_age_days),
    )


def _looked_up(
    ctx: Context,
    log: Log,
    found: Recorded[Reconstruction],
    min_share: float,
    min_sampled: int,
    max_age_days: int,
) -> Outcome:
    """Whether each of the four questions was answered of the decisions that were looked up."""
    record, looked_at = found.record, [log.where, found.where]
    shares = {q.question: q.answered for q in record.questions}
    values = {str(question): share for question, share in shares.items()}
    told = {q: at_least(shares[q], min_share) if q in shares else False for q in QUESTIONS}
    listed = ", ".join(
        f"{words}: {said(shares[q]) if q in shares else 'no query'}"
        for q, words in QUESTIONS.items()
    )
    of = f"of {counted(record.sampled, 'decision')} that were looked up in log {log.id}, {listed}"
    cannot = [words for q, words in QUESTIONS.items() if told[q] is False]
    if cannot:
        return failed(
            f"THEATER: {' and '.join(cannot)} cannot be told; {of}; expected "
            f"{min_share * 100:g} % of each",
            looked_at=looked_at,
            remedy="the reliability owner has what is lacking kept with each request, and names "
            "its column under `log_policy` in signals.yaml: the questions ask for input, output, "
            "intent and outcome",
            values=values,
        )
    looked_up = all(counts_enough(share, min_sampled) for share in shares.values())
    if record.sampled < min_sampled or not looked_up or None in told.values():
        return unknown(
            "too_few",
            f"{of}; expected at least {counted(min_sampled, 'decision')}, and "
            f"{min_share * 100:g} % of each even at the low end",
            looked_at=looked_at,
            remedy=look_into_logs(ctx.system),
            values=values,
        )
    return passed(
        of,
        looked_at=looked_at,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )
