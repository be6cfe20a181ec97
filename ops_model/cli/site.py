"""`ops-model site`: build the evidence site of a workbook."""

from datetime import datetime
from pathlib import Path

import click

from ops_model.cli.checkpoints import signing_key
from ops_model.cli.context import (
    as_of_option,
    find_workbook,
    json_option,
    judged_at,
    now,
    print_json,
    workbook_option,
)  # fmt: skip
from ops_model.cli.sound import left_out, sound_part_alone


@click.command("site")
@click.option("--afresh", is_flag=True, help="Write every page, also one that reads as before.")
@workbook_option
@as_of_option
@json_option
def command(
    *, afresh: bool, workbook_dir: Path | None, as_of: datetime | None, as_json: bool
) -> None:
    """Build the evidence site: a page per reader and area of each system, and one per run.

    The site is a folder that works from disk and loads nothing from elsewhere. It is replaced
    whole or not at all, and prints the path of its first page. A system whose files cannot be
    read stands there as unknown; its mistakes are told, and the exit code is 2.
    """
    from ops_model.domain.values import iso_utc
    from ops_model.store.workbook import read_sound_part
    from ops_model.workflow.publish import publish

    root = find_workbook(workbook_dir)
    signing_key(root)
    sound = read_sound_part(root)
    instant = judged_at(as_of, sound.model.settings.as_of)
    with sound_part_alone(sound, None):
        index = publish(root, as_of=instant, recorded_at=now(), afresh=afresh, sound=sound)
        if as_json:
            print_json({"index": str(index), "as_of": iso_utc(instant), **left_out(sound)})
        else:
            click.echo(str(index))
