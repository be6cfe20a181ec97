"""What the system is, who built it, what it depends on, which version serves, how it may fail."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ops_model.domain.scalars import AwareTime, Day, Days, Digest, Flag, ScenarioId, Slug, Text
from ops_model.domain.values import Claim, ClaimFile, Value, digest_of

Tier = Literal["A", "B", "C"]
Kind = Literal["predictive", "llm_app", "agent", "agentic_workflow"]
Stage = Literal[
    "idea", "pilot", "pilot_passed", "ready", "limited", "live", "steady", "retiring", "retired"
]
IN_PRODUCTION: frozenset[Stage] = frozenset({"limited", "live", "steady", "retiring"})
"""The stages in which people are served."""
DataClass = Literal["public", "internal", "confidential", "restricted"]
"""How sensitive data is, the least first."""


class StageChange(Claim):
    """When a stage of life began, who said so, and which teams were at work on it from then on."""

    stage: Stage
    at: AwareTime
    by: Slug
    teams: tuple[Slug, ...] = ()


Member = Literal[
    "model", "prompt", "data", "feature_spec", "code", "config", "guardrail", "image"
]  # fmt: skip
MEMBERS: Mapping[Member, tuple[str, ...]] = {
    "model": ("model_ref", "model_digest", "provider_model_id"),
    "prompt": ("prompt_digest",),
    "data": ("data_snapshot_digest",),
    "feature_spec": ("feature_spec", "feature_spec_digest"),
    "code": ("code_commit",),
    "config": ("config_digest",),
    "guardrail": ("guardrail_digest",),
    "image": ("image_digest",),
}
"""The eight things that make a version what it is, and the keys that hold each (S4.7)."""
_MEMBER_KEYS = tuple(key for keys in MEMBERS.values() for key in keys)


_ALIASES = frozenset({"latest", "newest", "current", "default", "stable", "auto"})


def is_alias(model_id: str) -> bool:
    """True for a name that a provider gives to whatever is newest; an exact one has a number."""
    words = set(re.split(r"[^a-z0-9]+", model_id.lower()))
    return bool(words & _ALIASES) or not any(letter.isdigit() for letter in "".join(words))


class MemberChange(Value):
    """One member that differs between two versions."""

    member: Member
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]


class VersionTuple(Claim):
    """One version: enough to name it, rebuild it and go back to it.

    `label`, `trained_by` and the time in production say things about a version and do not make
    it; two versions are the same when their eight members are, which `digest` says. A version
    without a time in production has never served.
    """

    label: Text
    model_ref: Text
    model_digest: Digest | None = None
    provider_model_id: Text | None = None
    prompt_digest: Digest | None = None
    data_snapshot_digest: Digest | None = None
    feature_spec: Text | None = None
    feature_spec_digest: Digest | None = None
    code_commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{7,64}$")] | None = None
    config_digest: Digest | None = None
    guardrail_digest: Digest | None = None
    image_digest: Digest | None = None
    trained_by: tuple[Slug, ...] = ()
    in_production_since: AwareTime | None = None

    @property
    def provider_alias(self) -> bool:
        """True when the provider's name for the model is no exact one."""
        return self.provider_model_id is not None and is_alias(self.provider_model_id)

    def member(self, name: Member) -> dict[str, str | None]:
        """What the version says of one member, by key."""
        return {key: getattr(self, key) for key in MEMBERS[name]}

    def digest(self) -> str:
        """`sha256:` and the digest of what is known of the eight members, in canonical JSON."""
        return _digest_of_members(*(getattr(self, key) for key in _MEMBER_KEYS))

    def changes_to(self, after: "VersionTuple") -> tuple[MemberChange, ...]:
        """The members in which `after` differs from this version, in the order of `MEMBERS`."""
        return tuple(
            MemberChange(member=name, before=self.member(name), after=after.member(name))
            for name in MEMBERS
            if self.member(name) != after.member(name)
        )


# A version's digest is asked for by many checks of its system.
@lru_cache(maxsize=1024)
def _digest_of_members(*values: str | None) -> str:
    said = dict(zip(_MEMBER_KEYS, values, strict=True))
    known = {
        name: {key: said[key] for key in keys if said[key] is not None}
        for name, keys in MEMBERS.items()
    }
    return digest_of({name: member for name, member in known.items() if member})


class Dependency(Claim):
    """Something outside that can go down: a model vendor, a feed or a service.

    `pinned_id` is the exact model that was agreed; `data_sent` the classes of data that it gets,
    `data_allowed` those that the contract lets it have. Two things that share a `failure_domains`
    entry (a provider, a region, a set of credentials) go down together.
    """

    id: Slug
    kind: Literal["model_provider", "data_feed", "service"]
    name: Text
    service: Text | None = None
    pinned_id: Text | None = None
    expected_outage_hours_per_month: Annotated[float, Field(ge=0, le=744)] = 0
    contract_ref: Text | None = None
    deprecation_notice_days: Annotated[int, Field(ge=0)] | None = None
    data_sent: tuple[DataClass, ...] = ()
    data_allowed: tuple[DataClass, ...] = ()
    failure_domains: tuple[Text, ...] = ()


