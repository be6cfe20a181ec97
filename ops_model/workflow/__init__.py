"""One verb a file; the only place that wires store, analysis, checks, notebooks and pages.

A notebook imports this package and nothing else of ours. Importing it is cheap: what a verb needs
is imported when the verb is called.
"""

# `open` must be bound here, and eagerly: importing the module of the same name binds that name to
# the module first, and only this statement puts the verb in its place.
from ops_model.workflow.open import Book, open  # noqa: A004 - `workflow.open` is the verb
from ops_model.workflow.show import (
    area,
    assessment,
    coverage,
    drift,
    eight_items,
    five_questions,
    latest,
    quality,
    rehearse_fallback,
    rehearse_rollback,
    spend,
)

__all__ = [
    "Book", "area", "assessment", "coverage", "drift", "eight_items", "five_questions", "latest",
    "open", "quality", "rehearse_fallback", "rehearse_rollback", "spend",
]  # fmt: skip
