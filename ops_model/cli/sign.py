"""`ops-model sign`: a seat of the deploy review decides, or takes its decision back."""

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

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
from ops_model.cli.review import conditions_of, lines_of, seats_of
from ops_model.domain.decisions import Seat
from ops_model.domain.quorum import DEFAULT_DAYS, MOST_DAYS
from ops_model.domain.sign_off import Decision, SignOff, SignOffRevoked
from ops_model.errors import UsageError

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.workflow.review import Review
    from ops_model.workflow.sign import Given

_DECISIONS: Mapping[str, Decision] = {
    "approve": "approve",
    "conditions": "approve_with_conditions",
    "no-go": "no_go",
    "abstain": "abstain",
}
_DID: Mapping[Decision, str] = {
    "approve": "approves",
    "approve_with_conditions": "approves with conditions",
    "no_go": "says no",
    "abstain": "abstains",
}


@click.command("sign")
@click.argument("system")
@click.option("--as", "seat", type=click.Choice(get_args(Seat)), help="The seat that decides.")
@click.option("--decision", type=click.Choice(list(_DECISIONS)), help="What it decides.")
@click.option("--meaning", required=True, metavar="TEXT", help="What you say by that, in words.")
@click.option("--person", metavar="PERSON", help="Who decides (default: who has the seat).")
@click.option(
    "--key", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Your SSH key, or the .pub of one in your agent or security key.",
)  # fmt: skip
@click.option("--ref", default="", metavar="TEXT", help="Instead of a key: where it was decided.")
@click.option(
    "--pack", metavar="DIGEST",
    help="The pack that you read, as `review` prints it, or its first 12 digits or more.",
)  # fmt: skip
@click.option(
    "--days", type=int, default=DEFAULT_DAYS, show_default=True,
    help=f"How long it holds, up to {MOST_DAYS}.",
)  # fmt: skip
@click.option(
    "--revoke",
    metavar="DIGEST",
    help="Take back the decision of this digest, or of its first 12 digits or more.",
)
@workbook_option
@as_of_option
@json_option
def command(
    system: str,
    seat: Seat | None,
    decision: str | None,
    meaning: str,
    person: str | None,
    key: Path | None,
    ref: str,
    pack: str | None,
    days: int,
    revoke: str | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Record what a seat decides on the pack of SYSTEM, signed with the signer's own SSH key.

    The key is enrolled in `allowed_signers` by somebody else, under version control. Where the
    policy allows it, `--ref` says instead where the decision was taken.
    """
    from ops_model.cli.checkpoints import signing_key
    from ops_model.store.workbook import read_for
    from ops_model.workflow.prove import Means
    from ops_model.workflow.sign import sign, take_back, try_means
    from ops_model.workflow.sign_rules import Ballot

    root = find_workbook(workbook_dir)
    model = read_for(root, require_slug(system, "system"))
    means = Means(key=key, reference=ref)
    if revoke is not None:
        _refuse_beside_revoke({"--as": seat, "--decision": decision, "--pack": pack})
        signing_key(root)
        given = take_back(
            root, model, system, of=revoke, meaning=meaning, means=means, as_of=as_of,
            recorded_at=now(),
        )  # fmt: skip
    else:
        if seat is None or decision is None:
            raise UsageError(
                "a decision needs --as with the seat and --decision",
                remedy=f"decisions are {', '.join(_DECISIONS)}",
            )
        person = require_slug(person, "person") if person is not None else None
        if pack is None:
            try_means(model, system, seat, person, means, at=now())
        ballot = Ballot(
            seat=seat, decision=_DECISIONS[decision], meaning=meaning, person=person,
            pack=pack or _pack_read(root, model, system, as_of), days=days,
        )  # fmt: skip
        signing_key(root)
        given = sign(root, model, system, ballot, means, as_of=as_of, recorded_at=now())
    _tell(given, model, as_json=as_json)


def _refuse_beside_revoke(given: Mapping[str, str | None]) -> None:
    idle = [name for name, value in given.items() if value is not None]
    if idle:
        raise UsageError(
            f"--revoke has no use for {' and '.join(idle)}",
            remedy="the digest says which decision is taken back",
        )


def _pack_read(root: Path, model: "OperatingModel", system: str, as_of: datetime | None) -> str:
    """The pack that somebody at a terminal says that they have read."""
    if not sys.stdin.isatty():
        raise UsageError(
            "no pack is named, and nobody is there to ask which was read",
            remedy=f"name the digest that `ops-model review {system}` prints, with --pack",
        )
    from ops_model.workflow.review import shown

    review = shown(root, model, system, as_of=as_of, recorded_at=now())
    for line in lines_of(review, model.people):
        click.echo(line, err=True)
    if not click.confirm(f"Did you read pack {review.pack.digest}?", err=True):
        raise UsageError(
            "the pack was not read; nothing was recorded",
            remedy=f"`ops-model review {system}` shows the pack",
        )
    return review.pack.digest


def _tell(given: "Given", model: "OperatingModel", *, as_json: bool) -> None:
    statement, review = given.statement, given.review
    if as_json:
        own = {"decision_entry": statement.seq, "decision_digest": statement.digest}
        print_json({**review.as_json(), **own})
        return
    click.echo(f"recorded: {said_of(given)}, entry {statement.seq}{_in_place_of(given)}")
    click.echo(f"  decision {statement.digest}")
    click.echo(f"the review as a whole: {_as_a_whole(review)}")
    for line in (*seats_of(review, model.people), *conditions_of(review, model.people)):
        click.echo(line)


def said_of(given: "Given") -> str:
    """Who did what for which seat, and what shows it."""
    record, proof, did = given.statement.record, given.statement.proof, ""
    if isinstance(record, SignOff):
        did = f"{record.person} {_DID[record.decision]} for {record.seat}"
    elif isinstance(record, SignOffRevoked):
        did = f"{record.person} takes a decision for {record.seat} back"
    shown = (
        f"decided elsewhere: {proof.reference}" if proof is not None and proof.reference else ""
    )
    return f"{did}, {shown or f'signed with {given.fingerprint}'}"


def _in_place_of(given: "Given") -> str:
    before = given.in_place_of
    return f"; it takes the place of entry {before}" if before is not None else ""


def _as_a_whole(review: "Review") -> str:
    """The decision in words; where a seat refuses, which."""
    state = review.quorum.state.replace("_", " ")
    refusing = [one.seat for one in review.quorum.seats if one.standing == "refused"]
    return f"{state}, by {' and '.join(refusing)}" if refusing else state
