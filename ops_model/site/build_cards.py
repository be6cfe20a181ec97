"""The cards of how a version was built, of whose access was shown, and of the time in and back."""

from ops_model.domain.lead_time import InAndBack
from ops_model.domain.people import People
from ops_model.domain.trials import AccessAttempt, AccessDrill, EnvironmentRecord
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, bare, chip, fact, frame, line, quiet, sentences, table
from ops_model.site.words import FAILED, GREY, PASSED, UNKNOWN, Look

_NOT_SEEN = Look("○", "not looked at", GREY, "quiet")
_OF_ACCESS = {"query_logs": "read the logs"}


def access(record: AccessDrill, people: People) -> Html:
    """What somebody did with their own access, how long each took, and what did not work."""
    worked = sum(attempt.ok for attempt in record.attempts)
    rows = [
        (chip(PASSED if a.ok else FAILED), _action(a), words.full(a.seconds), _ended(a))
        for a in record.attempts
    ]
    return frame(
        f"Access of {people.label(record.person)}: {worked} of {len(record.attempts)} worked",
        PASSED if record.passed else FAILED, record,
        table(("", "what", "took", ""), rows),
        line(quiet(
            "The tool saw the commands end; whose access it was is the word of whoever ran it. "
            "What they printed was counted and thrown away."
        )),
    )  # fmt: skip


def _action(attempt: AccessAttempt) -> str:
    return _OF_ACCESS.get(attempt.action, attempt.action.replace("_", " "))


def _ended(attempt: AccessAttempt) -> str:
    if not attempt.ok:
        return attempt.why
    return "" if attempt.lines is None else words.plural(attempt.lines, "line")


def environment(record: EnvironmentRecord, people: People) -> Html:
    """Its tests, its commit, who read it, a second build, and how it differs from production."""
    rows = [
        (chip(_look(record.ci_passed)), "tests", _tests(record), record.ci_run or ""),
        (chip(_look(_known(record.commit))), "commit", (record.commit or "")[:12],
         _came_by(record)),
        (chip(_look(_known(record.reviewed_by or record.reviewers_said))), "read by",
         _readers(record, people), ""),
        (chip(_look(record.rebuilt_alike)), "built again", _rebuilt(record), ""),
        (chip(_look(_known(record.compared_with))), "beside production", _beside(record), ""),
    ]  # fmt: skip
    lead = [fact("from the commit to the first user", record.lead_time)]
    return frame(
        f"How {record.version} was built", look(record), record,
        table(("", "what", "seen", ""), rows),
        *([table(("", "", ""), lead)] if record.lead_time is not None else []),
        *sentences("Differs from production", _differences(record)),
        *sentences("Where each of it comes from", record.sources),
    )  # fmt: skip


def look(record: EnvironmentRecord) -> Look:
    """Failed where its tests did not pass or a second build is not the same; else by its tests."""
    if record.ci_passed is False or record.rebuilt_alike is False:
        return FAILED
    return PASSED if record.ci_passed or record.rebuilt_alike else UNKNOWN


def _look(seen: bool | None) -> Look:  # noqa: FBT001 - the one thing that it is about
    return _NOT_SEEN if seen is None else PASSED if seen else FAILED


def _known(what: object) -> bool | None:
    return True if what else None


def _tests(record: EnvironmentRecord) -> str:
    if record.tests is None:
        return ""
    did = "passed" if record.ci_passed else "ran, and not all passed"
    return f"{words.plural(record.tests, 'test')} {did}"


def _came_by(record: EnvironmentRecord) -> str:
    return f"by {record.pull_request}" if record.pull_request else ""


def _readers(record: EnvironmentRecord, people: People) -> str:
    seen = [f"{people.label(p)} (the commit says so)" for p in record.reviewed_by]
    said = [f"{people.label(p)} (said, not seen)" for p in record.reviewers_said]
    return ", ".join([*seen, *said])


def _rebuilt(record: EnvironmentRecord) -> str:
    if record.rebuild_problem is not None:
        return record.rebuild_problem
    if record.rebuild_digest is None:
        return ""
    built = words.short_digest(record.rebuild_digest)
    serves = words.short_digest(record.build_digest) if record.build_digest else "not pinned"
    return f"{built} both times" if record.rebuilt_alike else f"{built}; what serves is {serves}"


def _beside(record: EnvironmentRecord) -> str:
    if record.compared_with is None:
        return ""
    count = len(record.differences)
    return f"{words.plural(count, 'difference') if count else 'no difference'} from " + (
        record.compared_with
    )


def _differences(record: EnvironmentRecord) -> list[str]:
    return [f"{d.member}: {d.here} here, {d.in_production} there" for d in record.differences]


def hours_and_minutes(pair: InAndBack, system_id: str) -> Html:
    """How long it takes to deploy beside how long it takes to go back, or what shows it."""
    rows: list[Row] = [
        fact("deploying, from the commit to the first user (median of versions)", pair.into),
        fact("going back, from the decision to healthy (median of drills)", pair.back),
    ]
    lacking = []
    if pair.into is None:
        lacking.append(
            f"how long deploying takes: `ops-model observe env {system_id} --repository DIR`"
        )
    if pair.back is None:
        lacking.append(f"how long going back takes: `ops-model drill rollback {system_id}`")
    told = [] if pair.times is None else [line(
        "Deploying takes ", tag("strong", f"{pair.times:,.0f} times"), " as long as going back."
    )]  # fmt: skip
    return bare(
        "Hours in, minutes back", PASSED if not lacking else UNKNOWN,
        table(("", "", "rests on"), rows), *told, *sentences("What shows the rest", lacking),
    )  # fmt: skip
