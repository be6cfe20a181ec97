"""One sealed bundle as a zip that can be sent and verified where it lies."""

from pathlib import Path

from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import IntegrityError, Problem, UsageError
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.verified import FinishedRun, finished_in, finished_run

_SHOWN = 5


def export_bundle(root: Path, settings: WorkbookSettings, run_id: str, into: Path) -> FinishedRun:
    """Write the bundle of a run into the zip `into`; equal bundles give equal bytes.

    Raises:
        UsageError: no run of this id has finished.
        IntegrityError: the bundle is not what was sealed; nothing was written.
        LedgerError, BundleError: something cannot be read, or the zip cannot be written.
    """
    from ops_model.store.archive import write_archive
    from ops_model.store.seal import verify_bundle

    with open_ledger(root, settings, readonly=True) as ledger:
        finished = list(finished_in(ledger))
    found = next((s for s in finished if s.event.data.get("run_id") == run_id), None)
    if found is None:
        last = ", ".join(str(s.event.data.get("run_id")) for s in finished[-_SHOWN:])
        raise UsageError(
            f"no run {run_id!r} has finished",
            where="ledger",
            remedy=f"the last ones are: {last or 'none yet'}",
        )
    run = finished_run(found)
    folder = root / run.bundle
    if wrong := verify_bundle(folder, manifest_digest=run.manifest):
        remedy = "restore the bundle from a copy, then export it"
        raise IntegrityError(problems=[Problem(what, run.bundle, remedy) for what in wrong])
    write_archive(into, {path.name: path for path in folder.iterdir()})
    return run
