"""The executed notebook of a run, read from its bundle: as it was sealed, or not at all."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from ops_model.domain.scalars import RelativePath
from ops_model.errors import BundleError
from ops_model.store.folder_state import state_of

if TYPE_CHECKING:
    from ops_model.site.build import SealedNotebook, SiteRun

EXECUTED = "executed.ipynb"
MAX_SEALED_BYTES = 16 * 1024 * 1024
"""The largest notebook that is read for a page."""
_BELOW_THE_WORKBOOK: TypeAdapter[str] = TypeAdapter(RelativePath)


def executed(root: Path, run: "SiteRun") -> "SealedNotebook":
    """What the notebook of a finished run showed, or what is wrong with its bundle.

    The whole bundle is compared with the digest that the ledger recorded, so nothing is shown of
    one that changed in any part.
    """
    from ops_model.site.build import SealedNotebook

    try:
        folder = root / _BELOW_THE_WORKBOOK.validate_python(run.bundle)
        return _sealed(folder, run)
    except ValidationError:
        problem = "the ledger names no folder below the workbook"
    except OSError as error:
        problem = f"it could not be read: {error.strerror or type(error).__name__}"
    except BundleError as error:
        problem = error.problems[0].message
    return SealedNotebook(problem=problem)


def seen(root: Path, run: "SiteRun") -> str:
    """How the bundle of a run looks from outside: its files, their sizes, and when they changed.

    A folder that cannot be looked at says so, and looks otherwise once it can be.
    """
    try:
        return state_of(root / _BELOW_THE_WORKBOOK.validate_python(run.bundle))
    except (ValidationError, OSError) as error:
        return type(error).__name__


def _sealed(folder: Path, run: "SiteRun") -> "SealedNotebook":
    from ops_model.site.build import SealedNotebook
    from ops_model.store.seal import verify_bundle

    if not run.manifest:
        return SealedNotebook(problem="the ledger recorded no digest of it")
    if problems := verify_bundle(folder, manifest_digest=run.manifest):
        return SealedNotebook(problem="; ".join(problems[:3]))
    place = folder / EXECUTED
    if not place.is_file():
        return SealedNotebook(problem=f"it holds no {EXECUTED}")
    if (size := place.stat().st_size) > MAX_SEALED_BYTES:
        return SealedNotebook(problem=f"it is too large for a page: {size:,} bytes")
    return SealedNotebook(place.read_bytes())
