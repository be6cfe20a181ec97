"""A past verdict derived again: from the claims sealed with it, and the ledger as it stood then.

Nothing of today enters but the checks: the bundle holds claims, policy and people as the run was
given them, the manifest says up to which entry of the ledger it was judged.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.evidence import Assessment, Finding
from ops_model.domain.operating_model import Snapshot
from ops_model.domain.snapshot import read_snapshot
from ops_model.domain.values import Value, digest_of
from ops_model.errors import BundleError, LedgerError
from ops_model.workflow.verify import WORKBOOK_FILE, finished_in, finished_run, ledger_of

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger


class _Sealed(Value):
    """What of a manifest matters here; the rest of it was compared already."""

    ledger_size: int


@dataclass(frozen=True)
class Derived:
    """A sealed verdict beside the one derived again; `differing` says what is not the same.

    `other_checks` names the checks that were added, dropped or revised since: a difference there
    is no sign that anything was changed.
    """

    bundle: str
    sealed: Assessment
    again: Assessment
    differing: tuple[str, ...]
    other_checks: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """True when the verdict derived again is the sealed one, to the last byte."""
        return digest_of(self.sealed) == digest_of(self.again)

    @property
    def explained(self) -> bool:
        """True when it is equal, or judged by other checks than then."""
        return self.equal or bool(self.other_checks)

    def as_json(self) -> dict[str, Any]:
        """The keys that `ops-model verify --again --json` adds."""
        return {
            "bundle": self.bundle,
            "verdict": self.sealed.verdict,
            "again": self.again.verdict,
            "sealed_digest": digest_of(self.sealed),
            "again_digest": digest_of(self.again),
            "equal": self.equal,
            "differing": list(self.differing),
            "other_checks": list(self.other_checks),
        }


def derive_path(path: Path) -> list[Derived]:
    """Every verdict that was sealed below PATH, a workbook or one of its bundles, judged again.

    What lies there is believed: verify it first.

    Raises:
        LedgerError, BundleError: there is no workbook around it, or a file cannot be read.
        PolicyError, CatalogueError: the sealed policy, or a check of today, is not valid.
    """
    from ops_model.store.ledger import Ledger

    path = path.resolve()
    root = next((f for f in (path, *path.parents) if (f / WORKBOOK_FILE).is_file()), None)
    if root is None:
        raise LedgerError(
            "lies in no workbook, and a verdict is derived from a bundle and its ledger",
            where=str(path),
            remedy="name a workbook's folder, or a bundle inside one",
        )
    with Ledger.open(ledger_of(root), readonly=True) as ledger:
        runs = map(finished_run, finished_in(ledger))
        bundles = [run.bundle for run in runs if (root / run.bundle).is_relative_to(path)]
        return list(derive_again(root, bundles, ledger))


def derive_again(root: Path, bundles: list[str], ledger: "Ledger") -> Iterator[Derived]:
    """Each verdict sealed in these bundles, judged anew; bundles without one are passed over.

    Args:
        root: the workbook's folder.
        bundles: folders below it, verified before: what lies in them is believed.
        ledger: the workbook's ledger.

    Raises:
        BundleError: a file of a bundle cannot be read.
        LedgerError, PolicyError, CatalogueError: the ledger, the policy or a check is not valid.
    """
    from ops_model.workflow.assess import assess_snapshot

    for bundle in bundles:
        sealed = _sealed_verdict(root / bundle)
        if sealed is not None:
            again = assess_snapshot(_snapshot(root, bundle, ledger))
            yield _compared(bundle, sealed, again)


def _sealed_verdict(folder: Path) -> Assessment | None:
    found = [entry["record"] for entry in _json(folder, "records.json")]
    verdicts = [record for record in found if record.get("kind") == "assessment"]
    return Assessment.model_validate(verdicts[-1]) if verdicts else None


def _snapshot(root: Path, bundle: str, ledger: "Ledger") -> Snapshot:
    folder = root / bundle
    claims = _json(folder, "claims.json")
    size = _Sealed(ledger_size=_json(folder, "manifest.json")["ledger_size"]).ledger_size
    policy = _json(folder, "policy.json")
    snapshot = read_snapshot({**claims, "policy": policy, "workbook": str(root), "statements": []})
    told = ledger.statements(snapshot.system.id, until=size)
    seen = tuple(s for s in told if s.as_of <= snapshot.as_of)
    return snapshot.model_copy(update={"statements": seen})


def _json(folder: Path, name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    try:
        return json.loads((folder / name).read_bytes())
    except (OSError, ValueError) as error:
        raise BundleError(
            f"cannot be read: {type(error).__name__}",
            where=f"{folder.name}/{name}",
            remedy="run `ops-model verify` on the bundle; restore it from a copy",
        ) from error


def _compared(bundle: str, sealed: Assessment, again: Assessment) -> Derived:
    before = {f.check: f for f in sealed.findings}
    now = {f.check: f for f in again.findings}
    others = sorted(
        check
        for check in before.keys() | now.keys()
        if _revision(before.get(check)) != _revision(now.get(check))
    )
    differing = [
        f"{check}: sealed {_said(before.get(check))}, again {_said(now.get(check))}"
        for check in sorted(before.keys() | now.keys())
        if before.get(check) != now.get(check)
    ]
    if sealed.verdict != again.verdict:
        differing.insert(0, f"verdict: sealed {sealed.verdict}, again {again.verdict}")
    return Derived(bundle, sealed, again, tuple(differing), tuple(others))


def _revision(finding: Finding | None) -> int | None:
    return finding.revision if finding is not None else None


def _said(finding: Finding | None) -> str:
    return "not judged" if finding is None else f"{finding.status} ({finding.message})"
