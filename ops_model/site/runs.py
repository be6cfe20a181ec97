"""Runs in a table: what each found or how it ended, in a word and in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from ops_model import errors
from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import Attestation, Grade, Record
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.trials import GameDayResult, Reproduction, SwapDrill
from ops_model.site import words
from ops_model.site.game_day_cards import gaps_look
from ops_model.site.links import run_page
from ops_model.site.site_input import GradedStatement, SiteRun, SiteRuns, SiteSystem
from ops_model.site.standing import in_short
from ops_model.site.told import told
from ops_model.site.words import Look

_TOLD_IN_A_WORD = (Assessment, RollbackDrill, FallbackDrill, SwapDrill)
# That a run came to its end says nothing about what it found, so it is never green.
_FINISHED = Look("✓", "finished", words.GREY, "quiet")
DECLARED = Look("?", "declared only", words.AMBER, "warn")
_UNKNOWN_NOTEBOOK = "Declared, by a notebook that is neither shipped nor approved."
_UNKNOWN_INPUTS = "Declared only: what it read could not be identified again."
_EQUAL = Look("✓", "equal", words.GREEN, "good")
_DIFFERS = Look("✖", "differs", words.RED, "bad")
_NOTHING = Look("\u2013", "nothing to record", words.GREY, "quiet")
_STOPS = {
    "timeout": "it took longer than it may", "kernel_died": "its kernel died",
    "disk_full": "the disk was full", "interrupted": "somebody interrupted it",
    "bad_record": "it shows a record that is none",
    "worker_died": "the process that ran it died", "memory": "it took more memory than it may",
    "output": "it showed more than it may",
}  # fmt: skip
# The message of an error of ours says all; of another's, only its name tells what `'label'` is.
_OUR_ERRORS = frozenset(
    name for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, errors.OpsModelError)
)  # fmt: skip


@dataclass(frozen=True)
class RunRow:
    """A run in a table."""

    run: SiteRun
    look: Look
    outcome: str
    href: str


def run_rows(ran: SiteRuns, root: str) -> list[RunRow]:
    """The runs, the latest first."""
    latest = sorted(ran.runs, key=lambda r: (r.recorded_at, r.run_id), reverse=True)
    return [run_row(ran, run, root) for run in latest]


def run_row(ran: SiteRuns, run: SiteRun, root: str) -> RunRow:
    """One of them."""
    return RunRow(run, run_look(ran, run), run_outcome(ran, run), root + run_page(ran, run))


def run_look(ran: SiteRuns, run: SiteRun) -> Look:
    """The result of a run where it recorded one that can be told in a word, or else its state."""
    if run.state != "finished":
        return Look("✖" if run.state == "failed" else "?", run.state, words.RED, "bad")
    found = ran.of_run(run.run_id)
    records = [s.statement.record for s in found]
    # Whoever may write the notebook may write the verdict.
    if any(weak(s) and isinstance(s.statement.record, _TOLD_IN_A_WORD) for s in found):
        return DECLARED
    told_in_a_word = _in_a_word(records)
    if told_in_a_word is not None:
        return told_in_a_word
    return _repeated_look(ran, run) or (_FINISHED if records or run.records else _NOTHING)


def _in_a_word(records: Sequence[Record]) -> Look | None:
    verdicts = [r.verdict for r in records if isinstance(r, Assessment)]
    if verdicts:
        return words.VERDICTS[verdicts[-1]]
    drills = [
        r.passed for r in records if isinstance(r, RollbackDrill | FallbackDrill | SwapDrill)
    ]
    if drills:
        return words.PASSED if all(drills) else words.FAILED
    days = [r for r in records if isinstance(r, GameDayResult)]
    return gaps_look(days[-1]) if days else None


def _repeated_look(ran: SiteRuns, run: SiteRun) -> Look | None:
    """Of a run that repeats another, which holds records and publishes none of them."""
    found = ran.reproduction_by(run.run_id)
    record = found.statement.record if found is not None else None
    if not isinstance(record, Reproduction):
        return None
    return _EQUAL if record.equal else _DIFFERS


def run_outcome(ran: SiteRuns, run: SiteRun) -> str:
    """What came of a run: what its records say, or why it has none."""
    if run.state == "finished":
        left = [s.statement.record for s in ran.of_run(run.run_id)]
        if not left:
            return _repeated(ran, run) or run.nothing or "It left no record."
        return " ".join([f"{in_short(left)}.", *why_declared(ran, run)])
    if run.state == "failed":
        said_last = _first_line(run.message) if run.message else ""
        return f"{stopped(run)}{': ' if said_last else '.'}{said_last}"
    return "Started and never finished; it left no evidence."


def _repeated(ran: SiteRuns, run: SiteRun) -> str:
    """What came of a run that repeats another; empty of any other."""
    if not run.reproduces:
        return ""
    found = ran.reproduction_by(run.run_id)
    result = (
        f"{told(found.statement.record)}."
        if found is not None
        else "Nothing says how it came out."
    )
    return f"It ran {run.reproduces} again, to compare the records. {result}"


def why_declared(ran: SiteRuns, run: SiteRun) -> list[str]:
    """Why what a run recorded is worth no more than a declaration; empty where it was observed."""
    origins = [s.statement.origin for s in ran.of_run(run.run_id) if weak(s)]
    if not origins:
        return []
    known = any(origin is not None and not origin.inputs_verified for origin in origins)
    return [_UNKNOWN_INPUTS if known else _UNKNOWN_NOTEBOOK]


def weak(graded: GradedStatement) -> bool:
    """True of what a notebook recorded and nobody observed; people's words are none of that."""
    by_people = isinstance(graded.statement.record, Attestation | GameDayResult)
    # A drill by who wrote the plan was observed, and counts as a word.
    return graded.grade < Grade.ATTESTED and not by_people


def declared_only(system: SiteSystem, record: Record) -> str:
    """`, declared only` behind what a notebook said and nobody observed; else nothing."""
    graded = next((s for s in system.statements if s.statement.record is record), None)
    return f", {DECLARED.word}" if graded is not None and weak(graded) else ""


def stopped(run: SiteRun) -> str:
    """Where a failed run stopped, `Stopped in cell 5`, and why if its message does not say it."""
    cell = f" in cell {run.cell}" if run.cell is not None else ""
    if run.reason in _STOPS:
        return f"Stopped{cell}, {_STOPS[run.reason]}"
    if run.error and not (run.message and run.error in _OUR_ERRORS):
        return f"Stopped{cell} by {run.error}"
    return f"Stopped{cell}" if run.message else f"Stopped{cell}, no reason on record"


def _first_line(text: str, longest: int = 160) -> str:
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
