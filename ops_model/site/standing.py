"""How a record stands, in glyph and word: what its card says at the top, for lists of many.

A run of the detection notebook leaves fifteen records and more. Whoever opens its page wants those
that are bad first, and how many others there are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ops_model.domain.assessment import Assessment
from ops_model.domain.detection import (
    ChangeDecomposition,
    DriftMeasurement,
    ImportanceMeasurement,
    OutcomeMeasurement,
    QualityMeasurement,
    QualityOutcomeLink,
    SkewMeasurement,
)
from ops_model.domain.detection_served import (
    CaptureMeasurement,
    ContractMeasurement,
    FreshnessMeasurement,
    GuardrailMeasurement,
    ProviderIdentity,
    Reconstruction,
    RuleMeasurement,
)
from ops_model.domain.evidence import Record
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.service_levels import ServiceLevelMeasurement
from ops_model.site import words
from ops_model.site.cost_looks import COST_LOOKS
from ops_model.site.drift_cards import importance_look, look_of
from ops_model.site.level_cards import level_look
from ops_model.site.log_cards import capture_look, freshness_look, reconstruction_look
from ops_model.site.markup import Html
from ops_model.site.outcome_cards import link_look, outcome_look
from ops_model.site.parts import bare, chip, line, quiet, table
from ops_model.site.provider_cards import provider_look
from ops_model.site.quality_cards import SPLIT, quality_look
from ops_model.site.rule_cards import TRIED, contract_look, rule_look
from ops_model.site.told import told
from ops_model.site.words import Look

MEASURED = (
    CaptureMeasurement, ChangeDecomposition, ContractMeasurement, DriftMeasurement,
    FreshnessMeasurement, GuardrailMeasurement, ImportanceMeasurement, OutcomeMeasurement,
    ProviderIdentity, QualityMeasurement, QualityOutcomeLink, Reconstruction, RuleMeasurement,
    ServiceLevelMeasurement, SkewMeasurement,
)  # fmt: skip
"""The kinds that say whether something is about to be noticed by customers first."""
RECORDED = Look("●", "recorded", words.GREY, "quiet")
"""What is neither good nor bad by itself."""
FEW = 3
"""How many results of a run one cell of a table tells."""


@dataclass(frozen=True)
class Standing:
    """One record in a list: how it stands, and what it says."""

    record: Record
    look: Look

    @property
    def said(self) -> str:
        """The result in half a sentence."""
        return told(self.record)

    @property
    def wrong(self) -> bool:
        """True when it says that something is wrong."""
        return self.look.tone == "bad" and not self.open

    @property
    def open(self) -> bool:
        """True when it says that nobody can tell."""
        return self.look.glyph in {"?", "!"}

    @property
    def needs_somebody(self) -> bool:
        """True when a person has to look at it."""
        return self.look.tone in {"bad", "warn"}


def standing(record: Record) -> Look:
    """Glyph and word as the record's card shows them."""
    find = _LOOKS.get(type(record))
    return find(record) if find else RECORDED


def worst_first(records: Iterable[Record]) -> list[Standing]:
    """The records, those that are wrong first; alike, in the order in which they were left."""
    return sorted((Standing(r, standing(r)) for r in records), key=_rank)


def in_short(records: Iterable[Record]) -> str:
    """What a run found, for a cell of a table: all of a few, else the worst and how many more."""
    found = list(records)
    if len(found) <= FEW + 1:
        return "; ".join(told(record) for record in found)
    few = [one.said for one in worst_first(found)[:FEW]]
    return "; ".join([*few, f"{len(found) - FEW} more on its page"])


def counted(found: Iterable[Standing]) -> str:
    """`Of 15 results 8 say that something is wrong, 2 leave it open, 1 is worth a look.`."""
    ranked = list(found)
    wrong = sum(one.wrong for one in ranked)
    left = [one for one in ranked if one.needs_somebody and not one.wrong]
    parts = (
        (sum(one.open for one in left), "leaves it open", "leave it open"),
        (sum(not one.open for one in left), "is worth a look", "are worth a look"),
    )
    more = "".join(f", {n} {one if n == 1 else many}" for n, one, many in parts if n)
    says = "says" if wrong <= 1 else "say"
    return f"Of {len(ranked)} results {wrong or 'none'} {says} that something is wrong{more}."


def standing_card(records: Iterable[Record]) -> Html:
    """What needs somebody in a table, each with its own instant, and how many do not."""
    found = worst_first(records)
    rows = [
        (chip(one.look), one.said, words.instant(one.record.as_of))
        for one in found
        if one.needs_somebody
    ]
    rest = len(found) - len(rows)
    look = found[0].look if rows else words.PASSED
    others = f"{words.plural(rest, 'other result')} as last measured: nothing wrong, nothing open."
    return bare(
        counted(found), look,
        *([table(("", "what it says", "measured as of"), rows)] if rows else []),
        *([line(quiet(others))] if rest else []),
    )  # fmt: skip


def _rank(one: Standing) -> int:
    if one.wrong:
        return 0
    if one.open:
        return 1
    return {"warn": 2, "quiet": 3}.get(one.look.tone, 4)


def _passed(record: RollbackDrill | FallbackDrill) -> Look:
    return words.PASSED if record.passed else words.FAILED


_LOOKS: Mapping[type[Record], Callable[..., Look]] = {
    Assessment: lambda r: words.VERDICTS[r.verdict],
    CaptureMeasurement: capture_look,
    ChangeDecomposition: lambda _: SPLIT,
    ContractMeasurement: contract_look,
    DriftMeasurement: lambda r: look_of(r.columns),
    FallbackDrill: _passed,
    FreshnessMeasurement: freshness_look,
    GuardrailMeasurement: lambda _: TRIED,
    ImportanceMeasurement: importance_look,
    OutcomeMeasurement: outcome_look,
    ProviderIdentity: provider_look,
    QualityMeasurement: quality_look,
    QualityOutcomeLink: link_look,
    Reconstruction: reconstruction_look,
    RollbackDrill: _passed,
    RuleMeasurement: rule_look,
    ServiceLevelMeasurement: level_look,
    SkewMeasurement: lambda r: look_of(r.columns),
    **COST_LOOKS,
}
