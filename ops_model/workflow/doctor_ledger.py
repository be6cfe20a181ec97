"""What `ops-model doctor` says of the ledger: whether one may append, its clock, its bundles."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.values import iso_utc
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import OpsModelError
from ops_model.workflow.checkpoints import NEW_KEY
from ops_model.workflow.doctor_lines import Line, some

BEHIND = timedelta(minutes=1)
"""So far two clocks of one organisation may be apart."""


def ledger_lines(root: Path, settings: WorkbookSettings, *, now: datetime) -> Iterator[Line]:
    """Whether it opens for a writer, continues its newest checkpoint, and is not ahead in time."""
    from ops_model.workflow.ledgers import has_ledger, newest_checkpoint, open_ledger

    signed = newest_checkpoint(root)
    if signed is None and not has_ledger(root, settings):
        said = f"{settings.ledger} is not there yet; the first run or check makes it"
        yield Line("workbook", "ledger", "absent", said)
        return
    # Opened as a writer would: that is refused where it does not continue its newest checkpoint.
    with open_ledger(root, settings) as ledger:
        size, latest = ledger.size(), ledger.latest_recorded()
    yield Line("workbook", "ledger", "ok", f"{settings.ledger} holds {_entries(size)}")
    yield _signed_line(root, size, signed.size if signed is not None else None)
    yield clock_line(latest, now)


def events_of(root: Path, settings: WorkbookSettings) -> tuple[LedgerEvent, ...]:
    """What is on the ledger; nothing where it cannot be read, which a line of its own says."""
    from ops_model.workflow.ledgers import has_ledger, open_ledger

    try:
        if not has_ledger(root, settings):
            return ()
        with open_ledger(root, settings, readonly=True) as ledger:
            return tuple(stored.event for stored in ledger.events())
    except (OpsModelError, OSError):
        return ()


def _signed_line(root: Path, size: int, signed: int | None) -> Line:
    from ops_model.workflow.checkpoints import lists_keys

    if signed is not None and signed == size:
        return Line("workbook", "checkpoint", "ok", "covers every entry of the ledger")
    if signed is not None:
        return Line(
            "workbook", "checkpoint", "warning",
            f"covers {signed} of {_entries(size)}; the ledger continues it",
            "sign the rest: ops-model ledger checkpoint",
        )  # fmt: skip
    if lists_keys(root):
        return Line("workbook", "checkpoint", "warning", "a key is listed and nothing is signed",
                    "sign the ledger: ops-model ledger checkpoint")  # fmt: skip
    return Line(
        "workbook", "checkpoint", "absent",
        "none: whoever owns the ledger could rewrite it unseen", f"make a key: {NEW_KEY}",
    )  # fmt: skip


def clock_line(latest: datetime | None, now: datetime) -> Line:
    """Whether this machine's clock is behind what the ledger has seen already."""
    if latest is None or latest <= now + BEHIND:
        return Line("workbook", "clock", "ok", f"{iso_utc(now)}, not behind the ledger")
    return Line(
        "workbook", "clock", "problem",
        f"this machine says {iso_utc(now)}, and the ledger has an entry of {iso_utc(latest)}: the "
        "clock was set back here, or ran ahead where that was recorded",
        "set the clock of this machine, such as with `timedatectl set-ntp true`",
    )  # fmt: skip


def bundle_lines(root: Path, events: Iterable[LedgerEvent]) -> Iterator[Line]:
    """Whether the bundle of each run that finished lies where the ledger says."""
    named = [
        str(e.data["bundle"]) for e in events if e.type == "run.finished" and e.data.get("bundle")
    ]
    missing = [bundle for bundle in named if not (root / bundle).is_dir()]
    if not named:
        return
    if not missing:
        yield Line(
            "workbook", "bundles", "ok", f"all {len(named)} that the ledger names are there"
        )
        return
    yield Line(
        "workbook", "bundles", "problem",
        f"{len(missing)} of {len(named)} that the ledger names are not there: {some(missing)}",
        "put runs/ back from a copy; `ops-model verify .` says what does not hold",
    )  # fmt: skip


def _entries(size: int) -> str:
    return f"{size:,} {'entry' if size == 1 else 'entries'}"
