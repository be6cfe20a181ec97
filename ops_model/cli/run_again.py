"""`ops-model run --reproduce`: a sealed run executed again, and what came out otherwise."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ops_model import __version__
from ops_model.cli.checkpoints import signing_key
from ops_model.cli.context import judged_at, now, print_json
from ops_model.domain.evidence import Grade
from ops_model.errors import UsageError

if TYPE_CHECKING:
    from ops_model.workflow.reproduce import Reproduced


_WORTH = {
    Grade.REPRODUCED: "reproduced; what that run measured counts as E4 now",
    Grade.OBSERVED: "reproduced",
    Grade.DECLARED: "reproduced; its records stay declared, since the notebook is neither shipped "
    "nor approved, or what it read could not be identified",
}


def refuse_with_others(*, every: bool, once: bool, given: tuple[str, ...]) -> None:
    """Refuse what the sealed run says by itself.

    Raises:
        UsageError: --all, --once or a parameter is given.
    """
    told = {"--all": every, "--once": once, "-p": bool(given)}
    if any(told.values()):
        option = next(name for name, was_given in told.items() if was_given)
        raise UsageError(
            f"--reproduce takes no {option}: it runs what was sealed",
            remedy="ops-model run NOTEBOOK SYSTEM --reproduce RUN_ID",
        )


def run_again(
    root: Path,
    notebook: str,
    system_id: str,
    run_id: str,
    as_of: datetime | None,
    *,
    as_json: bool,
) -> NoReturn:
    """Run it, print how the records compare, and exit: 0 equal, 1 not, 3 it did not finish."""
    from ops_model.workflow.ledgers import settings_of
    from ops_model.workflow.reproduce import reproduce

    instant = judged_at(as_of, settings_of(root).as_of)
    click.echo(f"{system_id}: running {notebook} again as {run_id} was sealed ...", err=True)
    found = reproduce(
        root, notebook, system_id, run_id,
        as_of=instant, recorded_at=now(), key=signing_key(root),
    )  # fmt: skip
    click.echo("\n".join(_lines(found, run_id)), err=as_json or found.told is None)
    if as_json:
        print_json({"runs": [{**found.outcome.as_json(), **found.as_json()}]})
    if found.told is None:
        raise click.exceptions.Exit(3)
    raise click.exceptions.Exit(0 if found.told.equal else 1)


def _lines(found: "Reproduced", run_id: str) -> list[str]:
    outcome, told = found.outcome, found.told
    head = f"{outcome.system}: {outcome.notebook} {outcome.state} after {outcome.seconds:.1f} s"
    if told is None:
        return [head, f"  {outcome.error}"]
    many = f"{told.records} record{'' if told.records == 1 else 's'}"
    said = f"the same as {run_id}: {many}"
    if not told.records:
        said = f"{run_id} left no record, so there is nothing to compare"
    elif told.differing:
        said = f"not the same as {run_id}: {len(told.differing)} of {many}"
    other = found.sealed_by != __version__ and not told.equal
    since = f"it was sealed by ops-model {found.sealed_by}; this is {__version__}"
    return [
        f"{head}, {outcome.bundle}",
        f"  {said}",
        *([f"  recorded: {_WORTH[found.grade]}"] if told.equal else []),
        *(f"  {what}" for what in told.differing),
        *([f"  {since}"] if other else []),
    ]
