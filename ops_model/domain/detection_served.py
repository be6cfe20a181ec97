"""What was measured of what is served: its logs, its rules, and the model behind the curtain."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.scalars import Digest, Slug, Text
from ops_model.domain.signals_logged import CaptureField
from ops_model.domain.values import Value


class CaptureMeasurement(Measurement):
    """How much of each capture field is really written down, and how often an outcome joins.

    Each number is a share of the served rows. `oldest_row` is the oldest that a retention query
    found.
    """

    kind: Literal["capture"] = "capture"
    log: Slug
    rows: int
    fields: Mapping[CaptureField, Measured]
    outcome_join: Measured
    oldest_row: AwareDatetime | None = None


class AnsweredQuestion(Value):
    """One of the four questions (S3.26), and whether a query answered it, with the query."""

    question: Literal["went_in", "came_out", "purpose", "got_what_we_wanted"]
    answered: Measured
    query: Text


class Reconstruction(Measurement):
    """Served decisions looked up one by one: which of the four questions a query answers.

    `ambiguous` counts those whose key is missing or stands in several rows, so that nothing is
    answered of them.
    """

    kind: Literal["reconstruction"] = "reconstruction"
    log: Slug
    sampled: int
    questions: tuple[AnsweredQuestion, ...]
    ambiguous: int = 0


class ModelSeen(Value):
    """A model that answered by its own account, and in how many requests."""

    model: Text
    requests: int


class CanaryDay(Value):
    """One day of fixed questions: how many were answered, and how many otherwise than agreed."""

    day: date
    answered: int
    differ: int
    unanswered: int = 0


class CanaryQuestions(Value):
    """The fixed questions of a day, counted; `pinned` have an agreed answer.

    `missing` of those were not asked that day, `new` ones were asked that have no agreed answer,
    `unanswered` ones got none. Of a question that was asked several times the last answer counts,
    and `repeated` are the others. `unnamed` rows do not say which question they are about.
    """

    pinned: int
    missing: int = 0
    new: int = 0
    unanswered: int = 0
    repeated: int = 0
    unnamed: int = 0


class ProviderIdentity(Measurement):
    """Whether the model behind the curtain is the one that was agreed (S3.25).

    `canary` is the share of canary answers that differ from the pinned ones, `noise_floor` that
    share while nothing had changed. `changed` sums both up.

    `seen` counts the models of the last days, by their own account, and `unsaid_requests` those
    that gave none. The answers are those of `canary_day`; more than `alarm_above` that differ are
    more than chance, which happens by chance on a day with `false_alarm`. `power` is how likely a
    day shows a model that answers a tenth otherwise. `since` is the first of the days in a row, up
    to that one, on which too many differed; `noisy_days` of the span that pins the answers had too
    many, too. `days` are the latest.
    """

    kind: Literal["provider_identity"] = "provider_identity"
    dependency: Slug
    pinned: str
    seen: tuple[ModelSeen, ...]
    canary: Measured | None = None
    noise_floor: Measured | None = None
    changed: bool
    canaries: Slug | None = None
    unsaid_requests: int = 0
    canary_day: date | None = None
    alarm_above: int | None = None
    false_alarm: Measured | None = None
    power: Measured | None = None
    since: date | None = None
    noisy_days: int = 0
    questions: CanaryQuestions | None = None
    days: tuple[CanaryDay, ...] = ()


class RuleMeasurement(Measurement):
    """A business rule on served outputs; `error` says why it could not be evaluated.

    `violations` is the share of the rows that break it, `users_exposed` a count.

    `undecided` counts those of them of which nobody can tell, since a column that the rule names
    holds nothing there. `retro_scan` looks back over everything served, for a rule that an
    incident taught.
    """

    kind: Literal["rule"] = "rule"
    rule: Slug
    log: Slug
    rows: int
    violations: Measured
    undecided: int = 0
    users_exposed: Measured | None = None
    good_passed: int
    bad_failed: int
    retro_scan: bool = False
    error: str | None = None


class GuardrailMeasurement(Measurement):
    """The share of a suite's items that were answered as they must be, by one version.

    `items_digest` is that of the file of items as it is; `untried` counts those of it of which no
    result says anything, which count as not answered. The window ends with the last result.
    """

    kind: Literal["guardrail"] = "guardrail"
    suite: Slug
    scope: Literal["in_scope", "out_of_scope", "jailbreak"]
    version: str
    items_digest: Digest | None = None
    passed: Measured
    untried: int = 0


class ExpectationResult(Value):
    """One expectation of a suite: `PASS`, `FAIL`, or `ERROR` where it could not be evaluated.

    `bad` of `of` rows break it; `observed` is a number or a count, never a value of a row.
    """

    type: Text
    column: str | None = None
    severity: Literal["critical", "warning", "info"]
    state: Literal["PASS", "FAIL", "ERROR"]
    bad: Measured | None = None
    observed: Text | None = None
    error: Text | None = None


class ContractMeasurement(Measurement):
    """What Great Expectations said of one day of a log, or of so many of its rows.

    `rows` were looked at of `rows_of_day`; an empty day, or an empty suite, is an `error`.
    """

    kind: Literal["contract"] = "contract"
    contract: Slug
    log: Slug
    suite: Digest
    library: str
    rows: int
    rows_of_day: int
    results: tuple[ExpectationResult, ...]
    error: Text | None = None


class FreshnessMeasurement(Measurement):
    """How old the newest row of a feed is, and the longest gap between two of its rows.

    Both in minutes. `worst_notice_hours` is how long after a break somebody knows, at worst, by
    the days on which the feed is watched. `simulated_break` is a Friday night at which the feed
    did not break, `simulated_notice` when somebody would have known.
    """

    kind: Literal["freshness"] = "freshness"
    feed: Slug
    newest_age: Measured
    longest_gap: Measured
    worst_notice_hours: float
    limit_minutes: int | None = None
    simulated_break: AwareDatetime | None = None
    simulated_notice: AwareDatetime | None = None
