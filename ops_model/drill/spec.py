"""What a supervisor is asked to do, and where a system's drills lie."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints

from ops_model.domain.change import SwapPlan
from ops_model.domain.fallback import FallbackPlan
from ops_model.domain.rollback import RollbackPlan
from ops_model.domain.scalars import Digest, Slug
from ops_model.domain.values import Value


class Described(Value):
    """What `system.yaml` says of a version that a drill can hold against the server."""

    model_digest: Digest | None = None
    feature_spec: str | None = None
    feature_spec_digest: Digest | None = None


class DrillSpec(Value):
    """One drill; exactly the plan of its kind is there. `root` is absolute.

    `versions` are the versions that `system.yaml` describes, by label. `path` is the path of the
    fallback that is rehearsed; None for the first that can be.
    """

    kind: Literal["rollback", "fallback", "swap"]
    id: Annotated[str, StringConstraints(pattern=r"^(rollback|fallback|swap)-[0-9a-f]{16}$")]
    root: str
    system: Slug
    performed_by: Slug | None = None
    versions: Mapping[str, Described] = {}
    rollback: RollbackPlan | None = None
    fallback: FallbackPlan | None = None
    path: Slug | None = None
    swap: SwapPlan | None = None

    @property
    def journal(self) -> str:
        """The journal's address, relative to the workbook."""
        return f"runs/{self.system}/.drills/{self.id}.jsonl"


def drills_folder(root: Path, system_id: str) -> Path:
    """Where the journals of a system's drills lie, and the lock of the one that runs."""
    return root / "runs" / system_id / ".drills"
