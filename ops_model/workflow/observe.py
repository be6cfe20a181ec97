"""What the tool finds of a system's ledger and bundles before it judges: unchanged or not.

A process reads each bundle once, and again when any file of it was touched since: a fleet that
runs many weeks would otherwise read all earlier ones for each of them.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.evidence import Verification, VerifiedBundle
from ops_model.store.folder_state import state_of
from ops_model.workflow.bundles_compared import BundlesCompared, reader_of_folder
from ops_model.workflow.published import Published, saw_another
from ops_model.workflow.told import Told, told_of
from ops_model.workflow.trust import Trust
from ops_model.workflow.verified import FinishedRun, finished_run

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger, LedgerVerification, StoredEvent


def observe_integrity(
    root: Path,
    system_id: str,
    ledger: "Ledger",
    *,
    as_of: datetime,
    checked: "LedgerVerification | None" = None,
    told: Told | None = None,
    bundles: Sequence[VerifiedBundle] | None = None,
) -> Verification:
    """Compare the ledger, and every bundle of a system's runs by `as_of`, with what was recorded.

    `ledger_size` counts the entries up to the last run compared, although the whole ledger is
    verified: so the record depends on what it looked at and not on who else appended meanwhile.
    `checked` is the ledger verified just now, `told` what it says about the system, and `bundles`
    what comparing them came to, for whoever has that already.

    Raises:
        LedgerError, BundleError: the machine could not read them.
        IntegrityError: the end of a run names no bundle.
        ChainBrokenError: an entry about this system was changed, so its runs cannot be listed.
    """
    checked = checked or ledger.verify()
    told = told or told_of(ledger, system_id)
    published, ends = told.published, ends_by(told, as_of)
    if bundles is None:
        bundles = compared_with(root, ends, published)
    wrong = [*checked.problems, *saw_another(ledger, published.seen, told.roots)]
    return Verification(
        system=system_id,
        as_of=as_of,
        ledger_size=ends[-1].seq + 1 if ends else 0,
        ledger_problems=tuple(f"{p.where}: {p.message}" for p in wrong),
        bundles=tuple(bundles),
    )


def ends_by(told: Told, as_of: datetime) -> tuple["StoredEvent", ...]:
    """The entries that tell of runs which had finished by an instant."""
    return tuple(
        stored
        for stored in told.runs
        if stored.event.type == "run.finished" and stored.event.as_of <= as_of
    )


def compared_with(
    root: Path, ends: Sequence["StoredEvent"], published: Published
) -> tuple[VerifiedBundle, ...]:
    """What comparing the bundles of finished runs with what was recorded came to.

    Args:
        root: the workbook's folder.
        ends: the entries that tell of their ends.
        published: what other entries say to come from them.

    Raises:
        IntegrityError: an entry names no bundle.
        BundleError: the machine could not read one.
    """
    runs = [finished_run(stored) for stored in ends]
    return tuple(_observed(root, run, published) for run in runs)


def _observed(root: Path, run: FinishedRun, published: Published) -> VerifiedBundle:
    compared = BundlesCompared(published, Trust())
    folder = root / run.bundle
    wrong = _verified(folder, run.manifest, _state_of(folder))
    compared.take(run, wrong, reader_of_folder(folder))
    return VerifiedBundle(
        run_id=run.run_id,
        manifest=run.manifest,
        problems=tuple(
            p.message if p.where == run.bundle else f"{p.where} {p.message}"
            for p in compared.problems
        ),
    )


def _state_of(folder: Path) -> str:
    """A key to remember an answer under; where there is nothing to read, why."""
    try:
        return state_of(folder)
    except OSError as error:
        return str(error)


@lru_cache(maxsize=50_000)
def _verified(folder: Path, manifest: str, state: str) -> tuple[str, ...]:
    """What is wrong with a bundle; `state` is only a key under which the answer is remembered."""
    from ops_model.store.seal import verify_bundle

    del state
    return verify_bundle(folder, manifest_digest=manifest)
