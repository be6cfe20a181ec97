"""Every resolver by its name; a question of a scenario names one of them."""

from collections.abc import Mapping

from ops_model.domain import (
    resolve_change,
    resolve_compliance,
    resolve_cost,
    resolve_decisions,
    resolve_detection,
    resolve_fallback,
    resolve_logs,
    resolve_ownership,
    resolve_portfolio,
    resolve_reliability,
    resolve_review,
    resolve_rollback,
    resolve_served,
)
from ops_model.domain.resolve import of_step
from ops_model.domain.resolver_names import ResolverName
from ops_model.domain.resolving import Answer, Resolver
from ops_model.domain.walk_inform import exposure
from ops_model.domain.walk_scene import Scene


def others_exposed(scene: Scene) -> Answer:
    """How many others got such an answer, and what one is worth: the walk asks the same."""
    return of_step(exposure(scene))


RESOLVERS: Mapping[ResolverName, Resolver] = {
    "more-than-uptime": resolve_detection.more_than_uptime,
    "seen-at-this-n": resolve_detection.seen_at_this_n,
    "since-when": resolve_detection.since_when,
    "which-segments": resolve_detection.which_segments,
    "which-cause": resolve_detection.which_cause,
    "segment-floors": resolve_detection.segment_floors,
    "segment-counts": resolve_detection.segment_counts,
    "others-exposed": others_exposed,
    "what-it-knew": resolve_logs.what_it_knew,
    "four-fields": resolve_logs.four_fields,
    "override-logged": resolve_logs.override_logged,
    "one-decision": resolve_logs.one_decision,
    "kept-long-enough": resolve_logs.kept_long_enough,
    "feed-missed": resolve_served.feed_missed,
    "rule-for-it": resolve_served.rule_for_it,
    "rule-on-served": resolve_served.rule_on_served,
    "rule-missing": resolve_served.rule_missing,
    "how-often": resolve_served.how_often,
    "refuses": resolve_served.refuses,
    "model-pinned": resolve_served.model_pinned,
    "fixed-questions": resolve_served.fixed_questions,
    "rolls-back-alone": resolve_decisions.rolls_back_alone,
    "refunds": resolve_decisions.refunds,
    "may-override": resolve_decisions.may_override,
    "raise-ceiling": resolve_decisions.raise_ceiling,
    "speaks-publicly": resolve_decisions.speaks_publicly,
    "adopts": resolve_decisions.adopts,
    "stop-or-adopt": resolve_decisions.stop_or_adopt,
    "going-back-rehearsed": resolve_rollback.going_back_rehearsed,
    "half-gone-back": resolve_rollback.half_gone_back,
    "seen-to-work": resolve_rollback.seen_to_work,
    "abort-point": resolve_rollback.abort_point,
    "served-meanwhile": resolve_fallback.served_meanwhile,
    "way-on": resolve_fallback.way_on,
    "next-in-order": resolve_fallback.next_in_order,
    "carries-enough": resolve_fallback.carries_enough,
    "notice-shown": resolve_fallback.notice_shown,
    "fails-apart": resolve_fallback.fails_apart,
    "data-may-go": resolve_fallback.data_may_go,
    "headroom": resolve_reliability.headroom,
    "compute-instead": resolve_reliability.compute_instead,
    "serving-first": resolve_reliability.serving_first,
    "slow-is-alerted": resolve_reliability.slow_is_alerted,
    "slow-beside-batch": resolve_reliability.slow_beside_batch,
    "told-on-the-way": resolve_cost.told_on_the_way,
    "stops-at-ceiling": resolve_cost.stops_at_ceiling,
    "handoff-accepted": resolve_ownership.handoff_accepted,
    "newcomer-drilled": resolve_ownership.newcomer_drilled,
    "own-people-tonight": resolve_ownership.own_people_tonight,
    "own-access": resolve_ownership.own_access,
    "leads-by-phase": resolve_ownership.leads_by_phase,
    "watches-the-watcher": resolve_ownership.watches_the_watcher,
    "follows-the-rules": resolve_ownership.follows_the_rules,
    "swap-rehearsed": resolve_change.swap_rehearsed,
    "trial-costed": resolve_change.trial_costed,
    "margin-written": resolve_change.margin_written,
    "sign-off-stands": resolve_review.sign_off_stands,
    "who-approved": resolve_review.who_approved,
    "approver-built-it": resolve_review.approver_built_it,
    "evidence-unchanged": resolve_review.evidence_unchanged,
    "approvals-lapse": resolve_review.approvals_lapse,
    "auditor-answered": resolve_review.auditor_answered,
    "bound-by": resolve_compliance.bound_by,
    "report-missed": resolve_compliance.report_missed,
    "signed-for-users": resolve_portfolio.signed_for_users,
    "pilot-decided": resolve_portfolio.pilot_decided,
}
