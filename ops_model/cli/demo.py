"""`ops-model demo`: the example workbook, built from real flight data, run, and published."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.context import environment, json_option, now, print_json
from ops_model.cli.demo_alerts import tell_people, watch_everything
from ops_model.cli.demo_drills import Rehearsals
from ops_model.cli.demo_steps import Steps
from ops_model.cli.demo_workbook import DemoWorkbook
from ops_model.cli.run_fleet import cores

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel

FLIGHTS, ASSISTANT, INVOICES = "flight-delay", "support-assistant", "invoice-extractor"
_SHOWN = 8
"""How many of the checks that stand in the way are named; `check` names them all."""
STORM = "2013-03-08-storm"
"""The incident of the demo that is looked back at."""
PARKED = datetime(2013, 3, 5, 8, tzinfo=UTC)
"""The day after the sponsor of the stranded pilot moved on; its gaps have stood at least since."""
KEY_NAME = "demo.example/ops-model"
"""Whose checkpoints they are; the private key is never on the disk, and ends with the demo."""
AGAIN = (("05_drift_quality", FLIGHTS), ("06_cost", ASSISTANT))
"""The runs that are executed twice, so that somebody has seen that they can be."""
LAST_WEEK = datetime(2013, 7, 15, 8, tzinfo=UTC)
"""The Monday before: whether anything got worse is told by two reports, and not by one."""
MEASURING = ("05_drift_quality", "06_cost")
REPORTING = ("07_weekly_ops_report", "13_portfolio")
"""The notebooks that ops-model.yaml schedules: what measures first, then what tells of it."""
# Measurements and drills first; these show what all of them came to. 11 comes before those that
# judge: what it records is judged too, and all of them are to come to the same verdict.
SHOWING = (
    ("11_handoff_transition", FLIGHTS),
    ("00_gap_map", INVOICES),
    ("00_gap_map", FLIGHTS),
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
    from ops_model.example.build import AS_OF, build_workbook
    from ops_model.example.said import (
        BEFORE_THE_DRILLS,
        LEADS_EXCHANGE,
        LEADS_FALLBACK,
        LEADS_OUTAGE,
    )
    from ops_model.notebook.warm import warm_kernels
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.checkpoints import key_in_memory
    from ops_model.workflow.publish import publish

    with steps, warm_kernels():
        build_workbook(root, progress=steps.begin, fresh=fresh)
        book = DemoWorkbook(root, read_workbook(root), AS_OF, key_in_memory(root, KEY_NAME))
        drills = Rehearsals(book, steps)
        steps.begin(f"owner, deputy and rota attest about {FLIGHTS} (asserted, not signed)")
        book.attest(FLIGHTS, BEFORE_THE_DRILLS)
        book.checkpoint()
        drills.access(FLIGHTS)
        drills.build(FLIGHTS)
        # Before the notebooks of cost, which show who was told of the days above a ceiling.
        tell_people(
            root, book.model, steps,
            systems=(FLIGHTS, ASSISTANT), crossed=ASSISTANT, as_of=AS_OF,
        )  # fmt: skip
        book.checkpoint()
        steps.begin(f"run what was due on {LAST_WEEK.date()}: measurements, reports, portfolio")
        book.run_due((*MEASURING, *REPORTING), as_of=LAST_WEEK, workers=cores())
        steps.begin(f"run the measurements that are due on {AS_OF.date()}")
        book.run_due(MEASURING, as_of=AS_OF, workers=cores())
        for notebook, system in AGAIN:
            steps.begin(f"run {notebook} for {system} again, from what was sealed, and compare")
            book.run_again(notebook, system)
        drills.rollback(FLIGHTS)
        drills.fallback(FLIGHTS, LEADS_FALLBACK)
        drills.fallback(ASSISTANT, LEADS_OUTAGE)
        drills.swap(ASSISTANT, LEADS_EXCHANGE)
        steps.begin(f"run 10_champion_challenger for {FLIGHTS}")
        book.run("10_champion_challenger", FLIGHTS)
        steps.begin(f"run 09_incident_postmortem for {FLIGHTS}, {STORM}")
        book.run("09_incident_postmortem", FLIGHTS, {"incident": STORM})
        # After every drill: a game day tells what each of them took.
        drills.game_days(FLIGHTS)
        steps.begin(f"run 00_gap_map for {INVOICES}, as of the day that it was parked")
        book.run("00_gap_map", INVOICES, as_of=PARKED)
        steps.begin(f"the seats review {FLIGHTS}: two sign with their keys, one by reference")
        _decide(root)
        book = book.read_again()  # with the keys that are enrolled now
        book.checkpoint()
        for notebook, system in SHOWING:
            steps.begin(f"run {notebook} for {system}")
            book.run(notebook, system)
        steps.begin(f"run the reports and the portfolio that are due on {AS_OF.date()}")
        book.run_due(REPORTING, as_of=AS_OF, workers=1)
        watch_everything(root, book.model, steps, (FLIGHTS, ASSISTANT), as_of=AS_OF)
        book.checkpoint()
        steps.begin(f"assess {len(book.model.systems)} systems and build the site")
        index = publish(root, as_of=AS_OF, recorded_at=now())
        verdicts = [_verdict(root, book.model, s.id, AS_OF) for s in book.model.systems]
        book.checkpoint()
        return index, verdicts


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
