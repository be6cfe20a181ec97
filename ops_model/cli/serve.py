"""`ops-model serve`: the evidence site in the browsers of this machine."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ops_model.cli.checkpoints import signing_key
from ops_model.cli.context import (
    find_workbook,
    json_option,
    judged_at,
    now,
    print_json,
    workbook_option,
)  # fmt: skip
from ops_model.cli.sound import left_out
from ops_model.errors import UsageError, WorkbookError, told

if TYPE_CHECKING:
    from ops_model.store.sound_part import SoundPart

_PORT = 8765


@click.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True,
              help="Where; 0 takes a free one.")  # fmt: skip
@click.option("--build", is_flag=True, help="Build the site first, as `ops-model site` does.")
@workbook_option
@json_option
def command(*, port: int, build: bool, workbook_dir: Path | None, as_json: bool) -> None:
    """Serve the evidence site to the browsers of this machine, until Ctrl-C.

    Only this machine can reach it, by the address that is printed: for another one, let ssh carry
    the same port (`ssh -L 8765:127.0.0.1:8765 HOST`). Pages keep their policy as a header. A site
    that is built anew meanwhile is served anew. Where `--build` met a system that cannot be read,
    its mistakes are told at once, and the exit code is 2 in the end.
    """
    from ops_model.site.serve import SiteServer

    root = find_workbook(workbook_dir)
    sound = _build(root) if build else None
    folder = root / "site"
    if not (folder / "index.html").is_file():
        raise UsageError(
            "there is no site yet", where=str(folder), remedy="build it: ops-model serve --build"
        )
    server = SiteServer(folder, port, complain=lambda text: click.echo(text, err=True))
    signal.signal(signal.SIGTERM, _end)
    if as_json:
        wrong = left_out(sound) if sound is not None else {}
        print_json({"url": server.url, "folder": str(folder), **wrong})
    else:
        click.echo(f"{server.url} shows {folder} on this machine only; Ctrl-C ends it")
    try:
        server.run()
    except KeyboardInterrupt:
        click.echo("ended", err=True)
    if sound is not None and sound.problems:
        raise click.exceptions.Exit(WorkbookError.exit_code)


def _end(*_: object) -> NoReturn:
    """A polite end is one, whoever asks for it."""
    raise KeyboardInterrupt


def _build(root: Path) -> "SoundPart":
    """Build the site of what can be read, and say at once what cannot: a server has no end."""
    from ops_model.store.workbook import read_sound_part
    from ops_model.workflow.publish import publish

    signing_key(root)
    sound = read_sound_part(root)
    instant = judged_at(None, sound.model.settings.as_of)
    publish(root, as_of=instant, recorded_at=now(), sound=sound)
    if sound.problems:
        click.echo(told(sound.problems), err=True)
    return sound
