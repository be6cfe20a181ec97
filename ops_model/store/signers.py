"""Read `allowed_signers` and `revoked_keys`: whose key is whose, or every problem with its line.

The format is that of `man ssh-keygen`. What OpenSSH allows and would blur whose key it is, is
refused with a sentence: patterns of principals, and certificate authorities.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ops_model.domain.people import People
from ops_model.domain.scalars import Slug
from ops_model.domain.signers import REVOKED_FILE, SIGNERS_FILE, Signer
from ops_model.domain.texts import masked
from ops_model.domain.values import Located, Where, zone
from ops_model.errors import Problem
from ops_model.store.explain import nearest
from ops_model.store.ssh_key import KEY_TYPES, SshFormatError, SshKey

MAX_BYTES = 1024 * 1024
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)
# A field of the line: quoted parts may hold blanks.
_FIELD = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^\s"])+')
_OPTION = re.compile(r'([A-Za-z-]+)(?:="((?:\\.|[^"\\])*)")?(?:,|$)')
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)")
_KNOWN = ("namespaces", "valid-after", "valid-before", "cert-authority")
_PRIVATE, _LONGEST = "PRIVATE KEY", 64
_LINE = 'expected PERSON [namespaces="ops-model-signoff-v1"] TYPE BASE64'


@dataclass
class _Lines:
    """The lines of one file that say something, with the problems that they have."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def read(self, root: Path | Mapping[str, bytes]) -> Iterator[tuple[int, str]]:
        try:
            content = self._content(root)
            text = content.decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
            self.note(None, f"cannot be read: {why}", "make it a readable text file")
            return
        if len(content) > MAX_BYTES:
            self.note(None, f"is larger than {MAX_BYTES:,} bytes", "keep one line for each key")
            return
        lines = text.split("\n")
        if private := next((n for n, line in enumerate(lines, 1) if _PRIVATE in line), 0):
            # Whoever pasted the wrong file is not to read it again in the log of a build.
            remedy = "take it out, and enrol the .pub of another key: this one may have been seen"
            self.note(private, "holds a private key; nobody may see it", remedy)
            return
        for number, line in enumerate(lines, start=1):
            said = line.strip()
            if said and not said.startswith("#"):
                yield number, said

    def _content(self, root: Path | Mapping[str, bytes]) -> bytes:
        if not isinstance(root, Path):
            return root.get(self.file, b"")
        path = root / self.file
        if not os.path.lexists(path):
            return b""
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)

    def note(self, line: int | None, message: str, remedy: str) -> None:
        self.problems.append(Problem(message, str(Where(path=self.file, line=line)), remedy))


def read_signers(
    root: Path | Mapping[str, bytes], people: People | None, zone_name: str
) -> tuple[tuple[Signer, ...], list[Problem]]:
    """The enrolled keys of a workbook, and what is wrong with the two files.

    Args:
        root: the folder of the workbook, or what lies in it by name; either file may be missing.
        people: who may be named; None where people.yaml is no valid file.
        zone_name: the zone of a time without a `Z`: the workbook's, whatever the machine's is.
    """
    revoked_file = _Lines(REVOKED_FILE)
    revoked = {
        key.text
        for number, line in revoked_file.read(root)
        if (key := _key(revoked_file, number, line.split(None, 2)[:2])) is not None
    }
    _note_near_names(root, revoked_file)
    file = _Lines(SIGNERS_FILE)
    found = [
        signer
        for number, line in file.read(root)
        for signer in _signers(file, number, line, people, zone_name)
    ]
    signers = tuple(
        s.model_copy(update={"revoked": True}) if s.key in revoked else s for s in found
    )
    return signers, [*file.problems, *revoked_file.problems]


def _note_near_names(root: Path | Mapping[str, bytes], file: _Lines) -> None:
    """A misspelled list of revoked keys would revoke none of them, in silence."""
    ours = (SIGNERS_FILE, REVOKED_FILE)
    if not isinstance(root, Path) or not root.is_dir():
        return  # in an export every file is listed
    for name in sorted(entry.name for entry in root.iterdir()):
        close = nearest(Path(name).stem, ours, cutoff=0.85)
        # What editors leave beside a file is theirs.
        if close and name not in ours and not name.startswith(".") and not name.endswith("~"):
            file.problems.append(
                Problem(
                    f"is no file of a workbook; expected {close}",
                    name if name.isprintable() else ascii(name),
                    f"rename it to {close}, or move it elsewhere",
                )
            )


