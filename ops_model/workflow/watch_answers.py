"""Trial alerts, and what people answer to alerts: with a code that only the message holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ops_model.domain.evidence import Measured, Record
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.spend import CeilingAlert, CeilingAnswer, HardAction, RouteTest
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError
from ops_model.workflow.assess import told_by_tool
from ops_model.workflow.attest_voice import require_person
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.measure_breaches import breaches_of
from ops_model.workflow.measure_ceilings import of_tool
from ops_model.workflow.open import Book, refuse_ahead, refuse_behind
from ops_model.workflow.watch import book_now
from ops_model.workflow.watch_code import code_digest
from ops_model.workflow.watch_routes import no_route, routes_of
from ops_model.workflow.watch_who import OnDuty

if TYPE_CHECKING:
    from ops_model.alert import Message
    from ops_model.check.recorded import Recorded
    from ops_model.workflow.alert_channels import Post

R = TypeVar("R", RouteTest, CeilingAnswer)


@dataclass(frozen=True)
class Now:
    """A workbook, and the two instants at which something is said in it."""

    root: Path
    model: OperatingModel
    as_of: datetime
    recorded_at: datetime

    def book(self, system_id: str) -> Book:
        """One system of it; what is said now cannot be dated ahead or back.

        Raises:
            UsageError: it would be, or there is no such system.
        """
        refuse_ahead(self.as_of, self.recorded_at)
        refuse_behind(self.as_of, self.recorded_at, self.model)
        return book_now(self.root, self.model, system_id, as_of=self.as_of)

    def note(self, record: Record) -> None:
        """Put a record on the ledger as the tool's own.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        with open_ledger(self.root, self.model.settings, create=True) as ledger:
            ledger.append(told_by_tool(record, ledger.size(), self.recorded_at))


def try_routes(
    now: Now, system_id: str, post: "Post", *, new_code: Callable[[], str]
) -> tuple[RouteTest, ...]:
    """Send a trial alert over each route that anything of a system names, and note it.

    Args:
        now: the workbook and the instants.
        system_id: the system whose routes are tried.
        post: how alerts are sent.
        new_code: makes a code that nobody can guess, which an answer repeats.

    Raises:
        UsageError: nothing names a route, or as for `Now.book`.
        LedgerError: the ledger cannot be written.
    """
    system = now.book(system_id).system
    routes = routes_of(now.model, system)
    if not routes:
        raise no_route(system)
    post = post.when_on_duty(OnDuty.of(now.model, system_id, at=now.as_of).roles)
    tried = []
    for route in routes:
        code = new_code()
        why_not = post.over(route, _trial(system_id, route, code))
        trial = RouteTest(
            system=system_id,
            as_of=now.as_of,
            claims=system.claim_refs("cost", "signals", "service_levels"),
            route=route,
            sent_at=now.as_of,
            delivered=not why_not,
            why_not=why_not or None,
            code=None if why_not else code_digest(code),
        )
        now.note(trial)
        tried.append(trial)
    return tuple(tried)


def acknowledge(
    now: Now,
    system_id: str,
    code: str,
    person: str,
    *,
    did: HardAction | None = None,
    at: datetime | None = None,
) -> RouteTest | CeilingAnswer:
    """Note that somebody got an alert, by the code in it, and what they did about it.

    Args:
        now: the workbook and the instants.
        system_id: the system that the alert was about.
        code: as it stood in the message.
        person: an id of people.yaml, at work now.
        did: what was done at the ceiling, where something was; not for a trial.
        at: when it was done; now, where nobody says.

    Raises:
        UsageError: no alert had this code, it was answered before, or what is said does not fit.
        LedgerError: the ledger cannot be written.
    """
    book, speaker = now.book(system_id), require_person(now.model, person, now.as_of)
    digest = code_digest(code)
    trials = [e for e in of_tool(book, RouteTest) if e.record.code == digest]
    if trials:
        answer: RouteTest | CeilingAnswer = _trial_answered(now, trials, speaker.id, did)
    else:
        answer = _alert_answered(now, book, digest, speaker.id, did, at)
    now.note(answer)
    return answer


