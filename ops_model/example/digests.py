"""The digests that the shipped claims leave open until a demo has trained and written something.

Each stands in the templates as a placeholder: zeros that end in the number of what it is. So the
claims are valid before, and say afterwards which bytes they speak of.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.values import digest_of
from ops_model.example.model import FlightModel
from ops_model.example.simulate_asked import PASSED
from ops_model.example.train import FEBRUARY, settings, training_rows
from ops_model.store.identity import identify

if TYPE_CHECKING:
    import pandas as pd

TRAINING = "data/flight-delay/training"
SUITES = "data/support-assistant/suites"
_FILES = ("flight-delay/system.yaml", "flight-delay/signals.yaml", "flight-delay/change.yaml",
          "support-assistant/signals.yaml")  # fmt: skip


def placeholder(number: int) -> str:
    """What stands in the templates in the place of digest `number`."""
    return f"sha256:{number:064d}"


def fill_in(root: Path, models: Mapping[str, FlightModel], flights: "pd.DataFrame") -> None:
    """Put the digests of what was trained and written into the claims.

    Args:
        root: the workbook; its logs are written already.
        models: v1 and v2, as they were saved.
        flights: all flights, of which v1 was trained on those of January.
    """
    code = code_digest()
    found = {
        placeholder(1): models["v2"].digest,
        placeholder(2): models["v1"].digest,
        placeholder(3): identify(root, TRAINING).digest,
        placeholder(4): _rows(training_rows(flights, FEBRUARY)),
        placeholder(5): models["v2"].feature_spec_digest,
        placeholder(6): digest_of(settings()),
        placeholder(8): _days(root, "data/flight-delay/predictions", "2013-03-02", "2013-03-31"),
        placeholder(9): _days(root, "data/support-assistant/judged", "2013-03-01", "2013-04-30"),
        placeholder(10): _days(
            root, "data/support-assistant/canaries", "2013-03-01", "2013-04-30"
        ),
        placeholder(11): _days(
            root, "data/support-assistant/outcomes", "2013-03-01", "2013-03-31"
        ),
        **{
            placeholder(12 + place): identify(root, f"{SUITES}/{suite}.jsonl").digest
            for place, suite in enumerate(PASSED)
        },
        # A commit is named by its hex digits alone.
        placeholder(7).removeprefix("sha256:"): code.removeprefix("sha256:"),
    }
    for name in _FILES:
        path = root / "systems" / name
        text = path.read_text(encoding="utf-8")
        for stands, digest in found.items():
            text = text.replace(stands, digest)
        path.write_text(text, encoding="utf-8")


def _rows(rows: "pd.DataFrame") -> str:
    """Rows that lie in no file of their own, as CSV; those of v2 are files, and named by them."""
    return digest_of(rows.to_csv(index=False, lineterminator="\n").encode())


def _days(root: Path, log: str, first: str, last: str) -> str:
    """The whole days of a log, in the form in which a folder is identified."""
    files = [f for f in sorted((root / log).glob("*.parquet")) if first <= f.stem <= last]
    each = [(f.name, identify(root, f"{log}/{f.name}")) for f in files]
    return digest_of(
        [
            {"path": n, "bytes": i.bytes, "sha256": i.digest.removeprefix("sha256:")}
            for n, i in each
        ]
    )


def code_digest() -> str:
    """The sources that train and serve, by name; the demo has no repository of its own."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return digest_of([{"name": s.name, "digest": digest_of(s.read_bytes())} for s in sources])
