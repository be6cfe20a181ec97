"""What a strategy paper is worth as evidence: nothing."""

import re
from collections.abc import Iterator, Mapping, Sequence

from ops_model.check.api import Context, Outcome, check, counted, failed, not_applicable, passed
from ops_model.domain.compliance import AuditQuestion, ControlClaim, SecurityControl
from ops_model.domain.decisions import ReviewQuestion
from ops_model.domain.ownership import HandoffItem, PartnershipReview
from ops_model.domain.portfolio import Pilot
from ops_model.domain.rollback import RollbackPlan
from ops_model.domain.system import StrategyClaim
from ops_model.domain.values import Claim, Where

EVIDENCE: Mapping[type[Claim], str] = {
    ReviewQuestion: "evidence",
    HandoffItem: "evidence",
    SecurityControl: "evidence",
    AuditQuestion: "evidence",
    ControlClaim: "served_by",
    PartnershipReview: "value_evidence",
    Pilot: "value_evidence",
    RollbackPlan: "feature_spec_evidence",
}
"""Where a claim says what shows a thing: the object, and its key."""
_LINKING = frozenset({"a", "an", "at", "by", "dated", "from", "in", "of", "on", "the"})
"""Words that tell no title from another."""
_PAGE = re.compile(r",?\s*(pages?|pp?\.|slides?|section|chapter)\s*[\d.,\s-]*$", re.IGNORECASE)


@check(
    "OM-03",
    question="Does nothing rest on the strategy paper as if it were evidence?",
    area="model",
    source=["S0.6"],
    revision=1,
)
def strategy_papers_score_nothing(ctx: Context) -> Outcome:
    """A roadmap, a sponsor and a budget are promises; that they were written shows nothing."""
    identity = ctx.system.identity
    if not identity.strategy:
        return not_applicable(
            "no strategy paper is on record, so nothing can rest on one",
            looked_at=[identity.place_of("strategy")],
        )
    texts = list(_evidence_texts(ctx))
    promises = [(c.id, _words(_PAGE.sub("", c.source))) for c in identity.strategy]
    circular = dict(_kept_by_themselves(identity.strategy))
    cited = [(w, paper) for text, w in texts if (paper := _paper_in(text, promises))]
    if circular or cited:
        said = list(circular)
        said += [f"{where} cites {paper} as evidence" for where, paper in cited]
        places = [*circular.values(), *(where for where, _ in cited)]
        return failed(
            "; ".join(said),
            looked_at=places,
            remedy="the owner writes what was measured, rehearsed or attested in the place of the "
            "paper, in system.yaml and wherever else it is cited: "
            f"{', '.join(dict.fromkeys(map(_file, places)))}",
        )
    return passed(
        f"{counted(len(identity.strategy), 'promise')} on record, and none of "
        f"{counted(len(texts), 'text')} that say what shows a thing rests on the paper",
        looked_at=[identity.place_of("strategy"), *(where for _, where in texts)],
    )


def _file(where: Where) -> str:
    return where.path.rsplit("/", maxsplit=1)[-1]


def _kept_by_themselves(claims: tuple[StrategyClaim, ...]) -> Iterator[tuple[str, Where]]:
    """Promises that are said to be kept by promises."""
    for claim in claims:
        papers = [m for m in claim.mechanisms if m.split("/", maxsplit=1)[0] == "strategy"]
        if papers:
            yield (
                f"{claim.id} is said to be kept by {', '.join(papers)}, which is a promise too",
                claim.place_of("mechanisms"),
            )


def _evidence_texts(ctx: Context) -> Iterator[tuple[str, Where]]:
    """Every text that says what shows a thing, in the files of the system and of its pilot."""
    for node in _showing(ctx):
        key = EVIDENCE[type(node)]
        if text := getattr(node, key):
            yield text, node.place_of(key)


def _showing(ctx: Context) -> Iterator[Claim]:
    """The objects that say what shows a thing."""
    system, portfolio = ctx.system, ctx.model.portfolio
    if system.decisions is not None:
        yield from (q for seat in system.decisions.review.seats for q in seat.questions)
    if system.ownership is not None:
        yield from (item for handoff in system.ownership.handoffs for item in handoff.items)
        plan = system.ownership.transition
        yield from plan.reviews if plan is not None else ()
    if system.compliance is not None:
        yield from system.compliance.security
        yield from system.compliance.controls
        yield from system.compliance.audit_questions
    if system.rollback is not None:
        yield system.rollback
    pilot = portfolio.pilot(system.id) if portfolio is not None else None
    yield from [pilot] if pilot is not None else []


def _paper_in(text: str, promises: Sequence[tuple[str, list[str]]]) -> str:
    """The first promise or paper that a text cites; empty when it cites none.

    Each promise is its id, and the words of the title of its paper.
    """
    plain, words = " ".join(text.lower().split()), _words(text)
    for promise, title in promises:
        if _cites(words, title):
            return f"the paper of {promise}"
        if promise in plain and _names(plain, promise):
            return f"the promise {promise}"
    return ""


def _names(plain: str, promise: str) -> bool:
    # An id of one plain word is a word of the language too.
    names = [f"strategy/{promise}", *([promise] if "-" in promise else [])]
    return any(re.search(rf"(?<![\w/-]){re.escape(n)}(?![\w-])", plain) for n in names)


def _cites(words: Sequence[str], title: Sequence[str]) -> bool:
    """True when all words of a title stand close together in a text, in whatever order.

    `the board paper, June 2012` cites the `board paper of June 2012`.
    """
    width, asked = len(title) + 2, set(title)
    if not asked <= set(words):
        return False
    return bool(asked) and any(
        asked <= set(words[start : start + width]) for start in range(len(words))
    )


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.casefold()) if word not in _LINKING]
