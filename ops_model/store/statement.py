"""What a bundle's manifest says: an in-toto Statement (version 1) about every file of the bundle.

The subjects are the files with their SHA-256; the predicate says which run they came of, on what
it ran, and where. The statement travels in a DSSE envelope (`store.dsse`).
"""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, ValidationError, model_validator

from ops_model import __version__
from ops_model.domain.evidence import InputIdentity
from ops_model.domain.scalars import Digest, Slug
from ops_model.domain.values import Value, canonical_bytes
from ops_model.errors import IntegrityError

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
"""What in-toto calls its statements; a name, and nothing is fetched from there."""
RUN_TYPE: Final = "urn:ops-model:run/v1"
"""What the predicate of a run's bundle is called."""

# One name for one file on every system: no separator, no leading dot, no space. A bundle is flat.
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ManifestFile(Value):
    """One file of a bundle: its name, its SHA-256 (64 hex digits) and its length in bytes."""

    path: FileName
    sha256: Sha256
    bytes: Annotated[int, Field(ge=0)]


class Environment(Value):
    """What a run ran on; `packages` is the digest of the list in `environment.json`."""

    python: str
    platform: str
    packages: Digest


class GitState(Value):
    """The commit of the workbook, and whether anything of it was changed since.

    `looked_at` says what was compared: what a run writes is no part of it.
    """

    commit: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
    clean: bool
    changed: int
    looked_at: str


class _Run(Value):
    """What both forms below say of a run."""

    run_id: str
    system: Slug
    notebook: str
    notebook_digest: Digest
    as_of: AwareDatetime
    recorded_at: AwareDatetime
    parameters: Mapping[str, Any] = {}
    inputs: tuple[InputIdentity, ...] = ()
    ledger_size: int
    tool_version: str = __version__
    environment: Environment | None = None
    git: GitState | None = None
    redactions: Mapping[str, int] = {}
    reproduces: str | None = None


class Manifest(_Run):
    """What was run, on what, and every file that came of it.

    `ledger_size` is that of the snapshot which the run was given, `redactions` counts what was
    taken out of the notebook by kind, and `reproduces` is the run that this one repeats.
    """

    files: tuple[ManifestFile, ...] = ()

    @property
    def statement(self) -> bytes:
        """The in-toto statement, canonical."""
        of_run = {name: getattr(self, name) for name in _Run.model_fields}
        predicate = _Predicate(**of_run, sizes={f.path: f.bytes for f in self.files})
        subjects = tuple(_Subject(name=f.path, digest=_Sha256(sha256=f.sha256))
                         for f in self.files)  # fmt: skip
        statement = _Statement(subject=subjects, predicate=predicate)
        return canonical_bytes(statement.model_dump(mode="json", by_alias=True))


class _Predicate(_Run):
    sizes: Mapping[FileName, Annotated[int, Field(ge=0)]]


class _Sha256(Value):
    sha256: Sha256


class _Subject(Value):
    name: FileName
    digest: _Sha256


class _Statement(Value):
    """The four fields of an in-toto statement."""

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(STATEMENT_TYPE, alias="_type")
    subject: tuple[_Subject, ...]
    predicate_type: Literal["urn:ops-model:run/v1"] = Field(RUN_TYPE, alias="predicateType")
    predicate: _Predicate

    @model_validator(mode="after")
    def _of_the_same_files(self) -> Self:
        times = Counter(s.name for s in self.subject)
        twice = [name for name, count in times.items() if count > 1]
        if twice:
            msg = f"{', '.join(twice)} is listed twice"
            raise ValueError(msg)
        if self.predicate.sizes.keys() != times.keys():
            msg = "the sizes are not those of the files"
            raise ValueError(msg)
        return self


def read_manifest(statement: bytes) -> Manifest:
    """The manifest that an in-toto statement is; the inverse of `Manifest.statement`.

    Raises:
        IntegrityError: it is no statement that this version of ops-model wrote about a run.
    """
    found = _read(statement)
    of_run = {name: getattr(found.predicate, name) for name in _Run.model_fields}
    return Manifest(**of_run, files=_files(found))


def read_files(statement: bytes) -> tuple[ManifestFile, ...]:
    """Only the files of a manifest, for whoever compares thousands of bundles with theirs.

    Raises: as `read_manifest`.
    """
    return _files(_read(statement))


def _read(statement: bytes) -> _Statement:
    try:
        return _Statement.model_validate_json(statement)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]["msg"]
        raise IntegrityError(f"is no manifest: {first.removeprefix('Value error, ')}") from error


def _files(found: _Statement) -> tuple[ManifestFile, ...]:
    sizes = found.predicate.sizes
    return tuple(
        ManifestFile(path=s.name, sha256=s.digest.sha256, bytes=sizes[s.name])
        for s in found.subject
    )
