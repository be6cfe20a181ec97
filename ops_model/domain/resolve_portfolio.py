"""What the objects answer about a pilot that serves people: who signed it, and what is decided."""

from ops_model.domain.portfolio import outcome_of
from ops_model.domain.resolve import answered, day, gap, not_asked
from ops_model.domain.resolve_review import quorum
from ops_model.domain.resolving import Answer
from ops_model.domain.walk_scene import Scene


def signed_for_users(scene: Scene) -> Answer:
    """Whether it serves people, by its stages or by where the pilot lies, and who signed that."""
    identity, portfolio = scene.system.identity, scene.model.portfolio
    pilot = portfolio.pilot(scene.system.id) if portfolio is not None else None
    place = identity.place_of("stage_history")
    stage = identity.stage_at(scene.at)
    if identity.in_production_at(scene.at):
        said = f"it serves people since its stage {stage}"
    elif pilot is not None and pilot.location == "production":
        said = f"it lies in production, and its stage is {stage or 'none'}"
    else:
        where = f" ({pilot.location.replace('_', ' ')})" if pilot is not None else ""
        return not_asked(f"its stage is {stage or 'none'}{where}; by what is written it serves "
                         "nobody", place)  # fmt: skip
    found = quorum(scene)
    if found.complete:
        by = ", ".join(s.found.record.person for s in found.seats if s.found is not None)
        return answered(f"{said}, signed by {by}", place)
    return gap(f"{said}, and the three seats did not sign it", "PRT-07", place)


def pilot_decided(scene: Scene) -> Answer:
    """Whether the pilot met its targets, and by when its end is decided."""
    portfolio = scene.model.portfolio
    pilot = portfolio.pilot(scene.system.id) if portfolio is not None else None
    if pilot is None:
        return not_asked("portfolio.yaml tells of no pilot of it", scene.system.where)
    outcome = outcome_of(pilot, scene.system.identity, at=scene.at)
    if outcome in {"SHIPPED", "TECH_FAILED"}:
        return not_asked(f"it is {outcome.replace('_', ' ').lower()}", pilot.where)
    met = f"met its targets on {pilot.targets_met_on}" if pilot.targets_met_on else (
        "has not met its targets"
    )  # fmt: skip
    if pilot.decide_by is None:
        return gap(f"it {met}, and no day is written by which it is decided", "PRT-03",
                   pilot.place_of("decide_by"))  # fmt: skip
    late = pilot.decide_by < day(scene)
    text = f"it {met}; to be decided by {pilot.decide_by}"
    return gap(f"{text}, which is past" if late else text, "PRT-03" if late else "",
               pilot.place_of("decide_by"))  # fmt: skip
