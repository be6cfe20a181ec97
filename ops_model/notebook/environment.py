"""What a kernel sees of the environment around it, and which secrets of that one it never shows.

Needs nothing of Jupyter, so that a warm process can be started before that is imported.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from ops_model.domain.random_texts import entropy
from ops_model.domain.secret_patterns import held_by_name

ALLOWED = frozenset(
    {
        "HOME", "PATH", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
        "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE",
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
    }
)  # fmt: skip
"""What a kernel sees of the runner's environment, besides `LC_*`; a secret is never among it."""
FOLDERS = frozenset({"PWD", "OLDPWD"})
"""What a shell calls the folder that it is in, and no password."""
LEAST_WITHHELD = 8
LEAST_ENTROPY = 2.5


def surroundings() -> Mapping[str, str]:
    """The environment of this process, of which a kernel's own is made."""
    return os.environ  # noqa: TID251 - a kernel's own environment comes from it


def kernel_environment(environ: Mapping[str, str], private: Path) -> dict[str, str]:
    """The whole environment of a kernel; `private` is a folder that dies with it.

    IPython's own folder lies there too, so that no start-up file of a user changes a run.
    """
    allowed = {k: v for k, v in environ.items() if _allowed(k)}
    # Threads for a sum of some thousand numbers wait longer for one another than they work, and a
    # fleet has a kernel for each core already. Whoever multiplies large matrices sets a number.
    return {
        "OPENBLAS_NUM_THREADS": "1",
        **allowed,
        "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_CONFIG_DIR": str(private / "jupyter"),
        "MPLBACKEND": "agg",
        "PLOTLY_RENDERER": "plotly_mimetype",
    }


def _allowed(name: str) -> bool:
    return name in ALLOWED or name.startswith("LC_")


def withheld_values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets of the runner's own environment, longest first, to be looked for by value.

    A kernel does not get them, but its cells run with the user's rights and can read what the user
    can. Values that might stand in any report, such as plain words, are left out.
    """
    secret = {
        value
        for name, value in environ.items()
        if not _allowed(name)
        and name not in FOLDERS
        and held_by_name(name, value)
        and _unlike_a_word(value)
    }
    return tuple(sorted(secret, key=lambda value: (-len(value), value)))


def _unlike_a_word(value: str) -> bool:
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return len(value) >= LEAST_WITHHELD and mixed and entropy(value) >= LEAST_ENTROPY
