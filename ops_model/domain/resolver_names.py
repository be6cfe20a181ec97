"""The names of what may answer a question of a game day, for a scenario to choose from.

They stand apart from what they name, since a scenario is a claim, and the resolvers read claims.
"""

from typing import Literal

ResolverName = Literal[
    "abort-point", "adopts", "approvals-lapse", "approver-built-it", "auditor-answered",
    "bound-by", "carries-enough", "compute-instead", "data-may-go", "evidence-unchanged",
    "fails-apart", "feed-missed", "fixed-questions", "follows-the-rules", "four-fields",
    "going-back-rehearsed", "half-gone-back", "handoff-accepted", "headroom", "how-often",
    "kept-long-enough", "leads-by-phase", "margin-written", "may-override", "model-pinned",
    "more-than-uptime", "newcomer-drilled", "next-in-order", "notice-shown", "one-decision",
    "others-exposed", "override-logged", "own-access", "own-people-tonight", "pilot-decided",
    "raise-ceiling", "refunds", "refuses", "report-missed", "rolls-back-alone", "rule-for-it",
    "rule-missing", "rule-on-served", "seen-at-this-n", "seen-to-work", "segment-counts",
    "segment-floors", "served-meanwhile", "serving-first", "sign-off-stands", "signed-for-users",
    "since-when", "slow-beside-batch", "slow-is-alerted", "speaks-publicly", "stop-or-adopt",
    "stops-at-ceiling", "swap-rehearsed", "told-on-the-way", "trial-costed", "watches-the-watcher",
    "way-on", "what-it-knew", "which-cause", "which-segments", "who-approved",
]  # fmt: skip
"""The resolvers that a question of a scenario may name; a test holds them to `RESOLVERS`."""
