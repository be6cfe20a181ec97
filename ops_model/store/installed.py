"""What the environment of this very process consists of: interpreter, packages and machine."""

import os
import platform
import re
import sys
from dataclasses import dataclass
from hashlib import file_digest
from importlib.metadata import distributions
from pathlib import Path

from ops_model.domain.values import digest_of
from ops_model.errors import UsageError

_OURS = "ops-model"


@dataclass(frozen=True)
class Installed:
    """The digests of one environment; `python` and `count` say what the first one covers."""

    packages_digest: str
    config_digest: str | None
    hardware: str
    python: str
    count: int


def installed_here(config: Path | None = None) -> Installed:
    """The environment that runs this.

    The packages are those that the interpreter finds, by name and version; ops-model itself, which
    looks, is left out. The interpreter's version and the platform count as packages do.

    Args:
        config: a file whose content is part of the environment.

    Raises:
        UsageError: that file cannot be read.
    """
    # Of two installations of a package the one that is found first is imported.
    found = {
        re.sub(r"[-_.]+", "-", dist.name).lower(): dist.version
        for dist in reversed(list(distributions()))
        if dist.name  # a folder of metadata without a name is the rest of a broken installation
    }
    found.pop(_OURS, None)
    python = platform.python_version()
    on = f"{sys.platform}-{platform.machine()}"
    packages = digest_of({"python": python, "platform": on, "packages": found})
    cpus = os.cpu_count() or 1
    return Installed(
        packages_digest=packages,
        config_digest=_digest(config) if config is not None else None,
        hardware=f"{platform.machine()}, {cpus} processor{'s' if cpus > 1 else ''}",
        python=python,
        count=len(found),
    )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return f"sha256:{file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror or 'unknown reason'}", where=str(path),
            remedy="name the file of configuration with --config",
        ) from error  # fmt: skip
