"""All systems of a workbook together, as the portfolio's notebook opens them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.operating_model import OperatingModel, PortfolioSnapshot
from ops_model.domain.people import People
from ops_model.domain.snapshot import SNAPSHOT_FILE, is_of_portfolio, read_portfolio
from ops_model.errors import UsageError
from ops_model.workflow.ledgers import has_ledger, open_ledger
from ops_model.workflow.open import (
    judged_instant,
    plain_snapshot,
    same_instant,
    workbook_above,
)  # fmt: skip

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger


# Compared by identity, as a book is.
@dataclass(frozen=True, eq=False)
class Shelf:
    """All systems at one instant: what is claimed of each, and what was shown."""

    root: Path
    snapshot: PortfolioSnapshot

    @property
    def as_of(self) -> datetime:
        """The instant that judges."""
        return self.snapshot.as_of

    @property
    def people(self) -> People:
        """People and teams by id, without names."""
        return self.snapshot.people


def open_portfolio(*, as_of: str | datetime = "") -> Shelf:
    """Open all systems of the workbook at one instant.

    Args:
        as_of: the instant that judges, ISO 8601 with a zone; empty is the workbook's pinned one.

    Raises:
        UsageError: no instant, or the run is about one system.
        WorkbookError: there is no workbook here or above, or a file in it is not valid.
    """
    here = Path.cwd()
    if (here / SNAPSHOT_FILE).is_file():
        plain = plain_snapshot(here / SNAPSHOT_FILE)
        if not is_of_portfolio(plain):
            raise UsageError(
                "this run is about one system, and the notebook opens all of them",
                remedy="declare no parameter `system`, and run it without naming one",
            )
        snapshot = read_portfolio(plain)
        same_instant(snapshot.as_of, as_of)
        return Shelf(Path(snapshot.workbook), snapshot)
    root = workbook_above(here)
    from ops_model.store.workbook import read_workbook

    model = read_workbook(root)
    instant = judged_instant(as_of, model)
    if not has_ledger(root, model.settings):
        return Shelf(root, take_portfolio(root, model, as_of=instant, ledger=None))

    with open_ledger(root, model.settings, readonly=True) as ledger:
        return Shelf(root, take_portfolio(root, model, as_of=instant, ledger=ledger))


def take_portfolio(
    root: Path, model: OperatingModel, *, as_of: datetime, ledger: "Ledger | None"
) -> PortfolioSnapshot:
    """What a kernel gets that looks at all systems: claims, and what was shown by `as_of`."""
    size = ledger.size() if ledger is not None else 0
    told = [
        statement
        for system in model.systems
        for statement in (
            ledger.statements(system.id, until=size, words=False) if ledger is not None else ()
        )
    ]
    return PortfolioSnapshot(
        workbook=str(root),
        systems=model.systems,
        people=model.people.without_names(),
        policy=model.policy,
        portfolio=model.portfolio,
        signers=model.signers,
        settings=model.settings,
        as_of=as_of,
        ledger_size=size,
        statements=tuple(s for s in told if s.as_of <= as_of),
        scenarios=model.scenarios,
    )
