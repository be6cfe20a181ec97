"""The card of a rehearsed exchange of a provider's model."""

from ops_model.domain.people import People
from ops_model.domain.trials import SwapDrill
from ops_model.site.evidence_cards import drill_card, yes
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, fact


def swap(record: SwapDrill, people: People) -> Html:
    """How long it took until the successor served, who was lost, and whether it went back."""
    rows: list[Row] = [
        ("exchanged", f"{record.from_model} for {record.to_model}", ""),
        _healthy(record),
        *_requests(record),
        *([("the pinned model again", "", yes(record.returned))]
          if record.returned is not None else []),
    ]  # fmt: skip
    title = f"Exchange of the model of {record.dependency} ({record.environment})"
    return drill_card(record, people, title, rows)


def _healthy(record: SwapDrill) -> Row:
    if record.seconds.value is None:
        return ("decision to twenty answers of the successor", tag("strong", "never"), "")
    return fact("decision to twenty answers of the successor", record.seconds)


def _requests(record: SwapDrill) -> list[Row]:
    if record.requests is None:
        return []
    lost = f"{record.lost or 0:,} got neither an answer nor a notice"
    after = f"{record.lost_after or 0:,} of them after the successor had begun to serve"
    return [("requests since it was retired", f"{record.requests:,}", f"{lost}, {after}")]
