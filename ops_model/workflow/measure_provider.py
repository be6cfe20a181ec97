"""Whether a provider still serves the agreed model, measured from logs that name it.

Nobody here calls a provider: the system's own job asks the fixed questions, and logs the answers.
"""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from ops_model.domain.detection_served import ModelSeen, ProviderIdentity
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import Baseline, Log
from ops_model.domain.signals_watched import CanarySet
from ops_model.domain.system import Dependency
from ops_model.domain.values import Window, iso_utc
from ops_model.workflow import declared
from ops_model.workflow.compared import simulated
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_requests import open_declared

if TYPE_CHECKING:
    import ibis

WINDOW_DAYS = 7
"""Of how many whole days it is counted which models answered."""
_MOST_NAMES = 50


def provider_identity_of(book: Opened) -> tuple[ProviderIdentity, ...]:
    """Each declared set of fixed questions, against the answers that were agreed.

    Raises:
        WarehouseError: a set names what is not declared, or a log cannot be read as declared.
    """
    signals = declared.signals_of(book)
    return tuple(answered_as_agreed(book, signals, canaries) for canaries in signals.canaries)


def answered_as_agreed(book: Opened, signals: Signals, canaries: CanarySet) -> ProviderIdentity:
    """One set of fixed questions, against the answers that were agreed.

    Raises:
        WarehouseError: it names what is not declared, or a log cannot be read as declared.
    """
    from ops_model.analysis.canary import answers_of, compare_answers
    from ops_model.analysis.quality_plan import QualityPlan
    from ops_model.store.warehouse import readable_logs

    provider = _provider(book, canaries)
    baseline = _baseline(signals, canaries)
    log = declared.log_named(signals, canaries, "log", canaries.log)
    traffic = canaries.traffic and declared.log_named(
        signals, canaries, "traffic", canaries.traffic
    )
    logs = [log, *([traffic] if traffic else [])]
    window = declared.last_days(book.as_of, WINDOW_DAYS)
    today = window.end.date() - timedelta(days=1)
    _apart(canaries, baseline, window)
    inputs = declared.identities_of(book, logs)
    tables = _opened(book, canaries, log, traffic or None)
    with readable_logs(log.address):
        asked = answers_of(
            tables["asked"], timestamp=log.timestamp, prompt=canaries.prompt,
            answer=canaries.answer,
        )  # fmt: skip
        named, unsaid = _models(tables, canaries, window, logs)
    span = QualityPlan(book.as_of, Window(start=baseline.start, end=baseline.end)).baseline_days
    found = compare_answers(asked, baseline=span, today=today)
    told = {} if found is None else vars(found)
    seen = _seen(named)
    another = any(one.model != provider.pinned_id for one in seen)
    return ProviderIdentity(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("identity", "signals"),
        inputs=inputs,
        window=window,
        simulated=simulated(book.system, *logs),
        dependency=provider.id,
        pinned=str(provider.pinned_id),
        seen=seen,
        unsaid_requests=unsaid,
        changed=another or (found is not None and found.since is not None),
        canaries=canaries.id,
        **told,
    )


def _provider(book: Opened, canaries: CanarySet) -> Dependency:
    """The provider that is asked, of whom an exact model is agreed."""
    identity = book.system.identity
    found = next((d for d in identity.dependencies if d.id == canaries.dependency), None)
    if found is None:
        ids = ", ".join(d.id for d in identity.dependencies) or "none"
        declared.undeclared(
            canaries, "dependency",
            f"canaries {canaries.id} ask {canaries.dependency!r}; dependencies are: {ids}",
            "name a dependency of system.yaml",
        )  # fmt: skip
    if found.pinned_id is None:
        declared.undeclared(
            found, "pinned_id",
            f"provider {found.id} has no pinned_id, so no model is the agreed one",
            "agree on an exact model with the provider, and write it as `pinned_id`",
        )  # fmt: skip
    return found


def _baseline(signals: Signals, canaries: CanarySet) -> Baseline:
    found = signals.baseline(canaries.baseline)
    if found is None or found.log != canaries.log:
        lies = f"lies on log {found.log}" if found else "is not declared"
        declared.undeclared(
            canaries, "baseline",
            f"baseline {canaries.baseline} of canaries {canaries.id} {lies}; expected a span of "
            f"log {canaries.log}",
            "declare the span in which the agreed model answered, under `baselines:`",
        )  # fmt: skip
    return found


def _apart(canaries: CanarySet, baseline: Baseline, window: Window) -> None:
    """Refuse a day that pins its own answers."""
    today = window.end - timedelta(days=1)
    if baseline.end > today:
        declared.undeclared(
            canaries, "baseline",
            f"baseline {baseline.id} ends {iso_utc(baseline.end)}, after the day that is compared "
            f"begins ({iso_utc(today)}): its answers would be compared with themselves",
            "choose a baseline that ends earlier",
        )  # fmt: skip


def _opened(
    book: Opened, canaries: CanarySet, log: Log, traffic: Log | None
) -> "dict[str, ibis.Table]":
    """The questions (`asked`) and the real requests (`traffic`), up to the instant that judges.

    One after the other, since they may lie in two engines.
    """
    model = canaries.response_model
    columns = (canaries.prompt, canaries.answer, model)
    opened = open_declared(book, {"asked": (log, columns)})
    if traffic is not None:
        opened |= open_declared(book, {"traffic": (traffic, (model,))})
    return opened


def _models(
    tables: "dict[str, ibis.Table]", canaries: CanarySet, window: Window, logs: list[Log]
) -> tuple[Counter[str], int]:
    """Which models answered in the last days, over both logs."""
    from ops_model.analysis.canary import models_of

    named: Counter[str] = Counter()
    unsaid = 0
    for table, log in zip(tables.values(), logs, strict=True):
        at = table[log.timestamp]
        inside = table.filter((at >= window.start) & (at < window.end))
        of_log, without = models_of(inside, canaries.response_model)
        named += of_log
        unsaid += without
    return named, unsaid


def _seen(named: Counter[str]) -> tuple[ModelSeen, ...]:
    """The models that answered most come first; of very many, the rest is one."""
    ordered = sorted(named.items(), key=lambda one: (-one[1], one[0]))
    seen = [ModelSeen(model=name, requests=n) for name, n in ordered[:_MOST_NAMES]]
    if rest := ordered[_MOST_NAMES:]:
        others = sum(n for _, n in rest)
        seen.append(ModelSeen(model=f"{len(rest)} other names", requests=others))
    return tuple(seen)
