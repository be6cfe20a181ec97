"""One verb a file; the only place that wires store, analysis, checks, notebooks and pages.

A notebook imports this package and nothing else of ours. Importing it is cheap: what a verb needs
is imported when the verb is called.
"""

from ops_model.workflow.card import two_am
from ops_model.workflow.fill_in import fill_in
from ops_model.workflow.game_day import Played, game_day

# `open` must be bound here, and eagerly: importing the module of the same name binds that name to
# the module first, and only this statement puts the verb in its place.
from ops_model.workflow.open import Book, open  # noqa: A004 - `workflow.open` is the verb
from ops_model.workflow.open_portfolio import Shelf, open_portfolio
from ops_model.workflow.show import (
    area,
    assessment,
    coverage,
    eight_items,
    five_questions,
    latest,
    rehearse_fallback,
)
from ops_model.workflow.show_challenger import challengers, rollout, swap, trial_cost, trials
from ops_model.workflow.show_compliance import (
    audit_questions,
    evidence_list,
    frameworks,
    log_policy,
    our_rules,
    safeguards,
    since_signed,
)
from ops_model.workflow.show_cost import (
    bill,
    bridge,
    ceilings,
    forecast,
    load,
    opportunities,
    savings,
    spend,
    unit_costs,
)
from ops_model.workflow.show_drift import drift, importance, train_serve_skew
from ops_model.workflow.show_game_day import (
    day_attendance,
    day_gaps,
    day_in_short,
    day_promises,
    day_telling,
    day_walk,
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
from ops_model.workflow.show_lead_time import hours_and_minutes
from ops_model.workflow.show_levels import service_levels
from ops_model.workflow.show_logs import capture, freshness, reconstruction
from ops_model.workflow.show_outcome import outcomes, quality_and_outcome
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
from ops_model.workflow.show_provider import provider_identity
from ops_model.workflow.show_quality import quality, quality_change
from ops_model.workflow.show_response import response
from ops_model.workflow.show_review import (
    decision_text,
    review_controls,
    review_reasons,
    review_seats,
    review_verdict,
    review_version,
)
from ops_model.workflow.show_rollback import informing, rehearse_rollback
from ops_model.workflow.show_rules import contracts, guardrails, rules
from ops_model.workflow.show_standing import standing
from ops_model.workflow.show_transition import handoffs, ladder, partnership, skills
from ops_model.workflow.show_weekly import (
    care,
    cost_actions,
    four_pillars,
    owed,
    since_last_week,
    slow_death,
    three_parts,
    weekly_quality,
)

__all__ = [
    "Book", "Played", "Shelf", "area", "assessment", "audit_questions", "bill", "board_answer",
    "bridge", "capture", "care", "ceilings", "challengers", "classes", "contracts", "cost_actions",
    "coverage", "day_attendance", "day_gaps", "day_in_short", "day_promises", "day_telling",
    "day_walk", "decision_text", "drift", "eight_items", "evidence_list", "fill_in",
    "five_questions", "forecast", "four_pillars", "frameworks", "freshness", "friction",
    "game_day", "gap_map", "guardrails", "handoffs", "hours_and_minutes", "importance",
    "incident_actions", "incident_before", "incident_checks", "incident_course",
    "incident_exposure", "incident_lessons", "informing", "ladder", "latest", "load", "log_policy",
    "next_gaps", "open", "open_portfolio", "opportunities", "ops_budget", "ops_debt", "our_rules",
    "outcomes", "owed", "partnership", "pilot_gate", "promises", "provider_identity", "quality",
    "quality_and_outcome", "quality_change", "reconstruction", "rehearse_fallback",
    "rehearse_rollback", "response", "review_controls", "review_reasons", "review_seats",
    "review_verdict", "review_version", "rollout", "rules", "safeguards", "savings", "sections",
    "service_levels", "shared_gaps", "since_last_week", "since_signed", "skills", "slow_death",
    "spend", "stages", "standing", "swap", "three_parts", "train_serve_skew", "trial_cost",
    "trials", "two_am", "unit_costs", "weekly_quality",
]  # fmt: skip
