"""`ops-model demo`: the example workbook, built from real flight data, run, and published."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.context import environment, json_option, now, print_json
from ops_model.cli.demo_steps import Steps
from ops_model.errors import NotebookError

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.example.said import Said
    from ops_model.store.checkpoint import CheckpointKey

FLIGHTS, ASSISTANT, INVOICES = "flight-delay", "support-assistant", "invoice-extractor"
_SHOWN = 8
"""How many of the checks that stand in the way are named; `check` names them all."""
STORM = "2013-03-08-storm"
"""The incident of the demo that is looked back at."""
PARKED = datetime(2013, 3, 5, 8, tzinfo=UTC)
"""The day after the sponsor of the stranded pilot moved on; its gaps have stood at least since."""
KEY_NAME = "demo.example/ops-model"
"""Whose checkpoints they are; the private key is never on the disk, and ends with the demo."""
AGAIN = "05_drift_quality"
"""The run that is executed twice, so that somebody has seen that it can be."""
DRILLS = ("03_rollback_drill", "04_fallback_drill")
# Measurements and drills first; the others show what all of them came to. 11 comes before those
# that judge: what it records is judged too, and all of them are to come to the same verdict.
MEASURING = (
    ("05_drift_quality", FLIGHTS),
    ("05_drift_quality", ASSISTANT),
    ("06_cost", FLIGHTS),
    ("06_cost", ASSISTANT),
)
SHOWING = (
    ("11_handoff_transition", FLIGHTS),
    ("00_gap_map", INVOICES),
    ("00_gap_map", FLIGHTS),
    ("07_weekly_ops_report", FLIGHTS),
    ("07_weekly_ops_report", ASSISTANT),
    ("01_readiness", FLIGHTS),
    ("01_readiness", ASSISTANT),
    ("02_deploy_review", FLIGHTS),
    ("02_deploy_review", ASSISTANT),
    ("12_compliance_evidence", FLIGHTS),
    ("12_compliance_evidence", ASSISTANT),
)


@click.command("demo")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder of the new workbook.",
)
@click.option("--fresh", is_flag=True, help="Replace the demo that is there.")
@click.option(
    "--open/--no-open",
    "open_site",
    default=False,
    help="Open the site in a browser, on a desktop.",
)
@json_option
def command(into: Path, fresh: bool, open_site: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Build the example workbook from real flight data, run it all, and build its site.

    Three systems: flight-delay is trained on, and serves, the real flights of New York in 2013;
    support-assistant is simulated; invoice-extractor is a pilot that met its targets and was never
    shipped. Needs the extra `demo`. Exit code 0 when everything ran, whatever the verdicts.
    """
    steps = Steps(err=as_json)
    root = into.absolute()
    index, systems = _build_and_run(root, steps, fresh=fresh)
    if as_json:
        print_json(
            {
                "workbook": str(root), "site": str(index), "systems": systems,
                "steps": steps.done, "seconds": steps.seconds,
            }
        )  # fmt: skip
    else:
        _say(into, index, systems, steps.seconds)
    if open_site:
        _open(index)


def _build_and_run(root: Path, steps: Steps, *, fresh: bool) -> tuple[Path, list[dict[str, Any]]]:
    from ops_model.domain.portfolio_status import PORTFOLIO
    from ops_model.example.build import AS_OF, build_workbook
    from ops_model.example.said import (
        AFTER_THE_DRILLS,
        BEFORE_THE_DRILLS,
        LEADS_FALLBACK,
        LEADS_ROLLBACK,
    )
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.checkpoints import checkpoint, key_in_memory
    from ops_model.workflow.publish import publish

    with steps:
        build_workbook(root, progress=steps.begin, fresh=fresh)
        model = read_workbook(root)
        key = key_in_memory(root, KEY_NAME)
        steps.begin(f"owner, deputy and rota attest about {FLIGHTS} (asserted, not signed)")
        _attest(root, model, BEFORE_THE_DRILLS, AS_OF)
        checkpoint(root, model.settings, key)
        for notebook, system in MEASURING:
            steps.begin(f"run {notebook} for {system}")
            _run(root, model, notebook, system, AS_OF, key)
        steps.begin(f"run {AGAIN} for {FLIGHTS} again, from what was sealed, and compare")
        _again(root, model, AS_OF, key)
        for notebook, leads in zip(DRILLS, (LEADS_ROLLBACK, LEADS_FALLBACK), strict=True):
            steps.begin(f"run {notebook} for {FLIGHTS}, led by {leads}")
            _run(root, model, notebook, FLIGHTS, AS_OF, key, performed_by=leads)
        steps.begin(f"the rest of the rota attests to have been at the drill of {FLIGHTS}")
        _attest(root, model, AFTER_THE_DRILLS, AS_OF, of=_last_drill(root, model))
        steps.begin(f"run 09_incident_postmortem for {FLIGHTS}, {STORM}")
        _run(root, model, "09_incident_postmortem", FLIGHTS, AS_OF, key, incident=STORM)
        steps.begin(f"run 00_gap_map for {INVOICES}, as of the day that it was parked")
        _run(root, model, "00_gap_map", INVOICES, PARKED, key)
        steps.begin(f"the seats review {FLIGHTS}: two sign with their keys, one by reference")
        _decide(root)
        model = read_workbook(root)  # with the keys that are enrolled now
        checkpoint(root, model.settings, key)
        for notebook, system in SHOWING:
            steps.begin(f"run {notebook} for {system}")
            _run(root, model, notebook, system, AS_OF, key)
        steps.begin("run 13_portfolio for all of them together")
        _run(root, model, "13_portfolio", PORTFOLIO, AS_OF, key)
        steps.begin(f"assess {len(model.systems)} systems and build the site")
        index = publish(root, as_of=AS_OF, recorded_at=now())
        verdicts = [_verdict(root, model, s.id, AS_OF) for s in model.systems]
        checkpoint(root, model.settings, key)
        return index, verdicts


