"""How large the pages of the demo are, and how long it takes to write them all.

Sizes are those of the files that a reader opens, raw and gzipped; the time is that of `render`
alone, in this process, its templates compiled by a first pass. It needs `make demo` first.
"""

import gzip
import platform
import time
from collections import defaultdict
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


def main():
    as_of = read_workbook(DEMO).settings.as_of
    pages = site_input(DEMO, as_of=as_of, recorded_at=now())
    render(pages)
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        written = render(pages)
        seconds.append(time.process_time() - began)
    sizes = defaultdict(list)
    for path, text in written.items():
        raw = text.encode()
        sizes[kind_of(path)].append((len(raw) / 1000, len(gzip.compress(raw)) / 1000))
    print(f"Python {platform.python_version()}; {len(written)} pages in "
          f"{median(seconds):.2f} CPU s, {1000 * median(seconds) / len(written):.1f} ms a page "
          f"(median of {ROUNDS}).\n")  # fmt: skip
    print("| page | how many | kB, largest | kB gzipped, largest |")
    print("|---|---:|---:|---:|")
    for kind, found in sorted(sizes.items()):
        raw, packed = (max(column) for column in zip(*found, strict=True))
        print(f"| {kind} | {len(found)} | {raw:.1f} | {packed:.1f} |")


if __name__ == "__main__":
    main()
