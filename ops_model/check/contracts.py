"""Whether a data contract was kept on the last day that was looked at."""

from ops_model.check.answers import of_this_version
from ops_model.check.context import Context
from ops_model.check.outcome import Outcome, failed, passed, unknown
from ops_model.check.recorded import Recorded, valid_until
from ops_model.check.remedies_served import measure_contracts
from ops_model.check.wording import counted, said
from ops_model.domain.detection_served import ContractMeasurement, ExpectationResult
from ops_model.domain.evidence import Measured
from ops_model.domain.signals_logged import DataContract

_SHOWN = 3


def contract_kept(ctx: Context, contract: DataContract, max_age_days: int) -> Outcome:
    """What was said of a log by its contract: a critical FAIL fails, an ERROR is no pass."""
    remedy = measure_contracts(ctx.system, contract)
    found = of_this_version(
        ctx,
        ContractMeasurement,
        subject=f"contract {contract.id}",
        max_age_days=max_age_days,
        missing=f"no such measurement: whether log {contract.log} keeps to contract "
        f"{contract.id} is on no record",
        claim=contract.where,
        remedy=remedy,
        matching=lambda m: (m.contract, m.log) == (contract.id, contract.log),
        ended_within_days=max_age_days,
    )
    return found if isinstance(found, Outcome) else _kept(contract, found, max_age_days)


def _kept(
    contract: DataContract, found: Recorded[ContractMeasurement], max_age_days: int
) -> Outcome:
    record, looked_at = found.record, [contract.where, found.where]
    critical = [r for r in record.results if r.severity == "critical"]
    of = f"contract {contract.id} on {counted(record.rows, 'row')}"
    values = {f"{contract.id} {_named(r)}"[:200]: r.bad for r in record.results if _broken(r)}
    broken = [r for r in critical if r.state == "FAIL"]
    if broken:
        return failed(
            f"{of}: {_listed(broken)}",
            looked_at=looked_at,
            remedy=f"{contract.owner}, who owns contract {contract.id}, has what writes log "
            f"{contract.log} corrected, and tells who reads from it meanwhile",
            values={name: bad for name, bad in values.items() if bad is not None},
        )
    if why := _not_judged(record, critical):
        return unknown(
            "missing" if record.rows else "too_few",
            f"{of}: {why}",
            looked_at=looked_at,
            remedy=f"{contract.owner}, who owns contract {contract.id}, corrects its suite or its "
            "log; what could not be asked is no pass",
        )
    warned = [r for r in record.results if r.severity != "critical" and r.state != "PASS"]
    note = f"; warned: {_listed(warned)}" if warned else ""
    return passed(
        f"{of}: {len(critical)} of {counted(len(critical), 'critical expectation')} hold{note}",
        looked_at=looked_at,
        values=_rows(contract, record),
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _rows(contract: DataContract, record: ContractMeasurement) -> dict[str, Measured]:
    rows = Measured(
        value=float(record.rows), unit="rows", n=record.rows_of_day, no_interval="exact"
    )
    return {f"{contract.id} rows": rows}


def _not_judged(record: ContractMeasurement, critical: list[ExpectationResult]) -> str:
    """Why a contract says nothing; empty when it does."""
    if record.error is not None:
        return f"it could not be judged: {record.error}"
    if not record.rows:
        return "its log has no row of that day"
    if not critical:
        return "none of its expectations is critical, so that it forbids nothing"
    errors = [r for r in critical if r.state != "PASS"]
    return _listed(errors) if errors else ""


def _broken(result: ExpectationResult) -> bool:
    return result.state == "FAIL" and result.bad is not None


def _named(result: ExpectationResult) -> str:
    return f"{result.type}({result.column})" if result.column else result.type


def _listed(results: list[ExpectationResult]) -> str:
    """The first of some results, as text."""
    shown = [f"{_named(r)} {r.state}{_because(r)}" for r in results[:_SHOWN]]
    more = [f"{len(results) - _SHOWN} more"] if len(results) > _SHOWN else []
    return ", ".join([*shown, *more])


def _because(result: ExpectationResult) -> str:
    if result.error is not None:
        return f" ({result.error})"
    if result.bad is not None:
        return f" ({said(result.bad)} of the rows break it)"
    return f" (observed {result.observed})" if result.observed is not None else ""
