"""A past verdict derived again: from the claims sealed with it, and the ledger as it stood then.

Nothing of today enters but the checks: the bundle holds claims, policy and people as the run was
given them, the manifest says up to which entry of the ledger it was judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ops_model.check.turns import SUMS_UP
from ops_model.check.verdict import verdict_of
from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.operating_model import PortfolioSnapshot
from ops_model.domain.values import digest_of
from ops_model.errors import CatalogueError, IntegrityError, LedgerError, PolicyError
from ops_model.workflow.ledgers import WORKBOOK_FILE
from ops_model.workflow.sealed_run import sealed_json, sealed_snapshot
from ops_model.workflow.verified import finished_in, finished_run
from ops_model.workflow.verify import ledger_of

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger


@dataclass(frozen=True)
class Derived:
    """A sealed verdict beside the one derived again; `differing` says what is not the same.

    `added_checks` were not there then, and say nothing of that verdict. `other_checks` names those
    that were dropped or revised since: a difference there is no sign that anything was changed.
    `same_findings` is true when there are some, and every finding of the others, and the verdict
    that follows, is as it was sealed.
    """

    bundle: str
    sealed: Assessment
    again: Assessment
    differing: tuple[str, ...]
    other_checks: tuple[str, ...]
    added_checks: tuple[str, ...]
    same_findings: bool
    differing_checks: frozenset[str] = frozenset()

    @property
    def equal(self) -> bool:
        """True when the verdict derived again is the sealed one, to the last byte."""
        return digest_of(self.sealed) == digest_of(self.again)

    @property
    def derived(self) -> bool:
        """True when the checks of then that are the same today find the same."""
        return self.equal or self.same_findings

    @property
    def explained(self) -> bool:
        """True when it is derived, or all that differs is of checks dropped or revised since.

        What only sums up others follows them.
        """
        follows = {*self.other_checks, *SUMS_UP, *_FOLLOWS}
        return self.derived or (bool(self.other_checks) and self.differing_checks <= follows)

    def as_json(self) -> dict[str, Any]:
        """The keys that `ops-model verify --again --json` adds."""
        return {
            "bundle": self.bundle,
            "verdict": self.sealed.verdict,
            "again": self.again.verdict,
            "sealed_digest": digest_of(self.sealed),
            "again_digest": digest_of(self.again),
            "equal": self.equal,
            "same": self.derived,
            "differing": list(self.differing),
            "other_checks": list(self.other_checks),
            "added_checks": list(self.added_checks),
        }


@dataclass(frozen=True)
class NotDerived:
    """A sealed verdict that cannot be judged again, and why; nothing is said against it."""

    bundle: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """The keys that `ops-model verify --again --json` adds."""
        return {"bundle": self.bundle, "equal": None, "same": None, "why": self.why}


_FOLLOWS = ("PRT-01", "PRT-07")
_OLDER = "it was sealed in an older form, which says less than judging it again needs"


def derive_path(path: Path) -> list[Derived | NotDerived]:
    """Every verdict that was sealed below PATH, a workbook or one of its bundles, judged again.

    What lies there is believed: verify it first.

    Raises:
        LedgerError, BundleError: there is no workbook around it, or a file cannot be read.
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


def derive_again(
    root: Path, bundles: list[str], ledger: "Ledger"
) -> Iterator[Derived | NotDerived]:
    """Each verdict sealed in these bundles, judged anew; bundles without one are passed over.

    Args:
        root: the workbook's folder.
        bundles: folders below it, verified before: what lies in them is believed.
        ledger: the workbook's ledger.

    Raises:
        BundleError: a file of a bundle cannot be read.
        LedgerError: the ledger is not valid.
    """
    broken = _why_no_checks(root)
    for bundle in bundles:
        try:
            derived = _derived(root, bundle, ledger, broken)
        except PolicyError as error:
            first = error.problems[0]
            yield NotDerived(bundle, f"by the policy sealed with it, {first.message}")
        except (ValidationError, IntegrityError, LookupError, TypeError, AttributeError):
            # It was verified, so it is what was sealed; what it holds is another version's.
            yield NotDerived(bundle, _OLDER)
        else:
            if derived is not None:
                yield derived


def _why_no_checks(root: Path) -> str:
    """Why nothing can be judged by the checks of today; empty where they load."""
    from ops_model.workflow.assess import catalogue_of

    try:
        catalogue_of(root)
    except CatalogueError as error:
        first = error.problems[0]
        return f"the checks of today do not load: {first.where}: {first.message}"
    return ""


def _derived(
    root: Path, bundle: str, ledger: "Ledger", broken: str
) -> Derived | NotDerived | None:
    from ops_model.workflow.assess import assess_snapshot

    sealed = _sealed_verdict(root / bundle)
    if sealed is None:
        return None
    if broken:
        return NotDerived(bundle, broken)
    if sealed.frameworks is None:
        return NotDerived(bundle, _OLDER)
    snapshot = sealed_snapshot(root, bundle, ledger)
    if isinstance(snapshot, PortfolioSnapshot):
        return NotDerived(bundle, "it is about all systems together, and seals no verdict of one")
    return compared(bundle, sealed, assess_snapshot(snapshot))


def _sealed_verdict(folder: Path) -> Assessment | None:
    found = [entry["record"] for entry in sealed_json(folder, "records.json")]
    verdicts = [record for record in found if record.get("kind") == "assessment"]
    return Assessment.model_validate(verdicts[-1]) if verdicts else None


_JUDGED_BY = ("as_of", "claims", "policy", "frameworks", "open_conditions", "ledger_size")
"""What of an assessment no other check can make another."""


def compared(bundle: str, sealed: Assessment, again: Assessment) -> Derived:
    """The two compared, finding by finding of the checks that judged then."""
    before = {f.check: f for f in sealed.findings}
    now = {f.check: f for f in again.findings}
    others = [c for c in sorted(before) if before[c].revision != _revision(now.get(c))]
    differing = [
        _difference(before[check], now.get(check))
        for check in sorted(before)
        if before[check] != now.get(check)
    ]
    # What was dropped or revised since stands for itself, as it was sealed.
    of_then = [before[c] if c in others else now[c] for c in before]
    verdict = verdict_of(of_then, again.open_conditions)
    if sealed.verdict != verdict:
        differing.insert(0, f"verdict: sealed {sealed.verdict}, again {verdict}")
    unrevised = [c for c in before if c not in others]
    added = tuple(sorted(now.keys() - before.keys()))
    same = (
        bool(added or others)
        and sealed.verdict == verdict
        and all(before[c] == now[c] for c in unrevised)
        and all(getattr(sealed, key) == getattr(again, key) for key in _JUDGED_BY)
    )
    unequal = frozenset(check for check in before if before[check] != now.get(check))
    return Derived(bundle, sealed, again, tuple(differing), tuple(others), added, same, unequal)


def _revision(finding: Finding | None) -> int | None:
    return finding.revision if finding is not None else None


def _difference(sealed: Finding, again: Finding | None) -> str:
    """What one check found then and now; of a revised one, by which revision each."""
    if again is None or again.revision == sealed.revision:
        return f"{sealed.check}: sealed {_said(sealed)}, again {_said(again)}"
    if (sealed.status, sealed.message) == (again.status, again.message):
        return f"{sealed.check} was revised since, and finds the same: {_said(sealed)}"
    return (
        f"{sealed.check} was revised since: sealed {_said(sealed)} by revision "
        f"{sealed.revision}, now {_said(again)} by revision {again.revision}"
    )


def _said(finding: Finding | None) -> str:
    return "not judged" if finding is None else f"{finding.status} ({finding.message})"
