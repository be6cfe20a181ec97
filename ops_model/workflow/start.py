"""Start a workbook, or a system in one: the template's files, whole or not at all."""

import fcntl
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ops_model.domain.operating_model import AREA_FILES
from ops_model.domain.ownership import Ownership
from ops_model.domain.people import People
from ops_model.domain.scalars import Slug, Text
from ops_model.domain.system import AISystem, Kind, Tier
from ops_model.domain.texts import hidden_in
from ops_model.domain.voice import owners
from ops_model.errors import OpsModelError, UsageError, WorkbookError
from ops_model.shipped import shipped
from ops_model.store.claim_file import read_claim
from ops_model.store.save import edited
from ops_model.store.schema import write_schemas
from ops_model.store.workbook import RESERVED_IDS, SETTINGS_FILE, SYSTEMS_FOLDER, read_workbook
from ops_model.workflow.fill_in_notebook import write_fill_in

PLACEHOLDER = "my-system"
"""The id that the template's system has; it is replaced wherever it stands."""
CHOOSE_AN_ID = "such as `ops-model new flight-delay --kind predictive --tier B`"
LOOK_FOR_THE_ID = f"look for the system's id among the folders of {SYSTEMS_FOLDER}/"
_COPIED = frozenset({".yaml", ".md"})
_STAGING = ".ops-model-init-"
_GITIGNORE = """\
# Built anew from claims, ledger and bundles. The ledger and runs/ are evidence, and stay.
site/
.ops-model/
.ipynb_checkpoints/
.fill_in.json
"""


def start_workbook(folder: Path, system_id: str) -> Sequence[Path]:
    """Write a workbook with one system into `folder`, which is new or empty.

    A folder that holds only `.git` counts as empty. The files are written beside, read back as a
    workbook, and moved in last; a failure leaves `folder` as it was.

    Returns:
        The files written, relative to `folder`.

    Raises:
        UsageError: the folder holds something, or the id is none.
        OpsModelError: the disk refuses.
    """
    refuse_bad_id(system_id, "name it with --system, such as --system flight-delay")
    _refuse_full(folder)
    try:
        return _write_whole(folder, system_id)
    except OSError as error:
        raise _refused_by_the_disk(folder, error) from error


def start_system(
    root: Path, system_id: str, *, kind: Kind, tier: Tier, name: str | None = None
) -> Sequence[Path]:
    """Add a system with all its files and its fill-in notebook, and write the schemas anew.

    Args:
        root: the workbook's folder.
        system_id: the new system; its folder must not be there yet.
        kind: what kind of system it is.
        tier: how much harm a failure does.
        name: what people call it; the id when left out.

    Returns:
        The files of the system, relative to `root`.

    Raises:
        UsageError: the id or the name is none, or there is such a system.
        OpsModelError: the disk refuses; nothing was left behind.
    """
    refuse_bad_id(system_id, CHOOSE_AN_ID)
    _refuse_bad_name(name)
    folder = root / SYSTEMS_FOLDER / system_id
    if folder.exists() or folder.is_symlink():
        raise UsageError(
            "is there already; nothing was written",
            where=f"{SYSTEMS_FOLDER}/{system_id}",
            remedy=f"choose another id; its notebook: `ops-model new {system_id} --refresh`",
        )
    # The reader passes over hidden folders, so a half-written system is none.
    staging = f"{SYSTEMS_FOLDER}/.ops-model-new-{uuid.uuid4().hex[:12]}"
    try:
        (root / staging).mkdir(parents=True)
        said: dict[str, str] = {"kind": kind, "tier": tier, "name": name or system_id}
        written = _write_system(root, staging, system_id, said)
        write_schemas(root)
        (root / staging).rename(folder)
    except OSError as error:
        raise _refused_by_the_disk(folder, error) from error
    finally:
        shutil.rmtree(root / staging, ignore_errors=True)
    return [Path(SYSTEMS_FOLDER, system_id, path) for path in written]