class LifecycleTeams(Claim):
    """The four teams between which a system falls: who feeds it, builds it, ships it, uses it."""

    data: Slug | None = None
    build: Slug | None = None
    product: Slug | None = None
    customer: Slug | None = None


Section = Literal[
    "market", "use_case", "build_vs_buy", "responsible_ai", "roadmap", "vendor", "integration",
    "business_case", "sponsorship", "budget",
]  # fmt: skip
Mechanism = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(/[A-Za-z0-9_-]{1,63})?$")]
"""What makes a promise true: a file (`rollback`), or a thing in one (`monitor/accuracy`)."""


class StrategyClaim(Claim):
    """A sentence of the strategy paper, and what makes it true in production.

    It is recorded to be held against the system; by itself it is worth nothing (S0.6).
    """

    id: Slug
    section: Section
    text: Text
    source: Text
    mechanisms: tuple[Mechanism, ...] = ()


Response = Literal["rollback", "fallback", "override_output", "disable", "rule", "retrain"]


FailureKind = Literal[
    "wrong_output", "unsafe_output", "unavailable", "slow", "stale_data", "drift",
    "provider_change", "cost_runaway", "process",
]  # fmt: skip


class FailureMode(Claim):
    """One way in which the system fails, how it is noticed, and what is done then.

    `threatens` names the strategy claims that are untrue while it lasts; `scenarios` those of the
    game day that rehearse it.
    """

    id: Slug
    description: Text
    kind: FailureKind
    threatens: tuple[Slug, ...] = ()
    detect_by: tuple[Slug, ...] = ()
    respond_by: tuple[Response, ...] = ()
    scenarios: tuple[ScenarioId, ...] = ()


class SupportModel(Claim):
    """Where users turn to, when, in which languages, and how soon somebody answers."""

    channel: Text
    hours: Text
    first_response_minutes: Annotated[int, Field(gt=0)]
    languages: tuple[Text, ...] = ()


class Care(Claim):
    """One kind of ongoing care: how often, and who sees to it."""

    every_days: Days
    owner: Slug


class CarePlan(Claim):
    """What a system in production needs for as long as it lives (S1.10).

    When each was done last is read from evidence.
    """

    monitoring: Care | None = None
    retraining: Care | None = None
    evaluation: Care | None = None
    governance: Care | None = None


class Hypercare(Claim):
    """The first weeks in production, in which at least one thing will go wrong (S0.12)."""

    days: Days = 90
    drill_within_days: Days = 30
    review_on: Day | None = None
    owner: Slug | None = None


class AISystem(ClaimFile):
    """The file `system.yaml`."""

    name: Text
    kind: Kind
    tier: Tier
    purpose: Text
    users: Text
    intended_use: tuple[Text, ...] = ()
    out_of_scope: tuple[Text, ...] = ()
    affected_parties: Text | None = None
    customer_facing: Flag
    decision_impact: Literal["advisory", "human_in_loop", "automated"] | None = None
    simulated: Flag = False
    teams: LifecycleTeams = LifecycleTeams()
    stage_history: tuple[StageChange, ...] = ()
    go_live_target: Day | None = None
    version: VersionTuple
    other_versions: tuple[VersionTuple, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    strategy: tuple[StrategyClaim, ...] = ()
    failure_modes: tuple[FailureMode, ...] = ()
    documentation: Text | None = None
    support: SupportModel | None = None
    care: CarePlan = CarePlan()
    hypercare: Hypercare = Hypercare()

    def stage_at(self, at: datetime) -> Stage | None:
        """The stage of life at an instant; None before the first."""
        begun = [change for change in self.stage_history if change.at <= at]
        return max(begun, key=lambda change: change.at).stage if begun else None

    def in_production_at(self, at: datetime) -> bool:
        """True when people are served at an instant."""
        return self.stage_at(at) in IN_PRODUCTION

    @property
    def went_live_at(self) -> datetime | None:
        """When people were served first; None when they never were."""
        return min((c.at for c in self.stage_history if c.stage in IN_PRODUCTION), default=None)

    def known_version(self, label: str) -> VersionTuple | None:
        """The version of this label, whether it serves or not; None when nobody described it."""
        return next((v for v in (self.version, *self.other_versions) if v.label == label), None)

    def dependency(self, dependency_id: str | None) -> Dependency | None:
        """The dependency of this id, or None."""
        return next((d for d in self.dependencies if d.id == dependency_id), None)
