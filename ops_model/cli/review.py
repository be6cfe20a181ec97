"""`ops-model review`: freeze what a deploy review decides on, and say how to decide."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops_model.cli.context import (
    as_of_option,
    find_workbook,
    json_option,
    now,
    print_json,
    require_slug,
    workbook_option,
)
from ops_model.domain.until import reference_of, signed_until, why_it_ends
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError

if TYPE_CHECKING:
    from ops_model.domain.people import People
    from ops_model.domain.quorum_standing import SeatState
    from ops_model.workflow.review import Review

_MOST_OPEN = 10


@click.command("review")
@click.argument("system")
@click.option("--anew", is_flag=True, help="Freeze another pack, though the present one holds.")
@workbook_option
@as_of_option
@json_option
def command(
    system: str,
    anew: bool,  # noqa: FBT001 - click passes options by name
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Show what the seats of SYSTEM decide on; freeze it, where nothing that holds is frozen.

    The pack names by digest the version, the policy, the assessment and all evidence that it rests
    on. It is stale once one of these is another, or worse. With --as-of it shows how the review
    stood at an instant, and freezes nothing.
    """
    from ops_model.cli.checkpoints import signing_key
    from ops_model.store.workbook import read_for
    from ops_model.workflow.review import review, shown

    if as_of is not None and anew:
        raise UsageError(
            "--anew freezes what is there now, and --as-of shows what was there then",
            remedy="leave one of them out",
        )
    root = find_workbook(workbook_dir)
    name = require_slug(system, "system")
    model = read_for(root, name)
    if as_of is not None:
        found = shown(root, model, name, as_of=as_of, recorded_at=now())
    else:
        signing_key(root)
        found = review(root, model, name, recorded_at=now(), anew=anew)
    if as_json:
        print_json(found.as_json())
        return
    if as_of is not None:
        click.echo(f"As of {iso_utc(as_of)}; nothing is frozen or recorded")
    for line in lines_of(found, model.people):
        click.echo(line)


def lines_of(review: "Review", people: "People") -> Iterator[str]:
    """The review in lines: the pack, what is open, the seats, and the commands that decide."""
    pack = review.pack
    when = "frozen just now" if review.frozen else f"frozen on {pack.record.as_of.date()}"
    yield f"Review of {review.system.id} {pack.record.label}: {review.quorum.state}"
    yield f"  verdict without the review's own checks: {pack.record.verdict}"
    yield f"  pack {pack.digest}, entry {pack.statement.seq}, {when}"
    yield f"  version {pack.record.version}"
    yield f"  assessment {pack.record.assessment}"
    yield f"  policy {pack.record.policy}"
    yield f"  rests on {len(pack.record.rests_on)} records, each by its digest: {_kinds(review)}"
    yield from (f"  stale: {why}" for why in review.stale_because)
    yield from _open(review)
    yield from seats_of(review, people)
    builders = ", ".join(pack.record.builders) or "nobody is named"
    yield f"  who built it and may not decide: {builders}"
    yield f"  seats that may be decided by reference: {pack.record.by_reference}"
    yield from conditions_of(review, people)
    yield from _how(review)


def seats_of(review: "Review", people: "People") -> Iterator[str]:
    """How each seat stands."""
    yield "Seats:"
    yield from (line for state in review.quorum.seats for line in _seat(review, state, people))


def conditions_of(review: "Review", people: "People") -> Iterator[str]:
    """What the approvals with conditions rest on, who sees to it, and by when."""
    if review.conditions:
        yield "Conditions:"
    for one in review.conditions:
        yield f"  {one.id}, {people.label(one.owner)} ({one.owner}) by {one.due}: {one.text}"


def _kinds(review: "Review") -> str:
    """How many records of each kind; `--json` lists every one with its entry."""
    counts = Counter(s.record.kind.replace("_", " ") for s in review.rests_on)
    return ", ".join(f"{n} {kind}" for kind, n in counts.most_common()) or "none is on record"


def _open(review: "Review") -> Iterator[str]:
    """What stands in the way, the review's own checks aside."""
    assessment = review.assessment
    if assessment is None:
        return
    blocking = [f for f in assessment.blocking if not f.check.startswith("REV-")]
    yield f"Open: {len(blocking)} checks" if blocking else "Open: nothing"
    yield from (f"  {f.check} {f.message}" for f in blocking[:_MOST_OPEN])
    if (more := len(blocking) - _MOST_OPEN) > 0:
        yield f"  and {more} more: `ops-model check {review.system.id} --all`"


def _seat(review: "Review", state: "SeatState", people: "People") -> Iterator[str]:
    if state.found is None:
        held = [seat.person for seat in review.pack.record.seats if seat.seat == state.seat]
        names = ", ".join(f"{people.label(person)} ({person})" for person in held) or "nobody"
        yield f"  {state.seat}: {names}, not decided"
        return
    record = state.found.record
    said = f"{record.decision.replace('_', ' ')} on {record.as_of.date()}, {record.assurance}"
    until = _until(review, state)
    yield f"  {state.seat}: {people.label(record.person)} ({record.person}), {said}{until}"
    yield f"    decision {state.found.statement.digest}"
    if (where := reference_of(state)) is not None:
        yield f"    decided elsewhere: {where}"
    if state.standing != "approved":
        yield f"    {state.standing}: {'; '.join(state.why)}"


def _until(review: "Review", state: "SeatState") -> str:
    """Until when an approval holds; where that is before its own end, why, and both."""
    if state.until is None:
        return ""
    why, given = why_it_ends(state, review.conditions, review.zone), signed_until(state)
    told = f", until {state.until.date()}{', ' if why else ''}{why}"
    return told if given is None else f"{told} (signed until {given.date()})"


def _how(review: "Review") -> Iterator[str]:
    """The very commands for the seats that do not stand by it yet, or what comes before them."""
    if review.stale_because:
        yield from _how_again(review)
        return
    standings = {"missing", "expired", "void"}
    undecided = [state.seat for state in review.quorum.seats if state.standing in standings]
    seated = {held.seat for held in review.pack.record.seats}
    if not undecided:
        return
    yield "To decide, each in their own words:"
    for seat in undecided:
        if seat in seated:
            yield f"  {review.command(seat)}"
        else:
            yield f"  {seat}: nobody is seated; the owner names somebody in decisions.yaml"
    yield "  decisions: approve, conditions, no-go, abstain"


def _how_again(review: "Review") -> Iterator[str]:
    """What is to be done before anybody can decide."""
    yield from (f"First: {step}" for step in review.first)
    shows = "freezes what is there by then" if review.quorum.stale else "shows this pack as valid"
    yield (
        f"{'Then' if review.first else 'Next'}: `ops-model review {review.system.id}`, "
        f"without --as-of, {shows}, and the seats decide on that"
    )
