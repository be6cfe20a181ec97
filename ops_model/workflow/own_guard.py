"""Whether what is judged stayed as it was while checks of a user's own were asked about it.

Such a check runs with its user's rights, so it may reach the files that it judges. A verdict on
claims or evidence that are no more is none. This tells what changed, and hinders nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.check.catalogue import Catalogue
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.policy import DEFAULT_MINIMUM_GRADES
from ops_model.errors import OpsModelError
from ops_model.workflow.ledgers import ledger_at

if TYPE_CHECKING:
    from ops_model.store.ledger_glance import Glance

_LOG = "-wal"
"""How the file ends that SQLite keeps beside a ledger, with what was not folded into it yet."""

Stand = Mapping[str, tuple[int, int, int]]

_UNREADABLE = (OpsModelError, ValueError, TypeError)


@contextmanager
def unchanged(
    root: Path, model: OperatingModel, system: SystemClaims, catalogue: Catalogue
) -> Iterator[None]:
    """Refuse what was judged inside when the ledger or a claim file is another by then.

    What others append to the ledger meanwhile makes it no other one.

    Raises:
        OpsModelError: it is; says which file.
    """
    if all(check.group in DEFAULT_MINIMUM_GRADES for check in catalogue.checks):
        yield
        return
    ledger = model.settings.ledger
    log = f"{ledger}{_LOG}"
    # First what it holds: to have read that may have folded the log into the file.
    held = _glance(root, model, system)
    before = _stand(root, system, ledger, log)
    yield
    after = _stand(root, system, ledger, log)
    changed = {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}
    if changed & {ledger, log}:
        changed -= {ledger, log}
        if not _continues(root, model, system, held):
            changed.add(ledger)
    if changed:
        raise OpsModelError(
            f"{system.id} was not judged: this file changed while it was judged",
            where=min(changed),
            remedy="run the command again; if it happens again, look at what the checks of your "
            "own do, and put the file back from a copy (`ops-model verify .`)",
        )


def _stand(root: Path, system: SystemClaims, *ledger: str) -> Stand:
    """By what a changed file is told: nobody sets back when it was changed (ctime) easily.

    A log of no byte counts as none: whoever reads a ledger makes one beside it.
    """
    folder = root / "systems" / system.id
    files = [*(root / name for name in ledger), *root.glob("*.yaml"), *folder.rglob("*.yaml")]
    found = {}
    for file in files:
        with suppress(OSError):
            stat = file.stat()
            if stat.st_size or not file.name.endswith(_LOG):
                found[str(file.relative_to(root))] = (stat.st_ino, stat.st_size, stat.st_ctime_ns)
    return found


def _glance(root: Path, model: OperatingModel, system: SystemClaims) -> "Glance | None":
    """What the ledger holds; nothing of one that is not there, or cannot be read."""
    from ops_model.store.ledger_glance import glance_at

    path = ledger_at(root, model.settings)
    # In a database, whoever judges has the right to append and no other.
    if isinstance(path, Path) and path.is_file():
        with suppress(*_UNREADABLE):
            return glance_at(path, system.id)
    return None


def _continues(
    root: Path, model: OperatingModel, system: SystemClaims, before: "Glance | None"
) -> bool:
    """Whether the ledger began as it did: who appends, or only reads, changes its files too."""
    from ops_model.store.ledger import verify_ledger
    from ops_model.store.ledger_glance import grew_from

    path = root / model.settings.ledger
    with suppress(*_UNREADABLE):
        if before is not None and grew_from(before, path, system.id):
            return True
        # Nobody appended, so it is rare, and all of it may be read.
        roots = {} if before is None else {before.head[0]: before.root}
        return not verify_ledger(path, roots=roots).problems
    return False
