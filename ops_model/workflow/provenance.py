"""Where a run took place: Python and its packages, and the commit that the workbook stood at."""

import platform
import re
import shutil
import subprocess
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.values import canonical_bytes, digest_of

if TYPE_CHECKING:
    from ops_model.store.statement import Environment, GitState

ENVIRONMENT_FILE = "environment.json"
GIT_SECONDS = 5
_WRITTEN_BY_RUNS = ("runs", "site", "*.db", "*.db-*", "checkpoints.txt")
LOOKED_AT = "the workbook without runs/, site/, its ledger and checkpoints.txt"
# What a repository's own settings may not do while it is asked: start programs, or reach out.
_HARMLESS = (
    "-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false",
    "-c", "submodule.recurse=false", "-c", "status.submoduleSummary=false",
    *(f for name in ("", "ext.", "file.", "git.", "http.", "https.", "ssh.")
      for f in ("-c", f"protocol.{name}allow=never")),
)  # fmt: skip
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@lru_cache(maxsize=1)
def environment_list() -> bytes:
    """Canonical JSON of the Python, the platform, and every installed distribution.

    `packages` is the sorted list of `name==version`. There is no path in it, and no name of the
    machine or its user.
    """
    packages = {
        f"{re.sub(r'[-_.]+', '-', said['Name']).lower()}=={said['Version']}"
        for said in (found.metadata for found in metadata.distributions())  # parsed once each
        if said["Name"]
    }
    listed: dict[str, Any] = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "packages": sorted(packages),
    }
    return canonical_bytes(listed)


def environment() -> "Environment":
    """What a run runs on, for its manifest."""
    from ops_model.store.statement import Environment

    return Environment(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        platform=platform.platform(),
        packages=digest_of(environment_list()),
    )


def git_state(root: Path) -> "GitState | None":
    """The commit that a workbook stands at, and whether anything of it was changed since.

    None where nobody can tell: there is no `git`, the workbook is under no version control, has
    no commit yet, belongs to another user, or answers too late. What runs write themselves does
    not count as a change.
    """
    from ops_model.store.statement import GitState

    try:
        if not _says(root, "ls-files", "--", "ops-model.yaml"):
            return None  # it may lie inside somebody's repository that ignores it
        commit = _says(root, "rev-parse", "--verify", "--end-of-options", "HEAD^{commit}").strip()
        if not _COMMIT.fullmatch(commit):
            return None
        without = (f":(exclude,glob){name}" for name in _WRITTEN_BY_RUNS)
        lines = _says(
            root, *_filters_off(root), "status", "--porcelain=v1", "-z", "--no-renames",
            "--untracked-files=all", "--ignore-submodules=all", "--", ".", *without,
            *(f":(exclude,glob){name}/**" for name in _WRITTEN_BY_RUNS[:2]),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    changed = lines.count("\0")
    return GitState(commit=commit, clean=changed == 0, changed=changed, looked_at=LOOKED_AT)


def _filters_off(root: Path) -> tuple[str, ...]:
    """Options that switch off every filter of the repository: `status` would start them.

    Raises:
        ValueError: one is named so that it cannot be switched off.
    """
    said = _says(root, "config", "-z", "--name-only", "--get-regexp", r"^filter\.", may_fail=True)
    names = [name for name in said.split("\0") if name]
    if any("=" in name for name in names):
        msg = "a filter cannot be switched off"
        raise ValueError(msg)
    values = ("false" if name.endswith(".required") else "" for name in names)
    return tuple(
        part
        for name, value in zip(names, values, strict=True)
        for part in ("-c", f"{name}={value}")
    )


def _says(root: Path, *arguments: str, may_fail: bool = False) -> str:
    """What the `git` program prints.

    Raises:
        OSError, SubprocessError: there is none, it fails, or takes too long.
        ValueError: it prints no text.
    """
    git = shutil.which("git")
    if git is None:
        message = "git"
        raise FileNotFoundError(message)
    asked = subprocess.run(  # noqa: S603 - a fixed program without a shell; options are our own
        [git, "--no-pager", "--no-optional-locks", "-C", str(root), *_HARMLESS, *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=GIT_SECONDS, check=not may_fail,
    )  # fmt: skip
    return asked.stdout.decode("utf-8", "surrogateescape")
