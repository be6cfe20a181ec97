"""Whether what was recorded is still there, byte for byte: bundles, the ledger, or all of it."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ops_model.domain.evidence import Verification, VerifiedBundle
from ops_model.domain.operating_model import WorkbookSettings
from ops_model.domain.values import Digest, RelativePath, Slug, Value
from ops_model.errors import IntegrityError, LedgerError, OpsModelError, Problem, WorkbookError

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger, LedgerVerification, StoredEvent

WORKBOOK_FILE = "ops-model.yaml"
_UNNAMED = "no finished run of the ledger names this bundle"
_NAME_ONE = "name a bundle's folder, a ledger's file or a workbook's folder"


class FinishedRun(Value):
    """A run as its `run.finished` event tells of it."""

    seq: int
    system: Slug
    as_of: datetime
    run_id: str
    bundle: RelativePath
    manifest: Digest


def finished_run(stored: "StoredEvent") -> FinishedRun:
    """The run that a `run.finished` event tells of.

    Raises:
        IntegrityError: the event names no bundle below the workbook, or no manifest.
    """
    event = stored.event
    keys = {k: event.data.get(k) for k in ("run_id", "bundle", "manifest")}
    try:
        return FinishedRun(seq=stored.seq, system=event.subject, as_of=event.as_of, **keys)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise IntegrityError(
            f"tells of no run: {first['loc'][0]}: {first['msg']}",
            where=f"ledger:{stored.seq}",
            remedy="find out who wrote the entry; ops-model writes no such thing",
        ) from error


def observe_integrity(
    root: Path,
    system_id: str,
    ledger: "Ledger",
    *,
    as_of: datetime,
    checked: "LedgerVerification | None" = None,
) -> Verification:
    """Compare the ledger, and every bundle of a system's runs by `as_of`, with what was recorded.

    `ledger_size` counts the entries up to the last run compared, although the whole ledger is
    verified: so the record depends on what it looked at and not on who else appended meanwhile.

    Raises:
        LedgerError, BundleError: the machine could not read them.
        ChainBrokenError: an entry about this system was changed, so its runs cannot be listed.
    """
    from ops_model.store.seal import verify_bundle

    checked = checked or ledger.verify()
    runs = [
        run
        for run in map(finished_run, finished_in(ledger, subject=system_id))
        if run.as_of <= as_of
    ]
    return Verification(
        system=system_id,
        as_of=as_of,
        ledger_size=runs[-1].seq + 1 if runs else 0,
        ledger_problems=tuple(f"{p.where}: {p.message}" for p in checked.problems),
        bundles=tuple(
            VerifiedBundle(
                run_id=run.run_id,
                manifest=run.manifest,
                problems=verify_bundle(root / run.bundle, manifest_digest=run.manifest),
            )
            for run in runs
        ),
    )


def finished_in(ledger: "Ledger", *, subject: str | None = None) -> Iterator["StoredEvent"]:
    """The ends of finished runs, in their order."""
    return (s for s in ledger.events(subject=subject) if s.event.type == "run.finished")


@dataclass(frozen=True)
class Verified:
    """What was compared, and everything that is not what was recorded.

    `size` and `head` are the ledger's, 0 and None where none was read. `compared` says in words
    what was compared with what.
    """

    compared: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    size: int = 0
    head: str | None = None

    @property
    def ok(self) -> bool:
        """True when nothing was changed."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The keys that `ops-model verify --json` prints."""
        return {
            "ok": self.ok,
            "size": self.size,
            "root": self.head,
            "checkpoint": None,
            "problems": [{"where": p.where, "what": p.message} for p in self.problems],
            "compared": list(self.compared),
        }


def verify_path(path: Path) -> Verified:
    """Verify a ledger file, a bundle, or a workbook with its ledger and all of its bundles.

    A bundle inside a workbook is compared with the manifest that the ledger recorded, and the
    ledger is verified too; anywhere else there is only the bundle's own manifest.

    Raises:
        LedgerError, BundleError: it is not there, or the machine cannot read it.
        WorkbookError: a workbook's `ops-model.yaml` is not valid, so its ledger has no name.
    """
    # The last part is not resolved: a link in the place of a bundle is not a bundle.
    path = path.absolute()
    path = path.parent.resolve() / path.name
    if (path / WORKBOOK_FILE).is_file():
        return _verify_workbook(path)
    if path.is_dir():
        return _verify_bundle(path)
    if path.exists():
        if not _may_be_ledger(path):
            raise LedgerError("is no ledger", where=str(path), remedy=_NAME_ONE)
        from ops_model.store.ledger import verify_ledger

        return _of_ledger(verify_ledger(path))
    raise LedgerError("there is no such file or folder", where=str(path), remedy=_NAME_ONE)


