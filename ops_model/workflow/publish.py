"""Build the evidence site of a workbook from its claims, its ledger and its verdicts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model import __version__
from ops_model.check.api import Evidence
from ops_model.check.grades import Grading
from ops_model.domain.evidence import Assessment, LedgerEvent, Statement
from ops_model.domain.four_hours import four_hours
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.shipped import shipped_notebook_digests

if TYPE_CHECKING:
    from ops_model.site.build import GradedStatement, SiteRun, SiteSystem
    from ops_model.store.ledger import Ledger

_STATES = {
    "run.finished": "finished", "run.failed": "failed", "run.abandoned": "abandoned",
}  # fmt: skip


def publish(root: Path, *, as_of: datetime, recorded_at: datetime) -> Path:
    """Assess every system, and write the pages of the workbook into its `site/`.

    Args:
        root: the workbook's folder.
        as_of: the instant that judges; later statements and runs are not shown.
        recorded_at: the wall clock, noted with what the tool observes on the way.

    Returns:
        The path of `index.html`.

    Raises:
        WorkbookError, PolicyError, CatalogueError: a file of the workbook is not valid.
        LedgerError: the ledger cannot be read or written.
        UsageError: `site/` holds files that are not ours.
    """
    from ops_model.site.build import SiteInput, build_site
    from ops_model.store.ledger import Ledger
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.assess import assess_system

    model = read_workbook(root)
    verdicts = [
        (system, assess_system(root, model, system.id, as_of=as_of, recorded_at=recorded_at))
        for system in model.systems
    ]
    with Ledger.open(root / model.settings.ledger, create=True) as ledger:
        systems = tuple(
            _system(root, model, system, assessment, ledger, as_of)
            for system, assessment in verdicts
        )
    pages = SiteInput(
        settings=model.settings, people=model.people, as_of=as_of, tool_version=__version__,
        systems=systems,
    )  # fmt: skip
    return build_site(pages, root / "site")


def _system(
    root: Path,
    model: OperatingModel,
    system: SystemClaims,
    assessment: Assessment,
    ledger: "Ledger",
    as_of: datetime,
) -> "SiteSystem":
    from ops_model.site.build import SiteSystem
    from ops_model.workflow.card import next_night

    told = tuple(s for s in ledger.statements(system.id) if s.as_of <= as_of)
    events = [stored.event for stored in ledger.events(subject=system.id)]
    runs = runs_of(event for event in events if event.as_of <= as_of)
    return SiteSystem(
        claims=system,
        assessment=assessment,
        walk=four_hours(model, system, at=next_night(model, as_of=as_of), statements=told),
        statements=_graded(model, system, told, as_of),
        runs=tuple(_with_nothing(root, run) for run in runs),
    )


def _graded(
    model: OperatingModel, system: SystemClaims, told: Sequence[Statement], as_of: datetime
) -> "tuple[GradedStatement, ...]":
    from ops_model.site.build import GradedStatement

    approved = shipped_notebook_digests() | set(model.policy.approved_notebooks)
    evidence = Evidence(tuple(told), frozenset(approved))
    grading = Grading(system, model.people, evidence, as_of)
    return tuple(GradedStatement(s, grading.statement(s).grade) for s in told)


def runs_of(events: Iterable[LedgerEvent]) -> "tuple[SiteRun, ...]":
    """The runs that the events of a system tell of, in the order in which they began.

    A run without an end is `unfinished`.
    """
    from ops_model.site.build import SiteRun

    runs: dict[str, SiteRun] = {}
    for event in events:
        run_id = str(event.data.get("run_id", ""))
        if event.type == "run.started":
            runs[run_id] = SiteRun(
                run_id=run_id, notebook=str(event.data["notebook"]),
                notebook_digest=str(event.data.get("notebook_digest", "")), state="unfinished",
                as_of=event.as_of, recorded_at=event.recorded_at,
            )  # fmt: skip
        elif event.type in _STATES and run_id in runs:
            runs[run_id] = _ended(runs[run_id], event)
    return tuple(runs.values())


def _with_nothing(root: Path, run: "SiteRun") -> "SiteRun":
    """The run with what its notebook says about why it has nothing to record, if it says so."""
    if run.state != "finished" or run.records or not run.bundle:
        return run
    from ops_model.workflow.show import said_nothing

    try:
        executed = json.loads((root / run.bundle / "executed.ipynb").read_bytes())
        shown = [
            "".join(output.get("data", {}).get("text/html", ""))
            for cell in executed["cells"]
            for output in cell.get("outputs", ())
        ]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        # The bundle is gone or damaged, which `verify` tells; the page tells the rest.
        return run
    told = [text for html in shown if (text := said_nothing(html))]
    return replace(run, nothing=" ".join(dict.fromkeys(told)))


def _ended(run: "SiteRun", event: LedgerEvent) -> "SiteRun":
    data: Mapping[str, Any] = event.data
    return replace(
        run,
        state=_STATES[event.type],
        recorded_at=event.recorded_at,
        seconds=data.get("seconds"),
        bundle=data.get("bundle"),
        manifest=data.get("manifest"),
        records=data.get("records") or 0,
        reason=data.get("reason") or "",
        cell=data.get("cell"),
        error=data.get("error") or "",
        message=data.get("message") or "",
    )
