"""The card of a rollback drill: the stopwatch, what it shows, what was lost, each step."""

from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.domain.proven import Bound
from ops_model.domain.rollback import FeatureSpec, RestsOn, RollbackDrill
from ops_model.site import words
from ops_model.site.evidence_cards import drill_card, yes
from ops_model.site.markup import Html
from ops_model.site.parts import Row, chip, fact, quiet
from ops_model.site.words import AMBER, FAILED, PASSED, Look

_NOT_SEEN = Look("▲", "not seen", AMBER, "warn")
_FEATURES: dict[FeatureSpec, tuple[Look, str]] = {
    "same": (PASSED, "both versions read the same"),
    "changes_with_it": (PASSED, "they changed with the version, to its own"),
    "differs": (FAILED, "it was served with other features than its own"),
    "unknown": (_NOT_SEEN, "nobody described them, or the server names none"),
}
_RESTS_ON: dict[RestsOn, tuple[Look, str]] = {
    "reference": (PASSED, "its answers, as its own file gives them"),
    "digest": (PASSED, "the digest in each answer, as system.yaml gives it"),
    "word": (_NOT_SEEN, "the server's own word alone"),
}
_SWITCHED = {
    "http": "by the server itself", "command": "by a command",
    "mlflow_alias": "by an alias of MLflow's registry",
}  # fmt: skip


def rollback(
    record: RollbackDrill,
    people: People,
    *,
    shows: Bound | None = None,
    lead_time: Measured | None = None,
) -> Html:
    """The drill; with what all drills so far show, and how long a deployment takes, where known.

    Args:
        record: the drill.
        people: by which people are called.
        shows: the bound from all drills of these versions, this one among them.
        lead_time: from the commit to the first user, of the version that serves.
    """
    rows: list[Row] = [
        fact("decided to healthy", record.seconds),
        *(_so_far(shows) if shows is not None else []),
        *([fact("to deploy it took, commit to first user", lead_time)] if lead_time else []),
        ("answered by the target version", f"{record.healthy_needed} in a row were asked for",
         yes(record.healthy)),
        ("switched", _SWITCHED[record.switched_by], ""),
        *_until_when(record),
        *_made_of(record),
        ("requests during the drill", f"{record.requests:,}",
         f"{record.failed_requests:,} failed"),
        ("stored records", f"{record.records_before:,} before, {record.records_after:,} after",
         f"{record.lost:,} lost, {record.duplicated:,} duplicated, {record.changed:,} changed"),
        ("first version restored", "", yes(record.restored)),
    ]  # fmt: skip
    title = f"Rollback drill {record.from_version} to {record.to_version} ({record.environment})"
    return drill_card(record, people, title, rows)


def _so_far(shows: Bound) -> list[Row]:
    """What all drills show together: of few it is little, however fast the last one was."""
    if shows.at_least is None:
        return []
    least = f"shows that it works in {100 * shows.at_least:.0f} % of cases or more (95 %)"
    return [("all drills so far", f"{shows.passed} of {shows.k} passed", quiet(least))]


def _until_when(record: RollbackDrill) -> list[Row]:
    """Until when one could still stop, and where it broke off."""
    point, broke = record.abort_point, record.broke_off_at
    return [
        *([("one could still stop", f"until {point.step}",
            quiet(f"{words.value(point.seconds)} after the decision"))] if point else []),
        *([("broke off at", broke, chip(FAILED))] if broke else []),
    ]  # fmt: skip


def _made_of(record: RollbackDrill) -> list[Row]:
    """By which model and features it answered; drills of before that was kept hold neither."""
    served = record.served_digest
    look, told = _FEATURES[record.feature_spec]
    known, by = _RESTS_ON[record.rests_on] if record.rests_on else (PASSED, "")
    return [
        *([("the version was known by", by, chip(known))] if by else []),
        *([("answered by the model", words.short_digest(served), "")] if served else []),
        *([("its features", told, chip(look))] if record.abort_point or served else []),
    ]
