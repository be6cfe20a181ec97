"""The scenarios that come with the tool, read like a workbook's own."""

from functools import cache
from pathlib import Path

from ops_model.domain.scenarios import Scenario
from ops_model.errors import WorkbookError
from ops_model.shipped import shipped
from ops_model.store.claim_file import read_claim

_FOLDER = "scenarios"


@cache
def shipped_scenarios() -> tuple[Scenario, ...]:
    """Every shipped scenario, in the order of the ids.

    Raises:
        ShippedFilesMissingError: the package lost its files.
        WorkbookError: one of them is no scenario, as after an edit of the installed package.
    """
    root = shipped("templates").resolve()
    found, problems = [], []
    for path in sorted((root / _FOLDER).glob("*.yaml"), key=lambda path: path.name):
        scenario, wrong = read_claim(root, str(Path(_FOLDER, path.name)), Scenario)
        problems += wrong
        found += [scenario] if scenario is not None else []
    if problems:
        raise WorkbookError(problems=problems)
    return tuple(found)
