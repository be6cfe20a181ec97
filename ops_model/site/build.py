"""Build the evidence site: whole or not at all, the same bytes for the same input.

The pages are written into a folder beside the old site and swapped in with two renames. A stop in
between leaves the old site under `.<name>-previous`; the next build puts it back first. A page
that was made from the same before is not written again: it gets a second name in the new folder.
"""

import shutil
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from ops_model.domain.values import digest_of
from ops_model.errors import OpsModelError, UsageError
from ops_model.shipped import shipped
from ops_model.site.kept import KeptPages, list_pages
from ops_model.site.pages import Page, each_page
from ops_model.site.site_input import (
    GradedStatement,
    SealedNotebook,
    SiteInput,
    SiteRun,
    SiteRuns,
    SiteSystem,
)

_MARK = ".ops-model-site"
_ASSETS = ("site.css", "loader.js", "due.js", "index.js")

__all__ = [
    "GradedStatement", "SealedNotebook", "SiteInput", "SiteRun", "SiteRuns", "SiteSystem",
    "build_site",
]  # fmt: skip


def build_site(pages: SiteInput, into: Path, *, afresh: bool = False) -> Path:
    """Write the site of a workbook into the folder `into`, replacing an earlier one.

    Args:
        pages: everything that the pages show.
        into: the folder of the site; it must be absent, empty, or a site that was built here.
        afresh: write every page, also one that would read as before.

    Returns:
        The path of `index.html`.

    Raises:
        UsageError: `into` holds something else.
        OpsModelError: the disk refused; the earlier site is still there, untouched.
    """
    fresh = into.with_name(f".{into.name}-new")
    previous = into.with_name(f".{into.name}-previous")
    try:
        _recover(into, previous)
        _refuse_foreign(into)
        _write(pages, fresh, KeptPages(into, afresh=afresh))
        _swap(fresh, into, previous)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise OpsModelError(
            f"the site could not be written: {error.strerror or type(error).__name__}",
            where=str(into),
            remedy="free space or mend the rights of the folder; the earlier site is untouched",
        ) from error
    return into / "index.html"


def _recover(into: Path, previous: Path) -> None:
    if previous.exists() and not into.exists():
        previous.rename(into)


def _refuse_foreign(into: Path) -> None:
    if into.exists() and not (into / _MARK).is_file() and (into.is_file() or any(into.iterdir())):
        raise UsageError(
            "holds files that ops-model did not write; expected an absent folder or an older site",
            where=str(into),
            remedy="move it away, then build the site again",
        )


def _write(pages: SiteInput, fresh: Path, earlier: KeptPages) -> None:
    """The whole site into a folder of its own; what reads as before gets a second name there."""
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "assets").mkdir(parents=True)
    (fresh / _MARK).write_text("built by ops-model; rebuilt as a whole\n", encoding="utf-8")
    for name in _ASSETS:
        shutil.copyfile(shipped("templates") / "site" / name, fresh / "assets" / name)
    known: dict[str, tuple[str, str]] = {}
    folders: set[Path] = set()
    for page in chain([_plotly()], each_page(pages)):
        place = fresh / page.path
        # Never into a file that is there: it may be a second name of one of the site before.
        place.unlink(missing_ok=True)
        if (folder := place.parent) not in folders:
            folder.mkdir(parents=True, exist_ok=True)
            folders.add(folder)
        digest = earlier.link(page.path, page.made_from, place)
        if not digest:
            content = page.text().encode()
            place.write_bytes(content)
            digest = digest_of(content)
        if page.made_from:
            known[page.path] = page.made_from, digest
    list_pages(fresh, known)


def _plotly() -> Page:
    """The script that draws figures: five megabytes, once for the whole site."""
    return Page("assets/plotly.min.js", version("plotly"), _script)


def _script() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _swap(fresh: Path, into: Path, previous: Path) -> None:
    shutil.rmtree(previous, ignore_errors=True)
    if into.exists():
        into.rename(previous)
    try:
        fresh.rename(into)
    except OSError:
        _recover(into, previous)
        raise
    shutil.rmtree(previous, ignore_errors=True)
