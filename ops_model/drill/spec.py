"""What a supervisor is asked to do, and where a system's drills lie."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints

from ops_model.domain.fallback import FallbackPlan
from ops_model.domain.rollback import RollbackPlan
from ops_model.domain.scalars import Slug
from ops_model.domain.values import Value


class DrillSpec(Value):
    """One drill; exactly the plan of its kind is there. `root` is absolute."""

    kind: Literal["rollback", "fallback"]
    id: Annotated[str, StringConstraints(pattern=r"^(rollback|fallback)-[0-9a-f]{16}$")]
    root: str
    system: Slug
    performed_by: Slug | None = None
    rollback: RollbackPlan | None = None
    fallback: FallbackPlan | None = None

    @property
    def journal(self) -> str:
        """The journal's address, relative to the workbook."""
        return f"runs/{self.system}/.drills/{self.id}.jsonl"


def drills_folder(root: Path, system_id: str) -> Path:
    """Where the journals of a system's drills lie, and the lock of the one that runs."""
    return root / "runs" / system_id / ".drills"
