"""Whether what was recorded is still there, byte for byte: bundles, the ledger, or all of it.

The ledger is compared with its own hashes and with the checkpoints that were signed; a bundle with
what the ledger recorded of it. An export is verified in `verify_export`; what is recorded of it
before a system is judged, in `observe`.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.errors import IntegrityError, LedgerError, OpsModelError, Problem
from ops_model.workflow.bundles_compared import (
    BundlesCompared,
    of_one_bundle,
    reader_of_folder,
)
from ops_model.workflow.ledgers import WORKBOOK_FILE, ledger_at, settings_of
from ops_model.workflow.published import Published, saw_another
from ops_model.workflow.reviews import forged_words
from ops_model.workflow.trust import SignedRoots, Trust, signed_roots, visible
from ops_model.workflow.verified import FinishedRun, Verified, finished_run

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger

_UNNAMED = "no finished run of the ledger names this bundle"
_NAME_ONE = "name a bundle's folder, a ledger's file, a workbook's folder or an export"
NOBODY = Trust()


def verify_path(path: Path, trust: Trust = NOBODY) -> Verified:
    """Verify a ledger file, a bundle, a workbook with its ledger and bundles, or an export.

    A bundle inside a workbook is compared with the manifest that the ledger recorded, and the
    ledger is verified too; anywhere else there is only the bundle's own manifest, and the
    signature of a key that the reader named.

    Raises:
        LedgerError, BundleError: it is not there, or the machine cannot read it.
        WorkbookError: a workbook's `ops-model.yaml` is not valid, so its ledger has no name, or
            a line of its `checkpoint_keys.txt` is no key.
    """
    from ops_model.workflow.export_parts import is_export
    from ops_model.workflow.verify_export import verify_export

    # The last part is not resolved: a link in the place of a bundle is not a bundle.
    path = path.absolute()
    path = path.parent.resolve() / path.name
    if (path / WORKBOOK_FILE).is_file():
        return _verify_workbook(path, trust)
    if is_export(path):
        return verify_export(path, trust)
    if path.is_dir():
        return _verify_bundle(path, trust)
    if path.exists():
        if not _may_be_ledger(path):
            raise LedgerError("is no ledger", where=str(path), remedy=_NAME_ONE)
        return _verify_ledger(path, trust)
    raise LedgerError("there is no such file or folder", where=str(path), remedy=_NAME_ONE)


def _may_be_ledger(path: Path) -> bool:
    """False for a file that nobody ever took for a ledger, so that it raises no false alarm."""
    if not path.is_file():  # a pipe would be waited for
        return False
    try:
        with path.open("rb") as file:
            return path.suffix == ".db" or file.read(16) == b"SQLite format 3\0"
    except OSError as error:
        raise LedgerError(
            f"cannot be read: {error.strerror}", where=str(path), remedy="let this user read it"
        ) from error


def _verify_ledger(ledger: Path, trust: Trust) -> Verified:
    root = ledger.parent
    if (root / WORKBOOK_FILE).is_file() and ledger_of(root) == ledger:
        return _ledger_of_workbook(root, ledger, trust)
    return _of_ledger(ledger, signed_roots((), trust, where=ledger.name))


def _ledger_of_workbook(root: Path, ledger: Path | str, trust: Trust) -> Verified:
    from ops_model.store.checkpoint_file import CHECKPOINTS_FILE, read_notes

    notes, problems = read_notes(root / CHECKPOINTS_FILE)
    trust = _trusted_in(root, trust)
    return _of_ledger(ledger, signed_roots(notes, trust, problems, where=CHECKPOINTS_FILE))


def _trusted_in(root: Path, trust: Trust) -> Trust:
    from ops_model.store.checkpoint_file import read_keys

    return trust if trust.named else trust.or_listed(read_keys(root))


def _of_ledger(ledger: Path | str, signed: SignedRoots) -> Verified:
    from ops_model.store.ledger import verify_ledger

    checked = verify_ledger(ledger, roots=signed.roots)
    problems = (*signed.problems, *checked.problems)
    until = _recorded_until(ledger, signed) if not checked.problems else None
    return Verified(
        (f"ledger: {checked.size} entries against their own hash chain",),
        problems,
        checked.size,
        checked.head,
        checked.root,
        signed.covering(checked.size, holds=not checked.problems, until=until),
        signed.told_of(holds=not checked.problems),
    )


def _recorded_until(ledger: Path | str, signed: SignedRoots) -> datetime | None:
    """When the last entry was recorded that the newest checkpoint covers."""
    from ops_model.store.ledger import Ledger

    if signed.newest is None or not signed.newest.checkpoint.size:
        return None
    with Ledger.open(ledger, readonly=True) as opened:
        return opened.entry(signed.newest.checkpoint.size - 1).event.recorded_at


def ledger_of(root: Path) -> Path | str:
    """Where the workbook's ledger is; its other files may be as wrong as they like."""
    return ledger_at(root, settings_of(root))


