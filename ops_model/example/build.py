"""Build the demo's workbook: the shipped claims, and the data and models that they speak of.

Everything is written beside the target and renamed into place, so a failure, a full disk or
Ctrl-C leaves either the whole new workbook or what was there before.
"""

import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.errors import OpsModelError, UsageError
from ops_model.example import (
    alerts,
    compare,
    digests,
    flights,
    serve_log,
    simulate,
    simulate_asked,
    simulate_bill,
    simulate_cost,
    simulate_requests,
    train,
)  # fmt: skip
from ops_model.example.model import FlightModel
from ops_model.shipped import shipped
from ops_model.store.schema import write_schemas
from ops_model.store.workbook import read_workbook

if TYPE_CHECKING:
    import pandas as pd

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
"""The instant that the demo's `ops-model.yaml` pins; its logs end here."""
MARKER = ".ops-model-demo"
"""A folder with this file is a demo, and may be replaced by a new one."""


def build_workbook(into: Path, *, progress: Callable[[str], None], fresh: bool = False) -> None:
    """Write the demo's workbook into `into`, whole or not at all.

    Args:
        into: a folder that does not exist, or is empty; its parents are made.
        progress: told the name of each step when it begins.
        fresh: replace what is there, if it is a demo.

    Raises:
        UsageError: `into` holds something that may not be replaced; nothing was touched.
        WarehouseError, AlertError: the packages of the demo are not installed.
        OpsModelError: the disk refuses.
    """
    into = into.absolute()
    refuse_foreign(into, fresh=fresh)
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{into.name}-new-", dir=into.parent))
        try:
            _build(beside, progress)
            _move_in(beside, into)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise OpsModelError(
            f"the demo cannot be written: {error.strerror or error}; nothing was left behind",
            where=str(into),
            remedy="name a folder that you may write, on a disk with 100 MB of room",
        ) from error


def refuse_foreign(into: Path, *, fresh: bool) -> None:
    """Refuse a folder that holds anything but a demo that may be replaced.

    Raises:
        UsageError: what stands in the way, and what to do.
    """
    if into.is_symlink() or (into.exists() and not into.is_dir()):
        raise UsageError(
            "is no folder; expected a new or an empty one", where=str(into), remedy="name another"
        )
    if Path.cwd().is_relative_to(into.resolve()):
        raise UsageError(
            "holds the folder that you are in, which cannot be replaced under your feet",
            where=str(into),
            remedy="go to another folder, or name another with --into",
        )
    held = sorted(entry.name for entry in into.iterdir()) if into.exists() else []
    if not held:
        return
    if MARKER not in held:
        raise UsageError(
            f"holds {held[0]!r} and is no demo; expected a new or an empty folder",
            where=str(into),
            remedy="name another folder with --into; nothing was touched",
        )
    if not fresh:
        raise UsageError(
            "holds a demo already; expected a new or an empty folder",
            where=str(into),
            remedy="replace it, with all that was recorded in it, by --fresh, or name another "
            "folder with --into",
        )


def _build(root: Path, progress: Callable[[str], None]) -> None:
    progress("copy the claims and the notebooks")
    alerts.require_sender()
    shutil.copytree(shipped("templates") / "workbook", root, dirs_exist_ok=True)
    write_schemas(root)
    model = read_workbook(root)
    systems, people = len(model.systems), len(model.people.people)
    progress(f"read the claims: {systems} systems, {people} people, one policy")
    # Copies, so that JupyterLab can be opened here and every cell tried.
    (root / "notebooks").mkdir()
    for notebook in shipped("notebooks").glob("*.ipynb"):
        shutil.copy(notebook, root / "notebooks")
    root.chmod(0o755)  # mkdtemp gives the folder to its owner alone
    (root / MARKER).write_text(
        "Built by `ops-model demo`, which may replace this folder with --fresh.\n",
        encoding="utf-8",
    )
    every, models = _build_flight_delay(root, progress)
    _build_support_assistant(root / "data" / "support-assistant", progress)
    digests.fill_in(root, models, every)


def _build_flight_delay(
    root: Path, progress: Callable[[str], None]
) -> tuple["pd.DataFrame", dict[str, FlightModel]]:
    folder = root / "data" / "flight-delay"
    progress("read the flights of 2013 and join the weather")
    every = flights.read_flights()
    progress("train v1 (January) and v2 (January and February)")
    models = {
        version: train.train(every, version=version, until=until)
        for version, until in (("v1", train.FEBRUARY), ("v2", train.MARCH))
    }
    (folder / "models").mkdir()
    for version, model in models.items():
        model.save(folder / "models" / f"{version}.json")
    serving = models["v2"]
    progress("score the training rows out of fold")
    rows = serve_log.training_log(every, serving)
    serve_log.write_by_day(rows, folder / "training", time_column="timestamp")
    (folder / "trials").mkdir()
    trial = compare.trial_results(rows, models["v1"])
    serve_log.write_parquet(trial, folder / "trials" / "february-too.parquet")
    progress("serve every flight since March, its label a day later")
    served = serve_log.prediction_log(every, serving, until=AS_OF)
    serve_log.write_by_day(served, folder / "predictions", time_column="timestamp")
    labels = serve_log.label_log(every, until=AS_OF)
    serve_log.write_by_day(labels, folder / "labels", time_column="label_at")
    (folder / "compute").mkdir()
    hours = serve_log.compute_hours(served, until=AS_OF)
    serve_log.write_parquet(hours, folder / "compute" / "hours.parquet")
    weather = flights.read_weather()
    observed = serve_log.weather_log(weather, until=AS_OF)
    serve_log.write_by_day(observed, folder / "weather", time_column="timestamp")
    feed = serve_log.weather_feed(weather, until=AS_OF)
    serve_log.write_weather(feed, folder / "weather.json")
    return every, models


def _build_support_assistant(folder: Path, progress: Callable[[str], None]) -> None:
    progress("simulate the support assistant: requests, answers, outcomes")
    usage, judged = simulate.simulate(until=AS_OF)
    requests = simulate_requests.requests_log(usage, judged)
    outcomes = simulate_requests.outcome_log(requests, judged, until=AS_OF)
    progress("simulate what it cost, what was billed, and two models side by side")
    costs = simulate_cost.cost_log(usage, until=AS_OF)
    progress("simulate its fixed questions of each day, and three suites")
    logs = {
        "usage": costs,
        "judged": judged,
        "requests": requests,
        "outcomes": outcomes,
        "canaries": simulate_asked.canary_log(until=AS_OF),
        "guardrails": simulate_asked.guardrail_log(),
    }
    for name, rows in logs.items():
        serve_log.write_by_day(rows, folder / name, time_column="timestamp")
    serve_log.write_parquet(simulate_bill.comparison(), folder / "two-models.parquet")
    simulate_bill.bill(costs).to_csv(folder / "bill.csv", index=False, lineterminator="\n")
    (folder / "suites").mkdir()
    for suite, items in simulate_asked.suite_items().items():
        path = folder / "suites" / f"{suite}.jsonl"
        path.write_text(simulate_asked.items_file(items), encoding="utf-8")


def _move_in(beside: Path, into: Path) -> None:
    """Rename the finished folder into place; an old demo steps aside first, and comes back."""
    if not into.exists():
        beside.rename(into)
        return
    old = beside.with_name(f"{beside.name}-old")
    into.rename(old)
    try:
        beside.rename(into)
    except BaseException:
        old.rename(into)
        raise
    shutil.rmtree(old, ignore_errors=True)
