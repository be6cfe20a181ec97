"""The machine-readable records in the outputs of an executed notebook."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ops_model.domain.evidence import RECORD_MIME, Record
from ops_model.domain.records import read_record
from ops_model.domain.redact import SECRETS, found_in, redacted
from ops_model.domain.values import canonical_bytes
from ops_model.errors import IntegrityError
from ops_model.notebook.spec import HarvestedRecord

FROM_NOTEBOOKS = frozenset(
    {
        "assessment", "bill_comparison", "cache_opportunity", "capture", "ceiling_breaches",
        "ceiling_watch", "challenger", "change_decomposition", "compute_cost", "contract",
        "cost_bridge", "cost_forecast", "drift", "fallback_drill", "freshness", "game_day",
        "guardrail", "importance", "incident_review", "load", "outcome", "portfolio_status",
        "provider_identity", "quality", "quality_outcome", "reconstruction", "right_sizing",
        "rollback_drill", "rule", "savings", "service_level", "spend", "swap_drill",
        "train_serve_skew", "transition", "unit_cost", "weekly_report",
    }
)  # fmt: skip
"""Kinds that a cell may record. What a person says, and what the tool itself observes, come by
other doors; a cell that carries one of those is refused."""


REFUSED = SECRETS | {"email", "phone", "iban", "card"}
"""Kinds of secrets and of ways to reach a person that no record may hold.

A number such as 8.8.4.4 may be a version, so an IP address alone stops no run.
"""
MAX_RECORDS = 100
"""A run with more is refused: past some thousands, a kernel drops outputs without a word."""
MAX_RECORD_BYTES = 200_000
"""The ledger holds entries of up to 256 KiB."""


class BadRecordError(IntegrityError):
    """A cell's output carries a record that cannot be what it says; `cell` is its number."""

    def __init__(self, message: str, *, cell: int) -> None:
        super().__init__(message, where=f"cell {cell}")
        self.cell = cell
        self.reason = message


def harvest(
    cells: Sequence[Mapping[str, Any]], *, system: str, as_of: datetime
) -> tuple[HarvestedRecord, ...]:
    """Every record in the outputs of `cells`, in order, in canonical form.

    Raises:
        BadRecordError: a record of an unknown or refused kind, with content that is not that of
            its kind, about another system or instant than the run's, or too large; or one that
            holds a secret, or a way to reach a person; or too many.
    """
    found: list[HarvestedRecord] = []
    for cell, data in _outputs(cells):
        if len(found) == MAX_RECORDS:
            raise BadRecordError(f"a run may record {MAX_RECORDS} results; got more", cell=cell)
        record = _read(cell, data)
        if record.system != system:
            raise BadRecordError(f"the record is about {record.system}, not {system}", cell=cell)
        if record.as_of != as_of:
            message = f"the record is as of {record.as_of.isoformat()}, not {as_of.isoformat()}"
            raise BadRecordError(message, cell=cell)
        size = _size(cell, record)
        if size > MAX_RECORD_BYTES:
            message = f"the record has {size:,} bytes; expected at most {MAX_RECORD_BYTES:,}"
            raise BadRecordError(message, cell=cell)
        plain = record.model_dump(mode="json")
        _refuse_private(cell, plain)
        found.append(HarvestedRecord(cell=cell, record=plain))
    return tuple(found)


def _refuse_private(cell: int, record: Mapping[str, Any]) -> None:
    """The ledger forgets nothing, so what must not be there is refused and not cut out."""
    for place, text in _texts(record, ""):
        kinds = [kind for kind in found_in(text) if kind in REFUSED]
        if kinds:
            message = (
                f"the record holds what no record may hold ({', '.join(kinds)}), at "
                f"{redacted(place)[0] or 'its own name'}; take it out of the data or the claims"
            )
            raise BadRecordError(message, cell=cell)


def _texts(node: object, place: str) -> Iterator[tuple[str, str]]:
    """Every text and every key in a JSON value, with its place, such as `columns[2].name`."""
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield place, str(key)
            yield from _texts(value, f"{place}.{key}" if place else str(key))
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node):
            yield from _texts(value, f"{place}[{number}]")


def _size(cell: int, record: Record) -> int:
    try:
        return len(canonical_bytes(record))
    except ValueError as error:  # a whole number that JSON cannot hold, or half a character
        message = "the record holds a number or a text that canonical JSON cannot hold"
        raise BadRecordError(message, cell=cell) from error


def _outputs(cells: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, object]]:
    for number, cell in enumerate(cells):
        # Only code runs: what lies under `outputs` of another cell was written by hand.
        for output in cell.get("outputs", ()) if cell.get("cell_type") == "code" else ():
            if RECORD_MIME in output.get("data", {}):
                held = output["data"][RECORD_MIME]
                # A cell that measures several things holds a list; an empty one is no record.
                several = isinstance(held, list) and held
                yield from ((number, one) for one in (held if several else [held]))


def _read(cell: int, data: object) -> Record:
    if not isinstance(data, Mapping):
        raise BadRecordError("the record is no object", cell=cell)
    if data.get("kind") not in FROM_NOTEBOOKS:
        message = f"a notebook cannot record {data.get('kind')!r}"
        raise BadRecordError(message, cell=cell)
    try:
        return read_record(data)
    except IntegrityError as error:
        raise BadRecordError(error.problems[0].message, cell=cell) from error
