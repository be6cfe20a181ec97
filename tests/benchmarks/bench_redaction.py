"""How much of what must not be kept is found, how much else is taken, and how fast.

Recall is that of a corpus made anew from 50 seeds, 100 secrets and 100 personal data each. What is
taken though it is none is counted over the texts of real reports: the notebooks and the records in
the bundles of the workbook that is given, or else of `demo`, or the shipped notebooks where there
is neither. What else a bundle holds, claims and signatures, is never redacted. `main()` prints a
Markdown table.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

from ops_model.domain.redact import redacted, redacted_tree
from tests.domain.redaction_corpus import personal, private_part, secrets, still_there
from tests.domain.test_redact import reports, words_in

SEEDS = 50
MEGABYTES = 5


def recall():
    """Kind to how many were found of how many."""
    found, made = Counter(), Counter()
    for seed in range(SEEDS):
        for kind, value, text in secrets(seed) + personal(seed):
            plain, counts = redacted(text)
            made[kind] += 1
            found[kind] += bool(counts) and not still_there(private_part(kind, value), plain)
    return {kind: (found[kind], number) for kind, number in made.items()}


def real_reports():
    """The JSON of what was redacted in a workbook's bundles, or of the shipped notebooks."""
    workbook = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
    names = ("executed.ipynb", "records.json")
    paths = [path for name in names for path in workbook.glob(f"runs/*/*/*/{name}")]
    if not paths:
        return reports()
    return [joined(json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def joined(node):
    """A notebook as the runner has it: its texts whole, where the file has lists of lines."""
    if isinstance(node, dict):
        return {k: "".join(v) if _is_lines(v) else joined(v) for k, v in node.items()}
    return [joined(v) for v in node] if isinstance(node, list) else node


def _is_lines(node):
    return isinstance(node, list) and node and all(isinstance(v, str) for v in node)


def falsely_taken(texts):
    """Words looked at, and what was taken out of them by kind; nothing there is a secret."""
    taken = Counter()
    for report in texts:
        taken.update(redacted_tree(report)[1])
    return sum(words_in(report) for report in texts), taken


def megabytes_per_second(texts):
    """Of the longest texts of the reports, one after the other until there are 5 MB."""
    long = sorted(every_text(texts), key=len, reverse=True)
    text = "\n".join(long)
    text = (text * (MEGABYTES * 10**6 // len(text) + 1))[: MEGABYTES * 10**6]
    began = time.process_time()
    redacted(text)
    return MEGABYTES / (time.process_time() - began)


def every_text(node):
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from every_text(value)


def main():
    print("| kind | found | of | share |\n|---|---|---|---|")
    rows = recall()
    for kind, (found, made) in rows.items():
        print(f"| {kind} | {found:,} | {made:,} | {found / made:.4f} |")
    personal_kinds = {kind for kind, _, _ in personal()}
    for name, kinds in (("secrets", rows.keys() - personal_kinds), ("personal", personal_kinds)):
        found, made = (sum(rows[kind][n] for kind in kinds) for n in (0, 1))
        print(f"| all {name} | {found:,} | {made:,} | {found / made:.4f} |")
    texts = real_reports()
    words, taken = falsely_taken(texts)
    print("\n| real reports | measured |\n|---|---|")
    print(f"| words looked at | {words:,} |")
    print(f"| taken out falsely, for 1,000 words | {1000 * taken.total() / words:.3f} |")
    print(f"| CPU: MB of them each second, one text of {MEGABYTES} MB | "
          f"{megabytes_per_second(texts):.1f} |")  # fmt: skip


if __name__ == "__main__":
    main()
