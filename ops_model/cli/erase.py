"""`ops-model erase`: forget what a person said; the entry stays and still verifies."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops_model.cli.checkpoints import signing_key
from ops_model.cli.context import (
    as_of_option,
    find_workbook,
    json_option,
    judged_at,
    now,
    print_json,
    require_slug,
    workbook_option,
)
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel

_ELSEWHERE = (
    "pages that were built before, and copies of the ledger, hold the words still: build the site "
    "again, and erase in the copies that you keep"
)
_IN_POSTGRES = (
    "PostgreSQL keeps their bytes until the owner of the tables gives `VACUUM ops_model.payload`"
)


@click.command("erase")
@click.option("--words", metavar="COMMITMENT", help="What stands in the entry in their place.")
@click.option("--reason", metavar="TEXT", help="Why, in words that stay; no contacts.")
@click.option("--as", "person", metavar="PERSON", help="Who asks for it, an id of people.yaml.")
@click.option("--list", "listed", metavar="SYSTEM", help="Show what can be erased, and stop.")
@workbook_option
@as_of_option
@json_option
def command(
    words: str | None,
    reason: str | None,
    person: str | None,
    listed: str | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Forget the words of a person that the ledger keeps beside an entry.

    Words and salt are deleted, and their bytes with them. The entry stays, with a commitment that
    tells nothing any more, so that hashes, checkpoints and signatures hold on. Giving the same
    command again is harmless.
    """
    from ops_model.store.workbook import read_workbook

    root = find_workbook(workbook_dir)
    model = read_workbook(root)
    if listed is not None:
        _list(root, model, require_slug(listed, "system"), as_json=as_json)
        return
    if words is None or reason is None:
        raise UsageError(
            "to erase needs both --words and --reason",
            remedy="`ops-model erase --list SYSTEM` shows what can be erased",
        )
    from ops_model.workflow.erase import erase

    signing_key(root)
    done = erase(
        root,
        model,
        words,
        reason=reason,
        person=require_slug(person, "person") if person is not None else None,
        as_of=judged_at(as_of, model.settings.as_of),
        recorded_at=now(),
    )
    if as_json:
        print_json({"words": words, "entry": done.seq, "system": done.subject,
                    "also": list(done.also), "erased": done.there})  # fmt: skip
    what = "erased" if done.there else "were erased already"
    click.echo(f"the words of entry {done.seq} about {done.subject}: {what}", err=as_json)
    if done.also:
        others = ", ".join(str(number) for number in done.also)
        click.echo(f"  the same words are claimed by {others} too", err=as_json)
    click.echo(f"  {_ELSEWHERE}", err=as_json)
    if "://" in model.settings.ledger:
        click.echo(f"  {_IN_POSTGRES}", err=as_json)


def _list(root: Path, model: "OperatingModel", system: str, *, as_json: bool) -> None:
    from ops_model.workflow.erase import erasable

    kept = erasable(root, model, system)
    if as_json:
        print_json({"system": system, "kept": [one.model_dump(mode="json") for one in kept]})
        return
    for one in kept:
        click.echo(f"{one.words}  entry {one.seq}, {one.kind} by {one.person}, "
                   f"{iso_utc(one.as_of)}\n  {one.text}")  # fmt: skip
    if not kept:
        click.echo(f"no words are kept about {system}")
