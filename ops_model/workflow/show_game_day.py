"""The verbs of a game day: what was promised, what happens, who is told, who was there."""

from ops_model.domain.values import digest_of, zone
from ops_model.workflow.game_day import Played
from ops_model.workflow.show import assessed
from ops_model.workflow.shown import Shown


def day_in_short(played: Played) -> Shown:
    """What happens and how many gaps there are, in short; records the walk."""
    from ops_model.site.figures import figure
    from ops_model.site.game_day_cards import in_short

    card = in_short(played.record, played.book.people, note=played.note)
    return Shown(played.record, card, figure(played.record))


def day_promises(played: Played) -> Shown:
    """What was promised beside what there is, for each promise that the night tries."""
    from ops_model.site.game_day_cards import promises_card

    return Shown(None, promises_card(played.record, played.book.people))


def day_walk(played: Played) -> Shown:
    """The four hours step by step: what becomes known, what is asked, what the objects answer."""
    from ops_model.site.game_day_cards import walk_card

    return Shown(None, walk_card(played.day, played.book.people))


def day_gaps(played: Played) -> Shown:
    """Each gap with its check, who mends it and what they do."""
    from ops_model.site.game_day_cards import gaps_card

    book = played.book
    return Shown(None, gaps_card(played.day, assessed(book), book.people))


def day_telling(played: Played) -> Shown:
    """Who tells whom in which words and by when, the clocks, and who may make it good."""
    from ops_model.site.game_day_cards import telling_card

    book = played.book
    decisions = book.system.decisions
    paths = decisions.communication if decisions is not None else ()
    at = played.day.at.astimezone(zone(book.model.settings.zone))
    return Shown(None, telling_card(played.day, paths, book.people, at=at))


def day_attendance(played: Played) -> Shown:
    """Who is asked for, and the command with which each says that they were there."""
    from ops_model.site.game_day_cards import attendance_card

    # The digest is of what travels in the cell, as the ledger keeps it.
    digest = digest_of(played.record.model_dump(mode="json"))
    return Shown(None, attendance_card(played.record, played.book.people, digest=digest))
