"""What the watch could not read, said as a concern: nobody may take it for quiet.

A message goes out of the house and onto the ledger, so it says where something is wrong and not
what was written there.
"""

from collections.abc import Mapping
from datetime import datetime

from ops_model.domain.alerts import Concern
from ops_model.errors import CatalogueError
from ops_model.store.sound_part import Broken

NOTHING_BROKEN: Mapping[str, Broken] = {}
"""When every system can be read."""


def unread_claims(system_id: str, broken: Broken, as_of: datetime) -> Concern:
    """The claims of a system cannot be read, so none of its monitors or reports is watched."""
    places = list(dict.fromkeys(problem.where for problem in broken.problems))
    more = f" and {len(places) - 1} more places" if len(places) > 1 else ""
    return Concern(
        system=system_id, kind="unread", about="claims", severity="ticket", since=as_of,
        why=f"its files cannot be read, so nothing of it is watched or run: {places[0]}{more}",
        remedy="mend the file; `ops-model doctor` says what is wrong there",
        owner=broken.accountable,
    )  # fmt: skip


def unread_checks(subject: str, error: CatalogueError, as_of: datetime) -> Concern:
    """The checks cannot be loaded, so nobody hears of what expires or is about to."""
    where = error.problems[0].where or "a check file"
    return Concern(
        system=subject, kind="unread", about="checks", severity="ticket", since=as_of,
        why=f"the checks cannot be loaded, so what runs out is not watched: {where}",
        remedy="mend the file; `ops-model checks list` says what is wrong there",
    )  # fmt: skip