def _may_be_ledger(path: Path) -> bool:
    """False for a file that nobody ever took for a ledger, so that it raises no false alarm."""
    try:
        with path.open("rb") as file:
            return path.suffix == ".db" or file.read(16) == b"SQLite format 3\0"
    except OSError as error:
        raise LedgerError(
            f"cannot be read: {error.strerror}", where=str(path), remedy="let this user read it"
        ) from error


def _of_ledger(checked: "LedgerVerification") -> Verified:
    compared = f"ledger: {checked.size} entries against their own hash chain"
    return Verified((compared,), checked.problems, checked.size, checked.head)


def ledger_of(root: Path) -> Path:
    """Where the workbook's ledger lies; its other files may be as wrong as they like."""
    from ops_model.store.claim_file import read_claim

    settings, problems = read_claim(root, WORKBOOK_FILE, WorkbookSettings)
    if settings is None:
        raise WorkbookError(problems=problems)
    return root / settings.ledger


def _verify_workbook(root: Path) -> Verified:
    ledger = ledger_of(root)
    lying = set(_bundles_on_disk(root))
    if not ledger.exists():
        if lying:
            gone = Problem(f"is gone, and {len(lying)} bundles of it are there", ledger.name)
            return Verified((), (gone,))
        raise LedgerError(
            "nothing has been recorded yet, so there is nothing to verify",
            where=str(ledger),
            remedy="`ops-model check` or `ops-model run` starts a ledger",
        )
    chain, runs, unread = _recorded(ledger)
    made_up = [] if unread else sorted(lying - {run.bundle for run in runs})
    return _with(
        chain,
        f"bundles: {len(runs)} against the manifests that the ledger recorded",
        [
            *unread,
            *_changed(root, runs),
            *(Problem(_UNNAMED, _visible(bundle)) for bundle in made_up),
        ],
    )


def _verify_bundle(folder: Path) -> Verified:
    from ops_model.store.seal import MANIFEST_FILE, verify_bundle

    root = next((f for f in folder.parents if (f / WORKBOOK_FILE).is_file()), None)
    ledger = ledger_of(root) if root is not None else None
    if root is not None and ledger is not None and ledger.exists():
        chain, runs, unread = _recorded(ledger)
        place = folder.relative_to(root).as_posix()
        own = [run for run in runs if run.bundle == place]
        if own or unread:
            compared = "bundle: against the manifest that the ledger recorded"
            return _with(chain, compared, [*unread, *_changed(root, own)])
        if (folder / MANIFEST_FILE).exists():
            return _with(chain, "bundle: named by no entry", [Problem(_UNNAMED, _visible(place))])
    if not os.path.lexists(folder / MANIFEST_FILE):
        raise LedgerError("is no bundle and no workbook", where=str(folder), remedy=_NAME_ONE)
    problems = [Problem(what, _visible(folder.name)) for what in verify_bundle(folder)]
    return Verified(("bundle: against its own manifest only",), tuple(problems))


def _with(chain: Verified, compared: str, problems: list[Problem]) -> Verified:
    return replace(
        chain,
        compared=(*chain.compared, compared),
        problems=(*chain.problems, *problems),
    )


def _recorded(ledger: Path) -> tuple[Verified, list[FinishedRun], list[Problem]]:
    """The ledger verified; its finished runs as far as they can be read; where that ends."""
    from ops_model.store.ledger import Ledger, verify_ledger

    chain = _of_ledger(verify_ledger(ledger))
    runs: list[FinishedRun] = []
    try:
        with Ledger.open(ledger, readonly=True) as opened:
            runs.extend(map(finished_run, finished_in(opened)))
    except OpsModelError as error:
        if chain.ok and not isinstance(error, IntegrityError):
            raise
        place = error.problems[0].where if isinstance(error, IntegrityError) else "ledger"
        return chain, runs, [Problem("no bundle of a run from here on was compared", place)]
    return chain, runs, []


def _changed(root: Path, runs: Iterable[FinishedRun]) -> list[Problem]:
    from ops_model.store.seal import verify_bundle

    return [
        Problem(what, run.bundle)
        for run in runs
        for what in verify_bundle(root / run.bundle, manifest_digest=run.manifest)
    ]


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


def _visible(name: str) -> str:
    """A name from the disk as text that can be printed anywhere, on one line."""
    return name if name.isprintable() else ascii(name)
