"""A sealed run as it was given: claims, policy and people of its bundle, and the ledger of then.

What lies in the bundle is believed: verify it first.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot
from ops_model.domain.snapshot import has_places, is_of_portfolio, read_portfolio, read_snapshot
from ops_model.errors import BundleError

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger


def sealed_snapshot(root: Path, bundle: str, ledger: "Ledger") -> Snapshot | PortfolioSnapshot:
    """What the kernel of a sealed run was given.

    Raises:
        BundleError: a file of the bundle cannot be read.
        IntegrityError, LookupError: the bundle is of an older form, or holds something else.
        LedgerError: the ledger cannot be read.
    """
    from ops_model.store.seal import manifest_of

    folder = root / bundle
    claims: Mapping[str, Any] = sealed_json(folder, "claims.json")
    size = manifest_of(folder).ledger_size
    plain = {
        **claims, "policy": sealed_json(folder, "policy.json"), "workbook": str(root),
        "statements": [],
    }  # fmt: skip
    snapshot: Snapshot | PortfolioSnapshot
    if is_of_portfolio(claims):
        snapshot = read_portfolio(plain)
        about = [system.id for system in snapshot.systems]
    elif has_places(claims):
        snapshot = read_snapshot(plain)
        about = [snapshot.system.id]
    else:
        raise LookupError(bundle)
    told = (s for one in about for s in ledger.statements(one, until=size, words=False))
    seen = tuple(s for s in told if s.as_of <= snapshot.as_of)
    return snapshot.model_copy(update={"statements": seen})


def sealed_json(folder: Path, name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """What a file of a bundle holds.

    Raises:
        BundleError: it cannot be read.
    """
    try:
        return json.loads((folder / name).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(
            f"cannot be read: {type(error).__name__}",
            where=f"{folder.name}/{name}",
            remedy="run `ops-model verify` on the bundle; restore it from a copy",
        ) from error
