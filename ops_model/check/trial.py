"""A system written out in a test, for whoever tests a check of their own.

    answer = CHECK(a_context(identity={"purpose": "says which flights arrive late"}))

No file and no ledger is needed: claims are written as in the YAML, records are made by hand.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ops_model.check.context import Context
from ops_model.check.recorded import Evidence
from ops_model.domain.evidence import Record, Statement
from ops_model.domain.operating_model import AREA_FILES, OperatingModel, SystemClaims
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.values import Located, Where, digest_of
from ops_model.domain.workbook import WorkbookSettings

SYSTEM_ID = "example-system"
AS_OF = datetime(2026, 1, 5, 8, tzinfo=UTC)
_IDENTITY: Mapping[str, Any] = {
    "name": "Example system",
    "kind": "predictive",
    "tier": "B",
    "purpose": "shows a check what it reads",
    "users": "whoever reads the test",
    "customer_facing": "false",
    "version": {"label": "v1", "model_ref": "models/v1"},
}


def a_context(
    *,
    as_of: datetime = AS_OF,
    records: Sequence[Record] = (),
    people: Sequence[Mapping[str, Any]] = (),
    **areas: Mapping[str, Any],
) -> Context:
    """What a check is given about a system made for a test.

    Args:
        as_of: the instant that judges.
        records: what was shown, oldest first; their `system` is `example-system`.
        people: the entries of people.yaml.
        **areas: the content of a claim file by its area, such as `rollback={...}`; `identity`
            holds what stands otherwise in system.yaml. Areas left out have no file.

    Raises:
        ValidationError: a claim is not valid.
        KeyError: there is no such area.
    """
    claims: dict[str, Any] = {
        name: AREA_FILES[name][1].model_validate(
            _read(said, Where(f"systems/{SYSTEM_ID}/{AREA_FILES[name][0]}", 1))
        )
        for name, said in {**areas, "identity": {**_IDENTITY, **areas.get("identity", {})}}.items()
    }
    system = SystemClaims(id=SYSTEM_ID, **claims)
    model = OperatingModel(
        settings=WorkbookSettings(name="A test", zone="UTC"),
        people=People.model_validate(_read({"people": people}, Where("people.yaml", 1))),
        policy=Policy(),
        systems=(system,),
    )
    told = tuple(_statement(record, seq) for seq, record in enumerate(records, 1))
    return Context(system, model, Evidence(tuple(s for s in told if s.as_of <= as_of)), as_of)


def _statement(record: Record, seq: int) -> Statement:
    digest = digest_of(record)
    return Statement(
        seq=seq,
        id=f"test/{seq}",
        subject=record.system,
        as_of=record.as_of,
        recorded_at=record.as_of,
        digest=digest,
        actor="test",
        record=record,
    )


def _read(said: object, where: Where) -> Any:  # noqa: ANN401 - a claim of any shape
    """The same as if it had been read from a file, so that a check can say where it looked."""
    if isinstance(said, Mapping):
        located = Located({key: _read(value, where) for key, value in said.items()})
        located.where, located.places = where, dict.fromkeys(said, where)
        return located
    if isinstance(said, list | tuple):
        return [_read(value, where) for value in said]
    return said
