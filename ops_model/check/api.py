"""What a check file needs: `@check`, `Context`, and the four answers a check may give.

A check reads claims and recorded evidence and answers its question. It opens nothing, measures
nothing and knows no clock. Its keyword-only arguments are thresholds that `policy.yaml` may set.

This is the door for check files, ours and those of users (docs/checks.md): it only gathers what
its neighbours define, so that whatever moves among them breaks no check. The package itself
imports from them.
"""

from ops_model.check.context import Context, latest_in_date, no_file
from ops_model.check.outcome import Outcome, all_of, failed, not_applicable, passed, unknown
from ops_model.check.question import (
    FIVE_QUESTIONS,
    AtLeast,
    Check,
    CrashedError,
    PerTier,
    by_tier,
    check,
)
from ops_model.check.recorded import Evidence, Recorded, earliest, valid_until
from ops_model.check.wording import aged, counted, old_as, points, said, short_of_words, unsaid
from ops_model.domain.evidence import Attestation, Grade

__all__ = [
    "FIVE_QUESTIONS", "AtLeast", "Attestation", "Check", "Context", "CrashedError", "Evidence",
    "Grade", "Outcome", "PerTier", "Recorded", "aged", "all_of", "by_tier", "check", "counted",
    "earliest", "failed", "latest_in_date", "no_file", "not_applicable", "old_as", "passed",
    "points", "said", "short_of_words", "unknown", "unsaid", "valid_until",
]  # fmt: skip