def _key(file: _Lines, line: int, fields: list[str]) -> SshKey | None:
    if len(fields) < 2:
        file.note(line, f"holds no key; {_LINE}", "copy the line of the .pub file")
        return None
    try:
        return SshKey.parse(" ".join(fields))
    except SshFormatError as error:
        file.note(
            line, f"holds no key: {error}", "copy the line of the .pub file, its type and base64"
        )
        return None


def _signers(
    file: _Lines, line: int, said: str, people: People | None, zone_name: str
) -> Iterator[Signer]:
    before = len(file.problems)
    fields = _FIELD.findall(said)
    if not fields or fields[0] in KEY_TYPES:
        file.note(line, f"names nobody whose key it is; {_LINE}", "write the person's id first")
        return
    names = list(_principals(file, line, fields[0], people))
    rest = fields[1:]
    options = {}
    if rest and rest[0] not in KEY_TYPES:
        options = _options(file, line, rest.pop(0), zone_name)
    if len(file.problems) > before or (key := _key(file, line, rest[:2])) is None:
        return
    for name in names:
        located = Located({"person": name, "key": key.text, **options})
        located.where = Where(path=file.file, line=line)
        yield Signer.model_validate(located)


def _principals(file: _Lines, line: int, said: str, people: People | None) -> Iterator[str]:
    for name in said.replace('"', "").split(","):
        try:
            person = _SLUG.validate_python(name)
        except ValidationError:
            file.note(
                line,
                f"names {_named(name)}; expected an id of people.yaml, and no pattern or address",
                "write the person's id; a pattern would let one key speak for many",
            )
            continue
        if people is not None and people.person(person) is None:
            close = nearest(person, [p.id for p in people.people], cutoff=0.6)
            file.note(
                line,
                f"{person} is nobody in people.yaml; expected an id of somebody there",
                f"did you mean {close}?" if close else "add the person, or remove the line",
            )
            continue
        yield person


def _named(text: str) -> str:
    """What stands in the place of an id; what is too long for one may be a line of a key."""
    return ascii(text) if len(text) <= _LONGEST else masked(text)


def _options(file: _Lines, line: int, said: str, zone_name: str) -> dict[str, Any]:
    """The options of a line as fields of a `Signer`."""
    found: dict[str, Any] = {}
    at = 0
    while at < len(said):
        match = _OPTION.match(said, at)
        name = match[1].lower() if match is not None else ""
        if match is None or name not in _KNOWN:
            file.note(
                line,
                f"holds neither a key type nor an option at {said[at:][:40]!a}; {_LINE}",
                f"the options are {', '.join(_KNOWN[:-1])}, each with a value in quotes",
            )
            return {}
        at = match.end()
        found.update(_option(file, line, name, match[2], found, zone_name))
    return found


def _option(
    file: _Lines,
    line: int,
    name: str,
    value: str | None,
    so_far: Mapping[str, Any],
    zone_name: str,
) -> dict[str, Any]:
    if name == "cert-authority":
        file.note(
            line,
            "enrols a certificate authority, which could speak for anybody",
            "enrol the key of each person",
        )
        return {}
    key = name.replace("-", "_")
    if value is None or not value or key in so_far:
        why = "is given twice" if key in so_far else "has no value in quotes"
        file.note(line, f"the option {name} {why}", f'write {name}="..." once')
        return {}
    if name == "namespaces":
        return {key: tuple(part.strip() for part in value.split(","))}
    instant = _instant(value, zone_name)
    if instant is None:
        file.note(
            line,
            f"{name} is {value!a}; expected YYYYMMDD or YYYYMMDDHHMM[SS], with a Z for UTC",
            f'write it as {name}="20260131Z"',
        )
        return {}
    return {key: instant}


def _instant(text: str, zone_name: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    parts = [int(part) for part in match.groups()[:6] if part is not None]
    try:
        return datetime(*parts, tzinfo=UTC if match[7] else zone(zone_name))  # type: ignore[arg-type,misc] # three to six numbers
    except ValueError:
        return None
