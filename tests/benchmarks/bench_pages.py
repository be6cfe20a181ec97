"""How large the pages of the demo are, and how long it takes to write them all.

Sizes are those of the files that a reader opens, raw and gzipped; the time is that of `render`
alone, in this process, its templates compiled by a first pass. The notebooks on the pages of runs
are told apart: everything is written once with them and once without. It needs `make demo` first.
"""

import gzip
import platform
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import median

from ops_model.cli.context import now
from ops_model.site.pages import render
from ops_model.store.workbook import read_workbook
from ops_model.workflow.publish import site_input

DEMO = Path("demo")
ROUNDS = 5


def kind_of(path):
    """Pages of one kind are told together: every area is one kind, every run another."""
    parts = Path(path).parts
    if "areas" in parts:
        return "an area of a system"
    if "runs" in parts:
        return "a run"
    return parts[-1].removesuffix(".html") + (" of a system" if len(parts) > 2 else "")


def without_notebooks(pages):
    """The same site with no notebook on the page of its run."""

    def bare(ran):
        return replace(ran, runs=tuple(replace(run, executed=None) for run in ran.runs))

    return replace(pages, systems=tuple(map(bare, pages.systems)), together=bare(pages.together))


def timed(pages):
    """The pages, and the median of the CPU seconds that it took to write them."""
    render(pages)
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        written = render(pages)
        seconds.append(time.process_time() - began)
    return written, median(seconds)


FIRST_USE = """
import time
began = time.process_time()
from ops_model.site.appendix import appendix
from ops_model.site.build import SealedNotebook
appendix(SealedNotebook(b'{"cells": [{"cell_type": "code", "source": "x = 1"}]}'))
print(time.process_time() - began)
"""


def first_use():
    """CPU seconds until a process of its own has what draws notebooks."""
    command = [sys.executable, "-c", FIRST_USE]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main():
    as_of = read_workbook(DEMO).settings.as_of
    pages = site_input(DEMO, as_of=as_of, recorded_at=now())
    bare, bare_seconds = timed(without_notebooks(pages))
    written, seconds = timed(pages)
    framed = sum("<iframe" in text for text in written.values())
    sizes = defaultdict(list)
    for name, found in (("", bare), (", with its notebook", written)):
        for path, text in found.items():
            raw = text.encode()
            if not name or text != bare[path]:
                size = (len(raw) / 1000, len(gzip.compress(raw)) / 1000)
                sizes[kind_of(path) + name].append(size)
    print(f"Python {platform.python_version()}; {len(written)} pages in "
          f"{bare_seconds:.2f} CPU s, {1000 * bare_seconds / len(written):.1f} ms a page "
          f"(median of {ROUNDS}). With the notebooks of {framed} runs {seconds:.2f} CPU s, "
          f"{1000 * (seconds - bare_seconds) / max(framed, 1):.0f} ms a notebook more, and once "
          f"{first_use():.1f} s to load what draws them.\n")  # fmt: skip
    print("| page | how many | kB, largest | kB gzipped, largest |")
    print("|---|---:|---:|---:|")
    for kind, found in sorted(sizes.items()):
        raw, packed = (max(column) for column in zip(*found, strict=True))
        print(f"| {kind} | {len(found)} | {raw:.1f} | {packed:.1f} |")


if __name__ == "__main__":
    main()