def _verify_workbook(root: Path, trust: Trust) -> Verified:
    ledger = ledger_of(root)
    lying = set(_bundles_on_disk(root))
    if isinstance(ledger, Path) and not ledger.exists():
        if gone := _gone(root, lying):
            return Verified((), (Problem(gone, ledger.name),))
        raise LedgerError(
            "nothing has been recorded yet, so there is nothing to verify",
            where=str(ledger),
            remedy="`ops-model check` or `ops-model run` starts a ledger",
        )
    told = _recorded(root, ledger, trust)
    made_up = [] if told.unread else sorted(lying - {run.bundle for run in told.runs})
    return _with(
        told,
        f"bundles: {len(told.runs)} against the manifests that the ledger recorded",
        _compared(root, told, told.runs, trust),
        [Problem(_UNNAMED, visible(bundle)) for bundle in made_up],
    )


def _gone(root: Path, lying: Collection[str]) -> str:
    """What shows that there was a ledger; empty when nothing does."""
    from ops_model.store.checkpoint_file import CHECKPOINTS_FILE

    if lying:
        return f"is gone, and {len(lying)} bundles of it are there"
    return (
        f"is gone, and {CHECKPOINTS_FILE} is there" if (root / CHECKPOINTS_FILE).exists() else ""
    )


def _is_there(ledger: Path | str) -> bool:
    return isinstance(ledger, str) or ledger.exists()


def _verify_bundle(folder: Path, trust: Trust) -> Verified:
    from ops_model.store.seal import MANIFEST_FILE, verify_bundle

    root = next((f for f in folder.parents if (f / WORKBOOK_FILE).is_file()), None)
    ledger = ledger_of(root) if root is not None else None
    if root is not None and ledger is not None and _is_there(ledger):
        told = _recorded(root, ledger, trust)
        place = folder.relative_to(root).as_posix()
        own = [run for run in told.runs if run.bundle == place]
        found = _compared(root, told, own, trust)
        if own or told.unread:
            return _with(told, "bundle: against the manifest that the ledger recorded", found)
        if (folder / MANIFEST_FILE).exists():
            unnamed = [Problem(_UNNAMED, visible(place))]
            return _with(told, "bundle: named by no entry", found, unnamed)
    if not os.path.lexists(folder / MANIFEST_FILE):
        raise LedgerError("is no bundle and no workbook", where=str(folder), remedy=_NAME_ONE)
    wrong = verify_bundle(folder, keys=trust.keys if trust.named else ())
    return of_one_bundle(wrong, folder.name, trust, reader_of_folder(folder))


def _with(
    told: "_Recorded", compared: str, found: BundlesCompared, problems: Iterable[Problem] = ()
) -> Verified:
    chain = told.chain
    return replace(
        chain,
        compared=(*chain.compared, compared),
        problems=(*chain.problems, *told.unread, *told.wrong, *found.problems, *problems),
        told=(*chain.told, *found.told),
        rests=found.rests,
        more=found.as_json(),
    )


@dataclass
class _Recorded:
    """The ledger verified; what it tells of, as far as it can be read; and where that ends."""

    chain: Verified
    runs: list[FinishedRun] = field(default_factory=list)
    published: Published = field(default_factory=Published)
    worded: set[str] = field(default_factory=set)
    unread: list[Problem] = field(default_factory=list)
    wrong: list[Problem] = field(default_factory=list)

    def read(self, ledger: "Ledger") -> None:
        """Take every entry, and compare what people signed with the ledger."""
        for stored in ledger.events():
            self.published.note_event(stored)
            if stored.event.type == "run.finished":
                self.runs.append(finished_run(stored))
            if stored.event.data.get("proof") is not None:
                self.worded.add(stored.event.subject)
        self.wrong += saw_another(ledger, self.published.seen)
        for system in sorted(self.worded):
            self.wrong += forged_words(ledger.statements(system, words=False))


def _recorded(root: Path, ledger: Path | str, trust: Trust) -> _Recorded:
    from ops_model.store.ledger import Ledger

    told = _Recorded(_ledger_of_workbook(root, ledger, trust))
    try:
        with Ledger.open(ledger, readonly=True) as opened:
            told.read(opened)
    except OpsModelError as error:
        if told.chain.ok and not isinstance(error, IntegrityError):
            raise
        place = error.problems[0].where if isinstance(error, IntegrityError) else "ledger"
        told.unread.append(Problem("no bundle of a run from here on was compared", place))
    return told


def _compared(
    root: Path, told: _Recorded, runs: Iterable[FinishedRun], trust: Trust
) -> BundlesCompared:
    from ops_model.store.seal import verify_bundle

    trust = _trusted_in(root, trust)
    found = BundlesCompared(told.published, trust, "restore the bundle from a copy")
    for run in runs:
        folder = root / run.bundle
        wrong = verify_bundle(folder, manifest_digest=run.manifest, keys=trust.keys)
        found.take(run, wrong, reader_of_folder(folder))
    return found


def _bundles_on_disk(root: Path) -> Iterator[str]:
    """Folders that look like bundles, but for those whose run is still at work.

    A bundle has its name a moment before the ledger names it; until then the run's lock lies
    beside it.
    """
    for folder in root.glob("runs/*/*/*"):
        place = folder.relative_to(root)
        hidden = any(part.startswith(".") for part in place.parts)
        at_work = (folder.parent / f".running-{folder.name}.json").exists()
        if folder.is_dir() and not hidden and not at_work:
            yield place.as_posix()
