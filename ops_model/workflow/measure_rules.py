"""Business rules on what was served, measured from the logs that they name."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from ops_model.domain.condition import parse
from ops_model.domain.detection_served import RuleMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.signals import BusinessRule
from ops_model.domain.signals_logged import Log
from ops_model.domain.values import Window
from ops_model.errors import OpsModelError
from ops_model.workflow import declared
from ops_model.workflow.compared import simulated
from ops_model.workflow.declared import Opened

if TYPE_CHECKING:
    import ibis

WINDOW_DAYS = 7
"""How many whole days of what was served a rule is asked of."""
_LONGEST = 500  # characters of what an engine said


def active_rules(book: Opened) -> tuple[BusinessRule, ...]:
    """The rules that hold already; none where there is no `signals.yaml`."""
    if book.system.signals is None:
        return ()
    today = book.as_of.astimezone(UTC).date()
    return tuple(rule for rule in book.system.signals.rules if rule.active_from <= today)


def rules_of(book: Opened) -> tuple[RuleMeasurement, ...]:
    """Each active rule over the last whole days; one that an incident taught looks back, too.

    A rule that cannot be evaluated says why in its record, so that it hides no other.
    """
    found = []
    for rule in active_rules(book):
        found.append(rule_of(book, rule))
        if rule.origin == "incident":
            found.append(rule_of(book, rule, retro_scan=True))
    return tuple(found)


def rule_of(book: Opened, rule: BusinessRule, *, retro_scan: bool = False) -> RuleMeasurement:
    """One rule over the last whole days on which it held, or over everything served."""
    log = declared.signals_of(book).log(rule.log)
    window = None if retro_scan else _window(book, rule)
    said: dict[str, Any] = {
        "system": book.system.id,
        "as_of": book.as_of,
        "claims": book.system.claim_refs("signals"),
        "window": window,
        "simulated": simulated(book.system, *([log] if log else [])),
        "rule": rule.id,
        "log": rule.log,
        "rows": 0,
        "violations": Measured(value=None, unit="share", n=0, no_interval="too few"),
        "good_passed": 0,
        "bad_failed": 0,
        "retro_scan": retro_scan,
    }
    if log is None:
        said["error"] = f"log {rule.log} is not in signals.yaml"
    else:
        try:
            said |= _counted(book, rule, log, window)
        except (ValueError, OpsModelError) as error:
            said["error"] = " ".join(str(error).split())[:_LONGEST]
    return RuleMeasurement(**said)


def _window(book: Opened, rule: BusinessRule) -> Window:
    """The last whole days; what was served before the rule held was not bound by it."""
    days = declared.last_days(book.as_of, WINDOW_DAYS)
    held = datetime.combine(rule.active_from, time.min, UTC)
    return Window(start=min(max(days.start, held), days.end), end=days.end)


def _counted(book: Opened, rule: BusinessRule, log: Log, window: Window | None) -> dict[str, Any]:
    """What a record of a rule holds once its log was read."""
    from ops_model.analysis.rules import count_rule, examples_that
    from ops_model.store.warehouse import readable_logs

    condition = parse(rule.expr)
    key = [log.key] if log.key else []
    inputs = declared.identities_of(book, [log])
    served = _opened(book, log, [*condition.columns, *key])
    with readable_logs(log.address):
        rows = served if window is None else _within(served, log, window)
        counts = count_rule(rows, condition, key=log.key)
        good = examples_that(served, condition, rule.good, holds=True)
        bad = examples_that(served, condition, rule.bad, holds=False)
        looked_back = {} if window else {"window": _everything(book, served, log)}
    return {
        "inputs": inputs,
        "rows": counts.rows,
        "violations": counts.violations,
        "undecided": counts.undecided,
        "users_exposed": counts.users_exposed,
        "good_passed": good,
        "bad_failed": bad,
        **looked_back,
    }


def _opened(book: Opened, log: Log, columns: Sequence[str]) -> "ibis.Table":
    from ops_model.store.warehouse import ColumnKind, LogRequest, open_logs

    wanted: dict[str, ColumnKind] = dict.fromkeys(columns, "value")
    request = LogRequest(
        log.address, wanted, timestamp=log.timestamp, before=book.as_of,
        warehouse=declared.warehouse_of(book, log),
    )  # fmt: skip
    return open_logs(book.root, {"log": request})["log"]


def _within(table: "ibis.Table", log: Log, window: Window) -> "ibis.Table":
    at = table[log.timestamp]
    return table.filter((at >= window.start) & (at < window.end))


def _everything(book: Opened, table: "ibis.Table", log: Log) -> Window:
    """From the first row that was served."""
    first = table[log.timestamp].min().to_pyarrow().as_py()
    return Window(start=first.astimezone(UTC), end=book.as_of)
