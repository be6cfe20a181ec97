"""The cards of what the logs hold: capture, decisions looked up again, freshness."""

from collections.abc import Mapping
from datetime import timedelta

from ops_model.domain.detection_served import (
    CaptureMeasurement,
    FreshnessMeasurement,
    Reconstruction,
)
from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, chip, fact, frame, line, quiet, table, with_level
from ops_model.site.words import Look

_NOT_ANSWERED = Look("✖", "not answered", words.RED, "bad")
_ANSWERED = Look("✓", "answered", words.GREEN, "good")
_PARTLY = Look("▲", "not always", words.AMBER, "warn")
_KEPT = Look("✓", "kept", words.GREEN, "good")
_LACKING = Look("✖", "not all is kept", words.RED, "bad")
_NOT_ALL_ROWS = Look("▲", "not in every row", words.AMBER, "warn")
_ARRIVES = Look("✓", "arrives", words.GREEN, "good")
_STALE = Look("✖", "too old", words.RED, "bad")
_FOUR = ("input", "output", "intent", "outcome")
_FIELDS = {"at": "instant (at)", "trace": "number of the request (trace)"}
_QUESTIONS = {
    "went_in": "What went in?",
    "came_out": "What came out?",
    "purpose": "What was it for?",
    "got_what_we_wanted": "Did we get what we wanted?",
}


def capture(record: CaptureMeasurement, people: People) -> Html:
    """Each field with the share of rows that hold it, and how often the outcome joins."""
    del people
    lacking = not_kept(record)
    others = sorted(field for field in record.fields if field not in _FOUR)
    shares: Mapping[str, Measured] = {str(field): share for field, share in record.fields.items()}
    rows: list[Row] = [
        fact(_FIELDS.get(field, field), shares[field]) if field in shares
        else (field, tag("strong", "nowhere"), quiet("no column is named"))
        for field in (*_FOUR, *others)
    ]  # fmt: skip
    meant = (
        f"Not kept at all: {', '.join(lacking)}. What was not written down when it happened can "
        "be asked of nobody afterwards: keep it, and name its column under log_policy."
        if lacking
        else "Every field has a column; whether enough rows hold it, OBS-01 says by the floor."
    )
    oldest = "no row" if record.oldest_row is None else words.instant(record.oldest_row)
    return frame(
        f"What log {record.log} holds", capture_look(record), record,
        line(meant),
        table(("of each request", "is there of", "rests on"), rows),
        line(quiet(
            f"{words.plural(record.rows, 'row')} of the last four weeks; outcomes of those days "
            f"only that owe one by now. The oldest row that a query found: {oldest}."
        )),
        simulated=record.simulated,
    )  # fmt: skip


def not_kept(record: CaptureMeasurement) -> list[str]:
    """Which of input, output, intent and outcome have no column at all."""
    return [field for field in _FOUR if field not in record.fields]


def capture_look(record: CaptureMeasurement) -> Look:
    """Lacking while a field has no column; else whether every row holds all that is kept."""
    if not_kept(record):
        return _LACKING
    whole = all(share.value == 1 for share in record.fields.values())
    return _KEPT if whole and record.rows else _NOT_ALL_ROWS


def reconstruction(record: Reconstruction, people: People) -> Html:
    """The four questions, how often a query answered each, and the query."""
    del people
    rows = [
        (
            chip(_answered(q.answered.value or 0)), tag("strong", _QUESTIONS[q.question]),
            words.brief(q.answered), tag("code", q.query),
        )
        for q in record.questions
    ]  # fmt: skip
    never = [_QUESTIONS[q.question] for q in record.questions if not q.answered.value]
    meant = (
        f"No query answers {' '.join(never)} Dashboards beside answers that nobody can "
        "explain look like control and are none. Keep what is lacking, and name its column."
        if never
        else "Each question has a query that a person who was called can run; KEY is the request."
    )
    same = words.plural(record.ambiguous, "decision")
    told = f"; {same} could not be told from another by the key" if record.ambiguous else ""
    return frame(
        f"{words.plural(record.sampled, 'decision')} of log {record.log} looked up again",
        reconstruction_look(record), record,
        line(meant),
        table(("", "question", _answered_head(record), "query, from the workbook's folder"), rows),
        line(quiet(f"Drawn by a fixed seed, each looked up by its key{told}.")),
        simulated=record.simulated,
    )  # fmt: skip


def _answered_head(record: Reconstruction) -> str:
    first = next((q.answered for q in record.questions), None)
    return "answered" if first is None else with_level("answered", first)


def reconstruction_look(record: Reconstruction) -> Look:
    """That of the question that is answered worst."""
    return _answered(min((q.answered.value or 0 for q in record.questions), default=0))


def _answered(share: float) -> Look:
    if share == 0:
        return _NOT_ANSWERED
    return _ANSWERED if share == 1 else _PARTLY


def freshness(record: FreshnessMeasurement, people: People) -> Html:
    """How old the newest row is, the longest gap, and a Friday night that did not happen."""
    del people
    limit, stale = record.limit_minutes, freshness_look(record) is _STALE
    wanted = "by the claim"
    rows: list[Row] = [
        fact("age of the newest row", record.newest_age),
        fact("longest gap in four weeks", record.longest_gap),
        (
            "may be old",
            tag("strong", f"{limit:,} minutes" if limit is not None else "not on record"),
            quiet(wanted),
        ),
        (
            "somebody knows after, at worst",
            tag("strong", f"{words.number(record.worst_notice_hours)} h"),
            quiet(f"{wanted}, weekends included"),
        ),
    ]
    meant = (
        "The data is older than it may be: follow the playbook of the feed."
        if stale
        else "Data arrives in time."
    )
    return frame(
        f"Feed {record.feed}", freshness_look(record), record,
        line(meant),
        table(("", "value", "rests on"), rows),
        *_simulated_friday(record),
        simulated=record.simulated,
    )  # fmt: skip


def freshness_look(record: FreshnessMeasurement) -> Look:
    """Whether the newest row is older than the feed's claim allows."""
    limit, age = record.limit_minutes, record.newest_age.value
    return _STALE if limit is not None and (age is None or age > limit) else _ARRIVES


def _simulated_friday(record: FreshnessMeasurement) -> list[Html]:
    broke, known = record.simulated_break, record.simulated_notice
    if broke is None or known is None:
        return []
    hours = words.number((known - broke) / timedelta(hours=1))
    return [
        line(
            tag("strong", "Simulated: "),
            f"had it stopped late on a Friday evening ({words.instant(broke)}), somebody would "
            f"have known {hours} h later ({words.instant(known)}). Nothing was broken; "
            "this is arithmetic with what the feed claims.",
        )
    ]
