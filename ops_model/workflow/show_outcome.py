"""What a cell shows of the business outcome, and of what quality has to do with it."""

from functools import partial

from ops_model.workflow.empty_logs import measured_or_empty
from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing
from ops_model.workflow.shown import Shown

_NO_OUTCOME = "signals.yaml names no business outcome, so nobody knows whether it is reached."


def outcomes(book: Book) -> Shown:
    """Each business outcome now against its baseline, over days on which it is known."""
    signals = book.system.signals
    if signals is None or not signals.outcomes:
        return nothing(_NO_OUTCOME)
    from ops_model.workflow.measure_outcome import measurable, outcome_of

    return Shown.of_many(
        [
            measured_or_empty(book, f"Outcome {outcome.id}", partial(outcome_of, book, outcome))
            if measurable(outcome)
            else nothing(_claim_only(outcome.id))
            for outcome in signals.outcomes
        ]
    )


def quality_and_outcome(book: Book) -> Shown:
    """How the first monitor of output quality and each business outcome move together."""
    signals = book.system.signals
    if signals is None or not signals.outcomes:
        return nothing(_NO_OUTCOME)
    if not signals.of("output_quality"):
        return nothing("No monitor watches output quality, so no outcome is compared with it.")
    from ops_model.workflow.measure_outcome import link_of, measurable

    return Shown.of_many(
        [
            measured_or_empty(
                book,
                f"How quality and outcome {outcome.id} move together",
                partial(link_of, book, outcome),
            )
            if measurable(outcome)
            else nothing(_claim_only(outcome.id))
            for outcome in signals.outcomes
        ]
    )


def _claim_only(outcome_id: str) -> str:
    return (
        f"Outcome {outcome_id} is a claim so far: write `log` and `value` to it in signals.yaml, "
        "and it is measured."
    )
