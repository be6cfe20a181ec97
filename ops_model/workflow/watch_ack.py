"""Somebody has an alert: found by the code that stood in it, and noted on the ledger."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ops_model.check.grades import TOOL
from ops_model.domain.alerts import Alert, AlertAnswer
from ops_model.domain.evidence import Measured, Statement
from ops_model.domain.spend import CeilingAnswer, HardAction, RouteTest
from ops_model.errors import UsageError
from ops_model.workflow.attest_voice import require_person
from ops_model.workflow.ledgers import has_ledger, open_ledger
from ops_model.workflow.open import refuse_ahead, refuse_behind
from ops_model.workflow.watch_answers import Now, acknowledge
from ops_model.workflow.watch_code import code_digest

if TYPE_CHECKING:
    from ops_model.store.ledger_chain import StoredEvent

_SENT = frozenset({"alert", "ceiling_alert", "route_test"})


def answer(
    now: Now,
    code: str,
    person: str,
    *,
    system_id: str | None = None,
    did: HardAction | None = None,
    at: datetime | None = None,
) -> AlertAnswer | RouteTest | CeilingAnswer:
    """Note that somebody has an alert, whichever it was.

    Args:
        now: the workbook and the instants.
        code: as it stood in the message.
        person: an id of people.yaml, at work now.
        system_id: the system that the alert was about, where it is known.
        did: what was done at a ceiling, where something was.
        at: when it was done; now, where nobody says.

    Raises:
        UsageError: no alert had this code, it was answered before, or what is said does not fit.
        LedgerError: the ledger cannot be read or written.
    """
    subject = system_id or _subject_of(now, code)
    told = _statements(now, subject)
    sent = next(_alerts(told, code_digest(code)), None)
    if sent is None:
        return acknowledge(now, subject, code, person, did=did, at=at)
    refuse_ahead(now.as_of, now.recorded_at)
    refuse_behind(now.as_of, now.recorded_at, now.model)
    speaker = require_person(now.model, person, now.as_of)
    if did is not None or at is not None:
        raise UsageError(
            "--did and --at say what was done at a ceiling, and this alert was about none",
            remedy="leave them out; what was done is written where it was done, as in an incident",
        )
    record = _answer(now, *sent, told, speaker.id)
    now.note(record)
    return record


def _answer(
    now: Now, alert: Alert, sent_at: datetime, told: tuple[Statement, ...], person: str
) -> AlertAnswer:
    digest = alert.code or ""
    before = [s.record for s in told if isinstance(s.record, AlertAnswer)]
    if by := next((a.person for a in before if a.code == digest), None):
        raise UsageError(f"{by} has answered this alert already", remedy="nothing is left to do")
    # By the wall clock: the instant of a replay stands still.
    seconds = max((now.recorded_at - sent_at) / timedelta(seconds=1), 0.0)
    return AlertAnswer(
        system=alert.system, as_of=now.as_of, person=person, at=now.as_of, code=digest,
        concerns=tuple(f"{c.kind} {c.about}" for c in alert.concerns),
        seconds=Measured(value=seconds, unit="s", n=1, no_interval="single timing"),
    )  # fmt: skip


def _alerts(told: tuple[Statement, ...], digest: str) -> Iterator[tuple[Alert, datetime]]:
    """The tool's own alerts that held a code, and when by the wall clock each was sent.

    What a notebook prints of an alert was sent to nobody.
    """
    for statement in told:
        record, own = statement.record, statement.origin is None and statement.actor == TOOL
        if own and isinstance(record, Alert) and record.code == digest:
            yield record, statement.recorded_at


def _statements(now: Now, subject: str) -> tuple[Statement, ...]:
    if not has_ledger(now.root, now.model.settings):
        return ()
    with open_ledger(now.root, now.model.settings, readonly=True) as ledger:
        told = ledger.statements(subject, words=False)
    return tuple(s for s in told if s.as_of <= now.as_of)


def _about(stored: "StoredEvent", digest: str) -> str | None:
    record = stored.told()
    if record.get("kind") not in _SENT:
        return None
    return stored.event.subject if record.get("code") == digest else None


def _subject_of(now: Now, code: str) -> str:
    """The system, or `portfolio`, that the alert with this code was about."""
    from ops_model.store.ledger_chain import read_row

    digest = code_digest(code)
    if has_ledger(now.root, now.model.settings):
        with open_ledger(now.root, now.model.settings, readonly=True) as ledger:
            # Hardly an entry holds it, and reading each would take seconds.
            for row in ledger.rows():
                if digest.encode() in row.body and (subject := _about(read_row(row), digest)):
                    return subject
    raise UsageError(
        "no alert had this code", remedy="type it as it stands in the message, after --ack"
    )
