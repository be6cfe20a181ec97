"""One verb a file; the only place that wires store, analysis, checks, notebooks and pages.

A notebook imports this package and nothing else of ours. Importing it is cheap: what a verb needs
is imported when the verb is called.
"""

from ops_model.workflow.card import two_am
from ops_model.workflow.fill_in import fill_in

# `open` must be bound here, and eagerly: importing the module of the same name binds that name to
# the module first, and only this statement puts the verb in its place.
from ops_model.workflow.open import Book, open  # noqa: A004 - `workflow.open` is the verb
from ops_model.workflow.open_portfolio import Shelf, open_portfolio
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
from ops_model.workflow.show_compliance import (
    audit_questions,
    evidence_list,
    frameworks,
    log_policy,
    our_rules,
    safeguards,
    since_signed,
)
from ops_model.workflow.show_gaps import gap_map, next_gaps, promises, sections
from ops_model.workflow.show_incident import (
    incident_actions,
    incident_before,
    incident_checks,
    incident_course,
    incident_exposure,
    incident_lessons,
)
from ops_model.workflow.show_portfolio import (
    board_answer,
    classes,
    friction,
    ops_budget,
    ops_debt,
    pilot_gate,
    shared_gaps,
    stages,
)
from ops_model.workflow.show_review import (
    decision_text,
    review_controls,
    review_reasons,
    review_seats,
    review_verdict,
    review_version,
)
from ops_model.workflow.show_transition import handoffs, ladder, partnership, skills

__all__ = [
    "Book", "Shelf", "area", "assessment", "audit_questions", "board_answer", "classes",
    "coverage", "decision_text", "drift", "eight_items", "evidence_list", "fill_in",
    "five_questions", "frameworks", "friction", "gap_map", "handoffs", "incident_actions",
    "incident_before", "incident_checks", "incident_course", "incident_exposure",
    "incident_lessons", "ladder", "latest", "log_policy", "next_gaps", "open", "open_portfolio",
    "ops_budget", "ops_debt", "our_rules", "partnership", "pilot_gate", "promises", "quality",
    "rehearse_fallback", "rehearse_rollback", "review_controls", "review_reasons",
    "review_seats", "review_verdict", "review_version", "safeguards", "sections", "shared_gaps",
    "since_signed", "skills", "spend", "stages", "two_am",
]  # fmt: skip
