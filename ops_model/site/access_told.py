"""Who opened the logs last with their own access, and who tried in vain, for the on-call page."""

from datetime import datetime

from ops_model.domain.access import AccessShown, last_shown
from ops_model.domain.evidence import Attestation
from ops_model.domain.lead_time import in_and_back
from ops_model.domain.people import People
from ops_model.domain.trials import AccessDrill
from ops_model.site import words
from ops_model.site.site_input import SiteSystem


def log_access(system: SiteSystem, people: People, at: datetime) -> dict[str, list[str]]:
    """The last of each person, the newest first: those that `opened` the logs, and `in_vain`."""
    statements = [s.statement for s in system.statements]
    who = dict.fromkeys(
        record.person
        for record in (s.record for s in statements)
        if isinstance(record, AccessDrill)
        or (isinstance(record, Attestation) and record.action == "query_logs")
    )
    found = [last_shown(statements, person, "query_logs", as_of=at) for person in who]
    newest = sorted((f for f in found if f is not None), key=lambda f: f.as_of, reverse=True)
    return {
        "opened": [_told(shown, people) for shown in newest if shown.ok],
        "in_vain": [_told(shown, people) for shown in newest if not shown.ok],
    }


def _told(shown: AccessShown, people: People) -> str:
    who = f"{people.label(shown.person)}, {words.instant(shown.as_of)}"
    if not shown.ok:
        return f"{who}, {shown.why}"
    took = f"in {words.value(shown.seconds)}" if shown.seconds is not None else ""
    how = f"by the declared query {took}" if shown.drilled else took
    return f"{who}, {how.strip()}" if how else who


def deploying(system: SiteSystem) -> str:
    """How long a version takes to reach users, beside the seconds back; empty where unknown."""
    pair = in_and_back([s.statement for s in system.statements])
    if pair.into is None:
        return ""
    hours = words.value(pair.into)
    return f"a version takes {hours} from its commit to its first user"
