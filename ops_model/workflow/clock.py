"""The instant that judges and the one that is noted, where somebody says something now."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.workbook import WorkbookSettings
from ops_model.workflow.open import refuse_ahead, refuse_behind

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger


def believed(root: Path, settings: WorkbookSettings, clock: datetime) -> datetime:
    """The wall clock, or the latest that the ledger has seen where it was set back since.

    Otherwise what has ended would hold again for whoever turns a clock back.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    from ops_model.workflow.ledgers import has_ledger, open_ledger

    if not has_ledger(root, settings):
        return clock
    with open_ledger(root, settings, readonly=True) as ledger:
        return max(clock, ledger.latest_recorded() or clock)


@dataclass(frozen=True)
class Clock:
    """The instant that judges, and the one that is noted: never behind what the ledger saw."""

    as_of: datetime
    recorded_at: datetime


def clock_of(
    model: OperatingModel, ledger: "Ledger", as_of: datetime | None, recorded_at: datetime
) -> Clock:
    """When something is said now.

    Args:
        model: a replay workbook pins the instant that judges.
        ledger: a clock that was set back behind its latest entry is not believed.
        as_of: the instant that judges, where somebody named one.
        recorded_at: the wall clock.

    Raises:
        UsageError: the instant named is still to come, or more than a day ago.
    """
    at = max(recorded_at, ledger.latest_recorded() or recorded_at)
    judged_at = as_of or model.settings.as_of or at.replace(microsecond=0)
    refuse_ahead(judged_at, at)
    refuse_behind(judged_at, at, model)
    return Clock(judged_at, at)
