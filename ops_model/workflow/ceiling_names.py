"""Whose spend lies under a ceiling, who of many is looked at, and how they are named to people.

A log says freely who a user, a run or a provider is. What it says reaches alerts and terminals, so
that whatever is no plain name is told by its digest.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ops_model.analysis.providers import provider_key
from ops_model.domain.cost import CostCeiling
from ops_model.domain.redact import found_in
from ops_model.domain.values import digest_of

if TYPE_CHECKING:
    from ops_model.analysis.cost import PricedLogs, PricedSum

LATELY = timedelta(days=1)
"""A run or a user of whom nothing was seen for so long is over."""
WATCHED = 20
"""Of many users or runs, so many of those are looked at that spent most, or lack most prices."""
_NOBODYS = frozenset({"shadow", "challenger", "eval"})
"""What nobody asked for; an evaluation is no user's."""
_PLAIN = re.compile(r"[\w .:@/+#=-]{1,60}")
_SHOWN_PROVIDERS = 10


def harmless(name: str) -> str:
    """A name as people are told it: itself, where it is a plain one, and else its digest.

    An address reaches a person, and the ledger cannot forget one; lines and links would be read as
    if this product had written them.
    """
    plain = not name or (_PLAIN.fullmatch(name) and "://" not in name and not found_in(name))
    return name if plain else digest_of(name.encode("utf-8", "replace"))[:19]


def one_sum(ceiling: CostCeiling) -> bool:
    """True of a ceiling that is for one sum, and not for each of many users or runs."""
    return ceiling.scope in {"system", "provider"} and ceiling.per == "day"


def under(ceiling: CostCeiling, sums: "Sequence[PricedSum]") -> "Iterator[PricedSum]":
    """The sums that a ceiling is for; one for a provider is for what names it, however spelled."""
    mine = provider_key(ceiling.provider or "")
    for part in sums:
        if ceiling.scope != "provider" or provider_key(part.usage.provider) == mine:
            yield part


def by_name(ceiling: CostCeiling, sums: "Sequence[PricedSum]") -> "Mapping[str, list[PricedSum]]":
    """What a ceiling is for, by name, with its sums; nothing where no row names it."""
    named: dict[str, list[PricedSum]] = {}
    for part in under(ceiling, sums):
        if one_sum(ceiling):
            named.setdefault(ceiling.provider or "", []).append(part)
        elif name := part.usage.user_group if ceiling.scope == "user" else part.usage.run:
            named.setdefault(name, []).append(part)
    return named


def at_their_end(sums: "Sequence[PricedSum]", start: datetime) -> "Iterator[PricedSum]":
    """Sums of days before `start`, at the last slot of their day: by then they were spent."""
    from ops_model.analysis.spend_slots import DAY, SLOT

    for part in sums:
        if part.usage.at < start:
            yield replace(part, usage=replace(part.usage, at=part.usage.at + DAY - SLOT))


def looked_at(
    named: "Mapping[str, list[PricedSum]]", ceiling: CostCeiling, as_of: datetime
) -> list[str]:
    """Who is looked at: who spent most, and whoever somebody may have to be told of.

    Those are all that reached a warning or the ceiling; and who has most rows without a price,
    since nobody knows what they cost.
    """
    from ops_model.analysis.spend_slots import midnight

    if one_sum(ceiling):
        return list(named)
    seen = [n for n, parts in named.items() if any(since(parts, as_of - LATELY))]
    # A ceiling per run counts all of it, however little of that was lately.
    counted = None if ceiling.per == "run" else midnight(as_of)
    spent = {name: cost_of(named[name], counted) for name in seen}
    lately = {name: cost_of(named[name], as_of - LATELY) for name in seen}
    unpriced = {name: unpriced_of(named[name], counted) for name in seen}
    first = min(ceiling.warn_at, default=Decimal(1)) * ceiling.amount.amount
    chosen = {n for n in seen if spent[n] > 0 and spent[n] >= first}
    chosen |= {n for n in seen if spent[n] > ceiling.amount.amount}
    for sums in (spent, lately):
        chosen.update(sorted(sums, key=lambda name: (-sums[name], name))[:WATCHED])
    without = [name for name in seen if unpriced[name]]
    chosen.update(sorted(without, key=lambda name: (-unpriced[name], name))[:WATCHED])
    return sorted(chosen, key=lambda name: (-spent[name], name))


def since(parts: "Sequence[PricedSum]", start: datetime | None) -> "Iterator[PricedSum]":
    """The sums from an instant on; all, where none is named."""
    return (p for p in parts if start is None or p.usage.at >= start)


def cost_of(parts: "Sequence[PricedSum]", start: datetime | None) -> Decimal:
    """What they cost from an instant on, as far as prices are known."""
    return sum((p.cost or Decimal(0) for p in since(parts, start)), Decimal(0))


def unpriced_of(parts: "Sequence[PricedSum]", start: datetime | None) -> int:
    """How many of their rows from an instant on have no price."""
    return sum(p.usage.rows for p in since(parts, start) if p.cost is None)


def nameless(ceiling: CostCeiling, logs: "PricedLogs") -> "list[PricedSum]":
    """Requests that do not say whose they are, or who served them: they may lie under a ceiling.

    Hours of a machine have neither; a request outside a training run has none either. A provider
    of whom a log was never heard before may be the one that a ceiling names, under another name,
    when that one has gone silent.
    """
    if ceiling.per == "run" or ceiling.scope not in {"provider", "user"}:
        return []
    units = [log.unit for log in logs.logs for _ in log.sums]
    asked = [p for unit, p in zip(units, logs.sums, strict=False) if unit != "hours"]
    if ceiling.scope == "provider":
        renamed = _since_silent(ceiling, asked)
        return [p for p in asked if provider_key(p.usage.provider) in {"", *renamed}]
    return [p for p in asked if not p.usage.user_group and p.usage.purpose not in _NOBODYS]


def _since_silent(ceiling: CostCeiling, asked: "Sequence[PricedSum]") -> set[str]:
    """The providers of whom the first row came after the last one of the ceiling's."""
    last = max((p.usage.at for p in under(ceiling, asked)), default=None)
    if last is None:
        return set()
    first: dict[str, datetime] = {}
    for part in asked:
        key, at = provider_key(part.usage.provider), part.usage.at
        first[key] = min(first.get(key, at), at)
    return {key for key, at in first.items() if at > last}


def not_told(ceiling: CostCeiling, sums: "Sequence[PricedSum]") -> str:
    """Why nothing is found under a ceiling; empty where there simply was no run."""
    if ceiling.scope == "provider":
        others = sorted({harmless(p.usage.provider) for p in sums} - {""})
        named = ", ".join(others[:_SHOWN_PROVIDERS]) or "none"
        return (
            f"no row of the last days names provider {ceiling.provider}; those that they name: "
            f"{named}"
        )
    if ceiling.scope == "user":
        return "no row of the last day says whose it is (user_group)"
    known = any(p.usage.run for p in sums)
    return "" if known else "no row of the last days names a run (run_id)"
