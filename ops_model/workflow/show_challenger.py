"""The verbs of the notebook of a trial: the plan, the verdict, its cost, the stages, a swap."""

from ops_model.domain.rollout import staged
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.trials import ChallengerResult
from ops_model.workflow.open import Book
from ops_model.workflow.show import assessed, known_person, latest, nothing, recorded
from ops_model.workflow.shown import Shown

_NONE = "change.yaml asks for no change with a challenger, so nothing is compared."


def trials(book: Book) -> Shown:
    """What was settled before anybody tried: cases, repeats, margin, slices."""
    from ops_model.site.challenger_cards import plan_card

    change = book.system.change
    plans = [(r, r.challenger) for r in change.requests] if change is not None else []
    cards = [plan_card(r, plan, book.people) for r, plan in plans if plan is not None]
    return Shown(None, "".join(cards)) if cards else nothing(_NONE)


def challengers(book: Book) -> Shown:
    """Each challenger against its champion, by the results that its plan names."""
    from ops_model.workflow.measure_challenger import challengers_of, why_not_compared

    change = book.system.change
    requests = [r for r in change.requests if r.challenger] if change is not None else []
    if not requests:
        return nothing(_NONE)
    found = challengers_of(book)
    lacking = [why for request in requests if (why := why_not_compared(book, request))]
    return Shown.of_many(
        [*(recorded(record, book) for record in found), *(nothing(why) for why in lacking)]
    )


def trial_cost(book: Book) -> Shown:
    """What was spent on answers that serve nobody, by the last measurement of spend."""
    found = book.evidence.latest(SpendMeasurement)
    if found is None:
        return nothing(
            f"No spend of {book.system.id} is on record, so what a trial costs is not measured: "
            f"run 06_cost {book.system.id}."
        )
    from ops_model.site.challenger_cards import trial_cost_card

    return Shown(None, trial_cost_card(found.record))


def rollout(book: Book) -> Shown:
    """Each stage of each rollout that a request names: open, held by what, done, or later."""
    from ops_model.site.rollout_card import rollout_card

    change = book.system.change
    requests = change.requests if change is not None else ()
    planned = [
        (request, plan)
        for request in requests
        if change is not None and (plan := change.rollout(request.rollout)) is not None
    ]
    if not planned:
        return nothing("No request of change.yaml names a rollout in stages.")
    version = book.system.identity.version
    since = version.in_production_since
    statuses = {finding.check: finding.status for finding in assessed(book).findings}
    cards = [
        rollout_card(
            staged(
                request, plan, _last_verdict(book, request.id, request.from_version,
                                             request.to_version),
                statuses=statuses, as_of=book.as_of,
                serves=version.label == request.to_version
                and since is not None and since <= book.as_of,
            ),
            book.people,
        )
        for request, plan in planned
    ]  # fmt: skip
    return Shown(None, "".join(cards))


def _last_verdict(book: Book, request: str, old: str, new: str) -> ChallengerResult | None:
    """The last verdict on two versions as they are described now."""
    versions = [book.system.identity.known_version(label) for label in (old, new)]
    digests = [version.digest() for version in versions if version is not None]
    found = book.evidence.latest(
        ChallengerResult,
        matching=lambda r: r.request == request and [r.from_digest, r.to_digest] == digests,
    )
    return found.record if found is not None else None


def swap(book: Book, *, rehearse: str = "", performed_by: str = "") -> Shown:
    """The last rehearsed exchange of a provider's model, or a new one.

    Args:
        book: the claims; the plan is under `swaps` of `change.yaml`.
        rehearse: the provider whose model is exchanged now; empty shows the last.
        performed_by: who performs it; empty when nobody is named.

    Raises:
        UsageError: nobody of this id is in `people.yaml`.
        DrillError: it could not be carried out; the pinned model serves again, or the error says
            what is left to do.
    """
    if not rehearse:
        return latest(book, "swap_drill")
    person = known_person(book, performed_by)
    from ops_model.workflow.drill import swap_drill

    record = swap_drill(
        book.root, book.system, as_of=book.as_of, performed_by=person,
        dependency=rehearse,
    )  # fmt: skip
    return recorded(record, book)
