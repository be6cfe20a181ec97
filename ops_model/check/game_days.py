"""What a game day is worth: who says that they were there, and what is asked where too few do."""

from datetime import datetime

from ops_model.check.context import Context
from ops_model.check.outcome import Outcome, unknown
from ops_model.check.recorded import Recorded
from ops_model.domain.evidence import Attestation
from ops_model.domain.scenarios import far_off
from ops_model.domain.trials import GameDayResult
from ops_model.domain.values import zone

Walked = Recorded[GameDayResult]


def no_failure_mode(ctx: Context) -> Outcome:
    """The answer where nobody wrote how the system fails, so that nothing can be walked."""
    identity = ctx.system.identity
    return unknown(
        "missing",
        "system.yaml names no way in which the system fails, and every system has one",
        looked_at=[identity.place_of("failure_modes")],
        remedy="the owner writes `failure_modes` in system.yaml: what happens, which monitor sees "
        "it, what is done, and the scenario that rehearses it",
    )


def counts(day: GameDayResult) -> bool:
    """True of a game day on which something was walked: a step at least, of a night nearby."""
    return day.steps > 0 and not far_off(day.at, day.as_of)


def attended(ctx: Context, day: Walked) -> int:
    """How many people who worked here say, in date, that they were there."""
    words = ctx.evidence.all(
        Attestation,
        matching=lambda word: (
            word.topic == "attendance"
            and word.of == day.statement.digest
            and ctx.as_of < word.expires
        ),
    )
    people = {word.record.person: word.record.as_of for word in words}
    return sum(_worked_here(ctx, person, at) for person, at in people.items())


def _worked_here(ctx: Context, person_id: str, at: datetime) -> bool:
    person = ctx.model.people.person(person_id)
    return person is not None and person.active_on(at.astimezone(zone(person.zone)).date())


def unattended(ctx: Context, day: Walked, min_attended: int) -> Outcome | None:
    """The answer where too few say that they were there; None where enough do."""
    people = attended(ctx, day)
    if people >= min_attended:
        return None
    return unknown(
        "too_few",
        f"scenario {day.record.scenario} of {day.record.as_of.date()}: {people} of those who were "
        f"there say so; expected at least {min_attended}",
        looked_at=[ctx.system.where, day.where],
        remedy="whoever was there says so: "
        f"`ops-model attest {ctx.system.id} --topic attendance --of {day.statement.digest} "
        "--as ID --text '...'`",
    )


def there(people: int) -> str:
    """How a walk was attended, to stand behind what is said of it."""
    return f", attended by {people}" if people else ", at a desk"
