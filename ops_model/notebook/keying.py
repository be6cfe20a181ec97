"""What must be equal for a kernel to be forked: interpreter, packages, settings.

A forked kernel has its libraries from the process that it was forked from. Where one of them has
changed since, or would have read another setting when it was imported, the kernel would not be
the one that a start from nothing gives, so it is started from nothing.
"""

import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

ADDRESS = "OPS_MODEL_ZYGOTE"
"""The variable that names the socket of a warm process."""
# Read by the interpreter or by a library when it is imported, and not again.
_NAMES = frozenset(
    {"HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LD_PRELOAD", "MPLBACKEND", "PLOTLY_RENDERER",
     "NO_COLOR", "TZ", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"}
)  # fmt: skip
_BEGINNINGS = (
    "ARROW_", "BLIS_", "DUCKDB_", "GLIBC_", "GOTO_", "GX_", "IBIS_", "KMP_", "LC_", "MALLOC_",
    "MIMALLOC_", "MKL_", "NPY_", "NUMBA_", "NUMEXPR_", "NUMPY_", "OMP_", "OPENBLAS_", "PANDAS_",
    "PYDANTIC_", "PYTHON", "SCIPY_", "VECLIB_",
)  # fmt: skip


def read_at_import(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings that a library may have read when it was imported."""
    return {k: v for k, v in environ.items() if k in _NAMES or k.startswith(_BEGINNINGS)}


def relative_paths(environ: Mapping[str, str]) -> bool:
    """True where the interpreter looks for libraries in a folder that depends on where it is."""
    entries = environ.get("PYTHONPATH", "").split(os.pathsep)
    return any(entry and not Path(entry).is_absolute() for entry in entries)


def key_of(
    environ: Mapping[str, str], *, interpreter: str = sys.executable, packages: str = ""
) -> dict[str, str]:
    """What the environment of a kernel, its interpreter and its packages come to, each by name.

    `packages` is what `packages_digest` has just given, where somebody asked it already.
    """
    settings = json.dumps(sorted(read_at_import(environ).items()))
    return {
        "interpreter": f"{interpreter} {sys.version}",
        "settings": hashlib.sha256(settings.encode()).hexdigest(),
        "packages": packages or packages_digest(),
    }


def packages_digest() -> str:
    """Changes with each package that is installed, taken away or replaced, and with our own files.

    Of a package what its installer wrote about it is looked at: its folder itself changes when
    somebody imports it for the first time.
    """
    seen = hashlib.sha256()
    paths = sysconfig.get_paths()
    for folder in sorted({paths["purelib"], paths["platlib"]}):
        for entry in _entries(Path(folder)):
            if entry.name.endswith(_INSTALLED):
                _see(seen, entry)
    _see_all(seen, Path(__file__).parent.parent)
    return seen.hexdigest()


_INSTALLED = (".dist-info", ".egg-info", ".egg-link", ".pth", ".py", ".so")


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _see(seen: "hashlib._Hash", entry: "os.DirEntry[str]") -> None:
    about = entry.stat()
    seen.update(f"{entry.path} {about.st_mtime_ns} {about.st_ino}\n".encode())


def _see_all(seen: "hashlib._Hash", folder: Path) -> None:
    for entry in _entries(folder):
        if entry.is_dir():
            _see_all(seen, Path(entry))
        elif entry.name.endswith(".py"):
            _see(seen, entry)
