"""What schedulers read: crontab, systemd timers, a GitHub workflow, an Airflow file.

Each calls `ops-model run --due`, which asks `ops-model.yaml` and the ledger what is due, so that
no text says it a second time. They are filled from `templates/schedule/`; the user's own of the
same name stand first.
"""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Literal, get_args

from ops_model import __version__
from ops_model.domain.cron_written import in_utc, offsets_of, on_calendar
from ops_model.domain.operating_model import OperatingModel
from ops_model.errors import UsageError
from ops_model.shipped import shipped
from ops_model.workflow.schedule_faults import no_schedules

Scheduler = Literal["cron", "systemd", "github", "airflow"]
SCHEDULERS: tuple[Scheduler, ...] = get_args(Scheduler)
SWEEP = "17 * * * *"
"""Each hour, off the hour, at which everybody else's jobs begin."""
WATCH_AT = "*/15 * * * *"


@dataclass(frozen=True)
class _Asked:
    """What all texts are made from; `lines` holds the notebooks of each distinct cron line."""

    model: OperatingModel
    root: Path
    program: tuple[str, ...]
    as_of: datetime
    lines: Mapping[str, tuple[str, ...]]

    @property
    def zone(self) -> str:
        return self.model.settings.zone

    @property
    def name(self) -> str:
        """The workbook's name on one line, with nothing that ends a comment or a string."""
        text = " ".join(self.model.settings.name.split())
        return "".join(c for c in text if c.isprintable() and c not in '"\\')

    @property
    def run(self) -> tuple[str, ...]:
        return (*self.program, "run", "--due", "--workbook", str(self.root))

    @property
    def watch(self) -> tuple[str, ...]:
        return (*self.program, "watch", "--all", "--tell", "--workbook", str(self.root))

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that hold an address somebody is told at."""
        settings = self.model.settings
        named = [route.address_in for route in settings.alert_routes]
        ping = settings.watch.ping_in
        return tuple(dict.fromkeys([*named, *([ping] if ping else [])]))


def schedule_text(
    root: Path,
    model: OperatingModel,
    scheduler: Scheduler,
    *,
    program: Sequence[str],
    as_of: datetime,
) -> str:
    """The text for a scheduler, whole, with one entry for each distinct cron line.

    Args:
        root: the workbook's folder, as the scheduler will find it.
        model: the workbook.
        scheduler: whose words.
        program: how `ops-model` is called there.
        as_of: GitHub's lines hold for the offsets of the year from here.

    Raises:
        UsageError: nothing is scheduled, or a path cannot be written there safely.
    """
    lines: dict[str, tuple[str, ...]] = {}
    for line in model.settings.schedules:
        lines[line.cron] = (*lines.get(line.cron, ()), line.notebook)
    if not lines:
        raise no_schedules()
    asked = _Asked(model, root, tuple(program), as_of, lines)
    _require_writable(asked, scheduler)
    return _template(root, scheduler).substitute(_FILLED[scheduler](asked))


def _template(root: Path, scheduler: Scheduler) -> Template:
    own = root / "templates" / "schedule" / f"{scheduler}.txt"
    path = own if own.is_file() else shipped("templates") / "schedule" / f"{scheduler}.txt"
    return Template(path.read_text(encoding="utf-8"))


_NOT_IN: Mapping[Scheduler, tuple[str, ...]] = {
    "cron": ("\\",), "systemd": (), "github": ("${{",), "airflow": (),
}  # fmt: skip
"""What would mean something else in a path, in whatever quotes it stands."""


def _require_writable(asked: _Asked, scheduler: Scheduler) -> None:
    for text in (*asked.program, str(asked.root)):
        bad = [one for one in _NOT_IN[scheduler] if one in text]
        if bad or not text.isprintable():
            raise UsageError(
                f"the path {text!r} holds {bad[0] if bad else 'a character that is not shown'}, "
                f"which no text for {scheduler} can hold safely",
                remedy="move the workbook to a folder with a plain name",
            )


def _cron(asked: _Asked) -> dict[str, str]:
    def called(words: Sequence[str]) -> str:
        # To cron, a bare % ends the command, in quotes too.
        return shlex.join(words).replace("%", r"\%")

    run = called(asked.run)
    entries = [f"# {_names(n)}\n{cron} {run} >/dev/null" for cron, n in asked.lines.items()]
    return {
        **_common(asked, "Write a line NAME=ADDRESS for each above CRON_TZ"),
        "run": run, "watch": called(asked.watch), "sweep": SWEEP, "watch_at": WATCH_AT,
        "entries": "\n".join(entries),
    }  # fmt: skip


def _systemd(asked: _Asked) -> dict[str, str]:
    def called(words: Sequence[str]) -> str:
        return " ".join(f'"{_for_systemd(word)}"' for word in words)

    def timers(cron: str) -> Iterator[str]:
        return (f"OnCalendar={one}" for one in on_calendar(cron, asked.zone))

    entries = [t for cron, n in asked.lines.items() for t in (f"# {_names(n)}", *timers(cron))]
    return {
        **_common(asked, "Write NAME=ADDRESS for each into ~/.config/ops-model/environment"),
        "run": called(asked.run), "watch": called(asked.watch),
        "entries": "\n".join(entries), "sweep": "\n".join(timers(SWEEP)),
        "watch_at": "\n".join(timers(WATCH_AT)),
    }  # fmt: skip


def _for_systemd(word: str) -> str:
    doubled = word.replace("\\", "\\\\").replace('"', '\\"')
    return doubled.replace("%", "%%").replace("$", "$$")


_GITHUB_CLOCKS: Mapping[bool, str] = {
    True: "The times are in UTC, which every GitHub reads: since the clocks of ZONE change, each "
    "line\n# stands once for summer and once for winter. The one that is too early finds nothing "
    "due, and the\n# other runs it, so that nothing runs twice.",
    False: "The times are in UTC, which every GitHub reads; the clocks of ZONE do not change.",
}
"""What is said of the times, by whether clocks change in the zone within a year."""


def _github(asked: _Asked) -> dict[str, str]:
    offsets = offsets_of(asked.zone, at=asked.as_of)
    entries = [
        told
        for cron, notebooks in asked.lines.items()
        for told in (
            f"    # {_names(notebooks)}: {cron} in {asked.zone}",
            *(f'    - cron: "{one}"' for one in in_utc(cron, offsets)),
        )
    ]
    settings = asked.model.settings
    kept = "" if "://" in settings.ledger else f" {settings.ledger}"
    secrets = [f"\n      {name}: ${{{{ secrets.{name} }}}}" for name in asked.variables]
    return {
        **_common(asked, "Set each as a secret of the repository"),
        "clocks": _GITHUB_CLOCKS[len(offsets) > 1].replace("ZONE", asked.zone),
        "entries": "\n".join(entries), "sweep": SWEEP, "ledger": kept,
        "workbook": json.dumps(str(_in_repository(asked.root)), ensure_ascii=False),
        "secrets": "".join(secrets), "version": __version__,
    }  # fmt: skip


def _in_repository(root: Path) -> Path:
    """Where the workbook lies in its repository, as far as a folder `.git` tells."""
    holders = (folder for folder in (root, *root.parents) if (folder / ".git").exists())
    return root.relative_to(next(holders, root))


def _airflow(asked: _Asked) -> dict[str, str]:
    entries = [
        f"        # {_names(n)}\n        {json.dumps(cron)}," for cron, n in asked.lines.items()
    ]
    return {
        **_common(asked, "Set each in the environment of the workers"),
        "zone_literal": json.dumps(asked.zone),
        # A list, so that neither a shell nor Airflow's own templates read what is in it.
        "run": ascii(list(asked.run)), "watch": ascii(list(asked.watch)),
        "entries": "\n".join(entries), "sweep": json.dumps(SWEEP),
        "watch_at": json.dumps(WATCH_AT),
    }  # fmt: skip


_FILLED: Mapping[Scheduler, Callable[[_Asked], dict[str, str]]] = {
    "cron": _cron, "systemd": _systemd, "github": _github, "airflow": _airflow,
}  # fmt: skip


def _common(asked: _Asked, how: str) -> dict[str, str]:
    named = ", ".join(asked.variables)
    told = f"{how}: {named}." if named else "No alert route names an address, so nobody is told."
    return {"name": asked.name, "zone": asked.zone, "variables": told}


def _names(notebooks: Sequence[str]) -> str:
    return ", ".join(notebooks)
