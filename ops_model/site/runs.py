"""Runs in a table: how each ended, in a word and in a sentence."""

from dataclasses import dataclass

from ops_model.site import words
from ops_model.site.links import run_page
from ops_model.site.site_input import SiteRun, SiteSystem
from ops_model.site.told import told
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
        RunRow(run, run_look(run), run_outcome(system, run), root + run_page(system, run))
        for run in latest
    ]


def run_look(run: SiteRun) -> Look:
    """How the state of a run is shown."""
    if run.state == "finished":
        return Look("✓", "finished", words.GREEN, "good")
    glyph = "✖" if run.state == "failed" else "?"
    return Look(glyph, run.state, words.RED, "bad")


def run_outcome(system: SiteSystem, run: SiteRun) -> str:
    """What came of a run: what its records say, or why it has none."""
    if run.state == "finished":
        said = [told(s.statement.record) for s in system.of_run(run.run_id)]
        return f"{'; '.join(said) or 'It left no record'}."
    if run.state == "failed":
        said_last = _first_line(run.message) if run.message else ""
        return f"{stopped(run)}{': ' if said_last else '.'}{said_last}"
    return "Started and never finished; it left no evidence."


def stopped(run: SiteRun) -> str:
    """Where and why a failed run stopped: `Stopped in cell 5 by WarehouseError`."""
    cell = f" in cell {run.cell}" if run.cell is not None else ""
    known = run.error or run.reason.replace("_", " ")
    return f"Stopped{cell}{f' by {known}' if known else ', no reason on record'}"


def _first_line(text: str, longest: int = 160) -> str:
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
