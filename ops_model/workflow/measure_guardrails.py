"""Guardrail suites, measured from the results that the system's own trials logged."""

from datetime import UTC, timedelta

from ops_model.domain.detection_served import GuardrailMeasurement
from ops_model.domain.evidence import InputIdentity
from ops_model.domain.signals_logged import Log
from ops_model.domain.signals_watched import GuardrailSuite
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.compared import simulated
from ops_model.workflow.declared import Opened

_MOST_BYTES = 50_000_000


def guardrail_of(book: Opened, suite: GuardrailSuite) -> GuardrailMeasurement:
    """What the version in production made of one suite.

    Raises:
        WarehouseError: no log of results is declared, it cannot be read as declared, the items
            cannot, or the version in production was never tried.
    """
    from ops_model.analysis.guardrail import try_suite
    from ops_model.store.warehouse import LogRequest, open_logs, readable_logs

    log, column = _results(book, suite)
    label = book.system.identity.version.label
    items, items_identity = _items(book, suite)
    inputs = (*declared.identities_of(book, [log]), *items_identity)
    request = LogRequest(
        log.address,
        {"suite": "text", "item": "scalar", "passed": "boolean", column: "scalar"},
        timestamp=log.timestamp,
        before=book.as_of,
        warehouse=declared.warehouse_of(book, log),
    )
    table = open_logs(book.root, {"log": request})["log"]
    with readable_logs(log.address):
        tried = try_suite(
            table, suite=suite.id, version=(column, label), timestamp=log.timestamp, items=items
        )
    if tried is None:
        raise WarehouseError(
            f"holds no result of suite {suite.id} by version {label}",
            where=log.address,
            remedy=f"try {label} on each item of suite {suite.id}, and log suite, item, passed "
            "and version",
        )
    return GuardrailMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals", "identity"),
        inputs=inputs,
        window=Window(
            start=tried.first.astimezone(UTC),
            end=tried.last.astimezone(UTC) + timedelta(microseconds=1),
        ),
        simulated=simulated(book.system, log),
        suite=suite.id,
        scope=suite.scope,
        version=label,
        items_digest=items_identity[0].digest if items_identity else None,
        passed=tried.share,
        untried=tried.untried,
    )


def _results(book: Opened, suite: GuardrailSuite) -> tuple[Log, str]:
    """The log of results, and its column of versions."""
    signals = declared.signals_of(book)
    log = signals.log(suite.log)
    if log is None:
        ids = ", ".join(one.id for one in signals.logs) or "none"
        declared.undeclared(
            suite, "log", f"suite {suite.id} has log {suite.log!r}; declared are: {ids}",
            "declare the log of results under `logs:` (`holds: guardrail_results`), and name it",
        )  # fmt: skip
    if log.version is None:
        declared.undeclared(
            log, "version", f"log {log.id} names no column of versions, so nobody can tell which "
            f"version suite {suite.id} was tried on",
            "write `version:` with the column that says which version answered",
        )  # fmt: skip
    return log, log.version


def _items(
    book: Opened, suite: GuardrailSuite
) -> tuple[frozenset[str] | None, tuple[InputIdentity, ...]]:
    """The items of a suite and what identifies their file; none where the claim names none."""
    from ops_model.analysis.guardrail import read_items

    if suite.items is None:
        return None, ()
    identity = declared.identities(book.root, [suite.items])
    if identity[0].kind != "file" or identity[0].bytes > _MOST_BYTES:
        raise WarehouseError(
            f"is no file of at most {_MOST_BYTES:,} bytes; expected the items of suite {suite.id}",
            where=suite.items,
            remedy="name the file that holds an item in each line",
        )
    try:
        return read_items((book.root / suite.items).read_bytes()), identity
    except ValueError as error:
        raise WarehouseError(
            f"holds no items of a suite: {error}",
            where=suite.items,
            remedy='write a line for each item, such as {"item": "refund-in-french"}',
        ) from error
