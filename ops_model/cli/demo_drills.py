"""What the demo rehearses: access, a second build, going back, failing vendors, game days."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops_model.cli.context import environment
from ops_model.cli.demo_steps import Steps
from ops_model.cli.demo_workbook import DemoWorkbook

if TYPE_CHECKING:
    from ops_model.drill.access import Tried
    from ops_model.workflow.access_drill import Asked

BUILD = "ops-model demo"
"""The automatic build of flight-delay in this replay; its tests and its second build are real."""
REPORT = "build/tests.xml"
"""The report of its tests, below the system's data."""
WALKED = "08_game_day"


@dataclass(frozen=True)
class Rehearsals:
    """The drills of a workbook; each says what it begins."""

    book: DemoWorkbook
    steps: Steps

    def access(self, system: str) -> None:
        """Everybody of the rota runs what is declared to show their access; it may fail."""
        from ops_model.example.said import ROTA
        from ops_model.workflow.access_drill import access_drill, listed

        self.steps.begin(f"drill access of {len(ROTA)} people to {system}, each in its turn")
        for person in ROTA:
            here = self.book.now()
            access_drill(
                here, system, person, listed(here, system, person).asked,
                environment=environment(), told=_to_nobody,
            )  # fmt: skip
        self.book.checkpoint()

    def build(self, system: str) -> None:
        """Test what was built, build it a second time, and record what came of both."""
        from ops_model.example.digests import code_digest
        from ops_model.example.self_test import write_report
        from ops_model.workflow.observe_env import Look, observe_env

        self.steps.begin(f"test the model of {system}, build it again, and observe both")
        home = self.book.root / "data" / system
        write_report(home, home / REPORT)
        code = code_digest().removeprefix("sha256:")
        look = Look(junit=(home / REPORT,), ci_run=BUILD, commit=code, rebuild=True)
        observe_env(self.book.now(), system, look)
        self.book.checkpoint()

    def rollback(self, system: str) -> None:
        """Go back for real; the rest of the rota says that they were there."""
        from ops_model.domain.rollback import RollbackDrill
        from ops_model.example.said import AFTER_THE_DRILLS, LEADS_ROLLBACK

        self._run("03_rollback_drill", system, LEADS_ROLLBACK)
        self.steps.begin(f"the rest of the rota attests to have been at the drill of {system}")
        self.book.attest(system, AFTER_THE_DRILLS, of=self.book.last(RollbackDrill, system))

    def fallback(self, system: str, leads: str) -> None:
        """Take away what a path of the system replaces, and give it back."""
        self._run("04_fallback_drill", system, leads)

    def swap(self, system: str, leads: str) -> None:
        """Exchange the model of its provider for the successor, and return."""
        from ops_model.cli.drill_swap import whose_model
        from ops_model.workflow.open import known_system

        dependency = whose_model(known_system(self.book.model, system), None)
        self._run("10_champion_challenger", system, leads, rehearse_swap=dependency)

    def game_days(self, system: str) -> None:
        """Walk through each scenario that a failure names; whoever was there says so."""
        from ops_model.cli.drill_game_day import named_scenarios
        from ops_model.domain.trials import GameDayResult
        from ops_model.example.said import at_the_game_day

        for scenario, mode in named_scenarios(self.book.model, system):
            self.steps.begin(f"walk {system} through {scenario}; three people were there")
            self.book.run(WALKED, system, {"scenario": scenario, "failure_mode": mode})
            walked = self.book.last(GameDayResult, system)
            self.book.attest(system, at_the_game_day(scenario), of=walked)

    def _run(self, notebook: str, system: str, leads: str, **parameters: object) -> None:
        self.steps.begin(f"run {notebook} for {system}, led by {leads}")
        self.book.run(notebook, system, {"performed_by": leads, **parameters})


def _to_nobody(_: "Asked", __: "Tried") -> None:
    """What a command printed was for the eyes of whoever ran it, and nobody did here."""
