"""Which scenarios there are, which try a system, and one of them walked through at an instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from ops_model.check.enough import judging_of
from ops_model.check.recorded import Evidence
from ops_model.domain.evidence import Statement
from ops_model.domain.four_hours import next_night
from ops_model.domain.game_day import GameDay, last_walked, mode_of, walk_scenario
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.scenarios import Scenario, far_off
from ops_model.domain.system import FailureMode
from ops_model.domain.trials import GameDayResult
from ops_model.errors import UsageError
from ops_model.workflow.card import judged_by
from ops_model.workflow.ledgers import has_ledger, open_ledger
from ops_model.workflow.open import Book, known_system


@dataclass(frozen=True, eq=False)
class Played:
    """A scenario walked through: the walk, its record, and what a clock change did to `at`."""

    book: Book
    day: GameDay
    record: GameDayResult
    note: str


@dataclass(frozen=True)
class Listed:
    """A scenario that tries a system: the failure that it walks, and how it went last."""

    scenario: Scenario
    mode: FailureMode | None
    last: GameDayResult | None
    own: bool


def all_scenarios(model: OperatingModel) -> tuple[Scenario, ...]:
    """The shipped scenarios and the workbook's own, which replace ours by their id; by id."""
    from ops_model.store.scenarios import shipped_scenarios

    by_id = {scenario.id: scenario for scenario in (*shipped_scenarios(), *model.scenarios)}
    return tuple(by_id[name] for name in sorted(by_id))


def replaced(model: OperatingModel) -> tuple[Scenario, ...]:
    """The workbook's own scenarios that stand in the place of a shipped one."""
    from ops_model.store.scenarios import shipped_scenarios

    shipped = {scenario.id for scenario in shipped_scenarios()}
    return tuple(scenario for scenario in model.scenarios if scenario.id in shipped)


def left_out(scenario: Scenario) -> tuple[str, ...]:
    """The questions of the shipped scenario of the same id that this one does not ask."""
    from ops_model.store.scenarios import shipped_scenarios

    ours = next((one for one in shipped_scenarios() if one.id == scenario.id), None)
    asked = {question.resolver for question in scenario.questions}
    theirs = ours.questions if ours is not None else ()
    return tuple(question.ask for question in theirs if question.resolver not in asked)


def scenario_named(model: OperatingModel, system: SystemClaims, name: str) -> Scenario:
    """The scenario of an id; capitals aside.

    Raises:
        UsageError: there is none of this id; names the nearest.
    """
    known = all_scenarios(model)
    found = next((one for one in known if one.id == name.strip().upper()), None)
    if found is not None:
        return found
    ids = [one.id for one in known]
    near = get_close_matches(name.strip().upper(), ids, n=1)
    listed = f"`ops-model drill game-day {system.id} --list` shows those that try it"
    raise UsageError(
        f"there is no scenario {name!r}" if name else "no scenario is named",
        where="scenarios/",
        remedy=f"did you mean {near[0]}? {listed}" if near and name else listed,
    )


def listed(
    model: OperatingModel,
    system: SystemClaims,
    statements: Sequence[Statement],
    *,
    as_of: datetime,
) -> tuple[Listed, ...]:
    """The scenarios that try a system, with what walking each found last."""
    own = {scenario.id for scenario in model.scenarios}
    return tuple(
        Listed(
            scenario,
            mode_of(system, scenario),
            last_walked(statements, scenario.id, as_of=as_of),
            scenario.id in own,
        )
        for scenario in all_scenarios(model)
        if scenario.tries(system.id, system.identity.kind)
    )


def on_record(root: Path, model: OperatingModel, system_id: str) -> Sequence[Statement]:
    """What the workbook's ledger says of a system; nothing where there is none yet."""
    if not has_ledger(root, model.settings):
        return ()

    with open_ledger(root, model.settings, readonly=True) as ledger:
        return ledger.statements(system_id)


def night_of(model: OperatingModel, at: str, *, as_of: datetime) -> tuple[datetime, str]:
    """The instant that `at` names, by default the next Saturday 02:00, and what to say of it.

    Raises:
        UsageError: `at` names no instant.
    """
    from ops_model.workflow.oncall import clock_said, instant_of

    zone_name = model.settings.zone
    if not at:
        found = next_night(model, as_of=as_of)
        return found, clock_said("Sat 02:00", found, zone_name=zone_name, as_of=as_of)
    found = instant_of(at, zone_name=zone_name, as_of=as_of)
    said = [clock_said(at, found, zone_name=zone_name, as_of=as_of)]
    if far := far_off(found, as_of):
        said.append(f"the night is {far}, so no check counts this game day")
    return found, "; ".join(text for text in said if text)


def refuse_unwalkable(
    model: OperatingModel,
    system_id: str,
    scenario: str,
    *,
    at: str,
    failure_mode: str,
    as_of: datetime,
) -> tuple[str, str]:
    """The scenario's id, and what to say of the night; refused as `game_day` would refuse it.

    Raises:
        UsageError: there is no such scenario or failure, or the scenario does not try the system.
    """
    system = known_system(model, system_id)
    found = scenario_named(model, system, scenario)
    instant, note = night_of(model, at, as_of=as_of)
    judging = judging_of(model, system, Evidence(), as_of=as_of)
    walk_scenario(model, system, found, instant, (), failure_mode or None, judging=judging)
    return found.id, note


def game_day(book: Book, scenario: str, *, at: str = "", failure_mode: str = "") -> Played:
    """Walk the book's system through a scenario.

    Args:
        book: the system, as `open` opened it.
        scenario: its id, such as `G01`; a scenario of the workbook's own replaces ours.
        at: the instant of the page, `Sat 02:00` or ISO 8601; by default the next Saturday 02:00.
        failure_mode: the failure to walk; by default the one that names the scenario, else the
            first of a kind that it tries.

    Raises:
        UsageError: there is no such scenario or failure, or the scenario does not try the system.
    """
    model, system = book.model, book.system
    instant, note = night_of(model, at, as_of=book.as_of)
    chosen = scenario_named(model, system, scenario)
    statements = book.snapshot.statements
    day = walk_scenario(
        model, system, chosen, instant, statements, failure_mode or None, judging=judged_by(book)
    )
    record = day.result(
        as_of=book.as_of,
        claims=system.claim_refs(),
        zone_name=model.settings.zone,
        left_out=left_out(chosen),
    )
    return Played(book, day, record, note)
