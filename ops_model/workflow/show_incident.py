"""The verbs of a post-mortem: what happened, whom it reached, what was there, what was learned."""

from difflib import get_close_matches
from functools import lru_cache

from ops_model.domain.exposure import IncidentReview
from ops_model.domain.incidents import Incident
from ops_model.domain.operating_model import INCIDENTS_FOLDER
from ops_model.domain.scenarios import SHIPPED_SCENARIOS
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError
from ops_model.workflow import declared
from ops_model.workflow.open import Book
from ops_model.workflow.show import assessed
from ops_model.workflow.shown import Shown


def incident_course(book: Book, incident: str) -> Shown:
    """What happened, hour by hour, and which states the incident has passed through."""
    from ops_model.site.incident_cards import course_card

    return Shown(None, course_card(_incident(book, incident), book.as_of, book.people))


def incident_exposure(book: Book, incident: str) -> Shown:
    """Who knew first, how long it ran, and whom it reached; records what was measured."""
    from ops_model.site.incident_cards import exposure_card

    review = _review(book, incident)
    return Shown(review, exposure_card(review))


def incident_before(book: Book, incident: str) -> Shown:
    """Whether owner, runbook, monitor, ceiling and drills stood there before it began."""
    from ops_model.site.incident_cards import before_card

    return Shown(None, before_card(_review(book, incident)))


def incident_actions(book: Book, incident: str) -> Shown:
    """The causes, and each action with the check that proves it and how that stands today."""
    from ops_model.site.incident_cards import actions_card

    today = book.as_of.date()
    return Shown(None, actions_card(_incident(book, incident), assessed(book), today, book.people))


def incident_lessons(book: Book, incident: str) -> Shown:
    """The rule that was missing, the scenario to rehearse, and whether both are written."""
    from ops_model.site.incident_cards import lessons_card

    found = _incident(book, incident)
    written = SHIPPED_SCENARIOS | {scenario.id for scenario in book.model.scenarios}
    card = lessons_card(found, book.system, assessed(book), book.people, written=written)
    return Shown(None, card)


def incident_checks(book: Book, incident: str) -> Shown:
    """What the checks of incidents say of the system, this one included."""
    from ops_model.site.incident_cards import incident_checks_card

    _incident(book, incident)
    return Shown(None, incident_checks_card(assessed(book), book.people))


def _incident(book: Book, incident_id: str) -> Incident:
    """The incident, when the system has it and it had been noticed by then.

    Raises:
        UsageError: it has none of this id, or it was noticed later.
    """
    found = next((i for i in book.system.incidents if i.id == incident_id), None)
    if found is None:
        ids = [i.id for i in book.system.incidents]
        near = get_close_matches(incident_id, ids, n=1)
        raise UsageError(
            f"{book.system.id} has no incident {incident_id!r}",
            where=f"systems/{book.system.id}/{INCIDENTS_FOLDER}/",
            remedy=f"did you mean {near[0]}?"
            if near
            else f"it has: {', '.join(ids) or 'none on file yet'}",
        )
    if found.detected_at > book.as_of:
        raise UsageError(
            f"incident {incident_id} was noticed {iso_utc(found.detected_at)}, after "
            f"{iso_utc(book.as_of)}",
            where=str(found.place_of("detected_at")),
            remedy="look back at it from a later instant (--as-of)",
        )
    return found


# Two cells show the same measurement, and a book never changes.
@lru_cache(maxsize=4)
def _review(book: Book, incident_id: str) -> IncidentReview:
    """Count what was served between onset and containment, and look at what is on record.

    Raises:
        UsageError: there is no such incident.
        WarehouseError: a log of what was served cannot be read as declared.
    """
    from ops_model.analysis.exposure import Served, count_served, measure_incident, span_of

    incident = _incident(book, incident_id)
    span = span_of(incident, as_of=book.as_of)
    signals = book.system.signals
    logs = [
        log
        for log in (signals.logs if signals is not None and span is not None else ())
        if log.holds == "predictions"
    ]
    inputs = declared.identities_of(book, logs)
    served: list[Served] = []
    if span is not None and logs:
        from ops_model.store.warehouse import LogRequest, open_logs, readable_logs

        requests = {
            log.id: LogRequest(
                log.address,
                {},
                timestamp=log.timestamp,
                before=book.as_of,
                warehouse=declared.warehouse_of(book, log),
            )
            for log in logs
        }
        tables = open_logs(book.root, requests, joined=False)
        for log in logs:
            with readable_logs(log.address):
                served.append(
                    count_served(tables[log.id], log=log.id, timestamp=log.timestamp, span=span)
                )
    return measure_incident(
        book.system, incident, book.snapshot.statements, served, as_of=book.as_of, inputs=inputs,
        simulated=book.system.identity.simulated or any(log.simulated for log in logs),
    )  # fmt: skip
