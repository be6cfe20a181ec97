"""What a record says that it read, compared with what the runner itself sees."""

import re
from pathlib import Path

from ops_model.domain.evidence import InputIdentity
from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot, SystemClaims
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.records import read_record
from ops_model.errors import IntegrityError, OpsModelError
from ops_model.notebook.spec import HarvestedRecord, RunFailure
from ops_model.workflow.log_places import address_of, declared_logs, identified_again

_RESTING = frozenset({"assessment", "game_day", "portfolio_status", "transition", "weekly_report"})
"""Kinds that rest on claims and on what is recorded, and read no log."""


class UnverifiedRecordError(IntegrityError):
    """A record names an input or a claim file that is not what the runner sees."""

    def __init__(self, cell: int, message: str) -> None:
        super().__init__(message, where=f"cell {cell}")
        self.failure = RunFailure(
            reason="bad_record", cell=cell, error=type(self).__name__, message=message
        )


def rests_on_inputs(found: HarvestedRecord) -> bool:
    """True when the record names inputs, or needs none and rests on claims and evidence alone.

    A measurement that names no input may have come from anywhere, and stays a mere declaration.
    """
    record = read_record(found.record)
    return bool(record.inputs) or record.kind in _RESTING


def verify_records(
    root: Path, snapshot: Snapshot | PortfolioSnapshot, records: tuple[HarvestedRecord, ...]
) -> None:
    """Identify every input again, and compare every claim digest with the claims of this run.

    Raises:
        UnverifiedRecordError: an input is not declared, changed since, or is gone; or the record
            says that it used a claim file with another content.
    """
    system = snapshot.system if isinstance(snapshot, Snapshot) else None
    declared = _declared_inputs(system) if system is not None else set()
    drills = re.escape(system.id) if system is not None else PORTFOLIO
    journal = re.compile(rf"^runs/{drills}/\.drills/[A-Za-z0-9_-]+\.jsonl$")
    held = snapshot.system if isinstance(snapshot, Snapshot) else snapshot
    claims = set(held.claim_refs())
    for found in records:
        record = read_record(found.record)
        for claim in record.claims:
            if claim not in claims:
                message = f"the record rests on another content of {claim.file}"
                raise UnverifiedRecordError(found.cell, message)
        for given in record.inputs:
            if given.address not in declared and not journal.fullmatch(given.address):
                message = f"the record reads {given.address}, which no claim declares"
                raise UnverifiedRecordError(found.cell, message)
            _compare(root, found.cell, given, held_at=snapshot)


def _compare(
    root: Path, cell: int, given: InputIdentity, *, held_at: Snapshot | PortfolioSnapshot
) -> None:
    try:
        seen = identified_again(root, given, held_at)
    except OpsModelError as error:
        raise UnverifiedRecordError(cell, str(error.problems[0].message)) from error
    if seen != given:
        message = f"{given.address} changed while the notebook ran, or is not what was read"
        raise UnverifiedRecordError(cell, message)


def _declared_inputs(system: SystemClaims) -> set[str]:
    logs = declared_logs(system)
    return {place for log in logs for place in (log.address, address_of(log))} | _declared_files(
        system
    )


def _declared_files(system: SystemClaims) -> set[str]:
    """Files beside the logs: results of trials, models that are asked, items of guardrails."""
    change, signals = system.change, system.signals
    plans = [r.challenger for r in change.requests] if change is not None else []
    results = {plan.results for plan in plans if plan is not None and plan.results is not None}
    if signals is None:
        return results
    models = {m.model.file for m in signals.monitors if m.model is not None}
    return (
        results | models | {suite.items for suite in signals.guardrails if suite.items is not None}
    )
