"""What a server says that its versions are made of, held against what `system.yaml` says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops_model.domain.rollback import FeatureSpec, RestsOn
from ops_model.drill.reference import beside_names
from ops_model.drill.spec import Described
from ops_model.drill.traffic import Answer

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Seen:
    """What was seen while the target version answered.

    `spec` is the digest of the feature spec that the server named then, `first_spec` the one that
    it named before, under the first version.
    """

    digests: tuple[str, ...]
    spec: str | None
    first_spec: str | None
    in_answers: bool = False
    """True where the answers themselves named the digests."""

    @property
    def served_digest(self) -> str | None:
        """The digest of the model that answered, where the server named one alone."""
        return self.digests[0] if len(self.digests) == 1 else None


def seen(row: Sequence[Answer], said: Mapping[str, Any], first_said: Mapping[str, Any]) -> Seen:
    """What the answers name, or else the server itself.

    Args:
        row: the answers in a row by which the target version counts as healthy.
        said: what the server says of the version that it serves now.
        first_said: what it said of the first version.
    """
    named = {d for answer in row if (d := _digest(answer.field("digest"))) is not None}
    itself = _digest(said.get("digest"))
    return Seen(
        digests=tuple(sorted(named)) or ((itself,) if itself else ()),
        spec=_digest(said.get("feature_spec_digest")),
        first_spec=_digest(first_said.get("feature_spec_digest")),
        in_answers=bool(named),
    )


def _digest(value: object) -> str | None:
    return value if isinstance(value, str) and _DIGEST.fullmatch(value) else None


def wrong_model(found: Seen, label: str, described: Described | None) -> str:
    """Why another model answered than `system.yaml` describes; empty when none did."""
    if len(found.digests) > 1:
        return f"answers in a row name {len(found.digests)} digests; expected one model"
    wanted = described.model_digest if described is not None else None
    if wanted is None or found.served_digest in {None, wanted}:
        return ""
    return f"answers by digest {found.served_digest}, system.yaml says {label} is {wanted}"


def rests_on(
    found: Seen | None,
    expected: Mapping[str, Any],
    first: Described | None,
    goal: Described | None,
) -> RestsOn:
    """By what the target version was known: what it answers, its digest, or the server's word.

    A digest shows it where each answer named the one that `system.yaml` gives it, and gives the
    first version another.
    """
    if beside_names(expected):
        return "reference"
    own = goal.model_digest if goal is not None else None
    before = first.model_digest if first is not None else None
    named = found.served_digest if found is not None and found.in_answers else None
    return (
        "digest" if named is not None and before is not None and named == own != before else "word"
    )


def feature_spec(
    found: Seen | None, first: Described | None, goal: Described | None
) -> FeatureSpec:
    """What becomes of the features that a version reads.

    What the server names under the target version counts before what is written: `differs` is a
    spec that is not the target's own. Where it names none, `same` is by `system.yaml` alone.
    """
    own = goal.feature_spec_digest if goal is not None else None
    before = first.feature_spec_digest if first is not None else None
    named = found.spec if found is not None else None
    if named is not None and own is not None:
        if named != own:
            return "differs"
        before = before or (found.first_spec if found is not None else None)
        return "unknown" if before is None else "same" if before == own else "changes_with_it"
    if own is not None and before is not None:
        return "same" if own == before else "unknown"
    return "same" if _same_name(first, goal) else "unknown"


def _same_name(first: Described | None, goal: Described | None) -> bool:
    """True when both name one spec: without both digests the names are all that is known."""
    if first is None or goal is None or first.feature_spec is None:
        return False
    return first.feature_spec == goal.feature_spec


def other_features(found: Seen | None, label: str, goal: Described | None) -> str:
    """Why the target version was served with features that are not its own."""
    named = found.spec if found is not None else None
    own = goal.feature_spec_digest if goal is not None else None
    return f"{label} was served with the feature spec {named}; system.yaml says it reads {own}"
