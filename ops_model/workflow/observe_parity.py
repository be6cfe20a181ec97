"""This environment beside production, and a second build beside what serves."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.change import EnvironmentSnapshot
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.scalars import SLUG_PATTERN
from ops_model.domain.trials import DifferenceSeen
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError
from ops_model.workflow.observed_env import Seen
from ops_model.workflow.watch_answers import Now

if TYPE_CHECKING:
    from ops_model.drill.rebuild import Rebuilt
    from ops_model.store.installed import Installed

_SHORT = 19


def compare(config: Path | None, seen: Seen, system: SystemClaims, now: Now) -> None:
    """Hold this very environment against the newest description of production.

    Raises:
        UsageError: production is not described, or by nothing that can be seen here.
    """
    prod = _production(system, now)
    here = _here(config)
    pairs = [
        ("packages", here.packages_digest, prod.packages_digest),
        ("config", here.config_digest, prod.config_digest),
        ("hardware", here.hardware, prod.hardware),
    ]
    both = [(name, mine, theirs) for name, mine, theirs in pairs if mine and theirs]
    if not both:
        raise UsageError(
            f"nothing is written of {prod.id} that can be seen here: packages_digest, "
            "config_digest (with --config) or hardware",
            where=str(prod.where),
            remedy="take one there with `ops-model observe env SYSTEM --take ID`, and paste it",
        )
    seen.note(
        f"differences: this environment beside {prod.id}; compared "
        f"{', '.join(name for name, _, _ in both)}",
        compared_with=prod.id,
        differences=tuple(
            DifferenceSeen(member=name, here=_redacted(mine), in_production=_redacted(theirs))
            for name, mine, theirs in both
            if mine != theirs
        ),
    )


def _production(system: SystemClaims, now: Now) -> EnvironmentSnapshot:
    change = system.change
    taken = [
        e for e in (change.environments if change is not None else ())
        if e.environment == "prod" and e.taken_at <= now.as_of
    ]  # fmt: skip
    if not taken:
        place = change.place_of("environments") if change else system.missing_file("change")
        raise UsageError(
            "production is not described, so nothing can be compared with it",
            where=str(place),
            remedy=f"run `ops-model observe env {system.id} --take ID --environment prod` there, "
            "and paste what it prints",
        )
    return max(taken, key=lambda e: e.taken_at)


def _redacted(value: str) -> str:
    """A digest by its beginning; a config may hold what no record should."""
    return value[:_SHORT] if value.startswith("sha256:") else value


def build_again(seen: Seen, system: SystemClaims, now: Now) -> None:
    """Build what serves a second time, and see whether it comes out the same.

    Raises:
        UsageError: no build is declared, or no digest of what serves.
        DrillError: the build cannot be run as it is declared.
    """
    from ops_model.drill.rebuild import rebuild

    change, version = system.change, system.identity.version
    serves = version.model_digest or version.image_digest
    if change is None or change.build is None:
        raise UsageError(
            "no build is declared, so nothing can be built again",
            where=str(change.where if change else system.missing_file("change")),
            remedy="write `build` in change.yaml: run, an argument list with {out} in it, and "
            "artefact, what it leaves there",
        )
    if serves is None:
        raise UsageError(
            "system.yaml pins neither model_digest nor image_digest of the version, so a second "
            "build has nothing to be like",
            where=str(version.place_of("model_digest")),
            remedy="write the digest of what serves under `version` in system.yaml",
        )
    which = "model_digest" if version.model_digest else "image_digest"
    found = rebuild(now.root, change.build)
    seen.note(
        f"rebuild_digest: the build of change.yaml, {found.seconds:.0f} s; build_digest: {which} "
        "of system.yaml",
        build_digest=serves, rebuild_digest=found.digest, rebuild_problem=found.problem or None,
    )  # fmt: skip
    seen.told += _told_of(found, alike=found.digest == serves)


def _told_of(found: "Rebuilt", *, alike: bool) -> Sequence[str]:
    result = found.problem or (
        f"built again in {found.seconds:.1f} s, it came out {'the same' if alike else 'otherwise'}"
    )
    wrote = f"while it was built, files of the workbook changed: {', '.join(found.elsewhere)}"
    said = f"it said: {found.complaint}"
    return [
        result,
        *([wrote] if found.elsewhere else []),
        *([said] if found.problem and found.complaint else []),
    ]


def take_snapshot_here(
    now: Now, snapshot_id: str, environment: str, config: Path | None
) -> tuple[str, str]:
    """This very environment as lines of YAML, to paste under `environments` in change.yaml.

    Returns:
        The lines, and in words what the digest of the packages covers.

    Raises:
        UsageError: the id is none, or the file of configuration cannot be read.
    """
    if not re.fullmatch(SLUG_PATTERN, snapshot_id):
        raise UsageError(
            f"{snapshot_id!r} cannot be an id; expected lowercase letters, digits and hyphens",
            remedy="name it such as test-in-march",
        )
    here = _here(config)
    lines = [
        f"- id: {snapshot_id}",
        f"  environment: {environment}",
        f"  taken_at: {iso_utc(now.as_of)}",
        f"  packages_digest: {here.packages_digest}",
        *([f"  config_digest: {here.config_digest}"] if here.config_digest else []),
        f"  hardware: {here.hardware}",
    ]
    return "\n".join(lines), f"{here.count} packages on Python {here.python}"


def _here(config: Path | None) -> "Installed":
    from ops_model.store.installed import installed_here

    return installed_here(config)
