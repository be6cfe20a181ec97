"""Whether what is judged stayed as it was while checks of a user's own were asked about it.

Such a check runs with its user's rights, so it may reach the files that it judges. A verdict on
claims or evidence that are no more is none. This tells what changed, and hinders nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ops_model.check.catalogue import Catalogue
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.policy import DEFAULT_MINIMUM_GRADES
from ops_model.errors import OpsModelError

Stand = Mapping[str, tuple[int, int, int]]


@contextmanager
def unchanged(
    root: Path, model: OperatingModel, system: SystemClaims, catalogue: Catalogue
) -> Iterator[None]:
    """Refuse what was judged inside when the ledger or a claim file is another by then.

    Raises:
        OpsModelError: it is; says which file.
    """
    if all(check.group in DEFAULT_MINIMUM_GRADES for check in catalogue.checks):
        yield
        return
    before = _stand(root, model, system)
    yield
    after = _stand(root, model, system)
    changed = sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
    if changed:
        raise OpsModelError(
            f"{system.id} was not judged: this file changed while it was judged",
            where=changed[0],
            remedy="run the command again; if it happens again, look at what the checks of your "
            "own do, and put the file back from a copy (`ops-model verify .`)",
        )


def _stand(root: Path, model: OperatingModel, system: SystemClaims) -> Stand:
    """By what a changed file is told: nobody sets back when it was changed (ctime) easily."""
    folder = root / "systems" / system.id
    files = [root / model.settings.ledger, *root.glob("*.yaml"), *folder.rglob("*.yaml")]
    found = {}
    for file in files:
        with suppress(OSError):
            stat = file.stat()
            found[str(file.relative_to(root))] = (stat.st_ino, stat.st_size, stat.st_ctime_ns)
    return found
