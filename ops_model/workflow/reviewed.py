"""One system as its reviewers read it: verdict, graded evidence, seats, and the frameworks."""

from functools import lru_cache
from typing import TYPE_CHECKING

from ops_model.check.catalogue import Catalogue
from ops_model.check.context import Context
from ops_model.check.decided import decided_about
from ops_model.check.grading import Grading
from ops_model.check.question import PerTier
from ops_model.check.seen import seen
from ops_model.check.sign_off import Quorum, SeatState, policy_digest, quorum_of
from ops_model.check.thresholds import thresholds_of
from ops_model.domain.quorum import MOST_DAYS
from ops_model.workflow.assess import catalogue_of
from ops_model.workflow.open import Book
from ops_model.workflow.show import assessed

if TYPE_CHECKING:
    from ops_model.check.controls import ControlsAnswer
    from ops_model.site.site_input import GradedStatement, SiteSystem

_SIGNED = "REV-05"


@lru_cache(maxsize=1)
def reviewed(book: Book) -> "SiteSystem":
    """The system with its verdict, what is on record about it, and how its seats stand."""
    from ops_model.site.site_input import SiteSystem

    catalogue = catalogue_of(book.root)
    evidence = seen(book.evidence, book.system, book.as_of, book.snapshot.signers)
    ctx = Context(book.system, book.model, evidence, book.as_of, register=catalogue.register)
    assessment = assessed(book)
    return SiteSystem(
        claims=book.system,
        assessment=assessment,
        statements=graded(ctx),
        policy=policy_digest(book.snapshot.policy, book.system.id),
        seats=seats_of(ctx, catalogue),
        decided=decided_about(catalogue.checks, book.model, book.system, assessment),
    )


def graded(ctx: Context) -> "tuple[GradedStatement, ...]":
    """What is on record about the system, each entry with the grade that is derived for it."""
    from ops_model.site.site_input import GradedStatement

    grading = Grading(
        ctx.system, ctx.model.people, ctx.evidence, ctx.as_of, signers=ctx.model.signers
    )
    return tuple(GradedStatement(s, grading.statement(s).grade) for s in ctx.evidence.statements)


def seats_of(ctx: Context, catalogue: Catalogue) -> tuple[SeatState, ...]:
    """How the seats of the deploy review stand, by the threshold that their check judges by."""
    return quorum_for(ctx, catalogue).seats if catalogue.check(_SIGNED) is not None else ()


def quorum_for(ctx: Context, catalogue: Catalogue) -> Quorum:
    """How the review stands, by the threshold that its check judges by."""
    check, tier = catalogue.check(_SIGNED), ctx.system.identity.tier
    if check is None:
        return quorum_of(ctx, max_age_days=MOST_DAYS)
    default = check.thresholds["max_age_days"].default
    days = default.at(tier) if isinstance(default, PerTier) else default
    given = thresholds_of(check, ctx.model.policy, tier)
    return quorum_of(ctx, max_age_days=given.get("max_age_days", days))


def controls_answer(book: Book) -> "ControlsAnswer":
    """What the verdict says of every framework that speaks to the system, or may."""
    from ops_model.check.controls import controls_of
    from ops_model.domain.values import zone

    register = catalogue_of(book.root).register
    day = book.as_of.astimezone(zone(book.snapshot.settings.zone)).date()
    return controls_of(register, assessed(book).findings, book.system, day)