def refresh_system(root: Path, system_id: str) -> Sequence[Path]:
    """Start the area files that a system lacks, and write its notebook anew from its YAML.

    A file that is there is never touched.

    Returns:
        The files written, relative to `root`, the notebook last.

    Raises:
        UsageError: there is no such system.
        WorkbookError: one of its files cannot be read as YAML.
    """
    refuse_bad_id(system_id, LOOK_FOR_THE_ID)
    folder = f"{SYSTEMS_FOLDER}/{system_id}"
    if not (root / folder / "system.yaml").is_file():
        raise UsageError(
            f"there is no system {system_id!r} in this workbook",
            where=f"{SYSTEMS_FOLDER}/",
            remedy=f"start it: ops-model new {system_id} --kind predictive --tier B",
        )
    try:
        started = _start_missing(root, folder, system_id)
        return [*started, write_fill_in(root, folder, system_id)]
    except OSError as error:
        raise _refused_by_the_disk(root / folder, error) from error


_TURNS = (("[example-one, example-two]", 0), ("[example-two, example-one]", -1))
"""The turns of the template's two layers, and whom of owner and deputy each begins with."""


def _without_examples(root: Path, folder: str, started: Path) -> None:
    """Put owner and deputy in the place of the template's people, who do not work here.

    In a new workbook the examples stand in people.yaml themselves, and are replaced there.
    """
    people, _ = read_claim(root.resolve(), "people.yaml", People)
    ownership, _ = read_claim(root.resolve(), f"{folder}/ownership.yaml", Ownership)
    if people is None or people.person("example-one") is not None:
        return
    named = owners(ownership) if ownership is not None else ()
    here = [person for person in named if people.person(person) is not None]
    for file in ("on_call.yaml", "rollback.yaml"):
        if (started / file).is_file():
            text = (started / file).read_text(encoding="utf-8")
            (started / file).write_text(_by(here, text), encoding="utf-8")


def _by(here: list[str], text: str) -> str:
    """The text of a new file with people who work here; without any, no layer of the rota."""
    if not here:
        return re.sub(r"(?ms)^layers:\n.*?(?=^\w)", "layers: []\n", text)
    for turns, place in _TURNS:
        text = text.replace(turns, f"[{here[place]}]")
    return text.replace("author: example-one", f"author: {here[0]}")


def _start_missing(root: Path, folder: str, system_id: str) -> list[Path]:
    template = shipped("templates") / "start" / SYSTEMS_FOLDER / PLACEHOLDER
    missing = [
        file for file, _ in AREA_FILES.values() if not os.path.lexists(root / folder / file)
    ]
    staging = root / SYSTEMS_FOLDER / f".ops-model-new-{uuid.uuid4().hex[:12]}"
    try:
        for file in missing:
            _copy(template / file, staging, Path(file), system_id)
        _without_examples(root, folder, staging)
        for file in missing:
            if not os.path.lexists(root / folder / file):
                (staging / file).rename(root / folder / file)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return [Path(folder, file) for file in missing]


def _refused_by_the_disk(folder: Path, error: OSError) -> OpsModelError:
    return OpsModelError(
        f"cannot be written: {error.strerror or error}; nothing was left behind",
        where=str(folder),
        remedy="name a folder that you may write, on a disk with room",
    )


def _write_whole(folder: Path, system_id: str) -> Sequence[Path]:
    exists = folder.exists()
    parent = folder if exists else folder.parent
    parent.mkdir(parents=True, exist_ok=True)
    staging = parent / f"{_STAGING}{uuid.uuid4().hex[:12]}"
    try:
        staging.mkdir()
        with _held(staging):
            written = _write(staging, system_id)
            read_workbook(staging)
            if exists:
                _move_in(staging, folder)
            else:
                staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return written


