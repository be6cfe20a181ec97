"""The 2am page of one system: one sheet for the wall of an on-call room."""

from typing import Any

from ops_model.domain.walk import FourHours
from ops_model.site.four_hours_card import (
    failure_rows,
    gaps_look,
    local_instant,
    minute_facts,
    step_rows,
)
from ops_model.site.head import head
from ops_model.site.links import two_am_page
from ops_model.site.site_input import SiteInput, SiteSystem

LISTED_MINUTE = "T+15"
"""The step whose details are a list to work through; those of the others stand in a line."""


def two_am(pages: SiteInput, system: SiteSystem, walk: FourHours) -> dict[str, Any]:
    """All that the template of the 2am page needs about one system."""
    zone_name = pages.settings.zone
    return {
        **head(system, two_am_page(system)),
        "version": walk.version,
        "at": local_instant(walk.at, zone_name),
        "zone": zone_name,
        "look": gaps_look(walk),
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
