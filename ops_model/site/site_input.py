"""What the site is built from: plain frozen values, so that equal input gives equal pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from ops_model.check.decided import Decided
from ops_model.check.sign_off import SeatState
from ops_model.domain.assessment import Assessment
from ops_model.domain.awaited import Awaited
from ops_model.domain.evidence import Grade, Statement
from ops_model.domain.frameworks import Register
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.portfolio_status import PORTFOLIO, PortfolioStatus
from ops_model.domain.trials import Reproduction
from ops_model.domain.values import digest_of
from ops_model.domain.walk import FourHours
from ops_model.domain.workbook import WorkbookSettings
from ops_model.store.sound_part import Broken


@dataclass(frozen=True)
class GradedStatement:
    """A statement of the ledger and the grade that was derived for it."""

    statement: Statement
    grade: Grade


@dataclass(frozen=True)
class SealedNotebook:
    """The executed notebook as it was sealed, or why a page must not show what lies there."""

    content: bytes = b""
    problem: str = ""


@dataclass(frozen=True)
class SiteRun:
    """One run of a notebook, as the ledger tells it.

    `bundle` is the folder below the workbook and `manifest` the digest of its manifest, where the
    run finished; `executed` reads the notebook in it, and `seen` tells how that folder looks
    from outside: as long as it says the same, nobody wrote there. `reason`, `cell`, `error` and
    `message` say why it failed, `nothing` why a run that finished has no record. One that is
    `again_of` another has taken its place; one that `reproduces` another repeated it, to compare.
    """

    run_id: str
    notebook: str
    notebook_digest: str
    state: str
    as_of: datetime
    recorded_at: datetime
    seconds: float | None = None
    bundle: str | None = None
    manifest: str | None = None
    records: int = 0
    reason: str = ""
    cell: int | None = None
    error: str = ""
    message: str = ""
    nothing: str = ""
    again_of: str = ""
    reproduces: str = ""
    executed: Callable[[], SealedNotebook] | None = field(default=None, compare=False, repr=False)
    seen: Callable[[], str] = field(default=str, compare=False, repr=False)


@dataclass(frozen=True)
class SiteRuns:
    """What was run under one id: that of a system, or `portfolio` for all systems together."""

    id: str
    name: str
    statements: tuple[GradedStatement, ...] = ()
    runs: tuple[SiteRun, ...] = ()

    def of_run(self, run_id: str) -> tuple[GradedStatement, ...]:
        """The statements that a run published, in their order on the ledger."""
        return self._by_run.get(run_id, ())

    def latest(self, notebook: str, most: int) -> tuple[SiteRun, ...]:
        """So many of the latest runs of a notebook, the latest last."""
        return self._by_notebook.get(notebook, ())[-most:]

    def reproduction_by(self, run_id: str) -> GradedStatement | None:
        """What came of the comparison for which a run was done; None where it was for none."""
        return self._by_repetition.get(run_id)

    @cached_property
    def _by_repetition(self) -> Mapping[str, GradedStatement]:
        # What a notebook says of a comparison is none: the tool alone records one.
        return {
            s.statement.record.again: s
            for s in self.statements
            if isinstance(s.statement.record, Reproduction) and s.statement.origin is None
        }

    @cached_property
    def _by_run(self) -> Mapping[str, tuple[GradedStatement, ...]]:
        found: dict[str, list[GradedStatement]] = {}
        for graded in self.statements:
            if graded.statement.origin:
                found.setdefault(graded.statement.origin.run_id, []).append(graded)
        return {run_id: tuple(told) for run_id, told in found.items()}

    @cached_property
    def _by_notebook(self) -> Mapping[str, tuple[SiteRun, ...]]:
        found: dict[str, list[SiteRun]] = {}
        for run in sorted(self.runs, key=lambda r: (r.recorded_at, r.run_id)):
            found.setdefault(run.notebook, []).append(run)
        return {notebook: tuple(runs) for notebook, runs in found.items()}


@dataclass(frozen=True)
class SiteSystem:
    """One system: its claims, the verdict, everything on the ledger about it, and its runs.

    `walk` is what its 2am page shows; without it there is no such page. `policy` is the digest of
    what the policy says of this system, `decided` is that in words, and `seats` is how those of
    its deploy review stand.
    """

    claims: SystemClaims
    assessment: Assessment
    statements: tuple[GradedStatement, ...] = ()
    runs: tuple[SiteRun, ...] = ()
    walk: FourHours | None = None
    policy: str = ""
    seats: tuple[SeatState, ...] = ()
    decided: Decided = field(default_factory=Decided)

    @cached_property
    def assessment_digest(self) -> str:
        """The digest of the assessment, by which a decision names what was seen."""
        return digest_of(self.assessment)

    @cached_property
    def ran(self) -> SiteRuns:
        """What was run for the system."""
        return SiteRuns(self.claims.id, self.claims.identity.name, self.statements, self.runs)


@dataclass(frozen=True)
class SiteInput:
    """All pages of a workbook: nothing else is read while they are built.

    But for the notebook of a run, which is read when its page is written: those of a fleet
    together may be larger than the memory.

    Without a `portfolio` there is no page of all systems together; `together` is what was run for
    it. `due` says by system, or `portfolio`, which report is waited for next. `broken` are the
    systems that could not be read, by id, and under `portfolio` what is no system in `systems/`:
    nothing else here speaks of them. `policy` says how old a measurement may be; without one it is
    as old as the checks allow by default.
    """

    settings: WorkbookSettings
    people: People
    as_of: datetime
    tool_version: str
    systems: tuple[SiteSystem, ...] = ()
    register: Register = field(default_factory=Register)
    portfolio: PortfolioStatus | None = None
    together: SiteRuns = SiteRuns(PORTFOLIO, "The portfolio")
    due: Mapping[str, Awaited] = field(default_factory=dict)
    broken: Mapping[str, Broken] = field(default_factory=dict)
    policy: Policy | None = None