@contextmanager
def _held(staging: Path) -> Iterator[None]:
    """A folder marked as in use; any death of this process lets go of it."""
    handle = os.open(staging, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _remove_if_left(entry: Path) -> bool:
    """True for what a killed start has left behind, which is removed; a live one is let be."""
    if not re.fullmatch(re.escape(_STAGING) + "[0-9a-f]{12}", entry.name) or entry.is_symlink():
        return False
    try:
        with _held(entry):
            shutil.rmtree(entry)
    except OSError:
        return False  # somebody is at work in it, or it is not ours to remove
    return True


def refuse_bad_id(system_id: str, remedy: str) -> None:
    """Refuse what cannot be the id of a system.

    Raises:
        UsageError: it is none, or one that we keep for ourselves.
    """
    try:
        TypeAdapter(Slug).validate_python(system_id)
        taken = system_id in RESERVED_IDS
    except ValidationError:
        taken = True
    if taken:
        raise UsageError(
            f"{system_id!r} cannot be the id of a system; expected lowercase letters, digits and "
            f"hyphens, no device name, and not {', '.join(sorted(RESERVED_IDS))}",
            remedy=remedy,
        )


def _refuse_bad_name(name: str | None) -> None:
    if name is None:
        return
    try:
        TypeAdapter(Text).validate_python(name)
        problem = hidden_in(name)
    except ValidationError:
        problem = "no words, or more than 4000 characters"
    if problem:
        raise UsageError(
            f"--name holds {problem}; expected what people call the system",
            remedy="write it in words, such as --name 'Flight delay', or leave the option out",
        )


def _refuse_full(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError("is a file; expected a folder", where=str(folder), remedy="name another")
    entries = list(folder.iterdir()) if folder.exists() else []
    held = sorted(e.name for e in entries if e.name != ".git" and not _remove_if_left(e))
    if held:
        raise UsageError(
            f"holds {held[0]!r} already; expected a new or an empty folder",
            where=str(folder),
            remedy="name another folder; nothing was written",
        )


def _write(into: Path, system_id: str) -> list[Path]:
    template = shipped("templates") / "start"
    written = [
        _copy(source, into, source.relative_to(template), system_id)
        for source in sorted(template.glob("*.yaml"))
    ]
    (into / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
    written.append(Path(".gitignore"))
    folder = f"{SYSTEMS_FOLDER}/{system_id}"
    (into / folder).mkdir(parents=True)
    written += [Path(folder, path) for path in _write_system(into, folder, system_id, {})]
    return written + write_schemas(into)


def _write_system(root: Path, folder: str, system_id: str, said: dict[str, str]) -> list[Path]:
    """A system's files and notebook in `folder`; the keys of system.yaml in `said` filled in."""
    template = shipped("templates") / "start" / SYSTEMS_FOLDER / PLACEHOLDER
    written = [
        _copy(source, root / folder, source.relative_to(template), system_id)
        for source in sorted(template.rglob("*"))
        if source.suffix in _COPIED
    ]
    own = root / folder / "system.yaml"
    text = own.read_text(encoding="utf-8")
    for key, value in said.items():
        text = edited(text, "system.yaml", (key,), value, AISystem)
    own.write_text(text, encoding="utf-8")
    problems = [
        problem
        for file, model in AREA_FILES.values()
        for problem in read_claim(root.resolve(), f"{folder}/{file}", model)[1]
    ]
    if problems:
        raise WorkbookError(problems=problems)
    notebook = write_fill_in(root, folder, system_id)
    return [*written, notebook.relative_to(folder)]


def _copy(source: Path, into: Path, path: Path, system_id: str) -> Path:
    text = source.read_text(encoding="utf-8").replace(PLACEHOLDER, system_id)
    (into / path).parent.mkdir(parents=True, exist_ok=True)
    (into / path).write_text(text, encoding="utf-8")
    return path


def _move_in(staging: Path, folder: Path) -> None:
    # The file that makes a folder a workbook comes last.
    entries = sorted(staging.iterdir(), key=lambda entry: entry.name == SETTINGS_FILE)
    try:
        for entry in entries:
            entry.rename(folder / entry.name)
    except (OSError, KeyboardInterrupt):
        # The folder was empty, so whatever bears one of these names came from here.
        for entry in entries:
            shutil.rmtree(folder / entry.name, ignore_errors=True)
            (folder / entry.name).unlink(missing_ok=True)
        raise
