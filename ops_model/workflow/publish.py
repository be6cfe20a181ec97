"""Build the evidence site of a workbook from its claims, its ledger and its verdicts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model import __version__
from ops_model.check.catalogue import Catalogue
from ops_model.check.context import Context
from ops_model.check.decided import decided_about
from ops_model.check.enough import judging_of
from ops_model.check.grades import grade_of
from ops_model.check.sign_off import policy_digest
from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.four_hours import four_hours, next_night
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.portfolio_status import PORTFOLIO, PortfolioStatus
from ops_model.errors import WorkbookError
from ops_model.workflow.assess import assess_all, catalogue_of, evidence_of
from ops_model.workflow.awaited import Arrived, awaited
from ops_model.workflow.executed import executed, seen
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.reviewed import graded, seats_of
from ops_model.workflow.slots import run_together
from ops_model.workflow.told import Told

if TYPE_CHECKING:
    from ops_model.site.build import SiteInput, SiteRun, SiteRuns, SiteSystem
    from ops_model.store.ledger import Ledger
    from ops_model.store.ledger_chain import StoredEvent
    from ops_model.store.sound_part import SoundPart

_STATES = {
    "run.finished": "finished", "run.failed": "failed", "run.abandoned": "abandoned",
}  # fmt: skip


def publish(
    root: Path,
    *,
    as_of: datetime,
    recorded_at: datetime,
    afresh: bool = False,
    sound: "SoundPart | None" = None,
) -> Path:
    """Assess every system, and write the pages of the workbook into its `site/`.

    Systems of `sound` that could not be read stand there as unknown.

    Args:
        root: the workbook's folder.
        as_of: the instant that judges; later statements and runs are not shown.
        recorded_at: the wall clock, noted with what the tool observes on the way.
        afresh: write every page, also one that would read as before.
        sound: what can be read of the workbook; without it, everything has to be valid.

    Returns:
        The path of `index.html`.

    Raises:
        WorkbookError, PolicyError, CatalogueError: a file of the workbook is not valid, or no
            system of `sound` could be read.
        LedgerError: the ledger cannot be read or written.
        UsageError: `site/` holds files that are not ours.
    """
    from ops_model.site.build import build_site
    from ops_model.workflow.side_by_side import collected_rarely

    with collected_rarely():
        pages = site_input(root, as_of=as_of, recorded_at=recorded_at, sound=sound)
        return build_site(pages, root / "site", afresh=afresh)


def site_input(
    root: Path, *, as_of: datetime, recorded_at: datetime, sound: "SoundPart | None" = None
) -> "SiteInput":
    """All that the pages show: every system assessed, with what was recorded of it.

    Raises: as `publish`, but for the site's folder.
    """
    from ops_model.store.sound_part import SoundPart
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.side_by_side import collected_rarely

    with collected_rarely():
        read = sound or SoundPart(read_workbook(root), {})
        if read.problems and not read.model.systems:
            raise WorkbookError(problems=read.problems)
        return _everything(root, read, as_of, recorded_at)


def _everything(
    root: Path, sound: "SoundPart", as_of: datetime, recorded_at: datetime
) -> "SiteInput":
    from ops_model.site.build import SiteInput

    model = sound.model
    judged = assess_all(root, model, as_of=as_of, recorded_at=recorded_at)
    catalogue = catalogue_of(root)
    with open_ledger(root, model.settings, create=True) as ledger:
        systems = tuple(
            _system(root, model, catalogue, assessment, told, ledger)
            for assessment, told in judged
        )
        with ledger.at_hand(PORTFOLIO):
            together = _together(root, model, ledger, as_of)
    every = [together, *(s.ran for s in systems)]
    return SiteInput(
        settings=model.settings, people=model.people, as_of=as_of, tool_version=__version__,
        systems=systems, register=catalogue.register,
        portfolio=_portfolio(_without_pilots(sound), systems, as_of), together=together,
        due=awaited(
            model, _arrived(every), as_of=as_of, about_all=run_together(root, model),
            seen=_seen(every),
        ),
        broken=sound.broken,
        policy=model.policy,
    )  # fmt: skip


def _without_pilots(sound: "SoundPart") -> OperatingModel:
    """The model without the pilots of systems that cannot be read: not even their class is known.

    Left in, they would be told as pilots that no folder describes.
    """
    model, portfolio = sound.model, sound.model.portfolio
    if portfolio is None or not sound.broken:
        return model
    pilots = tuple(pilot for pilot in portfolio.pilots if pilot.system not in sound.broken)
    return model.model_copy(update={"portfolio": portfolio.model_copy(update={"pilots": pilots})})


def _arrived(every: "Iterable[SiteRuns]") -> Arrived:
    """By notebook and system, the instants that a run which finished speaks of."""
    found: dict[tuple[str, str], set[datetime]] = {}
    for ran in every:
        for run in ran.runs:
            if run.state == "finished":
                found.setdefault((run.notebook, ran.id), set()).add(run.as_of)
    return found


def _seen(every: "Iterable[SiteRuns]") -> dict[str, datetime]:
    """By system, the instant of the earliest that is on record of it."""
    told = {
        ran.id: [*(r.as_of for r in ran.runs), *(g.statement.as_of for g in ran.statements)]
        for ran in every
    }
    return {name: min(instants) for name, instants in told.items() if instants}


def _together(root: Path, model: OperatingModel, ledger: "Ledger", as_of: datetime) -> "SiteRuns":
    """What was run for all systems together."""
    from ops_model.site.build import GradedStatement, SiteRuns

    told = tuple(s for s in ledger.statements(PORTFOLIO) if s.as_of <= as_of)
    evidence = evidence_of(told, model.policy, model.signers)
    return SiteRuns(
        PORTFOLIO, "The portfolio",
        tuple(GradedStatement(s, grade_of(s, evidence)) for s in told),
        _runs(root, ledger.events(subject=PORTFOLIO), as_of),
    )  # fmt: skip


def _runs(root: Path, stored: "Iterable[StoredEvent]", as_of: datetime) -> "tuple[SiteRun, ...]":
    runs = runs_of(one.event for one in stored if one.event.as_of <= as_of)
    return tuple(_with_nothing(_with_notebook(root, run)) for run in runs)


def _with_notebook(root: Path, run: "SiteRun") -> "SiteRun":
    """The run with a way to its executed notebook, which is read when its page is written."""
    if run.state != "finished" or not run.bundle:
        return run
    return replace(run, executed=partial(executed, root, run), seen=partial(seen, root, run))


def _portfolio(
    model: OperatingModel, systems: "Sequence[SiteSystem]", as_of: datetime
) -> PortfolioStatus:
    """Where all systems stand together, from the very verdicts that their pages show."""
    from ops_model.analysis.portfolio import Seen
    from ops_model.workflow.portfolio import counted, portfolio_status

    seen = [
        Seen(s.claims, s.assessment, counted((t.statement, t.grade) for t in s.statements))
        for s in systems
    ]
    return portfolio_status(model, seen, as_of=as_of)


def _system(
    root: Path,
    model: OperatingModel,
    catalogue: Catalogue,
    assessment: Assessment,
    known: Told,
    ledger: "Ledger",
) -> "SiteSystem":
    from ops_model.site.build import SiteSystem
    from ops_model.workflow.open import known_system

    system, as_of = known_system(model, assessment.system), assessment.as_of
    told = tuple(s for s in ledger.with_words(known.statements) if s.as_of <= as_of)
    evidence = evidence_of(told, model.policy, model.signers)
    ctx = Context(system, model, evidence, as_of, register=catalogue.register)
    return SiteSystem(
        claims=system,
        # Up to its own latest entry: what is recorded about others is no news on its pages.
        assessment=assessment.model_copy(update={"ledger_size": told[-1].seq + 1 if told else 0}),
        walk=four_hours(
            model, system, at=next_night(model, as_of=as_of),
            judging=judging_of(model, system, evidence, as_of=as_of), statements=told,
        ),
        statements=graded(ctx),
        runs=_runs(root, known.runs, as_of),
        policy=policy_digest(model.policy, system.id),
        seats=seats_of(ctx, catalogue),
        decided=decided_about(catalogue.checks, model, system, assessment),
    )  # fmt: skip


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
                again_of=str(event.data.get("again_of", "")),
            )  # fmt: skip
        elif event.type in _STATES and run_id in runs:
            runs[run_id] = _ended(runs[run_id], event)
    return tuple(runs.values())


def _with_nothing(run: "SiteRun") -> "SiteRun":
    """The run with what its notebook says about why it has nothing to record, if it says so."""
    if run.executed is None or run.records:
        return run
    from ops_model.workflow.show import said_nothing

    try:
        shown = [
            "".join(output.get("data", {}).get("text/html", ""))
            for cell in json.loads(run.executed().content)["cells"]
            for output in cell.get("outputs", ())
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        return run  # its page says what is wrong with the bundle
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
        reproduces=str(data.get("reproduces") or ""),
    )
