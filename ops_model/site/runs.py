"""Runs in a table: how each ended, in a word and in a sentence."""

from dataclasses import dataclass

from ops_model.site import words
from ops_model.site.links import run_page
from ops_model.site.site_input import SiteRun, SiteSystem
from ops_model.site.words import Look


@dataclass(frozen=True)
class RunRow:
    """A run in a table."""

    run: SiteRun
    look: Look
    outcome: str
    href: str


def run_rows(system: SiteSystem, root: str) -> list[RunRow]:
    """The runs of a system, the latest first."""
    latest = sorted(system.runs, key=lambda r: (r.recorded_at, r.run_id), reverse=True)
    return [
        RunRow(run, run_look(run), run_outcome(run), root + run_page(system, run))
        for run in latest
    ]


def run_look(run: SiteRun) -> Look:
    """How the state of a run is shown."""
    if run.state == "finished":
        return Look("✓", "finished", words.GREEN, "good")
    glyph = "✖" if run.state == "failed" else "?"
    return Look(glyph, run.state, words.RED, "bad")


def run_outcome(run: SiteRun) -> str:
    """What came of a run, in one sentence."""
    took = f" in {words.number(run.seconds)} s" if run.seconds is not None else ""
    if run.state == "finished":
        return f"{words.plural(run.records, 'record')}{took}, sealed"
    if run.state == "failed":
        cell = f" in cell {run.cell}" if run.cell is not None else ""
        reason = run.reason.replace("_", " ") or "no reason on record"
        said = ": ".join(part for part in (run.error, run.message) if part)
        return f"failed{cell}: {reason}{f' ({_first_line(said)})' if said else ''}"
    return "started and never finished; it left no evidence"


def _first_line(text: str, longest: int = 160) -> str:
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
