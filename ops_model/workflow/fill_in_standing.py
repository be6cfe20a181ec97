"""How the system of a fill-in notebook stands now: judged in memory, nothing is recorded."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import Area
from ops_model.domain.operating_model import AREA_FILES, OperatingModel
from ops_model.domain.values import ClaimFile
from ops_model.errors import OpsModelError
from ops_model.workflow.fill_in_questions import AREAS, path_of
from ops_model.workflow.open import WORKBOOK_FILE, known_system, snapshot_now

_FEW = 3

if TYPE_CHECKING:
    from ops_model.site.fill_in_card import Standing


def standing_of(root: Path, system_id: str, key: str = "") -> "Standing":
    """What is open now, and which of it is about the answer at `key`, such as `cost.ceilings`."""
    from ops_model.site.fill_in_card import Standing
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.assess import assess_snapshot

    try:
        model = read_workbook(root)
        known_system(model, system_id)
        instant = model.settings.as_of or _last_change(root, system_id, model.settings.ledger)
        snapshot = snapshot_now(root, model, system_id, as_of=instant)
        assessment = assess_snapshot(snapshot)
    except OpsModelError as error:
        return Standing(broken=error.problems)
    stem, _, name = key.partition(".")
    claim = _claim(model, system_id, stem)
    path = path_of(f"systems/{system_id}", stem)
    return Standing(
        people=snapshot.people,
        findings=assessment.blocking,
        verdict=assessment.verdict,
        about=tuple(
            f
            for f in assessment.blocking
            if claim and _is_about(f, claim, path, name, AREAS[stem])
        ),
    )


def _last_change(root: Path, system_id: str, ledger: str) -> datetime:
    """When the claims or the evidence changed last: no clock, and the same card each time."""
    files = [
        *(root / "systems" / system_id).rglob("*.yaml"),
        *(root / name for name in (WORKBOOK_FILE, "people.yaml", "policy.yaml", ledger)),
    ]
    latest = max(file.stat().st_mtime for file in files if file.is_file())
    return datetime.fromtimestamp(int(latest) + 1, UTC)


def _claim(model: OperatingModel, system_id: str, stem: str) -> ClaimFile | None:
    if stem == "people":
        return model.people
    system = known_system(model, system_id)
    return next(
        (
            getattr(system, name)
            for name, (file, _) in AREA_FILES.items()
            if file == f"{stem}.yaml"
        ),
        None,
    )


def _is_about(finding: Finding, claim: ClaimFile, path: str, key: str, area: Area) -> bool:
    """True when a finding looked at the lines of an answer, or asks for it by its name."""
    # A check that looks at many files sums up others, which say it better.
    if len({where.path for where in finding.looked_at}) > _FEW:
        return False
    lines = [where.line or 0 for where in finding.looked_at if where.path == path]
    named = [name for name in type(claim).model_fields if _names(finding, name)]
    if not lines or key not in claim.places:
        return bool(lines) and key in named
    first = claim.place_of(key).line or 0
    later = [w.line or 0 for n, w in claim.places.items() if "." not in n]
    last = min((line for line in later if line > first), default=max(lines) + 1)
    # A check that looked at a file as a whole names its first line, and most often other keys.
    whole = all(line == claim.where.line for line in lines) and first == claim.where.line
    if whole and key not in named and (named or finding.area != area):
        return False
    return any(first <= line < last for line in lines)


def _names(finding: Finding, key: str) -> bool:
    """True when a finding speaks of a key: in its remedy as code, or in its message as a key."""
    if re.search(rf"`[^`]*\b{key}\b[^`]*`", finding.remedy):
        return True
    said = rf"\b{key}\b" if "_" in key else rf": {key}\b|\b{key}:|\({key}\)"
    return re.search(said, finding.message) is not None
