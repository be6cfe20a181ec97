"""What `ops-model run` says while notebooks run, how many are left, and what came of them."""

import os
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ops_model.cli.checkpoints import signing_key
from ops_model.cli.context import now, print_json
from ops_model.domain.values import iso_utc
from ops_model.errors import OpsModelError

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.domain.schedules import Slot
    from ops_model.workflow.run_outcome import RunOutcome
    from ops_model.workflow.slots import Sealed

_SHOWN_WHY = 100
_NO_MORE: Mapping[str, Any] = {}
_CLEARED = "\r\x1b[2K"


def cores() -> int:
    """As many notebooks as this process may use cores run at a time, when nobody says."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def run_fleet(
    root: Path,
    model: "OperatingModel",
    jobs: "Sequence[Slot]",
    *,
    given: Mapping[str, Any],
    once: bool,
    workers: int,
    cluster: str | None,
    as_json: bool,
    repeats: "Mapping[Slot, Sealed] | None" = None,
    more: Mapping[str, Any] = _NO_MORE,
) -> NoReturn:
    """Run them, tell each as it ends, and exit: 3 when any failed or was not begun.

    `repeats` are the sealed runs whose places they take, `more` are keys beside `runs` in JSON.

    Raises:
        OpsModelError: nothing could be begun, or the cluster was lost on the way.
    """
    from ops_model.workflow.fleet import run_many

    told = _Told(len(jobs), as_json=as_json)
    error: OpsModelError | None = None
    many = run_many(
        root, model, jobs, clock=now, once=once, workers=workers, cluster=cluster, given=given,
        key=signing_key(root), repeats=repeats or {},
    )  # fmt: skip
    try:
        with closing(many):
            for outcome in many:
                told.add(outcome)
    except OpsModelError as met:
        error = met
        if not told.runs:
            raise
    except KeyboardInterrupt:  # what was under way is on record by now
        pass
    told.summary()
    if as_json:
        # As they were asked for, whichever ended first.
        asked = {
            (slot.system, slot.notebook, iso_utc(slot.as_of)): n for n, slot in enumerate(jobs)
        }
        told.runs.sort(key=lambda run: asked[run["system"], run["notebook"], run["as_of"]])
        print_json({"runs": told.runs, **more})
    if error is not None:
        raise error
    raise click.exceptions.Exit(max(told.codes))


@dataclass
class _Told:
    """What was said so far, of how many."""

    total: int
    as_json: bool
    runs: list[dict[str, Any]] = field(default_factory=list)
    codes: list[int] = field(default_factory=lambda: [0])
    began: float = field(default_factory=time.monotonic)

    def add(self, outcome: "RunOutcome") -> None:
        """Tell one that has ended."""
        at = iso_utc(outcome.as_of) if outcome.as_of is not None else None
        found = {"as_of": at, "records": len(outcome.records), "told": _found(outcome)}
        run = {**outcome.as_json(), **found}
        self.runs.append(run)
        self.codes.append(outcome.exit_code)
        if sys.stderr.isatty():
            click.echo(_CLEARED, nl=False, err=True)
        # Of many that were done before, the count at the end is enough.
        if self.total == 1 or run["state"] != "skipped":
            click.echo(_line(run), err=self.as_json or run["state"] == "failed")
        if 1 < self.total > len(self.runs) and not outcome.interrupted:
            click.echo(f"{self._standing()} ...", nl=not sys.stderr.isatty(), err=True)

    def _standing(self) -> str:
        states = Counter(run["state"] for run in self.runs)
        failed = f", {states['failed']} failed" if states["failed"] else ""
        ran = len(self.runs) - states["skipped"]
        left = self.total - len(self.runs)
        if not ran:
            return f"{len(self.runs)} of {self.total}"
        seconds = (time.monotonic() - self.began) / ran * left
        return f"{len(self.runs)} of {self.total}{failed}, about {_roughly(seconds)} left"

    def summary(self) -> None:
        """Tell how many ended how, and of those that failed which and why."""
        if self.total == 1:
            return
        states = Counter(run["state"] for run in self.runs)
        counts = [f"{states[name]} {name}" for name in ("finished", "failed") if states[name]]
        if states["skipped"]:
            counts.append(f"{states['skipped']} skipped, since another run did or does them")
        if missing := self.total - len(self.runs):
            counts.append(f"{missing} not begun")
            self.codes.append(3)
        click.echo(f"{self.total} runs: {'; '.join(counts)}", err=True)
        failed = [run for run in self.runs if run["state"] == "failed"]
        if failed:
            for line in _table(failed):
                click.echo(line, err=True)


def _table(failed: Sequence[Mapping[str, Any]]) -> list[str]:
    """Which failed and why, a line each."""
    rows = [("system", "notebook", "why")]
    rows += [(run["system"], run["notebook"], _why(str(run["error"]))) for run in failed]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return [f"  {a:<{widths[0]}}  {b:<{widths[1]}}  {why}" for a, b, why in rows]


def _why(error: str) -> str:
    line = error.strip().partition("\n")[0]
    return line if len(line) <= _SHOWN_WHY else f"{line[: _SHOWN_WHY - 1]}…"


def _roughly(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def _found(outcome: "RunOutcome") -> list[str]:
    """What came of it, in half a sentence for each record; the sum alone, where it sums up.

    Whoever may write the notebook may write the verdict, so what was only declared says so.
    """
    from ops_model.domain.assessment import Assessment
    from ops_model.domain.portfolio_status import PortfolioStatus
    from ops_model.domain.records import read_record
    from ops_model.site.told import told

    records = [(read_record(found.record), outcome.why_declared(found))
               for found in outcome.records]  # fmt: skip
    sums = [one for one in records if isinstance(one[0], Assessment | PortfolioStatus)]
    lines = (
        f"{told(record)}{f'; declared only: {why}' if why else ''}"
        for record, why in sums or records
    )
    return list(dict.fromkeys(lines))


def _line(run: Mapping[str, Any]) -> str:
    head = f"{run['system']}: {run['notebook']} {run['state']} after {run['seconds']:.1f} s"
    if run["state"] == "skipped":
        return f"{run['system']}: {run['notebook']} skipped: {run['error']}"
    if not run["bundle"]:
        return f"{head}\n  {run['error']}"
    # Whoever was told to run it would otherwise wonder why the next check still says `unknown`.
    nothing = ["it left no evidence: its cells found nothing to measure"]
    return "\n  ".join([f"{head}, {run['bundle']}", *(run["told"] if run["records"] else nothing)])
