"""Which of the things that a client says while its vendor fails are answers, by its way on.

A second provider or a smaller model answers each request anew, so the stand-in's own reference to
that request stands in it. What a cache or rules give was ready before. Everything else is words: a
user who gets them beside a notice was told, and whoever gets them alone was left with nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from ops_model.domain.fallback import READY, FallbackPath, VendorTarget
from ops_model.domain.fallback_fit import TAKEN_OVER
from ops_model.drill.rehearsed_client import Reply

ANSWERING = TAKEN_OVER | READY
"""The ways on that are to answer; of the others a notice is all that can be asked."""
SWAP = "model_swap"
FORGED = "the vendor's mark, though it gave no such answer"
OWN_WORDS = "words of the client's own"
STALE = "answer to another request"


def weighed(
    replies: Sequence[Reply],
    path: FallbackPath,
    target: VendorTarget,
    *,
    fault: str | None = None,
) -> list[Reply]:
    """The replies, those without an answer of this way on with what came in its place.

    Args:
        replies: what users got.
        path: the way on, whose kind says who answers.
        target: whose client it is.
        fault: how the vendor failed meanwhile; None where it did not.
    """
    return [
        replace(reply, error=reply.error or _in_place(reply, path, target, fault))
        for reply in replies
    ]


def _in_place(reply: Reply, path: FallbackPath, target: VendorTarget, fault: str | None) -> str:
    """What the words of a reply are, empty where they answer."""
    mark = reply.mark
    if fault is not None and _cannot_be(reply, target, fault):
        return FORGED
    if mark is None:
        return "" if path.kind in READY and _of_its_own(reply, target) else OWN_WORDS
    if mark.nonce == reply.nonce or path.kind == "cache":
        return ""
    return STALE


def _cannot_be(reply: Reply, target: VendorTarget, fault: str) -> bool:
    """True for an answer of the vendor's to this request while it gave none like it.

    Under each fault it sends no answer at all, or one by another model.
    """
    return reply.is_by("primary") and (fault != SWAP or reply.normal(target.model))


def _of_its_own(reply: Reply, target: VendorTarget) -> bool:
    """True for an answer that was ready, as the plan describes it; a notice said twice is none."""
    words = target.own_words
    return words is not None and words in reply.answer and reply.answer != reply.notice
