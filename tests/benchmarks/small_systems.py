"""A workbook of many systems like the demo's flight-delay, on a small log that they share."""

import shutil
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

DEMO = Path(__file__).resolve().parents[2] / "demo"
LOGS = ("training", "predictions", "labels")
EVERY = 20
# A system in its first weeks: no labels came yet, and what is served is compared with March.
FEW = {
    "logs": ("predictions",), "baselines": ("march",), "monitors": ("inputs", "score"),
    "playbooks": ("inputs-moved",),
}  # fmt: skip
COLUMNS = ("hour", "distance", "carrier", "origin", "probability")
LATER = (
    "feeds", "log_policy", "critical_segments", "outcomes", "rules", "retraining", "contracts",
)  # fmt: skip


def small_systems(root, count, *, few=False, demo=DEMO):
    """Write the workbook into `root`; returns the ids of its systems.

    Of each log every twentieth request is kept, in one file, the same requests in each. With `few`
    the signals of a system are those of its first weeks; else they are all of flight-delay's.
    """
    ids = [f"flight-delay-{number:02d}" for number in range(1, count + 1)]
    root.mkdir(parents=True)
    for name in ("ops-model.yaml", "people.yaml", "policy.yaml"):
        text = (demo / name).read_text(encoding="utf-8")
        (root / name).write_text(text.replace(": flight-delay\n", f": {ids[0]}\n"), "utf-8")
    data = root / "data" / "small"
    shutil.copytree(demo / "data" / "flight-delay", data, ignore=lambda folder, names: [
        name for name in names if folder.endswith(LOGS)
    ])  # fmt: skip
    for log in LOGS:
        table = pq.read_table(demo / "data" / "flight-delay" / log)
        drawn = [zlib.crc32(r.encode()) % EVERY == 0 for r in table["request_id"].to_pylist()]
        for old in (data / log).iterdir():
            old.unlink()
        pq.write_table(table.filter(pa.array(drawn)), data / log / "all.parquet")
    for one in ids:
        shutil.copytree(demo / "systems" / "flight-delay", root / "systems" / one)
        for file in (root / "systems" / one).rglob("*.yaml"):
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace("data/flight-delay", "data/small"), encoding="utf-8")
        if few:
            _first_weeks(root / "systems" / one)
    return ids


def _first_weeks(folder):
    path = folder / "signals.yaml"
    signals = yaml.safe_load(path.read_text(encoding="utf-8"))
    for part, kept in FEW.items():
        signals[part] = [one for one in signals[part] if one["id"] in kept]
    for part in LATER:
        signals.pop(part, None)
    for monitor in signals["monitors"]:
        monitor["columns"] = [one for one in monitor["columns"] if one in COLUMNS]
        monitor["baseline"] = "march"
    path.write_text(yaml.safe_dump(signals, sort_keys=False), encoding="utf-8")
    path = folder / "service_levels.yaml"
    levels = yaml.safe_load(path.read_text(encoding="utf-8"))
    levels["objectives"] = [
        one for one in levels["objectives"] if one["indicator"] in ("availability", "latency")
    ]
    path.write_text(yaml.safe_dump(levels, sort_keys=False), encoding="utf-8")