def _attest(
    root: Path, model: "OperatingModel", words: "Sequence[Said]", as_of: datetime,
    of: str | None = None,
) -> None:  # fmt: skip
    from ops_model.workflow.attest import attest

    for said in words:
        attest(
            root, model, FLIGHTS, topic=said.topic, person=said.person, text=said.text, of=of,
            handoff=said.handoff, knowledge=said.knowledge, action=said.action,
            seconds=said.seconds, as_of=as_of, recorded_at=now(), event_id=said.event_id,
        )  # fmt: skip


def _decide(root: Path) -> None:
    """Freeze what the seats decide on, and record what each of them says."""
    from ops_model.example.sign_offs import DECIDED, enrol
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.prove import Means
    from ops_model.workflow.review import review
    from ops_model.workflow.sign import sign
    from ops_model.workflow.sign_rules import Ballot

    with TemporaryDirectory(prefix="ops-model-demo-keys-") as folder:
        keys = enrol(root, Path(folder), now())
        model = read_workbook(root)  # with the keys that are enrolled now
        pack = review(root, model, FLIGHTS, recorded_at=now()).pack.digest
        for said in DECIDED:
            ballot = Ballot(said.seat, said.decision, said.meaning, said.person, pack)
            means = Means(keys.get(said.person), said.reference)
            sign(root, model, FLIGHTS, ballot, means, recorded_at=now())


def _last_drill(root: Path, model: "OperatingModel") -> str:
    """The digest of the rollback drill that was just recorded."""
    from ops_model.domain.rollback import RollbackDrill
    from ops_model.workflow.ledgers import open_ledger

    with open_ledger(root, model.settings, readonly=True) as ledger:
        drills = [s for s in ledger.statements(FLIGHTS) if isinstance(s.record, RollbackDrill)]
    return drills[-1].digest


def _run(
    root: Path, model: "OperatingModel", notebook: str, system: str, as_of: datetime,
    key: "CheckpointKey", **parameters: object,
) -> None:  # fmt: skip
    """Run one notebook, and sign the ledger.

    Raises:
        NotebookError: the run failed; it is recorded as failed, and the demo stops here.
        click.Abort: Ctrl-C; the run is recorded as interrupted.
    """
    from ops_model.workflow.checkpoints import checkpoint
    from ops_model.workflow.run import run_notebook

    outcome = run_notebook(
        root, notebook, system, as_of=as_of, recorded_at=now(), parameters=parameters, key=key
    )
    checkpoint(root, model.settings, key)
    if outcome.failure is not None and outcome.failure.reason == "interrupted":
        raise click.Abort
    if outcome.state == "failed":
        raise NotebookError(
            f"the run failed: {outcome.error}",
            where=f"{notebook} for {system}",
            remedy=f"try it alone: ops-model run {notebook} {system} --workbook {root}",
        )


def _again(root: Path, model: "OperatingModel", as_of: datetime, key: "CheckpointKey") -> None:
    """Execute the sealed run of `AGAIN` once more.

    Raises:
        NotebookError: it failed, or a record came out otherwise.
    """
    from ops_model.workflow.ledgers import open_ledger
    from ops_model.workflow.reproduce import reproduce
    from ops_model.workflow.verified import finished_in, finished_run

    with open_ledger(root, model.settings, readonly=True) as ledger:
        runs = [finished_run(stored) for stored in finished_in(ledger, subject=FLIGHTS)]
    first = next(run for run in runs if f"/{AGAIN}/" in run.bundle)
    found = reproduce(root, AGAIN, FLIGHTS, first.run_id, as_of=as_of, recorded_at=now(), key=key)
    if found.told is None or not found.told.equal:
        raise NotebookError(
            f"the second run came out otherwise: {found.outcome.error or found.told}",
            where=f"{AGAIN} for {FLIGHTS}",
            remedy="run it with --reproduce, and look at the fields that it names",
        )


def _verdict(root: Path, model: "OperatingModel", system: str, as_of: datetime) -> dict[str, Any]:
    from ops_model.workflow.assess import assess_system

    found = assess_system(root, model, system, as_of=as_of, recorded_at=now())
    return {
        "system": system,
        "verdict": found.verdict,
        "answered": sum(q.answered for q in found.five_questions),
        "blocking": [f.check for f in found.blocking],
    }


def _say(into: Path, index: Path, systems: list[dict[str, Any]], seconds: float) -> None:
    click.echo()
    for system in systems:
        blocking = _first(system["blocking"])
        click.echo(f"{system['system']:<18} {system['verdict']}")
        click.echo(
            f"{'':<18} {system['answered']} of 5 questions answered; in the way: {blocking}"
        )
    click.echo(f"\nworkbook  {into}\nsite      {index}\ntook      {seconds:.0f} s")


def _first(checks: list[str]) -> str:
    more = len(checks) - _SHOWN
    named = ", ".join(checks[:_SHOWN]) or "nothing"
    return f"{named} and {more} more" if more > 0 else named


def _open(index: Path) -> None:
    variables = environment()
    desktop = sys.platform in {"darwin", "win32"} or bool(
        variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY")
    )
    if desktop:
        click.launch(index.as_uri())
    else:
        click.echo("no desktop session here; open the site's path in a browser", err=True)
