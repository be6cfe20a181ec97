"""`ops-model attest`: a named person says this very thing."""

from datetime import datetime
from pathlib import Path
from typing import get_args
from uuid import uuid4

import click

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
from ops_model.domain.evidence import AttestationTopic


@click.command("attest")
@click.argument("system")
@click.option(
    "--topic", required=True, type=click.Choice(get_args(AttestationTopic)),
    help="What is said: that one owns it, decides, took over, was there, saw it, has access.",
)  # fmt: skip
@click.option("--as", "person", required=True, metavar="PERSON", help="An id of people.yaml.")
@click.option("--text", required=True, help="The words, 20 characters or more; no contacts.")
@click.option("--of", metavar="DIGEST", help="The record that it is about; a witness owes one.")
@click.option(
    "--days", type=int, default=180, show_default=True, help="How long it holds, up to 365."
)
@workbook_option
@as_of_option
@json_option
def command(
    system: str,
    topic: AttestationTopic,
    person: str,
    text: str,
    of: str | None,
    days: int,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Record what a named person says about SYSTEM, and about which text it was said.

    It is asserted, not signed: the ledger knows which name was given, not who typed it. When a
    claim file that it is about changes, it no longer counts.
    """
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.attest import attest

    root = find_workbook(workbook_dir)
    model = read_workbook(root)
    statement = attest(
        root,
        model,
        require_slug(system, "system"),
        topic=topic,
        person=require_slug(person, "person"),
        text=text,
        of=of,
        as_of=judged_at(as_of, model.settings.as_of),
        recorded_at=now(),
        valid_days=days,
        event_id=f"attestation/{uuid4()}",
    )
    said = statement.record.model_dump(mode="json")
    if as_json:
        print_json({"seq": statement.seq, "id": statement.id, "digest": statement.digest, **said})
    about = [claim["file"] for claim in said["claims"]] + ([of] if of else [])
    lines = (
        f"entry {statement.seq}: {person} on {topic} of {system}",
        f"  about {', '.join(about) or 'the system as a whole'}",
        f"  digest {statement.digest}",
        f"  holds until {said['expires']}; asserted, unsigned",
    )
    for line in lines:
        click.echo(line, err=as_json)
