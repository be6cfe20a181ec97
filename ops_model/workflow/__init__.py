"""One verb a file; the only place that wires store, analysis, checks, notebooks and pages.

A notebook imports this package and nothing else of ours. Importing it is cheap: what a verb needs
is imported when the verb is called.
"""

from ops_model.workflow.card import two_am
from ops_model.workflow.fill_in import fill_in

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
from ops_model.workflow.show_gaps import gap_map, next_gaps, promises, sections
from ops_model.workflow.show_transition import handoffs, ladder, partnership, skills

__all__ = [
    "Book", "area", "assessment", "coverage", "drift", "eight_items", "fill_in", "five_questions",
    "gap_map", "handoffs", "ladder", "latest", "next_gaps", "open", "partnership", "promises",
    "quality", "rehearse_fallback", "rehearse_rollback", "sections", "skills", "spend", "two_am",
]  # fmt: skip
