"""The 2am page of one system: one sheet for the wall of an on-call room."""

from typing import Any

from ops_model.domain.assessment import Finding
from ops_model.domain.walk import FourHours
from ops_model.site import words
from ops_model.site.four_hours_card import (
    failure_rows,
    gaps_look,
    local_instant,
    minute_facts,
    step_rows,
)
from ops_model.site.head import head
from ops_model.site.in_date import finding_of
from ops_model.site.links import two_am_page
from ops_model.site.prose import clauses
from ops_model.site.site_input import SiteInput, SiteSystem

LISTED_MINUTE = "T+15"
"""The step whose details are a list to work through; those of the others stand in a line."""


SHOWN_BY = "INC-01"
"""The check of the walks through every failure, on paper and in a game day."""
_LONGEST = 300


def two_am(pages: SiteInput, system: SiteSystem, walk: FourHours) -> dict[str, Any]:
    """All that the template of the 2am page needs about one system."""
    zone_name = pages.settings.zone
    shown = finding_of(system, SHOWN_BY)
    return {
        **head(system, two_am_page(system)),
        "version": walk.version,
        "at": local_instant(walk.at, zone_name),
        "zone": zone_name,
        "look": gaps_look(walk, shown=shown is not None and shown.status == "passed"),
        "first_paged": pages.people.label(walk.first_paged) if walk.first_paged else "",
        "across": _across(shown),
        "sentence": walk.sentence,
        "all_well": not any(one.failed for one in walk.automatic),
        "happened": walk.happened,
        "failures": failure_rows(walk, pages.people),
        "minutes": minute_facts(walk.minutes),
        "runbook": walk.runbook,
        "runbook_below": "://" not in walk.runbook,
        "rows": step_rows(walk, pages.people),
        "listed": LISTED_MINUTE,
    }


def _across(shown: Finding | None) -> str:
    """What the check over all failures says, where it has not passed; empty where it has."""
    if shown is None:
        return f"{SHOWN_BY} was not judged, so nothing shows more than this paper."
    if shown.status == "passed":
        return ""
    said = clauses(shown.message, _LONGEST)
    return f"Over all failures, {SHOWN_BY}, {words.look(shown).word}: {said}"
