"""What a run is about: one system, or all of them together under the id `portfolio`.

A notebook that declares the parameter `system` is about one system; one that does not is about
all of them. Whether the two fit is settled before anything starts.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.operating_model import OperatingModel, PortfolioSnapshot, Snapshot
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.values import iso_utc
from ops_model.errors import ParameterError, UsageError
from ops_model.notebook.parameters import checked_parameters, declared_parameters
from ops_model.workflow.open import known_system, take_snapshot
from ops_model.workflow.open_portfolio import take_portfolio

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger, LedgerVerification

# These show a verdict, so what the tool itself can see is looked at first (decision 0003).
_OBSERVED_FIRST = frozenset(
    {
        "00_gap_map", "01_readiness", "02_deploy_review", "07_weekly_ops_report",
        "11_handoff_transition", "12_compliance_evidence", "13_portfolio",
    }
)  # fmt: skip


def about_all(path: Path) -> bool:
    """True when the notebook is about all systems together.

    Raises:
        NotebookError, ParameterError: it is no notebook, or declares its parameters badly.
    """
    return "system" not in {parameter.name for parameter in declared_parameters(path)}


def about_one_thing(path: Path) -> str:
    """The parameter without which the notebook is about nothing, such as `incident`; or ''."""
    return next((p.name for p in declared_parameters(path) if p.name in _NAMED), "")


_NAMED = ("incident",)
_PERFORMED = frozenset({"performed_by", "scenario"})
_REHEARSES = "rehearse_swap"


def performed_by_somebody(path: Path, given: Mapping[str, object]) -> bool:
    """True of a drill or a game day, which happens when it is run, whatever it is judged at.

    A notebook that rehearses only when it is asked to measures otherwise.
    """
    names = {parameter.name for parameter in declared_parameters(path)}
    if _REHEARSES in names:
        return bool(given.get(_REHEARSES))
    return bool(_PERFORMED & names)


def checked_about(
    path: Path,
    model: OperatingModel,
    system_id: str,
    *,
    as_of: datetime,
    given: Mapping[str, object],
) -> dict[str, Any]:
    """All parameters of a run, when notebook, system and what was given fit together.

    Raises:
        UsageError: there is no such system, or the notebook is about all of them, or about one.
        ParameterError: a parameter is unknown or wrong, or names nothing.
    """
    for name in ("system", "as_of"):
        if name in given:
            raise ParameterError(
                f"{name} is no free parameter: the run itself sets it",
                where=path.name,
                remedy="name the system as an argument, and the instant with --as-of",
            )
    everything = about_all(path)
    if everything and system_id != PORTFOLIO:
        raise UsageError(
            f"{path.stem} is about all systems together, not about {system_id}",
            remedy=f"leave the system out: ops-model run {path.stem}",
        )
    if system_id == PORTFOLIO and not everything:
        raise UsageError(
            f"{path.stem} is about one system",
            remedy=f"name it: ops-model run {path.stem} SYSTEM; or say --all",
        )
    fixed = {"as_of": iso_utc(as_of)}
    if not everything:
        known_system(model, system_id)
        fixed["system"] = system_id
    checked = checked_parameters(path, {**given, **fixed})
    if "incident" in checked:
        _known_incident(path, model, system_id, checked["incident"], as_of)
    return checked


def _known_incident(
    path: Path, model: OperatingModel, system_id: str, incident: object, as_of: datetime
) -> None:
    """Refuse an incident that the system does not have, or that nobody had noticed by then."""
    incidents = known_system(model, system_id).incidents
    ids = [one.id for one in incidents]
    if found := next((one for one in incidents if one.id == incident), None):
        if found.detected_at > as_of:
            raise ParameterError(
                f"incident {found.id} was noticed {iso_utc(found.detected_at)}, after "
                f"{iso_utc(as_of)}",
                where=str(found.place_of("detected_at")),
                remedy="look back at it from a later instant (--as-of)",
            )
        return
    near = get_close_matches(str(incident), ids, n=1)
    listed = f"{system_id} has: {', '.join(ids)}" if ids else (
        f"{system_id} has none on file; write systems/{system_id}/incidents/ID.yaml first"
    )  # fmt: skip
    raise ParameterError(
        f"names no incident of {system_id}: got {str(incident)!r}" if incident
        else "needs an incident to look at",
        where=path.name,
        remedy=f"did you mean -p incident={near[0]}?" if near else f"-p incident=ID; {listed}",
    )  # fmt: skip


def snapshot_for(
    root: Path,
    model: OperatingModel,
    system_id: str,
    notebook: str,
    ledger: "Ledger",
    *,
    as_of: datetime,
    recorded_at: datetime,
    checked: "Callable[[], LedgerVerification] | None" = None,
) -> Snapshot | PortfolioSnapshot:
    """What the run's kernel gets; what the tool sees by itself is recorded first, where shown.

    `checked` gives the ledger verified, where that is done once for many runs.
    """
    everything = system_id == PORTFOLIO
    if notebook in _OBSERVED_FIRST:
        from ops_model.workflow.assess import observe

        verified = checked() if checked is not None else ledger.verify()
        for name in [s.id for s in model.systems] if everything else [system_id]:
            observe(
                root, model, name, ledger, as_of=as_of, recorded_at=recorded_at, checked=verified
            )
    if everything:
        return take_portfolio(root, model, as_of=as_of, ledger=ledger)
    return take_snapshot(root, model, system_id, as_of=as_of, ledger=ledger)