def accept(now: Now, system_id: str, ceiling: str, day: date, person: str) -> CeilingAnswer:
    """Note that somebody accepts a day above a ceiling; CST-04 judges whether they might.

    What it costs more after that, by rows that come late, is not accepted with it.

    Raises:
        UsageError: the day was not above it, or is not over, or as for `Now.book`.
        LedgerError: the ledger cannot be written.
    """
    book, speaker = now.book(system_id), require_person(now.model, person, now.as_of)
    breaches = breaches_of(book).breaches
    mine = next((b for b in breaches if (b.ceiling, b.day) == (ceiling, day)), None)
    if mine is None:
        days = ", ".join(str(b.day) for b in breaches if b.ceiling == ceiling) or "none"
        raise UsageError(
            f"{day} was not above ceiling {ceiling!r}, so there is nothing to accept",
            remedy=f"days above it in the last 91: {days}",
        )
    if day >= now.as_of.astimezone(UTC).date():
        raise UsageError(
            f"{day} is not over, so nobody knows yet how far above ceiling {ceiling!r} it ends",
            remedy="accept it when the UTC day is over",
        )
    answer = CeilingAnswer(
        system=system_id, as_of=now.as_of, claims=book.system.claim_refs("cost"),
        ceiling=ceiling, about=day.isoformat(), person=speaker.id, at=now.as_of, accepted=True,
        above=mine.above,
    )  # fmt: skip
    now.note(answer)
    return answer


def _trial(system_id: str, route: str, code: str) -> "Message":
    from ops_model.alert import Message

    return Message(
        f"{system_id}: trial alert, nothing happened",
        f"This is how an alert of {system_id} arrives over “{route}”.\n"
        f"To say that you have it: ops-model watch --ack {code} --as YOU",
    )


def _trial_answered(
    now: Now, trials: "list[Recorded[RouteTest]]", person: str, did: HardAction | None
) -> RouteTest:
    if did is not None:
        raise UsageError(
            "this was a trial alert, at which nothing had to be done", remedy="leave --did out"
        )
    _refuse_twice(trials[-1].record.acknowledged_by)
    sent = trials[0]
    # By the wall clock: the instant of a replay stands still.
    seconds = (now.recorded_at - sent.statement.recorded_at) / timedelta(seconds=1)
    timed = Measured(value=max(seconds, 0.0), unit="s", n=1, no_interval="single timing")
    return sent.record.model_copy(
        update={"as_of": now.as_of, "acknowledged_by": person, "seconds": timed}
    )


def _alert_answered(
    now: Now, book: Book, digest: str, person: str, did: HardAction | None, at: datetime | None
) -> CeilingAnswer:
    alert = next((e.record for e in of_tool(book, CeilingAlert) if e.record.code == digest), None)
    if alert is None:
        raise UsageError(
            f"no alert about {book.system.id} had this code",
            remedy="type it as it stands in the message, after --ack",
        )
    before = [e.record for e in of_tool(book, CeilingAnswer) if e.record.code == digest]
    if did is None:
        _refuse_twice(before[0].person if before else None)
    when = at or now.as_of
    if not alert.sent_at <= when <= now.as_of:
        raise UsageError(
            f"done at {iso_utc(when)}; expected from {iso_utc(alert.sent_at)}, when the alert was "
            f"sent, to {iso_utc(now.as_of)}",
            remedy="say with --at when it was done",
        )
    return CeilingAnswer(
        system=book.system.id, as_of=now.as_of, claims=book.system.claim_refs("cost"),
        ceiling=alert.ceiling, about=alert.about, person=person, at=when, code=digest, action=did,
    )  # fmt: skip


def _refuse_twice(by: str | None) -> None:
    if by is not None:
        raise UsageError(f"{by} has answered this alert already", remedy="nothing is left to do")
