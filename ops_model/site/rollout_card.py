"""The card of a rollout in stages: what each needs, and what is open."""

from ops_model.domain.people import People
from ops_model.domain.rollout import Staged, StageSeen
from ops_model.site import words
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import Row, bare, chip, line, quiet, table
from ops_model.site.words import AMBER, GREEN, GREY, RED, Look

_STATES = {
    "done": Look("✓", "done", GREEN, "good"),
    "open": Look("▲", "open", AMBER, "warn"),
    "later": Look("○", "later", GREY, "quiet"),
    "held": Look("✖", "held", RED, "bad"),
}


def rollout_card(staged: Staged, people: People) -> Html:
    """Stage by stage: the part of the traffic, how long, what lets it pass and what stops it."""
    head = ("", "traffic", "stays", "needs", "passes when", "stopped when")
    held = next((stage for stage in staged.stages if stage.state == "held"), None)
    look = _STATES[held.state if held else staged.stages[-1].state] if staged.stages else (
        _STATES["held"]
    )  # fmt: skip
    return bare(
        f"Rollout {staged.rollout.id} of {staged.request.to_version} ({staged.request.id})",
        look,
        line(f"Led by {people.label(staged.rollout.by)}, from "
             f"{words.instant(staged.rollout.starts_at)}."),
        *[line(tag("strong", why)) for why in staged.verdict],
        table(head, [_stage(stage) for stage in staged.stages]),
        line(quiet("Nothing is recorded of a rollout: the stages follow from its plan, the last "
                   "verdict and the checks.")),
    )  # fmt: skip


def _stage(seen: StageSeen) -> Row:
    stage = seen.stage
    return (
        join([chip(_STATES[seen.state]), *([line(seen.why)] if seen.why else [])]),
        words.amount(float(stage.share), "share"),
        f"{stage.min_hours:g} h",
        ", ".join(seen.needs) or "\u2013",
        stage.gate or "\u2013",
        stage.abort or "\u2013",
    )
