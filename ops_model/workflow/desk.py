"""What those who judge many systems have before them, and how it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.check.catalogue import Catalogue
from ops_model.domain.evidence import VerifiedBundle
from ops_model.domain.operating_model import OperatingModel
from ops_model.errors import OpsModelError
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.observe import compared_with, ends_by
from ops_model.workflow.published import Published
from ops_model.workflow.side_by_side import Ahead, Answering, answers, never_looked_at_again
from ops_model.workflow.told import Told, told_of_all

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger, LedgerVerification, StoredEvent


@dataclass
class Desk:
    """What one process needs to observe and judge; it opens the ledger for itself, to read.

    `told` is what the ledger said of each system when it held `size` entries, or later, and
    `bundles` what comparing those of its runs came to.
    """

    root: Path
    model: OperatingModel
    catalogue: Catalogue
    as_of: datetime
    checked: "LedgerVerification | None" = None
    told: Mapping[str, Told] = field(default_factory=dict)
    bundles: Mapping[str, Sequence[VerifiedBundle]] = field(default_factory=dict)
    size: int = 0
    _ledger: "Ledger | None" = None

    @property
    def ledger(self) -> "Ledger":
        """The ledger, which is opened at the first question."""
        if self._ledger is None:
            self._ledger = open_ledger(self.root, self.model.settings, readonly=True)
        return self._ledger

    def close(self) -> None:
        """Let go of the ledger."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None


def read_all(desk: Desk, systems: Sequence[str], ask: Answering[Desk]) -> None:
    """Read what the ledger says of systems, while others verify it and compare the bundles.

    The desk knows all of it then.

    Args:
        desk: whose `told`, `checked` and `bundles` are filled.
        systems: the ids of the systems.
        ask: whoever verifies and compares.

    Raises:
        LedgerError: the ledger cannot be read.
        BundleError: the machine could not read a bundle.
        ChainBrokenError, IntegrityError: an entry was changed, or cannot be understood.
    """
    compared: list[Ahead[Sequence[VerifiedBundle]]] = []

    def compare(told: Told) -> None:
        ends = ends_by(told, desk.as_of)
        compared.append(ask.ahead(_compared, ends, told.published))
        never_looked_at_again()

    verified = ask.ahead(_verified)
    try:
        with open_ledger(desk.root, desk.model.settings, readonly=True) as ledger:
            desk.told = told_of_all(ledger, systems, then=compare)
        desk.bundles = dict(zip(systems, answers(compared), strict=True))
    except OpsModelError:
        verified()  # that the ledger cannot be verified is told before anything else
        raise
    desk.checked = verified()


def _verified(desk: Desk) -> "LedgerVerification":
    return desk.ledger.verify()


def _compared(
    desk: Desk, ends: Sequence["StoredEvent"], published: Published
) -> Sequence[VerifiedBundle]:
    return compared_with(desk.root, ends, published)
