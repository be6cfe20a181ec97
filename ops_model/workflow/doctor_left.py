"""What runs and drills left behind, and which shipped notebooks a workbook puts its own before."""

from collections.abc import Iterator
from pathlib import Path

from ops_model.domain.operating_model import OperatingModel
from ops_model.workflow.doctor_lines import Line, looked, some


def left_lines(root: Path, model: OperatingModel | None) -> Iterator[Line]:
    """Runs, and where the claims can be read drills and notebooks too."""
    yield from looked("workbook", "runs", lambda: run_lines(root))
    if model is not None:
        yield from looked("workbook", "drills", lambda: drill_lines(root, model))
        yield from looked("workbook", "notebooks", lambda: override_lines(root, model))


def run_lines(root: Path) -> Iterator[Line]:
    """What is left of runs whose process is gone."""
    from ops_model.notebook.left_behind import left_behind

    left = left_behind(root)
    if not left:
        yield Line("workbook", "runs", "ok", "no dead run left anything behind")
        return
    yield Line(
        "workbook", "runs", "warning", f"a process that died left {some(left)}",
        "nothing has to be done: the next run marks it as abandoned and clears it",
    )  # fmt: skip


def drill_lines(root: Path, model: OperatingModel) -> Iterator[Line]:
    """Drills that changed their target and did not put it back."""
    from ops_model.drill.leftovers import drill_runs, unfinished
    from ops_model.drill.spec import drills_folder

    open_ones = [
        system.id
        for system in model.systems
        if (folder := drills_folder(root, system.id)).is_dir()
        and not drill_runs(root, system.id)
        and unfinished(folder)
    ]
    for system in open_ones:
        yield Line(
            "workbook", "drills", "problem",
            f"a drill of {system} was left unfinished, and its target not put back",
            f"put it back: ops-model drill --restore {system}",
        )  # fmt: skip
    if not open_ones:
        yield Line("workbook", "drills", "ok", "none was left unfinished")


def override_lines(root: Path, model: OperatingModel) -> Iterator[Line]:
    """The workbook's own notebooks that stand before shipped ones of the same name."""
    from ops_model.shipped import notebook_digest, shipped, shipped_notebook_digests

    known = shipped_notebook_digests() | set(model.policy.approved_notebooks)
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        if not (shipped("notebooks") / path.name).is_file():
            continue
        try:
            digest = notebook_digest(path)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            yield Line("workbook", "notebooks", "problem",
                       f"notebooks/{path.name} stands before the shipped one, and is no notebook",
                       "mend it, or take it away")  # fmt: skip
            continue
        if digest not in known:
            yield Line(
                "workbook", "notebooks", "warning",
                f"notebooks/{path.name} stands before the shipped one, and nobody approved it: "
                "what it measures counts as declared",
                f"once it was reviewed, add {digest} to approved_notebooks in policy.yaml",
            )  # fmt: skip
