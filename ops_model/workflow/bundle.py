"""What a finished run leaves: the executed notebook, its records, and what they rest on."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot
from ops_model.domain.records import read_record
from ops_model.domain.snapshot import snapshot_as_json
from ops_model.domain.values import canonical_bytes
from ops_model.notebook.spec import HarvestedRecord
from ops_model.notebook.staging import RunPlace
from ops_model.workflow.provenance import (
    ENVIRONMENT_FILE,
    environment,
    environment_list,
)

if TYPE_CHECKING:
    from ops_model.store.dsse import SigningKey
    from ops_model.store.statement import GitState


def seal_bundle(
    root: Path,
    staging: Path,
    place: RunPlace,
    snapshot: Snapshot | PortfolioSnapshot,
    records: Sequence[HarvestedRecord],
    *,
    notebook_digest: str,
    parameters: Mapping[str, Any],
    recorded_at: datetime,
    redactions: Mapping[str, int],
    reproduces: str | None,
    key: "SigningKey | None",
    progress: Callable[[str], None],
    git: "GitState | None",
) -> str:
    """Complete the folder `staging`, in which the executed notebook lies, and seal it.

    `records.json` is the list of `{cell, record}`; `claims.json` and `policy.json` are what the
    run judged by, people as ids; `environment.json` lists what was installed; the journal of a
    drill is copied. All are canonical JSON. `git` is the commit that the claims were read at.

    Returns:
        The digest of the manifest.

    Raises:
        OSError, BundleError: the disk is full, or refuses; nothing is left.
    """
    from ops_model.store.seal import Manifest, seal

    shutil.rmtree(staging / "work")
    # Where the workbook lay is no part of what was judged; statements stay on the ledger. Every
    # claim keeps its file and line, so that the verdict can be derived again to the last byte.
    judged = snapshot_as_json(snapshot)
    claims = {k: v for k, v in judged.items() if k not in {"statements", "policy", "workbook"}}
    plain = [record.model_dump(mode="json") for record in records]
    (staging / "claims.json").write_bytes(canonical_bytes(claims))
    (staging / "policy.json").write_bytes(canonical_bytes(judged["policy"]))
    (staging / "records.json").write_bytes(canonical_bytes(plain))
    (staging / ENVIRONMENT_FILE).write_bytes(environment_list())
    inputs = {i.address: i for r in records for i in read_record(r.record).inputs}
    journals = [i for i in inputs.values() if i.kind == "journal"]
    for number, journal in enumerate(journals):
        name = f"journal-{number + 1}.jsonl" if number else "journal.jsonl"
        shutil.copyfile(root / journal.address, staging / name)
    manifest = Manifest(
        run_id=place.run_id, system=place.system, notebook=place.notebook,
        notebook_digest=notebook_digest, as_of=place.as_of, recorded_at=recorded_at,
        parameters=parameters, inputs=tuple(inputs.values()), ledger_size=snapshot.ledger_size,
        environment=environment(), git=git, redactions=redactions,
        reproduces=reproduces,
    )  # fmt: skip
    return seal(
        staging,
        root / place.bundle,
        manifest,
        keys=() if key is None else (key,),
        progress=progress,
    )
