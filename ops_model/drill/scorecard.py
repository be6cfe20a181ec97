"""How a client did while its vendor failed: one result a fault, and the record's fields of all."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops_model.domain.evidence import Measured
from ops_model.domain.fallback import (
    READY,
    FallbackPath,
    FaultResult,
    UserNotice,
    VendorTarget,
)
from ops_model.domain.fallback_fit import TAKEN_OVER
from ops_model.domain.values import digest_of
from ops_model.drill.answers import ANSWERING, FORGED, OWN_WORDS, STALE, SWAP
from ops_model.drill.record import p95_seconds, share, single_timing
from ops_model.drill.rehearsed_client import Reply


@dataclass(frozen=True)
class Observed:
    """All that was seen of one fault.

    `during` was asked while the vendor failed, `after` until it served again, both weighed by the
    path; `returned_after` are the seconds until then, None when it did not within `return_within`
    seconds.
    """

    fault: str
    injected: float
    during: Sequence[Reply]
    after: Sequence[Reply] = ()
    returned_after: float | None = None
    return_within: float = 0.0
    hits: Mapping[str, int] = field(default_factory=dict)

    @property
    def told(self) -> list[Reply]:
        """The replies of this fault that carried a notice."""
        return [reply for reply in self.during if reply.notice]

    @property
    def told_after(self) -> float | None:
        """Seconds from the fault to the first notice."""
        return min((reply.done - self.injected for reply in self.told), default=None)


def score(seen: Observed, path: FallbackPath, target: VendorTarget) -> FaultResult:
    """One line of the scorecard, with everything that keeps it from passing."""
    during = seen.during
    served = [reply for reply in during if reply.served]
    degraded = [reply for reply in served if not reply.normal(target.model)]
    # A path that gives no answers has switched when it tells users so.
    without = [reply for reply in during if reply.notice or _without_vendor(reply)]
    switched = min((reply.done - seen.injected for reply in without), default=None)
    silent = [reply for reply in degraded if reply.swapped(target.model) and not reply.notice]
    took = sorted(reply.done - reply.sent for reply in during)
    return FaultResult(
        fault=seen.fault,
        served_share=share(len(served), len(during)),
        p95_seconds=p95_seconds(took),
        requests=len(during),
        p50_seconds=_rank(took, 0.5),
        max_seconds=_rank(took, 1.0),
        degraded_share=share(len(degraded), len(served)),
        notice_share=share(sum(bool(r.notice) for r in degraded), len(degraded)),
        lost=sum(reply.lost for reply in (*during, *seen.after)),
        switch_seconds=single_timing(switched),
        return_seconds=single_timing(seen.returned_after),
        hits_primary=seen.hits.get("primary", 0),
        hits_backup=seen.hits.get("backup", 0),
        errors=dict(Counter(reply.error for reply in during if reply.error)),
        models=dict(Counter(_model(reply) for reply in served if _model(reply))),
        silent_swaps=len(silent),
        problems=tuple(_problems(seen, served, degraded, silent, path, target.model)),
    )


def _without_vendor(reply: Reply) -> bool:
    """True for an answer that the vendor did not give to this request, by whatever model."""
    return reply.served and not reply.is_by("primary")


def _model(reply: Reply) -> str:
    """The model that answered: by its mark, or as the client says."""
    return reply.mark.model if reply.mark is not None else reply.model


def _rank(took: Sequence[float], part: float) -> Measured:
    """By nearest rank, as `p95_seconds`; of all requests, also those that nobody answered."""
    if not took:
        return Measured(value=None, unit="s", n=0, no_interval="too few")
    value = round(took[math.ceil(part * len(took)) - 1], 4)
    return Measured(value=value, unit="s", n=len(took), no_interval="exact")


def _problems(
    seen: Observed,
    served: Sequence[Reply],
    degraded: Sequence[Reply],
    silent: Sequence[Reply],
    path: FallbackPath,
    model: str,
) -> list[str]:
    """Everything that keeps one fault from passing."""
    during, found = seen.during, []
    if not seen.hits.get("primary"):
        found.append("the vendor was not asked while it failed, so nothing was rehearsed")
    if lost := sum(reply.lost for reply in during):
        found.append(f"{lost} of {len(during)} requests got neither an answer nor a notice")
    if lost := sum(reply.lost for reply in seen.after):
        found.append(f"{lost} requests were lost while the vendor served again")
    found += [*_problems_of_answers(seen, served, path), *_forged(seen, served)]
    if silent:
        found.append(
            f"{len(silent)} answers came from another model than was asked for, without a word"
        )
    if stale := sum(reply.error == STALE for reply in (*during, *seen.after)):
        found.append(f"{stale} answers belonged to another request")
    found += _problems_of_notice(seen, degraded, silent, path.user_notice, model)
    if seen.returned_after is None:
        within = f"{seen.return_within:g} s"
        found.append(f"the vendor's own answers did not return within {within} after the fault")
    return found


def _problems_of_answers(seen: Observed, served: Sequence[Reply], path: FallbackPath) -> list[str]:
    """Whether as many were answered as the path states, and anybody at all."""
    if path.kind not in ANSWERING:
        return []
    kind, asked = path.kind.replace("_", " "), len(seen.during)
    if not served:
        unasked = path.kind in TAKEN_OVER and not seen.hits.get("backup")
        found = [f"nobody was answered by the {kind}" + (", which was not asked" * unasked)]
    elif path.capacity_share is not None and len(served) < path.capacity_share * asked:
        part = len(served) / asked
        found = [f"{part:.3f} of requests were served; the path states {path.capacity_share}"]
    else:
        return []
    words = sum(reply.error == OWN_WORDS for reply in seen.during)
    if words and path.kind in READY:
        found.append(f"{words} replies hold no `own_words`, so they count as no answers of it")
    elif words:
        found.append(f"{words} replies were words that were ready, and no answers of the {kind}")
    return found


def _forged(seen: Observed, served: Sequence[Reply]) -> list[str]:
    """Answers that bear the mark of somebody who did not give them."""
    found = []
    if forged := sum(reply.error == FORGED for reply in seen.during):
        found.append(f"{forged} answers bear the vendor's mark, though it gave none like them")
    backup, hits = sum(reply.is_by("backup") for reply in served), seen.hits.get("backup", 0)
    if backup > hits:
        found.append(f"{backup} answers bear the mark of the backup, which was asked {hits} times")
    return found


def _problems_of_notice(
    seen: Observed,
    degraded: Sequence[Reply],
    silent: Sequence[Reply],
    planned: UserNotice | None,
    model: str,
) -> list[str]:
    if planned is None:
        return []
    found = []
    # A model that was swapped in silence is said apart.
    if untold := sum(not reply.notice for reply in degraded) - len(silent):
        found.append(f"{untold} of {len(degraded)} degraded answers had no notice")
    late = [r for r in seen.after if r.served and not r.normal(model) and not r.notice]
    if late:
        found.append(f"{len(late)} degraded answers had no notice while the vendor served again")
    if any(reply.notice != planned.text for reply in seen.told):
        found.append("users saw another notice than the plan's")
    after = seen.told_after
    if after is not None and after > planned.within_seconds:
        limit = planned.within_seconds
        found.append(f"the notice came after {after:.1f} s; the plan says {limit} s")
    return found


def total(
    observed: Sequence[Observed], path: FallbackPath, target: VendorTarget, *, others: int
) -> dict[str, Any]:
    """The fields of `FallbackDrill` that come of all faults together.

    Args:
        observed: each fault, in the order in which they were tried.
        path: the path that was rehearsed.
        target: whose client it was.
        others: how many requests were asked besides.
    """
    results = [score(seen, path, target) for seen in observed]
    during = [reply for seen in observed for reply in seen.during]
    served = [reply for reply in during if reply.served]
    degraded = sum(not reply.normal(target.model) for reply in served)
    asked = len(during) + sum(len(seen.after) for seen in observed)
    return {
        "environment": target.environment,
        "path": path.id,
        "seconds": _slowest([r.switch_seconds for r in results]).model_dump(mode="json"),
        "requests": asked + others,
        "served_share": share(len(served), len(during)).model_dump(mode="json"),
        "degraded_share": share(degraded, len(served)).model_dump(mode="json"),
        "lost": sum(result.lost or 0 for result in results),
        "swap_noticed": _swap_noticed(results),
        "returned": all(seen.returned_after is not None for seen in observed),
        "faults": [result.model_dump(mode="json") for result in results],
        **_told(observed, path.user_notice),
    }


def _slowest(switches: Sequence[Measured | None]) -> Measured:
    """The slowest switch-over; one that never came is slower than any."""
    values = [switch.value if switch is not None else None for switch in switches]
    known = [value for value in values if value is not None]
    return single_timing(max(known) if known and len(known) == len(values) else None)


def _swap_noticed(results: Sequence[FaultResult]) -> bool | None:
    """None where no model was swapped, or the one that was swapped was never asked."""
    swaps = [result for result in results if result.fault == SWAP and result.hits_primary]
    return all(not result.silent_swaps for result in swaps) if swaps else None


def _told(observed: Sequence[Observed], planned: UserNotice | None) -> dict[str, Any]:
    """What the record says about the notice; the seconds are those of the slowest first one."""
    told = [reply for seen in observed for reply in seen.told]
    if not told:
        return {"notice_seen": False}
    slowest = max(seen.told_after for seen in observed if seen.told_after is not None)
    texts = {reply.notice for reply in told}
    return {
        "notice_seen": True,
        "notice_seconds": single_timing(slowest).model_dump(mode="json"),
        "notice_digest": digest_of(min(told, key=lambda r: r.done).notice.encode()),
        "notice_matches_plan": planned is not None and texts == {planned.text},
    }
