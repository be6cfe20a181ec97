"""Everything that an auditor needs, in one file: the ledger, its checkpoints, keys and bundles.

The ledger is always whole, since an auditor has to see that nothing is left out; the words of
people are not in it, only commitments to them.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ops_model.domain.signers import REVOKED_FILE, SIGNERS_FILE
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import IntegrityError, UsageError
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.verified import FinishedRun, finished_run

if TYPE_CHECKING:
    from ops_model.store.checkpoint import CheckpointKey
    from ops_model.store.ledger import Head, Ledger


@dataclass(frozen=True)
class Exported:
    """What was written: the entries, how many bundles of runs, and whether a key signed it."""

    path: Path
    size: int
    root: str
    bundles: int
    signed: bool


def export_evidence(
    root: Path,
    settings: WorkbookSettings,
    into: Path,
    *,
    system: str | None = None,
    key: "CheckpointKey | None" = None,
) -> Exported:
    """Write the evidence of a workbook into a zip: the same workbook gives the same bytes.

    Args:
        root: the workbook's folder.
        settings: its `ops-model.yaml`.
        into: the file; one that is there is replaced when the new one is whole.
        system: only the bundles of this system; the ledger is whole all the same.
        key: signs the index.

    Raises:
        UsageError: the ledger knows no such system, or the file would lie among the evidence.
        IntegrityError: the ledger or a bundle is not what was recorded; nothing was written.
        LedgerError, BundleError: the machine cannot read or write it.
    """
    from ops_model.store.archive import write_archive
    from ops_model.store.checkpoint_file import CHECKPOINTS_FILE, KEYS_FILE
    from ops_model.store.export_index import INDEX_FILE, ExportIndex, listed_of
    from ops_model.store.ledger_export import LEDGER_LINES, line_of

    _require_elsewhere(root, into)
    with (
        open_ledger(root, settings, readonly=True) as ledger,
        TemporaryDirectory(prefix=".export-", dir=_folder_of(into)) as staging,
    ):
        head = ledger.head()
        runs = _runs(ledger, head, system)
        lines = Path(staging) / LEDGER_LINES
        with lines.open("wb") as file:
            file.writelines(map(line_of, ledger.rows(until=head.size)))
        files: dict[str, Path] = {LEDGER_LINES: lines}
        for name in (CHECKPOINTS_FILE, KEYS_FILE, SIGNERS_FILE, REVOKED_FILE):
            if (root / name).is_file():
                files[name] = root / name
        for run in runs:
            files |= _bundle(root, run)
        listed = []
        for name in sorted(files):
            with files[name].open("rb") as opened:
                listed.append(listed_of(name, opened))
        index = ExportIndex(
            system=system, zone=settings.zone, size=head.size, head=head.hash, root=head.root,
            files=tuple(listed),
        )  # fmt: skip
        keys = (key,) if key is not None else ()
        write_archive(into, {**files, INDEX_FILE: index.as_bytes(keys)})
    return Exported(into, head.size, head.root, len(runs), key is not None)


def _require_elsewhere(root: Path, into: Path) -> None:
    if (root / "runs") in into.absolute().resolve().parents:
        raise UsageError(
            "the export would lie among the bundles",
            where=str(into),
            remedy="write it outside of the workbook's runs/",
        )


def _folder_of(into: Path) -> Path:
    folder = into.absolute().parent
    if not folder.is_dir():
        raise UsageError(
            "there is no such folder", where=str(folder), remedy="make it, or name another file"
        )
    return folder


def _runs(ledger: "Ledger", head: "Head", system: str | None) -> list[FinishedRun]:
    """The finished runs whose bundles belong to the export."""
    runs, known = [], set()
    for stored in ledger.events(until=head.size):
        known.add(stored.event.subject)
        if stored.event.type == "run.finished" and system in {None, stored.event.subject}:
            runs.append(finished_run(stored))
    if system is not None and system not in known:
        raise UsageError(
            f"the ledger knows nothing of {system}; it knows {', '.join(sorted(known)) or 'none'}",
            remedy="name a system of which something is recorded, or none for all of them",
        )
    return runs


def _bundle(root: Path, run: FinishedRun) -> dict[str, Path]:
    """The files of a bundle by their path in the export."""
    from ops_model.store.seal import verify_bundle

    problems = verify_bundle(root / run.bundle, manifest_digest=run.manifest)
    if problems:
        raise IntegrityError(
            f"the bundle is not what was recorded: {problems[0]}; nothing was written",
            where=run.bundle,
            remedy="see `ops-model verify` on the workbook, and restore the bundle from a copy",
        )
    return {f"{run.bundle}/{path.name}": path for path in sorted((root / run.bundle).iterdir())}
