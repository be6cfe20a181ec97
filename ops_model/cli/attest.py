"""`ops-model attest`: a named person says this very thing."""

from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import click
from pydantic import ValidationError

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
from ops_model.domain.evidence import AccessAction, AttestationTopic, OwnerKnowledge
from ops_model.domain.texts import SECRET, masked
from ops_model.errors import UsageError

_ASSURED = {"asserted": "asserted, unsigned", "signed": "signed with your key"}


@click.command("attest")
@click.argument("system")
@click.option(
    "--topic", required=True, type=click.Choice(get_args(AttestationTopic)),
    help="What is said: that one owns it, decides, knows it, that its texts are right, that one "
    "hands or takes it over, was there, saw it, has access.",
)  # fmt: skip
@click.option("--as", "person", required=True, metavar="PERSON", help="An id of people.yaml.")
@click.option("--text", required=True, help="The words, 20 characters or more; no contacts.")
@click.option("--of", metavar="DIGEST", help="The record that a witness or attendant speaks of.")
@click.option("--handoff", metavar="ID", help="handoff: the one that is accepted.")
@click.option("--purpose", metavar="TEXT", help="knowledge: what the system is for.")
@click.option("--training", metavar="TEXT", help="knowledge: how it was trained.")
@click.option(
    "--failure-mode", "failure_modes", multiple=True, metavar="ID",
    help="knowledge: a way in which it fails, by its id; repeat it.",
)  # fmt: skip
@click.option(
    "--action", type=click.Choice(get_args(AccessAction)), metavar="ACTION",
    help="access: what was done, with one's own access, such as rollback or query_logs.",
)  # fmt: skip
@click.option("--seconds", type=float, metavar="N", help="access: how long that took.")
@click.option(
    "--file", "files", multiple=True, metavar="FILE",
    help="claims: a file whose text is right, such as cost.yaml; repeat it. Default: all.",
)  # fmt: skip
@click.option(
    "--days", type=int, default=180, show_default=True, help="How long it holds, up to 365."
)
@click.option(
    "--key", type=click.Path(path_type=Path, dir_okay=False), metavar="KEY",
    help="Your SSH key, or the .pub of one in your agent or security key.",
)  # fmt: skip
@workbook_option
@as_of_option
@json_option
def command(
    system: str,
    topic: AttestationTopic,
    person: str,
    text: str,
    of: str | None,
    handoff: str | None,
    purpose: str | None,
    training: str | None,
    failure_modes: tuple[str, ...],
    action: AccessAction | None,
    seconds: float | None,
    files: tuple[str, ...],
    days: int,
    key: Path | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Record what a named person says about SYSTEM, and about which text it was said.

    Without --key it is asserted: the ledger knows which name was given, not who typed it. Whoever
    has a key in `allowed_signers` says it with that. When a claim file that it is about changes,
    it no longer counts.
    """
    from ops_model.store.workbook import read_for
    from ops_model.workflow.attest import attest, left_to_say

    root = find_workbook(workbook_dir)
    model = read_for(root, require_slug(system, "system"))
    signing_key(root)
    statement = attest(
        root,
        model,
        system,
        topic=topic,
        person=require_slug(person, "person"),
        text=text,
        of=of,
        handoff=handoff,
        knowledge=_knowledge(purpose, training, failure_modes),
        action=action,
        seconds=seconds,
        files=files,
        as_of=judged_at(as_of, model.settings.as_of),
        recorded_at=now(),
        valid_days=days,
        key=key,
        event_id=f"attestation/{uuid4()}",
    )
    said = statement.record.model_dump(mode="json")
    left = left_to_say(root, model, statement)
    if as_json:
        print_json(
            {"seq": statement.seq, "id": statement.id, "digest": statement.digest, **said,
             "left_to_say": left}
        )  # fmt: skip
    about = [claim["file"] for claim in said["claims"]] + _subject(said)
    lines = (
        f"entry {statement.seq}: {person} on {topic} of {system}",
        f"  about {', '.join(about) or 'the system as a whole'}",
        *(f"  {sentence}" for sentence in left),
        f"  digest {statement.digest}",
        f"  holds until {said['expires']}; {_ASSURED[said['assurance']]}",
    )
    for line in lines:
        click.echo(line, err=as_json)


def _knowledge(
    purpose: str | None, training: str | None, failure_modes: tuple[str, ...]
) -> OwnerKnowledge | None:
    """What the owner states; None when none of the three options was given."""
    given = {
        "--purpose": (purpose or "").strip(),
        "--training": (training or "").strip(),
        "--failure-mode": failure_modes,
    }
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        return None
    if missing:
        raise UsageError(
            f"an owner's knowledge lacks {' and '.join(missing)}",
            remedy="state purpose, training and failure modes together",
        )
    try:
        return OwnerKnowledge(
            purpose=purpose or "", training=training or "", failure_modes=failure_modes
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "failure-mode" if first["loc"][0] == "failure_modes" else first["loc"][0]
        got = masked(first["input"]) if first["type"] == SECRET else repr(first["input"])
        raise UsageError(
            f"--{name} {got}: {first['msg'].removeprefix('Value error, ')}",
            remedy="a failure mode is named by its id in system.yaml; a text has at most 4000 "
            "characters",
        ) from error


def _subject(said: dict[str, Any]) -> list[str]:
    """What it is about beside claim files, in words."""
    if said["handoff"]:
        return [f"handoff {said['handoff']}"]
    took = f", {said['seconds']['value']:g} s" if said["seconds"] else ""
    if said["action"]:
        return [f"{said['action']}{took}"]
    return [said["of"]] if said["of"] else []
