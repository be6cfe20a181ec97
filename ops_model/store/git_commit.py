"""What a checkout says of one commit: that it is there, since when, and who it says read it.

Git is asked for the bare object, by commands that run no hook, no filter and no pager, and that
fetch nothing.
"""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ops_model.errors import OpsModelError, UsageError

_SECONDS = 30
_LARGEST = 1 << 20
_QUIET = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none", "LC_ALL": "C",
}  # fmt: skip
_SIGNED_BY = re.compile(r"(.*?)\s*<[^>]*>\s*(-?\d+)\s+[+-]\d{4}\s*")
_READ_BY = re.compile(r"reviewed-by:\s*([^<]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Commit:
    """A commit as its object says it; `reviewers` are the names of its `Reviewed-by:` lines."""

    id: str
    author: str
    committed_at: datetime
    reviewers: tuple[str, ...]


def read_commit(repository: Path, name: str, *, environment: Mapping[str, str]) -> Commit:
    """The commit of this name in a checkout.

    Args:
        repository: a folder of the checkout.
        name: 7 to 64 hex digits.
        environment: what git is run with; it needs `PATH`.

    Raises:
        UsageError: the name is none, or the checkout has no such commit.
        OpsModelError: git is not there, or cannot read the checkout.
    """
    if not re.fullmatch(r"[0-9a-f]{7,64}", name):
        raise UsageError(
            f"commit {name[:80]!r} is none; expected 7 to 64 hex digits",
            remedy="name it as `git rev-parse HEAD` prints it",
        )
    if not repository.is_dir():
        raise UsageError("there is no such folder", where=str(repository),
                         remedy="name a folder of the checkout")  # fmt: skip
    _git(repository, environment, "rev-parse", "--git-dir")
    try:
        said = _git(repository, environment, "rev-parse", "--verify", "--quiet",
                    "--end-of-options", f"{name}^{{commit}}")  # fmt: skip
    except OpsModelError as error:
        raise UsageError(
            f"the checkout has no commit {name}",
            where=str(repository),
            remedy="fetch it first, or name the commit that was built",
        ) from error
    full = said.decode("ascii", "replace").strip()
    return _parsed(full, _git(repository, environment, "cat-file", "commit", full), repository)


def _git(repository: Path, environment: Mapping[str, str], *words: str) -> bytes:
    command = ["git", "--no-replace-objects", "-c", "core.fsmonitor=false", *words]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words; the commit is hex digits
            command, cwd=repository, env={**environment, **_QUIET}, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise OpsModelError("git is not installed here", remedy="install git") from error
    except subprocess.TimeoutExpired as error:
        raise OpsModelError(f"git took over {_SECONDS} s", where=str(repository)) from error
    if done.returncode or len(done.stdout) > _LARGEST:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        said = lines[0][:300] if lines else f"it ended with code {done.returncode}"
        raise OpsModelError(
            f"git cannot read this checkout: {said}", where=str(repository),
            remedy="name a folder of a checkout that this user may read",
        )  # fmt: skip
    return done.stdout


def _parsed(full: str, raw: bytes, repository: Path) -> Commit:
    head, _, body = raw.decode(errors="replace").partition("\n\n")
    by = {key: rest for line in head.splitlines() for key, _, rest in [line.partition(" ")]}
    author, committer = (_SIGNED_BY.fullmatch(by.get(k, "")) for k in ("author", "committer"))
    try:
        if author is None or committer is None:
            raise ValueError  # noqa: TRY301 - answered as a date that is none
        committed_at = datetime.fromtimestamp(int(committer[2]), tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise OpsModelError(
            f"commit {full[:12]} does not say who made it when",
            where=str(repository),
            remedy="name a commit that git itself has written",
        ) from None
    last = body.strip().rpartition("\n\n")[2].splitlines()
    readers = [found[1].strip() for line in last if (found := _READ_BY.match(line.strip()))]
    return Commit(full, author[1].strip(), committed_at, tuple(dict.fromkeys(readers)))
